//! Memory management.

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::io::bare_vectors;
use crate::syscall::names::memory::*;
use crate::value::Value;

calls! {
    mmap(addr: Ptr, length: Ulong, prot: Flags64(&PROT_FLAGS), flags: In(map_flags), fd: Fd,
        offset: Hex) -> Hex;
    munmap(addr: Ptr, length: Ulong);
    mprotect(addr: Ptr, len: Ulong, prot: Flags64(&PROT_FLAGS));
    pkey_mprotect(addr: Ptr, len: Ulong, prot: Flags64(&PROT_FLAGS), pkey: Int);
    pkey_alloc(flags: Hex, access_rights: Flags64(&PKEY_RIGHTS));
    pkey_free(pkey: Int);
    remap_file_pages(addr: Ptr, size: Ulong, prot: Flags64(&PROT_FLAGS), pgoff: Ulong,
        flags: In(map_flags));
    process_madvise(pidfd: Fd, iovec: In(vectors_foreign), vlen: Ulong, advice: Const(&MADVICE),
        flags: Hex32);
    process_mrelease(pidfd: Fd, flags: Hex32);
    memfd_secret(flags: Flags(&SECRET_FLAGS)) -> Fd;
    userfaultfd(flags: In(userfault_flags)) -> Fd;
    set_mempolicy_home_node(start: Ptr, len: Ulong, home_node: Ulong, flags: Hex);
    mbind(addr: Ptr, len: Ulong, mode: In(memory_policy), nodemask: In(nodes::<4>),
        maxnode: Ulong, flags: Flags(&MPOL_MF_FLAGS));
    set_mempolicy(mode: In(thread_policy), nodemask: In(nodes::<2>), maxnode: Ulong);
    get_mempolicy(mode: Out(policy_pointee), nodemask: Exit(nodes_got), maxnode: Ulong,
        addr: Ptr, flags: Flags64(&MPOL_FLAGS));
    move_pages(pid: Pid, count: Ulong, pages: In(page_addresses), nodes: In(page_nodes),
        status: Exit(page_statuses), flags: Flags(&MOVE_FLAGS));
    migrate_pages(pid: Pid, maxnode: Ulong, old_nodes: In(nodes::<1>), new_nodes: In(nodes::<1>));
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
    const HUGE_SHIFT: u64 = 26;
    const HUGE: u64 = 0x3f << HUGE_SHIFT;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    let (kind, rest) = (raw & TYPE, raw & !TYPE);
    let mut parts = vec![
        Value::Const(kind, &MAP_TYPES),
        Value::Flags(rest & !HUGE, &MAP_FLAGS),
    ];
    if rest & HUGE != 0 {
        let size = Value::Uint((rest & HUGE) >> HUGE_SHIFT);
        parts.push(Value::Shifted(Box::new(size), "MAP_HUGE_SHIFT"));
    }
    Value::Or(parts)
}

fn vectors_foreign(cx: &Cx<'_>, addr: u64) -> Value {
    bare_vectors(cx, addr, cx.arg(2))
}

/// userfaultfd's flags: its own and those of open.
fn userfault_flags(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Flags(raw & 0xffff_ffff, &USERFAULT_FLAGS)
}

/// A memory policy: a mode and its flags.
fn memory_policy(cx: &Cx<'_>, raw: u64) -> Value {
    const FLAGS: u64 = 0xe000;
    let _ = cx;
    let mode = raw & !FLAGS;
    match (raw & FLAGS, MPOL_MODES.name(mode)) {
        (0, _) => Value::Const(mode, &MPOL_MODES),
        (flags, Some(_)) => Value::Or(vec![
            Value::Const(mode, &MPOL_MODES),
            Value::Flags(flags, &MPOL_MODE_FLAGS),
        ]),
        (_, None) => Value::Flags(raw, &MPOL_MODE_FLAGS),
    }
}

/// The same as an `int`.
fn thread_policy(cx: &Cx<'_>, raw: u64) -> Value {
    memory_policy(cx, raw & 0xffff_ffff)
}

fn policy_pointee(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Const(u64::from(b.u32(0)), &MPOL_MODES))
}

/// A set of memory nodes, of as many bits as argument `N` says, and one less.
fn nodes<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    // More is not worth a look: the kernel takes 32768.
    const MOST: u64 = 1 << 20;
    match (addr, cx.arg(N)) {
        (0, _) => Value::Ptr(Addr(0)),
        (_, 0) => Value::array(Vec::new()),
        (_, 1) => Value::Ptr(Addr(addr)),
        (_, n) if n > MOST => Value::Ptr(Addr(addr)),
        (_, n) => cx.array::<8>(addr, (n - 1).div_ceil(64), |b| {
            Value::HexDigits(b.u64(0), 16)
        }),
    }
}

/// The nodes that get_mempolicy has written; of none at all it need not have succeeded.
fn nodes_got(cx: &Cx<'_>, addr: u64) -> Value {
    match (cx.returned(), cx.arg(2)) {
        (Some(_), _) | (_, 0) => nodes::<2>(cx, addr),
        _ => Value::Ptr(Addr(addr)),
    }
}

/// The pages that move_pages moves.
fn page_addresses(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<8>(addr, cx.arg(1), |b| Value::Ptr(Addr(b.u64(0))))
}

/// The nodes that it moves them to.
fn page_nodes(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<4>(addr, cx.arg(1), |b| Value::Int(i64::from(b.i32(0))))
}

/// The node that each is on, or why it is on none.
fn page_statuses(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.returned().is_none() && cx.arg(1) != 0 {
        return Value::Ptr(Addr(addr));
    }
    cx.array::<4>(addr, cx.arg(1), |b| match b.i32(0) {
        error @ ..0 => Value::NegativeErrno(error.wrapping_neg()),
        node => Value::Int(i64::from(node)),
    })
}

fn mremap_params(cx: &Cx<'_>) -> &'static [Param] {
    // MREMAP_MAYMOVE and MREMAP_FIXED.
    match cx.arg(3) & 3 {
        0..=2 => {
            list!(old_address: Ptr, old_size: Ulong, new_size: Ulong, flags: Flags64(&MREMAP_FLAGS))
        }
        _ => {
            list!(old_address: Ptr, old_size: Ulong, new_size: Ulong, flags: Flags64(&MREMAP_FLAGS),
            new_address: Ptr)
        }
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
