//! Names of processes, threads and their limits (linux/wait.h, linux/sched.h and those named at each table).

use crate::value::Names;

/// wait4 and waitid options, linux/wait.h.
#[rustfmt::skip]
pub static WAIT_OPTIONS: Names = Names { prefix: "W???", entries: &[
    (1, "WNOHANG"),
    (4, "WEXITED"),
    (2, "WSTOPPED"),
    (8, "WCONTINUED"),
    (0x1000000, "WNOWAIT"),
    (0x80000000, "__WCLONE"),
    (0x40000000, "__WALL"),
    (0x20000000, "__WNOTHREAD"),
] };

/// waitid idtype, linux/wait.h.
#[rustfmt::skip]
pub static WAIT_IDS: Names = Names { prefix: "P_???", entries: &[
    (0, "P_ALL"),
    (1, "P_PID"),
    (2, "P_PGID"),
    (3, "P_PIDFD"),
] };

/// Event in a stop status, linux/ptrace.h.
#[rustfmt::skip]
pub static PTRACE_EVENTS: Names = Names { prefix: "PTRACE_EVENT_???", entries: &[
    (1, "PTRACE_EVENT_FORK"),
    (2, "PTRACE_EVENT_VFORK"),
    (3, "PTRACE_EVENT_CLONE"),
    (4, "PTRACE_EVENT_EXEC"),
    (5, "PTRACE_EVENT_VFORK_DONE"),
    (6, "PTRACE_EVENT_EXIT"),
    (7, "PTRACE_EVENT_SECCOMP"),
    (0x80, "PTRACE_EVENT_STOP"),
] };

/// clone and unshare flags, linux/sched.h.
#[rustfmt::skip]
pub static CLONE_FLAGS: Names = Names { prefix: "CLONE_???", entries: &[
    (0x100, "CLONE_VM"),
    (0x200, "CLONE_FS"),
    (0x400, "CLONE_FILES"),
    (0x800, "CLONE_SIGHAND"),
    (0x1000, "CLONE_PIDFD"),
    (0x2000, "CLONE_PTRACE"),
    (0x4000, "CLONE_VFORK"),
    (0x8000, "CLONE_PARENT"),
    (0x10000, "CLONE_THREAD"),
    (0x20000, "CLONE_NEWNS"),
    (0x40000, "CLONE_SYSVSEM"),
    (0x80000, "CLONE_SETTLS"),
    (0x100000, "CLONE_PARENT_SETTID"),
    (0x200000, "CLONE_CHILD_CLEARTID"),
    (0x800000, "CLONE_UNTRACED"),
    (0x1000000, "CLONE_CHILD_SETTID"),
    (0x2000000, "CLONE_NEWCGROUP"),
    (0x4000000, "CLONE_NEWUTS"),
    (0x8000000, "CLONE_NEWIPC"),
    (0x10000000, "CLONE_NEWUSER"),
    (0x20000000, "CLONE_NEWPID"),
    (0x40000000, "CLONE_NEWNET"),
    (0x80000000, "CLONE_IO"),
] };

/// clone_args.flags, linux/sched.h.
#[rustfmt::skip]
pub static CLONE3_FLAGS: Names = Names { prefix: "CLONE_???", entries: &[
    (0x100, "CLONE_VM"),
    (0x200, "CLONE_FS"),
    (0x400, "CLONE_FILES"),
    (0x800, "CLONE_SIGHAND"),
    (0x1000, "CLONE_PIDFD"),
    (0x2000, "CLONE_PTRACE"),
    (0x4000, "CLONE_VFORK"),
    (0x8000, "CLONE_PARENT"),
    (0x10000, "CLONE_THREAD"),
    (0x20000, "CLONE_NEWNS"),
    (0x40000, "CLONE_SYSVSEM"),
    (0x80000, "CLONE_SETTLS"),
    (0x100000, "CLONE_PARENT_SETTID"),
    (0x200000, "CLONE_CHILD_CLEARTID"),
    (0x800000, "CLONE_UNTRACED"),
    (0x1000000, "CLONE_CHILD_SETTID"),
    (0x2000000, "CLONE_NEWCGROUP"),
    (0x4000000, "CLONE_NEWUTS"),
    (0x8000000, "CLONE_NEWIPC"),
    (0x10000000, "CLONE_NEWUSER"),
    (0x20000000, "CLONE_NEWPID"),
    (0x40000000, "CLONE_NEWNET"),
    (0x80000000, "CLONE_IO"),
    (0x80, "CLONE_NEWTIME"),
    (0x100000000, "CLONE_CLEAR_SIGHAND"),
    (0x200000000, "CLONE_INTO_CGROUP"),
] };

