//! From what was typed ([`Args`]) to what it means ([`Config`]).

use super::args::{Args, When};
use super::config::{
    Choice, Color, Config, DEFAULT_COLUMN, DEFAULT_STACK_DEPTH, DEFAULT_STRING_LIMIT, Engine,
    FdDetail, Format, Limits, Look, Output, Quiet, Selection, SignalSet, Target, Xlat,
};
use super::expr::Expressions;
use super::{UsageError, meaning_counts, meaning_outputs, meaning_strace, parse_duration};
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
pub(super) const HOST: Abi = Abi::X86_64;
/// The ABI of the machine that we run on, and so of the targets that we can trace.
#[cfg(target_arch = "aarch64")]
pub(super) const HOST: Abi = Abi::Aarch64;

impl Config {
    /// Gives the arguments their meaning.
    pub(super) fn new(args: &Args) -> Result<Config, UsageError> {
        let format = meaning_strace::format(&args.format)?;
        meaning_strace::refuse(args, format)?;
        let slow = positive_duration("--slow", args.slow.as_deref())?;
        let mut spelled = args.strace.expressions();
        spelled.extend(args.expr.iter().cloned());
        let expressions = Expressions::parse(&spelled, meaning_strace::names(format))?;
        let limits = Limits {
            duration: positive_duration("--duration", args.duration.as_deref())?,
            max_events: max_events("--max-events", args.max_events.as_deref())?,
            max_calls: max_events("--syscall-limit", args.strace.syscall_limit.as_deref())?,
            slow_calls: max_events("--fail-on-slow", args.fail_on_slow.as_deref())?,
        };
        let stack = stack(args, slow.is_some())?;
        let output = output(args.output.as_deref())?;
        let output = meaning_strace::output(args, format, output)?;
        let mut notes = Vec::new();
        if format != Format::Strace && expressions.replaced > 0 {
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
            if args.strace.detach_on.is_some() {
                return Err(UsageError::new(
                    "--seccomp-bpf: a process under the filter cannot be let go of; leave out -b",
                ));
            }
            notes.push(
                "--seccomp-bpf: the command is killed when gostrace lets go of it or ends; \
                setuid programs gain no privileges in it unless gostrace has CAP_SYS_ADMIN"
                    .to_owned(),
            );
        }
        Ok(Config {
            findings: Choice {
                only: super::explain::ids("--only", &args.only)?,
                ignore: super::explain::ids("--ignore", &args.ignore)?,
            },
            format,
            look: look(args, &expressions, format)?,
            detail: meaning_strace::detail(args, &expressions),
            counts: meaning_counts::counts(args, format)?,
            quiet: quiet(args, &expressions, format, &output),
            sides: meaning_outputs::sides(&args.outputs, &output)?,
            force: args.outputs.force,
            shown_as: output.clone(),
            output,
            select: selection(args, expressions, slow, format)?,
            stack,
            follow: meaning_strace::follow(args, format),
            filtered: args.seccomp_bpf,
            kill_on_exit: args.strace.kill_on_exit,
            interruptible: meaning_strace::interruptible(&args.strace)?,
            start: meaning_strace::start(&args.strace)?,
            detach_on_execve: args.strace.detach_on.is_some(),
            tracers: tracers(args.tracers.as_deref())?,
            limits,
            notes,
            argv: Vec::new(),
            engine: engine(args)?,
            target: target(args, format)?,
        })
    }
}

fn engine(args: &Args) -> Result<Engine, UsageError> {
    let asked = args.sample.as_deref();
    let period = positive_duration("--sample", asked.filter(|text| !text.is_empty()))?;
    Ok(match asked {
        None => match per_mille(args.overhead.as_deref())? {
            Some(per_mille) => Engine::Mixed { per_mille },
            None => Engine::Exact,
        },
        Some(_) => Engine::Sample { period },
    })
}

/// `5%`, `5`, `0.5%`.
fn per_mille(text: Option<&str>) -> Result<Option<u64>, UsageError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(percent) if (0.1..=100.0).contains(&percent) => Ok(Some((percent * 10.0) as u64)),
        _ => Err(UsageError(format!(
            "--overhead {text}: not a share from 0.1% to 100%, like 5%"
        ))),
    }
}

