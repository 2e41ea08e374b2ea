//! Waiting for a word in memory to change.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::futex::{deadline_of, futex2_flags, params, waiter_pair, waiters};
use crate::syscall::names::time::CLOCKS;

calls! {
    futex(..) = params;
    futex_waitv(waiters: In(waiters), nr_futexes: Uint, flags: Hex32,
        timeout: In(deadline_of::<4>), clockid: Const(&CLOCKS));
    futex_wait(uaddr: Object, val: Ulong, mask: Hex, flags: In(futex2_flags),
        timeout: In(deadline_of::<5>), clockid: Const(&CLOCKS));
    futex_wake(uaddr: Object, mask: Hex, nr: Int, flags: In(futex2_flags));
    futex_requeue(waiters: In(waiter_pair), flags: Hex32, nr_wake: Int, nr_requeue: Int);
}
