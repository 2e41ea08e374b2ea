//! All that is known at the moment of a report: plain data.

use super::watch::Id;
use crate::diagnose::Throttling;
use crate::dump::model::Dump;
use crate::event::Timestamp;
use crate::fd::FdTarget;
use crate::finding::Finding;
use crate::ids::{Goid, Pid, Signal, Tid};
use crate::untrusted;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Why there is a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nothing got on for so long.
    Stuck(Duration),
    /// The time that was given is over.
    Deadline(Duration),
    /// This signal asks for an end.
    Signal(Signal),
}

/// What a process is to the question who is stuck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A part of the Go toolchain: it builds, or waits for what it has built.
    Toolchain,
    /// Another Go program.
    Go,
    /// Anything else.
    Other,
}

/// What may be done through a descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Only reading.
    Read,
    /// Only writing.
    Write,
    /// Both.
    Both,
}

impl Access {
    /// By the open flags (fcntl(2), F_GETFL).
    #[must_use]
    pub fn of_flags(flags: u32) -> Access {
        match flags & 3 {
            0 => Access::Read,
            1 => Access::Write,
            _ => Access::Both,
        }
    }
}

/// An open descriptor of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenFile {
    /// Its number.
    pub fd: i32,
    /// What it leads to.
    pub target: FdTarget,
    /// What may be done through it.
    pub access: Access,
}

/// A process of the tree.
#[derive(Clone, PartialEq, Debug)]
pub struct Process {
    /// Which.
    pub id: Id,
    /// Its parent.
    pub parent: Pid,
    /// The name of its program, without its directory.
    pub name: Arc<str>,
    /// Its command line.
    pub command: String,
    /// What it is to us.
    pub kind: Kind,
    /// The letter of its state.
    pub state: char,
    /// Its share of a CPU, in per cent.
    pub cpu_percent: u64,
    /// For how long it has been busy without a break.
    pub busy: Option<Duration>,
    /// For how long it has been running.
    pub age: Duration,
    /// What its threads and goroutines do, or why that is not known.
    pub dump: Result<Dump, Arc<str>>,
    /// For how long each goroutine has not run, as far as was seen.
    pub still: HashMap<Goid, Duration>,
    /// The names of the tests that goroutines run, subtests included, where they are certain.
    pub tests: HashMap<Goid, String>,
    /// Its open descriptors.
    pub files: Vec<OpenFile>,
    /// What is wrong with calls of its threads.
    pub findings: Vec<Finding>,
    /// How its cgroup is throttled, where it has a CPU limit.
    pub throttling: Option<Throttling>,
    /// How many files it may open.
    pub file_limit: Option<u64>,
}

impl Process {
    /// `app.test (1234)`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} ({})", clean(&self.name), self.id.pid)
    }

    /// Whether it may be what is stuck, by what it is.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        self.kind != Kind::Toolchain && !matches!(self.state, 'Z' | 'X')
    }

    /// For how long a goroutine has been waiting: as long as it was seen not to run, or longer
    /// where the runtime itself says so.
    #[must_use]
    pub fn waited(&self, goid: Goid) -> Option<Duration> {
        let seen = self.still.get(&goid).copied();
        let dump = self.dump.as_ref().ok();
        let told = dump.and_then(|dump| {
            let g = dump.goroutines.iter().find(|g| g.goid == goid)?;
            dump.waited(g)
        });
        seen.max(told)
    }

    /// What a descriptor of it leads to.
    #[must_use]
    pub fn file(&self, fd: i32) -> Option<&OpenFile> {
        self.files.iter().find(|file| file.fd == fd)
    }
}

/// All of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Scene {
    /// Why there is a report.
    pub why: Why,
    /// When it was made.
    pub at: Timestamp,
    /// The command, as typed.
    pub command: String,
    /// For how long it has been running.
    pub ran: Duration,
    /// For how long nothing has got on.
    pub quiet: Duration,
    /// The command and all that descends from it, parents first.
    pub processes: Vec<Process>,
    /// What the report lacks, and why.
    pub missing: Vec<String>,
}

impl Scene {
    /// A process by its number.
    #[must_use]
    pub fn process(&self, pid: Pid) -> Option<&Process> {
        self.processes.iter().find(|p| p.id.pid == pid)
    }

    /// The process that a thread belongs to.
    #[must_use]
    pub fn process_of_thread(&self, tid: Tid) -> Option<&Process> {
        self.processes.iter().find(|p| {
            let dump = p.dump.as_ref().ok();
            p.id.pid == Pid::from(tid)
                || dump.is_some_and(|dump| dump.threads.iter().any(|t| t.tid == tid))
        })
    }

    /// The children of a process that are alive.
    pub fn children(&self, pid: Pid) -> impl Iterator<Item = &Process> {
        let alive = |p: &&Process| !matches!(p.state, 'Z' | 'X');
        self.processes
            .iter()
            .filter(move |p| p.parent == pid)
            .filter(alive)
    }
}

/// A text of the target, without what could disturb a terminal.
#[must_use]
pub fn clean(text: &str) -> String {
    untrusted::clean(text).into_owned()
}

/// A time as people say it: `31 s`, `1.5 s`, `250 ms`, `12 min`.
#[must_use]
pub fn spoken(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..10_000 => {
            let tenths = ms / 100;
            match tenths % 10 {
                0 => format!("{} s", tenths / 10),
                rest => format!("{}.{rest} s", tenths / 10),
            }
        }
        10_000..600_000 => format!("{} s", ms / 1000),
        _ => format!("{} min", ms / 60_000),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn times_are_spoken_no_finer_than_they_matter() {
        let said = |ms| spoken(Duration::from_millis(ms));
        assert_eq!(said(250), "250 ms");
        assert_eq!(said(1000), "1 s");
        assert_eq!(said(1540), "1.5 s");
        assert_eq!(said(31_900), "31 s");
        assert_eq!(said(720_000), "12 min");
    }

    #[test]
    fn access_is_the_low_bits_of_the_open_flags() {
        assert_eq!(Access::of_flags(0o2004000), Access::Read);
        assert_eq!(Access::of_flags(0o1), Access::Write);
        assert_eq!(Access::of_flags(0o2), Access::Both);
    }
}