/// unshare flags, linux/sched.h.
#[rustfmt::skip]
pub static UNSHARE_FLAGS: Names = Names { prefix: "CLONE_???", entries: &[
    (0x80, "CLONE_NEWTIME"),
    (0x100, "CLONE_VM"),
    (0x200, "CLONE_FS"),
    (0x400, "CLONE_FILES"),
    (0x800, "CLONE_SIGHAND"),
    (0x10000, "CLONE_THREAD"),
    (0x20000, "CLONE_NEWNS"),
    (0x40000, "CLONE_SYSVSEM"),
    (0x2000000, "CLONE_NEWCGROUP"),
    (0x4000000, "CLONE_NEWUTS"),
    (0x8000000, "CLONE_NEWIPC"),
    (0x10000000, "CLONE_NEWUSER"),
    (0x20000000, "CLONE_NEWPID"),
    (0x40000000, "CLONE_NEWNET"),
] };

/// Scheduling policy, linux/sched.h.
#[rustfmt::skip]
pub static SCHEDULERS: Names = Names { prefix: "SCHED_???", entries: &[
    (0, "SCHED_OTHER"),
    (1, "SCHED_FIFO"),
    (2, "SCHED_RR"),
    (3, "SCHED_BATCH"),
    (4, "SCHED_ISO"),
    (5, "SCHED_IDLE"),
    (6, "SCHED_DEADLINE"),
] };

/// sched_attr.sched_flags, linux/sched.h.
#[rustfmt::skip]
pub static SCHED_FLAGS: Names = Names { prefix: "SCHED_FLAG_???", entries: &[
    (1, "SCHED_FLAG_RESET_ON_FORK"),
    (2, "SCHED_FLAG_RECLAIM"),
    (4, "SCHED_FLAG_DL_OVERRUN"),
    (8, "SCHED_FLAG_KEEP_POLICY"),
    (0x10, "SCHED_FLAG_KEEP_PARAMS"),
    (0x20, "SCHED_FLAG_UTIL_CLAMP_MIN"),
    (0x40, "SCHED_FLAG_UTIL_CLAMP_MAX"),
] };

/// Resource of prlimit64, asm-generic/resource.h.
#[rustfmt::skip]
pub static RESOURCES: Names = Names { prefix: "RLIMIT_???", entries: &[
    (0, "RLIMIT_CPU"),
    (1, "RLIMIT_FSIZE"),
    (2, "RLIMIT_DATA"),
    (3, "RLIMIT_STACK"),
    (4, "RLIMIT_CORE"),
    (5, "RLIMIT_RSS"),
    (6, "RLIMIT_NPROC"),
    (7, "RLIMIT_NOFILE"),
    (8, "RLIMIT_MEMLOCK"),
    (9, "RLIMIT_AS"),
    (0xa, "RLIMIT_LOCKS"),
    (0xb, "RLIMIT_SIGPENDING"),
    (0xc, "RLIMIT_MSGQUEUE"),
    (0xd, "RLIMIT_NICE"),
    (0xe, "RLIMIT_RTPRIO"),
    (0xf, "RLIMIT_RTTIME"),
] };

/// getrusage who, linux/resource.h.
#[rustfmt::skip]
pub static RUSAGE_WHO: Names = Names { prefix: "RUSAGE_???", entries: &[
    (0, "RUSAGE_SELF"),
    (0xffffffff, "RUSAGE_CHILDREN"),
    (0xfffffffe, "RUSAGE_BOTH"),
    (1, "RUSAGE_THREAD"),
] };

/// getpriority which, linux/resource.h.
#[rustfmt::skip]
pub static PRIO_WHICH: Names = Names { prefix: "PRIO_???", entries: &[
    (0, "PRIO_PROCESS"),
    (1, "PRIO_PGRP"),
    (2, "PRIO_USER"),
] };

