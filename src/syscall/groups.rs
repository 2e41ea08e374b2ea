//! What `%file` and the other groups, and families of a name, hold: data alone.
//!
//! Source of the groups strace has: strace 6.1 itself. A program that issues every call
//! number from 0 to 469 was attached to with `-e inject=all:error=ENOSYS -e
//! inject=%GROUP:error=EXDEV`; the members are the calls that failed with EXDEV. Calls newer
//! than strace 6.1 are added by analogy, in a list of their own ([`NEWER`]). A name that a machine does
//! not have (`open` on aarch64) matches nothing there.

/// Calls that take a file name.
const FILE: &str = "\
    access acct chdir chmod chown chroot creat execve execveat faccessat faccessat2 \
    fanotify_mark fchmodat fchownat fsconfig fspick futimesat getcwd getxattr \
    inotify_add_watch lchown lgetxattr link linkat listxattr llistxattr lremovexattr \
    lsetxattr lstat mkdir mkdirat mknod mknodat mount mount_setattr move_mount \
    name_to_handle_at newfstatat open open_tree openat openat2 pivot_root quotactl \
    readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat statfs \
    statx swapoff swapon symlink symlinkat truncate umount2 unlink unlinkat uselib utime \
    utimensat utimes";

/// Calls that take or return a descriptor.
const DESC: &str = "\
    bpf close copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl \
    epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execveat faccessat faccessat2 \
    fadvise64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchown fchownat \
    fcntl fdatasync fgetxattr finit_module flistxattr flock fremovexattr fsconfig \
    fsetxattr fsmount fsopen fspick fstat fstatfs fsync ftruncate futimesat getdents \
    getdents64 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch \
    io_uring_enter io_uring_register io_uring_setup ioctl kexec_file_load \
    landlock_add_rule landlock_create_ruleset landlock_restrict_self linkat lseek \
    memfd_create memfd_secret mkdirat mknodat mmap mount_setattr move_mount mq_getsetattr \
    mq_notify mq_open mq_timedreceive mq_timedsend name_to_handle_at newfstatat open \
    open_by_handle_at open_tree openat openat2 perf_event_open pidfd_getfd pidfd_open \
    pidfd_send_signal pipe pipe2 poll ppoll pread64 preadv preadv2 process_madvise \
    process_mrelease pselect6 pwrite64 pwritev pwritev2 quotactl_fd read readahead \
    readlinkat readv renameat renameat2 select sendfile setns signalfd signalfd4 splice \
    statx symlinkat sync_file_range syncfs tee timerfd_create timerfd_gettime \
    timerfd_settime unlinkat userfaultfd utimensat vmsplice write writev";

/// Calls about sockets.
const NETWORK: &str = "\
    accept accept4 bind connect getpeername getpmsg getsockname getsockopt listen putpmsg \
    recvfrom recvmmsg recvmsg sendfile sendmmsg sendmsg sendto setsockopt shutdown socket \
    socketpair";

/// Life and death of processes.
const PROCESS: &str = "\
    clone clone3 execve execveat exit exit_group fork kill pidfd_send_signal \
    rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill vfork wait4 waitid";

/// Calls about signals.
const SIGNAL: &str = "\
    io_uring_enter kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask \
    rt_sigqueueinfo rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack signalfd \
    signalfd4 tgkill tkill";

/// System V IPC.
const IPC: &str = "\
    msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget";

/// Memory mapping.
const MEMORY: &str = "\
    brk get_mempolicy io_destroy io_setup io_uring_register madvise mbind migrate_pages \
    mincore mlock mlock2 mlockall mmap move_pages mprotect mremap msync munlock munlockall \
    munmap pkey_mprotect remap_file_pages set_mempolicy set_mempolicy_home_node shmat \
    shmdt";

/// User and group ids, capabilities.
const CREDS: &str = "\
    capget capset getegid geteuid getgid getgroups getresgid getresuid getuid prctl \
    setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid";

/// Reading and setting clocks.
const CLOCK: &str = "\
    adjtimex clock_adjtime clock_getres clock_gettime clock_settime gettimeofday \
    settimeofday time";

/// Calls that always succeed and have no arguments.
const PURE: &str = "\
    getegid geteuid getgid getpgrp getppid gettid getuid";

/// stat.
const STAT: &str = "\
    stat";

/// lstat.
const LSTAT: &str = "\
    lstat";

/// fstat and its variants.
const FSTAT: &str = "\
    fstat newfstatat statx";

/// Everything that asks for the status of a file.
const ANY_STAT: &str = "\
    fstat lstat newfstatat stat statx";

/// statfs.
const STATFS: &str = "\
    statfs";

/// fstatfs.
const FSTATFS: &str = "\
    fstatfs";

/// Everything that asks for the status of a file system.
const ANY_STATFS: &str = "\
    fstatfs statfs ustat";

