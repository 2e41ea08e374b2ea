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
    gettimeofday(tv: Out(timeval), tz: Ptr);
    getitimer(which: Const(&ITIMERS), curr_value: Out(itimerval));
    setitimer(which: Const(&ITIMERS), new_value: Early(itimerval), old_value: Out(itimerval));
    alarm(seconds: Uint);
}
