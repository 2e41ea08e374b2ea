//! System V and POSIX inter-process communication, io_uring, random numbers.

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::*;
use crate::syscall::kinds::signal::sigset;
use crate::syscall::kinds::time::{Clock, deadline, timespec};
use crate::syscall::names::ipc::*;
use crate::value::Value;

calls! {
    semop(semid: Int, sops: In(sembufs), nsops: Uint);
    semtimedop(semid: Int, sops: In(sembufs), nsops: Uint, timeout: In(timespec));
    msgsnd(msqid: Int, msgp: In(message_sent), msgsz: Ulong, msgflg: Flags(&MSG_IPC_FLAGS));
    msgrcv(msqid: Int, msgp: Out(message_received), msgsz: Ulong, msgtyp: Long,
        msgflg: Flags(&MSG_IPC_FLAGS));
    shmat(shmid: Int, shmaddr: Ptr, shmflg: Flags(&SHM_FLAGS)) -> Hex;
    shmdt(shmaddr: Ptr);
    mq_timedsend(mqdes: Fd, msg_ptr: In(buffer), msg_len: Ulong, msg_prio: Uint,
        abs_timeout: In(realtime_deadline));
    mq_timedreceive(mqdes: Fd, msg_ptr: Out(buffer_returned), msg_len: Ulong,
        msg_prio: Out(uint), abs_timeout: In(realtime_deadline));
    mq_unlink(name: In(path));
    getrandom(buf: Out(random), buflen: Ulong, flags: Flags(&RANDOM_FLAGS));
    io_uring_setup(entries: Uint, p: InOut(uring_params, uring_params_after)) -> Fd;
    io_uring_enter(fd: Fd, to_submit: Uint, min_complete: Uint, flags: Flags(&URING_ENTER_FLAGS),
        sig: In(sigset::<5>), sigsz: Ulong);
    io_uring_register(fd: Fd, opcode: Const(&URING_REGISTER_OPS), arg: In(uring_register_arg),
        nr_args: Uint);
}

fn realtime_deadline(cx: &Cx<'_>, addr: u64) -> Value {
    deadline(cx, addr, Clock::Realtime)
}

/// struct sembuf (linux/sem.h).
fn sembufs(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<6>(addr, u64::from(cx.arg(2) as u32), |b| {
        Value::fields(vec![
            ("sem_num", Value::Uint(u64::from(b.u16(0)))),
            ("sem_op", Value::Int(i64::from(b.u16(2) as i16))),
            ("sem_flg", Value::Flags(u64::from(b.u16(4)), &SEM_FLAGS)),
        ])
    })
}

fn message_sent(cx: &Cx<'_>, addr: u64) -> Value {
    message(cx, addr, cx.arg(2))
}

fn message_received(cx: &Cx<'_>, addr: u64) -> Value {
    message(cx, addr, cx.arg(2))
}

/// struct msgbuf (linux/msg.h): a type and `len` bytes.
fn message(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        Value::fields(vec![
            ("mtype", Value::Int(b.i64(0))),
            ("mtext", cx.buffer(addr.wrapping_add(8), len)),
        ])
    })
}

/// Random bytes, which no text hides in.
fn random(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.buffer(addr, cx.count()) {
        Value::Bytes { bytes, truncated } => Value::Binary { bytes, truncated },
        other => other,
    }
}

/// struct io_uring_params (linux/io_uring.h) as passed in.
fn uring_params(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<120>(addr, |b| {
        let flags = b.u32(8);
        let mut fields = vec![
            ("flags", Value::Flags(u64::from(flags), &URING_SETUP_FLAGS)),
            ("sq_thread_cpu", Value::Uint(u64::from(b.u32(12)))),
            ("sq_thread_idle", Value::Uint(u64::from(b.u32(16)))),
        ];
        // IORING_SETUP_ATTACH_WQ.
        if flags & 0x20 != 0 {
            fields.push(("wq_fd", Value::Fd(b.i32(24))));
        }
        Value::fields(fields)
    })
}

/// What io_uring_setup adds to it.
fn uring_params_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    const SQ: [&str; 7] = [
        "head",
        "tail",
        "ring_mask",
        "ring_entries",
        "flags",
        "dropped",
        "array",
    ];
    const CQ: [&str; 7] = [
        "head",
        "tail",
        "ring_mask",
        "ring_entries",
        "overflow",
        "cqes",
        "flags",
    ];
    let (Some(_), Value::Struct { mut fields, more }) = (cx.returned(), entry.clone()) else {
        return entry;
    };
    let Some(raw) = cx.read::<120>(addr) else {
        return entry;
    };
    let b = crate::syscall::cx::Bytes {
        addr: Addr(addr),
        data: &raw,
    };
    let offsets = |names: [&'static str; 7], at: usize| {
        let each = names.iter().enumerate();
        Value::fields(
            each.map(|(n, name)| (*name, Value::Uint(u64::from(b.u32(at + n * 4)))))
                .collect(),
        )
    };
    fields.push(("sq_entries", Value::Uint(u64::from(b.u32(0)))));
    fields.push(("cq_entries", Value::Uint(u64::from(b.u32(4)))));
    fields.push((
        "features",
        Value::Flags(u64::from(b.u32(20)), &URING_FEATURES),
    ));
    fields.push(("sq_off", offsets(SQ, 40)));
    fields.push(("cq_off", offsets(CQ, 80)));
    Value::Struct { fields, more }
}

/// io_uring_register's argument, by operation.
fn uring_register_arg(cx: &Cx<'_>, addr: u64) -> Value {
    let count = u64::from(cx.arg(3) as u32);
    match cx.arg(1) as u32 {
        0 => bare_vectors(cx, addr, count),
        // IORING_REGISTER_FILES, _EVENTFD, _EVENTFD_ASYNC.
        2 | 4 | 7 => cx.array::<4>(addr, count, |b| Value::Fd(b.i32(0))),
        _ => Value::Ptr(Addr(addr)),
    }
}
