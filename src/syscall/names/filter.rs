//! Names of classic BPF (linux/bpf_common.h, linux/filter.h, linux/seccomp.h).

use crate::value::Names;

/// The class of an opcode, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_CLASS: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_LD"),
    (1, "BPF_LDX"),
    (2, "BPF_ST"),
    (3, "BPF_STX"),
    (4, "BPF_ALU"),
    (5, "BPF_JMP"),
    (6, "BPF_RET"),
    (7, "BPF_MISC"),
] };

/// The size of a load, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_SIZE: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_W"),
    (8, "BPF_H"),
    (0x10, "BPF_B"),
] };

/// The mode of a load, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_MODE: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_IMM"),
    (0x20, "BPF_ABS"),
    (0x40, "BPF_IND"),
    (0x60, "BPF_MEM"),
    (0x80, "BPF_LEN"),
    (0xa0, "BPF_MSH"),
] };

/// Where an operand is from, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_SRC: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_K"),
    (8, "BPF_X"),
] };

/// The operation of BPF_ALU, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_ALU_OP: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_ADD"),
    (0x10, "BPF_SUB"),
    (0x20, "BPF_MUL"),
    (0x30, "BPF_DIV"),
    (0x40, "BPF_OR"),
    (0x50, "BPF_AND"),
    (0x60, "BPF_LSH"),
    (0x70, "BPF_RSH"),
    (0x80, "BPF_NEG"),
    (0x90, "BPF_MOD"),
    (0xa0, "BPF_XOR"),
] };

/// The operation of BPF_JMP, linux/bpf_common.h.
#[rustfmt::skip]
pub static BPF_JMP_OP: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_JA"),
    (0x10, "BPF_JEQ"),
    (0x20, "BPF_JGT"),
    (0x30, "BPF_JGE"),
    (0x40, "BPF_JSET"),
] };

/// What BPF_RET returns, linux/filter.h.
#[rustfmt::skip]
pub static BPF_RVAL: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_K"),
    (8, "BPF_X"),
    (0x10, "BPF_A"),
] };

/// The operation of BPF_MISC, linux/filter.h.
#[rustfmt::skip]
pub static BPF_MISC_OP: Names = Names { prefix: "BPF_???", entries: &[
    (0, "BPF_TAX"),
    (0x80, "BPF_TXA"),
] };

/// Bits of an opcode that its class has no use for.
#[rustfmt::skip]
pub static BPF_CODE_REST: Names = Names { prefix: "BPF_???", entries: &[
] };

/// Offsets from SKF_AD_OFF, linux/filter.h.
#[rustfmt::skip]
pub static SKF_AD: Names = Names { prefix: "SKF_AD_???", entries: &[
    (0, "SKF_AD_PROTOCOL"),
    (4, "SKF_AD_PKTTYPE"),
    (8, "SKF_AD_IFINDEX"),
    (0xc, "SKF_AD_NLATTR"),
    (0x10, "SKF_AD_NLATTR_NEST"),
    (0x14, "SKF_AD_MARK"),
    (0x18, "SKF_AD_QUEUE"),
    (0x1c, "SKF_AD_HATYPE"),
    (0x20, "SKF_AD_RXHASH"),
    (0x24, "SKF_AD_CPU"),
    (0x28, "SKF_AD_ALU_XOR_X"),
    (0x2c, "SKF_AD_VLAN_TAG"),
    (0x30, "SKF_AD_VLAN_TAG_PRESENT"),
    (0x34, "SKF_AD_PAY_OFFSET"),
    (0x38, "SKF_AD_RANDOM"),
    (0x3c, "SKF_AD_VLAN_TPID"),
] };

/// The action of a seccomp result, linux/seccomp.h.
#[rustfmt::skip]
pub static SECCOMP_RETURNS: Names = Names { prefix: "SECCOMP_RET_???", entries: &[
    (0x80000000, "SECCOMP_RET_KILL_PROCESS"),
    (0, "SECCOMP_RET_KILL_THREAD"),
    (0x30000, "SECCOMP_RET_TRAP"),
    (0x50000, "SECCOMP_RET_ERRNO"),
    (0x7fc00000, "SECCOMP_RET_USER_NOTIF"),
    (0x7ff00000, "SECCOMP_RET_TRACE"),
    (0x7ffc0000, "SECCOMP_RET_LOG"),
    (0x7fff0000, "SECCOMP_RET_ALLOW"),
] };
