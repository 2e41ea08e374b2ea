//! What is known of files: struct stat, statx, statfs, flock; open flags.

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::file::*;
use crate::value::{Note, Value};

/// st_mode: type and permission bits.
pub(crate) fn mode(mode: u32) -> Value {
    let kind = u64::from(mode & 0o170_000);
    let bits = Value::Octal(u64::from(mode & !0o170_000));
    match kind {
        0 => bits,
        _ => Value::Or(vec![Value::Const(kind, &FILE_TYPES), bits]),
    }
}

/// mknod's mode.
pub(crate) fn mode_arg(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    mode(raw as u32 & 0xffff)
}

/// A device number in the kernel's 32-bit form (linux/kdev_t.h, new_decode_dev).
fn device(dev: u64) -> Value {
    let major = (dev >> 8 & 0xfff) as u32 | (dev >> 32 & 0xffff_f000) as u32;
    let minor = (dev & 0xff) as u32 | (dev >> 12 & 0xffff_ff00) as u32;
    Value::Device(major, minor)
}

/// mknod's device.
pub(crate) fn device_arg(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    device(raw & 0xffff_ffff)
}

fn brief(
    st_mode: u32,
    size: i64,
    rdev: Value,
    names: [&'static str; 3],
) -> Vec<(&'static str, Value)> {
    const S_IFCHR: u32 = 0o020_000;
    const S_IFBLK: u32 = 0o060_000;
    let what = match st_mode & 0o170_000 {
        S_IFCHR | S_IFBLK => (names[1], rdev),
        _ => (names[2], Value::Int(size)),
    };
    vec![(names[0], mode(st_mode)), what]
}

/// struct stat, of which mode and size (or device) are shown. The machines differ in layout
/// (asm/stat.h).
pub(crate) fn stat(cx: &Cx<'_>, addr: u64) -> Value {
    let names = ["st_mode", "st_rdev", "st_size"];
    let make = |b: &Bytes<'_>, mode_at: usize, rdev_at: usize| Value::Struct {
        fields: brief(b.u32(mode_at), b.i64(48), device(b.u64(rdev_at)), names),
        more: true,
    };
    if cx.is_aarch64() {
        cx.structure::<128>(addr, |b| make(b, 16, 32))
    } else {
        cx.structure::<144>(addr, |b| make(b, 24, 40))
    }
}

/// struct statx (linux/stat.h).
pub(crate) fn statx(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<256>(addr, |b| {
        let mut fields = vec![
            ("stx_mask", Value::Flags(u64::from(b.u32(0)), &STATX_MASK)),
            ("stx_attributes", Value::Flags(b.u64(8), &STATX_ATTRS)),
        ];
        let rdev = Value::Device(b.u32(128), b.u32(132));
        let names = ["stx_mode", "stx_rdev", "stx_size"];
        fields.extend(brief(u32::from(b.u16(28)), b.i64(40), rdev, names));
        Value::Struct { fields, more: true }
    })
}

/// statx flags: how to synchronise, and the rest.
pub(crate) fn statx_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const SYNC: u64 = 0x6000;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    Value::Or(vec![
        Value::Const(raw & SYNC, &AT_STATX_SYNC),
        Value::Flags(raw & !SYNC, &AT_FLAGS),
    ])
}

/// struct statfs (asm-generic/statfs.h).
pub(crate) fn statfs(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<120>(addr, |b| {
        let ids = [b.u32(56), b.u32(60)].map(|v| Value::Hex(u64::from(v)));
        Value::fields(vec![
            ("f_type", Value::Const(b.u64(0), &FS_MAGIC)),
            ("f_bsize", Value::Uint(b.u64(8))),
            ("f_blocks", Value::Uint(b.u64(16))),
            ("f_bfree", Value::Uint(b.u64(24))),
            ("f_bavail", Value::Uint(b.u64(32))),
            ("f_files", Value::Uint(b.u64(40))),
            ("f_ffree", Value::Uint(b.u64(48))),
            (
                "f_fsid",
                Value::fields(vec![("val", Value::array(ids.to_vec()))]),
            ),
            ("f_namelen", Value::Uint(b.u64(64))),
            ("f_frsize", Value::Uint(b.u64(72))),
            ("f_flags", Value::Flags(b.u64(80), &STATFS_FLAGS)),
        ])
    })
}

