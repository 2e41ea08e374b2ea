//! The per-thread machine: `(State, Stop) -> (State, Action, Happening)`, as a pure function.
//!
//! The kernel's word on a syscall-stop (PTRACE_GET_SYSCALL_INFO) decides entry or exit, never
//! a toggle of ours. `session` performs the action and reads what the happening calls for.

use crate::event::{Outcome, RawCall, Start, Timestamp};
use crate::ids::{Addr, Errno, Signal};
use crate::stop::{NewTask, Stop, SyscallInfo, SyscallOp};

/// A thread that is in a system call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InCall {
    /// The call; for restart_syscall the one that it restarts.
    pub call: RawCall,
    /// The call as it was entered.
    pub entered: RawCall,
    /// When this stretch of it began.
    pub start: Start,
    /// When it began, counting from before signals that the kernel restarted it after.
    pub since: Start,
    /// Where the system call instruction is (the address behind it).
    pub pc: Addr,
    /// Stack pointer at entry.
    pub sp: Addr,
    /// A call that lies interrupted beneath this one, which a signal handler makes.
    beneath: Option<Interrupted>,
}

/// A call that the kernel may start again by itself: a signal interrupted it, or we attached
/// in the middle of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interrupted {
    call: RawCall,
    since: Start,
    /// How many more entries of other calls (a signal handler's) may come before it.
    patience: u8,
}

impl Interrupted {
    /// A handler that makes more calls than this without returning has left for good.
    const HANDLER_CALLS: u8 = 16;

    fn new(call: RawCall, since: Start) -> Interrupted {
        Interrupted {
            call,
            since,
            patience: Interrupted::HANDLER_CALLS,
        }
    }

    /// After another call was entered: the same with less patience, or given up.
    fn wait_for(self) -> Option<Interrupted> {
        let patience = self.patience.checked_sub(1)?;
        Some(Interrupted { patience, ..self })
    }
}

impl InCall {
    /// A call that a thread was found in (by /proc/TID/syscall) when we attached.
    #[must_use]
    pub fn at_attach(call: RawCall, since: Start, pc: Addr, sp: Addr) -> InCall {
        InCall {
            call,
            entered: call,
            start: since,
            since,
            pc,
            sp,
            beneath: None,
        }
    }

    /// The same, now that it is known which call it restarts.
    #[must_use]
    pub fn known_as(self, call: RawCall) -> InCall {
        InCall { call, ..self }
    }

    /// Moves the entry to `now`, when the thread is about to run on, unless it is an earlier
    /// entry that counts.
    pub fn begin_at(&mut self, now: Timestamp) {
        if self.since == self.start {
            self.since = Start::Seen(now);
        }
        self.start = Start::Seen(now);
    }

    fn enter(
        call: RawCall,
        info: &SyscallInfo,
        now: Timestamp,
        interrupted: Option<Interrupted>,
    ) -> InCall {
        let mut entered = InCall {
            call,
            entered: call,
            start: Start::Seen(now),
            since: Start::Seen(now),
            pc: info.pc,
            sp: info.sp,
            beneath: None,
        };
        match interrupted {
            Some(i) if i.call == call => entered.since = i.since,
            Some(i) if is_restart_syscall(&call) => {
                entered.call = i.call;
                entered.since = i.since;
            }
            Some(i) => entered.beneath = i.wait_for(),
            None => {}
        }
        entered
    }
}

/// What we know of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not in a call as far as we know, though one may be about to start again.
    Running(Option<Interrupted>),
    /// In a system call.
    InCall(InCall),
}

/// What to do with the stopped thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// PTRACE_SYSCALL, passing this signal on.
    Resume(Option<Signal>),
    /// PTRACE_LISTEN: leave it in group-stop.
    Listen,
    /// It is gone; forget it.
    Forget,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening {
    /// Nothing worth telling.
    Nothing,
    /// It entered a call.
    Entered(InCall),
    /// It left a call.
    Left(InCall, Outcome),
    /// A signal is being delivered.
    Signal(Signal),
    /// It made a new task; its id is the event message.
    NewTask(NewTask),
    /// It is now the only thread of its process, running another program.
    Exec,
    /// It ended, in the middle of this call if any.
    Ended(Option<InCall>),
}

