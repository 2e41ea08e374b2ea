//! Names of what prctl, arch_prctl, capget and their like take.

use crate::value::Names;

/// Capabilities, linux/capability.h.
#[rustfmt::skip]
pub static CAPABILITIES: Names = Names { prefix: "CAP_???", entries: &[
    (0, "CAP_CHOWN"),
    (1, "CAP_DAC_OVERRIDE"),
    (2, "CAP_DAC_READ_SEARCH"),
    (3, "CAP_FOWNER"),
    (4, "CAP_FSETID"),
    (5, "CAP_KILL"),
    (6, "CAP_SETGID"),
    (7, "CAP_SETUID"),
    (8, "CAP_SETPCAP"),
    (9, "CAP_LINUX_IMMUTABLE"),
    (0xa, "CAP_NET_BIND_SERVICE"),
    (0xb, "CAP_NET_BROADCAST"),
    (0xc, "CAP_NET_ADMIN"),
    (0xd, "CAP_NET_RAW"),
    (0xe, "CAP_IPC_LOCK"),
    (0xf, "CAP_IPC_OWNER"),
    (0x10, "CAP_SYS_MODULE"),
    (0x11, "CAP_SYS_RAWIO"),
    (0x12, "CAP_SYS_CHROOT"),
    (0x13, "CAP_SYS_PTRACE"),
    (0x14, "CAP_SYS_PACCT"),
    (0x15, "CAP_SYS_ADMIN"),
    (0x16, "CAP_SYS_BOOT"),
    (0x17, "CAP_SYS_NICE"),
    (0x18, "CAP_SYS_RESOURCE"),
    (0x19, "CAP_SYS_TIME"),
    (0x1a, "CAP_SYS_TTY_CONFIG"),
    (0x1b, "CAP_MKNOD"),
    (0x1c, "CAP_LEASE"),
    (0x1d, "CAP_AUDIT_WRITE"),
    (0x1e, "CAP_AUDIT_CONTROL"),
    (0x1f, "CAP_SETFCAP"),
    (0x20, "CAP_MAC_OVERRIDE"),
    (0x21, "CAP_MAC_ADMIN"),
    (0x22, "CAP_SYSLOG"),
    (0x23, "CAP_WAKE_ALARM"),
    (0x24, "CAP_BLOCK_SUSPEND"),
    (0x25, "CAP_AUDIT_READ"),
    (0x26, "CAP_PERFMON"),
    (0x27, "CAP_BPF"),
    (0x28, "CAP_CHECKPOINT_RESTORE"),
] };

/// Version of capget's header, linux/capability.h.
#[rustfmt::skip]
pub static CAPABILITY_VERSIONS: Names = Names { prefix: "_LINUX_CAPABILITY_VERSION_???", entries: &[
    (0x19980330, "_LINUX_CAPABILITY_VERSION_1"),
    (0x20071026, "_LINUX_CAPABILITY_VERSION_2"),
    (0x20080522, "_LINUX_CAPABILITY_VERSION_3"),
] };

/// PR_SET_DUMPABLE, linux/sched/coredump.h of the kernel.
#[rustfmt::skip]
pub static SUID_DUMP: Names = Names { prefix: "SUID_DUMP_???", entries: &[
    (0, "SUID_DUMP_DISABLE"),
    (1, "SUID_DUMP_USER"),
    (2, "SUID_DUMP_ROOT"),
] };

/// PR_SET_UNALIGN, linux/prctl.h.
#[rustfmt::skip]
pub static UNALIGN_FLAGS: Names = Names { prefix: "PR_UNALIGN_???", entries: &[
    (1, "PR_UNALIGN_NOPRINT"),
    (2, "PR_UNALIGN_SIGBUS"),
] };

/// PR_SET_TSC, linux/prctl.h.
#[rustfmt::skip]
pub static TSC_MODES: Names = Names { prefix: "PR_TSC_???", entries: &[
    (1, "PR_TSC_ENABLE"),
    (2, "PR_TSC_SIGSEGV"),
] };

