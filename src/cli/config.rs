//! What the command line means: plain typed data that the session works from.

pub use super::expr::Quiet;
pub use super::sets::{FdDetail, NumberSet, Statuses};
pub use super::signals::SignalSet;
pub use crate::diagnose::Choice;
pub use crate::sink::args::Xlat;
pub use crate::sink::counts::TableStyle;
pub use crate::sink::overview;
pub use crate::sink::quote::Hex;
pub use crate::sink::{Clock, Precision, Shows};

use crate::ids::{Goid, Pid};
use crate::syscall::set::SyscallSet;
use regex::Regex;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Frames of a stack that are shown unless told otherwise: as many as the Go runtime prints in a
/// traceback (`tracebackInnerFrames` + `tracebackOuterFrames`, runtime/traceback.go).
pub const DEFAULT_STACK_DEPTH: usize = 100;

/// Bytes of a string that are shown unless told otherwise (strace's -s).
pub const DEFAULT_STRING_LIMIT: usize = 32;

/// Column of the results unless told otherwise (strace's -a).
pub const DEFAULT_COLUMN: usize = 40;

/// Everything the command line asks for.
#[derive(Clone, Debug)]
pub struct Config {
    /// What to trace.
    pub target: Target,
    /// How.
    pub engine: Engine,
    /// Which events of it.
    pub select: Selection,
    /// Depth of the stacks; `None`: no stacks.
    pub stack: Option<usize>,
    /// A seccomp filter in the command that is started makes only selected calls stop.
    pub filtered: bool,
    /// Whether what is traced is killed at the end (`--kill-on-exit`).
    pub kill_on_exit: bool,
    /// Whether signals end us (not: `-I 3`, `-I 4`).
    pub interruptible: bool,
    /// Which of the tasks that they make.
    pub follow: Follow,
    /// How the command is started.
    pub start: Start,
    /// Let go of a process that executes another program (`-b execve`).
    pub detach_on_execve: bool,
    /// Threads of ours that trace what is attached to, 1 to 64; `None`: as many as help.
    pub tracers: Option<usize>,
    /// When to stop.
    pub limits: Limits,
    /// In whose words.
    pub format: Format,
    /// How to show them.
    pub look: Look,
    /// How much of each call.
    pub detail: Detail,
    /// The table of counts, if it is asked for.
    pub counts: Option<Counts>,
    /// Where to.
    pub output: Output,
    /// The output by whose conventions lines are written: `output`, but for a report, whose lines
    /// are those of the run that was recorded.
    pub shown_as: Output,
    /// What else to write.
    pub sides: Vec<Side>,
    /// Side outputs may replace files that gostrace did not make.
    pub force: bool,
    /// Which findings are looked for.
    pub findings: Choice,
    /// What not to say.
    pub quiet: Quiet,
    /// Things about the command line that the user should know, one line each; shown on
    /// standard error unless `quiet.notes`.
    pub notes: Vec<String>,
    /// What was typed, for a recording.
    pub argv: Vec<OsString>,
}

/// How to trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Engine {
    /// Every thread stops at each system call.
    #[default]
    Exact,
    /// Nothing stops: threads are looked at.
    Sample {
        /// So often; `None`: as often as finding what is asked for takes. Never zero.
        period: Option<Duration>,
    },
    /// Exact while threads lose less than so many thousandths of their time (1 to 1000) by it;
    /// those that would lose more run free and are looked at.
    Mixed {
        /// Thousandths.
        per_mille: u64,
    },
}

/// What to trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Live processes, in the order given, each once. Never empty.
    Attach(Vec<Pid>),
    /// A command to start: program and arguments. Never empty.
    Launch(Vec<OsString>),
    /// Live processes, and a command to start.
    Both(Vec<Pid>, Vec<OsString>),
}

impl Target {
    /// The live processes.
    #[must_use]
    pub fn pids(&self) -> &[Pid] {
        match self {
            Target::Attach(pids) | Target::Both(pids, _) => pids,
            Target::Launch(_) => &[],
        }
    }

    /// The command; empty if there is none.
    #[must_use]
    pub fn words(&self) -> &[OsString] {
        match self {
            Target::Launch(words) | Target::Both(_, words) => words,
            Target::Attach(_) => &[],
        }
    }
}