/// prctl option, linux/prctl.h.
#[rustfmt::skip]
pub static PRCTL_OPTIONS: Names = Names { prefix: "PR_???", entries: &[
    (1, "PR_SET_PDEATHSIG"),
    (2, "PR_GET_PDEATHSIG"),
    (3, "PR_GET_DUMPABLE"),
    (4, "PR_SET_DUMPABLE"),
    (5, "PR_GET_UNALIGN"),
    (6, "PR_SET_UNALIGN"),
    (7, "PR_GET_KEEPCAPS"),
    (8, "PR_SET_KEEPCAPS"),
    (9, "PR_GET_FPEMU"),
    (0xa, "PR_SET_FPEMU"),
    (0xb, "PR_GET_FPEXC"),
    (0xc, "PR_SET_FPEXC"),
    (0xd, "PR_GET_TIMING"),
    (0xe, "PR_SET_TIMING"),
    (0xf, "PR_SET_NAME"),
    (0x10, "PR_GET_NAME"),
    (0x13, "PR_GET_ENDIAN"),
    (0x14, "PR_SET_ENDIAN"),
    (0x15, "PR_GET_SECCOMP"),
    (0x16, "PR_SET_SECCOMP"),
    (0x17, "PR_CAPBSET_READ"),
    (0x18, "PR_CAPBSET_DROP"),
    (0x19, "PR_GET_TSC"),
    (0x1a, "PR_SET_TSC"),
    (0x1b, "PR_GET_SECUREBITS"),
    (0x1c, "PR_SET_SECUREBITS"),
    (0x1d, "PR_SET_TIMERSLACK"),
    (0x1e, "PR_GET_TIMERSLACK"),
    (0x1f, "PR_TASK_PERF_EVENTS_DISABLE"),
    (0x20, "PR_TASK_PERF_EVENTS_ENABLE"),
    (0x21, "PR_MCE_KILL"),
    (0x22, "PR_MCE_KILL_GET"),
    (0x23, "PR_SET_MM"),
    (0x24, "PR_SET_CHILD_SUBREAPER"),
    (0x25, "PR_GET_CHILD_SUBREAPER"),
    (0x26, "PR_SET_NO_NEW_PRIVS"),
    (0x27, "PR_GET_NO_NEW_PRIVS"),
    (0x28, "PR_GET_TID_ADDRESS"),
    (0x29, "PR_SET_THP_DISABLE"),
    (0x2a, "PR_GET_THP_DISABLE"),
    (0x2b, "PR_MPX_ENABLE_MANAGEMENT"),
    (0x2c, "PR_MPX_DISABLE_MANAGEMENT"),
    (0x2d, "PR_SET_FP_MODE"),
    (0x2e, "PR_GET_FP_MODE"),
    (0x2f, "PR_CAP_AMBIENT"),
    (0x32, "PR_SVE_SET_VL"),
    (0x33, "PR_SVE_GET_VL"),
    (0x34, "PR_GET_SPECULATION_CTRL"),
    (0x35, "PR_SET_SPECULATION_CTRL"),
    (0x36, "PR_PAC_RESET_KEYS"),
    (0x37, "PR_SET_TAGGED_ADDR_CTRL"),
    (0x38, "PR_GET_TAGGED_ADDR_CTRL"),
    (0x39, "PR_SET_IO_FLUSHER"),
    (0x3a, "PR_GET_IO_FLUSHER"),
    (0x3b, "PR_SET_SYSCALL_USER_DISPATCH"),
    (0x3c, "PR_PAC_SET_ENABLED_KEYS"),
    (0x3d, "PR_PAC_GET_ENABLED_KEYS"),
    (0x3e, "PR_SCHED_CORE"),
    (0x3f, "PR_SME_SET_VL"),
    (0x40, "PR_SME_GET_VL"),
    (0x41, "PR_SET_MDWE"),
    (0x42, "PR_GET_MDWE"),
    (0x43, "PR_SET_MEMORY_MERGE"),
    (0x44, "PR_GET_MEMORY_MERGE"),
    (0x45, "PR_RISCV_V_SET_CONTROL"),
    (0x46, "PR_RISCV_V_GET_CONTROL"),
    (0x47, "PR_RISCV_SET_ICACHE_FLUSH_CTX"),
    (0x48, "PR_PPC_GET_DEXCR"),
    (0x49, "PR_PPC_SET_DEXCR"),
    (0x4a, "PR_GET_SHADOW_STACK_STATUS"),
    (0x4b, "PR_SET_SHADOW_STACK_STATUS"),
    (0x4c, "PR_LOCK_SHADOW_STACK_STATUS"),
    (0x4d, "PR_TIMER_CREATE_RESTORE_IDS"),
    (0x4e, "PR_FUTEX_HASH"),
    (0x41555856, "PR_GET_AUXV"),
    (0x59616d61, "PR_SET_PTRACER"),
    (0x53564d41, "PR_SET_VMA"),
] };

