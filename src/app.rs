//! One run, from what was asked for to the exit status: what `main` does, minus the process.

mod doctor;
mod dump;
mod hang;
mod report;

pub use doctor::doctor;
pub use dump::dump;
pub use hang::hang;
pub use report::report;

use crate::cli::config::{Config, Engine, Format, Target};
use crate::error::{Ending, Error};
use crate::event::{ExitKind, Traced};
use crate::ids::Pid;
use crate::permission::Suitable;
use crate::session::outputs::{self, OpenSide, Outputs};
use crate::session::tracer::{BeginError, Ended};
use crate::session::{self, News, Report, SessionError, output, preflight, wanted};
use crate::sink::{BannerFacts, Cost, banner};
use crate::stop::Stop;
use crate::sys::signals::{self, StopRequests};
use crate::sys::spawn::SpawnError;
use crate::sys::{clock, wait};
use crate::untrusted::clean;
use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Traces as asked for. Says on `messages` what is not the trace.
///
/// # Errors
/// If it could not be done; displayed, one line that says what to do.
pub fn run(mut config: Config, messages: &mut dyn io::Write) -> Result<Ending, Error> {
    config.target = match config.target {
        Target::Attach(pids) => Target::Attach(suitable(&pids, &mut config.notes)?),
        Target::Both(pids, words) => Target::Both(suitable(&pids, &mut config.notes)?, words),
        launch @ Target::Launch(_) => launch,
    };
    if !config.quiet.notes {
        for note in &config.notes {
            say(messages, &format!("gostrace: {note}\n"));
        }
    }
    resolve_paths(&mut config, messages);
    let requests = StopRequests::default();
    // Where signals are not to end us, nobody hears of them.
    let heard = match config.interruptible {
        true => requests.clone(),
        false => StopRequests::default(),
    };
    signals::install(&heard).map_err(preflight::from_sys)?;
    let config = Arc::new(config);
    let lost = Arc::new(AtomicU64::new(0));
    let sides = outputs::open(&config, &lost)?;
    if !config.quiet.notes {
        for note in sides.iter().filter_map(OpenSide::says) {
            say(messages, &format!("gostrace: {note}\n"));
        }
    }
    let opened = output::open(&config.output).map_err(|e| cannot_write(&config, &e))?;
    let no_color = std::env::var_os("NO_COLOR");
    let coloured = config
        .look
        .color
        .enabled(opened.terminal, no_color.as_deref());
    let main = output::sinks(&config, opened.writer, coloured, clock::utc_offset);
    let mut outputs = Outputs::new(main, sides);
    let mut tell = |news: News<'_>| match news {
        News::Begun(begun) if !config.quiet.attach && config.format != Format::Strace => {
            for process in &begun.processes {
                say(messages, &introduce(&config, process));
            }
        }
        News::Note(note) if !config.quiet.notes => {
            say(messages, &format!("gostrace: {}\n", clean(note)))
        }
        News::Failure(what) => say(messages, &format!("gostrace: {}\n", clean(what))),
        News::Begun(_) | News::Note(_) => {}
    };
    let result = session::run(
        &config,
        &mut outputs,
        opened.fd,
        &requests,
        &lost,
        &mut tell,
    );
    drop(outputs);
    output::close(opened.reader);
    let report = result.map_err(explain)?;
    if let Some(summary) = &report.summary
        && !config.quiet.attach
        && config.format != Format::Strace
    {
        say(messages, &summary.to_string());
    }
    tell_of_loss(&config, &report, messages);
    let ending = end(&config, &requests, &report, messages)?;
    let failed = config
        .limits
        .slow_calls
        .is_some_and(|n| report.slow_calls >= n);
    Ok(match report.outputs_lost {
        0 if failed => Ending::SlowCalls,
        0 => ending,
        _ => Ending::OutputLost,
    })
}

/// What is missing from the trace is said, however quiet we are to be.
fn tell_of_loss(config: &Config, report: &Report, messages: &mut dyn io::Write) {
    let broken = report.output.as_ref();
    if broken.is_some_and(|e| e.kind() != io::ErrorKind::BrokenPipe) {
        let count = report.events;
        let text = format!("the trace is incomplete: it ends within its first {count} events");
        say(messages, &format!("gostrace: {text}\n"));
    }
    let in_summary = !config.quiet.attach && config.format != Format::Strace;
    if report.lost > 0 && (report.summary.is_none() || !in_summary) {
        let count = report.lost;
        let text = format!("gostrace: {count} events LOST: the trace is incomplete\n");
        say(messages, &text);
    }
}

/// `-P`: a path stands for the file that it leads to as well.
fn resolve_paths(config: &mut Config, messages: &mut dyn io::Write) {
    let mut all = Vec::new();
    for path in &config.select.objects.paths {
        let spellings = wanted::spellings(path);
        if let [typed, real] = spellings.as_slice()
            && config.format == Format::Strace
            && !config.quiet.notes
        {
            let (typed, real) = (typed.display(), real.display());
            say(
                messages,
                &format!("strace: Requested path \"{typed}\" resolved into \"{real}\"\n"),
            );
        }
        all.extend(spellings);
    }
    config.select.objects.paths = all;
}

