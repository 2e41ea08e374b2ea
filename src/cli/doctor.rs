//! `gostrace doctor`: its options.

use super::meaning::add_pids;
use super::{UsageError, usage};
use crate::ids::Pid;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

/// What tracing needs here, what is missing and how to get it
///
/// A line for each check, those first that count first: `ok`, `NO` with the remedy, or `-` for what
/// only limits what can be shown. Nothing is changed and nobody is stopped.
#[derive(Parser, Debug)]
#[command(
    name = "gostrace doctor",
    args_override_self = true,
    override_usage = "gostrace doctor [-p PID]",
    after_help = "Exit status: 0 tracing is possible, 77 not permitted, 78 target unsuitable"
)]
struct DoctorArgs {
    /// The process that is to be traced; without it, what can be told of any
    #[arg(
        short,
        long,
        value_name = "PID",
        visible_alias = "attach",
        allow_negative_numbers = true
    )]
    pid: Vec<String>,
}

/// What was asked for.
pub(super) enum Asked {
    /// An examination, of this process.
    Doctor(Option<Pid>),
    /// Its help text.
    Help(String),
}

/// Parses what follows `gostrace`, the verb first.
pub(super) fn parse(argv: &[OsString]) -> Result<Asked, UsageError> {
    let matches = match DoctorArgs::command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Asked::Help(error.to_string())),
        Err(error) => return Err(usage::explain(&error)),
    };
    let args = DoctorArgs::from_arg_matches(&matches).map_err(|error| usage::explain(&error))?;
    let mut pids = Vec::new();
    for list in &args.pid {
        add_pids(list, &mut pids)?;
    }
    match pids.as_slice() {
        [] => Ok(Asked::Doctor(None)),
        [pid] => Ok(Asked::Doctor(Some(*pid))),
        _ => Err(UsageError::new(
            "doctor takes one process; run it once for each",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Invocation, parse};
    use super::*;

    fn run(line: &str) -> Result<Invocation, UsageError> {
        let words = std::iter::once("gostrace").chain(line.split_whitespace());
        parse(words.map(OsString::from))
    }

    #[test]
    fn doctor_takes_one_process_or_none() {
        assert!(matches!(run("doctor"), Ok(Invocation::Doctor(None))));
        assert!(matches!(
            run("doctor -p 12"),
            Ok(Invocation::Doctor(Some(Pid(12))))
        ));
        assert!(matches!(run("-- doctor"), Ok(Invocation::Trace(_))));
        for (line, part) in [
            ("doctor -p 1,2", "one process"),
            ("doctor -p x", "not a PID"),
            ("doctor ls", "ls"),
            ("-v doctor", "gostrace doctor"),
        ] {
            let said = run(line).unwrap_err().to_string();
            assert!(
                said.contains(part) && !said.contains('\n'),
                "{line}: {said}"
            );
        }
    }
}