/// arch_prctl code, asm/prctl.h of x86.
#[rustfmt::skip]
pub static ARCH_PRCTL: Names = Names { prefix: "ARCH_???", entries: &[
    (0x1001, "ARCH_SET_GS"),
    (0x1002, "ARCH_SET_FS"),
    (0x1003, "ARCH_GET_FS"),
    (0x1004, "ARCH_GET_GS"),
    (0x1011, "ARCH_GET_CPUID"),
    (0x1012, "ARCH_SET_CPUID"),
    (0x1021, "ARCH_GET_XCOMP_SUPP"),
    (0x1022, "ARCH_GET_XCOMP_PERM"),
    (0x1023, "ARCH_REQ_XCOMP_PERM"),
    (0x1024, "ARCH_GET_XCOMP_GUEST_PERM"),
    (0x1025, "ARCH_REQ_XCOMP_GUEST_PERM"),
    (0x1030, "ARCH_XCOMP_TILECFG"),
    (0x1031, "ARCH_XCOMP_TILEDATA"),
    (0x2001, "ARCH_MAP_VDSO_X32"),
    (0x2002, "ARCH_MAP_VDSO_32"),
    (0x2003, "ARCH_MAP_VDSO_64"),
    (0x4001, "ARCH_GET_UNTAG_MASK"),
    (0x4002, "ARCH_ENABLE_TAGGED_ADDR"),
    (0x4003, "ARCH_GET_MAX_TAG_BITS"),
    (0x4004, "ARCH_FORCE_TAGGED_SVA"),
    (0x5001, "ARCH_SHSTK_ENABLE"),
    (0x5002, "ARCH_SHSTK_DISABLE"),
    (0x5003, "ARCH_SHSTK_LOCK"),
    (0x5004, "ARCH_SHSTK_UNLOCK"),
    (0x5005, "ARCH_SHSTK_STATUS"),
] };

/// membarrier cmd, linux/membarrier.h.
#[rustfmt::skip]
pub static MEMBARRIER_CMDS: Names = Names { prefix: "MEMBARRIER_CMD_???", entries: &[
    (0, "MEMBARRIER_CMD_QUERY"),
    (1, "MEMBARRIER_CMD_GLOBAL"),
    (2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"),
    (4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"),
    (8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"),
    (0x10, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"),
    (0x20, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"),
    (0x40, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"),
    (0x80, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ"),
    (0x100, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ"),
] };

/// membarrier flags, linux/membarrier.h.
#[rustfmt::skip]
pub static MEMBARRIER_FLAGS: Names = Names { prefix: "MEMBARRIER_CMD_FLAG_???", entries: &[
    (1, "MEMBARRIER_CMD_FLAG_CPU"),
] };

/// pidfd_open flags, linux/pidfd.h.
#[rustfmt::skip]
pub static PIDFD_FLAGS: Names = Names { prefix: "PIDFD_???", entries: &[
    (0x800, "PIDFD_NONBLOCK"),
] };

/// kcmp type, linux/kcmp.h.
#[rustfmt::skip]
pub static KCMP_TYPES: Names = Names { prefix: "KCMP_???", entries: &[
    (0, "KCMP_FILE"),
    (1, "KCMP_VM"),
    (2, "KCMP_FILES"),
    (3, "KCMP_FS"),
    (4, "KCMP_SIGHAND"),
    (5, "KCMP_IO"),
    (6, "KCMP_SYSVSEM"),
    (7, "KCMP_EPOLL_TFD"),
] };
