//! The loops: wait, feed, perform actions, detach; and the writer beside them.
//!
//! [`tracer`] runs on a thread of its own, whose end is the detach; [`writer`] runs on the
//! calling thread. [`capture`] is what the first reads and the second completes.

pub mod capture;
pub mod dump;
mod freeze;
pub mod image;
mod names;
pub mod output;
pub mod preflight;
pub mod process;
mod restart;
pub mod slow;
pub mod tracer;
pub mod writer;

use crate::cli::Config;
use crate::ids::Pid;
use crate::sink::{Sink, Summary};
use crate::sys::SysError;
use crate::sys::signals::StopRequests;
use process::{Process, Processes};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;
use tracer::{BeginError, Ended, Tracer};
use writer::Writer;

/// Events that may wait for the writer. When they are that many, the tracees wait.
const QUEUE: usize = 8192;

/// Who is told what is traced: each process, with its number of threads.
pub type Begun<'a> = &'a mut dyn FnMut(&[(Arc<Process>, usize)]);

/// What a session came to.
#[derive(Debug)]
pub struct Report {
    /// Why it ended.
    pub ended: Ended,
    /// What was shown and what was not; `None` when the output could not be written to the end.
    pub summary: Option<Summary>,
    /// What writing the output said, other than success.
    pub output: Option<io::Error>,
    /// The command that we started.
    pub command: Option<Pid>,
}

/// Why a session could not begin.
#[derive(Debug)]
pub enum SessionError {
    /// Nothing could be attached to or started.
    Begin(BeginError),
    /// Something that should always work did not.
    Sys(SysError),
    /// The tracer thread ended unexpectedly; the target runs on.
    Crashed,
}

/// Traces until the targets end or `requests` ask for an end. Tells `begun` what is traced.
///
/// # Errors
/// If nothing can be traced.
pub fn run(
    config: &Arc<Config>,
    sinks: &mut [Box<dyn Sink>],
    requests: &StopRequests,
    begun: Begun<'_>,
) -> Result<Report, SessionError> {
    let (out, queue) = sync_channel(QUEUE);
    let lost = Arc::new(AtomicU64::new(0));
    let thread = {
        let config = Arc::clone(config);
        let requests = requests.clone();
        let lost = Arc::clone(&lost);
        std::thread::Builder::new()
            // /proc/TID/status of a tracee names this thread as its tracer.
            .name("gostrace".to_owned())
            .spawn(move || trace(config, out, requests, lost))
            .map_err(|_| {
                SessionError::Sys(SysError {
                    operation: "clone",
                    tid: crate::ids::Tid(0),
                    errno: crate::ids::Errno(libc::EAGAIN),
                })
            })?
    };
    let written = Writer::new(config, sinks).run(&queue, &lost, requests, begun);
    // Nothing is received any more: a tracer thread that waits to send goes on, and ends.
    drop(queue);
    let (ended, command) = thread.join().map_err(|_| SessionError::Crashed)??;
    let (summary, output) = match written {
        Ok(summary) => (Some(summary), None),
        Err(error) => (None, Some(error)),
    };
    Ok(Report {
        ended,
        summary,
        output,
        command,
    })
}

fn trace(
    config: Arc<Config>,
    out: std::sync::mpsc::SyncSender<capture::Captured>,
    requests: StopRequests,
    lost: Arc<AtomicU64>,
) -> Result<(Ended, Option<Pid>), SessionError> {
    let mut tracer =
        Tracer::new(config, Processes::new(), out, requests, lost).map_err(SessionError::Sys)?;
    tracer.begin().map_err(SessionError::Begin)?;
    Ok((tracer.run(), tracer.command()))
}
