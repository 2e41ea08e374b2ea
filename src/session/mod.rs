//! The loops: wait, feed, perform actions, detach; and the writer beside them.
//!
//! [`tracer`] runs on a thread of its own, whose end is the detach; [`writer`] runs on the
//! calling thread. [`capture`] is what the first reads and the second completes.

pub mod capture;
mod diagnosis;
pub mod doctor;
pub mod dump;
mod executable;
mod files;
mod freeze;
mod guard;
pub mod hang;
pub mod image;
mod known;
pub mod monitor;
mod names;
pub mod native;
pub mod output;
pub mod outputs;
pub mod poller;
pub mod preflight;
pub mod process;
pub mod replay;
mod restart;
mod sampler;
mod select;
pub mod slow;
pub mod start;
pub mod tracer;
pub mod wanted;
pub mod writer;

use crate::cli::Config;
use crate::cli::config::{Engine, Format};
use crate::event::Begun;
use crate::ids::{Errno, Pid};
use crate::overhead::Totals;
use crate::sample::Stats;
use crate::sink::Summary;
use crate::sys::SysError;
use crate::sys::signals::StopRequests;
use capture::Captured;
use guard::Progress;
use outputs::Outputs;
use sampler::Sampling;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;
use tracer::{BeginError, Ended, Team, Tracer};
use writer::Writer;

/// What is to be said beside the trace.
#[derive(Debug)]
pub enum News<'a> {
    /// Tracing has begun.
    Begun(&'a Begun),
    /// One line.
    Note(&'a str),
    /// One line, however quiet we are to be: something that was asked for is lost.
    Failure(&'a str),
}

/// Who is told.
pub type Tell<'a> = &'a mut dyn FnMut(News<'_>);

/// What a session came to.
#[derive(Debug)]
pub struct Report {
    /// Why it ended.
    pub ended: Ended,
    /// What was shown and what was not; `None` when the output could not be written to the end.
    pub summary: Option<Summary>,
    /// Slow calls that count for `--fail-on-slow`.
    pub slow_calls: u64,
    /// What writing the output said, other than success.
    pub output: Option<io::Error>,
    /// Events that were written, or tried to be.
    pub events: u64,
    /// Events that were dropped because nobody took them.
    pub lost: u64,
    /// Side outputs that could not be written to their end, which has been said.
    pub outputs_lost: usize,
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
    sampled: Option<Stats>,
    accounts: Option<(Totals, Stats)>,
}

/// Traces until the targets end or `requests` ask for an end. `tell` says what is not the trace;
/// `output` is the descriptor that the trace is written to, if its reader may go away. All
/// outputs are finished, however it ends; `lost` counts the events that were dropped.
///
/// # Errors
/// If nothing can be traced.
pub fn run(
    config: &Arc<Config>,
    outputs: &mut Outputs,
    output: Option<i32>,
    requests: &StopRequests,
    lost: &Arc<AtomicU64>,
    tell: Tell<'_>,
) -> Result<Report, SessionError> {
    let (out, queue) = sync_channel(tracer::QUEUE);
    let progress = Arc::new(Progress::default());
    let thread = {
        let config = Arc::clone(config);
        let requests = requests.clone();
        let lost = Arc::clone(lost);
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
    let writer = Writer::new(config, outputs, output);
    let (summary, counted, written) = writer.run(&queue, lost, requests, &progress, tell);
    let (events, slow_calls) = (counted.events, counted.slow_calls);
    // Nothing is received any more, and nothing more is wanted: the tracer thread, whether it
    // waits to send or for a stop, ends.
    drop(queue);
    requests.end();
    let traced = thread.join().map_err(|_| SessionError::Crashed);
    let traced = traced.and_then(|traced| traced);
    let account = traced.as_ref().ok();
    let (exact, looked) = account.and_then(|traced| traced.accounts).unzip();
    let sampled = account.and_then(|traced| traced.sampled);
    let summary = Summary {
        sampled: sampled.or(looked).filter(|s| s.looks > 0),
        exact,
        ..summary
    };
    let written = written.and_then(|()| outputs.finish_main(&summary));
    progress.close();
    outputs.finish_sides(&summary);
    progress.finish();
    for complaint in outputs.complaints() {
        tell(News::Failure(&complaint));
    }
    let traced = traced?;
    let (summary, output) = match written {
        Ok(()) => (Some(summary), None),
        Err(error) => (None, Some(error)),
    };
    Ok(Report {
        ended: traced.ended,
        summary,
        slow_calls,
        output,
        events,
        lost: lost.load(Ordering::Relaxed),
        outputs_lost: outputs.lost(),
        command: traced.command,
        exec_failure: traced.exec_failure,
    })
}

/// Tracer threads for an attach to more than one thread: as many as leave half of the CPUs to the
/// target, which needs one for each that handles its stops; two at most.
fn default_engines() -> usize {
    std::thread::available_parallelism().map_or(1, |cpus| (cpus.get() / 2).clamp(1, 2))
}

fn trace(
    config: Arc<Config>,
    out: SyncSender<Vec<Captured>>,
    requests: StopRequests,
    lost: Arc<AtomicU64>,
    progress: Arc<Progress>,
) -> Result<Traced, SessionError> {
    if let Engine::Sample { period } = config.engine {
        return sample(config, period, out, requests, lost, progress);
    }
    let mixed = matches!(config.engine, Engine::Mixed { .. });
    let engines = match config.format {
        // Which line comes next is a matter of stops, in the order in which one thread sees them.
        Format::Strace => 1,
        Format::Text | Format::Json => config.tracers.unwrap_or_else(default_engines),
    };
    let team = Arc::new(Team::new(config, out, requests.clone(), lost, engines));
    let mut tracer = Tracer::new(Arc::clone(&team), 0).map_err(SessionError::Sys)?;
    tracer.begin().map_err(SessionError::Begin)?;
    let ended = tracer.run();
    let ended = tracer.join(ended).map_err(|_| SessionError::Crashed)?;
    if ended == Ended::Asked {
        guard::watch(progress, requests);
    }
    Ok(Traced {
        ended,
        command: tracer.command(),
        exec_failure: tracer.exec_failure(),
        accounts: mixed.then(|| team.accounts()),
        sampled: None,
    })
}

fn sample(
    config: Arc<Config>,
    period: Option<Duration>,
    out: SyncSender<Vec<Captured>>,
    requests: StopRequests,
    lost: Arc<AtomicU64>,
    progress: Arc<Progress>,
) -> Result<Traced, SessionError> {
    let mut sampling = Sampling::new(config, period, out, requests.clone(), lost);
    sampling.begin().map_err(SessionError::Begin)?;
    let ended = sampling.run();
    if ended == Ended::Asked {
        guard::watch(progress, requests);
    }
    Ok(Traced {
        ended,
        command: sampling.command(),
        exec_failure: None,
        accounts: None,
        sampled: Some(sampling.stats()),
    })
}
