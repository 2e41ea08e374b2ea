//! `-e QUALIFIER=VALUE`, as in strace; without a qualifier it is `trace=`.

use super::UsageError;
use super::signals::SignalSet;
use super::usage::later;
use crate::syscall::set::SyscallSet;

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

/// What is said of a descriptor besides its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FdDetail {
    /// Its path, or `socket:[inode]`, `anon_inode:...` (`-y`).
    pub path: bool,
    /// A socket's protocol and addresses (`-yy`).
    pub socket: bool,
    /// A device's numbers (`-yy`).
    pub device: bool,
    /// A pidfd's process (`-yy`).
    pub pidfd: bool,
}

impl FdDetail {
    /// The number alone.
    pub const NONE: FdDetail = FdDetail {
        path: false,
        socket: false,
        device: false,
        pidfd: false,
    };
    /// Everything known.
    pub const ALL: FdDetail = FdDetail {
        path: true,
        socket: true,
        device: true,
        pidfd: true,
    };

    /// What so many `-y` mean.
    pub(super) fn from_count(count: u8) -> FdDetail {
        match count {
            0 => FdDetail::NONE,
            1 => FdDetail {
                path: true,
                ..FdDetail::NONE
            },
            _ => FdDetail::ALL,
        }
    }
}

impl Expressions {
    /// Parses all of them.
    pub(super) fn parse(expressions: &[String]) -> Result<Expressions, UsageError> {
        let mut all = Expressions::default();
        for expression in expressions {
            all.add(expression)
                .map_err(|why| UsageError(format!("-e {expression}: {why}")))?;
        }
        Ok(all)
    }

    fn add(&mut self, expression: &str) -> Result<(), String> {
        let (qualifier, value) = match expression.split_once('=') {
            Some((head, value)) if is_word(head) => (head, value),
            _ => ("trace", expression),
        };
        match qualifier {
            "trace" | "t" => {
                let set = SyscallSet::parse(value).map_err(|error| error.to_string())?;
                self.replaced += usize::from(self.trace.is_some());
                self.trace = Some((set, value.to_owned()));
            }
            "signal" | "signals" | "s" => self.signals = Some(SignalSet::parse(value)?),
            "quiet" | "silent" | "silence" | "q" => self.quiet = Some(parse_quiet(value)?),
            "decode-fds" | "decode-fd" => self.fds = Some(parse_fds(value)?),
            "status" | "fd" | "fds" | "trace-fds" | "trace-fd" | "verbose" | "v" | "abbrev"
            | "a" | "raw" | "x" | "read" | "reads" | "r" | "write" | "writes" | "w" | "inject"
            | "fault" | "kvm" | "decode-pids" | "decode-pid" => {
                return Err(later(&format!("`{qualifier}=`")).0);
            }
            unknown => {
                return Err(format!(
                    "unknown qualifier `{unknown}=`; use trace=, signal=, quiet= or decode-fds="
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

/// Splits `[!]a,b` and calls `add` on each item; whether it was negated.
fn each(value: &str, mut add: impl FnMut(&str) -> Result<(), String>) -> Result<bool, String> {
    let (negated, list) = match value.strip_prefix('!') {
        Some(list) => (true, list),
        None => (false, value),
    };
    list.split(',').map(str::trim).try_for_each(&mut add)?;
    Ok(negated)
}

fn parse_quiet(value: &str) -> Result<Quiet, String> {
    let mut quiet = Quiet::NONE;
    let negated = each(value, |item| {
        match item {
            "all" => quiet = Quiet::ALL,
            "none" => {}
            "attach" => quiet.attach = true,
            "personality" => quiet.personality = true,
            "exit" => quiet.exit = true,
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

fn parse_fds(value: &str) -> Result<FdDetail, String> {
    let mut fds = FdDetail::NONE;
    let negated = each(value, |item| {
        match item {
            "all" => fds = FdDetail::ALL,
            "none" => {}
            "path" => fds.path = true,
            "socket" => fds.socket = true,
            "dev" => fds.device = true,
            "pidfd" => fds.pidfd = true,
            _ => {
                return Err(format!(
                    "unknown detail `{item}`; one of path, socket, dev, pidfd, all, none"
                ));
            }
        }
        Ok(())
    })?;
    Ok(if negated {
        FdDetail {
            path: !fds.path,
            socket: !fds.socket,
            device: !fds.device,
            pidfd: !fds.pidfd,
        }
    } else {
        fds
    })
}
