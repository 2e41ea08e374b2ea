//! `gostrace report`: the options of the run that was recorded, and what is asked for now.
//!
//! A report shows what the run showed unless told otherwise: its options are the recorded ones,
//! each replaced by the same option of the report, where that has it.

use super::args::Args;
use super::args_outputs::OutputArgs;
use super::config::{Config, Format, Output};
use super::meaning::add_pids;
use super::{UsageError, usage};
use crate::ids::Pid;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, parser::ValueSource};
use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Options that say how to trace: it is too late for them.
const TOO_LATE: &[&str] = &[
    "sample",
    "overhead",
    "seccomp_bpf",
    "tracers",
    "duration",
    "string_limit",
    "trace_path",
    "env",
    "user",
    "argv0",
    "detach_on",
    "interruptible",
    "completions",
    "man",
];
/// Of these groups, an option of the report replaces all that were recorded.
const GROUPS: &[&[&str]] = &[
    &["stack", "no_stack", "stack_trace_frame_limit"],
    &["summary", "summary_only"],
    &["successful_only", "failed_only", "status"],
    &["time", "absolute_timestamps"],
    &["hex", "strings_in_hex"],
];
/// Where a report is written is its own affair.
const WHERE: &[&str] = &[
    "output",
    "output_append_mode",
    "output_separately",
    "follow_forks",
];
/// Options that strace's form does not have.
const OWN: &[&str] = &[
    "slow",
    "show_parked",
    "goroutine",
    "func",
    "class",
    "only",
    "ignore",
];
/// When the run was to end: it has, and what it said at its end lies behind that.
const ENDED: &[&str] = &["max_events", "syscall_limit"];
/// Options that are added to those recorded: the last `trace=` holds.
const ADDED: &[&str] = &["expr"];

/// What was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportRequest {
    /// The recording.
    pub file: PathBuf,
    /// The words behind the verb.
    words: Vec<OsString>,
}

/// What a report is to show.
#[derive(Clone, Debug)]
pub struct Replay {
    /// As if a run were to be shown so.
    pub config: Config,
    /// Only these processes; empty: all.
    pub pids: Vec<Pid>,
    /// `--slow` was given for the report.
    pub slow: bool,
    /// Calls that were told of when they began are told of when they end alone: only then is it
    /// known whether they are wanted.
    pub whole: bool,
}

/// What was asked for.
pub(super) enum Asked {
    /// A report.
    Report(ReportRequest),
    /// Its help text.
    Help(String),
}

fn command() -> clap::Command {
    let late = |arg: Arg| {
        let late = TOO_LATE.contains(&arg.get_id().as_str());
        arg.hide(late)
    };
    let command = Args::command()
        .name("gostrace report")
        .about("Shows a recording (--record) again, as the run showed it or in any other way")
        .long_about(None::<&str>)
        .override_usage("gostrace report FILE [OPTIONS]")
        .after_help("Example: gostrace report FILE --slow 100ms --format json")
        .after_long_help(None::<&str>)
        .mut_args(late);
    command.mut_arg("command", |arg| {
        arg.value_name("FILE")
            .help("The recording")
            .trailing_var_arg(false)
            .num_args(1)
            .required(true)
    })
}

thread_local! {
    static COMMAND: RefCell<clap::Command> = RefCell::new(command());
}

fn matches(argv: &[OsString]) -> Result<ArgMatches, clap::Error> {
    COMMAND.with_borrow_mut(|command| command.try_get_matches_from_mut(argv))
}

/// Parses what follows `gostrace`, the verb first.
pub(super) fn parse(argv: &[OsString]) -> Result<Asked, UsageError> {
    let matches = match matches(argv) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Asked::Help(error.to_string())),
        Err(error) if error.kind() == clap::error::ErrorKind::MissingRequiredArgument => {
            return Err(UsageError::new(
                "no recording; give one: `gostrace report FILE`, made by `gostrace --record FILE`",
            ));
        }
        Err(error) => return Err(usage::explain(&error)),
    };
    if let Some(late) = TOO_LATE.iter().find(|id| is_given(&matches, id)) {
        let option = late.replace('_', "-");
        return Err(UsageError(format!(
            "--{option} is for a run, not for a report of it: what was not recorded cannot be shown"
        )));
    }
    let file = matches
        .get_raw("command")
        .and_then(|mut words| words.next());
    Ok(Asked::Report(ReportRequest {
        file: PathBuf::from(file.unwrap_or_default()),
        words: argv.to_vec(),
    }))
}

