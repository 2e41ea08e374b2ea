//! What the command line means: plain typed data that the session works from.

pub use super::expr::{FdDetail, Quiet};
pub use super::signals::SignalSet;

use super::args::{Args, When};
use super::expr::Expressions;
use super::usage::later;
use super::{UsageError, parse_duration};
use crate::arch::Abi;
use crate::ids::{Goid, Pid};
use crate::syscall::set::SyscallSet;
use regex::Regex;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// Frames of a stack that are shown unless told otherwise: as many as the Go runtime prints in a
/// traceback (`tracebackInnerFrames` + `tracebackOuterFrames`, runtime/traceback.go).
pub const DEFAULT_STACK_DEPTH: usize = 100;

/// Bytes of a string that are shown unless told otherwise (strace's -s).
pub const DEFAULT_STRING_LIMIT: usize = 32;

/// Column of the results unless told otherwise (strace's -a).
pub const DEFAULT_COLUMN: usize = 40;

/// The largest -s: a message of the kernel's is no longer, and we keep strings in memory.
const MAX_STRING_LIMIT: usize = 1 << 20;

/// The ABI of the machine that we run on, and so of the targets that we can trace.
#[cfg(target_arch = "x86_64")]
const HOST: Abi = Abi::X86_64;
/// The ABI of the machine that we run on, and so of the targets that we can trace.
#[cfg(target_arch = "aarch64")]
const HOST: Abi = Abi::Aarch64;

/// Everything the command line asks for.
#[derive(Clone, Debug)]
pub struct Config {
    /// What to trace.
    pub target: Target,
    /// Which events of it.
    pub select: Selection,
    /// Depth of the stacks; `None`: no stacks.
    pub stack: Option<usize>,
    /// Children too.
    pub follow_forks: bool,
    /// When to stop.
    pub limits: Limits,
    /// How to show them.
    pub look: Look,
    /// Where to.
    pub output: Output,
    /// What not to say.
    pub quiet: Quiet,
    /// Things about the command line that the user should know, one line each; shown on
    /// standard error unless `quiet.notes`.
    pub notes: Vec<String>,
}

/// What to trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Live processes, in the order given, each once. Never empty.
    Attach(Vec<Pid>),
    /// A command to start: program and arguments. Never empty.
    Launch(Vec<OsString>),
}

/// Which events.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Which calls.
    pub syscalls: SyscallSet,
    /// The expression that they come from, for the banner (`all`, `%blocking`, `futex,read`).
    pub expression: String,
    /// Which signals.
    pub signals: SignalSet,
    /// Only calls that last at least this long; never zero.
    pub slow: Option<Duration>,
    /// Also the runtime's own parking.
    pub show_parked: bool,
    /// Only calls of these goroutines; empty: of all.
    pub goroutines: Vec<Goid>,
    /// Only calls with a Go function on their stack that one of these matches; empty: all.
    pub funcs: Vec<Regex>,
    /// Only calls of these wait classes (`WaitClass::id`); empty: of all.
    pub classes: Vec<String>,
}

impl Selection {
    /// Whether the runtime's own parking is left out (and only counted).
    #[must_use]
    pub fn hides_parked(&self) -> bool {
        self.slow.is_some() && !self.show_parked && self.classes.is_empty()
    }

    /// Whether an event cannot be judged without knowing its goroutine, stack or wait class.
    #[must_use]
    pub fn needs_go(&self) -> bool {
        self.hides_parked()
            || !(self.goroutines.is_empty() && self.funcs.is_empty() && self.classes.is_empty())
    }
}

/// When to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// After this time.
    pub duration: Option<Duration>,
    /// After this many events; never zero.
    pub max_events: Option<u64>,
}

/// How events are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// What stands before each line (`-t`).
    pub clock: Clock,
    /// The time since the line before (`-r`).
    pub relative: bool,
    /// The time spent in the call (`-T`).
    pub time_in_call: bool,
    /// Bytes of a string that are shown (`-s`).
    pub string_limit: usize,
    /// Which strings are shown in hex (`-x`).
    pub hex: Hex,
    /// What is said of descriptors (`-y`).
    pub fds: FdDetail,
    /// Whether structures and arrays are shown in full (`-v`).
    pub verbose: bool,
    /// Whether the call's number is shown (`-n`).
    pub number: bool,
    /// Column of the results (`-a`).
    pub column: usize,
    /// Colour.
    pub color: Color,
}

/// The time before each line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    /// None.
    #[default]
    None,
    /// `-t`: 12:34:56.
    Seconds,
    /// `-tt`: 12:34:56.789012.
    Micros,
    /// `-ttt`: 1700000000.789012.
    Epoch,
}

/// Which strings are shown in hex.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hex {
    /// None: octal and C escapes.
    #[default]
    Never,
    /// `-x`: those that are not ASCII.
    NonAscii,
    /// `-xx`: all.
    All,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to use colour on an output that is a terminal or not, given the value of
    /// NO_COLOR (<https://no-color.org>: set and not empty means none).
    #[must_use]
    pub fn enabled(self, terminal: bool, no_color: Option<&OsStr>) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && no_color.is_none_or(OsStr::is_empty),
        }
    }
}