/// PR_SET_SECUREBITS, linux/securebits.h.
#[rustfmt::skip]
pub static SECUREBITS: Names = Names { prefix: "SECBIT_???", entries: &[
    (1, "SECBIT_NOROOT"),
    (2, "SECBIT_NOROOT_LOCKED"),
    (4, "SECBIT_NO_SETUID_FIXUP"),
    (8, "SECBIT_NO_SETUID_FIXUP_LOCKED"),
    (0x10, "SECBIT_KEEP_CAPS"),
    (0x20, "SECBIT_KEEP_CAPS_LOCKED"),
    (0x40, "SECBIT_NO_CAP_AMBIENT_RAISE"),
    (0x80, "SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED"),
    (0x100, "SECBIT_EXEC_RESTRICT_FILE"),
    (0x200, "SECBIT_EXEC_RESTRICT_FILE_LOCKED"),
    (0x400, "SECBIT_EXEC_DENY_INTERACTIVE"),
    (0x800, "SECBIT_EXEC_DENY_INTERACTIVE_LOCKED"),
] };

/// PR_MCE_KILL, linux/prctl.h.
#[rustfmt::skip]
pub static MCE_KILL: Names = Names { prefix: "PR_MCE_KILL_???", entries: &[
    (0, "PR_MCE_KILL_CLEAR"),
    (1, "PR_MCE_KILL_SET"),
] };

/// PR_MCE_KILL_SET, linux/prctl.h.
#[rustfmt::skip]
pub static MCE_KILL_POLICY: Names = Names { prefix: "PR_MCE_KILL_???", entries: &[
    (0, "PR_MCE_KILL_LATE"),
    (1, "PR_MCE_KILL_EARLY"),
    (2, "PR_MCE_KILL_DEFAULT"),
] };

/// PR_SET_MM, linux/prctl.h.
#[rustfmt::skip]
pub static SET_MM: Names = Names { prefix: "PR_SET_MM_???", entries: &[
    (1, "PR_SET_MM_START_CODE"),
    (2, "PR_SET_MM_END_CODE"),
    (3, "PR_SET_MM_START_DATA"),
    (4, "PR_SET_MM_END_DATA"),
    (5, "PR_SET_MM_START_STACK"),
    (6, "PR_SET_MM_START_BRK"),
    (7, "PR_SET_MM_BRK"),
    (8, "PR_SET_MM_ARG_START"),
    (9, "PR_SET_MM_ARG_END"),
    (0xa, "PR_SET_MM_ENV_START"),
    (0xb, "PR_SET_MM_ENV_END"),
    (0xc, "PR_SET_MM_AUXV"),
    (0xd, "PR_SET_MM_EXE_FILE"),
    (0xe, "PR_SET_MM_MAP"),
    (0xf, "PR_SET_MM_MAP_SIZE"),
] };

/// PR_SET_FP_MODE, linux/prctl.h.
#[rustfmt::skip]
pub static FP_MODES: Names = Names { prefix: "PR_FP_MODE_???", entries: &[
    (1, "PR_FP_MODE_FR"),
    (2, "PR_FP_MODE_FRE"),
] };

/// PR_CAP_AMBIENT, linux/prctl.h.
#[rustfmt::skip]
pub static CAP_AMBIENT: Names = Names { prefix: "PR_CAP_AMBIENT_???", entries: &[
    (1, "PR_CAP_AMBIENT_IS_SET"),
    (2, "PR_CAP_AMBIENT_RAISE"),
    (3, "PR_CAP_AMBIENT_LOWER"),
    (4, "PR_CAP_AMBIENT_CLEAR_ALL"),
] };

/// PR_GET_SPECULATION_CTRL, linux/prctl.h.
#[rustfmt::skip]
pub static SPECULATIONS: Names = Names { prefix: "PR_SPEC_???", entries: &[
    (0, "PR_SPEC_STORE_BYPASS"),
    (1, "PR_SPEC_INDIRECT_BRANCH"),
    (2, "PR_SPEC_L1D_FLUSH"),
] };

/// What PR_GET_SPECULATION_CTRL returns, linux/prctl.h.
#[rustfmt::skip]
pub static SPECULATION_STATES: Names = Names { prefix: "PR_SPEC_???", entries: &[
    (1, "PR_SPEC_PRCTL"),
    (2, "PR_SPEC_ENABLE"),
    (4, "PR_SPEC_DISABLE"),
    (8, "PR_SPEC_FORCE_DISABLE"),
    (0x10, "PR_SPEC_DISABLE_NOEXEC"),
] };

/// PR_PAC_RESET_KEYS, linux/prctl.h.
#[rustfmt::skip]
pub static PAC_KEYS: Names = Names { prefix: "PR_PAC_???", entries: &[
    (1, "PR_PAC_APIAKEY"),
    (2, "PR_PAC_APIBKEY"),
    (4, "PR_PAC_APDAKEY"),
    (8, "PR_PAC_APDBKEY"),
    (0x10, "PR_PAC_APGAKEY"),
] };

