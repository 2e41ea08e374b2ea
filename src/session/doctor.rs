//! Finds out what `gostrace doctor` tells: looks, and tries what can be tried without harm.

use super::preflight;
use crate::ids::{Errno, Pid};
use crate::permission::doctor::{Facts, Kernel, Target, Tried};
use crate::permission::{PermissionFacts, Suitable};
use crate::sys::{SysError, probe, procfs};

/// The facts about us, our kernel and this process.
#[must_use]
pub fn examine(pid: Option<Pid>) -> Facts {
    let target = pid.map(|pid| {
        let suitable = preflight::check(pid);
        let tried = suitable.as_ref().map_or(NOTHING_TRIED, attempt);
        Target { suitable, tried }
    });
    let suitable = target.as_ref().and_then(|t| t.suitable.as_ref().ok());
    let pid = suitable.map_or_else(preflight::own_pid, |s| s.pid);
    let permission = PermissionFacts {
        ptrace_filtered: Some(probe::ptrace_is_filtered()),
        ..preflight::facts(pid, pid.into())
    };
    Facts {
        permission,
        target,
        kernel: kernel(),
    }
}

const NOTHING_TRIED: Tried = Tried {
    seize: Ok(()),
    memory: Ok(()),
    syscall: Ok(()),
    kernel_stack: Ok(()),
};

fn attempt(target: &Suitable) -> Tried {
    let pid = target.pid;
    let proc_file = |name| procfs::read_text(&format!("/proc/{pid}/{name}"));
    let readable = |name| proc_file(name).map(drop).map_err(|e| preflight::errno(&e));
    let memory = procfs::maps(pid)
        .map_err(|e| preflight::errno(&e))
        .and_then(|maps| {
            let first = maps.first().ok_or(Errno(libc::ESRCH))?;
            probe::read(pid, crate::ids::Addr(first.range.start))
        });
    Tried {
        seize: probe::seize(pid.into()).map_err(|e: SysError| e.errno),
        memory,
        syscall: readable("syscall"),
        kernel_stack: readable("stack"),
    }
}

fn kernel() -> Kernel {
    let own = preflight::own_pid();
    Kernel {
        release: procfs::read_text("/proc/sys/kernel/osrelease").unwrap_or_default(),
        syscall_info: probe::has_syscall_info(),
        vm_readv: probe::has_vm_readv(),
        proc_syscall: procfs::syscall(own.into()).is_ok(),
    }
}
