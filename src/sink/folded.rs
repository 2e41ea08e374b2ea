//! Folded stacks, as flame graph tools read them: `process;class;call;outermost;...;innermost NS`.

use super::blocked::{Atom, Blocked, BlockedSink, Detail, Facts, Key, Stacks};
use super::{Sink, Summary};
use crate::event::{Frame, FrameKind};
use crate::untrusted::push as push_untrusted;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes nanoseconds of blocked time by stack to `out`, once the run has ended, parked time left
/// out unless `show_parked`.
pub fn sink<W: Write>(out: W, show_parked: bool) -> impl Sink {
    BlockedSink::new(out, Blocked::new(Detail::Functions, show_parked), draw)
}

fn draw(out: &mut impl Write, facts: &Facts, stacks: &Stacks<'_>, _: &Summary) -> io::Result<()> {
    let mut line = String::new();
    for (key, weight) in &stacks.entries {
        line.clear();
        write_stack(&mut line, facts, stacks, key);
        writeln!(out, "{line} {}", weight.ns)?;
    }
    Ok(())
}

/// Whether a file begins with lines of this kind whose second part is one of our classes.
#[must_use]
pub fn is_ours(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let class = head.lines().next().and_then(|line| line.split(';').nth(1));
    class.is_some_and(|class| {
        class == NO_CLASS || crate::golang::class::classes().any(|c| c.id == class)
    })
}

/// Where the class is not known.
const NO_CLASS: &str = "(class unknown)";

/// `process;class;call;outermost;...;innermost`.
pub(super) fn write_stack(line: &mut String, facts: &Facts, stacks: &Stacks<'_>, key: &Key) {
    match key.pid {
        Some(pid) => push_part(line, &facts.process(pid)),
        None => push_part(line, "(any process)"),
    }
    line.push(';');
    line.push_str(key.class.unwrap_or(NO_CLASS));
    line.push(';');
    line.push_str(&key.call);
    for atom in key.stack.iter().rev().filter_map(|i| stacks.atom(*i)) {
        line.push(';');
        match atom {
            Atom::Frame(frame) => write_frame(line, frame),
            Atom::Gap(text) | Atom::Name(text) => push_part(line, text),
        }
    }
}

fn write_frame(line: &mut String, frame: &Frame) {
    if frame.func.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(line, "{}", frame.pc);
    } else {
        push_part(line, &frame.func);
    }
    line.push_str(mark(frame.kind));
}

/// What is said behind the name of a frame that is no Go function, or may be none.
pub(super) fn mark(kind: FrameKind) -> &'static str {
    match kind {
        FrameKind::Go | FrameKind::Inlined => "",
        FrameKind::Native => " (C)",
        FrameKind::Guessed => " (guessed)",
    }
}

/// A semicolon would end the part.
fn push_part(line: &mut String, text: &str) {
    if text.contains(';') {
        push_untrusted(line, &text.replace(';', ","));
    } else {
        push_untrusted(line, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Known, Outcome, SyscallEvent};
    use crate::sink::blocked::tests::{begun, call, in_stack};
    use crate::sink::context::tests::frame;

    fn folded(events: impl IntoIterator<Item = SyscallEvent>) -> String {
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
    fn a_line_goes_from_the_process_over_class_and_call_to_the_innermost_frame() {
        let text = folded([
            call(1, 0, 5, Outcome::Returned(0)),
            call(2, 10, 17, Outcome::Blocked),
        ]);
        let expected = "demo;user;read;main.worker;main.(*store).flush;syscall.read 12\n";
        assert_eq!(text, expected);
        assert!(is_ours(text.as_bytes()));
        assert!(!is_ours(b"main;foo;bar 12\n"));
        assert!(!is_ours(b""));
    }

    #[test]
    fn frames_that_are_not_go_are_marked_and_none_can_break_a_line() {
        let mut e = in_stack(call(1, 0, 5, Outcome::Returned(0)), "user", &[]);
        if let Known::Is(stack) = &mut e.go.stack {
            stack.frames = vec![
                frame("poll", "libc.so.6", 0, FrameKind::Native),
                frame("", "", 0, FrameKind::Native),
                frame("main.f[struct { A int; B int }]", "", 0, FrameKind::Guessed),
                frame("evil\n;name", "", 0, FrameKind::Go),
            ];
        }
        let expected = "demo;user;read;evil\\n,name;main.f[struct { A int, B int }] (guessed);\
                        0x401000 (C);poll (C) 5\n";
        assert_eq!(folded([e]), expected);
    }

    #[test]
    fn nothing_blocked_is_no_line() {
        assert_eq!(folded([]), "");
    }
}
