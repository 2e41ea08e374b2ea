//! Clocks and sleeping.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::int as timer_id;
use crate::syscall::kinds::time::*;
use crate::syscall::names::time::*;
use crate::value::{Note, Value};

calls! {
    nanosleep(req: Early(timespec), rem: Exit(remaining));
    clock_nanosleep(clockid: Const(&CLOCKS), flags: Flags(&CLOCK_FLAGS),
        request: Early(clock_nanosleep_request), remain: Exit(remaining));
    clock_gettime(clockid: Const(&CLOCKS), tp: Out(timespec));
    clock_getres(clockid: Const(&CLOCKS), res: Out(timespec));
    clock_settime(clockid: Const(&CLOCKS), tp: In(timespec));
    gettimeofday(tv: Out(timeval), tz: Out(timezone));
    settimeofday(tv: In(timeval), tz: In(timezone));
    time(tloc: Out(time_pointee)), asides date_returned;
    times(buf: Out(tms));
    adjtimex(buf: Out(timex)), asides state_returned;
    clock_adjtime(clockid: Const(&CLOCKS), tx: Out(timex)), asides state_returned;
    timer_create(clockid: Const(&CLOCKS), sevp: In(sigevent), timerid: Out(timer_id));
    timer_settime(timerid: Int, flags: Flags(&TIMER_FLAGS), new_value: Early(itimerspec),
        old_value: Out(itimerspec));
    timer_gettime(timerid: Int, curr_value: Out(itimerspec));
    timer_getoverrun(timerid: Int);
    timer_delete(timerid: Int);
    getitimer(which: Const(&ITIMERS), curr_value: Out(itimerval));
    setitimer(which: Const(&ITIMERS), new_value: Early(itimerval), old_value: Out(itimerval));
    alarm(seconds: Uint);
}

/// Whether the clock is being adjusted, as adjtimex returns it.
fn state_returned(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) if ADJTIMEX_STATES.name(n as u64).is_some() => {
            vec![("", Value::Const(n as u64, &ADJTIMEX_STATES))]
        }
        _ => Vec::new(),
    }
}

fn time_pointee(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| {
        let seconds = Value::Int(b.i64(0));
        Value::Noted(Box::new(seconds), Note::At(b.i64(0), 0, 0))
    })
}

/// The date that time's result is.
fn date_returned(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) => vec![("", Value::Date(n))],
        None => Vec::new(),
    }
}
