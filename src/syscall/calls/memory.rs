//! Memory management.

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::names::memory::*;
use crate::value::Value;

calls! {
    mmap(addr: Ptr, length: Ulong, prot: Flags(&PROT_FLAGS), flags: In(map_flags), fd: Fd,
        offset: Hex) -> Hex;
    munmap(addr: Ptr, length: Ulong);
    mprotect(addr: Ptr, len: Ulong, prot: Flags(&PROT_FLAGS));
    madvise(addr: Ptr, length: Ulong, advice: Const(&MADVICE));
    mincore(addr: Ptr, length: Ulong, vec: Out(resident));
    brk(addr: Ptr) -> Hex;
    mremap(..) = mremap_params -> Hex;
    msync(addr: Ptr, length: Ulong, flags: Flags(&MSYNC_FLAGS));
    mlock(addr: Ptr, len: Ulong);
    mlock2(addr: Ptr, len: Ulong, flags: Flags(&MLOCK_FLAGS));
    munlock(addr: Ptr, len: Ulong);
    mlockall(flags: Flags(&MLOCKALL_FLAGS));
    munlockall();
}

/// mmap's flags: the sharing type, bits, and the size of huge pages.
fn map_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const TYPE: u64 = 0xf;
    const HUGETLB: u64 = 0x40000;
    const HUGE_SHIFT: u64 = 26;
    const HUGE_MASK: u64 = 0x3f;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    let huge = match raw & HUGETLB {
        0 => 0,
        _ => raw & HUGE_MASK << HUGE_SHIFT,
    };
    let mut parts = vec![
        Value::Const(raw & TYPE, &MAP_TYPES),
        Value::Flags(raw & !TYPE & !huge, &MAP_FLAGS),
    ];
    if huge != 0 {
        let size = Value::Uint(huge >> HUGE_SHIFT);
        parts.push(Value::Shifted(Box::new(size), "MAP_HUGE_SHIFT"));
    }
    Value::Or(parts)
}

fn mremap_params(cx: &Cx<'_>) -> &'static [Param] {
    // MREMAP_FIXED or MREMAP_DONTUNMAP.
    match cx.arg(3) & 6 {
        0 => list!(old_address: Ptr, old_size: Ulong, new_size: Ulong, flags: Flags(&MREMAP_FLAGS)),
        _ => list!(old_address: Ptr, old_size: Ulong, new_size: Ulong, flags: Flags(&MREMAP_FLAGS),
            new_address: Ptr),
    }
}

/// One byte per page, of which the lowest bit counts.
fn resident(cx: &Cx<'_>, addr: u64) -> Value {
    let pages = cx.arg(1).div_ceil(4096);
    match addr {
        0 => Value::Ptr(Addr(0)),
        _ => cx.array::<1>(addr, pages, |b| Value::Uint(u64::from(b.u8(0) & 1))),
    }
}