/// Messages are said as well as can be: standard error may be closed.
fn say(messages: &mut dyn io::Write, text: &str) {
    let _ = messages.write_all(text.as_bytes());
}

/// The processes that can be tried, once each. Of several, those that cannot are left out with
/// a note; if none can, the first one's reason is the error.
fn suitable(pids: &[Pid], notes: &mut Vec<String>) -> Result<Vec<Pid>, Error> {
    let mut found = Vec::new();
    let mut refused = Vec::new();
    for &pid in pids {
        match preflight::check(pid) {
            Ok(Suitable { pid, notes: more }) => {
                notes.extend(more);
                if !found.contains(&pid) {
                    found.push(pid);
                }
            }
            Err(why) => refused.push(why),
        }
    }
    let mut refused = refused.into_iter();
    if found.is_empty()
        && let Some(first) = refused.next()
    {
        return Err(first.into());
    }
    notes.extend(refused.map(|why| why.to_string()));
    Ok(found)
}

fn introduce(config: &Config, process: &Traced) -> String {
    let version = process
        .go_version
        .get()
        .map_or("Go, version unknown", |v| v);
    let mut text = banner(&BannerFacts {
        command: process.command.as_deref().unwrap_or("?"),
        pid: process.pid,
        go_version: process.is_go.then_some(version),
        arch: crate::arch::host::ARCH,
        threads: process.threads,
        calls: &config.select.expression,
        slow: config.select.slow,
        cost: match config.engine {
            Engine::Exact if config.filtered => Cost::Filtered,
            Engine::Exact => Cost::Exact,
            Engine::Sample { .. } => Cost::Sampled,
            Engine::Mixed { per_mille } => Cost::Mixed(per_mille),
        },
    });
    if let Some(reason) = &process.without_goroutines {
        let reason = clean(reason);
        text.push_str(&format!("gostrace: goroutines unknown: {reason}\n"));
    }
    text
}

fn cannot_write(config: &Config, error: &io::Error) -> Error {
    Error::Output {
        output: output::describe(&config.output),
        errno: preflight::errno(error),
    }
}

fn explain(error: SessionError) -> Error {
    match error {
        SessionError::Begin(BeginError::Refused(error)) => *error,
        SessionError::Begin(BeginError::Spawn(command, e)) => explain_spawn(&command, e),
        SessionError::Sys(e) => preflight::from_sys(e),
        SessionError::Crashed => Error::System {
            operation: "tracing",
            errno: crate::ids::Errno(libc::EIO),
        },
    }
}

fn explain_spawn(command: &OsStr, error: SpawnError) -> Error {
    let command = command.to_string_lossy().into_owned();
    match error {
        SpawnError::NotFound => Error::CommandNotFound { command },
        SpawnError::NotExecutable(errno) => Error::CommandNotRunnable {
            command,
            errno: crate::ids::Errno(errno as i32),
        },
        SpawnError::NoSuchUser(user) => Error::NoSuchUser { user },
        SpawnError::Sys(e) => preflight::from_sys(e),
    }
}

/// The exit status; a command that goes on when its reader has gone is waited for.
fn end(
    config: &Config,
    requests: &StopRequests,
    report: &Report,
    messages: &mut dyn io::Write,
) -> Result<Ending, Error> {
    let closed = match &report.output {
        Some(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(cannot_write(config, e)),
        other => other.is_some(),
    };
    if let Some(errno) = report.exec_failure {
        let command = config
            .target
            .words()
            .first()
            .map(|w| w.to_string_lossy().into_owned());
        return Err(Error::CommandNotRunnable {
            command: command.unwrap_or_default(),
            errno,
        });
    }
    match (report.ended, report.command) {
        (Ended::NoTracees(Some(how)), Some(_)) => Ok(Ending::of_command(how)),
        (Ended::LetGo | Ended::Asked, _) if config.kill_on_exit => Ok(Ending::Detached),
        (Ended::LetGo | Ended::Asked, Some(pid)) if config.filtered => {
            let how = "is killed: without its tracer, calls that its filter selects would fail";
            say(messages, &format!("gostrace: process {pid} {how}\n"));
            Ok(Ending::Detached)
        }
        (Ended::LetGo, Some(pid)) if closed => Ok(wait_for_command(pid, requests)),
        (Ended::LetGo | Ended::Asked, Some(pid)) => {
            if requests.interrupts() < 2 {
                say(
                    messages,
                    &format!("gostrace: process {pid} goes on untraced\n"),
                );
            }
            Ok(Ending::Detached)
        }
        _ => Ok(Ending::Detached),
    }
}

/// What would end us ends the command, by whose end we end.
fn wait_for_command(pid: Pid, requests: &StopRequests) -> Ending {
    let pass_on = || {
        if let Some(signal) = requests.take_termination() {
            signals::send(pid, signal);
        }
    };
    match wait::child_end(pid, &pass_on) {
        Ok(Stop::Exited(status)) => Ending::of_command(ExitKind::Status(status)),
        Ok(Stop::Killed(signal, core)) => Ending::of_command(ExitKind::Killed(signal, core)),
        // It was collected while we traced it.
        _ => Ending::Detached,
    }
}
