//! A flame graph of blocked time, an SVG to open in a browser.

use super::blocked::{Blocked, BlockedSink, Detail, Facts, Stacks};
use super::folded::write_stack;
use super::{Sink, Summary};
use inferno::flamegraph::color::{BasicPalette, Palette};
use inferno::flamegraph::{self, Options};
use std::fmt::Write as _;
use std::io::{self, Write};

/// What our files are recognised by.
const NOTES: &str = "gostrace: ";

/// Draws blocked time by stack on `out`, once the run has ended, parked time left out unless
/// `show_parked`.
pub fn sink<W: Write>(out: W, show_parked: bool) -> impl Sink {
    BlockedSink::new(out, Blocked::new(Detail::Functions, show_parked), draw)
}

fn draw(
    out: &mut impl Write,
    facts: &Facts,
    stacks: &Stacks<'_>,
    summary: &Summary,
) -> io::Result<()> {
    let (title, subtitle) = (facts.title(), facts.subtitle(summary));
    let lines = stacks.entries.iter().filter(|(_, weight)| weight.ns > 0);
    let lines: Vec<String> = lines
        .map(|(key, weight)| {
            let mut line = String::new();
            write_stack(&mut line, facts, stacks, key);
            // Writing to a String cannot fail.
            let _ = write!(line, " {}", weight.ns);
            line
        })
        .collect();
    if lines.is_empty() {
        return write!(out, "{}", empty(&title, &subtitle));
    }
    let mut options = Options::default();
    let notes = facts.comments(summary).join("\n");
    options.notes = format!("{NOTES}{notes}").replace("--", "- -");
    options.title = title;
    options.subtitle = Some(subtitle);
    options.count_name = "ns".to_owned();
    options.name_type = "Frame:".to_owned();
    options.colors = Palette::Basic(BasicPalette::Aqua);
    // The same colours each time.
    options.deterministic = true;
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), out)
}

/// Whether a file begins as ours do.
#[must_use]
pub fn is_ours(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.starts_with("<?xml") && head.contains(&format!("<!--NOTES: {NOTES}"))
}

/// The picture of nothing, which the library refuses to draw.
fn empty(title: &str, subtitle: &str) -> String {
    let escape = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('>', "&gt;").replace("--", "- -")
    };
    let (title, subtitle) = (escape(title), escape(subtitle));
    format!(
        r##"<?xml version="1.0" encoding="UTF-8"?>
<svg version="1.1" width="1200" height="120" viewBox="0 0 1200 120" xmlns="http://www.w3.org/2000/svg">
<!--NOTES: {NOTES}{title}; {subtitle}-->
<rect width="100%" height="100%" fill="#eeeef8"/>
<g font-family="monospace" font-size="12" text-anchor="middle">
<text x="600" y="24" font-size="17">{title}</text>
<text x="600" y="48" fill="#a0a0a0">{subtitle}</text>
<text x="600" y="84">No blocked time was seen.</text>
</g>
</svg>
"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Outcome, SyscallEvent};
    use crate::sink::blocked::tests::{begun, call};

    fn drawn(events: impl IntoIterator<Item = SyscallEvent>) -> String {
        let mut out = Vec::new();
        let mut sink = sink(&mut out, false);
        sink.event(&begun()).unwrap();
        for event in events {
            sink.event(&Event::Syscall(Box::new(event))).unwrap();
        }
        sink.finish(&Summary::default()).unwrap();
        drop(sink);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_picture_holds_the_stack_and_says_what_was_measured() {
        let svg = drawn([call(1, 0, 15_000_001, Outcome::Returned(0))]);
        for part in [
            "<title>main.(*store).flush (15,000,001 ns, 100.00%)</title>",
            ">Time blocked in system calls: demo</text>",
            ">15.0ms in 1 call over",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert!(is_ours(svg.as_bytes().get(..4096).unwrap()));
        assert_eq!(svg, drawn([call(1, 0, 15_000_001, Outcome::Returned(0))]));
    }

    #[test]
    fn where_nothing_was_blocked_the_picture_says_so() {
        let svg = drawn([]);
        assert!(svg.contains("No blocked time was seen."));
        assert!(is_ours(svg.as_bytes()));
        assert!(!is_ours(b"<?xml version=\"1.0\"?><svg></svg>"));
    }
}
