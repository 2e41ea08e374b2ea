//! Gathers the facts about a target that [`crate::permission`] judges.

use crate::arch::host;
use crate::error::Error;
use crate::ids::{Errno, Pid, Tid};
use crate::permission::status::{
    descends, dumpable_by_owner, namespace_inode, stat_says_kernel_thread, yama_scope,
};
use crate::permission::{
    Cause, Container, PermissionFacts, ProcessStatus, Suitable, TargetFacts, Unsuitable, assess,
    diagnose,
};
use crate::sys::{SysError, probe, procfs};
use std::io::Read;
use std::path::Path;

/// Bytes of an executable that tell its format.
const HEADER: usize = 64;

/// Whether a process that the user named can be a target at all.
///
/// # Errors
/// Why nobody can trace it.
pub fn check(asked: Pid) -> Result<Suitable, Unsuitable> {
    let status = status_of(asked);
    let parent = status.as_ref().and_then(|s| s.parent);
    let stat = procfs::read_text(&format!("/proc/{asked}/stat")).ok();
    let exe = procfs::exe(asked);
    assess(&TargetFacts {
        asked,
        own: own_pid(),
        host: host::ARCH,
        exists: procfs::exists(asked),
        stat_kernel_thread: stat.as_deref().and_then(stat_says_kernel_thread),
        parent_name: parent.and_then(|p| procfs::comm(p.into())),
        exe: std::fs::read_link(&exe)
            .ok()
            .map(|p| p.to_string_lossy().into_owned()),
        exe_header: header(&exe),
        status,
    })
}

fn header(exe: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(HEADER);
    let file = std::fs::File::open(exe).ok()?;
    file.take(HEADER as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What an attach that failed means.
#[must_use]
pub fn explain(pid: Pid, error: SysError) -> Error {
    match error.errno.0 {
        libc::EPERM | libc::EACCES => refused(pid, error.tid, probe::ptrace_is_filtered()),
        libc::ESRCH => match check(pid) {
            Err(unsuitable) => Error::Unsuitable(unsuitable),
            Ok(_) if probe::ptrace_is_filtered() => refused(pid, error.tid, true),
            Ok(_) => Error::Unsuitable(Unsuitable::NoSuchProcess(pid)),
        },
        _ if probe::ptrace_is_filtered() => refused(pid, error.tid, true),
        _ => from_sys(error),
    }
}

/// Whether this says what forbids to attach to a process that is there.
#[must_use]
pub fn is_reason(error: &Error) -> bool {
    match error {
        Error::Refused(why) => why.cause != Cause::Unknown,
        Error::Unsuitable(Unsuitable::NoSuchProcess(_)) => false,
        _ => true,
    }
}

fn refused(pid: Pid, tid: Tid, filtered: bool) -> Error {
    let facts = PermissionFacts {
        ptrace_filtered: Some(filtered),
        ..facts(pid, tid)
    };
    Error::Refused(diagnose(&facts))
}

/// An error that should not happen.
#[must_use]
pub fn from_sys(error: SysError) -> Error {
    if error.tid == Tid(0) {
        return Error::System {
            operation: error.operation,
            errno: error.errno,
        };
    }
    Error::Tracee {
        operation: error.operation,
        tid: error.tid,
        address: None,
        errno: error.errno,
    }
}

/// The errno of an I/O error.
#[must_use]
pub fn errno(error: &std::io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(libc::EIO))
}

/// What there is to know of whether this thread of this process may be traced. Nothing is tried.
pub(super) fn facts(pid: Pid, tid: Tid) -> PermissionFacts {
    let own = own_pid();
    let target = status_of(pid).unwrap_or_default();
    let refused = status_of(Pid::from(tid)).unwrap_or_default();
    let tracer = refused.tracer.or(target.tracer);
    let parent_of = |p: Pid| status_of(p).and_then(|s| s.parent);
    let cgroup = procfs::read_text("/proc/self/cgroup").unwrap_or_default();
    let marker = Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists();
    PermissionFacts {
        own: status_of(own).unwrap_or_default(),
        own_namespace: user_namespace(own),
        target_namespace: user_namespace(pid),
        yama: procfs::read_text("/proc/sys/kernel/yama/ptrace_scope")
            .ok()
            .as_deref()
            .and_then(yama_scope),
        tracer_name: tracer.and_then(|t| procfs::comm(t.into())),
        descends: descends(pid, own, parent_of),
        dumpable: procfs::owner(&format!("/proc/{pid}/status"))
            .and_then(|uid| dumpable_by_owner(uid, &target)),
        ptrace_filtered: None,
        lsm_label: procfs::read_text("/proc/self/attr/current").ok(),
        target_label: procfs::read_text(&format!("/proc/{pid}/attr/current")).ok(),
        container: Container::from_hints(
            marker,
            std::env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            &cgroup,
        ),
        target: ProcessStatus { tracer, ..target },
    }
}

fn status_of(pid: Pid) -> Option<ProcessStatus> {
    /// Who executes a program takes over the id of the thread that was let go of right after.
    const LOOKS: usize = 100;
    for _ in 0..LOOKS {
        let status = ProcessStatus::parse(&procfs::status(pid.into()).ok()?);
        if !status.is_vanishing() {
            return Some(status);
        }
        std::thread::yield_now();
    }
    None
}

fn user_namespace(pid: Pid) -> Option<u64> {
    let link = std::fs::read_link(format!("/proc/{pid}/ns/user")).ok()?;
    namespace_inode(&link.to_string_lossy())
}

/// Our own process id.
#[must_use]
pub fn own_pid() -> Pid {
    Pid(std::process::id().cast_signed())
}
