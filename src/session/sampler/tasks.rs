//! Which threads a process has, learnt by looking.

use super::Sampler;
use crate::ids::Pid;
use crate::session::process::Processes;
use crate::sys::looks::TaskDir;
use crate::sys::{clock, procfs};
use std::io;

/// A process all of whose threads are looked at.
pub(super) struct Tasks {
    pub(super) pid: Pid,
    dir: TaskDir,
    /// Times (CLOCK_MONOTONIC nanoseconds) at which all threads were known: a thread that is
    /// new now did not exist yet at the earlier one. Not so at the later: another may have ended
    /// unnoticed before it, which makes up the number.
    complete: [Option<u64>; 2],
    /// A child that is new now was not there at this time.
    pub(super) childless: Option<u64>,
}

impl Tasks {
    /// A process with the threads that it has now; `not_before` as in [`Sampler::add`].
    ///
    /// # Errors
    /// It is gone, or looking at it is not permitted.
    pub(super) fn open(
        pid: Pid,
        not_before: Option<u64>,
        sampler: &mut Sampler,
        processes: &mut Processes,
    ) -> io::Result<Tasks> {
        let mut tasks = Tasks {
            pid,
            dir: TaskDir::open(pid)?,
            complete: [not_before; 2],
            childless: not_before,
        };
        tasks.add_new(sampler, processes)?;
        Ok(tasks)
    }

    /// Adds the threads that are new. Not as many lookups as there are threads: their number
    /// tells whether there are new ones.
    ///
    /// # Errors
    /// The process is gone.
    pub(super) fn refresh(
        &mut self,
        sampler: &mut Sampler,
        processes: &mut Processes,
    ) -> io::Result<()> {
        let now = clock::mono_ns();
        if self.dir.count()? == processes.threads(self.pid) {
            self.complete = [self.complete[1], Some(now)];
            return Ok(());
        }
        self.add_new(sampler, processes)
    }

    fn add_new(&mut self, sampler: &mut Sampler, processes: &mut Processes) -> io::Result<()> {
        let mut refused = None;
        let not_before = self.complete[0];
        for tid in procfs::tasks(self.pid)? {
            if sampler.contains(tid) {
                continue;
            }
            match sampler.add(self.pid, tid, not_before) {
                Ok(()) => {
                    processes.add_thread(self.pid, tid);
                }
                Err(e) => refused = Some(e),
            }
        }
        match refused {
            // Others are looked at: this one has ended meanwhile, or will be refused again.
            Some(e) if processes.threads(self.pid) == 0 => Err(e),
            _ => Ok(()),
        }
    }
}