/// Open flags: access mode and the rest.
pub(crate) fn open_flags(cx: &Cx<'_>, raw: u64) -> Value {
    open_flags_of(cx, raw & 0xffff_ffff)
}

fn open_flags_of(cx: &Cx<'_>, flags: u64) -> Value {
    let names = match cx.is_aarch64() {
        true => &OPEN_FLAGS_AARCH64,
        false => &OPEN_FLAGS_X86_64,
    };
    Value::Or(vec![
        Value::Const(flags & 3, &OPEN_ACCESS),
        Value::Flags(flags & !3, names),
    ])
}

/// Whether open flags make the mode argument count.
pub(crate) fn creates(flags: u64) -> bool {
    const O_CREAT: u64 = 0o100;
    const TMPFILE: u64 = 0o20_000_000;
    flags & (O_CREAT | TMPFILE) != 0
}

/// struct open_how (linux/openat2.h).
pub(crate) fn open_how(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.arg(3) < 24 {
        return Value::Ptr(Addr(addr));
    }
    cx.structure::<24>(addr, |b| {
        let mut fields = vec![("flags", open_flags_of(cx, b.u64(0)))];
        if creates(b.u64(0)) || b.u64(8) != 0 {
            fields.push(("mode", Value::Octal(b.u64(8))));
        }
        fields.push(("resolve", Value::Flags(b.u64(16), &RESOLVE_FLAGS)));
        Value::fields(fields)
    })
}

/// struct flock as passed in.
pub(crate) fn flock(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| Value::fields(flock_fields(b)))
}

/// struct flock as F_GETLK has filled it.
pub(crate) fn flock_out(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| {
        let mut fields = flock_fields(b);
        fields.push(("l_pid", Value::Pid(b.i32(24))));
        Value::fields(fields)
    })
}

fn flock_fields(b: &Bytes<'_>) -> Vec<(&'static str, Value)> {
    vec![
        ("l_type", Value::Const(u64::from(b.u16(0)), &LOCK_TYPES)),
        ("l_whence", Value::Const(u64::from(b.u16(2)), &SEEK_WHENCE)),
        ("l_start", Value::Int(b.i64(8))),
        ("l_len", Value::Int(b.i64(16))),
    ]
}

/// struct f_owner_ex.
pub(crate) fn owner(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        Value::fields(vec![
            ("type", Value::Const(u64::from(b.u32(0)), &OWNER_TYPES)),
            ("pid", Value::Pid(b.i32(4))),
        ])
    })
}

/// The directory entries that getdents64 has written, as a count. `reclen` lies at 16 in
/// struct linux_dirent64 and in the old struct linux_dirent alike.
pub(crate) fn dirents(cx: &Cx<'_>, addr: u64) -> Value {
    const HEADER: usize = 18;
    let len = cx.count().min(1 << 20) as usize;
    let Ok(data) = cx.context.memory.bytes(Addr(addr), len) else {
        return Value::Ptr(Addr(addr));
    };
    let mut entries = 0;
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|r| r.len() >= HEADER) {
        let b = Bytes {
            addr: Addr(addr),
            data: rest,
        };
        entries += 1;
        at = at.saturating_add(usize::from(b.u16(16)).max(HEADER));
    }
    Value::Noted(Box::new(Value::Ptr(Addr(addr))), Note::Entries(entries))
}

/// utimensat's two times.
pub(crate) fn file_times(cx: &Cx<'_>, addr: u64) -> Value {
    const UTIME_NOW: u64 = 0x3fff_ffff;
    const UTIME_OMIT: u64 = 0x3fff_fffe;
    cx.array_of::<16>(addr, 2, 2, |b| match b.u64(8) {
        UTIME_NOW => Value::Symbol("UTIME_NOW"),
        UTIME_OMIT => Value::Symbol("UTIME_OMIT"),
        ns @ 0..=999_999_999 => Value::Noted(
            Box::new(super::time::timespec_fields(b)),
            Note::At(b.i64(0), ns as u32),
        ),
        _ => super::time::timespec_fields(b),
    })
}
