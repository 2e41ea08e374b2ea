//! `gostrace dump`: its options and what they mean.

use super::config::Output;
use super::meaning::{add_pids, output};
use super::{UsageError, usage};
use crate::ids::Pid;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

/// Every thread's call and every goroutine's stack, once, stopping nothing
///
/// Threads with the call that each is in; then the goroutines in the form of the Go runtime's own
/// traceback, which tools that read those take; then who waits on which lock or channel.
/// No thread is stopped and no signal is sent: what moved while it was read is marked so.
#[derive(Parser, Debug)]
#[command(
    name = "gostrace dump",
    args_override_self = true,
    override_usage = "gostrace dump [OPTIONS] -p PID",
    after_help = "Example: gostrace dump -p PID --all > goroutines.txt"
)]
pub(super) struct DumpArgs {
    /// The process
    #[arg(
        short,
        long,
        value_name = "PID",
        visible_alias = "attach",
        allow_negative_numbers = true
    )]
    pub pid: Vec<String>,

    /// Each goroutine by itself, also those with the same stack
    #[arg(long)]
    pub all: bool,

    /// One JSON document instead of text
    #[arg(long, conflicts_with = "all")]
    pub json: bool,

    /// Stop the process while it is read: one consistent moment; says for how long
    #[arg(long)]
    pub freeze: bool,

    /// Write to FILE, or to a command: '|CMD'
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<OsString>,
}

/// What `gostrace dump` is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DumpConfig {
    /// The process.
    pub pid: Pid,
    /// Its form.
    pub form: DumpForm,
    /// Whether to stop the process while it is read.
    pub freeze: bool,
    /// Where to.
    pub output: Output,
}

/// The form of a dump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DumpForm {
    /// Text, goroutines with the same stack together.
    Grouped,
    /// Text, each goroutine by itself.
    All,
    /// One JSON document.
    Json,
}

/// What was asked for.
pub(super) enum Asked {
    /// A dump.
    Dump(DumpConfig),
    /// Its help text.
    Help(String),
}

/// Parses what follows `gostrace`, the verb first.
pub(super) fn parse(argv: &[OsString]) -> Result<Asked, UsageError> {
    let matches = match DumpArgs::command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Asked::Help(error.to_string())),
        Err(error) => return Err(usage::explain(&error)),
    };
    let args = DumpArgs::from_arg_matches(&matches).map_err(|error| usage::explain(&error))?;
    let mut pids = Vec::new();
    for list in &args.pid {
        add_pids(list, &mut pids)?;
    }
    let pid = match pids.as_slice() {
        [pid] => *pid,
        [] => {
            return Err(UsageError::new(
                "no process; give one: `gostrace dump -p PID`",
            ));
        }
        _ => {
            return Err(UsageError::new(
                "dump takes one process; run it once for each",
            ));
        }
    };
    Ok(Asked::Dump(DumpConfig {
        pid,
        form: match (args.json, args.all) {
            (true, _) => DumpForm::Json,
            (false, true) => DumpForm::All,
            (false, false) => DumpForm::Grouped,
        },
        freeze: args.freeze,
        output: output(args.output.as_deref())?,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{Invocation, parse};
    use super::*;

    fn run(line: &str) -> Result<Invocation, UsageError> {
        let words = std::iter::once("gostrace").chain(line.split_whitespace());
        parse(words.map(OsString::from))
    }

    fn config(line: &str) -> DumpConfig {
        match run(line) {
            Ok(Invocation::Dump(config)) => config,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn dump_is_a_verb_with_options_of_its_own() {
        let plain = config("dump -p 12");
        let expected = DumpConfig {
            pid: Pid(12),
            form: DumpForm::Grouped,
            freeze: false,
            output: Output::Stdout,
        };
        assert_eq!(plain, expected);
        let full = config("dump --all --freeze -o out --pid=7");
        assert_eq!(
            (full.pid, full.form, full.freeze),
            (Pid(7), DumpForm::All, true)
        );
        assert_eq!(full.output, Output::File("out".into()));
        assert_eq!(config("dump -p7 --json").form, DumpForm::Json);
    }

    #[test]
    fn a_command_called_dump_is_started_with_two_dashes() {
        assert!(matches!(run("-- dump -p 12"), Ok(Invocation::Trace(_))));
    }

    #[test]
    fn help_of_the_verb_is_its_own() {
        match run("dump --help") {
            Ok(Invocation::Print(text)) => assert!(text.contains("--freeze"), "{text}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        for (line, part) in [
            ("dump", "gostrace dump -p PID"),
            ("dump -p 1,2", "one process"),
            ("dump -p x", "not a PID"),
            ("dump -p 1 --all --json", "exclude each other"),
            ("dump -p 1 ls", "ls"),
            ("dump -p 1 --frob", "--frob"),
            ("-o x dump -p 1", "gostrace dump"),
        ] {
            let said = run(line).unwrap_err().to_string();
            assert!(
                said.contains(part) && !said.contains('\n'),
                "{line}: {said}"
            );
        }
    }
}
