//! The rules that judge one call.

use super::catalog::{advice, entry};
use super::facts::{Facts, Mount};
use super::history::History;
use super::{connection, futex, uring};
use crate::event::{Frame, Known, Outcome, SyscallEvent};
use crate::fd::FdTarget;
use crate::finding::{Evidence, Finding, FindingId, Setting, Severity};
use crate::golang::own;
use crate::ids::{Pid, Tid};
use crate::value::Value;
use std::sync::Arc;
use std::time::Duration;

const O_NONBLOCK: u32 = 0o4000;
/// How long a call may be in state D before the file system is blamed; what forces data to disk
/// may take longer.
const FS_LIMIT: Duration = Duration::from_millis(100);
const SYNC_LIMIT: Duration = Duration::from_millis(500);

/// One call and what can be asked about it.
pub(super) struct Case<'a> {
    pub event: &'a SyscallEvent,
    /// The call's name, empty where it has none.
    pub name: &'static str,
    pub slow: Duration,
    pub facts: &'a dyn Facts,
}

impl Case<'_> {
    pub fn is_slow(&self) -> bool {
        self.event.wait.is_some()
    }

    /// The wait class (`WaitClass::id`), empty where it is not known.
    pub fn class(&self) -> &'static str {
        self.event.go.class.get().map_or("", |c| c.id)
    }

    /// Whether Go code of the program made the call, not the runtime for itself.
    pub fn by_program(&self) -> bool {
        matches!(self.class(), "user" | "user-raw")
    }

    /// The same, or C code.
    pub fn by_program_or_c(&self) -> bool {
        self.by_program() || matches!(self.class(), "cgo" | "cgo-callback" | "native")
    }

    pub fn arg(&self, n: usize) -> u64 {
        self.event.call.args.get(n).copied().unwrap_or(0)
    }

    /// The call's first argument as a descriptor, and what it was when the call was seen.
    pub fn fd(&self) -> Option<(i32, &FdTarget)> {
        let fd = self.arg(0) as u32 as i32;
        let (_, target) = self.event.names.fds.iter().find(|(n, _)| *n == fd)?;
        Some((fd, target))
    }

    /// The innermost function on the stack that is the program's, or a library's.
    pub fn func(&self) -> Option<Arc<str>> {
        program_function(&self.event.go.stack.get()?.frames)
    }

    pub fn lasted(&self) -> Evidence {
        Evidence::Lasted(self.event.duration())
    }

    pub fn is_blocked(&self) -> bool {
        self.event.outcome == Outcome::Blocked && self.facts.still_in(self.event)
    }

    pub fn finding(&self, id: FindingId, severity: Severity, evidence: Vec<Evidence>) -> Finding {
        Finding {
            id,
            pid: self.event.pid,
            tid: Some(self.event.tid),
            at: self.event.end,
            severity,
            func: self.func(),
            evidence,
            settings: Vec::new(),
            advice: entry(id).map_or("", |e| e.remedy),
        }
    }
}

/// The innermost function that is the program's, or a library's.
#[must_use]
pub fn program_function(frames: &[Frame]) -> Option<Arc<str>> {
    own::caller(frames).map(|f| Arc::clone(&f.func))
}

/// What one call shows.
pub(super) fn judge(case: &Case<'_>, history: &mut History) -> Vec<Finding> {
    let parked = case.event.go.class.get().is_some_and(|c| c.parked);
    let quick = history.exhaustion(case);
    if !case.is_slow() || parked || case.event.outcome == Outcome::Detached {
        return quick.into_iter().collect();
    }
    let rules = [
        blocking_fd,
        connection::no_deadline,
        child_wait,
        file_lock,
        fs_stall,
        futex::contention,
        futex::thread_held,
        uring::waits,
    ];
    quick
        .into_iter()
        .chain(rules.iter().filter_map(|rule| rule(case)))
        .chain(history.explosion(case))
        .collect()
}

/// In which direction a call on a descriptor waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
    Connect,
}

/// The calls that wait for a descriptor, other than a poll.
pub(super) fn direction(name: &str) -> Option<Direction> {
    Some(match name {
        "read" | "readv" | "recvfrom" | "recvmsg" | "recvmmsg" | "accept" | "accept4" => {
            Direction::In
        }
        "write" | "writev" | "sendto" | "sendmsg" | "sendmmsg" => Direction::Out,
        "connect" => Direction::Connect,
        _ => return None,
    })
}