/// One step of the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What we know of the thread now.
    pub state: State,
    /// What to do with it.
    pub action: Action,
    /// What happened.
    pub happening: Happening,
}

impl State {
    /// A thread seen for the first time, born under our eyes.
    pub const NEW: State = State::Running(None);

    /// A thread that was in `call` (from /proc/TID/syscall) when we attached.
    #[must_use]
    pub fn attached_in(call: RawCall, at: Timestamp) -> State {
        State::Running(Some(Interrupted::new(call, Start::BeforeAttach(at))))
    }

    /// The call that the thread is in, if it is.
    #[must_use]
    pub fn in_call(&self) -> Option<&InCall> {
        match self {
            State::InCall(c) => Some(c),
            State::Running(_) => None,
        }
    }

    /// Takes one stop. `info` is PTRACE_GET_SYSCALL_INFO's answer at a [`Stop::Syscall`];
    /// without it (the thread was killed meanwhile) the stop is passed over.
    #[must_use]
    pub fn step(self, stop: Stop, info: Option<&SyscallInfo>, now: Timestamp) -> Step {
        let quiet = |state, action| Step {
            state,
            action,
            happening: Happening::Nothing,
        };
        let tell = |state, action, happening| Step {
            state,
            action,
            happening,
        };
        match stop {
            Stop::Syscall => match info {
                Some(info) => self.syscall_stop(info, now),
                None => quiet(self, Action::Resume(None)),
            },
            Stop::Signal(signal) => tell(
                self,
                Action::Resume(Some(signal)),
                Happening::Signal(signal),
            ),
            Stop::NewTask(kind) => tell(self, Action::Resume(None), Happening::NewTask(kind)),
            Stop::Exec => tell(self, Action::Resume(None), Happening::Exec),
            Stop::Group(_) => quiet(self, Action::Listen),
            Stop::Trap | Stop::VforkDone | Stop::Unknown(_) => quiet(self, Action::Resume(None)),
            Stop::Exited(_) | Stop::Killed(..) => tell(
                State::NEW,
                Action::Forget,
                Happening::Ended(self.in_call().copied()),
            ),
        }
    }

    fn syscall_stop(self, info: &SyscallInfo, now: Timestamp) -> Step {
        match info.op {
            SyscallOp::Entry(call) => {
                let interrupted = match self {
                    State::Running(interrupted) => interrupted,
                    State::InCall(_) => None,
                };
                let entered = InCall::enter(call, info, now, interrupted);
                Step {
                    state: State::InCall(entered),
                    action: Action::Resume(None),
                    happening: Happening::Entered(entered),
                }
            }
            SyscallOp::Exit { value, is_error } => self.exit_stop(value, is_error),
            SyscallOp::None | SyscallOp::ForeignEntry(_) => Step {
                state: State::NEW,
                action: Action::Resume(None),
                happening: Happening::Nothing,
            },
        }
    }

    fn exit_stop(self, value: i64, is_error: bool) -> Step {
        let outcome = if is_error {
            Outcome::Failed(Errno(
                i32::try_from(value.unsigned_abs()).unwrap_or(i32::MAX),
            ))
        } else {
            Outcome::Returned(value)
        };
        let State::InCall(left) = self else {
            // The first stop after attach may be an exit: of a call that we know nothing about.
            return Step {
                state: State::NEW,
                action: Action::Resume(None),
                happening: Happening::Nothing,
            };
        };
        let interrupted = match outcome {
            Outcome::Failed(e) if will_restart(e) => Some(Interrupted::new(left.call, left.since)),
            // The handler has returned: what it interrupted comes next or never.
            _ if is_sigreturn(&left.call) => left.beneath.map(|i| Interrupted { patience: 0, ..i }),
            _ => left.beneath,
        };
        Step {
            state: State::Running(interrupted),
            action: Action::Resume(None),
            happening: Happening::Left(left, outcome),
        }
    }
}

/// ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK (linux/errno.h): the
/// kernel starts the call again unless a handler without SA_RESTART runs.
#[must_use]
pub fn will_restart(errno: Errno) -> bool {
    matches!(errno.0, 512 | 513 | 514 | 516)
}

