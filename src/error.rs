//! What can go wrong and how a run can end, with the exit status and the one line that `main`
//! prints. Everything else speaks of its own failures in its own types.

use crate::cli::UsageError;
use crate::event::ExitKind;
use crate::ids::{Addr, Errno, Signal, Tid};
use crate::permission::{Refusal, Unsuitable};
use std::fmt;

const ENOENT: i32 = 2;

/// Why a run ended early. Displayed, it is one line that says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// The command line means nothing.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The target cannot be traced by anyone.
    #[error(transparent)]
    Unsuitable(#[from] Unsuitable),
    /// We may not trace the target.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command to start does not exist.
    #[error("command not found: {command}; check its spelling, or give its path")]
    CommandNotFound {
        /// As typed.
        command: String,
    },
    /// The command to start exists and cannot be run.
    #[error("cannot run {command}: {}; check its permissions and format (`ls -l`, \
        `file`)", Why(*.errno))]
    CommandNotRunnable {
        /// As typed.
        command: String,
        /// Why.
        errno: Errno,
    },
    /// The command is to run as a user that there is not.
    #[error("-u {user}: no such user; see `getent passwd`, or give UID:GID")]
    NoSuchUser {
        /// As typed.
        user: String,
    },
    /// The trace cannot be written.
    #[error("cannot write to {output}: {}; choose another place with -o", Why(*.errno))]
    Output {
        /// File or command.
        output: String,
        /// Why.
        errno: Errno,
    },
    /// A side output cannot be written.
    #[error("{output}: {}; choose another place", Why(*.errno))]
    SideOutput {
        /// Its option and what that says.
        output: String,
        /// Why.
        errno: Errno,
    },
    /// A side output would replace a file that gostrace did not make.
    #[error(
        "{output}: the file is there and was not made by gostrace, as output of this kind; \
        choose another name, or replace it with --force"
    )]
    Foreign {
        /// Its option and what that says.
        output: String,
    },
    /// A recording cannot be read.
    #[error("{file}: {why}")]
    Recording {
        /// Its name.
        file: String,
        /// Why.
        why: String,
    },
    /// The kernel does not show the calls of threads that are not stopped.
    #[error(
        "process {pid} cannot be sampled: the kernel does not show in /proc/{pid}/syscall \
        what its threads are blocked in (CONFIG_HAVE_ARCH_TRACEHOOK, or a sandbox like gVisor); \
        trace it without --sample"
    )]
    Unseen {
        /// The process.
        pid: crate::ids::Pid,
    },
    /// An operation on a thread of the target failed in a way that is no normal outcome.
    #[error("{operation} on thread {tid}{} failed: {}; this is a bug in gostrace or an unusual \
        kernel, please report it", At(*.address), Why(*.errno))]
    Tracee {
        /// As its man page names it.
        operation: &'static str,
        /// On whom.
        tid: Tid,
        /// Where in its memory.
        address: Option<Addr>,
        /// Why.
        errno: Errno,
    },
    /// An operation of ours that concerns no thread failed.
    #[error("{operation} failed: {}; free some resources (memory, processes, descriptors) and \
        try again", Why(*.errno))]
    System {
        /// As its man page names it.
        operation: &'static str,
        /// Why.
        errno: Errno,
    },
}

impl Error {
    /// The exit status of gostrace for it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) | Error::NoSuchUser { .. } | Error::Foreign { .. } => 2,
            Error::Refused(_) => 77,
            Error::Unsuitable(why) => why.exit_code(),
            // The file is there: what is missing is the interpreter that it asks for.
            Error::CommandNotRunnable { errno, .. } if errno.0 == ENOENT => 127,
            Error::CommandNotRunnable { .. } => 126,
            Error::CommandNotFound { .. } => 127,
            Error::Unseen { .. } | Error::Recording { .. } => 78,
            Error::Output { .. }
            | Error::SideOutput { .. }
            | Error::Tracee { .. }
            | Error::System { .. } => 125,
        }
    }
}

