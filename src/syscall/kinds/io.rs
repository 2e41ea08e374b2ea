//! Buffers and vectors of buffers (struct iovec, linux/uio.h).

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::value::Value;

/// A buffer whose length is argument 2 (write, send).
pub(crate) fn buffer(cx: &Cx<'_>, addr: u64) -> Value {
    cx.buffer(addr, cx.arg(2))
}

/// A buffer as long as what the call returned (read).
pub(crate) fn buffer_returned(cx: &Cx<'_>, addr: u64) -> Value {
    cx.buffer(addr, cx.count())
}

/// `count` vectors of which `left` bytes hold data.
pub(crate) fn vectors(cx: &Cx<'_>, addr: u64, count: u64, left: u64) -> Value {
    vectors_with(cx, addr, count, left, |cx, addr, len| cx.buffer(addr, len))
}

/// The same, of which each is shown by `show`.
pub(crate) fn vectors_with(
    cx: &Cx<'_>,
    addr: u64,
    count: u64,
    mut left: u64,
    show: fn(&Cx<'_>, u64, u64) -> Value,
) -> Value {
    cx.array::<16>(addr, count, |b| {
        let len = b.u64(8);
        let shown = len.min(left);
        // All of them, where nothing says how much there is.
        if left != u64::MAX {
            left -= shown;
        }
        Value::fields(vec![
            ("iov_base", show(cx, b.u64(0), shown)),
            ("iov_len", Value::Uint(len)),
        ])
    })
}

/// `count` vectors as addresses alone.
pub(crate) fn bare_vectors(cx: &Cx<'_>, addr: u64, count: u64) -> Value {
    cx.array::<16>(addr, count, |b| {
        Value::fields(vec![
            ("iov_base", Value::Ptr(Addr(b.u64(0)))),
            ("iov_len", Value::Uint(b.u64(8))),
        ])
    })
}

/// The vectors that writev writes; their number is argument 2.
pub(crate) fn vectors_in(cx: &Cx<'_>, addr: u64) -> Value {
    vectors(cx, addr, cx.arg(2), u64::MAX)
}

/// The vectors that readv has filled; a failed call shows their addresses.
pub(crate) fn vectors_out(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.returned() {
        Some(n) => vectors(cx, addr, cx.arg(2), n.max(0) as u64),
        None => bare_vectors(cx, addr, cx.arg(2)),
    }
}

/// An int in memory.
pub(crate) fn int(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Int(i64::from(b.i32(0))))
}

/// An unsigned int in memory.
pub(crate) fn uint(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Uint(u64::from(b.u32(0))))
}

/// A file offset in memory.
pub(crate) fn offset(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Int(b.i64(0)))
}

/// A size, or an offset that strace takes for one, in memory.
pub(crate) fn size_pointee(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Uint(b.u64(0)))
}

/// `pipefd`: two descriptors.
pub(crate) fn fd_pair(cx: &Cx<'_>, addr: u64) -> Value {
    cx.tuple::<4>(addr, 2, |b| Value::Fd(b.i32(0)))
}

/// A path, shown in full.
pub(crate) fn path(cx: &Cx<'_>, addr: u64) -> Value {
    cx.path(addr)
}

/// A string.
pub(crate) fn string(cx: &Cx<'_>, addr: u64) -> Value {
    cx.string(addr)
}

/// sendfile's offset once moved on: `[0] => [5]`.
pub(crate) fn sendfile_moved(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    match (cx.count(), cx.u64_at(addr)) {
        (1.., Some(after)) => {
            Value::Changed(Box::new(entry), Box::new(Value::Uint(after).pointee()))
        }
        _ => entry,
    }
}
