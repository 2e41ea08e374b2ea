//! What ioctl requests on block devices, files and the random pool take (linux/fs.h, linux/blkpg.h,
//! linux/blktrace_api.h, linux/random.h).

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::device::{EXTENDED_FLAGS, PARTITION_COMMANDS};
use crate::value::Value;

/// A range of a device: `[start, length]`.
pub(crate) fn range(cx: &Cx<'_>, addr: u64) -> Value {
    cx.tuple::<8>(addr, 2, |b| Value::Uint(b.u64(0)))
}

/// An unsigned short in memory.
pub(crate) fn short(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<2>(addr, |b| Value::Uint(u64::from(b.u16(0))))
}

/// A string of at most so many bytes in a field: no more than all but the last are shown.
pub(crate) fn field(b: &Bytes<'_>, at: usize, size: usize) -> Value {
    let bytes = b.data.get(at..at + size).unwrap_or(&[]);
    match bytes.iter().position(|c| *c == 0) {
        Some(end) => Value::bytes(bytes.get(..end).unwrap_or(&[])),
        None => Value::Bytes {
            bytes: bytes
                .get(..size.saturating_sub(1))
                .unwrap_or(bytes)
                .to_vec(),
            truncated: true,
        },
    }
}

/// struct blkpg_ioctl_arg, and the struct blkpg_partition that it points to.
pub(crate) fn partition(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<24>(addr, |b| {
        let number = |at| Value::Int(i64::from(b.i32(at)));
        let data = match b.i32(0) {
            1..=3 => cx.structure::<152>(b.u64(16), |b| {
                Value::fields(vec![
                    ("start", Value::Int(b.i64(0))),
                    ("length", Value::Int(b.i64(8))),
                    ("pno", Value::Int(i64::from(b.i32(16)))),
                    ("devname", field(b, 20, 64)),
                    ("volname", field(b, 84, 64)),
                ])
            }),
            _ => Value::Ptr(Addr(b.u64(16))),
        };
        Value::fields(vec![
            ("op", Value::Const(u64::from(b.u32(0)), &PARTITION_COMMANDS)),
            ("flags", number(4)),
            ("datalen", number(8)),
            ("data", data),
        ])
    })
}

/// struct blk_user_trace_setup as it is passed in.
pub(crate) fn block_trace(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<72>(addr, |b| {
        Value::fields(vec![
            ("act_mask", Value::Uint(u64::from(b.u16(32)))),
            ("buf_size", Value::Uint(u64::from(b.u32(36)))),
            ("buf_nr", Value::Uint(u64::from(b.u32(40)))),
            ("start_lba", Value::Uint(b.u64(48))),
            ("end_lba", Value::Uint(b.u64(56))),
            ("pid", Value::Uint(u64::from(b.u32(64)))),
        ])
    })
}

/// struct fstrim_range.
pub(crate) fn trim_range(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<24>(addr, |b| {
        Value::fields(vec![
            ("start", Value::Hex(b.u64(0))),
            ("len", Value::Uint(b.u64(8))),
            ("minlen", Value::Uint(b.u64(16))),
        ])
    })
}

/// struct fsxattr; `GOT`: as FS_IOC_FSGETXATTR returns it.
pub(crate) fn extended_flags<const GOT: bool>(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<28>(addr, |b| {
        let word = |at| u64::from(b.u32(at));
        let mut fields = vec![
            ("fsx_xflags", Value::Flags(word(0), &EXTENDED_FLAGS)),
            ("fsx_extsize", Value::Uint(word(4))),
        ];
        if GOT {
            fields.push(("fsx_nextents", Value::Uint(word(8))));
        }
        fields.push(("fsx_projid", Value::Hex(word(12))));
        fields.push(("fsx_cowextsize", Value::Uint(word(16))));
        Value::fields(fields)
    })
}

/// struct rand_pool_info.
pub(crate) fn entropy(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        let size = b.i32(4);
        Value::fields(vec![
            ("entropy_count", Value::Int(i64::from(b.i32(0)))),
            ("buf_size", Value::Int(i64::from(size))),
            ("buf", cx.buffer(addr.wrapping_add(8), size.max(0) as u64)),
        ])
    })
}
