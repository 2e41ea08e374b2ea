//! The end of a process whose output nobody takes.
//!
//! When an end is asked for, the tracees are let go at once, but the writer may be stuck in a
//! write to a pager that nobody turns, or to a terminal that is held. Nothing can interrupt
//! that write for good, so the process is ended around it.

use super::outputs::file;
use crate::sys::clock;
use crate::sys::fds;
use crate::sys::signals::StopRequests;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A writer that gets no further for so long is stuck.
const STUCK_NS: u64 = 1_000_000_000;
const LOOK: Duration = Duration::from_millis(20);

/// How far the writer has come.
#[derive(Debug, Default)]
pub struct Progress {
    steps: AtomicU64,
    closing: AtomicBool,
    done: AtomicBool,
}

impl Progress {
    /// The writer has handled one thing more.
    pub fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// The trace is written; what other outputs make of it may take longer than a write.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// The writer has written everything.
    pub fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

/// Ends the process when the writer is stuck, or when another Ctrl-C asks for it. To be called
/// when the tracees have been let go, or are about to be by the end of the calling thread.
pub fn watch(progress: Arc<Progress>, requests: StopRequests) {
    let guard = std::thread::Builder::new().name("gostrace-end".to_owned());
    // Without it a stuck writer remains stuck until SIGKILL; the target is free all the same.
    let _ = guard.spawn(move || {
        let asked = requests.interrupts();
        let mut steps = progress.steps.load(Ordering::Relaxed);
        let mut since = clock::mono_ns();
        while !progress.done.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK);
            let now = clock::mono_ns();
            let current = progress.steps.load(Ordering::Relaxed);
            if current != steps {
                (steps, since) = (current, now);
            }
            let stuck =
                !progress.closing.load(Ordering::Relaxed) && now.saturating_sub(since) > STUCK_NS;
            if requests.interrupts() > asked || stuck {
                if fds::is_writable(2) {
                    // It may be closed: the end matters more than the words.
                    let _ = io::stderr().write_all(
                        b"gostrace: not everything was written: nobody takes the output\n",
                    );
                }
                file::abandon();
                std::process::exit(0);
            }
        }
    });
}