/// Those of them that can be switched, linux/prctl.h.
#[rustfmt::skip]
pub static PAC_ENABLED_KEYS: Names = Names { prefix: "PR_PAC_???", entries: &[
    (1, "PR_PAC_APIAKEY"),
    (2, "PR_PAC_APIBKEY"),
    (4, "PR_PAC_APDAKEY"),
    (8, "PR_PAC_APDBKEY"),
] };

/// PR_SET_SYSCALL_USER_DISPATCH, linux/prctl.h.
#[rustfmt::skip]
pub static SYSCALL_DISPATCH: Names = Names { prefix: "PR_SYS_DISPATCH_???", entries: &[
    (0, "PR_SYS_DISPATCH_OFF"),
    (1, "PR_SYS_DISPATCH_ON"),
] };

/// PR_SCHED_CORE, linux/prctl.h.
#[rustfmt::skip]
pub static SCHED_CORE: Names = Names { prefix: "PR_SCHED_CORE_???", entries: &[
    (0, "PR_SCHED_CORE_GET"),
    (1, "PR_SCHED_CORE_CREATE"),
    (2, "PR_SCHED_CORE_SHARE_TO"),
    (3, "PR_SCHED_CORE_SHARE_FROM"),
] };

/// PR_SCHED_CORE's scope, linux/pid.h of the kernel.
#[rustfmt::skip]
pub static PID_TYPES: Names = Names { prefix: "PIDTYPE_???", entries: &[
    (0, "PIDTYPE_PID"),
    (1, "PIDTYPE_TGID"),
    (2, "PIDTYPE_PGID"),
    (3, "PIDTYPE_SID"),
] };

/// PR_SET_SECCOMP, linux/seccomp.h.
#[rustfmt::skip]
pub static SECCOMP_MODES: Names = Names { prefix: "SECCOMP_MODE_???", entries: &[
    (0, "SECCOMP_MODE_DISABLED"),
    (1, "SECCOMP_MODE_STRICT"),
    (2, "SECCOMP_MODE_FILTER"),
] };

/// PR_SET_VMA, linux/prctl.h.
#[rustfmt::skip]
pub static SET_VMA: Names = Names { prefix: "PR_SET_VMA_???", entries: &[
    (0, "PR_SET_VMA_ANON_NAME"),
] };

/// PR_SET_MDWE, linux/prctl.h.
#[rustfmt::skip]
pub static MDWE_FLAGS: Names = Names { prefix: "PR_MDWE_???", entries: &[
    (1, "PR_MDWE_REFUSE_EXEC_GAIN"),
    (2, "PR_MDWE_NO_INHERIT"),
] };

/// PR_SVE_SET_VL, linux/prctl.h.
#[rustfmt::skip]
pub static VECTOR_FLAGS: Names = Names { prefix: "", entries: &[
    (0x40000, "PR_SVE_SET_VL_ONEXEC"),
    (0x20000, "PR_SVE_VL_INHERIT"),
] };

/// PR_SME_SET_VL, linux/prctl.h.
#[rustfmt::skip]
pub static SME_FLAGS: Names = Names { prefix: "", entries: &[
    (0x40000, "PR_SME_SET_VL_ONEXEC"),
    (0x20000, "PR_SME_VL_INHERIT"),
] };

/// Features of ARCH_REQ_XCOMP_PERM, asm/fpu/types.h of the kernel.
#[rustfmt::skip]
pub static XFEATURES: Names = Names { prefix: "XFEATURE_???", entries: &[
    (0, "XFEATURE_FP"),
    (1, "XFEATURE_SSE"),
    (2, "XFEATURE_YMM"),
    (3, "XFEATURE_BNDREGS"),
    (4, "XFEATURE_BNDCSR"),
    (5, "XFEATURE_OPMASK"),
    (6, "XFEATURE_ZMM_Hi256"),
    (7, "XFEATURE_Hi16_ZMM"),
    (8, "XFEATURE_PT_UNIMPLEMENTED_SO_FAR"),
    (9, "XFEATURE_PKRU"),
    (0xa, "XFEATURE_PASID"),
    (0xf, "XFEATURE_LBR"),
    (0x11, "XFEATURE_XTILE_CFG"),
    (0x12, "XFEATURE_XTILE_DATA"),
] };

