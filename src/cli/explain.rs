//! The findings for people: `gostrace explain`, the options that select them, and their section
//! of the man page, all from the catalogue.

use super::UsageError;
use super::classes::{WIDTH, wrapped};
use crate::diagnose::catalog::{ENTRIES, Entry};
use crate::finding::FindingId;
use std::ffi::OsString;
use std::fmt::Write as _;

/// What follows `gostrace explain`.
pub(super) fn explain(words: &[OsString]) -> Result<String, UsageError> {
    let words: Vec<String> = words
        .iter()
        .map(|w| w.to_string_lossy().into_owned())
        .collect();
    match words.as_slice() {
        [] => Ok(list()),
        [help] if help == "--help" || help == "-h" => Ok(list()),
        [name] => ENTRIES
            .iter()
            .find(|e| e.name == name)
            .map(page)
            .ok_or_else(|| unknown("explain", name)),
        _ => Err(UsageError::new(
            "explain takes one finding: `gostrace explain blocking-fd`",
        )),
    }
}

/// The findings that an option names.
pub(super) fn ids(option: &str, lists: &[String]) -> Result<Vec<FindingId>, UsageError> {
    lists
        .iter()
        .flat_map(|list| list.split(','))
        .map(|word| FindingId::named(word.trim()).ok_or_else(|| unknown(option, word)))
        .collect()
}

fn unknown(option: &str, word: &str) -> UsageError {
    let names: Vec<&str> = ENTRIES.iter().map(|e| e.name).collect();
    UsageError(format!(
        "{option} {word}: no such finding; there are {}",
        names.join(", ")
    ))
}

fn list() -> String {
    let width = ENTRIES.iter().map(|e| e.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for entry in ENTRIES {
        // Writing into a String cannot fail; here and below.
        let _ = writeln!(out, "{:width$}  {}", entry.name, entry.title);
    }
    out.push_str("\n`gostrace explain FINDING` tells how it is recognised and what to do.\n");
    out
}

fn page(entry: &Entry) -> String {
    let mut out = format!("{}: {}\n", entry.name, entry.title);
    for (heading, text) in [
        ("What it means", entry.meaning),
        ("How it is recognised", entry.recognised),
        ("What to do", entry.remedy),
    ] {
        let _ = writeln!(out, "\n{heading}:");
        for line in wrapped(text, WIDTH - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

/// The section of the man page, in roff.
pub(super) fn man_section() -> String {
    let mut out = String::from(
        ".SH FINDINGS\n\
         What is recognised as wrong is told under the call that first shows it, marked \\fB!\\fR, \
         with the evidence that it rests on,\n\
         and gathered in the summary. \\fB\\-\\-only\\fR and \\fB\\-\\-ignore\\fR select by name; \
         \\fBgostrace explain\\fR [\\fIFINDING\\fR] prints this.\n",
    );
    for entry in ENTRIES {
        let roff = |text: &str| text.replace('\\', "\\e").replace('-', "\\-");
        let _ = write!(
            out,
            ".TP\n.B {}\n{}.\n{}\n.br\n\\fIRecognised\\fR: {}\n.br\n\\fIWhat to do\\fR: {}\n",
            roff(entry.name),
            capital(entry.title),
            roff(entry.meaning),
            roff(entry.recognised),
            roff(entry.remedy),
        );
    }
    out
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + &chars.as_str().replace('-', "\\-")
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Invocation, parse};
    use super::*;

    fn run(line: &str) -> Result<Invocation, UsageError> {
        let words = std::iter::once("gostrace").chain(line.split_whitespace());
        parse(words.map(OsString::from))
    }

    fn printed(line: &str) -> String {
        match run(line) {
            Ok(Invocation::Print(text)) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn config(line: &str) -> Config {
        match run(line) {
            Ok(Invocation::Trace(config)) => *config,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn every_finding_is_explained_in_full_by_the_verb_and_the_man_page() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let list = printed("explain");
        let man = words(&man_section().replace("\\-", "-"));
        for entry in ENTRIES {
            assert!(list.contains(&format!("{} ", entry.name)), "{list}");
            let page = printed(&format!("explain {}", entry.name));
            assert!(page.lines().all(|l| l.len() <= WIDTH), "{page}");
            for text in [entry.meaning, entry.recognised, entry.remedy] {
                assert!(words(&page).contains(text), "{page}");
                assert!(man.contains(text), "{man}");
            }
            assert_eq!(FindingId::named(entry.name), Some(entry.id));
            assert_eq!(entry.id.name(), entry.name);
        }
        assert!(list.lines().all(|l| l.len() <= WIDTH), "{list}");
    }

    #[test]
    fn names_are_sorted_and_each_stands_once() {
        assert!(ENTRIES.windows(2).all(|w| w[0].name < w[1].name));
    }

    #[test]
    fn findings_are_selected_by_name() {
        let c = config("-p 1 --only blocking-fd,child-wait --ignore child-wait");
        assert!(c.findings.wants(FindingId::BlockingFd));
        assert!(!c.findings.wants(FindingId::ChildWait), "ignored");
        assert!(
            !c.findings.wants(FindingId::Backlog),
            "not among the only ones"
        );
        assert!(config("-p 1").findings.wants(FindingId::Backlog));
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        for line in [
            "explain nonsense",
            "explain backlog file-lock",
            "-p 1 --only nonsense",
            "-p 1 --ignore backlog,",
            "-q explain backlog",
        ] {
            let said = run(line).unwrap_err().to_string();
            assert!(!said.contains('\n'), "{line}: {said}");
        }
    }
}
