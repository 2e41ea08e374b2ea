//! System V objects: who may use them and what they hold (linux/ipc.h, msg.h, sem.h, shm.h and
//! asm-generic/ipcbuf.h, msgbuf.h, sembuf.h, shmbuf.h).

use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::value::Value;

/// struct ipc64_perm; all but the owner and the mode are the kernel's own.
fn permissions(b: &Bytes<'_>, full: bool) -> Value {
    let mut fields = vec![
        ("uid", uid(b.u32(4))),
        ("gid", uid(b.u32(8))),
        ("mode", Value::Octal(u64::from(b.u32(20)))),
    ];
    if full {
        fields.push(("key", Value::Uint(u64::from(b.u32(0)))));
        fields.push(("cuid", uid(b.u32(12))));
        fields.push(("cgid", uid(b.u32(16))));
    }
    Value::fields(fields)
}

/// `int`s in a row, from the start of the structure.
fn numbers(b: &Bytes<'_>, names: &[&'static str]) -> Vec<(&'static str, Value)> {
    let each = names.iter().enumerate();
    each.map(|(n, name)| (*name, Value::Int(i64::from(b.i32(n * 4)))))
        .collect()
}

/// struct msqid64_ds.
pub(crate) fn queue(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<120>(addr, |b| {
        Value::fields(vec![
            ("msg_perm", permissions(b, true)),
            ("msg_stime", Value::Uint(b.u64(48))),
            ("msg_rtime", Value::Uint(b.u64(56))),
            ("msg_ctime", Value::Uint(b.u64(64))),
            ("msg_qnum", Value::Uint(b.u64(80))),
            ("msg_qbytes", Value::Uint(b.u64(88))),
            ("msg_lspid", Value::Pid(b.i32(96))),
            ("msg_lrpid", Value::Pid(b.i32(100))),
        ])
    })
}

/// What IPC_SET takes of it.
pub(crate) fn queue_set(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<120>(addr, |b| {
        Value::fields(vec![
            ("msg_perm", permissions(b, false)),
            ("msg_qbytes", Value::Uint(b.u64(88))),
        ])
    })
}

/// struct msginfo.
pub(crate) fn queue_limits(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 7] = [
        "msgpool", "msgmap", "msgmax", "msgmnb", "msgmni", "msgssz", "msgtql",
    ];
    cx.structure::<32>(addr, |b| {
        let mut fields = numbers(b, &NAMES);
        fields.push(("msgseg", Value::Uint(u64::from(b.u16(28)))));
        Value::fields(fields)
    })
}

/// struct semid64_ds; on x86_64 each time has a word in reserve.
pub(crate) fn semaphores(cx: &Cx<'_>, addr: u64) -> Value {
    let fields = |b: &Bytes<'_>, changed, count| {
        Value::fields(vec![
            ("sem_perm", permissions(b, true)),
            ("sem_otime", Value::Uint(b.u64(48))),
            ("sem_ctime", Value::Uint(b.u64(changed))),
            ("sem_nsems", Value::Uint(b.u64(count))),
        ])
    };
    match cx.is_aarch64() {
        true => cx.structure::<88>(addr, |b| fields(b, 56, 64)),
        false => cx.structure::<104>(addr, |b| fields(b, 64, 80)),
    }
}

/// What IPC_SET takes of it.
pub(crate) fn semaphores_set(cx: &Cx<'_>, addr: u64) -> Value {
    let fields = |b: &Bytes<'_>| Value::fields(vec![("sem_perm", permissions(b, false))]);
    match cx.is_aarch64() {
        true => cx.structure::<88>(addr, fields),
        false => cx.structure::<104>(addr, fields),
    }
}

/// struct seminfo.
pub(crate) fn semaphore_limits(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 10] = [
        "semmap", "semmni", "semmns", "semmnu", "semmsl", "semopm", "semume", "semusz", "semvmx",
        "semaem",
    ];
    cx.structure::<40>(addr, |b| Value::fields(numbers(b, &NAMES)))
}

/// struct shmid64_ds.
pub(crate) fn segment(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<112>(addr, |b| {
        Value::fields(vec![
            ("shm_perm", permissions(b, true)),
            ("shm_segsz", Value::Uint(b.u64(48))),
            ("shm_cpid", Value::Pid(b.i32(80))),
            ("shm_lpid", Value::Pid(b.i32(84))),
            ("shm_nattch", Value::Uint(b.u64(88))),
            ("shm_atime", Value::Uint(b.u64(56))),
            ("shm_dtime", Value::Uint(b.u64(64))),
            ("shm_ctime", Value::Uint(b.u64(72))),
        ])
    })
}

/// What IPC_SET takes of it.
pub(crate) fn segment_set(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<112>(addr, |b| {
        Value::fields(vec![("shm_perm", permissions(b, false))])
    })
}

/// struct shminfo64.
pub(crate) fn segment_limits(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 5] = ["shmmax", "shmmin", "shmmni", "shmseg", "shmall"];
    cx.structure::<72>(addr, |b| {
        let each = NAMES.iter().enumerate();
        Value::fields(
            each.map(|(n, name)| (*name, Value::Uint(b.u64(n * 8))))
                .collect(),
        )
    })
}

/// struct shm_info: what all of them use.
pub(crate) fn segments_used(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 5] = [
        "shm_tot",
        "shm_rss",
        "shm_swp",
        "swap_attempts",
        "swap_successes",
    ];
    cx.structure::<48>(addr, |b| {
        let mut fields = vec![("used_ids", Value::Int(i64::from(b.i32(0))))];
        let each = NAMES.iter().enumerate();
        fields.extend(each.map(|(n, name)| (*name, Value::Uint(b.u64(8 + n * 8)))));
        Value::fields(fields)
    })
}
