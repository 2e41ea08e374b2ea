//! The loops: wait, feed, perform actions, detach; and the writer beside them.
//!
//! [`tracer`] runs on a thread of its own, whose end is the detach; [`writer`] runs on the
//! calling thread. [`capture`] is what the first reads and the second completes.

pub mod capture;
pub mod dump;
mod freeze;
mod guard;
pub mod image;
mod names;
pub mod native;
pub mod output;
pub mod preflight;
pub mod process;
mod restart;
pub mod slow;
pub mod start;
pub mod tracer;
pub mod wanted;
pub mod writer;

use crate::cli::Config;
use crate::error::Error;
use crate::ids::{Errno, Pid};
use crate::sink::{Sink, Summary};
use crate::sys::SysError;
use crate::sys::signals::StopRequests;
use capture::Captured;
use guard::Progress;
use process::{Process, Processes};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};
use tracer::{BeginError, Ended, Tracer};
use writer::Writer;

/// Who is told what is traced: each process, with its number of threads; and why others, of
/// several that were asked for, are not.
pub type Begun<'a> = &'a mut dyn FnMut(&[(Arc<Process>, usize)], &[Error]);

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
    /// Why the kernel did not execute it.
    pub exec_failure: Option<Errno>,
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

/// What the tracer thread came to.
struct Traced {
    ended: Ended,
    command: Option<Pid>,
    exec_failure: Option<Errno>,
}

/// Traces until the targets end or `requests` ask for an end. Tells `begun` what is traced;
/// `output` is the descriptor that sinks write to, if its reader may go away.
///
/// # Errors
/// If nothing can be traced.
pub fn run(
    config: &Arc<Config>,
    sinks: &mut [Box<dyn Sink>],
    output: Option<i32>,
    requests: &StopRequests,
    begun: Begun<'_>,
) -> Result<Report, SessionError> {
    let (out, queue) = sync_channel(tracer::QUEUE);
    let progress = Arc::new(Progress::default());
    let lost = Arc::new(AtomicU64::new(0));
    let thread = {
        let config = Arc::clone(config);
        let requests = requests.clone();
        let lost = Arc::clone(&lost);
        let progress = Arc::clone(&progress);
        std::thread::Builder::new()
            // /proc/TID/status of a tracee names this thread as its tracer.
            .name("gostrace".to_owned())
            .spawn(move || trace(config, out, requests, lost, progress))
            .map_err(|_| {
                SessionError::Sys(SysError {
                    operation: "clone",
                    tid: crate::ids::Tid(0),
                    errno: Errno(libc::EAGAIN),
                })
            })?
    };
    let written = Writer::new(config, sinks, output).run(&queue, &lost, requests, &progress, begun);
    // Nothing is received any more, and nothing more is wanted: the tracer thread, whether it
    // waits to send or for a stop, ends.
    drop(queue);
    requests.end();
    let traced = thread.join().map_err(|_| SessionError::Crashed)??;
    let (summary, output) = match written {
        Ok(summary) => (Some(summary), None),
        Err(error) => (None, Some(error)),
    };
    Ok(Report {
        ended: traced.ended,
        summary,
        output,
        command: traced.command,
        exec_failure: traced.exec_failure,
    })
}

fn trace(
    config: Arc<Config>,
    out: SyncSender<Vec<Captured>>,
    requests: StopRequests,
    lost: Arc<AtomicU64>,
    progress: Arc<Progress>,
) -> Result<Traced, SessionError> {
    let mut tracer = Tracer::new(config, Processes::new(), out, requests.clone(), lost)
        .map_err(SessionError::Sys)?;
    tracer.begin().map_err(SessionError::Begin)?;
    let ended = tracer.run();
    if ended == Ended::Asked {
        guard::watch(progress, requests);
    }
    Ok(Traced {
        ended,
        command: tracer.command(),
        exec_failure: tracer.exec_failure(),
    })
}