/// Sets of those, asm/fpu/types.h of the kernel.
#[rustfmt::skip]
pub static XFEATURE_MASKS: Names = Names { prefix: "XFEATURE_MASK_???", entries: &[
    (3, "XFEATURE_MASK_FPSSE"),
    (1, "XFEATURE_MASK_FP"),
    (2, "XFEATURE_MASK_SSE"),
    (4, "XFEATURE_MASK_YMM"),
    (8, "XFEATURE_MASK_BNDREGS"),
    (0x10, "XFEATURE_MASK_BNDCSR"),
    (0xe0, "XFEATURE_MASK_AVX512"),
    (0x20, "XFEATURE_MASK_OPMASK"),
    (0x40, "XFEATURE_MASK_ZMM_Hi256"),
    (0x80, "XFEATURE_MASK_Hi16_ZMM"),
    (0x100, "XFEATURE_MASK_PT"),
    (0x200, "XFEATURE_MASK_PKRU"),
    (0x400, "XFEATURE_MASK_PASID"),
    (0x8000, "XFEATURE_MASK_LBR"),
    (0x60000, "XFEATURE_MASK_XTILE"),
    (0x20000, "XFEATURE_MASK_XTILE_CFG"),
    (0x40000, "XFEATURE_MASK_XTILE_DATA"),
] };

/// setns nstype, linux/sched.h.
#[rustfmt::skip]
pub static SETNS_TYPES: Names = Names { prefix: "CLONE_NEW???", entries: &[
    (0x80, "CLONE_NEWTIME"),
    (0x20000, "CLONE_NEWNS"),
    (0x2000000, "CLONE_NEWCGROUP"),
    (0x4000000, "CLONE_NEWUTS"),
    (0x8000000, "CLONE_NEWIPC"),
    (0x10000000, "CLONE_NEWUSER"),
    (0x20000000, "CLONE_NEWPID"),
    (0x40000000, "CLONE_NEWNET"),
] };

/// ioprio_get which, linux/ioprio.h.
#[rustfmt::skip]
pub static IOPRIO_WHO: Names = Names { prefix: "IOPRIO_WHO_???", entries: &[
    (1, "IOPRIO_WHO_PROCESS"),
    (2, "IOPRIO_WHO_PGRP"),
    (3, "IOPRIO_WHO_USER"),
] };

/// Class of an I/O priority, linux/ioprio.h.
#[rustfmt::skip]
pub static IOPRIO_CLASSES: Names = Names { prefix: "IOPRIO_CLASS_???", entries: &[
    (0, "IOPRIO_CLASS_NONE"),
    (1, "IOPRIO_CLASS_RT"),
    (2, "IOPRIO_CLASS_BE"),
    (3, "IOPRIO_CLASS_IDLE"),
] };

/// The type part of a personality, linux/personality.h.
#[rustfmt::skip]
pub static PERSONALITIES: Names = Names { prefix: "PER_???", entries: &[
    (0, "PER_LINUX"),
    (0x4100001, "PER_SVR4"),
    (0x5000002, "PER_SVR3"),
    (0x7000003, "PER_SCOSVR3"),
    (0x6000003, "PER_OSR5"),
    (0x5000004, "PER_WYSEV386"),
    (0x4000005, "PER_ISCR4"),
    (6, "PER_BSD"),
    (0x4000006, "PER_SUNOS"),
    (0x5000007, "PER_XENIX"),
    (8, "PER_LINUX32"),
    (0x8000008, "PER_LINUX32_3GB"),
    (0x4000009, "PER_IRIX32"),
    (0x400000a, "PER_IRIXN32"),
    (0x400000b, "PER_IRIX64"),
    (0xc, "PER_RISCOS"),
    (0x400000d, "PER_SOLARIS"),
    (0x410000e, "PER_UW7"),
    (0xf, "PER_OSF4"),
    (0x10, "PER_HPUX"),
] };

/// The flags of a personality, linux/personality.h.
#[rustfmt::skip]
pub static PERSONALITY_FLAGS: Names = Names { prefix: "", entries: &[
    (0x20000, "UNAME26"),
    (0x40000, "ADDR_NO_RANDOMIZE"),
    (0x80000, "FDPIC_FUNCPTRS"),
    (0x100000, "MMAP_PAGE_ZERO"),
    (0x200000, "ADDR_COMPAT_LAYOUT"),
    (0x400000, "READ_IMPLIES_EXEC"),
    (0x800000, "ADDR_LIMIT_32BIT"),
    (0x1000000, "SHORT_INODE"),
    (0x2000000, "WHOLE_SECONDS"),
    (0x4000000, "STICKY_TIMEOUTS"),
    (0x8000000, "ADDR_LIMIT_3GB"),
] };
