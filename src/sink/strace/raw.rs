//! Arguments as their registers hold them: strace's `-e raw=`.

use super::named;
use crate::event::SyscallEvent;
use crate::syscall;
use crate::value::{Arg, Value};

/// Calls that take more arguments than a decoder may show, because another argument says that
/// there are fewer; strace knows of a call only how many it takes at most (linux/syscalls.h).
const MOST: &[(&str, usize)] = &[
    ("bpf", 3),
    ("clone", 5),
    ("fcntl", 3),
    ("futex", 6),
    ("ioctl", 3),
    ("keyctl", 5),
    ("mq_open", 4),
    ("mremap", 5),
    ("msgctl", 3),
    ("open", 3),
    ("openat", 4),
    ("prctl", 5),
    ("ptrace", 4),
    ("quotactl", 4),
    ("semctl", 4),
    ("shmctl", 3),
];

/// The arguments of a call as numbers.
pub(super) fn arguments(e: &SyscallEvent, names: bool) -> Vec<Arg> {
    let call = syscall::name(e.call.abi, e.call.nr).unwrap_or_default();
    let shown = e
        .args
        .iter()
        .filter(|a| !matches!(a.value, Value::Aside(..)));
    let shown: Vec<&Arg> = shown.collect();
    let count = match MOST.iter().find(|(name, _)| *name == call) {
        Some((_, count)) => *count,
        None => shown.len(),
    };
    let numbers = e.call.args.iter().take(count).enumerate();
    let plain = numbers.map(|(i, &register)| Arg {
        name: shown.get(i).map_or("", |arg| arg.name),
        value: Value::Hex(register),
    });
    match names {
        true => plain.map(|arg| named(&arg)).collect(),
        false => plain.collect(),
    }
}
