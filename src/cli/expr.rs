//! `-e QUALIFIER=VALUE`, as in strace; without a qualifier it is `trace=`.

use super::UsageError;
use super::sets::{FdDetail, NumberSet, Statuses, each};
use super::signals::SignalSet;
use super::usage::later;
use crate::syscall::set::{Names, SyscallSet};

/// What all `-e` together ask for. In each, the last one wins, as in strace.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    /// The calls, and the expression as typed.
    pub trace: Option<(SyscallSet, String)>,
    /// How many `trace=` were replaced by a later one.
    pub replaced: usize,
    /// The signals.
    pub signals: Option<SignalSet>,
    /// What not to say.
    pub quiet: Option<Quiet>,
    /// What to say of a descriptor.
    pub fds: Option<FdDetail>,
    /// What to say of a process id.
    pub pids: Option<PidDetail>,
    /// How calls may have ended.
    pub statuses: Option<Statuses>,
    /// The descriptors that calls must have to do with.
    pub trace_fds: Option<NumberSet>,
    /// The calls whose structures are abbreviated.
    pub abbreviated: Option<SyscallSet>,
    /// The calls whose structures are shown.
    pub structures: Option<SyscallSet>,
    /// The calls whose arguments are shown as they are.
    pub raw: Option<SyscallSet>,
    /// The descriptors of which all that is read is shown.
    pub reads: Option<NumberSet>,
    /// The descriptors of which all that is written is shown.
    pub writes: Option<NumberSet>,
}

/// What is said of a process id besides the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct PidDetail {
    /// The command's name.
    pub comm: bool,
}

/// Which messages are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quiet {
    /// The banner, and messages on attaching and detaching (`-q`).
    pub attach: bool,
    /// Messages on a change of a process's ABI (`-q`).
    pub personality: bool,
    /// Messages on the end of a process or thread (`-qq`).
    pub exit: bool,
    /// Messages on a thread replaced by another one's execve (`-qqq`).
    pub superseded: bool,
    /// Notes on how paths were resolved, and our other notes (`-qqq`).
    pub notes: bool,
}

impl Quiet {
    /// Nothing is left out.
    pub const NONE: Quiet = Quiet {
        attach: false,
        personality: false,
        exit: false,
        superseded: false,
        notes: false,
    };
    /// All is left out but errors and the trace.
    pub const ALL: Quiet = Quiet {
        attach: true,
        personality: true,
        exit: true,
        superseded: true,
        notes: true,
    };

    /// What so many `-q` mean.
    pub(super) fn from_count(count: u8) -> Quiet {
        match count {
            0 => Quiet::NONE,
            1 => Quiet {
                attach: true,
                personality: true,
                ..Quiet::NONE
            },
            2 => Quiet {
                attach: true,
                personality: true,
                exit: true,
                ..Quiet::NONE
            },
            _ => Quiet::ALL,
        }
    }

    /// What both leave out.
    pub(super) fn or(self, other: Quiet) -> Quiet {
        Quiet {
            attach: self.attach || other.attach,
            personality: self.personality || other.personality,
            exit: self.exit || other.exit,
            superseded: self.superseded || other.superseded,
            notes: self.notes || other.notes,
        }
    }
}

impl Expressions {
    /// Parses all of them.
    pub(super) fn parse(expressions: &[String], names: Names) -> Result<Expressions, UsageError> {
        let mut all = Expressions::default();
        for expression in expressions {
            all.add(expression, names)
                .map_err(|why| UsageError(format!("-e {expression}: {why}")))?;
        }
        Ok(all)
    }

    fn add(&mut self, expression: &str, names: Names) -> Result<(), String> {
        let calls = |value| SyscallSet::parse(value, names).map_err(|error| error.to_string());
        let (qualifier, value) = match expression.split_once('=') {
            Some((head, value)) if is_word(head) => (head, value),
            _ => ("trace", expression),
        };
        match qualifier {
            "trace" | "t" => {
                let set = calls(value)?;
                self.replaced += usize::from(self.trace.is_some());
                self.trace = Some((set, value.to_owned()));
            }
            "signal" | "signals" | "s" => self.signals = Some(SignalSet::parse(value)?),
            "quiet" | "silent" | "silence" | "q" => self.quiet = Some(parse_quiet(value)?),
            "decode-fds" | "decode-fd" => self.fds = Some(FdDetail::parse(value)?),
            "decode-pids" | "decode-pid" => self.pids = Some(parse_pids(value)?),
            "status" => self.statuses = Some(Statuses::parse(value)?),
            "fd" | "fds" | "trace-fds" | "trace-fd" => {
                self.trace_fds = Some(NumberSet::parse(value)?);
            }
            "abbrev" | "a" => self.abbreviated = Some(calls(value)?),
            "verbose" | "v" => self.structures = Some(calls(value)?),
            "raw" | "x" => self.raw = Some(calls(value)?),
            "read" | "reads" | "r" => self.reads = Some(NumberSet::parse(value)?),
            "write" | "writes" | "w" => self.writes = Some(NumberSet::parse(value)?),
            "inject" | "fault" => return Err(later(&format!("`{qualifier}=`")).0),
            "kvm" | "namespace" | "secontext" => {
                return Err(format!(
                    "gostrace does not look into {}; leave it out",
                    match qualifier {
                        "kvm" => "virtual machines",
                        "namespace" => "namespaces",
                        _ => "SELinux contexts",
                    }
                ));
            }
            unknown => {
                return Err(format!(
                    "unknown qualifier `{unknown}=`; use trace=, signal=, status=, quiet=, \
                        fd=, abbrev=, verbose=, raw=, read=, write=, decode-fds= or decode-pids="
                ));
            }
        }
        Ok(())
    }
}

/// Whether this can be a qualifier; `futex,=read` and `!a` cannot.
fn is_word(head: &str) -> bool {
    !head.is_empty()
        && head
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn parse_pids(value: &str) -> Result<PidDetail, String> {
    let mut pids = PidDetail::default();
    let negated = each(value, |item| {
        match item {
            "all" | "comm" => pids.comm = true,
            "none" => {}
            "pidns" => {
                return Err(
                    "translating process ids between namespaces is not in this version; \
                            leave out `pidns`"
                        .to_owned(),
                );
            }
            _ => return Err(format!("unknown detail `{item}`; one of comm, all, none")),
        }
        Ok(())
    })?;
    Ok(PidDetail {
        comm: pids.comm != negated,
    })
}

fn parse_quiet(value: &str) -> Result<Quiet, String> {
    let mut quiet = Quiet::NONE;
    let negated = each(value, |item| {
        match item {
            "all" => quiet = Quiet::ALL,
            "none" => {}
            "attach" => quiet.attach = true,
            "personality" => quiet.personality = true,
            "exit" | "exits" => quiet.exit = true,
            "path-resolution" => quiet.notes = true,
            "thread-execve" | "superseded" => quiet.superseded = true,
            _ => {
                return Err(format!(
                    "unknown message `{item}`; one of attach, exit, path-resolution, \
                        personality, thread-execve, all, none"
                ));
            }
        }
        Ok(())
    })?;
    Ok(if negated {
        Quiet {
            attach: !quiet.attach,
            personality: !quiet.personality,
            exit: !quiet.exit,
            superseded: !quiet.superseded,
            notes: !quiet.notes,
        }
    } else {
        quiet
    })
}
