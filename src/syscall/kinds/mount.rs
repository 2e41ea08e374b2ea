//! Mounts, extended attributes, file handles, names of memory files: what the rarer file calls pass.

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::file::*;
use crate::syscall::names::memory::MEMFD_FLAGS;
use crate::value::Value;

/// mount's flags; old programs put a magic number into their upper half.
pub(crate) fn mount_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const MS_MGC: u64 = 0xc0ed_0000;
    let _ = cx;
    let (magic, flags) = match raw & 0xffff_0000 {
        MS_MGC => (Some(Value::Const(MS_MGC, &MOUNT_MAGIC)), raw & !0xffff_0000),
        _ => (None, raw),
    };
    match (magic, flags) {
        (Some(magic), 0) => magic,
        (magic, flags) => {
            let flags = Value::Flags(flags, &MOUNT_FLAGS);
            Value::Or(magic.into_iter().chain([flags]).collect())
        }
    }
}

/// struct mount_attr (linux/mount.h).
pub(crate) fn mount_attr(cx: &Cx<'_>, addr: u64) -> Value {
    const SIZE: u64 = 32;
    // MOUNT_ATTR_IDMAP: only then does the descriptor count.
    const IDMAP: u64 = 0x10_0000;
    if cx.arg(4) < SIZE {
        return Value::Ptr(Addr(addr));
    }
    let attr = cx.structure::<32>(addr, |b| {
        Value::fields(vec![
            ("attr_set", Value::Flags(b.u64(0), &MOUNT_ATTRS)),
            ("attr_clr", Value::Flags(b.u64(8), &MOUNT_ATTRS)),
            ("propagation", Value::Const(b.u64(16), &PROPAGATION)),
            (
                "userns_fd",
                match i32::try_from(b.u64(24)) {
                    Ok(fd) if b.u64(0) & IDMAP != 0 => Value::Fd(fd),
                    _ => Value::Uint(b.u64(24)),
                },
            ),
        ])
    });
    cx.with_tail(attr, addr, SIZE, cx.arg(4))
}

/// swapon's flags: bits and a priority.
pub(crate) fn swap_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const PRIORITY: u64 = 0x7fff;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    match raw & !PRIORITY {
        0 => Value::Uint(raw),
        bits => Value::Or(vec![
            Value::Flags(bits, &SWAP_FLAGS),
            Value::Uint(raw & PRIORITY),
        ]),
    }
}

/// An extended attribute's value; the kernel takes no more than 64 KiB.
pub(crate) fn xattr_value(cx: &Cx<'_>, addr: u64) -> Value {
    xattr(cx, addr, cx.arg(3))
}

/// An extended attribute's value as read; of no size where only its length was asked for.
pub(crate) fn xattr_value_out(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.arg(3) {
        0 => Value::Ptr(Addr(addr)),
        _ => xattr(cx, addr, cx.count()),
    }
}

fn xattr(cx: &Cx<'_>, addr: u64, size: u64) -> Value {
    const XATTR_SIZE_MAX: u64 = 65_536;
    match size {
        0..=XATTR_SIZE_MAX => without_last_nul(cx.buffer(addr, size)),
        _ => Value::Ptr(Addr(addr)),
    }
}

/// Most values are strings, which end with a NUL that says nothing.
fn without_last_nul(value: Value) -> Value {
    match value {
        Value::Bytes {
            mut bytes,
            truncated: false,
        } => {
            bytes.pop_if(|last| *last == 0);
            Value::bytes(bytes)
        }
        other => other,
    }
}

/// The names of extended attributes, each with its NUL.
pub(crate) fn xattr_list(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.arg(2) {
        0 => Value::Ptr(Addr(addr)),
        _ => cx.buffer(addr, cx.count()),
    }
}

/// A buffer whose length is argument 4 (fsconfig's binary value).
pub(crate) fn aux_buffer(cx: &Cx<'_>, addr: u64) -> Value {
    // The kernel takes no more (fs/fsopen.c).
    const MOST: u32 = 1 << 20;
    let size = cx.arg(4) as u32;
    if size > MOST {
        return Value::Ptr(Addr(addr));
    }
    match cx.buffer(addr, u64::from(size)) {
        Value::Bytes { bytes, truncated } => Value::Binary { bytes, truncated },
        other => other,
    }
}

/// fsconfig's names and texts, shown up to the length that the kernel takes (fs/fsopen.c).
pub(crate) fn key(cx: &Cx<'_>, addr: u64) -> Value {
    const MOST: usize = 256;
    cx.text_within(addr, MOST)
}

/// The longest a file handle gets (MAX_HANDLE_SZ, linux/exportfs.h of the kernel).
const MAX_HANDLE: u32 = 128;

/// struct file_handle as name_to_handle_at takes it: the room there is.
pub(crate) fn handle_size(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<4>(addr, |b| {
        Value::fields(vec![("handle_bytes", Value::Uint(u64::from(b.u32(0))))])
    })
}

/// struct file_handle as name_to_handle_at has filled it.
pub(crate) fn handle_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    const EOVERFLOW: i32 = 75;
    let Value::Struct { fields, .. } = &entry else {
        return entry;
    };
    let Some(("handle_bytes", before)) = fields.first() else {
        return entry;
    };
    if cx.returned().is_none() && cx.errno() != Some(EOVERFLOW) {
        return entry;
    }
    let Some(raw) = cx.read::<8>(addr) else {
        return entry;
    };
    let b = Bytes {
        addr: Addr(addr),
        data: &raw,
    };
    let size = Value::Uint(u64::from(b.u32(0)));
    let mut after = vec![match *before == size {
        true => ("handle_bytes", size),
        false => (
            "handle_bytes",
            Value::Changed(Box::new(before.clone()), Box::new(size)),
        ),
    }];
    if cx.returned().is_some() {
        after.extend(handle_body(cx, &b));
    }
    Value::fields(after)
}

fn handle_body(cx: &Cx<'_>, b: &Bytes<'_>) -> [(&'static str, Value); 2] {
    let at = Addr(b.addr.0.wrapping_add(8));
    let size = b.u32(0);
    // In full, whatever is shown of strings.
    let handle = match cx.context.memory.bytes(at, size.min(MAX_HANDLE) as usize) {
        Ok(bytes) => Value::Binary {
            bytes,
            truncated: size > MAX_HANDLE,
        },
        Err(_) => Value::Unreadable(at),
    };
    [
        ("handle_type", Value::Int(i64::from(b.i32(4)))),
        ("f_handle", handle),
    ]
}

/// struct file_handle as open_by_handle_at takes it.
pub(crate) fn handle(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        let mut fields = vec![("handle_bytes", Value::Uint(u64::from(b.u32(0))))];
        fields.extend(handle_body(cx, b));
        Value::fields(fields)
    })
}

/// memfd_create's name, shown up to the length that the kernel takes.
pub(crate) fn memfd_name(cx: &Cx<'_>, addr: u64) -> Value {
    // MFD_NAME_MAX_LEN (mm/memfd.c) and the NUL.
    const MOST: usize = 250;
    cx.text_within(addr, MOST)
}

/// memfd_create's flags: bits, and the size of huge pages.
pub(crate) fn memfd_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const HUGE_SHIFT: u64 = 26;
    let _ = cx;
    let huge = (raw & 0xffff_ffff) >> HUGE_SHIFT;
    let bits = Value::Flags(raw & 0x03ff_ffff, &MEMFD_FLAGS);
    match huge {
        0 => bits,
        _ => Value::Or(vec![
            bits,
            Value::Shifted(Box::new(Value::Uint(huge)), "MFD_HUGE_SHIFT"),
        ]),
    }
}
