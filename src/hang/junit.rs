//! The hung test as a failed case of a JUnit report.

use super::scene::Scene;
use super::verdict::{Standing, Verdict};
use std::fmt::Write as _;

/// A report without any case: nothing hung.
pub const EMPTY: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"0\" failures=\"0\"/>\n";

/// The document. `text` is the report.
#[must_use]
pub fn document(scene: &Scene, verdict: &Verdict, text: &str) -> String {
    let process = escaped(&verdict.process);
    let case = verdict
        .test
        .as_deref()
        .unwrap_or(match verdict.process.is_empty() {
            true => "command",
            false => &*verdict.process,
        });
    let case = escaped(case);
    let kind = match verdict.standing {
        Standing::Stuck => "hang",
        Standing::Busy => "busy",
        Standing::Slow => "deadline",
    };
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites tests=\"1\" failures=\"1\">\n\
         <testsuite name=\"{process}\" tests=\"1\" failures=\"1\" errors=\"0\" time=\"{time:.3}\">\n\
         <testcase classname=\"{process}\" name=\"{case}\" time=\"{time:.3}\">\n\
         <failure message=\"{}\" type=\"{kind}\">{}</failure>\n\
         </testcase>\n</testsuite>\n</testsuites>\n",
        escaped(&verdict.line),
        escaped(text),
        time = scene.ran.as_secs_f64(),
    );
    out
}

/// A text as XML 1.0 can hold it, in an attribute as well: what it has no place for is replaced.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(c),
            // Char (XML 1.0, 2.2) has no other control characters and no non-characters.
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        assert_eq!(escaped("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&apos;");
        assert_eq!(escaped("x\u{1b}[0m\u{0}y\n"), "x\u{fffd}[0m\u{fffd}y\n");
    }

    #[test]
    fn no_name_or_report_ends_its_place_in_the_document() {
        use super::super::reason::Reason;
        use super::super::scene::Why;
        use crate::event::Timestamp;
        use std::time::Duration;
        let hostile = "\"/></failure>]]>&#0;<!--\u{1b}\u{0}\u{ffff}\u{fffd}";
        let verdict = Verdict {
            line: hostile.to_owned(),
            standing: Standing::Stuck,
            pid: None,
            process: hostile.into(),
            test: Some(format!("TestA/{hostile}")),
            goroutine: None,
            waited: Duration::ZERO,
            reason: Reason::default(),
        };
        let scene = Scene {
            why: Why::Stuck(Duration::ZERO),
            at: Timestamp::default(),
            command: hostile.to_owned(),
            ran: Duration::from_millis(1500),
            quiet: Duration::ZERO,
            processes: Vec::new(),
            missing: Vec::new(),
        };
        let said = document(&scene, &verdict, hostile);
        let tags = said.split('<').skip(1);
        let tags: Vec<&str> = tags
            .filter_map(|tag| tag.split([' ', '>']).next())
            .collect();
        let expected = [
            "?xml",
            "testsuites",
            "testsuite",
            "testcase",
            "failure",
            "/failure",
            "/testcase",
            "/testsuite",
            "/testsuites",
        ];
        assert_eq!(tags, expected, "{said}");
        assert!(!said.contains("]]>") && !said.contains("&#"), "{said}");
        assert!(said.contains("time=\"1.500\""), "{said}");
    }
}
