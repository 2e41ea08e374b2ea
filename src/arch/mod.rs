//! What differs between the two machines: register bytes -> [`Regs`], syscall ABIs.
//! Both modules compile and are tested on either host.

pub mod aarch64;
pub mod x86_64;

/// The host's own register layout.
#[cfg(target_arch = "aarch64")]
pub use aarch64 as host;
/// The host's own register layout.
#[cfg(target_arch = "x86_64")]
pub use x86_64 as host;

use crate::ids::Addr;

/// A machine that Go programs run on and that we know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Arch {
    /// amd64.
    X86_64,
    /// arm64.
    Aarch64,
}

/// A system-call ABI. One thread can use several (int 0x80 in a 64-bit process).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Abi {
    /// x86_64, 64-bit.
    X86_64,
    /// 32-bit x86 (int 0x80 or a 32-bit process).
    I386,
    /// x32 (x86_64 numbers with bit 30 set).
    X32,
    /// arm64.
    Aarch64,
    /// 32-bit arm.
    Arm,
}

/// The registers we use, whatever the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Regs {
    /// System call number; on x86_64 `orig_rax`, -1 when not in a call.
    pub nr: i64,
    /// Argument registers of the 64-bit ABI.
    pub args: [u64; 6],
    /// Return value register.
    pub ret: i64,
    /// Program counter.
    pub pc: Addr,
    /// Stack pointer.
    pub sp: Addr,
    /// Frame pointer (rbp, x29).
    pub fp: Addr,
    /// Link register (x30); `None` where the machine has none.
    pub lr: Option<Addr>,
    /// The register that holds g in Go code (r14, x28).
    pub g: Addr,
    /// All general registers by their DWARF numbers (System V psABI of x86_64, figure 3.36;
    /// DWARF for the Arm 64-bit Architecture, 4.1). SP included, PC not.
    pub dwarf: [u64; DWARF_REGS],
}

/// Registers with a DWARF number below that of the first one that is not general.
pub const DWARF_REGS: usize = 32;

impl Abi {
    /// The ABI of an `AUDIT_ARCH_*` value (linux/audit.h) and a call number;
    /// `None` for a machine we do not know.
    #[must_use]
    pub fn from_audit_arch(arch: u32, nr: u64) -> Option<Abi> {
        const X32_BIT: u64 = 0x4000_0000;
        match arch {
            0xc000_003e if nr & X32_BIT != 0 && nr != u64::MAX => Some(Abi::X32),
            0xc000_003e => Some(Abi::X86_64),
            0x4000_0003 => Some(Abi::I386),
            0xc000_00b7 => Some(Abi::Aarch64),
            0x4000_0028 => Some(Abi::Arm),
            _ => None,
        }
    }
}
