//! The options that come from strace and that our own format seldom needs.

use clap::{ArgAction, Args};
use std::ffi::OsString;

const HEADING: &str = "As in strace";

#[derive(Args, Debug)]
pub(super) struct StraceArgs {
    /// Only calls that have to do with this path; repeatable
    #[arg(short = 'P', long, value_name = "PATH", help_heading = HEADING)]
    pub trace_path: Vec<OsString>,

    /// Only calls that returned without an error
    #[arg(short = 'z', long, help_heading = HEADING)]
    pub successful_only: bool,

    /// Only calls that returned with an error
    #[arg(short = 'Z', long, help_heading = HEADING)]
    pub failed_only: bool,

    /// Only calls that ended so: successful, failed, unfinished, unavailable, detached
    #[arg(long, value_name = "SET", help_heading = HEADING)]
    pub status: Vec<String>,

    /// Count calls, and show nothing but the table: by call and wait class, and by place in the program
    #[arg(short = 'c', long, help_heading = HEADING)]
    pub summary_only: bool,

    /// Count calls, and show the table behind the trace
    #[arg(short = 'C', long, help_heading = HEADING)]
    pub summary: bool,

    /// Sort the table by a column of it (total-time), or by nothing
    #[arg(short = 'S', long, value_name = "COLUMN", help_heading = HEADING)]
    pub summary_sort_by: Option<String>,

    /// Columns of the table: time-percent, total-time, error-bound, avg-time, min-time, p50, ...
    ///
    /// p95, p99, max-time, calls, errors, class, name. Those of strace's table are strace's own.
    #[arg(short = 'U', long, value_name = "COLUMNS", help_heading = HEADING)]
    pub summary_columns: Option<String>,

    /// Subtract this from the time of each call in the table (in us; or 5ns, 1ms)
    #[arg(short = 'O', long, value_name = "TIME", help_heading = HEADING)]
    pub summary_syscall_overhead: Option<String>,

    /// In strace's table, time by the clock, not the time that the kernel worked; always in ours
    #[arg(short = 'w', long, help_heading = HEADING)]
    pub summary_wall_clock: bool,

    /// Set a variable in the command's environment, or remove it (no =); repeatable
    #[arg(short = 'E', long, value_name = "VAR[=VAL]", help_heading = HEADING)]
    pub env: Vec<OsString>,

    /// Run the command as this user (a name, or UID:GID)
    #[arg(short = 'u', long, value_name = "USER", help_heading = HEADING)]
    pub user: Option<OsString>,

    /// The command's argv[0]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    pub argv0: Option<OsString>,

    /// Let go of a process when it executes another program
    #[arg(short = 'b', long, value_name = "execve", help_heading = HEADING)]
    pub detach_on: Option<String>,

    /// A file for each thread: FILE.TID
    #[arg(long, help_heading = HEADING)]
    pub output_separately: bool,

    /// Add to the file of -o
    #[arg(short = 'A', long, help_heading = HEADING)]
    pub output_append_mode: bool,

    /// Show process ids with command names behind them
    #[arg(short = 'Y', help_heading = HEADING)]
    pub commands: bool,

    /// Show where the thread executes
    #[arg(short = 'i', long, help_heading = HEADING)]
    pub instruction_pointer: bool,

    /// Show the names of arguments
    #[arg(short = 'N', long, help_heading = HEADING)]
    pub arg_names: bool,

    /// The process id before each line even if there is but one
    #[arg(long, help_heading = HEADING)]
    pub always_show_pid: bool,

    /// End after so many calls
    #[arg(long, value_name = "N", help_heading = HEADING)]
    pub syscall_limit: Option<String>,

    /// When signals end gostrace: 1 or anywhere, 2 or waiting, 3 or never, 4 or never_tstp
    #[arg(short = 'I', long, value_name = "WHEN", help_heading = HEADING)]
    pub interruptible: Option<String>,