/// Calls that can make a thread wait: for an event, a peer, a lock, a child, a clock, a disk or
/// a (network) file system. Memory mapping is left out: it waits only for the process itself.
const BLOCKING: &str = "\
    accept accept4 connect recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto read readv \
    pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 splice tee vmsplice \
    sendfile copy_file_range readahead epoll_wait epoll_pwait epoll_pwait2 poll ppoll \
    select pselect6 futex futex_wait futex_wake futex_waitv futex_requeue nanosleep \
    clock_nanosleep pause rt_sigsuspend rt_sigtimedwait wait4 waitid vfork execve execveat \
    io_getevents io_pgetevents io_submit io_uring_enter io_destroy semop semtimedop msgrcv \
    msgsnd mq_timedreceive mq_timedsend mq_open fsync fdatasync sync syncfs \
    sync_file_range msync flock fcntl fallocate ftruncate truncate fadvise64 close \
    close_range dup2 dup3 ioctl shutdown open openat openat2 open_by_handle_at creat \
    name_to_handle_at access faccessat faccessat2 stat lstat fstat newfstatat statx statfs \
    fstatfs ustat getdents getdents64 readlink readlinkat chdir fchdir getcwd mkdir \
    mkdirat mknod mknodat rmdir unlink unlinkat link linkat symlink symlinkat rename \
    renameat renameat2 chmod fchmod fchmodat fchmodat2 chown fchown fchownat lchown utime \
    utimes utimensat futimesat getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr \
    fsetxattr setxattrat listxattr llistxattr flistxattr listxattrat removexattr \
    lremovexattr fremovexattr removexattrat mount umount2 pivot_root swapon swapoff \
    quotactl quotactl_fd mlock mlock2 mlockall getrandom keyctl request_key add_key \
    finit_module init_module delete_module process_vm_readv process_vm_writev ptrace \
    restart_syscall";

/// Members of groups that strace 6.1 does not know yet.
const NEWER: &[(&str, &str)] = &[
    (
        "%file",
        "\
        fchmodat2 setxattrat getxattrat listxattrat removexattrat open_tree_attr \
        file_getattr file_setattr",
    ),
    (
        "%desc",
        "\
        cachestat fchmodat2 setxattrat getxattrat listxattrat removexattrat \
        open_tree_attr file_getattr file_setattr",
    ),
    (
        "%memory",
        "\
        map_shadow_stack mseal",
    ),
];

/// Group names as strace spells them; the bare words are its deprecated spellings.
const GROUPS: &[(&str, &str)] = &[
    ("%file", FILE),
    ("%desc", DESC),
    ("%network", NETWORK),
    ("%process", PROCESS),
    ("%signal", SIGNAL),
    ("%ipc", IPC),
    ("%memory", MEMORY),
    ("%creds", CREDS),
    ("%clock", CLOCK),
    ("%pure", PURE),
    ("%stat", STAT),
    ("%lstat", LSTAT),
    ("%fstat", FSTAT),
    ("%%stat", ANY_STAT),
    ("%statfs", STATFS),
    ("%fstatfs", FSTATFS),
    ("%%statfs", ANY_STATFS),
    ("%net", NETWORK),
    ("%blocking", BLOCKING),
];

/// Bare words that strace still takes for groups (deprecated there).
const BARE: &[&str] = &[
    "file", "process", "network", "signal", "ipc", "desc", "memory",
];

/// Calls that do one job under several names, so that naming one of them means them all: Go
/// calls `epoll_pwait` where the reader thinks of `epoll_wait`.
const FAMILIES: &[&str] = &[
    "epoll_wait epoll_pwait epoll_pwait2",
    "wait4 waitid",
    "accept4 accept",
    "poll ppoll",
    "select pselect6",
    "open openat openat2",
    "futex futex_wait futex_wake futex_waitv futex_requeue",
];

/// Other spellings of a call: glibc's name for it, or another table's.
const ALIASES: &[(&str, &str)] = &[
    ("pread", "pread64"),
    ("pwrite", "pwrite64"),
    ("fstatat", "newfstatat"),
    ("fadvise", "fadvise64"),
    ("posix_fadvise", "fadvise64"),
    ("sendfile64", "sendfile"),
    ("umount", "umount2"),
    ("sigaction", "rt_sigaction"),
    ("sigprocmask", "rt_sigprocmask"),
    ("sigtimedwait", "rt_sigtimedwait"),
    ("sigsuspend", "rt_sigsuspend"),
    ("waitpid", "wait4"),
    ("wait3", "wait4"),
    ("recv", "recvfrom"),
    ("send", "sendto"),
    ("mq_receive", "mq_timedreceive"),
    ("mq_send", "mq_timedsend"),
];

/// Timed calls that the kernel resumes as `restart_syscall` after a stop or a signal
/// (ERESTART_RESTARTBLOCK in kernel/futex, kernel/time, fs/select.c).
pub(super) const RESTARTED: &str = "nanosleep clock_nanosleep poll futex futex_wait futex_waitv";

/// The members of a group (`%file`, or strace's bare `file`); `None`: there is no such group.
pub(super) fn group(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let spelled = match BARE.iter().find(|bare| **bare == name) {
        Some(bare) => format!("%{bare}"),
        None => name.to_owned(),
    };
    let (name, members) = GROUPS.iter().find(|(group, _)| *group == spelled)?;
    let newer = NEWER
        .iter()
        .filter(move |(group, _)| group == name)
        .map(|(_, members)| *members);
    Some(
        std::iter::once(*members)
            .chain(newer)
            .flat_map(str::split_whitespace),
    )
}

/// The names of all groups, for suggestions.
pub(super) fn group_names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(name, _)| *name)
}

/// The family that `name` belongs to, itself included.
pub(super) fn family(name: &str) -> impl Iterator<Item = &str> {
    let family = FAMILIES
        .iter()
        .find(|family| family.split(' ').any(|member| member == name));
    family.map_or(name, |family| *family).split(' ')
}

/// The name that the tables use for `name`.
pub(super) fn canonical(name: &str) -> &str {
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, call)| call)
}
