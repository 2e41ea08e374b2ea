//! Annotations and the job summary of GitHub Actions.

use super::verdict::{Standing, Verdict};
use std::fmt::Write as _;

/// The workflow command that marks the line: `::error file=a.go,line=7,title=...::text`. Paths
/// below `root` are made relative to it, as the diff view wants them.
#[must_use]
pub fn annotation(verdict: &Verdict, root: &str) -> String {
    let mut out = String::from("::error ");
    if let Some((file, line)) = &verdict.reason.place {
        let file = relative(file, root);
        // Writing into a String cannot fail; here and below.
        let _ = write!(out, "file={},line={line},", property(file));
    }
    let title = match verdict.standing {
        Standing::Stuck => "hang",
        Standing::Busy => "busy at the deadline",
        Standing::Slow => "deadline",
    };
    let test = verdict.test.as_deref().unwrap_or(&verdict.process);
    let _ = write!(out, "title={}", property(&format!("{title}: {test}")));
    let _ = writeln!(out, "::{}", data(&verdict.line));
    out
}

/// The part of the job summary, in Markdown.
#[must_use]
pub fn summary(verdict: &Verdict, text: &str) -> String {
    let heading = match verdict.standing {
        Standing::Stuck => "Hang",
        Standing::Busy => "Busy",
        Standing::Slow => "Deadline",
    };
    // More backticks in a row than the text has: it cannot end the block.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let plain = verdict.line.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "### {heading}\n\n{plain}\n\n<details><summary>Report</summary>\n\n{fence}\n{}\n{fence}\n\n</details>\n",
        text.trim_end()
    )
}

fn relative<'a>(file: &'a str, root: &str) -> &'a str {
    let root = root.trim_end_matches('/');
    match file.strip_prefix(root) {
        Some(rest) if !root.is_empty() && rest.starts_with('/') => rest.trim_start_matches('/'),
        _ => file,
    }
}

/// A message, escaped as the runner unescapes it (actions/toolkit, command.ts).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property, which ends at a comma or colon as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::reason::Reason;
    use super::*;
    use std::time::Duration;

    fn verdict() -> Verdict {
        Verdict {
            line: "app.test: TestA hangs, 100 %".to_owned(),
            standing: Standing::Stuck,
            pid: None,
            process: "app.test".into(),
            test: Some("TestA".to_owned()),
            goroutine: None,
            waited: Duration::ZERO,
            reason: Reason {
                place: Some(("/work/repo/a,b/x_test.go".into(), 42)),
                ..Reason::default()
            },
        }
    }

    #[test]
    fn an_annotation_names_file_and_line_below_the_root() {
        let said = annotation(&verdict(), "/work/repo/");
        let expected = "::error file=a%2Cb/x_test.go,line=42,title=hang%3A TestA\
                        ::app.test: TestA hangs, 100 %25\n";
        assert_eq!(said, expected);
        assert!(annotation(&verdict(), "/other").contains("file=/work/repo/"));
        assert!(annotation(&verdict(), "").contains("file=/work/repo/"));
    }

    #[test]
    fn the_report_cannot_end_its_block_in_the_summary() {
        let said = summary(&verdict(), "a\n```\n````b\n");
        assert!(said.contains("\n`````\na\n```\n````b\n`````\n"), "{said}");
    }
}