fn blocking_fd(case: &Case<'_>) -> Option<Finding> {
    let direction = direction(case.name)?;
    let (fd, target) = case.fd()?;
    // A program that reads its standard input is meant to wait for it.
    if !case.by_program() || (fd == 0 && direction == Direction::In) {
        return None;
    }
    let now = case.facts.descriptor(case.event.tid, fd)?;
    if !now.waits || now.flags & O_NONBLOCK != 0 || !is_same(&now.target, target) {
        return None;
    }
    let mut evidence = vec![
        Evidence::BlockingMode {
            fd,
            target: target.clone(),
            flags: now.flags,
        },
        case.lasted(),
    ];
    if let FdTarget::Socket { .. } = target {
        let timeout = match case.facts.socket(case.event.pid, fd) {
            Known::Is(socket) => Known::Is(connection::timeout(&socket, direction)),
            Known::Unknown(reason) => Known::Unknown(reason),
            Known::NotAsked => Known::NotAsked,
        };
        evidence.push(Evidence::SocketTimeout(timeout));
    }
    let finding = case.finding(FindingId::BlockingFd, Severity::Warning, evidence);
    Some(Finding {
        advice: match target {
            FdTarget::Socket { .. } => advice::BLOCKING_SOCKET,
            _ => advice::BLOCKING_FILE,
        },
        ..finding
    })
}

/// Whether a descriptor is still what it was: sockets are told by inode, whatever is known of
/// their endpoints.
pub(super) fn is_same(now: &FdTarget, then: &FdTarget) -> bool {
    match (now, then) {
        (FdTarget::Socket { inode: a, .. }, FdTarget::Socket { inode: b, .. }) => a == b,
        (FdTarget::Path(a), FdTarget::Path(b)) => a.bytes == b.bytes,
        (a, b) => a == b,
    }
}

fn child_wait(case: &Case<'_>) -> Option<Finding> {
    const WNOHANG: u64 = 1;
    let options = match case.name {
        "wait4" => case.arg(2),
        "waitid" => case.arg(3),
        _ => return None,
    };
    // ECHILD and the like: there was nothing to wait for.
    let failed = matches!(case.event.outcome, Outcome::Failed(_));
    if options & WNOHANG != 0 || failed {
        return None;
    }
    let mut evidence = Vec::new();
    let blocked = case.is_blocked();
    for (pid, command) in waited_for(case) {
        let task = blocked.then(|| case.facts.task(Tid(pid.0))).flatten();
        evidence.push(Evidence::Child {
            pid,
            command: Some(command),
            state: task.as_ref().map(|t| t.state),
            call: task.and_then(|t| t.call),
        });
    }
    if evidence.is_empty() {
        return None;
    }
    evidence.push(case.lasted());
    let stopped = |e: &Evidence| {
        matches!(
            e,
            Evidence::Child {
                state: Some('T'),
                ..
            }
        )
    };
    let severity = if evidence.iter().any(stopped) {
        Severity::Warning
    } else {
        Severity::Note
    };
    Some(case.finding(FindingId::ChildWait, severity, evidence))
}

/// The children that the call waits for, or the one that it got.
fn waited_for(case: &Case<'_>) -> Vec<(Pid, Arc<str>)> {
    let names = &case.event.names.processes;
    let in_text = |(pid, command): &(i32, Arc<[u8]>)| {
        let command: Arc<str> = String::from_utf8_lossy(command).into();
        (Pid(*pid), command)
    };
    let of = |pid: i32| names.iter().find(|(n, _)| *n == pid).map(in_text);
    let named = match (case.name, case.arg(0)) {
        ("wait4", pid) => Some(pid as u32 as i32).filter(|pid| *pid > 0),
        ("waitid", 1) => Some(case.arg(1) as u32 as i32),
        ("waitid", 3) => {
            let fd = case.arg(1) as u32 as i32;
            case.event
                .names
                .fds
                .iter()
                .find_map(|(n, target)| match target {
                    FdTarget::PidFd { pid, .. } if *n == fd => Some(pid.0),
                    _ => None,
                })
        }
        _ => match case.event.outcome {
            Outcome::Returned(pid) if case.name == "wait4" => i32::try_from(pid).ok(),
            _ => None,
        },
    };
    match named {
        Some(pid) => of(pid).into_iter().collect(),
        None => names.iter().map(in_text).collect(),
    }
}

