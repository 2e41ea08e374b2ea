//! Holds all threads of a process for the length of a look at it.
//!
//! The calling thread becomes the tracer; its end is the release, as in [`super::tracer`].

use crate::ids::{Pid, Tid};
use crate::sys::wait::Waited;
use crate::sys::{SysError, procfs, ptrace, wait};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long threads may take to stop. Those that wait in the kernel in a way that no signal
/// ends (D) never do; those that the scheduler keeps waiting do at last.
const PATIENCE: Duration = Duration::from_millis(500);
/// When only threads in D are left, this is enough.
const PATIENCE_D: Duration = Duration::from_millis(5);
/// Between two looks at those that have not stopped.
const PAUSE: Duration = Duration::from_micros(50);

/// The threads of a process, held.
#[derive(Debug)]
pub struct Frozen {
    /// Whether each has stopped.
    threads: HashMap<Tid, bool>,
    /// When the first was interrupted.
    pub since: Instant,
}

impl Frozen {
    /// Seizes and interrupts every thread until a pass finds no new one. A thread that has not
    /// stopped by the end sleeps in the kernel, and stops before it leaves it.
    ///
    /// # Errors
    /// Not one thread could be seized.
    pub fn freeze(pid: Pid) -> Result<Frozen, SysError> {
        let mut frozen = Frozen {
            threads: HashMap::new(),
            since: Instant::now(),
        };
        let mut refused = None;
        loop {
            let mut found = 0;
            for tid in procfs::tasks(pid).unwrap_or_default() {
                if frozen.threads.contains_key(&tid) {
                    continue;
                }
                match seize(tid) {
                    Ok(true) => {
                        found += 1;
                        frozen.threads.insert(tid, false);
                    }
                    Ok(false) => {}
                    Err(e) => refused = Some(e),
                }
            }
            if found == 0 {
                break;
            }
            frozen.wait();
        }
        match refused {
            Some(e) if frozen.threads.is_empty() => Err(e),
            None if frozen.threads.is_empty() => Err(SysError::gone("PTRACE_SEIZE", pid.into())),
            _ => Ok(frozen),
        }
    }

    /// Waits until all have stopped, or it makes no sense to.
    fn wait(&mut self) {
        let began = Instant::now();
        loop {
            self.threads.retain(|&tid, stopped| match stopped {
                true => true,
                false => match wait::poll_one(tid) {
                    Ok(Waited::Stop(_, stop)) if stop.is_end() => false,
                    Ok(Waited::Stop(..)) => {
                        *stopped = true;
                        true
                    }
                    Ok(Waited::NoTracees) => false,
                    Ok(Waited::Nothing) | Err(_) => true,
                },
            });
            let mut left = self.threads.iter().filter(|(_, stopped)| !**stopped);
            let waited = began.elapsed();
            let hopeless = |tid: Tid| procfs::state(tid) == Some('D');
            if waited > PATIENCE || (waited > PATIENCE_D && left.all(|(tid, _)| hopeless(*tid))) {
                return;
            }
            if self.threads.values().all(|stopped| *stopped) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Whether this thread has stopped.
    #[must_use]
    pub fn holds(&self, tid: Tid) -> bool {
        self.threads.get(&tid) == Some(&true)
    }

    /// Whether this thread is to stop and has not.
    #[must_use]
    pub fn is_loose(&self, tid: Tid) -> bool {
        self.threads.get(&tid) == Some(&false)
    }

    /// How many have stopped, and how many have not.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let held = self.threads.values().filter(|stopped| **stopped).count();
        (held, self.threads.len() - held)
    }
}

/// Whether the thread is ours now; one that is about to end is not.
fn seize(tid: Tid) -> Result<bool, SysError> {
    match ptrace::seize(
        tid,
        ptrace::Follow {
            threads: true,
            forks: false,
            filtered: false,
            die_with_us: false,
        },
    ) {
        Ok(()) => {}
        Err(e) if e.is_gone() => return Ok(false),
        Err(e) => {
            // Made by a thread that we hold: the kernel has seized it, and stops it.
            let tracer = procfs::tracer_of(tid).and_then(procfs::process_of);
            if tracer == Some(super::preflight::own_pid()) {
                return Ok(true);
            }
            let dying = matches!(procfs::state(tid), None | Some('Z' | 'X'));
            return if dying { Ok(false) } else { Err(e) };
        }
    }
    match ptrace::interrupt(tid) {
        Err(e) if !e.is_gone() => Err(e),
        _ => Ok(true),
    }
}