/// What a report of a recording that was made by `recorded` is to show.
///
/// # Errors
/// The options mean nothing together.
pub fn report_config(recorded: &[OsString], request: &ReportRequest) -> Result<Replay, UsageError> {
    let of = |error: clap::Error| usage::explain(&error);
    let then = super::matches(recorded).map_err(of)?;
    let now = matches(&request.words).map_err(of)?;
    let format_then = then.get_one::<String>("format").map_or("text", |f| f);
    let format = match is_given(&now, "format") {
        true => now.get_one::<String>("format").map_or("text", |f| f),
        false => format_then,
    };
    let outputs = <OutputArgs as clap::Args>::augment_args(clap::Command::new("outputs"));
    let outputs: Vec<&str> = outputs
        .get_arguments()
        .map(|a| a.get_id().as_str())
        // It is the table's.
        .filter(|id| *id != "interval")
        .collect();
    let skipped = |id: &str| {
        WHERE.contains(&id) || outputs.contains(&id) || matches!(id, "format" | "pid" | "command")
    };
    let is_replaced = |id: &str| {
        let group = GROUPS.iter().find(|group| group.contains(&id));
        !ADDED.contains(&id)
            && (is_given(&now, id)
                || group.is_some_and(|group| group.iter().any(|id| is_given(&now, id))))
    };
    // What the run selected, in the sense of its own format; what is shown of that, in the new one.
    let build = |format: &str, keep: &dyn Fn(&str) -> bool| {
        let mut words = vec![
            OsString::from("gostrace"),
            format!("--format={format}").into(),
        ];
        words.extend(tokens(&then, |id| {
            let here =
                WHERE.contains(&id) || !skipped(id) && !is_replaced(id) && !ENDED.contains(&id);
            here && keep(id)
        }));
        words.extend(tokens(&now, |id| !skipped(id) && keep(id)));
        words.extend(target(&then));
        meaning(&words)
    };
    let select = build(format_then, &|_| true)?;
    let changed = format == "strace" && format_then != "strace";
    let mut config = build(format, &|id| !(changed && OWN.contains(&id)))?;
    let mut words = vec![
        OsString::from("gostrace"),
        format!("--format={format}").into(),
    ];
    words.extend(tokens(&now, |id| {
        WHERE.contains(&id) || outputs.contains(&id)
    }));
    words.extend(target(&then));
    let place = meaning(&words)?;
    let each = |output: &Output| matches!(output, Output::Each(..));
    if each(&config.shown_as) || each(&place.output) {
        config.shown_as = place.output.clone();
    }
    let mut pids = Vec::new();
    for list in now.get_many::<String>("pid").into_iter().flatten() {
        add_pids(list, &mut pids)?;
    }
    let selecting = ["successful_only", "failed_only", "status", "expr", "pid"];
    Ok(Replay {
        whole: config.format == Format::Strace
            && OWN.iter().chain(&selecting).any(|id| is_given(&now, id)),
        slow: is_given(&now, "slow"),
        pids,
        config: Config {
            select: select.select,
            stack: select.stack,
            findings: select.findings,
            // There is no command whose output would be mixed with it.
            output: match place.output {
                Output::Stderr => Output::Stdout,
                output => output,
            },
            sides: place.sides,
            force: place.force,
            argv: recorded.to_vec(),
            notes: Vec::new(),
            ..config
        },
    })
}