fn file_lock(case: &Case<'_>) -> Option<Finding> {
    const F_SETLKW: u64 = 7;
    const F_OFD_SETLKW: u64 = 38;
    const LOCK_NB: u64 = 4;
    let waits = match case.name {
        "flock" => case.arg(1) & LOCK_NB == 0,
        "fcntl" => matches!(case.arg(1), F_SETLKW | F_OFD_SETLKW),
        _ => false,
    };
    if !waits || !case.is_blocked() {
        return None;
    }
    let (fd, target) = case.fd()?;
    let event = case.event;
    let lock = case.facts.file_lock(event.pid, event.tid, fd)?;
    let mut evidence: Vec<Evidence> = lock
        .holders
        .into_iter()
        .map(|owner| Evidence::Holder {
            own: owner.pid == Some(event.pid),
            pid: owner.pid,
            tid: None,
            command: owner.command,
            call: owner.call,
        })
        .collect();
    if evidence.is_empty() || !matches!(target, FdTarget::Path(_)) {
        return None;
    }
    evidence.push(case.lasted());
    Some(case.finding(FindingId::FileLock, Severity::Warning, evidence))
}

/// What kind of call on a file it is: by path (the path's argument, and its directory's), by
/// descriptor, or none.
enum OnFile {
    Path(Option<usize>, usize),
    Fd,
    Sync,
}

fn on_file(name: &str) -> Option<OnFile> {
    Some(match name {
        "open" | "creat" | "stat" | "lstat" | "access" | "mkdir" | "rmdir" | "unlink"
        | "rename" | "link" | "symlink" | "readlink" | "chmod" | "chown" | "truncate"
        | "statfs" => OnFile::Path(None, 0),
        "openat" | "openat2" | "newfstatat" | "statx" | "faccessat" | "faccessat2" | "mkdirat"
        | "unlinkat" | "renameat" | "renameat2" | "linkat" | "readlinkat" | "fchmodat"
        | "fchownat" => OnFile::Path(Some(0), 1),
        "getdents64" | "ftruncate" | "fallocate" | "fstat" | "pread64" | "pwrite64" | "preadv"
        | "pwritev" | "close" => OnFile::Fd,
        "fsync" | "fdatasync" | "sync_file_range" | "syncfs" => OnFile::Sync,
        _ => return None,
    })
}

fn fs_stall(case: &Case<'_>) -> Option<Finding> {
    let kind = on_file(case.name)?;
    let limit = match kind {
        OnFile::Sync => SYNC_LIMIT,
        _ => FS_LIMIT,
    };
    if case.event.duration() < limit || !case.is_blocked() {
        return None;
    }
    let mount = mount_of(case, &kind);
    let stack = case.facts.kernel_stack(case.event.tid);
    let state = case.facts.task(case.event.tid)?.state;
    // The other end of a FIFO is no file system's affair, wherever the FIFO is.
    if stack
        .iter()
        .any(|f| f.starts_with("wait_for_partner") || f.starts_with("fifo_open"))
    {
        return None;
    }
    let remote = mount.as_ref().is_some_and(has_server);
    // Still there after it was looked at: what was seen is of this call.
    if !(state == 'D' || remote && state == 'S') || !case.facts.still_in(case.event) {
        return None;
    }
    let mut evidence = vec![case.lasted()];
    if state == 'D' {
        evidence.push(Evidence::Uninterruptible);
    }
    if let Some(mount) = mount {
        evidence.push(Evidence::FileSystem {
            kind: mount.kind,
            source: mount.source,
            mounted_at: mount.at,
        });
    }
    if let Some(first) = stack.first() {
        let others = case.facts.waiting_in(case.event.pid, case.event.tid, first);
        if others > 0 {
            evidence.push(Evidence::AlsoWaiting(others));
        }
        evidence.push(Evidence::KernelStack(stack));
    }
    Some(case.finding(FindingId::FsStall, Severity::Warning, evidence))
}

/// Whether something other than a disk is behind it.
fn has_server(mount: &Mount) -> bool {
    ["nfs", "fuse", "cifs", "smb", "9p", "ceph", "afs"]
        .iter()
        .any(|kind| mount.kind.starts_with(kind))
}

fn mount_of(case: &Case<'_>, kind: &OnFile) -> Option<Mount> {
    let tid = case.event.tid;
    match kind {
        OnFile::Path(base, path) => {
            let base = base
                .map(|n| case.arg(n) as u32 as i32)
                .filter(|fd| *fd >= 0);
            case.facts.mount(tid, base, bytes_of(case, *path)?)
        }
        OnFile::Fd | OnFile::Sync => match case.fd()?.1 {
            FdTarget::Path(path) => case.facts.mount(tid, None, &path.bytes),
            _ => None,
        },
    }
}

fn bytes_of<'a>(case: &'a Case<'_>, n: usize) -> Option<&'a [u8]> {
    match &case.event.args.get(n)?.value {
        Value::Bytes { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// A setting of the process or the machine.
pub(super) fn setting(name: &'static str, value: Known<u64>) -> Setting {
    Setting { name, value }
}
