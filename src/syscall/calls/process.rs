//! Processes and threads.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::io::{path, string, uint};
use crate::syscall::kinds::process::*;
use crate::syscall::kinds::signal::siginfo;
use crate::syscall::kinds::time::timespec;
use crate::syscall::names::process::*;
use crate::value::Value;

calls! {
    wait4(pid: Pid, wstatus: Out(wait_status), options: Flags(&WAIT_OPTIONS),
        rusage: Out(wait_rusage)) -> Pid;
    waitid(idtype: Const(&WAIT_IDS), id: In(waitid_id), infop: Out(siginfo),
        options: Flags(&WAIT_OPTIONS), rusage: Out(rusage));
    clone(..) = clone_params -> Pid;
    clone3(cl_args: InOut(clone_args, clone_args_after), size: Ulong) -> Pid;
    fork() -> Pid;
    vfork() -> Pid;
    execve(pathname: Early(path), argv: Early(argument_list), envp: Early(environment));
    execveat(dirfd: DirFd, pathname: Early(path), argv: Early(argument_list),
        envp: Early(environment), flags: Flags(&crate::syscall::names::file::AT_FLAGS));
    exit(status: Int) -> None;
    exit_group(status: Int) -> None;
    restart_syscall();
    getpid() -> Pid;
    getppid() -> Pid;
    gettid() -> Pid;
    getuid();
    geteuid();
    getgid();
    getegid();
    getpgrp() -> Pid;
    getpgid(pid: Pid) -> Pid;
    getsid(pid: Pid) -> Pid;
    setpgid(pid: Pid, pgid: Pid);
    setsid() -> Pid;
    setuid(uid: Uid);
    setgid(gid: Uid);
    setreuid(ruid: Uid, euid: Uid);
    setregid(rgid: Uid, egid: Uid);
    setresuid(ruid: Uid, euid: Uid, suid: Uid);
    setresgid(rgid: Uid, egid: Uid, sgid: Uid);
    getresuid(ruid: Out(uint), euid: Out(uint), suid: Out(uint));
    getresgid(rgid: Out(uint), egid: Out(uint), sgid: Out(uint));
    unshare(flags: Flags(&UNSHARE_FLAGS));
    setns(fd: Fd, nstype: Flags(&UNSHARE_FLAGS));
    pidfd_open(pid: Pid, flags: Flags(&PIDFD_FLAGS)) -> Fd;
    pidfd_getfd(pidfd: Fd, targetfd: Int, flags: Hex32) -> Fd;
    prctl(..) = prctl_params;
    arch_prctl(..) = arch_prctl_params;
    prlimit64(pid: Pid, resource: Const(&RESOURCES), new_limit: Early(rlimit),
        old_limit: Out(rlimit));
    getrlimit(resource: Const(&RESOURCES), rlim: Out(rlimit));
    setrlimit(resource: Const(&RESOURCES), rlim: In(rlimit));
    getrusage(who: Const(&RUSAGE_WHO), usage: Out(rusage));
    getpriority(which: Const(&PRIO_WHICH), who: Int);
    setpriority(which: Const(&PRIO_WHICH), who: Int, prio: Int);
    set_robust_list(head: Ptr, len: Ulong);
    get_robust_list(pid: Pid, head_ptr: Out(pointer), len_ptr: Out(size));
    set_tid_address(tidptr: Hex) -> Pid;
    rseq(rseq: Hex, rseq_len: Hex32, flags: Hex32, sig: Hex32);
    membarrier(..) = membarrier_params -> Hex, asides membarrier_asides;
    getcpu(cpu: Out(uint), node: Out(uint), tcache: Ptr);
    sched_yield();
    sched_getscheduler(pid: Pid), asides scheduler;
    sched_setscheduler(pid: Pid, policy: Const(&SCHEDULERS), param: In(sched_param));
    sched_getparam(pid: Pid, param: Out(sched_param));
    sched_setparam(pid: Pid, param: In(sched_param));
    sched_getattr(pid: Pid, attr: Out(sched_attr), size: Uint, flags: Uint);
    sched_setattr(pid: Pid, attr: In(sched_attr), flags: Uint);
    sched_getaffinity(pid: Pid, cpusetsize: Ulong, mask: Out(cpus_returned));
    sched_setaffinity(pid: Pid, cpusetsize: Ulong, mask: In(cpus_given));
    sched_get_priority_max(policy: Const(&SCHEDULERS));
    sched_get_priority_min(policy: Const(&SCHEDULERS));
    sched_rr_get_interval(pid: Pid, tp: Out(timespec));
}