fn meaning(words: &[OsString]) -> Result<Config, UsageError> {
    let matches = super::matches(words).map_err(|error| usage::explain(&error))?;
    let args = Args::from_arg_matches(&matches).map_err(|error| usage::explain(&error))?;
    Config::new(&args)
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    let known = matches.try_contains_id(id).unwrap_or(false);
    known && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// The process or the command that was traced.
fn target(then: &ArgMatches) -> Vec<OsString> {
    let mut words = tokens(then, |id| id == "pid");
    if let Some(command) = then.get_raw("command") {
        words.push("--".into());
        words.extend(command.map(OsStr::to_owned));
    }
    words
}

/// The options that were given, each in one word.
fn tokens(matches: &ArgMatches, wanted: impl Fn(&str) -> bool) -> Vec<OsString> {
    let command = Args::command();
    let given = command
        .get_arguments()
        .filter(|arg| wanted(arg.get_id().as_str()) && is_given(matches, arg.get_id().as_str()));
    given.flat_map(|arg| words_of(arg, matches)).collect()
}

fn words_of(arg: &Arg, matches: &ArgMatches) -> Vec<OsString> {
    let id = arg.get_id().as_str();
    let name = match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => return Vec::new(),
    };
    match arg.get_action() {
        ArgAction::Count => vec![name.into(); usize::from(matches.get_count(id))],
        ArgAction::SetTrue => vec![name.into()],
        _ => {
            let values = matches.get_raw(id).into_iter().flatten();
            let word = |value: &OsStr| {
                let mut word = OsString::from(&name);
                if !value.is_empty() {
                    word.push("=");
                    word.push(value);
                }
                word
            };
            values.map(word).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn words(line: &str) -> Vec<OsString> {
        let words = std::iter::once("gostrace").chain(line.split_whitespace());
        words.map(OsString::from).collect()
    }

    fn report(recorded: &str, now: &str) -> Result<Replay, UsageError> {
        match super::super::parse(words(&format!("report f {now}")))? {
            super::super::Invocation::Report(request) => report_config(&words(recorded), &request),
            other => panic!("{other:?}"),
        }
    }

    fn replay(recorded: &str, now: &str) -> Replay {
        report(recorded, now).unwrap_or_else(|error| panic!("{recorded} / {now}: {error}"))
    }

    #[test]
    fn a_report_shows_what_the_run_showed_and_writes_where_it_is_told_itself() {
        let run = "-p 7 -e futex --slow 10ms -tt -k=5 -o out --record f --show-parked";
        let plain = replay(run, "").config;
        assert_eq!(plain.select.slow, Some(Duration::from_millis(10)));
        assert_eq!(plain.select.expression, "futex");
        assert!(plain.select.show_parked && plain.sides.is_empty());
        assert_eq!(plain.stack, Some(5));
        assert_eq!(plain.output, Output::Stdout);
        assert_eq!(plain.shown_as, Output::File("out".into()));
        let elsewhere = replay(run, "-o there --record again").config;
        assert_eq!(elsewhere.output, Output::File("there".into()));
        assert_eq!(elsewhere.sides.len(), 1);
        // A command's own options are not ours.
        let launched = replay("--record f -- ls --slow", "").config;
        assert_eq!(launched.select.slow, None);
    }

    #[test]
    fn an_option_of_the_report_replaces_the_recorded_one() {
        let run = "-p 7 --slow 10ms -k --goroutine 1,2 -tt";
        let other = replay(run, "--slow 1s --no-stack --goroutine 3 -e read");
        assert_eq!(other.config.select.slow, Some(Duration::from_secs(1)));
        assert!(other.slow && other.config.stack.is_none());
        assert_eq!(other.config.select.goroutines, [crate::ids::Goid(3)]);
        assert_eq!(other.config.select.expression, "read");
        assert_eq!(replay(run, "-p 8,9").pids, [Pid(8), Pid(9)]);
        assert!(replay(run, "-t -c").config.counts.is_some());
        // What ended the run does not end the report.
        let limits = |now| {
            replay("-p 7 --max-events 5 --syscall-limit 6", now)
                .config
                .limits
        };
        assert_eq!((limits("").max_events, limits("").max_calls), (None, None));
        assert_eq!(limits("--max-events 3").max_events, Some(3));
    }

    #[test]
    fn every_format_can_be_had_of_every_other() {
        for run in [
            "text -p 7 --slow 1ms --show-parked",
            "strace -f true",
            "json -p 7 --class user",
        ] {
            for now in ["", "--format text", "--format strace", "--format json"] {
                let config = replay(&format!("--format {run}"), now).config;
                assert_eq!(
                    config.select.slow.is_some(),
                    run.contains("--slow"),
                    "{run} {now}"
                );
            }
        }
        let strace = replay("--format strace true", "").config;
        assert_eq!(
            (strace.output, strace.shown_as),
            (Output::Stdout, Output::Stderr)
        );
        let own = replay("-p 7 --slow 1ms", "--format strace --func main");
        assert!(own.whole && own.config.select.funcs.len() == 1);
    }

    #[test]
    fn what_comes_too_late_is_refused_in_one_line() {
        for (now, part) in [
            ("--sample", "--sample is for a run"),
            ("-s 100", "--string-limit"),
            ("--frob", "--frob"),
            ("--slow 5", "`5ms`"),
        ] {
            let error = report("-p 7", now).unwrap_err().to_string();
            assert!(
                error.contains(part) && !error.contains('\n'),
                "{now}: {error}"
            );
        }
        let missing = super::super::parse(words("report")).unwrap_err();
        assert!(missing.0.contains("gostrace report FILE"), "{missing}");
    }
}
