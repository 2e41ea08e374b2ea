//! What the Go runtime prints of its goroutines when it is killed with GOTRACEBACK=crash.

use crate::support::run::Fixture;
use crate::support::{SOON, proc, wait_for};
use gostrace::event::{FrameKind, Stack};
use gostrace::golang::RawStack;
use nix::sys::signal::Signal;
use std::fs;
use std::path::Path;

/// Kills the fixture with SIGQUIT, and returns its traceback, which went to the file `stderr`.
pub fn traceback(fixture: &Fixture, stderr: &Path) -> Vec<Vec<Printed>> {
    fixture.signal(Signal::SIGQUIT as i32);
    wait_for("the end of the fixture", SOON, || {
        matches!(proc::state(fixture.pid), None | Some('Z')).then_some(())
    });
    parse(&fs::read_to_string(stderr).unwrap())
}

/// A line pair of a runtime traceback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Printed {
    pub func: String,
    pub place: String,
    /// SP and PC; inlined frames have none.
    pub at: Option<(u64, u64)>,
    /// Ours: the function is certain, which of its calls it is in is not.
    pub guessed: bool,
}

impl Printed {
    /// Whether a frame of ours is this one of the runtime's.
    pub fn is(&self, theirs: &Printed) -> bool {
        let sp = |f: &Printed| f.at.map(|(sp, _)| sp);
        match self.guessed {
            true => self.func == theirs.func && sp(self) == sp(theirs),
            false => self == theirs,
        }
    }
}

/// The goroutines of a traceback made with GOTRACEBACK=crash.
fn parse(dump: &str) -> Vec<Vec<Printed>> {
    let mut blocks = Vec::new();
    let mut lines = dump.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("goroutine ") && line.ends_with(':') {
            blocks.push(Vec::new());
            continue;
        }
        let (Some(block), Some(place)) = (
            blocks.last_mut(),
            lines.peek().and_then(|l| l.strip_prefix('\t')),
        ) else {
            continue;
        };
        if line.starts_with("created by ") {
            continue;
        }
        let func = &line[..line.rfind('(').unwrap_or(line.len())];
        let field = |key: &str| {
            let value = place.split_whitespace().find_map(|f| f.strip_prefix(key))?;
            u64::from_str_radix(value.strip_prefix("0x")?, 16).ok()
        };
        block.push(Printed {
            func: match func {
                "panic" => "runtime.gopanic".to_owned(),
                func => func.to_owned(),
            },
            place: place.split_whitespace().next().unwrap().to_owned(),
            at: field("sp=").zip(field("pc=")),
            guessed: false,
        });
    }
    blocks
}

/// A stack of ours in the same form.
pub fn ours(raw: &RawStack, stack: &Stack) -> Vec<Printed> {
    let mut physical = raw.frames.iter();
    let frames = stack.frames.iter().map(|f| Printed {
        func: f.func.to_string(),
        place: format!("{}:{}", f.file, f.line),
        at: match f.kind {
            FrameKind::Inlined => None,
            _ => physical.next().map(|r| (r.sp.0, r.pc.0)),
        },
        guessed: f.kind == FrameKind::Guessed,
    });
    frames.collect()
}
