//! What can be typed, for clap. Values stay text here; [`super::config`] gives them meaning, so
//! that one place words the complaints.

use clap::{ArgAction, Parser, ValueEnum};
use std::ffi::OsString;

/// System-call tracer for live Go processes
///
/// Says which call blocks, on what, for how long, in which goroutine and from which Go line.
/// Needs ptrace and /proc, nothing else; the target is neither rebuilt nor restarted.
#[derive(Parser, Debug)]
#[command(
    name = "gostrace",
    version,
    args_override_self = true,
    disable_help_subcommand = true,
    override_usage = "gostrace [OPTIONS] -p PID[,PID...]\n       gostrace [OPTIONS] [--] COMMAND [ARG...]\n       gostrace dump -p PID [--all] [--json] [--freeze]\n       gostrace hang --after DUR [OPTIONS] -- COMMAND [ARG...]\n       gostrace report FILE [OPTIONS]\n       gostrace doctor [-p PID]\n       gostrace explain [FINDING]",
    after_help = "Example: gostrace -p PID -e futex,epoll_wait --slow 10ms",
    after_long_help = super::man::AFTER_HELP
)]
pub(super) struct Args {
    /// Trace these processes, all their threads, threads born later included; repeatable
    #[arg(
        short,
        long,
        value_name = "PID[,PID...]",
        visible_alias = "attach",
        allow_negative_numbers = true,
        help_heading = "What to trace"
    )]
    pub pid: Vec<String>,

    /// Select calls: names, !names, %groups, /regex; or signal=, quiet=, decode-fds=
    ///
    /// As in strace: `futex,read`, `trace=...`, `!futex`, `%file`, `/regex`, `?name` where the
    /// name may be unknown. A name stands for its family (epoll_wait for epoll_pwait too);
    /// `=epoll_wait` means that one alone. %blocking holds the calls that can make a thread
    /// wait, and is the default with --slow. The last `trace=` wins.
    #[arg(
        short = 'e',
        long = "expr",
        value_name = "EXPR",
        visible_alias = "trace",
        help_heading = "What to trace"
    )]
    pub expr: Vec<String>,

    /// Only calls that last at least this long, finished or still blocked (10ms, 1.5s, 2m)
    #[arg(long, value_name = "DUR", help_heading = "What to trace")]
    pub slow: Option<String>,

    /// With --slow, also the Go runtime's own parking: idle threads, the poller, sysmon
    #[arg(long, help_heading = "What to trace")]
    pub show_parked: bool,

    /// Only calls of these goroutines; repeatable
    #[arg(long, value_name = "ID[,ID...]", help_heading = "What to trace")]
    pub goroutine: Vec<String>,

    /// Only calls with a Go function that matches on their stack; repeatable
    #[arg(long, value_name = "REGEX", help_heading = "What to trace")]
    pub func: Vec<String>,

    /// Only calls of these wait classes; repeatable; `help` explains them all and exits
    #[arg(long, value_name = "CLASS[,CLASS...]", help_heading = "What to trace")]
    pub class: Vec<String>,

    /// Look for these findings alone, and show only calls that show one; repeatable
    ///
    /// `gostrace explain` lists them.
    #[arg(long, value_name = "ID[,ID...]", help_heading = "What to trace")]
    pub only: Vec<String>,

    /// Do not look for these findings; repeatable
    #[arg(long, value_name = "ID[,ID...]", help_heading = "What to trace")]
    pub ignore: Vec<String>,

    /// Trace children too; -ff with a file for each thread (-o FILE)
    #[arg(short, long, action = ArgAction::Count, help_heading = "What to trace")]
    pub follow_forks: u8,

    /// Stop after this time (30s, 5m)
    #[arg(short, long, value_name = "DUR", help_heading = "What to trace")]
    pub duration: Option<String>,

    /// Stop after this many events
    #[arg(long, value_name = "N", help_heading = "What to trace")]
    pub max_events: Option<String>,

    /// Exit 123 when N (1) slow calls were seen that are not the runtime's parking; with --slow
    ///
    /// With -f a wait for a child process does not count: the child's own calls do.
    #[arg(
        long, value_name = "N", num_args = 0..=1, require_equals = true,
        default_missing_value = "1", requires = "slow", help_heading = "What to trace"
    )]
    pub fail_on_slow: Option<String>,

    /// Stop nothing: look at the threads, every PERIOD; by default a quarter of --slow
    ///
    /// Each call that lasts at least as long as --slow says is found (without --slow: as two
    /// periods, of 2.5ms), with its duration give or take one period, and without its result.
    /// Without PERIOD, less often where it would take more than 3 % of a CPU.
    #[arg(
        long, value_name = "PERIOD", num_args = 0..=1, require_equals = true,
        default_missing_value = "", help_heading = "What it costs"
    )]
    pub sample: Option<String>,

    /// In a command that is started, let calls that are not selected run free; implies -f
    ///
    /// A seccomp filter in the command stops only what is selected. It cannot be taken back: when
    /// gostrace lets go of the command or ends, the command and its children are killed.
    /// Where gostrace lacks CAP_SYS_ADMIN, setuid programs gain no privileges (no_new_privs).
    /// Calls that a filter of the command's own refuses are not seen.
    #[arg(long, conflicts_with_all = ["sample", "overhead"], help_heading = "What it costs")]
    pub seccomp_bpf: bool,
    /// Exact while it costs the target less than PCT per cent (5%); sampled past it
    ///
    /// Threads that make so many calls that stopping at each would cost more run free, and are
    /// looked at as with --sample until they have calmed down: each call that lasts at least as
    /// long as --slow says is found. A duration that is uncertain says by how much.
    #[arg(
        long,
        value_name = "PCT",
        conflicts_with = "sample",
        help_heading = "What it costs"
    )]
    pub overhead: Option<String>,

    /// Trace an attached process with N threads (2, or 1 on fewer than four CPUs)
    #[arg(long, value_name = "N", help_heading = "What it costs")]
    pub tracers: Option<String>,

    /// Stack under each call, Go and C, at most DEPTH frames (100); on by default with --slow
    #[arg(
        short = 'k', long = "stack", value_name = "DEPTH", num_args = 0..=1, require_equals = true,
        default_missing_value = "", visible_aliases = ["stack-traces", "stack-trace"], conflicts_with = "no_stack",
        help_heading = "How to show it"
    )]
    pub stack: Option<String>,

    /// No stacks, not even with --slow
    #[arg(long, help_heading = "How to show it")]
    pub no_stack: bool,

    /// Time of day before each line; -tt with microseconds, -ttt since the epoch
    #[arg(short = 't', action = ArgAction::Count, help_heading = "How to show it")]
    pub time: u8,

    /// Time since the line before, in s, ms, us or ns
    #[arg(
        short = 'r', long, value_name = "UNIT", num_args = 0..=1, require_equals = true,
        default_missing_value = "us", help_heading = "How to show it"
    )]
    pub relative_timestamps: Option<String>,

    /// Time spent in each call, behind it, in s, ms, us or ns
    #[arg(
        short = 'T', long, value_name = "UNIT", num_args = 0..=1, require_equals = true,
        default_missing_value = "us", help_heading = "How to show it"
    )]
    pub syscall_times: Option<String>,

    /// Show this many bytes of a string (32)
    #[arg(short, long, value_name = "N", help_heading = "How to show it")]
    pub string_limit: Option<String>,

    /// Strings that are not ASCII in hex; -xx all strings
    #[arg(short = 'x', action = ArgAction::Count, help_heading = "How to show it")]
    pub hex: u8,

    /// Named constants and flags: raw numbers, abbrev (names), or verbose (both)
    #[arg(
        short = 'X',
        long,
        value_name = "STYLE",
        help_heading = "How to show it"
    )]
    pub const_print_style: Option<String>,

    /// Descriptors as strace shows them: paths; -yy sockets, devices, pidfds too
    #[arg(short = 'y', action = ArgAction::Count, help_heading = "How to show it")]
    pub fds: u8,

    /// Structures and arrays in full, and what each wait class means
    #[arg(short = 'v', long = "no-abbrev", help_heading = "How to show it")]
    pub verbose: bool,

    /// Number of each call before its name
    #[arg(short = 'n', long, help_heading = "How to show it")]
    pub syscall_number: bool,

    /// Say less: -q no banner and no attach messages, -qq no exits either, -qqq nothing
    #[arg(short, action = ArgAction::Count, help_heading = "How to show it")]
    pub quiet: u8,

    /// Align results in this column (40)
    #[arg(short = 'a', long, value_name = "COL", help_heading = "How to show it")]
    pub columns: Option<String>,

    /// Write the trace to FILE, or to a command: '|CMD'
    #[arg(short, long, value_name = "FILE", help_heading = "How to show it")]
    pub output: Option<OsString>,

    /// Form of the output: text, for people; strace, its own lines and nothing else; json, one
    /// event a line (gostrace-json(5))
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "How to show it"
    )]
    pub format: String,

    /// Colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "auto|always|never",
        default_value = "auto",
        help_heading = "How to show it"
    )]
    pub color: When,

    #[command(flatten)]
    pub outputs: super::args_outputs::OutputArgs,

    #[command(flatten)]
    pub strace: super::args_strace::StraceArgs,

    /// Print a completion script and exit: bash, zsh, fish, elvish or powershell
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "SHELL",
        exclusive = true
    )]
    pub completions: Option<clap_complete::Shell>,

    /// Print the man page and exit
    #[arg(long, hide = true, exclusive = true)]
    pub man: bool,

    /// Command to start and trace, with its arguments
    #[arg(value_name = "COMMAND", trailing_var_arg = true)]
    pub command: Vec<OsString>,
}

/// The values of `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}
