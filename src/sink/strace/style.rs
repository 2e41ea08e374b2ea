//! What strace's options make of its lines.

use crate::sink::args::ArgStyle;
use crate::sink::leader::{Precision, Times};

/// How strace's lines are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct StraceStyle {
    /// When the thread's id stands before a line.
    pub pid: PidRule,
    /// -t, -r.
    pub times: Times,
    /// -T.
    pub duration: Option<Precision>,
    /// -n.
    pub number: bool,
    /// -i.
    pub instruction_pointer: bool,
    /// -N.
    pub argument_names: bool,
    /// -Y.
    pub commands: bool,
    /// -a.
    pub column: usize,
    /// How values are shown.
    pub args: ArgStyle,
    /// -k.
    pub stack: bool,
    /// What is not said.
    pub quiet: Silence,
}

/// When the thread's id stands before a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PidRule {
    /// Never: each thread has its own file, or there is only one.
    #[default]
    Never,
    /// Always, bare: a file of several threads.
    Bare,
    /// In brackets while several are traced: standard error.
    IfSeveral,
    /// In brackets, always.
    Always,
}

/// What is not said (-q, -e quiet=).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Silence {
    /// Who is attached to and let go.
    pub attach: bool,
    /// That calls are made in another ABI.
    pub personality: bool,
    /// Exits of threads.
    pub exit: bool,
    /// Deaths by these signals (`-e signal=`), one bit each, from the lowest for 1.
    pub killed_by: u64,
    /// Threads that another's execve replaced.
    pub superseded: bool,
}