/// Which new tasks are traced too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follow {
    /// None: one thread alone, as strace without `-f`.
    Nothing,
    /// Threads.
    Threads,
    /// Children too.
    Forks,
}

/// How a command is started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Start {
    /// Variables to set, or to remove, in its environment (`-E`), in this order.
    pub environment: Vec<(OsString, Option<OsString>)>,
    /// The user to run it as (`-u`).
    pub user: Option<OsString>,
    /// Its `argv[0]`.
    pub argv0: Option<OsString>,
}

/// In whose words events are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Ours, for people.
    #[default]
    Text,
    /// strace's, byte for byte.
    Strace,
    /// None: one event a line, typed.
    Json,
}

/// Of which calls how much is shown; the sets are strace's.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Those whose structures are shown in full (`-v`, or all but those of `-e abbrev=`).
    pub in_full: SyscallSet,
    /// Those whose structures are shown at all (`-e verbose=`).
    pub structures: SyscallSet,
    /// Those whose arguments are shown as the registers hold them (`-e raw=`).
    pub raw: SyscallSet,
    /// The descriptors of which all that is read is dumped (`-e read=`).
    pub reads: NumberSet,
    /// The descriptors of which all that is written is dumped (`-e write=`).
    pub writes: NumberSet,
}

impl Default for Detail {
    fn default() -> Detail {
        Detail {
            in_full: SyscallSet::none(),
            structures: SyscallSet::all(),
            raw: SyscallSet::none(),
            reads: NumberSet::NONE,
            writes: NumberSet::NONE,
        }
    }
}

/// The table of calls (`-c`, `-C`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Nothing but the table.
    pub only: bool,
    /// Its columns and the rows' order.
    pub table: CountsTable,
    /// Also every so often.
    pub interval: Option<Duration>,
    /// With what Go knows of each call: stacks are read for it.
    pub needs_go: bool,
}

/// Whose table it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CountsTable {
    /// strace's, byte for byte.
    Strace(TableStyle),
    /// Ours.
    Own(overview::Style),
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
    /// Which calls, by how they ended (`-e status=`).
    pub statuses: Statuses,
    /// Only calls that have to do with these paths (`-P`) or descriptors; empty: with any.
    pub objects: Objects,
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

impl Config {
    /// Frames of a stack that are to be read; `None`: neither the trace, nor a filter, nor a side
    /// output wants any.
    #[must_use]
    pub fn stack_to_read(&self) -> Option<usize> {
        let others = self.select.needs_go() && self.stack.is_none();
        let sides = self.sides.iter().any(Side::needs_stacks);
        let counts = self.counts.as_ref().is_some_and(|counts| counts.needs_go);
        let whole = (others || sides || counts).then_some(DEFAULT_STACK_DEPTH);
        self.stack.max(whole)
    }

    /// Whether the lines say where sockets lead at the time of a call, as strace's do: then that is
    /// asked while the thread is stopped.
    #[must_use]
    pub fn names_sockets_at_stop(&self) -> bool {
        self.format == Format::Strace && self.look.fds.socket
    }

    /// What the trace shows of what Go knows about a call.
    #[must_use]
    pub fn shows(&self) -> Shows {
        Shows {
            goroutine: self.stack.is_some() || self.select.needs_go(),
            stack: self.stack,
        }
    }
}

/// An output beside the trace. (How to add one: `session/outputs/mod.rs`.)
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Side {
    /// Everything, for `gostrace report`.
    Record(PathBuf),
    /// Folded stacks of blocked time.
    Folded(PathBuf),
    /// A flame graph of blocked time.
    FlameGraph(PathBuf),
    /// A profile for `go tool pprof`.
    Pprof(PathBuf),
    /// Chrome's trace events.
    Perfetto(PathBuf),
    /// A command for each slow call and finding: its words, never none.
    OnSlow(Vec<String>),
    /// Metrics over HTTP.
    Metrics(SocketAddr),
    /// Metrics in a file that is replaced every few seconds.
    MetricsFile(PathBuf),
}

