//! What a report is made from, read while everything runs on.

use super::inside::Insides;
use super::tree::{Member, age_ns};
use crate::dump::model::{Doing, Dump};
use crate::event::{Start, Timestamp};
use crate::fd::FdTarget;
use crate::finding::{Finding, Shown};
use crate::hang::scene::{Access, Kind, OpenFile, Process};
use crate::hang::watch::Id;
use crate::ids::{Goid, Pid, Tid};
use crate::session::diagnosis::Diagnoser;
use crate::session::dump;
use crate::session::names::Names;
use crate::sys::{clock, proc_facts, procfs};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

/// Processes whose threads and goroutines are read.
const MAX_DUMPS: usize = 64;
/// Descriptors that are looked at in one process.
const MAX_FILES: usize = 4096;
/// Shorter waits are nobody's fault.
const SLOW: Duration = Duration::from_millis(500);

/// What the reader is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The processes.
    pub members: Vec<Member>,
    /// For how long each goroutine or thread of a process has not run.
    pub still: HashMap<Id, HashMap<u64, Duration>>,
    /// Those that are busy: only stopping their threads for a moment shows where.
    pub busy: HashSet<Id>,
}

/// A process as far as it is known without reading it.
#[must_use]
pub fn bare(member: &Member, kind: Kind, why: &str) -> Process {
    let pid = member.sight.id.pid;
    let exe = procfs::exe_link(pid).unwrap_or_default();
    let exe = String::from_utf8_lossy(&exe).into_owned();
    let exe = exe.trim_end_matches(" (deleted)");
    let name = Path::new(exe).file_name();
    let name = name.map_or_else(
        || member.sight.name.to_string(),
        |n| n.to_string_lossy().into(),
    );
    Process {
        id: member.sight.id,
        parent: member.parent,
        name: name.into(),
        command: member.sight.name.to_string(),
        kind,
        state: member.state,
        cpu_percent: 0,
        busy: None,
        age: Duration::from_nanos(age_ns(member.sight.id.born, clock::since_boot_ns())),
        dump: Err(why.into()),
        still: HashMap::new(),
        tests: HashMap::new(),
        files: Vec::new(),
        findings: Vec::new(),
        throttling: None,
        file_limit: None,
    }
}

/// Reads the processes, those first that may be stuck. Each is handed to `found` when it is done.
pub fn read(wish: &Wish, insides: &mut Insides, mut found: impl FnMut(Process)) {
    let mut names = Names::with(true);
    let mut all: Vec<(&Member, Kind)> = wish
        .members
        .iter()
        .filter(|m| !m.has_ended())
        .map(|m| (m, insides.kind(m)))
        .collect();
    // The descriptors of all first: who holds the other end is half of the answer.
    let mut files: HashMap<Id, Vec<OpenFile>> = HashMap::new();
    for (member, _) in &all {
        files.insert(member.sight.id, open_files(member.sight.id.pid, &mut names));
    }
    all.sort_by_key(|(_, kind)| *kind == Kind::Toolchain);
    for (n, (member, kind)) in all.into_iter().enumerate() {
        let id = member.sight.id;
        let mut one = bare(member, kind, "too many processes");
        one.command = procfs::command_line(id.pid).unwrap_or(one.command);
        one.files = files.remove(&id).unwrap_or_default();
        let still = wish.still.get(&id);
        if n < MAX_DUMPS {
            read_inside(&mut one, still, wish.busy.contains(&id));
            one.tests = insides.test_names(member);
        }
        found(one);
    }
}

fn read_inside(one: &mut Process, still: Option<&HashMap<u64, Duration>>, busy: bool) {
    let pid = one.id.pid;
    // Where stopping is not permitted, a look must do.
    let frozen = busy.then(|| dump::take(pid, true).ok()).flatten();
    let taken = match frozen {
        Some(dump) => Ok(dump),
        None => dump::take(pid, false),
    };
    let diagnoser = Diagnoser::of_looks(SLOW);
    (one.throttling, one.file_limit) = diagnoser.limits(pid);
    match taken {
        Ok(dump) => {
            one.findings = findings(&dump, still, diagnoser);
            one.dump = Ok(dump);
        }
        Err(e) => one.dump = Err(e.to_string().into()),
    }
    if one.kind == Kind::Go {
        let still = still.into_iter().flatten();
        one.still = still.map(|(id, time)| (Goid(*id), *time)).collect();
    }
}

/// What the calls of its threads show to be wrong, by how long each has been seen not to run.
fn findings(
    dump: &Dump,
    still: Option<&HashMap<u64, Duration>>,
    mut diagnoser: Diagnoser,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for thread in &dump.threads {
        let Doing::Call(event) = &thread.doing else {
            continue;
        };
        if thread.go.class.get().is_some_and(|class| class.parked) {
            continue;
        }
        let goid = thread
            .go
            .goroutine
            .get()
            .map(|g| g.goid.0)
            .filter(|id| *id != 0);
        let mover = goid.unwrap_or_else(|| u64::try_from(thread.tid.0).unwrap_or(0));
        let Some(time) = still.and_then(|still| still.get(&mover)) else {
            continue;
        };
        let mut event = (**event).clone();
        event.go = thread.go.clone();
        event.start = Start::BeforeAttach(earlier(event.end, *time));
        diagnoser.call(&mut event);
        found.extend(event.findings.into_iter().filter_map(|shown| match shown {
            Shown::First(finding) => Some(*finding),
            Shown::Again(_) => None,
        }));
    }
    found
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    let ns = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
    Timestamp {
        mono_ns: at.mono_ns.saturating_sub(ns),
        wall_ns: at.wall_ns.saturating_sub(ns),
    }
}

fn open_files(pid: Pid, names: &mut Names) -> Vec<OpenFile> {
    let tid = Tid::from(pid);
    let mut fds = proc_facts::fds(pid);
    fds.sort_unstable();
    let files = fds.into_iter().take(MAX_FILES).filter_map(|fd| {
        let link = procfs::fd_link(tid, fd).ok()?;
        let info = procfs::fd_info(tid, fd).unwrap_or_default();
        let flags = info.lines().find_map(|l| l.strip_prefix("flags:"));
        let flags = flags.and_then(|f| u32::from_str_radix(f.trim(), 8).ok());
        let mut target = FdTarget::parse(&link, Some(&info));
        names.find_endpoints(pid, tid, &mut target);
        Some(OpenFile {
            fd,
            target,
            access: flags.map_or(Access::Both, Access::of_flags),
        })
    });
    files.collect()
}
