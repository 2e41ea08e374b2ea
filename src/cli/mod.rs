//! The command line: what was typed ([`args`]) and what it means ([`config`], made by `meaning`).
//!
//! Pure: it reads no file, no environment and no terminal, so that every mistake a user can
//! make is tested without starting anything.

mod args;
mod args_outputs;
mod args_strace;
mod classes;
pub mod config;
mod doctor;
mod dump;
mod duration;
mod explain;
mod expr;
mod hang;
mod man;
mod meaning;
mod meaning_counts;
mod meaning_outputs;
mod meaning_strace;
mod report;
mod sets;
mod signals;
mod usage;

pub use config::Config;
pub use dump::{DumpConfig, DumpForm};
pub use duration::parse_duration;
pub use hang::{HangConfig, OnHang};
pub use man::man_page;
pub use report::{Replay, ReportRequest, report_config};

use crate::ids::Pid;
use crate::untrusted::clean;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use std::cell::RefCell;
use std::ffi::OsString;

/// What to do.
#[derive(Debug)]
pub enum Invocation {
    /// Trace.
    Trace(Box<Config>),
    /// Look at a process once.
    Dump(DumpConfig),
    /// Show a recording.
    Report(ReportRequest),
    /// Say what tracing needs here, of this process or of any.
    Doctor(Option<Pid>),
    /// Run a command and watch whether it gets on.
    Hang(HangConfig),
    /// Print this to standard output and exit 0 (help, version, completions, man page, wait classes,
    /// findings).
    Print(String),
}

/// A command line that means nothing: one line that says what to do about it. Exit status 2.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    fn new(message: impl Into<String>) -> UsageError {
        UsageError(message.into())
    }

    /// What was typed is quoted in messages, and may hold line breaks and escape sequences.
    fn into_one_line(self) -> UsageError {
        UsageError(clean(&self.0).into_owned())
    }
}

/// Parses a command line, `argv[0]` included.
///
/// # Errors
/// If it means nothing, or asks for something that this version does not have.
pub fn parse(argv: impl IntoIterator<Item = OsString>) -> Result<Invocation, UsageError> {
    let argv: Vec<OsString> = argv.into_iter().collect();
    understand(&argv).map_err(UsageError::into_one_line)
}

fn understand(argv: &[OsString]) -> Result<Invocation, UsageError> {
    if let Some((_, rest @ [verb, ..])) = argv.split_first()
        && verb == "dump"
    {
        return Ok(match dump::parse(rest)? {
            dump::Asked::Dump(config) => Invocation::Dump(config),
            dump::Asked::Help(text) => Invocation::Print(text),
        });
    }
    if let Some((_, rest @ [verb, ..])) = argv.split_first()
        && verb == "report"
    {
        return Ok(match report::parse(rest)? {
            report::Asked::Report(request) => Invocation::Report(request),
            report::Asked::Help(text) => Invocation::Print(text),
        });
    }
    if let Some((_, rest @ [verb, ..])) = argv.split_first()
        && verb == "doctor"
    {
        return Ok(match doctor::parse(rest)? {
            doctor::Asked::Doctor(pid) => Invocation::Doctor(pid),
            doctor::Asked::Help(text) => Invocation::Print(text),
        });
    }
    if let Some((_, rest @ [verb, ..])) = argv.split_first()
        && verb == "hang"
    {
        return Ok(match hang::parse(rest)? {
            hang::Asked::Hang(config) => Invocation::Hang(config),
            hang::Asked::Help(text) => Invocation::Print(text),
        });
    }
    if let Some((_, [verb, rest @ ..])) = argv.split_first()
        && verb == "explain"
    {
        return explain::explain(rest).map(Invocation::Print);
    }
    let matches = match matches(argv) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Invocation::Print(error.to_string())),
        Err(error) => return Err(usage::explain(&error)),
    };
    let args = args::Args::from_arg_matches(&matches).map_err(|error| usage::explain(&error))?;
    if let Some(shell) = args.completions {
        return Ok(Invocation::Print(completions(shell)));
    }
    if args.man {
        return Ok(Invocation::Print(man_page()));
    }
    if classes::is_help(&args.class) {
        return Ok(Invocation::Print(classes::table()));
    }
    usage::check_verb(argv, &args.command)?;
    let config = Config::new(&args)?;
    Ok(Invocation::Trace(Box::new(Config {
        argv: argv.to_vec(),
        ..config
    })))
}

thread_local! {
    /// How a command line is written: to say so takes longer than to read one.
    static COMMAND: RefCell<clap::Command> = RefCell::new(args::Args::command());
}

fn matches(argv: &[OsString]) -> Result<ArgMatches, clap::Error> {
    COMMAND.with_borrow_mut(|command| command.try_get_matches_from_mut(argv))
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::Args::command(), "gostrace", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests;