/// Where the trace goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// A file, replaced.
    File(PathBuf),
    /// The standard input of `/bin/sh -c` with this command.
    Command(OsString),
}

impl Config {
    /// Gives the arguments their meaning.
    pub(super) fn new(args: &Args) -> Result<Config, UsageError> {
        check_format(&args.format)?;
        if args.follow_forks > 1 {
            return Err(later("option -ff"));
        }
        let slow = positive_duration("--slow", args.slow.as_deref())?;
        let expressions = Expressions::parse(&args.expr)?;
        let limits = Limits {
            duration: positive_duration("--duration", args.duration.as_deref())?,
            max_events: max_events(args.max_events.as_deref())?,
        };
        let stack = stack(args, slow.is_some())?;
        let mut notes = Vec::new();
        if expressions.replaced > 0 {
            notes.push("of several -e trace= the last one holds, as in strace; join them with commas to have all".to_owned());
        }
        Ok(Config {
            look: look(args, &expressions, slow.is_some())?,
            output: output(args.output.as_deref())?,
            quiet: Quiet::from_count(args.quiet).or(expressions.quiet.unwrap_or_default()),
            select: selection(args, expressions, slow)?,
            stack,
            follow_forks: args.follow_forks > 0,
            limits,
            notes,
            target: target(args)?,
        })
    }
}

fn check_format(format: &str) -> Result<(), UsageError> {
    match format {
        "text" => Ok(()),
        "strace" | "json" => Err(later(&format!("--format {format}"))),
        _ => Err(UsageError(format!(
            "--format: no such format `{format}`; the one there is, is text"
        ))),
    }
}

fn target(args: &Args) -> Result<Target, UsageError> {
    let mut pids = Vec::new();
    for list in &args.pid {
        add_pids(list, &mut pids)?;
    }
    match (pids.is_empty(), args.command.first()) {
        (false, None) => Ok(Target::Attach(pids)),
        (true, Some(program)) if program.is_empty() => Err(UsageError::new(
            "the COMMAND is empty; name a program to start",
        )),
        (true, Some(_)) => Ok(Target::Launch(args.command.clone())),
        (true, None) => Err(UsageError::new(
            "nothing to trace: give -p PID or a COMMAND, for example `gostrace -p PID -e futex,epoll_wait --slow 10ms`",
        )),
        (false, Some(word)) => Err(both_targets(args, &word.to_string_lossy())),
    }
}

/// -p together with a COMMAND. strace traces both; here the exit status could not be both the
/// command's and the attach's, and mostly it is a value that lost its option.
fn both_targets(args: &Args, word: &str) -> UsageError {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if digits && args.stack.as_deref() == Some("") {
        return UsageError(format!(
            "`{word}` is taken for a COMMAND; write the depth of stacks as `-k={word}`"
        ));
    }
    if digits {
        return UsageError(format!(
            "`{word}` is taken for a COMMAND; write several processes as `-p PID,{word}`"
        ));
    }
    UsageError(format!(
        "-p and the COMMAND `{word}` exclude each other; trace one of them"
    ))
}

/// Adds the PIDs of one `-p`; besides commas, white space separates them, so that
/// `-p "$(pidof NAME)"` works as in strace.
fn add_pids(list: &str, pids: &mut Vec<Pid>) -> Result<(), UsageError> {
    let mut found = false;
    for word in list
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
    {
        found = true;
        let pid = match word.parse::<i32>() {
            Ok(pid) if pid > 0 => Pid(pid),
            Ok(_) => {
                return Err(UsageError(format!("-p {word}: a PID is greater than 0")));
            }
            Err(_) if !word.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(UsageError(format!(
                    "-p {word}: not a PID; find it with `pgrep -a NAME`"
                )));
            }
            Err(_) => {
                return Err(UsageError(format!("-p {word}: no PID is that large")));
            }
        };
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    if found {
        return Ok(());
    }
    Err(UsageError::new(
        "-p: no PID given; find it with `pgrep -a NAME`",
    ))
}

fn selection(
    args: &Args,
    expressions: Expressions,
    slow: Option<Duration>,
) -> Result<Selection, UsageError> {
    let (syscalls, expression) = match expressions.trace {
        Some((set, text)) => {
            // `none` and `!all` are a way to see signals and exits alone.
            if set.is_empty(HOST)
                && !matches!(text.as_str(), "none" | "!all")
                && !text.starts_with('?')
            {
                return Err(UsageError(format!(
                    "-e {text}: this machine has no such call"
                )));
            }
            (set, text)
        }
        None if slow.is_some() => (SyscallSet::blocking(), "%blocking".to_owned()),
        None => (SyscallSet::all(), "all".to_owned()),
    };
    Ok(Selection {
        syscalls,
        expression,
        signals: expressions.signals.unwrap_or(SignalSet::ALL),
        slow,
        show_parked: args.show_parked,
        goroutines: goroutines(&args.goroutine)?,
        funcs: args
            .func
            .iter()
            .map(|pattern| function(pattern))
            .collect::<Result<_, _>>()?,
        classes: classes(&args.class)?,
    })
}

