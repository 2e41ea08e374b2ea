//! System V and POSIX inter-process communication, io_uring, random numbers.

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::io::*;
use crate::syscall::kinds::ipc;
use crate::syscall::kinds::signal::sigset;
use crate::syscall::kinds::stat::open_flags;
use crate::syscall::kinds::time::{Clock, deadline, sigevent, timespec};
use crate::syscall::names::ipc::*;
use crate::value::Value;

calls! {
    semget(key: In(key), nsems: Int, semflg: In(get_flags));
    semctl(..) = semctl_params;
    msgget(key: In(key), msgflg: In(get_flags));
    msgctl(..) = msgctl_params;
    shmget(key: In(key), size: Ulong, shmflg: In(shmget_flags));
    shmctl(..) = shmctl_params;
    mq_open(..) = mq_open_params -> Fd;
    mq_getsetattr(mqdes: Fd, newattr: In(mq_attr), oldattr: Out(mq_attr));
    mq_notify(mqdes: Fd, sevp: In(sigevent));
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

/// A key; zero makes a private one.
fn key(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw & 0xffff_ffff {
        0 => Value::Const(0, &IPC_KEYS),
        key => Value::Hex(key),
    }
}

/// What to create, and the permissions of it.
fn get_flags(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    with_mode(Value::Flags(raw & 0xffff_ffff & !0o777, &IPC_FLAGS), raw)
}

fn with_mode(flags: Value, raw: u64) -> Value {
    let mode = Value::Octal(raw & 0o777);
    match flags {
        Value::Flags(0, _) => mode,
        flags => Value::All(vec![flags, mode]),
    }
}

/// The same for shared memory, which may be of huge pages of a size.
fn shmget_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const HUGE_SHIFT: u64 = 26;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    let bits = raw & 0x03ff_ffff & !0o777;
    let mut parts = Vec::new();
    if bits != 0 {
        parts.push(Value::Flags(bits, &SHMGET_FLAGS));
    }
    if raw >> HUGE_SHIFT != 0 {
        let size = Value::Uint(raw >> HUGE_SHIFT);
        parts.push(Value::Shifted(Box::new(size), "SHM_HUGE_SHIFT"));
    }
    parts.push(Value::Octal(raw & 0o777));
    Value::All(parts)
}

const SEM: usize = 0;
const MSG: usize = 1;
const SHM: usize = 2;

/// A control command; IPC_64 says which structures the caller means.
fn control<const WHAT: usize>(cx: &Cx<'_>, raw: u64) -> Value {
    const IPC_64: u64 = 0x100;
    let _ = cx;
    let names = match WHAT {
        SEM => &SEM_CONTROLS,
        MSG => &MSG_CONTROLS,
        _ => &SHM_CONTROLS,
    };
    let raw = raw & 0xffff_ffff;
    let command = Value::Const(raw & !IPC_64, names);
    match raw & IPC_64 {
        0 => command,
        _ => Value::All(vec![Value::Symbol("IPC_64"), command]),
    }
}

/// What IPC_64 says is not part of the command.
const COMMAND: u32 = !0x100;

fn semctl_params(cx: &Cx<'_>) -> &'static [Param] {
    macro_rules! params {
        ($arg:expr) => { list!(semid: Int, semnum: Int, cmd: In(control::<SEM>), arg: $arg) };
    }
    match cx.arg(2) as u32 & COMMAND {
        1 => params!(In(ipc::semaphores_set)),
        // IPC_STAT, SEM_STAT, SEM_STAT_ANY.
        2 | 0x12 | 0x14 => params!(Out(ipc::semaphores)),
        // IPC_INFO, SEM_INFO.
        3 | 0x13 => params!(Out(ipc::semaphore_limits)),
        _ => params!(Ptr),
    }
}

fn msgctl_params(cx: &Cx<'_>) -> &'static [Param] {
    macro_rules! params {
        ($buf:expr) => { list!(msqid: Int, cmd: In(control::<MSG>), buf: $buf) };
    }
    match cx.arg(1) as u32 & COMMAND {
        1 => params!(In(ipc::queue_set)),
        // IPC_STAT, MSG_STAT, MSG_STAT_ANY.
        2 | 0xb | 0xd => params!(Out(ipc::queue)),
        // IPC_INFO, MSG_INFO.
        3 | 0xc => params!(Out(ipc::queue_limits)),
        _ => params!(Ptr),
    }
}

fn shmctl_params(cx: &Cx<'_>) -> &'static [Param] {
    macro_rules! params {
        ($buf:expr) => { list!(shmid: Int, cmd: In(control::<SHM>), buf: $buf) };
    }
    match cx.arg(1) as u32 & COMMAND {
        1 => params!(In(ipc::segment_set)),
        // IPC_STAT, SHM_STAT, SHM_STAT_ANY.
        2 | 0xd | 0xf => params!(Out(ipc::segment)),
        3 => params!(Out(ipc::segment_limits)),
        // SHM_INFO.
        0xe => params!(Out(ipc::segments_used)),
        _ => params!(Ptr),
    }
}

fn mq_open_params(cx: &Cx<'_>) -> &'static [Param] {
    const O_CREAT: u64 = 0o100;
    match cx.arg(1) & O_CREAT {
        0 => list!(name: In(path), oflag: In(open_flags)),
        _ => list!(name: In(path), oflag: In(open_flags), mode: Mode, attr: In(mq_attr_given)),
    }
}

/// struct mq_attr (linux/mqueue.h).
fn mq_attr(cx: &Cx<'_>, addr: u64) -> Value {
    mq_attr_of(cx, addr, |flags| Value::Flags(flags, &MQ_FLAGS))
}

/// As mq_open takes it, whose flags do not count.
fn mq_attr_given(cx: &Cx<'_>, addr: u64) -> Value {
    mq_attr_of(cx, addr, Value::Hex)
}

fn mq_attr_of(cx: &Cx<'_>, addr: u64, flags: fn(u64) -> Value) -> Value {
    cx.structure::<64>(addr, |b| {
        let mut fields = vec![("mq_flags", flags(b.u64(0)))];
        for (name, at) in [("mq_maxmsg", 8), ("mq_msgsize", 16), ("mq_curmsgs", 24)] {
            fields.push((name, Value::Int(b.i64(at))));
        }
        Value::fields(fields)
    })
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
            ("sq_thread_cpu", Value::Hex(u64::from(b.u32(12)))),
            ("sq_thread_idle", Value::Uint(u64::from(b.u32(16)))),
        ];
        // IORING_SETUP_ATTACH_WQ.
        if flags & 0x20 != 0 {
            fields.push(("wq_fd", Value::Fd(b.i32(24))));
        }
        let reserved = [28, 32, 36].map(|at| u64::from(b.u32(at)));
        if reserved != [0; 3] {
            fields.push(("resv", Value::array(reserved.map(Value::Hex).into())));
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
        // IORING_REGISTER_FILES_UPDATE.
        6 => cx.structure::<16>(addr, |b| {
            let mut fields = vec![("offset", Value::Uint(u64::from(b.u32(0))))];
            if b.u32(4) != 0 {
                fields.push(("resv", Value::Hex(u64::from(b.u32(4)))));
            }
            let fds = cx.array::<4>(b.u64(8), count, |b| match b.i32(0) {
                -2 => Value::Symbol("IORING_REGISTER_FILES_SKIP"),
                fd => Value::Fd(fd),
            });
            fields.push(("fds", fds));
            Value::fields(fields)
        }),
        _ => Value::Ptr(Addr(addr)),
    }
}
