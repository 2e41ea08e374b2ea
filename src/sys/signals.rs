//! Our own signals: what wakes the tracer thread, and what asks us to stop.

use super::SysError;
use crate::ids::{Signal, Tid};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal as NixSignal, sigaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

/// Interrupts a blocking wait of ours; does nothing else.
pub const WAKE: Signal = Signal(libc::SIGURG);

/// SIGTERM or SIGHUP as it arrived, 0 before.
static TERMINATED_BY: AtomicI32 = AtomicI32::new(0);

extern "C" fn wake(_: libc::c_int) {}

extern "C" fn terminate(signal: libc::c_int) {
    TERMINATED_BY.store(signal, Ordering::Relaxed);
}

/// How often we were asked to stop, and how to make the tracer thread notice.
#[derive(Clone, Debug, Default)]
pub struct StopRequests {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    interrupts: AtomicU32,
    ends: AtomicU32,
    tracer: AtomicI32,
}

impl StopRequests {
    /// Ctrl-C was typed so many times.
    #[must_use]
    pub fn interrupts(&self) -> u32 {
        self.inner.interrupts.load(Ordering::Relaxed)
    }

    /// Counts one Ctrl-C and wakes the tracer thread.
    pub fn interrupt(&self) {
        self.inner.interrupts.fetch_add(1, Ordering::Relaxed);
        self.wake_tracer();
    }

    /// Counts a SIGTERM or SIGHUP that was passed on to the command, like a Ctrl-C that the
    /// terminal sent to it.
    pub fn count_forwarded(&self) {
        self.inner.interrupts.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for an end from within (closed pipe, --max-events) and wakes the tracer thread.
    pub fn end(&self) {
        self.inner.ends.fetch_add(1, Ordering::Relaxed);
        self.wake_tracer();
    }

    /// Whether an end was asked for from within.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.inner.ends.load(Ordering::Relaxed) > 0
    }

    /// The SIGTERM or SIGHUP that arrived since the last call.
    #[must_use]
    pub fn take_termination(&self) -> Option<Signal> {
        match TERMINATED_BY.swap(0, Ordering::Relaxed) {
            0 => None,
            signal => Some(Signal(signal)),
        }
    }

    /// Names the calling thread as the one to wake.
    pub fn set_tracer(&self) {
        self.inner
            .tracer
            .store(nix::unistd::gettid().as_raw(), Ordering::Relaxed);
    }

    fn wake_tracer(&self) {
        let tid = self.inner.tracer.load(Ordering::Relaxed);
        if tid != 0 {
            // SAFETY: no pointers; a stale tid of our own process gives ESRCH.
            unsafe {
                libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, WAKE.0);
            }
        }
    }
}

/// Installs the handlers for [`WAKE`], SIGTERM and SIGHUP, and Ctrl-C through `ctrlc`.
/// A SIGHUP that is ignored (nohup) stays ignored.
///
/// # Errors
/// What sigaction(2) says.
pub fn install(requests: &StopRequests) -> Result<(), SysError> {
    // No SA_RESTART: the point of it is to end a blocking wait.
    handle(NixSignal::SIGURG, wake)?;
    handle(NixSignal::SIGTERM, terminate)?;
    if !is_ignored(NixSignal::SIGHUP) {
        handle(NixSignal::SIGHUP, terminate)?;
    }
    let requests = requests.clone();
    ctrlc::set_handler(move || requests.interrupt())
        .map_err(|_| SysError::new("sigaction", Tid(0), nix::errno::Errno::EINVAL))
}

fn handle(signal: NixSignal, handler: extern "C" fn(libc::c_int)) -> Result<(), SysError> {
    let action = SigAction::new(
        SigHandler::Handler(handler),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handlers only store to atomics, which is async-signal-safe.
    unsafe { sigaction(signal, &action) }
        .map(|_| ())
        .map_err(|e| SysError::new("sigaction", Tid(0), e))
}

fn is_ignored(signal: NixSignal) -> bool {
    let mut old = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action only queries; `old` is valid for writes and zeroed.
    let (result, old) = unsafe {
        let r = libc::sigaction(signal as i32, std::ptr::null(), old.as_mut_ptr());
        (r, old.assume_init())
    };
    result == 0 && old.sa_sigaction == libc::SIG_IGN
}

/// Sends a signal to a process.
pub fn send(pid: crate::ids::Pid, signal: Signal) {
    // SAFETY: no pointers.
    unsafe {
        libc::kill(pid.0, signal.0);
    }
}
