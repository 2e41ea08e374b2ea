//! Our own signals: what wakes the tracer thread, and what asks us to stop.

use super::SysError;
use crate::ids::{Signal, Tid};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal as NixSignal, sigaction};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Interrupts a blocking wait of ours; does nothing else.
pub const WAKE: Signal = Signal(libc::SIGURG);

/// SIGTERM or SIGHUP as it arrived, 0 before.
static TERMINATED_BY: AtomicI32 = AtomicI32::new(0);

/// SIGUSR1 has arrived since the last look.
static SUMMARY_ASKED: AtomicBool = AtomicBool::new(false);

/// SIGPIPE was ignored before the Rust runtime ignored it.
static PIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// What the dynamic linker, or the C library's start, calls before the Rust runtime.
// SAFETY: the section holds addresses of functions of this signature, and the C library that they
// use is ready by then.
#[used]
#[allow(unsafe_code)]
#[unsafe(link_section = ".init_array")]
static BEFORE_THE_RUNTIME: extern "C" fn() = look_at_pipe_signal;

extern "C" fn look_at_pipe_signal() {
    PIPE_WAS_IGNORED.store(is_ignored(NixSignal::SIGPIPE), Ordering::Relaxed);
}

/// What we found when we started: a command of ours must find the same.
static FOUND: OnceLock<Dispositions> = OnceLock::new();

/// Dispositions and mask of signals.
struct Dispositions {
    actions: Vec<(libc::c_int, libc::sigaction)>,
    mask: SigSet,
}

/// The signals that [`install`] handles.
const OURS: [NixSignal; 5] = [
    NixSignal::SIGURG,
    NixSignal::SIGTERM,
    NixSignal::SIGHUP,
    NixSignal::SIGINT,
    NixSignal::SIGUSR1,
];

extern "C" fn wake(_: libc::c_int) {}

extern "C" fn terminate(signal: libc::c_int) {
    TERMINATED_BY.store(signal, Ordering::Relaxed);
}

extern "C" fn ask_for_summary(_: libc::c_int) {
    SUMMARY_ASKED.store(true, Ordering::Relaxed);
}

/// Whether SIGUSR1 has asked for the summary since the last call.
#[must_use]
pub fn take_summary_request() -> bool {
    SUMMARY_ASKED.swap(false, Ordering::Relaxed)
}

/// How often we were asked to stop, and how to make the tracer threads notice.
#[derive(Clone, Debug, Default)]
pub struct StopRequests {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    interrupts: AtomicU32,
    ends: AtomicU32,
    tracers: Mutex<Vec<i32>>,
}

impl StopRequests {
    /// Ctrl-C was typed so many times.
    #[must_use]
    pub fn interrupts(&self) -> u32 {
        self.inner.interrupts.load(Ordering::Relaxed)
    }

    /// Counts one Ctrl-C and wakes the tracer threads.
    pub fn interrupt(&self) {
        self.inner.interrupts.fetch_add(1, Ordering::Relaxed);
        self.wake_tracers();
    }

