//! Names of futex operations (linux/futex.h).

use crate::value::Names;

/// futex op with its flags.
#[rustfmt::skip]
pub static FUTEX_OPS: Names = Names { prefix: "FUTEX_???", entries: &[
    (0, "FUTEX_WAIT"),
    (1, "FUTEX_WAKE"),
    (2, "FUTEX_FD"),
    (3, "FUTEX_REQUEUE"),
    (4, "FUTEX_CMP_REQUEUE"),
    (5, "FUTEX_WAKE_OP"),
    (6, "FUTEX_LOCK_PI"),
    (7, "FUTEX_UNLOCK_PI"),
    (8, "FUTEX_TRYLOCK_PI"),
    (9, "FUTEX_WAIT_BITSET"),
    (0xa, "FUTEX_WAKE_BITSET"),
    (0xb, "FUTEX_WAIT_REQUEUE_PI"),
    (0xc, "FUTEX_CMP_REQUEUE_PI"),
    (0xd, "FUTEX_LOCK_PI2"),
    (0x80, "FUTEX_WAIT_PRIVATE"),
    (0x81, "FUTEX_WAKE_PRIVATE"),
    (0x82, "FUTEX_FD|FUTEX_PRIVATE_FLAG"),
    (0x83, "FUTEX_REQUEUE_PRIVATE"),
    (0x84, "FUTEX_CMP_REQUEUE_PRIVATE"),
    (0x85, "FUTEX_WAKE_OP_PRIVATE"),
    (0x86, "FUTEX_LOCK_PI_PRIVATE"),
    (0x87, "FUTEX_UNLOCK_PI_PRIVATE"),
    (0x88, "FUTEX_TRYLOCK_PI_PRIVATE"),
    (0x89, "FUTEX_WAIT_BITSET_PRIVATE"),
    (0x8a, "FUTEX_WAKE_BITSET_PRIVATE"),
    (0x8b, "FUTEX_WAIT_REQUEUE_PI_PRIVATE"),
    (0x8c, "FUTEX_CMP_REQUEUE_PI_PRIVATE"),
    (0x8d, "FUTEX_LOCK_PI2_PRIVATE"),
    (0x100, "FUTEX_WAIT|FUTEX_CLOCK_REALTIME"),
    (0x180, "FUTEX_WAIT_PRIVATE|FUTEX_CLOCK_REALTIME"),
    (0x109, "FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME"),
    (0x189, "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME"),
    (0x10b, "FUTEX_WAIT_REQUEUE_PI|FUTEX_CLOCK_REALTIME"),
    (0x18b, "FUTEX_WAIT_REQUEUE_PI_PRIVATE|FUTEX_CLOCK_REALTIME"),
] };

/// Size part of the futex2 flags.
#[rustfmt::skip]
pub static FUTEX2_SIZE: Names = Names { prefix: "FUTEX2_???", entries: &[
    (0, "FUTEX2_SIZE_U8"),
    (1, "FUTEX2_SIZE_U16"),
    (2, "FUTEX2_SIZE_U32"),
    (3, "FUTEX2_SIZE_U64"),
] };

/// futex2 flags besides the size.
#[rustfmt::skip]
pub static FUTEX2_FLAGS: Names = Names { prefix: "FUTEX2_???", entries: &[
    (4, "FUTEX2_NUMA"),
    (0x80, "FUTEX2_PRIVATE"),
] };

/// futex_waitv.flags.
#[rustfmt::skip]
pub static FUTEX_WAITV_FLAGS: Names = Names { prefix: "FUTEX_???", entries: &[
    (2, "FUTEX_32"),
    (0x80, "FUTEX_PRIVATE_FLAG"),
] };

/// The operation of FUTEX_WAKE_OP.
#[rustfmt::skip]
pub static FUTEX_WAKE_OPS: Names = Names { prefix: "FUTEX_OP_???", entries: &[
    (0, "FUTEX_OP_SET"),
    (1, "FUTEX_OP_ADD"),
    (2, "FUTEX_OP_OR"),
    (3, "FUTEX_OP_ANDN"),
    (4, "FUTEX_OP_XOR"),
] };

/// The comparison of FUTEX_WAKE_OP.
#[rustfmt::skip]
pub static FUTEX_WAKE_CMPS: Names = Names { prefix: "FUTEX_OP_CMP_???", entries: &[
    (0, "FUTEX_OP_CMP_EQ"),
    (1, "FUTEX_OP_CMP_NE"),
    (2, "FUTEX_OP_CMP_LT"),
    (3, "FUTEX_OP_CMP_LE"),
    (4, "FUTEX_OP_CMP_GT"),
    (5, "FUTEX_OP_CMP_GE"),
] };