impl Side {
    /// The option that asks for it.
    #[must_use]
    pub fn option(&self) -> &'static str {
        match self {
            Side::Record(_) => "--record",
            Side::Folded(_) => "--folded",
            Side::FlameGraph(_) => "--flamegraph",
            Side::Pprof(_) => "--pprof",
            Side::Perfetto(_) => "--perfetto",
            Side::OnSlow(_) => "--on-slow",
            Side::Metrics(_) => "--metrics",
            Side::MetricsFile(_) => "--metrics-file",
        }
    }

    /// The file that it is written to, if it is.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Side::Record(path)
            | Side::Folded(path)
            | Side::FlameGraph(path)
            | Side::Pprof(path)
            | Side::Perfetto(path)
            | Side::MetricsFile(path) => Some(path),
            Side::Metrics(_) | Side::OnSlow(_) => None,
        }
    }

    /// Whether it is of little use without stacks: then they are read even if the trace shows
    /// none.
    #[must_use]
    pub fn needs_stacks(&self) -> bool {
        match self {
            Side::Record(_)
            | Side::Folded(_)
            | Side::FlameGraph(_)
            | Side::Pprof(_)
            | Side::Perfetto(_) => true,
            // For the wait class.
            Side::Metrics(_) | Side::MetricsFile(_) => true,
            Side::OnSlow(_) => true,
        }
    }
}

impl Selection {
    /// Whether the runtime's own parking is left out (and only counted).
    #[must_use]
    pub fn hides_parked(&self) -> bool {
        self.slow.is_some() && !self.show_parked && self.classes.is_empty()
    }

    /// Whether what sums up blocked time counts the runtime's own parking in: it was asked for.
    #[must_use]
    pub fn counts_parked(&self) -> bool {
        self.show_parked || !self.classes.is_empty()
    }

    /// Whether an event cannot be judged without knowing its goroutine, stack or wait class.
    #[must_use]
    pub fn needs_go(&self) -> bool {
        self.hides_parked()
            || !(self.goroutines.is_empty() && self.funcs.is_empty() && self.classes.is_empty())
    }
}

/// Paths and descriptors that calls are selected by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Objects {
    /// `-P`.
    pub paths: Vec<PathBuf>,
    /// `-e fd=`.
    pub fds: Option<NumberSet>,
}

impl Objects {
    /// Whether there are none, and calls are not selected by them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.fds.is_none()
    }
}

/// When to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// After this time.
    pub duration: Option<Duration>,
    /// After this many events; never zero.
    pub max_events: Option<u64>,
    /// After this many calls (`--syscall-limit`); never zero.
    pub max_calls: Option<u64>,
    /// The run has failed with so many slow calls (`--fail-on-slow`); never zero. It goes on.
    pub slow_calls: Option<u64>,
}

/// How events are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// What stands before each line (`-t`).
    pub clock: Clock,
    /// The time since the line before (`-r`).
    pub relative: Option<Precision>,
    /// The time spent in the call (`-T`).
    pub time_in_call: Option<Precision>,
    /// Structures and arrays in full, and what each wait class means (`-v`).
    pub verbose: bool,
    /// Bytes of a string that are shown (`-s`).
    pub string_limit: usize,
    /// Which strings are shown in hex (`-x`).
    pub hex: Hex,
    /// How named constants and flags are shown (`-X`).
    pub xlat: Xlat,
    /// What is said of descriptors: everything, unless `-y` asks for less.
    pub fds: FdDetail,
    /// Descriptors in strace's own words, not ours: `-y` was given.
    pub strace_fds: bool,
    /// Process ids with the command names behind them (`-Y`); in our own words they always are.
    pub commands: bool,
    /// Whether the call's number is shown (`-n`).
    pub number: bool,
    /// Where the thread executes (`-i`).
    pub instruction_pointer: bool,
    /// The names of arguments (`-N`).
    pub argument_names: bool,
    /// The process id before each line, whether there are several or not.
    pub always_pid: bool,
    /// Column of the results (`-a`).
    pub column: usize,
    /// Colour.
    pub color: Color,
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
    /// Standard error.
    Stderr,
    /// A file, replaced.
    File(PathBuf),
    /// A file that is added to (`-A`).
    Append(PathBuf),
    /// A file for each thread, this path with its id behind it (`-ff`); whether they are added to.
    Each(PathBuf, bool),
    /// The standard input of `/bin/sh -c` with this command.
    Command(OsString),
}
