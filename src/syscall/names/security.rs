//! Names of seccomp, Landlock and keys.

use crate::value::Names;

/// seccomp's operation, linux/seccomp.h.
#[rustfmt::skip]
pub static SECCOMP_OPERATIONS: Names = Names { prefix: "SECCOMP_SET_MODE_???", entries: &[
    (0, "SECCOMP_SET_MODE_STRICT"),
    (1, "SECCOMP_SET_MODE_FILTER"),
    (2, "SECCOMP_GET_ACTION_AVAIL"),
    (3, "SECCOMP_GET_NOTIF_SIZES"),
] };

/// Flags of a seccomp filter, linux/seccomp.h.
#[rustfmt::skip]
pub static SECCOMP_FLAGS: Names = Names { prefix: "SECCOMP_FILTER_FLAG_???", entries: &[
    (1, "SECCOMP_FILTER_FLAG_TSYNC"),
    (2, "SECCOMP_FILTER_FLAG_LOG"),
    (4, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
    (8, "SECCOMP_FILTER_FLAG_NEW_LISTENER"),
    (0x10, "SECCOMP_FILTER_FLAG_TSYNC_ESRCH"),
    (0x20, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
] };

/// What a seccomp filter may decide, linux/seccomp.h.
#[rustfmt::skip]
pub static SECCOMP_ACTIONS: Names = Names { prefix: "SECCOMP_RET_???", entries: &[
    (0x80000000, "SECCOMP_RET_KILL_PROCESS"),
    (0, "SECCOMP_RET_KILL_THREAD"),
    (0x30000, "SECCOMP_RET_TRAP"),
    (0x50000, "SECCOMP_RET_ERRNO"),
    (0x7fc00000, "SECCOMP_RET_USER_NOTIF"),
    (0x7ff00000, "SECCOMP_RET_TRACE"),
    (0x7ffc0000, "SECCOMP_RET_LOG"),
    (0x7fff0000, "SECCOMP_RET_ALLOW"),
] };

/// Flags of landlock_create_ruleset, linux/landlock.h (6.1).
#[rustfmt::skip]
pub static RULESET_FLAGS: Names = Names { prefix: "LANDLOCK_CREATE_RULESET_???", entries: &[
    (1, "LANDLOCK_CREATE_RULESET_VERSION"),
] };

/// What a Landlock rule is about, linux/landlock.h (6.1).
#[rustfmt::skip]
pub static LANDLOCK_RULES: Names = Names { prefix: "LANDLOCK_RULE_???", entries: &[
    (1, "LANDLOCK_RULE_PATH_BENEATH"),
] };

/// What Landlock restricts of files, linux/landlock.h (6.1).
#[rustfmt::skip]
pub static LANDLOCK_FILE_RIGHTS: Names = Names { prefix: "LANDLOCK_ACCESS_FS_???", entries: &[
    (1, "LANDLOCK_ACCESS_FS_EXECUTE"),
    (2, "LANDLOCK_ACCESS_FS_WRITE_FILE"),
    (4, "LANDLOCK_ACCESS_FS_READ_FILE"),
    (8, "LANDLOCK_ACCESS_FS_READ_DIR"),
    (0x10, "LANDLOCK_ACCESS_FS_REMOVE_DIR"),
    (0x20, "LANDLOCK_ACCESS_FS_REMOVE_FILE"),
    (0x40, "LANDLOCK_ACCESS_FS_MAKE_CHAR"),
    (0x80, "LANDLOCK_ACCESS_FS_MAKE_DIR"),
    (0x100, "LANDLOCK_ACCESS_FS_MAKE_REG"),
    (0x200, "LANDLOCK_ACCESS_FS_MAKE_SOCK"),
    (0x400, "LANDLOCK_ACCESS_FS_MAKE_FIFO"),
    (0x800, "LANDLOCK_ACCESS_FS_MAKE_BLOCK"),
    (0x1000, "LANDLOCK_ACCESS_FS_MAKE_SYM"),
    (0x2000, "LANDLOCK_ACCESS_FS_REFER"),
] };

/// Keyrings that a process need not know the number of, linux/keyctl.h.
#[rustfmt::skip]
pub static KEYRINGS: Names = Names { prefix: "", entries: &[
    (0xffffffff, "KEY_SPEC_THREAD_KEYRING"),
    (0xfffffffe, "KEY_SPEC_PROCESS_KEYRING"),
    (0xfffffffd, "KEY_SPEC_SESSION_KEYRING"),
    (0xfffffffc, "KEY_SPEC_USER_KEYRING"),
    (0xfffffffb, "KEY_SPEC_USER_SESSION_KEYRING"),
    (0xfffffffa, "KEY_SPEC_GROUP_KEYRING"),
    (0xfffffff9, "KEY_SPEC_REQKEY_AUTH_KEY"),
    (0xfffffff8, "KEY_SPEC_REQUESTOR_KEYRING"),
] };
