//! What strace's own options mean.

use super::UsageError;
use super::args::Args;
use super::args_strace::StraceArgs;
use super::config::{
    Clock, Detail, Follow, Format, Hex, Objects, Output, Precision, Start, Statuses,
};
use super::expr::Expressions;
use crate::syscall::set::{Names, SyscallSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

pub(super) fn format(name: &str) -> Result<Format, UsageError> {
    match name {
        "text" => Ok(Format::Text),
        "strace" => Ok(Format::Strace),
        "json" => Ok(Format::Json),
        _ => Err(UsageError(format!(
            "--format: no such format `{name}`; there are text, strace and json"
        ))),
    }
}

/// In strace's words a call's name is that call alone.
pub(super) fn names(format: Format) -> Names {
    match format {
        Format::Text | Format::Json => Names::Families,
        Format::Strace => Names::Exact,
    }
}

/// What cannot be done here, or not together.
pub(super) fn refuse(args: &Args, format: Format) -> Result<(), UsageError> {
    let strace = &args.strace;
    let refused = [
        (
            strace.daemon > 0 || strace.daemonize.is_some(),
            "-D: gostrace always stays the parent of the command; start it in the background, \
                or attach with -p",
        ),
        (
            strace.debug,
            "--debug: gostrace has nothing to say about itself; leave it out",
        ),
        (
            strace.tips.as_deref().is_some_and(|tip| tip != "none"),
            "--tips: gostrace has no tips; see `gostrace --help`",
        ),
        (
            strace.pidns_translation,
            "--pidns-translation: translating process ids between namespaces is not in this \
                version",
        ),
    ];
    if let Some((_, why)) = refused.into_iter().find(|(given, _)| *given) {
        return Err(UsageError::new(why));
    }
    let own = [
        (args.slow.is_some(), "--slow"),
        (args.sample.is_some(), "--sample"),
        (args.overhead.is_some(), "--overhead"),
        (args.show_parked, "--show-parked"),
        (!args.goroutine.is_empty(), "--goroutine"),
        (!args.func.is_empty(), "--func"),
        (!args.class.is_empty(), "--class"),
        (!args.only.is_empty(), "--only"),
        (!args.ignore.is_empty(), "--ignore"),
    ];
    if let Some((_, option)) = own.into_iter().find(|(given, _)| *given)
        && format == Format::Strace
    {
        return Err(UsageError(format!(
            "{option} and --format strace exclude each other: strace has no such line"
        )));
    }
    if let Some(call) = strace.detach_on.as_deref().filter(|call| *call != "execve") {
        return Err(UsageError(format!(
            "-b {call}: only execve can be detached on; write `-b execve`"
        )));
    }
    Ok(())
}

/// `-I`: whether signals end us.
pub(super) fn interruptible(strace: &StraceArgs) -> Result<bool, UsageError> {
    match strace.interruptible.as_deref() {
        None | Some("1" | "anywhere" | "always" | "2" | "waiting") => Ok(true),
        Some("3" | "never" | "4" | "never_tstp") => Ok(false),
        Some(other) => Err(UsageError(format!(
            "-I {other}: one of 1 (anywhere), 2 (waiting), 3 (never), 4 (never_tstp)"
        ))),
    }
}

pub(super) fn follow(args: &Args, format: Format) -> Follow {
    match (args.follow_forks + args.strace.old_follow, format) {
        // The filter is inherited: without a tracer, its calls would fail.
        _ if args.seccomp_bpf => Follow::Forks,
        (0, Format::Text | Format::Json) => Follow::Threads,
        (0, Format::Strace) => Follow::Nothing,
        _ => Follow::Forks,
    }
}

/// `-o`, with what `-ff` and `-A` make of it.
pub(super) fn output(args: &Args, format: Format, plain: Output) -> Result<Output, UsageError> {
    let separately = args.follow_forks > 1 || args.strace.output_separately;
    let append = args.strace.output_append_mode;
    match plain {
        Output::File(path) if separately && format == Format::Strace => {
            Ok(Output::Each(path, append))
        }
        _ if separately && format != Format::Strace => Err(UsageError::new(
            "-ff: a file for each thread is written with `--format strace` alone",
        )),
        Output::Command(_) if separately => Err(UsageError::new(
            "-ff: a command cannot read the output of each thread; write `-o FILE`",
        )),
        Output::File(path) if append => Ok(Output::Append(path)),
        Output::Stdout if format == Format::Strace && args.output.is_none() => Ok(Output::Stderr),
        plain => Ok(plain),
    }
}

pub(super) fn statuses(
    strace: &StraceArgs,
    expressions: &Expressions,
) -> Result<Statuses, UsageError> {
    let given = [strace.successful_only, strace.failed_only];
    match (given, expressions.statuses) {
        ([true, true], _) => Err(UsageError::new("-z and -Z exclude each other; drop one")),
        ([true, _] | [_, true], Some(_)) => Err(UsageError::new(
            "-z, -Z and -e status= exclude each other; keep one",
        )),
        ([true, false], None) => Ok(Statuses::SUCCESSFUL),
        ([false, true], None) => Ok(Statuses::FAILED),
        (_, set) => Ok(set.unwrap_or(Statuses::ALL)),
    }
}

pub(super) fn objects(strace: &StraceArgs, expressions: &Expressions) -> Objects {
    Objects {
        paths: strace.trace_path.iter().map(PathBuf::from).collect(),
        fds: expressions.trace_fds.clone(),
    }
}

/// The calls whose structures are shown in full: all with `-v`, or those that `-e abbrev=` leaves.
pub(super) fn in_full(args: &Args, expressions: &Expressions) -> SyscallSet {
    match &expressions.abbreviated {
        Some(set) => set.complement(),
        None if args.verbose => SyscallSet::all(),
        None => SyscallSet::none(),
    }
}

pub(super) fn detail(args: &Args, expressions: &Expressions) -> Detail {
    let plain = Detail::default();
    Detail {
        in_full: in_full(args, expressions),
        structures: expressions.structures.clone().unwrap_or(plain.structures),
        raw: expressions.raw.clone().unwrap_or(plain.raw),
        reads: expressions.reads.clone().unwrap_or(plain.reads),
        writes: expressions.writes.clone().unwrap_or(plain.writes),
    }
}

pub(super) fn start(strace: &StraceArgs) -> Result<Start, UsageError> {
    Ok(Start {
        environment: strace
            .env
            .iter()
            .map(|setting| variable(setting))
            .collect::<Result<_, _>>()?,
        user: strace.user.clone(),
        argv0: strace.argv0.clone(),
    })
}

fn variable(setting: &OsStr) -> Result<(OsString, Option<OsString>), UsageError> {
    let bytes = setting.as_bytes();
    let (name, value) = match bytes.iter().position(|&b| b == b'=') {
        Some(at) => {
            let (name, rest) = bytes.split_at(at);
            (name, rest.get(1..).map(|v| OsStr::from_bytes(v).to_owned()))
        }
        None => (bytes, None),
    };
    if name.is_empty() {
        return Err(UsageError::new(
            "-E: no variable given; write it like `-E GODEBUG=netdns=go`",
        ));
    }
    Ok((OsStr::from_bytes(name).to_owned(), value))
}

pub(super) fn precision(option: &str, unit: Option<&str>) -> Result<Option<Precision>, UsageError> {
    let Some(unit) = unit else {
        return Ok(None);
    };
    match unit_of(unit) {
        Some(precision) => Ok(Some(precision)),
        None => Err(UsageError(format!(
            "{option}={unit}: no such unit; one of s, ms, us, ns"
        ))),
    }
}

fn unit_of(unit: &str) -> Option<Precision> {
    Some(match unit {
        "s" => Precision::Seconds,
        "ms" => Precision::Millis,
        "us" => Precision::Micros,
        "ns" => Precision::Nanos,
        _ => return None,
    })
}

/// `-t` and `--absolute-timestamps`, of which the latter is more exact.
pub(super) fn clock(args: &Args) -> Result<Clock, UsageError> {
    let spelled = args.strace.absolute_timestamps.join(",");
    if args.strace.absolute_timestamps.is_empty() {
        return Ok(match args.time {
            0 => Clock::None,
            1 => Clock::Time(Precision::Seconds),
            2 => Clock::Time(Precision::Micros),
            _ => Clock::Epoch(Precision::Micros),
        });
    }
    let (mut epoch, mut none, mut precision) = (false, false, Precision::Seconds);
    for item in spelled.split(',').filter(|item| !item.is_empty()) {
        let word = item.split_once(':').map_or(item, |(_, word)| word);
        match (word, unit_of(word)) {
            ("none", _) => none = true,
            ("time", _) => epoch = false,
            ("unix", _) => epoch = true,
            (_, Some(unit)) => precision = unit,
            _ => {
                return Err(UsageError(format!(
                    "--absolute-timestamps={spelled}: no such form `{word}`; one of none, time, \
                        unix, and one of s, ms, us, ns"
                )));
            }
        }
    }
    Ok(match (none, epoch) {
        (true, _) => Clock::None,
        (false, true) => Clock::Epoch(precision),
        (false, false) => Clock::Time(precision),
    })
}

pub(super) fn hex(args: &Args) -> Result<Hex, UsageError> {
    match (args.strace.strings_in_hex.as_deref(), args.hex) {
        (Some("none"), _) | (None, 0) => Ok(Hex::Never),
        (Some("non-ascii"), _) | (None, 1) => Ok(Hex::NonAscii),
        (Some("all"), _) | (None, _) => Ok(Hex::All),
        (Some("non-ascii-chars"), _) => Ok(Hex::Escapes),
        (Some(other), _) => Err(UsageError(format!(
            "--strings-in-hex={other}: one of none, non-ascii-chars, non-ascii, all"
        ))),
    }
}