/// execve(2) in the host's own ABI, in which a command of ours is started.
#[must_use]
pub fn is_execve(call: &RawCall) -> bool {
    use crate::arch::Abi;
    match call.abi {
        Abi::X86_64 => call.nr == 59,
        Abi::Aarch64 => call.nr == 221,
        Abi::X32 | Abi::I386 | Abi::Arm => false,
    }
}

/// rt_sigreturn(2), or i386's and arm's older sigreturn(2): the end of a signal handler.
#[must_use]
pub fn is_sigreturn(call: &RawCall) -> bool {
    use crate::arch::Abi;
    let numbers: &[u64] = match call.abi {
        Abi::X86_64 => &[15],
        Abi::X32 => &[513],
        Abi::I386 | Abi::Arm => &[119, 173],
        Abi::Aarch64 => &[139],
    };
    numbers.contains(&(call.nr & 0x3fff_ffff))
}

/// prctl(PR_SET_NAME): the thread gives itself another name. What others write into its
/// /proc/TID/comm is no call of its own.
#[must_use]
pub fn names_itself(call: &RawCall) -> bool {
    use crate::arch::Abi;
    const PR_SET_NAME: u64 = 15; // linux/prctl.h
    let number = match call.abi {
        Abi::X86_64 | Abi::X32 => 157,
        Abi::I386 | Abi::Arm => 172,
        Abi::Aarch64 => 167,
    };
    call.nr & 0x3fff_ffff == number && call.args[0] == PR_SET_NAME
}

