//! struct iocb, struct io_event (linux/aio_abi.h).

use super::identity::ioprio;
use super::io::{bare_vectors, vectors};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::ipc::{IOCB_COMMANDS, IOCB_FLAGS};
use crate::value::Value;

/// The most vectors that the kernel takes (linux/uio.h: UIO_MAXIOV).
const IOV_MAX: u64 = 1024;

const PREAD: u16 = 0;
const PWRITE: u16 = 1;
const FSYNC: u16 = 2;
const FDSYNC: u16 = 3;
const POLL: u16 = 5;
const PREADV: u16 = 7;
const PWRITEV: u16 = 8;

/// The context that io_setup has made.
pub(crate) fn context(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Hex(b.u64(0)))
}

/// The control blocks that io_submit is given pointers to; their number is argument 1.
pub(crate) fn blocks(cx: &Cx<'_>, addr: u64) -> Value {
    // The kernel takes no negative number.
    match cx.arg(1) as i64 {
        ..0 => Value::Ptr(Addr(addr)),
        count => cx.array::<8>(addr, count as u64, |b| block(cx, b.u64(0), true)),
    }
}

/// The control block of what is to be cancelled.
pub(crate) fn cancelled(cx: &Cx<'_>, addr: u64) -> Value {
    block(cx, addr, false)
}

/// struct iocb; with what the operation itself takes, or without.
fn block(cx: &Cx<'_>, addr: u64, whole: bool) -> Value {
    cx.structure::<64>(addr, |b| {
        let command = b.u16(16);
        let mut fields = vec![("aio_data", Value::Hex(b.u64(0)))];
        if b.u32(8) != 0 {
            fields.push(("aio_key", Value::Uint(u64::from(b.u32(8)))));
        }
        fields.push((
            "aio_lio_opcode",
            Value::Decimal(i64::from(command), &IOCB_COMMANDS),
        ));
        if b.u16(18) != 0 {
            // IOCB_FLAG_IOPRIO.
            let priority = match b.u32(56) & 2 {
                0 => Value::Int(i64::from(b.u16(18) as i16)),
                _ => ioprio(cx, u64::from(b.u16(18))),
            };
            fields.push(("aio_reqprio", priority));
        }
        fields.push(("aio_fildes", Value::Fd(b.i32(20))));
        if whole {
            operation(cx, b, command, &mut fields);
        }
        Value::fields(fields)
    })
}

fn operation(cx: &Cx<'_>, b: &Bytes<'_>, command: u16, fields: &mut Vec<(&'static str, Value)>) {
    let (buffer, length) = (b.u64(24), b.u64(32));
    let shown = match command {
        PREAD => Value::Hex(buffer),
        PWRITE => cx.buffer(buffer, length),
        PREADV | PWRITEV if length > IOV_MAX => Value::Hex(buffer),
        PREADV => bare_vectors(cx, buffer, length),
        PWRITEV => vectors(cx, buffer, length, u64::MAX),
        POLL => Value::Flags(buffer, &crate::syscall::names::poll::POLL_EVENTS),
        FSYNC | FDSYNC => Value::Hex(buffer),
        _ => return,
    };
    if matches!(command, PREAD | PWRITE | PREADV | PWRITEV) {
        let counted = matches!(command, PREADV | PWRITEV) && length <= IOV_MAX;
        fields.push(("aio_buf", shown));
        if !counted {
            fields.push(("aio_nbytes", Value::Uint(length)));
        }
        fields.push(("aio_offset", Value::Int(b.i64(40))));
    } else if command == POLL {
        fields.push(("aio_buf", shown));
    }
    let flags = b.u32(56);
    if flags != 0 {
        fields.push(("aio_flags", Value::Flags(u64::from(flags), &IOCB_FLAGS)));
        // IOCB_FLAG_RESFD.
        if flags & 1 != 0 {
            fields.push(("aio_resfd", Value::Fd(b.i32(60))));
        }
    }
}

/// As many events as the call returned.
pub(crate) fn events_returned(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<32>(addr, cx.count(), event)
}

/// The event of what was cancelled.
pub(crate) fn event_cancelled(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, event)
}

/// struct io_event.
fn event(b: &Bytes<'_>) -> Value {
    Value::fields(vec![
        ("data", Value::Hex(b.u64(0))),
        ("obj", Value::Ptr(Addr(b.u64(8)))),
        ("res", Value::Int(b.i64(16))),
        ("res2", Value::Int(b.i64(24))),
    ])
}
