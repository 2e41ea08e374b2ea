//! Clocks and sleeping.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::time::*;
use crate::syscall::names::time::*;

calls! {
    nanosleep(req: Early(timespec), rem: Exit(remaining));
    clock_nanosleep(clockid: Const(&CLOCKS), flags: Flags(&CLOCK_FLAGS),
        request: Early(clock_nanosleep_request), remain: Exit(remaining));
    clock_gettime(clockid: Const(&CLOCKS), tp: Out(timespec));
    clock_getres(clockid: Const(&CLOCKS), res: Out(timespec));
    clock_settime(clockid: Const(&CLOCKS), tp: In(timespec));
}
