//! Disk quotas.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::io::path;
use crate::syscall::kinds::quota::*;
use crate::syscall::names::file::{QUOTA_FORMATS, XFS_QUOTA_FLAGS, XFS_QUOTA_TYPES};
use crate::value::Value;

calls! {
    quotactl(..) = quotactl_params;
    quotactl_fd(..) = quotactl_fd_params;
}

/// What a command takes behind the file system.
enum Takes {
    Nothing,
    Format,
    Record(fn(&Cx<'_>, u64) -> Value),
    RecordOut(fn(&Cx<'_>, u64) -> Value),
    Block(fn(&Cx<'_>, u64) -> Value),
    BlockOut(fn(&Cx<'_>, u64) -> Value),
    Place,
    Unknown,
}

/// linux/quota.h, linux/dqblk_xfs.h.
fn takes(command: u64) -> Takes {
    match command as u32 >> 8 {
        // Q_SYNC, Q_QUOTAOFF; Q_XQUOTASYNC.
        0x80_0001 | 0x80_0003 | 0x5807 => Takes::Nothing,
        // Q_QUOTAON.
        0x80_0002 => Takes::Format,
        // Q_GETFMT, Q_GETINFO, Q_SETINFO.
        0x80_0004 => Takes::BlockOut(format),
        0x80_0005 => Takes::BlockOut(info),
        0x80_0006 => Takes::Block(info),
        // Q_GETQUOTA, Q_SETQUOTA, Q_GETNEXTQUOTA.
        0x80_0007 => Takes::RecordOut(limits::<false>),
        0x80_0008 => Takes::Record(limits::<false>),
        0x80_0009 => Takes::RecordOut(limits::<true>),
        // Q_XGETQSTAT, Q_XGETQSTATV.
        0x5805 | 0x5808 => Takes::Place,
        // Q_XQUOTARM.
        0x5806 => Takes::Block(xfs_types),
        // Q_XQUOTAON, Q_XQUOTAOFF.
        0x5801 | 0x5802 => Takes::Block(xfs_flags),
        _ => Takes::Unknown,
    }
}

macro_rules! forms {
    ($takes:expr, $($head:tt)*) => {
        match $takes {
            Takes::Nothing => list!($($head)*),
            Takes::Format => list!($($head)*, id: Const(&QUOTA_FORMATS), addr: In(path)),
            Takes::Record(_) => list!($($head)*, id: Uid, addr: In(record)),
            Takes::RecordOut(_) => list!($($head)*, id: Uid, addr: Out(record)),
            Takes::Block(_) => list!($($head)*, id: Skip, addr: In(record)),
            Takes::BlockOut(_) => list!($($head)*, id: Skip, addr: Out(record)),
            Takes::Place => list!($($head)*, id: Skip, addr: Ptr),
            Takes::Unknown => list!($($head)*, id: Uid, addr: Ptr),
        }
    };
}

fn quotactl_params(cx: &Cx<'_>) -> &'static [Param] {
    forms!(takes(cx.arg(0)), cmd: In(command), special: In(path))
}

fn quotactl_fd_params(cx: &Cx<'_>) -> &'static [Param] {
    forms!(takes(cx.arg(1)), fd: Fd, cmd: In(command))
}

/// What the command of either call points to.
fn record(cx: &Cx<'_>, addr: u64) -> Value {
    let of_quotactl = crate::syscall::name(cx.call.abi, cx.call.nr) == Some("quotactl");
    match takes(cx.arg(if of_quotactl { 0 } else { 1 })) {
        Takes::Record(decode)
        | Takes::RecordOut(decode)
        | Takes::Block(decode)
        | Takes::BlockOut(decode) => decode(cx, addr),
        _ => Value::Ptr(crate::ids::Addr(addr)),
    }
}

fn xfs_types(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| {
        Value::Flags(u64::from(b.u32(0)), &XFS_QUOTA_TYPES)
    })
}

fn xfs_flags(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| {
        Value::Flags(u64::from(b.u32(0)), &XFS_QUOTA_FLAGS)
    })
}
