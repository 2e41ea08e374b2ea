//! What the kernel lets us do, tried without touching anybody else.

use super::memory::ProcessMemory;
use super::wait::{self, Patience, Waited};
use super::{SysError, ptrace, spawn};
use crate::ids::{Addr, Errno, Pid, Tid};
use crate::memory::Memory;
use std::path::Path;
use std::time::{Duration, Instant};

/// Nothing here takes longer.
const AT_MOST: Duration = Duration::from_secs(2);

/// Whether something (a seccomp filter) keeps ptrace(2) as a whole from us. Nobody can trace himself:
/// where the kernel gets to see it, PTRACE_CONT of ourselves fails with ESRCH and PTRACE_SEIZE does not
/// (`ptrace_attach`, kernel/ptrace.c: EPERM). A filter gives one answer to both, and be it ESRCH.
#[must_use]
pub fn ptrace_is_filtered() -> bool {
    let own = Tid(std::process::id().cast_signed());
    let continued = ptrace::cont(own, None);
    let seized = || ptrace::seize(own, ALONE);
    continued.is_err_and(|e| !e.is_gone() || seized().is_err_and(|e| e.is_gone()))
}

const ALONE: ptrace::Follow = ptrace::Follow {
    threads: false,
    forks: false,
    filtered: false,
    die_with_us: false,
};

/// PTRACE_SEIZE of a thread by a thread of ours that ends at once and so lets go; returns when it has.
///
/// # Errors
/// What the kernel said.
pub fn seize(tid: Tid) -> Result<(), SysError> {
    let tried = std::thread::spawn(move || {
        let own = Tid(nix::unistd::gettid().as_raw());
        (own, ptrace::seize(tid, ALONE))
    });
    let Ok((tracer, result)) = tried.join() else {
        return Err(SysError::new("PTRACE_SEIZE", tid, nix::errno::Errno::EIO));
    };
    // A thread can be joined a moment before it has let go.
    let end = Instant::now() + AT_MOST;
    while super::procfs::tracer_of(tid) == Some(tracer) && Instant::now() < end {
        std::thread::yield_now();
    }
    result
}

/// Reads a byte of a process's memory at an address that is mapped.
///
/// # Errors
/// EPERM: refused. ESRCH: it is gone, or has no memory that could be read.
pub fn read(pid: Pid, addr: Addr) -> Result<(), Errno> {
    use crate::memory::MemoryErrorKind;
    let read = ProcessMemory::new(pid).read_some(addr, &mut [0]);
    read.map(drop).map_err(|e| match e.kind {
        MemoryErrorKind::Denied => Errno(libc::EPERM),
        _ => Errno(libc::ESRCH),
    })
}

/// Whether process_vm_readv works, on ourselves.
#[must_use]
pub fn has_vm_readv() -> bool {
    use nix::sys::uio::{RemoteIoVec, process_vm_readv};
    let (from, mut to) = ([1u8], [0u8]);
    let remote = [RemoteIoVec {
        base: from.as_ptr() as usize,
        len: 1,
    }];
    let mut local = [std::io::IoSliceMut::new(&mut to)];
    process_vm_readv(nix::unistd::getpid(), &mut local, &remote) == Ok(1)
}

/// Whether PTRACE_GET_SYSCALL_INFO works, on a child made for it; `None`: none could be traced.
#[must_use]
pub fn has_syscall_info() -> Option<bool> {
    let held = spawn::hold(
        Path::new("/proc/self/exe"),
        &[],
        &spawn::Setting::default(),
        None,
    )
    .ok()?;
    let child = held.pid;
    let tried = std::thread::spawn(move || {
        let tid = Tid::from(child);
        seize_and_stop(tid)?;
        Some(match ptrace::syscall_info(tid) {
            Ok(_) => true,
            Err(e) => e.errno.0 != libc::EIO,
        })
    });
    let answer = tried.join().ok().flatten();
    // It ends unexecuted when its gate closes.
    drop(held);
    let _ = wait::child_end(child, &|| {});
    answer
}

/// A stopped tracee of the calling thread.
fn seize_and_stop(tid: Tid) -> Option<()> {
    let follow = ptrace::Follow {
        threads: false,
        forks: false,
        filtered: false,
        die_with_us: false,
    };
    ptrace::seize(tid, follow).ok()?;
    ptrace::interrupt(tid).ok()?;
    let end = Instant::now() + AT_MOST;
    while Instant::now() < end {
        match wait::next(Patience::Poll).ok()? {
            Waited::Stop(stopped, stop) if stopped == tid && !stop.is_end() => return Some(()),
            Waited::Nothing => std::thread::sleep(Duration::from_millis(1)),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_for_tracing_works_when_it_is_tried() {
        assert!(!ptrace_is_filtered());
        assert!(has_vm_readv());
        assert_eq!(has_syscall_info(), Some(true));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let tid = Tid(child.id().cast_signed());
        assert_eq!(seize(tid), Ok(()));
        assert_eq!(super::super::procfs::tracer_of(tid), None, "let go");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seize(tid).unwrap_err().is_gone());
    }
}