/// The kernel takes the last two in another order on arm64 (CONFIG_CLONE_BACKWARDS).
fn clone_params(cx: &Cx<'_>) -> &'static [Param] {
    // CLONE_PARENT_SETTID or CLONE_PIDFD; CLONE_SETTLS; CLONE_CHILD_SETTID or _CLEARTID.
    let flags = cx.arg(0);
    let parent = flags & 0x0010_1000 != 0;
    let tls = flags & 0x0008_0000 != 0;
    let child = flags & 0x0120_0000 != 0;
    macro_rules! forms {
        ($fourth:ident $fifth:ident, $four:expr, $five:expr) => {
            match (parent, $four, $five) {
                (false, false, false) => list!(stack: In(clone_stack), flags: In(clone_flags)),
                (true, false, false) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Exit(clone_parent)),
                (false, true, false) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Skip, arg4: In($fourth)),
                (true, true, false) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Exit(clone_parent), arg4: In($fourth)),
                (false, false, true) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Skip, arg4: Skip, arg5: In($fifth)),
                (true, false, true) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Exit(clone_parent), arg4: Skip, arg5: In($fifth)),
                (false, true, true) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Skip, arg4: In($fourth), arg5: In($fifth)),
                (true, true, true) => list!(stack: In(clone_stack), flags: In(clone_flags), ptid: Exit(clone_parent), arg4: In($fourth), arg5: In($fifth)),
            }
        };
    }
    match cx.is_aarch64() {
        true => forms!(clone_tls clone_child, tls, child),
        false => forms!(clone_child clone_tls, child, tls),
    }
}

fn prctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(0) as u32 {
        // The PR_GET_ ones that only return a value.
        3 | 7 | 21 | 27 | 30 | 31 | 32 => list!(option: Const(&PRCTL_OPTIONS)),
        1 => list!(option: Const(&PRCTL_OPTIONS), arg2: Signal),
        2 => list!(option: Const(&PRCTL_OPTIONS), arg2: Out(signal_pointee)),
        15 => list!(option: Const(&PRCTL_OPTIONS), arg2: In(string)),
        16 => list!(option: Const(&PRCTL_OPTIONS), arg2: Out(string)),
        8 | 28 | 29 | 36 => list!(option: Const(&PRCTL_OPTIONS), arg2: Ulong),
        4 => list!(option: Const(&PRCTL_OPTIONS), arg2: In(dumpable)),
        38 | 41 => {
            list!(option: Const(&PRCTL_OPTIONS), arg2: Ulong, arg3: Ulong, arg4: Ulong, arg5: Ulong)
        }
        0x5356_4d41 => {
            list!(option: Const(&PRCTL_OPTIONS), arg2: In(vma_option), arg3: Ptr, arg4: Ulong, arg5: In(string))
        }
        _ => list!(option: Const(&PRCTL_OPTIONS), arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex),
    }
}

/// PR_SET_DUMPABLE's values (linux/sched/coredump.h).
fn dumpable(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw {
        0 => Value::Symbol("SUID_DUMP_DISABLE"),
        1 => Value::Symbol("SUID_DUMP_USER"),
        2 => Value::Symbol("SUID_DUMP_ROOT"),
        n => Value::Hex(n),
    }
}

fn vma_option(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw {
        0 => Value::Symbol("PR_SET_VMA_ANON_NAME"),
        n => Value::Hex(n),
    }
}

fn arch_prctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(0) as u32 {
        // ARCH_GET_FS, ARCH_GET_GS.
        0x1003 | 0x1004 => list!(code: Const(&ARCH_PRCTL), addr: Out(pointer)),
        // ARCH_SET_GS, ARCH_SET_FS.
        0x1001 | 0x1002 => list!(code: Const(&ARCH_PRCTL), addr: Ptr),
        0x1011 => list!(code: Const(&ARCH_PRCTL)),
        _ => list!(code: Const(&ARCH_PRCTL), addr: Hex),
    }
}

fn membarrier_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        0 => list!(cmd: Const(&MEMBARRIER_CMDS), flags: Flags(&MEMBARRIER_FLAGS)),
        _ => list!(cmd: Const(&MEMBARRIER_CMDS), flags: Flags(&MEMBARRIER_FLAGS), cpu_id: Int),
    }
}

fn membarrier_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match (cx.arg(0) as u32, cx.count()) {
        (0, n) if n > 0 => vec![("", Value::Flags(n, &MEMBARRIER_CMDS))],
        _ => Vec::new(),
    }
}

fn scheduler(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) => vec![("", Value::Const(n as u64, &SCHEDULERS))],
        None => Vec::new(),
    }
}