    /// Counts a SIGTERM or SIGHUP that was passed on to the command, like a Ctrl-C that the
    /// terminal sent to it.
    pub fn count_forwarded(&self) {
        self.inner.interrupts.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for an end from within (closed pipe, --max-events) and wakes the tracer threads.
    pub fn end(&self) {
        self.inner.ends.fetch_add(1, Ordering::Relaxed);
        self.wake_tracers();
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

    /// Names the calling thread as one to wake.
    pub fn add_tracer(&self) {
        self.tracers().push(nix::unistd::gettid().as_raw());
    }

    fn tracers(&self) -> std::sync::MutexGuard<'_, Vec<i32>> {
        let tracers = self.inner.tracers.lock();
        tracers.unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_tracers(&self) {
        for &tid in self.tracers().iter() {
            // SAFETY: no pointers; a stale tid of our own process gives ESRCH.
            unsafe {
                libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, WAKE.0);
            }
        }
    }
}

/// Installs the handlers for [`WAKE`], SIGTERM, SIGHUP and SIGUSR1, and Ctrl-C through `ctrlc`, and
/// unblocks these signals for the calling thread and those that it will make. A SIGHUP that is
/// ignored (nohup) stays ignored.
///
/// # Errors
/// What sigaction(2) says.
pub fn install(requests: &StopRequests) -> Result<(), SysError> {
    remember();
    // No SA_RESTART: the point of it is to end a blocking wait.
    handle(NixSignal::SIGURG, wake, SaFlags::empty())?;
    handle(NixSignal::SIGTERM, terminate, SaFlags::empty())?;
    if !is_ignored(NixSignal::SIGHUP) {
        handle(NixSignal::SIGHUP, terminate, SaFlags::empty())?;
    }
    // Nobody waits for it: the writer looks now and then.
    handle(NixSignal::SIGUSR1, ask_for_summary, SaFlags::SA_RESTART)?;
    // What a tracee's stop tells is waited for: a SIGCHLD for each would only be made and thrown
    // away. The flag is gone at an exec, so a command of ours does not inherit it.
    let quiet = SigAction::new(SigHandler::SigDfl, SaFlags::SA_NOCLDSTOP, SigSet::empty());
    // SAFETY: sets a default disposition.
    unsafe { sigaction(NixSignal::SIGCHLD, &quiet) }
        .map_err(|e| SysError::new("sigaction", Tid(0), e))?;
    // A file that may grow no further is an error like a full disk, and no end without a word.
    // SAFETY: ignores a signal.
    unsafe { nix::sys::signal::signal(NixSignal::SIGXFSZ, SigHandler::SigIgn) }
        .map_err(|e| SysError::new("sigaction", Tid(0), e))?;
    // Whoever started us may have blocked them, and we would never end.
    let ours: SigSet = OURS.into_iter().collect();
    ours.thread_unblock()
        .map_err(|e| SysError::new("sigprocmask", Tid(0), e))?;
    let requests = requests.clone();
    ctrlc::set_handler(move || requests.interrupt())
        .map_err(|_| SysError::new("sigaction", Tid(0), nix::errno::Errno::EINVAL))
}

/// Takes note of what we were started with, once: a command of ours will find the same.
pub(super) fn remember() {
    FOUND.get_or_init(|| Dispositions {
        actions: OURS
            .iter()
            .chain([&NixSignal::SIGCHLD, &NixSignal::SIGXFSZ])
            .filter_map(|&s| Some((s as i32, disposition(s)?)))
            .collect(),
        mask: SigSet::thread_get_mask().unwrap_or_else(|_| SigSet::empty()),
    });
}

/// Lets ends of children be waited for: where SIGCHLD is ignored, they are not (wait(2)).
///
/// # Errors
/// What sigaction(2) says.
pub(super) fn default_child_signal() -> Result<(), SysError> {
    let plain = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: sets a default disposition.
    unsafe { sigaction(NixSignal::SIGCHLD, &plain) }
        .map(|_| ())
        .map_err(|e| SysError::new("sigaction", Tid(0), e))
}

/// Blocks every signal for the calling thread until the returned mask is set again.
///
/// # Errors
/// What sigprocmask(2) says.
pub(super) fn block_all() -> nix::Result<SigSet> {
    SigSet::all().thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_SETMASK)
}

/// In a forked child: the dispositions and the mask that we were started with. Only async-signal-safe
/// calls. SIGPIPE, which the Rust runtime has changed before we were asked, is what it was before that.
pub(super) fn restore_in_child() {
    let pipe = match PIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        true => SigHandler::SigIgn,
        false => SigHandler::SigDfl,
    };
    let pipe = SigAction::new(pipe, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler is set.
    let _ = unsafe { sigaction(NixSignal::SIGPIPE, &pipe) };
    let Some(found) = FOUND.get() else {
        return;
    };
    for (signal, action) in &found.actions {
        // SAFETY: `action` came from sigaction and is only read.
        unsafe {
            libc::sigaction(*signal, action, std::ptr::null_mut());
        }
    }
    let _ = found.mask.thread_set_mask();
}

fn handle(
    signal: NixSignal,
    handler: extern "C" fn(libc::c_int),
    flags: SaFlags,
) -> Result<(), SysError> {
    let action = SigAction::new(SigHandler::Handler(handler), flags, SigSet::empty());
    // SAFETY: the handlers only store to atomics, which is async-signal-safe.
    unsafe { sigaction(signal, &action) }
        .map(|_| ())
        .map_err(|e| SysError::new("sigaction", Tid(0), e))
}

/// Whether a signal is ignored.
pub(super) fn is_ignored(signal: NixSignal) -> bool {
    disposition(signal).is_some_and(|d| d.sa_sigaction == libc::SIG_IGN)
}

fn disposition(signal: NixSignal) -> Option<libc::sigaction> {
    let mut found = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action only queries; `found` is valid for writes and zeroed.
    let (result, found) = unsafe {
        let r = libc::sigaction(signal as i32, std::ptr::null(), found.as_mut_ptr());
        (r, found.assume_init())
    };
    (result == 0).then_some(found)
}

/// Sends a signal to a process.
pub fn send(pid: crate::ids::Pid, signal: Signal) {
    // SAFETY: no pointers.
    unsafe {
        libc::kill(pid.0, signal.0);
    }
}
