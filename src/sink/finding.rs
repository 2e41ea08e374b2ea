//! What is wrong, in words: under the call that showed it, and in the summary.
//!
//! ```text
//!     ! blocking-fd: a read or write on a descriptor in blocking mode keeps a thread
//!       because: fd 9 <pipe:[123]> is in blocking mode (flags 02), it lasted 120ms
//!       what to do: ...
//! ```

mod evidence;

pub(super) use evidence::write_evidence;
pub(crate) use evidence::write_peer;

use super::line::{Human, Line, Palette};
use crate::diagnose::catalog::entry;
use crate::event::{Known, Wait};
use crate::finding::{Evidence, Finding, Setting, Severity, Shown};
use std::fmt::Write;

/// Advice is broken into lines of about so many characters.
const WIDTH: usize = 100;

/// What a call shows: what is new in full, of the rest the names alone.
pub(super) fn write_shown(line: &mut Line, shown: &[Shown], palette: &Palette) {
    for shown in shown {
        match shown {
            Shown::First(finding) => write_finding(line, finding, palette),
            Shown::Again(id) => {
                line.push("    ");
                line.paint(palette.error, |l| l.fmt(format_args!("! {}", id.name())));
                line.push("\n");
            }
        }
    }
}

/// A finding in full.
pub(super) fn write_finding(line: &mut Line, finding: &Finding, palette: &Palette) {
    line.push("    ");
    line.paint(palette.error, |l| {
        l.push("! ");
        l.push(finding.id.name());
        if finding.severity == Severity::Note {
            l.push(" (note)");
        }
    });
    let title = entry(finding.id).map_or("", |e| e.title);
    line.fmt(format_args!(": {title}"));
    if finding.tid.is_none() {
        line.fmt(format_args!(", in process {}", finding.pid));
    }
    if let Some(func) = &finding.func {
        line.push(", in ");
        line.untrusted(func);
    }
    line.push("\n      because: ");
    for (n, evidence) in finding.evidence.iter().enumerate() {
        line.push(if n > 0 { "; " } else { "" });
        write_evidence(&mut line.text, evidence);
    }
    line.push("\n");
    if !finding.settings.is_empty() {
        line.push("      limits: ");
        for (n, setting) in finding.settings.iter().enumerate() {
            line.push(if n > 0 { ", " } else { "" });
            write_setting(&mut line.text, setting);
        }
        line.push("\n");
    }
    line.paint(palette.quiet, |l| {
        for (n, part) in broken(finding.advice).into_iter().enumerate() {
            l.push(if n == 0 {
                "      what to do: "
            } else {
                "        "
            });
            l.push(&part);
            l.push("\n");
        }
    });
}

/// A finding in full, without colour.
pub(crate) fn finding_text(finding: &Finding) -> String {
    let mut line = Line::default();
    write_finding(&mut line, finding, &Palette::plain());
    line.text
}

/// One fact in words.
pub(crate) fn evidence_text(evidence: &Evidence) -> String {
    let mut out = String::new();
    write_evidence(&mut out, evidence);
    out
}

fn broken(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn write_setting(out: &mut String, setting: &Setting) {
    // Writing to a String cannot fail; here and below.
    let _ = match &setting.value {
        Known::Is(value) => write!(out, "{}={value}", setting.name),
        Known::NotAsked => write!(out, "{} unknown", setting.name),
        Known::Unknown(reason) => write!(out, "{} unknown ({reason})", setting.name),
    };
}

/// How a call waits, in a word or two.
pub(super) fn wait_text(wait: Wait) -> String {
    match wait {
        Wait::Interrupted => "interrupted".into(),
        Wait::WouldBlock => "would block".into(),
        Wait::TimedOut => "timed out".into(),
        Wait::Limited(Some(limit)) => format!("timeout {}", Human(limit)),
        Wait::Limited(None) => "with a timeout".into(),
        Wait::Endless => "no timeout".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::fd::FdTarget;
    use crate::finding::FindingId;
    use crate::ids::{Pid, Tid};
    use std::time::Duration;

    #[test]
    fn a_finding_says_what_why_and_what_to_do() {
        let finding = Finding {
            id: FindingId::BlockingFd,
            pid: Pid(1),
            tid: Some(Tid(2)),
            at: Timestamp::default(),
            severity: Severity::Warning,
            func: Some("main.read\n".into()),
            evidence: vec![
                Evidence::BlockingMode {
                    fd: 9,
                    target: FdTarget::Pipe(123),
                    flags: 0o2,
                },
                Evidence::Lasted(Duration::from_millis(120)),
            ],
            settings: vec![Setting {
                name: "GOMAXPROCS",
                value: Known::Unknown("not set".into()),
            }],
            advice: "do this and that",
        };
        let mut line = Line::default();
        write_finding(&mut line, &finding, &Palette::plain());
        assert_eq!(
            line.text,
            "    ! blocking-fd: a descriptor in blocking mode keeps a thread waiting, in main.read\\n
      because: fd 9<pipe:[123]> is in blocking mode (flags 02); it has lasted 120ms
      limits: GOMAXPROCS unknown (not set)
      what to do: do this and that
"
        );
    }

    #[test]
    fn every_wait_has_its_words() {
        assert_eq!(
            wait_text(Wait::Limited(Some(Duration::from_secs(5)))),
            "timeout 5s"
        );
        assert_eq!(wait_text(Wait::Endless), "no timeout");
    }
}
