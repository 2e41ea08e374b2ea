//! A timer that wakes one thread out of a blocking wait: POSIX timer, SIGEV_THREAD_ID.
//!
//! The signal could arrive just before the wait blocks; so an expired alarm repeats every two
//! milliseconds until it is set anew.

use super::SysError;
use super::signals::WAKE;
use crate::ids::Tid;

/// A timer bound to the thread that made it.
#[derive(Debug)]
pub struct Alarm {
    timer: libc::timer_t,
}

const REPEAT_NS: i64 = 2_000_000;

impl Alarm {
    /// A timer for the calling thread, not set. [`super::signals::install`] must have run.
    ///
    /// # Errors
    /// What timer_create(2) says.
    pub fn new() -> Result<Alarm, SysError> {
        // SAFETY: an all-zero sigevent is a valid value of this plain C structure.
        let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = WAKE.0;
        event.sigev_notify_thread_id = nix::unistd::gettid().as_raw();
        let mut timer = std::ptr::null_mut();
        // SAFETY: both pointers are valid for the call, which keeps neither.
        let result = unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, &mut timer) };
        if result != 0 {
            return Err(SysError::last("timer_create", Tid(0)));
        }
        Ok(Alarm { timer })
    }

    /// Wakes the thread at `mono_ns` (CLOCK_MONOTONIC), and again every 2 ms until set anew.
    ///
    /// # Errors
    /// What timer_settime(2) says.
    pub fn set(&self, mono_ns: u64) -> Result<(), SysError> {
        let spec = libc::itimerspec {
            it_interval: timespec(REPEAT_NS as u64),
            // A zero time would disarm it.
            it_value: timespec(mono_ns.max(1)),
        };
        // SAFETY: `timer` came from timer_create; `spec` is valid for the call.
        let result = unsafe {
            libc::timer_settime(self.timer, libc::TIMER_ABSTIME, &spec, std::ptr::null_mut())
        };
        if result != 0 {
            return Err(SysError::last("timer_settime", Tid(0)));
        }
        Ok(())
    }
}

fn timespec(ns: u64) -> libc::timespec {
    libc::timespec {
        tv_sec: (ns / 1_000_000_000) as libc::time_t,
        tv_nsec: (ns % 1_000_000_000) as libc::c_long,
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // SAFETY: `timer` came from timer_create and is deleted once.
        unsafe {
            libc::timer_delete(self.timer);
        }
    }
}