    /// Times before lines: [format:]none|time|unix,[precision:]s|ms|us|ns
    #[arg(
        long, value_name = "FORMAT", num_args = 0..=1, require_equals = true,
        default_missing_value = "", visible_alias = "timestamps", help_heading = HEADING
    )]
    pub absolute_timestamps: Vec<String>,

    /// Which strings are shown in hex: none, non-ascii-chars, non-ascii, all
    #[arg(
        long, value_name = "WHICH", num_args = 0..=1, require_equals = true,
        default_missing_value = "all", help_heading = HEADING
    )]
    pub strings_in_hex: Option<String>,

    /// At most so many frames of a stack
    #[arg(long, value_name = "N", help_heading = HEADING)]
    pub stack_trace_frame_limit: Option<String>,

    /// What not to say: attach, exit, path-resolution, personality, superseded
    #[arg(
        long = "quiet", value_name = "SET", num_args = 0..=1, require_equals = true,
        default_missing_value = "attach,personality", aliases = ["silent", "silence"],
        help_heading = HEADING
    )]
    pub quiet_set: Vec<String>,

    /// What to say of descriptors: path, socket, dev, pidfd, all, none
    #[arg(
        long, value_name = "SET", num_args = 0..=1, require_equals = true,
        default_missing_value = "path", alias = "decode-fd", help_heading = HEADING
    )]
    pub decode_fds: Vec<String>,

    #[arg(long, hide = true, alias = "decode-pid")]
    pub decode_pids: Vec<String>,
    #[arg(long, hide = true)]
    pub pidns_translation: bool,
    #[arg(long, hide = true, alias = "signals")]
    pub signal: Vec<String>,
    #[arg(long, hide = true, aliases = ["trace-fd"])]
    pub trace_fds: Vec<String>,
    #[arg(long, hide = true)]
    pub abbrev: Vec<String>,
    #[arg(long = "verbose", hide = true)]
    pub structures: Vec<String>,
    #[arg(long, hide = true)]
    pub raw: Vec<String>,
    #[arg(long, hide = true, alias = "reads")]
    pub read: Vec<String>,
    #[arg(long, hide = true, alias = "writes")]
    pub write: Vec<String>,
    #[arg(long, hide = true)]
    pub fault: Vec<String>,
    #[arg(long, hide = true)]
    pub inject: Vec<String>,
    #[arg(long, hide = true)]
    pub kvm: Vec<String>,
    #[arg(long, hide = true)]
    pub namespace: Vec<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub secontext: Vec<String>,
    /// -D, -DD, -DDD
    #[arg(short = 'D', hide = true, action = ArgAction::Count)]
    pub daemon: u8,
    #[arg(
        long, hide = true, num_args = 0..=1, require_equals = true,
        default_missing_value = "grandchild"
    )]
    pub daemonize: Option<String>,
    /// Kill what is traced when gostrace ends
    #[arg(long, help_heading = HEADING)]
    pub kill_on_exit: bool,
    #[arg(long, hide = true)]
    pub debug: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub tips: Option<String>,
    /// strace's old -F, which is -f
    #[arg(short = 'F', hide = true, action = ArgAction::Count)]
    pub old_follow: u8,
}

impl StraceArgs {
    /// The long spellings of `-e QUALIFIER=`, as the expressions that they stand for.
    pub(super) fn expressions(&self) -> Vec<String> {
        [
            ("signal", &self.signal),
            ("status", &self.status),
            ("fd", &self.trace_fds),
            ("abbrev", &self.abbrev),
            ("verbose", &self.structures),
            ("raw", &self.raw),
            ("read", &self.read),
            ("write", &self.write),
            ("fault", &self.fault),
            ("inject", &self.inject),
            ("kvm", &self.kvm),
            ("namespace", &self.namespace),
            ("secontext", &self.secontext),
            ("quiet", &self.quiet_set),
            ("decode-fds", &self.decode_fds),
            ("decode-pids", &self.decode_pids),
        ]
        .into_iter()
        .flat_map(|(qualifier, values)| values.iter().map(move |v| format!("{qualifier}={v}")))
        .collect()
    }
}