/// How a run ended that did what it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// We let go of what we had attached to, or it ended.
    Detached,
    /// The started command exited with this status.
    Exited(i32),
    /// The started command died of this signal.
    Killed(Signal),
    /// `--fail-on-slow` saw as many slow calls as it was told to.
    SlowCalls,
    /// `hang` saw no progress.
    Hang,
    /// An output could not be written to its end, which has been said.
    OutputLost,
    /// `doctor` has found what an attach would end with.
    Examined(u8),
}

impl Ending {
    /// The end of a started command, from the end of its leader.
    #[must_use]
    pub fn of_command(how: ExitKind) -> Ending {
        match how {
            ExitKind::Status(status) => Ending::Exited(status),
            ExitKind::Killed(signal, _) => Ending::Killed(signal),
            // The process lives on under the other thread, so this is no end of the command.
            ExitKind::Superseded { .. } => Ending::Detached,
        }
    }

    /// The exit status of gostrace for it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Ending::Detached => 0,
            // The kernel keeps eight bits of it (exit(3)).
            Ending::Exited(status) => status.to_le_bytes()[0],
            Ending::Killed(signal) => u8::try_from(128 + signal.0).unwrap_or(u8::MAX),
            Ending::SlowCalls => 123,
            Ending::Hang => 124,
            Ending::OutputLost => 125,
            Ending::Examined(status) => status,
        }
    }
}

/// An errno in words.
struct Why(Errno);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match syscalls::Errno::new(self.0.0).description() {
            Some(text) => f.write_str(text),
            None => write!(f, "error {}", self.0.0),
        }
    }
}

/// ` at ADDRESS`, where there is one.
struct At(Option<Addr>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(f, " at {address}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Pid;

    #[test]
    fn every_error_is_one_line_with_its_exit_status() {
        let (tid, errno) = (Tid(7), Errno(5));
        for (error, code, part) in [
            (Error::from(UsageError("x".into())), 2, "x"),
            (
                Error::from(Unsuitable::NoSuchProcess(Pid(7))),
                78,
                "no process 7",
            ),
            (Error::from(Unsuitable::Hidden(Pid(7))), 77, "hidden"),
            (
                Error::from(crate::permission::diagnose(&Default::default())),
                77,
                "not permitted",
            ),
            (
                Error::CommandNotFound {
                    command: "x".into(),
                },
                127,
                "not found: x",
            ),
            (
                Error::CommandNotRunnable {
                    command: "x".into(),
                    errno: Errno(13),
                },
                126,
                "cannot run x: Permission denied",
            ),
            (
                Error::SideOutput {
                    output: "--pprof x".into(),
                    errno: Errno(28),
                },
                125,
                "--pprof x: No space",
            ),
            (
                Error::Foreign {
                    output: "--pprof x".into(),
                },
                2,
                "--force",
            ),
            (Error::Unseen { pid: Pid(7) }, 78, "without --sample"),
            (
                Error::Output {
                    output: "f".into(),
                    errno: Errno(2),
                },
                125,
                "No such file",
            ),
            (
                Error::System {
                    operation: "fork",
                    errno: Errno(9999),
                },
                125,
                "error 9999",
            ),
            (
                Error::Tracee {
                    operation: "PTRACE_CONT",
                    tid,
                    address: None,
                    errno,
                },
                125,
                "PTRACE_CONT on thread 7 failed",
            ),
            (
                Error::Tracee {
                    operation: "read",
                    tid,
                    address: Some(Addr(16)),
                    errno,
                },
                125,
                "read on thread 7 at 0x10 failed",
            ),
        ] {
            let text = error.to_string();
            assert_eq!(error.exit_code(), code, "{text}");
            assert!(text.contains(part) && !text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn end_of_a_command_is_passed_on_as_shells_do() {
        assert_eq!(Ending::of_command(ExitKind::Status(3)).exit_code(), 3);
        assert_eq!(
            Ending::of_command(ExitKind::Killed(Signal(9), false)).exit_code(),
            137
        );
        assert_eq!(Ending::Detached.exit_code(), 0);
        assert_eq!(Ending::SlowCalls.exit_code(), 123);
        assert_eq!(Ending::Hang.exit_code(), 124);
        assert_eq!(Ending::OutputLost.exit_code(), 125);
        assert_eq!(Ending::Exited(-1).exit_code(), 255);
        assert_eq!(Ending::Killed(Signal(1000)).exit_code(), 255);
    }
}
