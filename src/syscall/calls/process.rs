//! Processes and threads.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::identity::*;
use crate::syscall::kinds::io::{path, uint};
use crate::syscall::kinds::process::*;
use crate::syscall::kinds::signal::siginfo;
use crate::syscall::kinds::time::timespec;
use crate::syscall::names::prctl::*;
use crate::syscall::names::process::*;
use crate::value::Value;

calls! {
    wait4(pid: Pid, wstatus: Out(wait_status), options: Flags(&WAIT_OPTIONS),
        rusage: Out(wait_rusage)) -> Pid;
    waitid(idtype: Const(&WAIT_IDS), id: In(waitid_id), infop: Out(siginfo),
        options: Flags(&WAIT_OPTIONS), rusage: Out(rusage));
    clone(..) = clone_params -> Pid;
    clone3(cl_args: Behind(clone_args, clone_args_after), size: Ulong) -> Pid;
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
    unshare(flags: Flags64(&UNSHARE_FLAGS));
    setns(fd: Fd, nstype: Flags(&SETNS_TYPES));
    pidfd_open(pid: Pid, flags: Flags(&PIDFD_FLAGS)) -> Fd;
    pidfd_getfd(pidfd: Fd, targetfd: Int, flags: Hex32) -> Fd;

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
    rseq(rseq: Hex, rseq_len: Hex, flags: Hex, sig: Hex);
    membarrier(..) = membarrier_params -> Hex, asides membarrier_asides;
    getcpu(cpu: Out(uint), node: Out(uint), tcache: Ptr);
    setfsuid(uid: Uid);
    setfsgid(gid: Uid);
    getgroups(size: Int, list: Out(groups_returned));
    setgroups(size: Int, list: In(groups_given));
    capget(hdrp: In(capability_header), datap: Out(capabilities));
    capset(hdrp: In(capability_header), datap: In(capabilities));
    kcmp(..) = kcmp_params;
    uname(buf: Out(utsname));
    sysinfo(info: Out(sysinfo));
    sethostname(name: In(name_of_length), len: Uint);
    setdomainname(name: In(name_of_length), len: Uint);
    personality(persona: In(personality)) -> Hex, asides personality_before;
    process_vm_readv(pid: Pid, local_iov: Exit(vectors_read), liovcnt: Ulong,
        remote_iov: In(vectors_remote), riovcnt: Ulong, flags: Ulong);
    process_vm_writev(pid: Pid, local_iov: In(vectors_local), liovcnt: Ulong,
        remote_iov: In(vectors_remote), riovcnt: Ulong, flags: Ulong);
    ioprio_get(which: Const(&IOPRIO_WHO), who: In(ioprio_who)), asides ioprio_returned;
    ioprio_set(which: Const(&IOPRIO_WHO), who: In(ioprio_who), ioprio: In(ioprio));
    sched_yield();
    sched_getscheduler(pid: Pid), asides scheduler;
    sched_setscheduler(pid: Pid, policy: Const(&SCHEDULERS), param: In(sched_param));
    sched_getparam(pid: Pid, param: Out(sched_param));
    sched_setparam(pid: Pid, param: In(sched_param));
    sched_getattr(pid: Pid, attr: Out(sched_attr_got), size: Uint, flags: Uint);
    sched_setattr(pid: Pid, attr: Behind(sched_attr_set, sched_attr_after), flags: Uint);
    sched_getaffinity(pid: Pid, cpusetsize: Uint, mask: Out(cpus_returned));
    sched_setaffinity(pid: Pid, cpusetsize: Uint, mask: In(cpus_given));
    sched_get_priority_max(policy: Const(&SCHEDULERS));
    sched_get_priority_min(policy: Const(&SCHEDULERS));
    sched_rr_get_interval(pid: Pid, tp: Out(timespec));
}

fn clone_params(cx: &Cx<'_>) -> &'static [Param] {
    // CLONE_PARENT_SETTID or CLONE_PIDFD; CLONE_SETTLS; CLONE_CHILD_SETTID or _CLEARTID.
    let flags = cx.arg(0);
    let parent = flags & 0x0010_1000 != 0;
    let tls = flags & 0x0008_0000 != 0;
    let child = flags & 0x0120_0000 != 0;
    // strace shows the thread pointer before the word, whatever registers they are in.
    match (parent, tls, child) {
        (false, false, false) => list!(stack: In(clone_stack), flags: In(clone_flags)),
        (true, false, false) => {
            list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged), ptid: Exit(clone_parent))
        }
        (false, true, false) => {
            list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged), ptid: Skip, tls: In(clone_tls))
        }
        (true, true, false) => list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged),
            ptid: Exit(clone_parent), tls: In(clone_tls)),
        (false, false, true) => {
            list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged), ptid: Skip, ctid: In(clone_child))
        }
        (true, false, true) => list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged),
            ptid: Exit(clone_parent), ctid: In(clone_child)),
        (false, true, true) => {
            list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged), ptid: Skip,
            tls: In(clone_tls), ctid: In(clone_child))
        }
        (true, true, true) => list!(stack: In(clone_stack), flags: Behind(clone_flags, unchanged),
            ptid: Exit(clone_parent), tls: In(clone_tls), ctid: In(clone_child)),
    }
}

/// What follows clone's flags is shown when it has ended.
fn unchanged(_: &Cx<'_>, _: u64, entry: Value) -> Value {
    entry
}

/// kcmp's last two, by its type.
fn kcmp_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(2) as u32 {
        0 => list!(pid1: Pid, pid2: Pid, ty: Const(&KCMP_TYPES), idx1: In(fd_of_another),
            idx2: In(fd_of_another)),
        1..=6 => list!(pid1: Pid, pid2: Pid, ty: Const(&KCMP_TYPES)),
        7 => list!(pid1: Pid, pid2: Pid, ty: Const(&KCMP_TYPES), idx1: In(fd_of_another),
            idx2: In(epoll_slot)),
        _ => list!(pid1: Pid, pid2: Pid, ty: Const(&KCMP_TYPES), idx1: Hex, idx2: Hex),
    }
}

/// The I/O priority that ioprio_get returns.
fn ioprio_returned(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) => vec![("", ioprio(cx, n as u64))],
        None => Vec::new(),
    }
}

/// The personality that there was before.
fn personality_before(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) => match personality_of(n as u64) {
            // In the style of -X, unlike what other calls return.
            kind @ Value::Const(..) => vec![("", Value::All(vec![kind]))],
            all => vec![("", all)],
        },
        None => Vec::new(),
    }
}

fn membarrier_params(cx: &Cx<'_>) -> &'static [Param] {
    // MEMBARRIER_CMD_FLAG_CPU makes the last one count.
    match cx.arg(1) & 1 {
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