/// strace says nothing of attaching where a command's trace goes to a file.
fn quiet(args: &Args, expressions: &Expressions, format: Format, output: &Output) -> Quiet {
    let given = Quiet::from_count(args.quiet).or(expressions.quiet.unwrap_or_default());
    let terminal = matches!(output, Output::Stdout | Output::Stderr);
    if format == Format::Strace && !terminal && !args.command.is_empty() {
        return given.or(Quiet::from_count(1));
    }
    given
}

fn target(args: &Args, format: Format) -> Result<Target, UsageError> {
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
        (false, Some(_)) if format == Format::Strace => {
            Ok(Target::Both(pids, args.command.clone()))
        }
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
    format: Format,
) -> Result<Selection, UsageError> {
    let (syscalls, expression) = match expressions.trace.clone() {
        Some((set, text)) => {
            // `none` and `!all` are a way to see signals and exits alone.
            if format != Format::Strace
                && set.is_empty(HOST)
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
        statuses: meaning_strace::statuses(&args.strace, &expressions)?,
        objects: meaning_strace::objects(&args.strace, &expressions),
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
    let limit = number(
        "--stack-trace-frame-limit",
        args.strace.stack_trace_frame_limit.as_deref(),
    )?;
    match args.stack.as_deref() {
        _ if args.no_stack => Ok(None),
        Some("" | "symbol" | "source") if limit.is_some() => Ok(limit.filter(|&depth| depth > 0)),
        Some("symbol" | "source") => Ok(Some(DEFAULT_STACK_DEPTH)),
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

fn look(args: &Args, expressions: &Expressions, format: Format) -> Result<Look, UsageError> {
    let string_limit = number("-s", args.string_limit.as_deref())?.unwrap_or(DEFAULT_STRING_LIMIT);
    if string_limit > MAX_STRING_LIMIT {
        return Err(UsageError(format!(
            "-s {string_limit}: at most {MAX_STRING_LIMIT} bytes"
        )));
    }
    let fds = match (expressions.fds, args.fds) {
        (Some(fds), _) => fds,
        (None, 0) if format == Format::Strace => FdDetail::NONE,
        (None, 0) => FdDetail::ALL,
        (None, count) => FdDetail::from_count(count),
    };
    Ok(Look {
        clock: meaning_strace::clock(args)?,
        relative: meaning_strace::precision(
            "--relative-timestamps",
            args.relative_timestamps.as_deref(),
        )?,
        time_in_call: meaning_strace::precision("--syscall-times", args.syscall_times.as_deref())?,
        verbose: match &expressions.abbreviated {
            Some(set) => set.is_empty(HOST),
            None => args.verbose,
        },
        string_limit,
        hex: meaning_strace::hex(args)?,
        xlat: xlat(args.const_print_style.as_deref())?,
        fds,
        strace_fds: args.fds > 0 || format == Format::Strace,
        commands: args.strace.commands || expressions.pids.is_some_and(|p| p.comm),
        number: args.syscall_number,
        instruction_pointer: args.strace.instruction_pointer,
        argument_names: args.strace.arg_names,
        always_pid: args.strace.always_show_pid,
        column: number("-a", args.columns.as_deref())?.unwrap_or(DEFAULT_COLUMN),
        color: match args.color {
            When::Auto => Color::Auto,
            When::Always => Color::Always,
            When::Never => Color::Never,
        },
    })
}

fn xlat(style: Option<&str>) -> Result<Xlat, UsageError> {
    match style {
        None | Some("abbrev") => Ok(Xlat::Abbrev),
        Some("raw") => Ok(Xlat::Raw),
        Some("verbose") => Ok(Xlat::Verbose),
        Some(other) => Err(UsageError(format!(
            "-X {other}: no such style; one of raw, abbrev, verbose"
        ))),
    }
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

pub(super) fn positive_duration(
    option: &str,
    text: Option<&str>,
) -> Result<Option<Duration>, UsageError> {
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

fn max_events(option: &str, text: Option<&str>) -> Result<Option<u64>, UsageError> {
    match number(option, text)? {
        Some(0) => Err(UsageError(format!("{option} 0: must be at least 1"))),
        other => Ok(other.map(|count| count as u64)),
    }
}
