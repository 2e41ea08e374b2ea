//! What is known of files: struct stat, statx, statfs, flock; open flags.

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::syscall::kinds::time::{dated, timespec_fields};
use crate::syscall::names::file::*;
use crate::value::{Names, Note, Value};

/// st_mode: type and permission bits.
pub(crate) fn mode(mode: u32) -> Value {
    let kind = u64::from(mode & 0o170_000);
    let bits = Value::Flags(u64::from(mode & 0o7000), &MODE_BITS);
    let permissions = Value::Octal(u64::from(mode & 0o777));
    if kind == 0 {
        return Value::Or(vec![bits, permissions]);
    }
    if FILE_TYPES.name(kind).is_none() {
        return Value::Octal(u64::from(mode));
    }
    Value::Or(vec![Value::Const(kind, &FILE_TYPES), bits, permissions])
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

/// Where the machines keep the fields of struct stat that they do not agree on (asm/stat.h).
struct StatLayout {
    nlink: fn(&Bytes<'_>) -> u64,
    mode: usize,
    uid: usize,
    rdev: usize,
    blksize: fn(&Bytes<'_>) -> u64,
}

const STAT_X86_64: StatLayout = StatLayout {
    nlink: |b| b.u64(16),
    mode: 24,
    uid: 28,
    rdev: 40,
    blksize: |b| b.u64(56),
};

const STAT_AARCH64: StatLayout = StatLayout {
    nlink: |b| u64::from(b.u32(20)),
    mode: 16,
    uid: 24,
    rdev: 32,
    blksize: |b| u64::from(b.u32(56)),
};

/// struct stat, of which mode and size (or device) are shown, and all of it with -v.
pub(crate) fn stat(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.is_aarch64() {
        cx.structure::<128>(addr, |b| stat_fields(cx, b, &STAT_AARCH64))
    } else {
        cx.structure::<144>(addr, |b| stat_fields(cx, b, &STAT_X86_64))
    }
}

fn stat_fields(cx: &Cx<'_>, b: &Bytes<'_>, at: &StatLayout) -> Value {
    const S_IFCHR: u32 = 0o020_000;
    const S_IFBLK: u32 = 0o060_000;
    let st_mode = b.u32(at.mode);
    let mut fields = Vec::new();
    if cx.context.verbose {
        fields.push(("st_dev", device(b.u64(0))));
        fields.push(("st_ino", Value::Uint(b.u64(8))));
    }
    fields.push(("st_mode", mode(st_mode)));
    if cx.context.verbose {
        fields.push(("st_nlink", Value::Uint((at.nlink)(b))));
        fields.push(("st_uid", uid(b.u32(at.uid))));
        fields.push(("st_gid", uid(b.u32(at.uid + 4))));
        fields.push(("st_blksize", Value::Uint((at.blksize)(b))));
        fields.push(("st_blocks", Value::Uint(b.u64(64))));
    }
    fields.push(match st_mode & 0o170_000 {
        S_IFCHR | S_IFBLK => ("st_rdev", device(b.u64(at.rdev))),
        _ => ("st_size", Value::Int(b.i64(48))),
    });
    if cx.context.verbose {
        for (seconds, nanos, at) in [
            ("st_atime", "st_atime_nsec", 72),
            ("st_mtime", "st_mtime_nsec", 88),
            ("st_ctime", "st_ctime_nsec", 104),
        ] {
            let (sec, ns) = (b.i64(at), b.u64(at + 8));
            fields.push((seconds, dated(Value::Int(sec), sec, ns)));
            fields.push((nanos, Value::Uint(ns)));
        }
    }
    Value::Struct {
        fields,
        more: !cx.context.verbose,
    }
}

/// struct statx (linux/stat.h), in full with -v.
pub(crate) fn statx(cx: &Cx<'_>, addr: u64) -> Value {
    let u32_of = |b: &Bytes<'_>, at| Value::Uint(u64::from(b.u32(at)));
    cx.structure::<256>(addr, |b| {
        let full = cx.context.verbose;
        let mut fields = vec![("stx_mask", Value::Flags(u64::from(b.u32(0)), &STATX_MASK))];
        if full {
            fields.push(("stx_blksize", u32_of(b, 4)));
        }
        fields.push(("stx_attributes", Value::Flags(b.u64(8), &STATX_ATTRS)));
        if full {
            fields.push(("stx_nlink", u32_of(b, 16)));
            fields.push(("stx_uid", uid(b.u32(20))));
            fields.push(("stx_gid", uid(b.u32(24))));
        }
        fields.push(("stx_mode", mode(u32::from(b.u16(28)))));
        if full {
            fields.push(("stx_ino", Value::Uint(b.u64(32))));
        }
        fields.push(("stx_size", Value::Uint(b.u64(40))));
        if full {
            fields.push(("stx_blocks", Value::Uint(b.u64(48))));
            let mask = Value::Flags(b.u64(56), &STATX_ATTRS);
            fields.push(("stx_attributes_mask", mask));
            for (name, at, bit) in [
                ("stx_atime", 64, 0x20),
                ("stx_btime", 80, 0x800),
                ("stx_ctime", 96, 0x80),
                ("stx_mtime", 112, 0x40),
            ] {
                // STATX_ATIME, STATX_BTIME, STATX_CTIME, STATX_MTIME.
                if b.u32(0) & bit == 0 {
                    continue;
                }
                let (sec, ns) = (b.i64(at), u64::from(b.u32(at + 8)));
                let time = Value::fields(vec![
                    ("tv_sec", Value::Int(sec)),
                    ("tv_nsec", Value::Uint(ns)),
                ]);
                fields.push((name, dated(time, sec, ns)));
            }
            for (name, at) in [
                ("stx_rdev_major", 128),
                ("stx_rdev_minor", 132),
                ("stx_dev_major", 136),
                ("stx_dev_minor", 140),
            ] {
                fields.push((name, u32_of(b, at)));
            }
            if b.u64(144) != 0 || b.u32(0) & STATX_MNT_ID != 0 {
                fields.push(("stx_mnt_id", Value::Hex(b.u64(144))));
            }
        }
        Value::Struct {
            fields,
            more: !full,
        }
    })
}

const STATX_MNT_ID: u32 = 0x1000;

/// The flags of dup3 and pipe2: those of open without an access mode.
pub(crate) fn descriptor_flags(cx: &Cx<'_>, raw: u64) -> Value {
    let names = match cx.is_aarch64() {
        true => &DESCRIPTOR_FLAGS_AARCH64,
        false => &DESCRIPTOR_FLAGS_X86_64,
    };
    Value::Flags(raw & 0xffff_ffff, names)
}

/// The names of open flags besides the access mode.
pub(crate) fn open_names(cx: &Cx<'_>) -> &'static Names {
    match cx.is_aarch64() {
        true => &OPEN_FLAGS_AARCH64,
        false => &OPEN_FLAGS_X86_64,
    }
}

/// statx flags: how to synchronise, and the rest.
pub(crate) fn statx_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const SYNC: u64 = 0x6000;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    Value::Or(vec![
        Value::Const(raw & SYNC, &AT_STATX_SYNC),
        Value::Flags(raw & !SYNC, &STATX_FLAGS),
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

/// struct ustat (linux/types.h).
pub(crate) fn ustat(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| {
        Value::fields(vec![
            ("f_tfree", Value::Int(i64::from(b.i32(0)))),
            ("f_tinode", Value::Uint(b.u64(8))),
        ])
    })
}

/// Open flags: access mode and the rest.
pub(crate) fn open_flags(cx: &Cx<'_>, raw: u64) -> Value {
    open_flags_of(cx, raw & 0xffff_ffff)
}

fn open_flags_of(cx: &Cx<'_>, flags: u64) -> Value {
    Value::Or(vec![
        Value::Const(flags & 3, &OPEN_ACCESS),
        Value::Flags(flags & !3, open_names(cx)),
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
    let how = cx.structure::<24>(addr, |b| {
        let mut fields = vec![("flags", open_flags_of(cx, b.u64(0)))];
        if creates(b.u64(0)) || b.u64(8) != 0 {
            fields.push(("mode", Value::Octal(b.u64(8))));
        }
        fields.push(("resolve", Value::Flags(b.u64(16), &RESOLVE_FLAGS)));
        Value::fields(fields)
    });
    cx.with_tail(how, addr, 24, cx.arg(3))
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

/// The entries that getdents has written (struct linux_dirent; its type is in its last byte).
pub(crate) fn dirents(cx: &Cx<'_>, addr: u64) -> Value {
    entries(cx, addr, |entry| {
        let kind = entry.data.last().copied().unwrap_or(0);
        vec![
            ("d_name", name(entry, 18, entry.data.len() - 1)),
            ("d_type", Value::Const(u64::from(kind), &DIRENT_TYPES)),
        ]
    })
}

/// The entries that getdents64 has written (struct linux_dirent64, linux/dirent.h of the kernel).
pub(crate) fn dirents64(cx: &Cx<'_>, addr: u64) -> Value {
    entries(cx, addr, |entry| {
        let kind = u64::from(entry.u8(18));
        vec![
            ("d_type", Value::Const(kind, &DIRENT_TYPES)),
            ("d_name", name(entry, 19, entry.data.len())),
        ]
    })
}

fn name(entry: &Bytes<'_>, from: usize, to: usize) -> Value {
    let name = entry.data.get(from..to).unwrap_or(&[]);
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    Value::bytes(name.get(..end).unwrap_or(&[]))
}

/// Directory entries: their number, or all of them with -v. What `own` gives follows the fields
/// that both forms begin with.
fn entries(cx: &Cx<'_>, addr: u64, own: fn(&Bytes<'_>) -> Vec<(&'static str, Value)>) -> Value {
    const HEADER: usize = 18;
    let len = cx.count().min(1 << 20) as usize;
    let Ok(data) = cx.context.memory.bytes(Addr(addr), len) else {
        return Value::Ptr(Addr(addr));
    };
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|r| r.len() >= HEADER) {
        let addr = Addr(addr);
        let len = usize::from(Bytes { addr, data: rest }.u16(16)).clamp(HEADER, rest.len());
        let data = rest.get(..len).unwrap_or(rest);
        let entry = Bytes { addr, data };
        let mut fields = vec![
            ("d_ino", Value::Uint(entry.u64(0))),
            ("d_off", Value::Int(entry.i64(8))),
            ("d_reclen", Value::Uint(len as u64)),
        ];
        fields.extend(own(&entry));
        items.push(Value::fields(fields));
        at += len;
    }
    if cx.context.verbose {
        return Value::array(items);
    }
    let count = Note::Entries(items.len() as u64);
    Value::Noted(Box::new(Value::Ptr(Addr(addr))), count)
}

/// utimensat's two times.
pub(crate) fn file_times(cx: &Cx<'_>, addr: u64) -> Value {
    const UTIME_NOW: u64 = 0x3fff_ffff;
    const UTIME_OMIT: u64 = 0x3fff_fffe;
    let special = |b: &Bytes<'_>, name| {
        Value::Spelled(Box::new(timespec_fields(b)), Box::new(Value::Symbol(name)))
    };
    cx.tuple::<16>(addr, 2, |b| match b.u64(8) {
        UTIME_NOW => special(b, "UTIME_NOW"),
        UTIME_OMIT => special(b, "UTIME_OMIT"),
        ns => dated(timespec_fields(b), b.i64(0), ns),
    })
}