fn goroutines(lists: &[String]) -> Result<Vec<Goid>, UsageError> {
    lists
        .iter()
        .flat_map(|list| list.split(','))
        .map(|word| {
            word.trim().parse().map(Goid).map_err(|_| {
                UsageError(format!(
                    "--goroutine {word}: not a goroutine's number, like 42"
                ))
            })
        })
        .collect()
}

fn function(pattern: &str) -> Result<Regex, UsageError> {
    Regex::new(pattern).map_err(|error| {
        let reason = error.to_string();
        let reason = reason
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        UsageError(format!(
            "--func {pattern}: not a regular expression: {reason}"
        ))
    })
}

fn classes(lists: &[String]) -> Result<Vec<String>, UsageError> {
    lists
        .iter()
        .flat_map(|list| list.split(','))
        .map(|word| match word.trim() {
            "" => Err(UsageError::new(
                "--class: no class given; write it like `--class netpoll-idle`",
            )),
            class => Ok(class.to_owned()),
        })
        .collect()
}

fn stack(args: &Args, slow: bool) -> Result<Option<usize>, UsageError> {
    match args.stack.as_deref() {
        _ if args.no_stack => Ok(None),
        None => Ok(slow.then_some(DEFAULT_STACK_DEPTH)),
        Some("") => Ok(Some(DEFAULT_STACK_DEPTH)),
        Some(depth) => match depth.parse() {
            Ok(depth @ 1..) => Ok(Some(depth)),
            _ => Err(UsageError(format!(
                "--stack={depth}: not a depth; write it like `-k=20`, or `--no-stack` for none"
            ))),
        },
    }
}

fn look(args: &Args, expressions: &Expressions, slow: bool) -> Result<Look, UsageError> {
    let string_limit = number("-s", args.string_limit.as_deref())?.unwrap_or(DEFAULT_STRING_LIMIT);
    if string_limit > MAX_STRING_LIMIT {
        return Err(UsageError(format!(
            "-s {string_limit}: at most {MAX_STRING_LIMIT} bytes"
        )));
    }
    let fds = match (expressions.fds, args.fds) {
        (Some(fds), _) => fds,
        (None, 0) if slow => FdDetail::ALL,
        (None, count) => FdDetail::from_count(count),
    };
    Ok(Look {
        clock: match args.time {
            0 => Clock::None,
            1 => Clock::Seconds,
            2 => Clock::Micros,
            _ => Clock::Epoch,
        },
        relative: args.relative_timestamps,
        time_in_call: args.syscall_times,
        string_limit,
        hex: match args.hex {
            0 => Hex::Never,
            1 => Hex::NonAscii,
            _ => Hex::All,
        },
        fds,
        verbose: args.verbose,
        number: args.syscall_number,
        column: number("-a", args.columns.as_deref())?.unwrap_or(DEFAULT_COLUMN),
        color: match args.color {
            When::Auto => Color::Auto,
            When::Always => Color::Always,
            When::Never => Color::Never,
        },
    })
}

fn output(output: Option<&OsStr>) -> Result<Output, UsageError> {
    use std::os::unix::ffi::OsStrExt as _;
    let Some(output) = output else {
        return Ok(Output::Stdout);
    };
    match output.as_bytes() {
        b"" => Err(UsageError::new(
            "-o: no file given; write `-o FILE` or `-o '|COMMAND'`",
        )),
        b"-" => Ok(Output::Stdout),
        [b'|' | b'!', command @ ..] if command.trim_ascii().is_empty() => Err(UsageError::new(
            "-o: no command after `|`; write it like `-o '|less'`",
        )),
        [b'|' | b'!', command @ ..] => Ok(Output::Command(OsStr::from_bytes(command).to_owned())),
        _ => Ok(Output::File(PathBuf::from(output))),
    }
}

fn positive_duration(option: &str, text: Option<&str>) -> Result<Option<Duration>, UsageError> {
    let Some(text) = text else {
        return Ok(None);
    };
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err(UsageError(format!(
            "{option} {text}: must be more than zero, like `10ms`"
        ))),
        Ok(duration) => Ok(Some(duration)),
        Err(why) => Err(UsageError(format!("{option}: {why}"))),
    }
}

fn number(option: &str, text: Option<&str>) -> Result<Option<usize>, UsageError> {
    text.map(|text| {
        text.parse()
            .map_err(|_| UsageError(format!("{option} {text}: not a number, like 40")))
    })
    .transpose()
}

fn max_events(text: Option<&str>) -> Result<Option<u64>, UsageError> {
    match number("--max-events", text)? {
        Some(0) => Err(UsageError::new("--max-events 0: must be at least 1")),
        other => Ok(other.map(|count| count as u64)),
    }
}
