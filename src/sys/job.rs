//! A command as a job of ours: its process group, the terminal, the signals that are passed on,
//! and the end of all that descends from it.

use super::wait::end_of;
use super::{SysError, signals};
use crate::ids::{Pid, Signal, Tid};
use crate::stop::Stop;
use nix::sys::signal::{SigSet, Signal as NixSignal};
use std::time::Duration;

/// The signals that are passed on to the command; SIGCHLD beside them wakes us.
const PASSED_ON: [NixSignal; 8] = [
    NixSignal::SIGTERM,
    NixSignal::SIGINT,
    NixSignal::SIGHUP,
    NixSignal::SIGQUIT,
    NixSignal::SIGUSR1,
    NixSignal::SIGUSR2,
    NixSignal::SIGCONT,
    // Ctrl-Z, where the terminal is not the command's.
    NixSignal::SIGTSTP,
];

/// Makes orphans among our descendants our children.
///
/// # Errors
/// What prctl(2) says.
pub fn adopt_orphans() -> Result<(), SysError> {
    // SAFETY: no pointers.
    match unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(SysError::last("prctl", Tid(0))),
    }
}

/// Gives a child that has not executed anything yet a process group of its own.
///
/// # Errors
/// What setpgid(2) says.
pub fn lead_group(child: Pid) -> Result<(), SysError> {
    // SAFETY: no pointers.
    match unsafe { libc::setpgid(child.0, child.0) } {
        0 => Ok(()),
        _ => Err(SysError::last("setpgid", child.into())),
    }
}

/// Sends a signal to all of a process group.
pub fn signal_group(leader: Pid, signal: Signal) {
    // SAFETY: no pointers.
    unsafe {
        libc::killpg(leader.0, signal.0);
    }
}

/// Stops ourselves, as Ctrl-Z would have; returns when we are continued.
pub fn stop_self() {
    // SAFETY: no pointers.
    unsafe {
        libc::raise(libc::SIGSTOP);
    }
}

/// The signals that are waited for, blocked for the calling thread and those that it will make.
#[derive(Debug)]
pub struct Signals(SigSet);

impl Signals {
    /// Blocks what is to be waited for, and SIGTTOU, which taking the terminal back would raise.
    /// A command of ours will find things as we did. What is ignored (nohup) stays ignored.
    ///
    /// # Errors
    /// What sigprocmask(2) or sigaction(2) says.
    pub fn block() -> Result<Signals, SysError> {
        signals::remember();
        signals::default_child_signal()?;
        let mut set: SigSet = PASSED_ON
            .into_iter()
            .filter(|s| !signals::is_ignored(*s))
            .collect();
        set.add(NixSignal::SIGCHLD);
        let mut blocked = set;
        blocked.add(NixSignal::SIGTTOU);
        blocked
            .thread_block()
            .map_err(|e| SysError::new("sigprocmask", Tid(0), e))?;
        Ok(Signals(set))
    }

    /// The next signal, if one comes in time.
    #[must_use]
    pub fn wait(&self, limit: Duration) -> Option<Signal> {
        let limit = libc::timespec {
            tv_sec: libc::time_t::try_from(limit.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: libc::c_long::from(limit.subsec_nanos().cast_signed()),
        };
        let set: *const libc::sigset_t = self.0.as_ref();
        // SAFETY: the set and the time are only read, and nothing is to be told of the signal.
        let signal = unsafe { libc::sigtimedwait(set, std::ptr::null_mut(), &raw const limit) };
        (signal > 0).then_some(Signal(signal))
    }
}

/// What became of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reaped {
    /// It ended, and is gone.
    Ended(Pid, Stop),
    /// It was stopped by this signal (Ctrl-Z, or want of the terminal).
    Stopped(Pid, Signal),
    /// Nothing has happened.
    Nothing,
    /// There is no child left.
    NoChildren,
}

/// What has happened to any child of ours, adopted ones included.
#[must_use]
pub fn reap() -> Reaped {
    let mut status = 0;
    // SAFETY: `status` is valid for writes; waitpid keeps no reference to it.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::WUNTRACED) };
    match pid {
        0 => Reaped::Nothing,
        pid if pid > 0 => match end_of(status) {
            Some(end) => Reaped::Ended(Pid(pid), end),
            None if libc::WIFSTOPPED(status) => {
                Reaped::Stopped(Pid(pid), Signal(libc::WSTOPSIG(status)))
            }
            None => Reaped::Nothing,
        },
        _ if nix::errno::Errno::last() == nix::errno::Errno::EINTR => Reaped::Nothing,
        _ => Reaped::NoChildren,
    }
}

/// The terminal on our standard input, whose foreground we were when we started.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    own_group: libc::pid_t,
    /// Our output does not go to it: another of our pipeline, such as a pager, may need it.
    shared: bool,
}

impl Terminal {
    /// It, if we have it to give away.
    #[must_use]
    pub fn of_ours() -> Option<Terminal> {
        // SAFETY: no pointers; all only ask.
        let (own_group, writes_to_it) =
            unsafe { (libc::getpgrp(), libc::isatty(libc::STDOUT_FILENO) == 1) };
        let terminal = Terminal {
            own_group,
            shared: !writes_to_it,
        };
        (foreground() == own_group).then_some(terminal)
    }

    /// Puts the group of a child into the foreground, where nobody else may need it: what is typed
    /// is the child's, Ctrl-C included. A shared one is given to it when it asks.
    pub fn give_to(self, leader: Pid) {
        if !self.shared {
            self.lend(leader);
        }
    }

    /// The same for a child that this signal has stopped, if it did for want of the terminal and
    /// we have it. Whether the child may go on.
    pub fn is_given_to(self, leader: Pid, stopped_by: Signal) -> bool {
        let wants = matches!(stopped_by.0, libc::SIGTTIN | libc::SIGTTOU);
        let given = wants && foreground() == self.own_group;
        if given {
            self.lend(leader);
        }
        given
    }

    fn lend(self, leader: Pid) {
        // A terminal that has gone away needs no foreground; one that we have lost meanwhile is
        // another's.
        if foreground() == self.own_group {
            set_foreground(leader.0);
        }
    }

    /// Takes it back from a child that has it. SIGTTOU is blocked, so this does not stop us.
    pub fn take_back(self, leader: Pid) {
        if foreground() == leader.0 {
            set_foreground(self.own_group);
        }
    }
}

/// The process group that has the terminal; -1: there is none.
fn foreground() -> libc::pid_t {
    // SAFETY: no pointers; only asks.
    unsafe { libc::tcgetpgrp(libc::STDIN_FILENO) }
}

fn set_foreground(group: libc::pid_t) {
    // SAFETY: no pointers.
    unsafe {
        libc::tcsetpgrp(libc::STDIN_FILENO, group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_of_its_own_group_is_signalled_as_one_and_reaped() {
        use std::os::unix::process::CommandExt as _;
        let mut command = std::process::Command::new("sleep");
        let mut child = command.arg("60").process_group(0).spawn().unwrap();
        let pid = Pid(child.id().cast_signed());
        signal_group(pid, Signal(libc::SIGKILL));
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGKILL));
    }

    #[test]
    fn a_wait_for_signals_ends_when_its_time_is_over() {
        let set = Signals(SigSet::empty());
        assert_eq!(set.wait(Duration::from_millis(1)), None);
    }
}
