//! How a call waits: interrupted, would block, timed out, limited by a timeout, or without end.

use crate::event::{Outcome, SyscallEvent, Wait};
use crate::syscall;
use crate::value::{Arg, Value};
use std::time::Duration;

/// Linux errnos that end a wait; 512 to 516 are ERESTARTSYS and its kin.
const EINTR: i32 = 4;
const EAGAIN: i32 = 11;
const ETIME: i32 = 62;
const ETIMEDOUT: i32 = 110;
const EINPROGRESS: i32 = 115;

/// How the call waits; `None` where its name is not known, or it does not wait.
#[must_use]
pub fn wait_of(event: &SyscallEvent) -> Option<Wait> {
    let name = syscall::name(event.call.abi, event.call.nr)?;
    if is_no_wait(name) || name == "futex" && !futex_waits(event.call.args[1]) {
        return None;
    }
    let limit = timeout(name, event);
    Some(match event.outcome {
        Outcome::Failed(errno) => match errno.0 {
            EINTR | 512..=516 => Wait::Interrupted,
            // Of these, EAGAIN is the timeout's.
            EAGAIN if limit.is_some() && matches!(name, "rt_sigtimedwait" | "semtimedop") => {
                Wait::TimedOut
            }
            EAGAIN | EINPROGRESS => Wait::WouldBlock,
            ETIME | ETIMEDOUT => Wait::TimedOut,
            _ => of_limit(limit),
        },
        Outcome::Returned(0) if limit.is_some() && counts_what_is_ready(name) => Wait::TimedOut,
        _ => of_limit(limit),
    })
}

/// The timeout of a call: `None` for none, `Some(None)` for one that could not be told.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Limit(Option<Duration>);

fn of_limit(limit: Option<Limit>) -> Wait {
    limit.map_or(Wait::Endless, |Limit(length)| Wait::Limited(length))
}

/// What lasts of these is the work of the kernel.
fn is_no_wait(name: &str) -> bool {
    matches!(name, "exit" | "exit_group" | "execve" | "execveat")
}

/// Zero means that nothing became ready in time.
fn counts_what_is_ready(name: &str) -> bool {
    matches!(
        name,
        "epoll_wait"
            | "epoll_pwait"
            | "epoll_pwait2"
            | "poll"
            | "ppoll"
            | "select"
            | "pselect6"
            | "io_getevents"
            | "io_pgetevents"
    )
}

const FUTEX_CMD: u64 = 0x7f;
const FUTEX_WAIT: u64 = 0;
const FUTEX_LOCK_PI: u64 = 6;
const FUTEX_WAIT_BITSET: u64 = 9;
const FUTEX_WAIT_REQUEUE_PI: u64 = 11;
const FUTEX_LOCK_PI2: u64 = 13;

/// Others wake, or move who waits.
fn futex_waits(op: u64) -> bool {
    matches!(
        op & FUTEX_CMD,
        FUTEX_WAIT | FUTEX_LOCK_PI | FUTEX_WAIT_BITSET | FUTEX_WAIT_REQUEUE_PI | FUTEX_LOCK_PI2
    )
}

fn timeout(name: &str, event: &SyscallEvent) -> Option<Limit> {
    const TIMER_ABSTIME: u64 = 1;
    let args = event.call.args;
    let millis = |n: u64| {
        let n = n as u32 as i32;
        u64::try_from(n).ok().map(Duration::from_millis)
    };
    let pointer =
        |n: u64, absolute: bool| (n != 0).then(|| Limit(length(&event.args).filter(|_| !absolute)));
    match name {
        "epoll_wait" | "epoll_pwait" => millis(args[3]).map(|d| Limit(Some(d))),
        "poll" => millis(args[2]).map(|d| Limit(Some(d))),
        "ppoll" => pointer(args[2], false),
        "select" | "pselect6" | "recvmmsg" | "io_getevents" | "io_pgetevents" => {
            pointer(args[4], false)
        }
        "epoll_pwait2" | "semtimedop" => pointer(args[3], false),
        "rt_sigtimedwait" => pointer(args[2], false),
        "mq_timedsend" | "mq_timedreceive" => pointer(args[4], true),
        "futex" => match args[1] & FUTEX_CMD {
            FUTEX_WAIT => pointer(args[3], false),
            FUTEX_LOCK_PI | FUTEX_WAIT_BITSET | FUTEX_WAIT_REQUEUE_PI | FUTEX_LOCK_PI2 => {
                pointer(args[3], true)
            }
            _ => None,
        },
        "futex_wait" => pointer(args[4], true),
        "futex_waitv" => pointer(args[3], true),
        "nanosleep" => Some(Limit(length(&event.args))),
        "clock_nanosleep" => {
            let absolute = args[1] & TIMER_ABSTIME != 0;
            Some(Limit(length(&event.args).filter(|_| !absolute)))
        }
        _ => None,
    }
}

/// The first `{tv_sec, tv_nsec}` (or `tv_usec`) among the arguments: no call has its timeout
/// behind another one.
fn length(args: &[Arg]) -> Option<Duration> {
    args.iter().find_map(|arg| in_value(&arg.value))
}

fn in_value(value: &Value) -> Option<Duration> {
    match value {
        Value::Struct { fields, .. } => match fields.as_slice() {
            [("tv_sec", Value::Int(s)), (unit, Value::Uint(n))] => {
                let scale = if *unit == "tv_usec" { 1000 } else { 1 };
                let ns = n.checked_mul(scale)?;
                Duration::from_secs(u64::try_from(*s).ok()?).checked_add(Duration::from_nanos(ns))
            }
            _ => None,
        },
        Value::Noted(inner, _) | Value::Pointee(inner) => in_value(inner),
        Value::Changed(before, _) => in_value(before),
        _ => None,
    }
}
