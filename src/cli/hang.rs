//! `gostrace hang`: its options and what they mean.

use super::{UsageError, parse_duration, usage};
use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Run a command; if it makes no progress, say why, and end it
///
/// The command runs as it would without gostrace: same input and output, signals and exit status.
/// It and all that descends from it are watched through /proc; nothing is traced. When nothing has
/// got on for --after (no process began, ended, wrote or computed, and no goroutine got anywhere)
/// a report says which test waits, for what, at which line, and who has the other end.
#[derive(Parser, Debug)]
#[command(
    name = "gostrace hang",
    args_override_self = true,
    override_usage = "gostrace hang [OPTIONS] [--] COMMAND [ARG...]",
    after_help = "Example: gostrace hang --after 30s --report hang -- go test ./...\n\
                  \n\
                  Exit status: 124 if it hung or took longer than --deadline, else the command's own \
                  (128+N for signal N),\n125 gostrace failed, 126/127 the command cannot be run / was \
                  not found."
)]
pub(super) struct HangArgs {
    /// No progress for this long is a hang
    #[arg(long, value_name = "DUR", default_value = "30s")]
    pub after: String,

    /// Running for this long is one in any case
    #[arg(long, value_name = "DUR")]
    pub deadline: Option<String>,

    /// What to do then: report and go on watching; quit (SIGQUIT, grace, SIGKILL); or kill
    #[arg(
        long,
        value_enum,
        value_name = "report|quit|kill",
        hide_possible_values = true,
        default_value = "quit"
    )]
    pub on_hang: OnHang,

    /// Write the report, the dump of each process and the process tree into this directory
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// Write a JUnit report in which the hung test has failed
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Annotate the line for GitHub Actions, and add the report to the job summary
    #[arg(long)]
    pub github: bool,

    /// Command to run, with its arguments
    #[arg(value_name = "COMMAND", trailing_var_arg = true, required = true)]
    pub command: Vec<OsString>,
}

/// What to do with a command that hangs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum OnHang {
    /// Leave it running and go on watching.
    Report,
    /// SIGQUIT to Go programs, so that they print their goroutines; then SIGKILL to all.
    Quit,
    /// SIGKILL to all.
    Kill,
}

/// What `gostrace hang` is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HangConfig {
    /// No progress for this long is a hang.
    pub after: Duration,
    /// Running for this long is one in any case.
    pub deadline: Option<Duration>,
    /// What to do then.
    pub on_hang: OnHang,
    /// Directory for the report.
    pub report: Option<PathBuf>,
    /// JUnit file.
    pub junit: Option<PathBuf>,
    /// Whether to speak to GitHub Actions.
    pub github: bool,
    /// The command.
    pub command: Vec<OsString>,
}

/// What was asked for.
pub(super) enum Asked {
    /// A watch.
    Hang(HangConfig),
    /// Its help text.
    Help(String),
}

/// Parses what follows `gostrace`, the verb first.
pub(super) fn parse(argv: &[OsString]) -> Result<Asked, UsageError> {
    let matches = match HangArgs::command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Asked::Help(error.to_string())),
        Err(error) if error.kind() == clap::error::ErrorKind::MissingRequiredArgument => {
            return Err(UsageError::new(
                "no command; give one: `gostrace hang --after 30s -- go test ./...`",
            ));
        }
        Err(error) => return Err(usage::explain(&error)),
    };
    let args = HangArgs::from_arg_matches(&matches).map_err(|error| usage::explain(&error))?;
    let duration = |name: &str, text: &str| {
        let time = parse_duration(text).map_err(|why| UsageError(format!("{name}: {why}")))?;
        match time.is_zero() {
            true => Err(UsageError(format!("{name}: must be more than nothing"))),
            false => Ok(time),
        }
    };
    let deadline = args.deadline.as_deref();
    Ok(Asked::Hang(HangConfig {
        after: duration("--after", &args.after)?,
        deadline: deadline
            .map(|text| duration("--deadline", text))
            .transpose()?,
        on_hang: args.on_hang,
        report: args.report,
        junit: args.junit,
        github: args.github,
        command: args.command,
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

    fn config(line: &str) -> HangConfig {
        match run(line) {
            Ok(Invocation::Hang(config)) => config,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn hang_is_a_verb_with_options_of_its_own() {
        let plain = config("hang -- go test ./...");
        assert_eq!(plain.after, Duration::from_secs(30));
        assert_eq!((plain.deadline, plain.on_hang), (None, OnHang::Quit));
        assert_eq!(plain.command, ["go", "test", "./..."]);
        let full = config(
            "hang --after 5s --deadline 10m --on-hang report --report d --junit j.xml --github -- x -v",
        );
        assert_eq!(full.after, Duration::from_secs(5));
        assert_eq!(full.deadline, Some(Duration::from_secs(600)));
        assert_eq!(full.on_hang, OnHang::Report);
        assert_eq!(full.report.as_deref(), Some("d".as_ref()));
        assert_eq!(full.junit.as_deref(), Some("j.xml".as_ref()));
        assert!(full.github);
        assert_eq!(full.command, ["x", "-v"]);
    }

    #[test]
    fn a_command_called_hang_is_started_with_two_dashes() {
        assert!(matches!(run("-- hang -- x"), Ok(Invocation::Trace(_))));
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        for (line, part) in [
            ("hang", "no command"),
            ("hang --after 5 -- x", "--after: `5` has no unit"),
            ("hang --after 0s -- x", "more than nothing"),
            ("hang --deadline x -- x", "--deadline"),
            ("hang --on-hang frob -- x", "--on-hang"),
            ("hang --frob -- x", "--frob"),
            ("-f hang -- x", "gostrace hang"),
        ] {
            let said = run(line).unwrap_err().to_string();
            assert!(
                said.contains(part) && !said.contains('\n'),
                "{line}: {said}"
            );
        }
    }
}