/// restart_syscall(2) has its own number in each ABI.
#[must_use]
pub fn is_restart_syscall(call: &RawCall) -> bool {
    use crate::arch::Abi;
    let number = match call.abi {
        Abi::X86_64 | Abi::X32 => 219,
        Abi::I386 | Abi::Arm => 0,
        Abi::Aarch64 => 128,
    };
    call.nr & 0x3fff_ffff == number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Abi;

    const FUTEX: RawCall = RawCall {
        abi: Abi::X86_64,
        nr: 202,
        args: [0xc000, 128, 0, 0, 0, 0],
    };

    fn at(ns: u64) -> Timestamp {
        Timestamp {
            mono_ns: ns,
            wall_ns: ns,
        }
    }

    fn entry(call: RawCall) -> SyscallInfo {
        SyscallInfo {
            pc: Addr(0x40),
            sp: Addr(0x7f00),
            op: SyscallOp::Entry(call),
        }
    }

    fn exit(value: i64) -> SyscallInfo {
        SyscallInfo {
            pc: Addr(0x40),
            sp: Addr(0x7f00),
            op: SyscallOp::Exit {
                value,
                is_error: value < 0,
            },
        }
    }

    fn run(state: State, info: SyscallInfo, ns: u64) -> Step {
        state.step(Stop::Syscall, Some(&info), at(ns))
    }

    #[test]
    fn signal_during_futex_keeps_entry_args() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        let step = s.step(Stop::Signal(Signal(23)), None, at(20));
        assert_eq!(step.action, Action::Resume(Some(Signal(23))));
        assert_eq!(step.state, s);
        match run(step.state, exit(0), 30).happening {
            Happening::Left(c, Outcome::Returned(0)) => assert_eq!(c.call, FUTEX),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn realtime_signals_are_passed_on() {
        let step = State::NEW.step(Stop::Signal(Signal(34)), None, at(0));
        assert_eq!(step.action, Action::Resume(Some(Signal(34))));
    }

    #[test]
    fn group_stop_is_listened_to_and_its_end_resumes() {
        let step = State::NEW.step(Stop::Group(Signal(19)), None, at(0));
        assert_eq!(step.action, Action::Listen);
        let step = step.state.step(Stop::Trap, None, at(1));
        assert_eq!(step.action, Action::Resume(None));
    }

    #[test]
    fn restart_syscall_is_shown_as_the_call_it_restarts() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        let s = run(s, exit(-516), 20).state;
        let restart = RawCall {
            nr: 219,
            args: [7; 6],
            ..FUTEX
        };
        match run(s, entry(restart), 30).happening {
            Happening::Entered(c) => {
                assert_eq!(c.call, FUTEX);
                assert_eq!(c.start, Start::Seen(at(30)));
                assert_eq!(c.since, Start::Seen(at(10)));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reading_at_the_entry_is_not_part_of_the_call_but_its_first_stretch_is() {
        let begin = |state: State| match state {
            State::InCall(mut c) => {
                c.begin_at(at(15));
                State::InCall(c)
            }
            State::Running(_) => state,
        };
        let first = begin(run(State::NEW, entry(FUTEX), 10).state);
        assert_eq!(first.in_call().map(|c| c.since), Some(Start::Seen(at(15))));
        let s = run(first, exit(-512), 20).state;
        let again = run(s, entry(FUTEX), 30).state;
        let State::InCall(mut c) = again else {
            panic!("{again:?}");
        };
        c.begin_at(at(35));
        assert_eq!(
            (c.since, c.start),
            (Start::Seen(at(15)), Start::Seen(at(35)))
        );
    }

    #[test]
    fn a_call_restarted_after_a_signal_counts_from_its_first_entry() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        let s = run(s, exit(-512), 20).state;
        let s = s.step(Stop::Signal(Signal(23)), None, at(21)).state;
        match run(s, entry(FUTEX), 30).happening {
            Happening::Entered(c) => assert_eq!(c.since, Start::Seen(at(10))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_call_restarted_after_a_handler_ran_counts_from_its_first_entry() {
        let call = |nr| RawCall { nr, ..FUTEX };
        let mut s = run(State::NEW, entry(FUTEX), 10).state;
        s = run(s, exit(-512), 20).state;
        s = s.step(Stop::Signal(Signal(23)), None, at(21)).state;
        for nr in [186, 234] {
            s = run(s, entry(call(nr)), 22).state;
            s = run(s, exit(0), 23).state;
        }
        s = run(s, entry(call(15)), 24).state;
        s = run(s, exit(-4), 25).state;
        match run(s, entry(FUTEX), 30).happening {
            Happening::Entered(c) => assert_eq!(c.since, Start::Seen(at(10))),
            other => panic!("{other:?}"),
        }
        // ... but if something else follows the handler, the call is over.
        let s = run(s, entry(call(1)), 31).state;
        let s = run(s, exit(0), 32).state;
        match run(s, entry(FUTEX), 33).happening {
            Happening::Entered(c) => assert_eq!(c.since, Start::Seen(at(33))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_call_that_only_resembles_the_interrupted_one_counts_anew() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        let s = run(s, exit(-512), 20).state;
        let other = RawCall { nr: 0, ..FUTEX };
        match run(s, entry(other), 30).happening {
            Happening::Entered(c) => assert_eq!(c.since, Start::Seen(at(30))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_call_in_flight_at_attach_lasts_longer_than_we_know() {
        let s = State::attached_in(FUTEX, at(5));
        let s = s.step(Stop::Trap, None, at(6)).state;
        match run(s, entry(FUTEX), 7).happening {
            Happening::Entered(c) => assert_eq!(c.since, Start::BeforeAttach(at(5))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_stop_after_attach_may_be_an_exit() {
        let step = run(State::NEW, exit(3), 1);
        assert_eq!(step.happening, Happening::Nothing);
        assert_eq!(step.action, Action::Resume(None));
        assert_eq!(step.state, State::NEW);
    }

    #[test]
    fn death_in_a_call_says_which_call() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        match s
            .step(Stop::Killed(Signal(9), false), None, at(11))
            .happening
        {
            Happening::Ended(Some(c)) => assert_eq!(c.call, FUTEX),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn two_entries_in_a_row_believe_the_kernel() {
        let s = run(State::NEW, entry(FUTEX), 10).state;
        let read = RawCall { nr: 0, ..FUTEX };
        match run(s, entry(read), 20).happening {
            Happening::Entered(c) => assert_eq!(c.call, read),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_unknown_stop_is_resumed() {
        let step = State::NEW.step(Stop::Unknown(77 << 8), None, at(0));
        assert_eq!(step.action, Action::Resume(None));
    }
}
