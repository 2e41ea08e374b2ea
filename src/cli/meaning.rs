//! From what was typed ([`Args`]) to what it means ([`Config`]).

use super::args::{Args, When};
use super::config::{
    Clock, Color, Config, DEFAULT_COLUMN, DEFAULT_STACK_DEPTH, DEFAULT_STRING_LIMIT, Engine,
    FdDetail, Hex, Limits, Look, Output, Quiet, Selection, SignalSet, Target,
};
use super::expr::Expressions;
use super::usage::later;
use super::{UsageError, parse_duration};
use crate::arch::Abi;
use crate::ids::{Goid, Pid};
use crate::syscall::set::SyscallSet;
use regex::Regex;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

/// The largest -s: a message of the kernel's is no longer, and we keep strings in memory.
const MAX_STRING_LIMIT: usize = 1 << 20;

/// The ABI of the machine that we run on, and so of the targets that we can trace.
#[cfg(target_arch = "x86_64")]
const HOST: Abi = Abi::X86_64;
/// The ABI of the machine that we run on, and so of the targets that we can trace.
#[cfg(target_arch = "aarch64")]
const HOST: Abi = Abi::Aarch64;

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
            notes.push(
                "of several -e trace= the last one holds, as in strace; join them with \
                commas to have all"
                    .to_owned(),
            );
        }
        if args.tracers.is_some() && !args.command.is_empty() {
            notes.push(
                "--tracers is for processes that are attached to: whatever a command starts is \
                traced by the thread that started the command"
                    .to_owned(),
            );
        }
        if args.seccomp_bpf {
            if args.command.is_empty() {
                return Err(UsageError::new(
                    "--seccomp-bpf is for a COMMAND that gostrace starts: a process that runs \
                    already cannot be given a filter",
                ));
            }
            notes.push(
                "--seccomp-bpf: the command is killed when gostrace lets go of it or ends; \
                setuid programs gain no privileges in it unless gostrace has CAP_SYS_ADMIN"
                    .to_owned(),
            );
        }
        Ok(Config {
            look: look(args, &expressions)?,
            output: output(args.output.as_deref())?,
            quiet: Quiet::from_count(args.quiet).or(expressions.quiet.unwrap_or_default()),
            select: selection(args, expressions, slow)?,
            stack,
            follow_forks: args.follow_forks > 0 || args.seccomp_bpf,
            filtered: args.seccomp_bpf,
            tracers: tracers(args.tracers.as_deref())?,
            limits,
            notes,
            engine: engine(args)?,
            target: target(args)?,
        })
    }
}

fn engine(args: &Args) -> Result<Engine, UsageError> {
    let asked = args.sample.as_deref();
    let period = positive_duration("--sample", asked.filter(|text| !text.is_empty()))?;
    Ok(match asked {
        None => Engine::Exact,
        Some(_) => Engine::Sample { period },
    })
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
        (true, Some(word)) if args.stack.as_deref() == Some("") && is_number(word) => {
            Err(both_targets(args, &word.to_string_lossy()))
        }
        (true, Some(_)) => Ok(Target::Launch(args.command.clone())),
        (true, None) => Err(UsageError::new(
            "nothing to trace: give -p PID or a COMMAND, for example `gostrace -p PID -e \
                futex,epoll_wait --slow 10ms`",
        )),
        (false, Some(word)) => Err(both_targets(args, &word.to_string_lossy())),
    }
}

fn is_number(word: &OsStr) -> bool {
    word.to_str()
        .is_some_and(|word| word.parse::<u64>().is_ok())
}

/// -p together with a COMMAND. strace traces both; here the exit status could not be both the
/// command's and the attach's, and mostly it is a value that lost its option.
fn both_targets(args: &Args, word: &str) -> UsageError {
    let digits = is_number(OsStr::new(word));
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
pub(super) fn add_pids(list: &str, pids: &mut Vec<Pid>) -> Result<(), UsageError> {
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
            class if known_class(class) => Ok(class.to_owned()),
            class => Err(unknown_class(class)),
        })
        .collect()
}

fn known_class(id: &str) -> bool {
    crate::golang::class::classes().any(|class| class.id == id)
}

fn unknown_class(word: &str) -> UsageError {
    let ids: Vec<&str> = crate::golang::class::classes().map(|c| c.id).collect();
    UsageError(format!(
        "--class {word}: no such class (`--class help` explains them); there are {}",
        ids.join(", ")
    ))
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

fn look(args: &Args, expressions: &Expressions) -> Result<Look, UsageError> {
    let string_limit = number("-s", args.string_limit.as_deref())?.unwrap_or(DEFAULT_STRING_LIMIT);
    if string_limit > MAX_STRING_LIMIT {
        return Err(UsageError(format!(
            "-s {string_limit}: at most {MAX_STRING_LIMIT} bytes"
        )));
    }
    let fds = match (expressions.fds, args.fds) {
        (Some(fds), _) => fds,
        (None, 0) => FdDetail::ALL,
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
        verbose: args.verbose,
        string_limit,
        hex: match args.hex {
            0 => Hex::Never,
            1 => Hex::NonAscii,
            _ => Hex::All,
        },
        fds,
        strace_fds: args.fds > 0,
        number: args.syscall_number,
        column: number("-a", args.columns.as_deref())?.unwrap_or(DEFAULT_COLUMN),
        color: match args.color {
            When::Auto => Color::Auto,
            When::Always => Color::Always,
            When::Never => Color::Never,
        },
    })
}

pub(super) fn output(output: Option<&OsStr>) -> Result<Output, UsageError> {
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

fn tracers(text: Option<&str>) -> Result<Option<usize>, UsageError> {
    match number("--tracers", text)? {
        Some(count) if !(1..=64).contains(&count) => Err(UsageError(format!(
            "--tracers {count}: must be from 1 to 64"
        ))),
        other => Ok(other),
    }
}

fn max_events(text: Option<&str>) -> Result<Option<u64>, UsageError> {
    match number("--max-events", text)? {
        Some(0) => Err(UsageError::new("--max-events 0: must be at least 1")),
        other => Ok(other.map(|count| count as u64)),
    }
}
