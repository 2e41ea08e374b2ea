//! What wait(2) and PTRACE_GET_SYSCALL_INFO report, as types. Pure: bytes and words in.
//!
//! All tracees are seized (PTRACE_SEIZE) with PTRACE_O_TRACESYSGOOD, so each kind of stop
//! is told apart without guessing (ptrace(2), "Stopped states").

use crate::arch::Abi;
use crate::event::RawCall;
use crate::ids::{Addr, Signal};

/// How a tracee stopped or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// syscall-enter-stop, syscall-exit-stop, or PTRACE_EVENT_SECCOMP, which stands for the first
    /// where a filter selects calls; PTRACE_GET_SYSCALL_INFO says which.
    Syscall,
    /// signal-delivery-stop: the signal must be passed on when resuming.
    Signal(Signal),
    /// PTRACE_EVENT_CLONE, FORK or VFORK; the event message is the new thread's id.
    NewTask(NewTask),
    /// PTRACE_EVENT_EXEC; the event message is the thread id before the exec.
    Exec,
    /// PTRACE_EVENT_VFORK_DONE.
    VforkDone,
    /// group-stop by this signal: to be kept with PTRACE_LISTEN.
    Group(Signal),
    /// PTRACE_EVENT_STOP otherwise: after PTRACE_INTERRUPT, at the birth of a tracee, or when
    /// a group-stop ends.
    Trap,
    /// The thread exited with this status.
    Exited(i32),
    /// The thread was killed by this signal; whether core was dumped.
    Killed(Signal, bool),
    /// Something this version does not know: to be resumed.
    Unknown(i32),
}

/// How a new tracee came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewTask {
    /// clone(2) with an exit signal other than SIGCHLD: nearly always a thread.
    Clone,
    /// fork(2) or its like.
    Fork,
    /// vfork(2) or clone with CLONE_VFORK: the parent sleeps until exec or exit.
    Vfork,
}

const SIGTRAP: i32 = 5;
/// SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: the signals that group-stop.
const STOPPING: [i32; 4] = [19, 20, 21, 22];

impl Stop {
    /// From `si_code` and `si_status` as waitid(2) reports them for a tracee; for a
    /// ptrace-stop `si_status` is the signal with the event in the bits above 8.
    #[must_use]
    pub fn from_wait(si_code: i32, si_status: i32) -> Stop {
        const CLD_EXITED: i32 = 1;
        const CLD_KILLED: i32 = 2;
        const CLD_DUMPED: i32 = 3;
        const CLD_TRAPPED: i32 = 4;
        const CLD_STOPPED: i32 = 5;
        match si_code {
            CLD_EXITED => Stop::Exited(si_status),
            CLD_KILLED => Stop::Killed(Signal(si_status), false),
            CLD_DUMPED => Stop::Killed(Signal(si_status), true),
            CLD_TRAPPED | CLD_STOPPED => Stop::from_stop_code(si_status),
            _ => Stop::Unknown(si_status),
        }
    }

    fn from_stop_code(code: i32) -> Stop {
        let signal = code & 0xff;
        match code >> 8 {
            0 if signal == SIGTRAP | 0x80 => Stop::Syscall,
            0 => Stop::Signal(Signal(signal)),
            1 => Stop::NewTask(NewTask::Fork),
            2 => Stop::NewTask(NewTask::Vfork),
            3 => Stop::NewTask(NewTask::Clone),
            4 => Stop::Exec,
            5 => Stop::VforkDone,
            7 => Stop::Syscall,
            128 if STOPPING.contains(&signal) => Stop::Group(Signal(signal)),
            128 => Stop::Trap,
            _ => Stop::Unknown(code),
        }
    }

    /// Whether the thread is no more.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Stop::Exited(_) | Stop::Killed(..))
    }
}

/// `struct ptrace_syscall_info` (linux/ptrace.h, since Linux 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyscallInfo {
    /// Instruction pointer: behind the system call instruction.
    pub pc: Addr,
    /// Stack pointer.
    pub sp: Addr,
    /// Where in a call the thread is.
    pub op: SyscallOp,
}

/// The kernel's word on where a stopped thread is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyscallOp {
    /// Not in a system call stop.
    None,
    /// About to execute this call.
    Entry(RawCall),
    /// The call returned this; negative errno when `is_error`.
    Exit {
        /// Return value as the kernel holds it.
        value: i64,
        /// Whether it is an error.
        is_error: bool,
    },
    /// A call through an ABI that we do not know (AUDIT_ARCH value given).
    ForeignEntry(u32),
}

impl SyscallOp {
    /// Whether this is what comes next for a thread that is in a call, or in none.
    #[must_use]
    pub fn is_next(&self, in_call: bool) -> bool {
        match self {
            SyscallOp::None => false,
            SyscallOp::Entry(_) | SyscallOp::ForeignEntry(_) => !in_call,
            SyscallOp::Exit { .. } => in_call,
        }
    }
}

impl SyscallInfo {
    /// Bytes to offer to PTRACE_GET_SYSCALL_INFO.
    pub const SIZE: usize = 88;

    /// Decodes what PTRACE_GET_SYSCALL_INFO wrote; `None` when it is too short for its op.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<SyscallInfo> {
        let word = |at: usize| {
            let b = bytes.get(at..at + 8)?;
            Some(u64::from_le_bytes(b.try_into().ok()?))
        };
        let arch = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
        let op = match bytes.first()? {
            // Entry and seccomp share their layout as far as we read it.
            1 | 3 => {
                let nr = word(24)?;
                let mut args = [0; 6];
                for (i, arg) in args.iter_mut().enumerate() {
                    *arg = word(32 + 8 * i)?;
                }
                match Abi::from_audit_arch(arch, nr) {
                    Some(abi) => SyscallOp::Entry(RawCall { abi, nr, args }),
                    None => SyscallOp::ForeignEntry(arch),
                }
            }
            2 => SyscallOp::Exit {
                value: word(24)? as i64,
                is_error: *bytes.get(32)? != 0,
            },
            _ => SyscallOp::None,
        };
        Some(SyscallInfo {
            pc: Addr(word(8)?),
            sp: Addr(word(16)?),
            op,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_follows_an_exit_and_an_exit_an_entry() {
        let entry = SyscallOp::ForeignEntry(0);
        let exit = SyscallOp::Exit {
            value: 0,
            is_error: false,
        };
        for in_call in [false, true] {
            assert_eq!(entry.is_next(in_call), !in_call);
            assert_eq!(exit.is_next(in_call), in_call);
            assert!(!SyscallOp::None.is_next(in_call));
        }
    }

    #[test]
    fn each_stop_of_a_seized_tracee_is_told_apart() {
        for (status, stop) in [
            (0x85, Stop::Syscall),
            (5, Stop::Signal(Signal(5))),
            (23, Stop::Signal(Signal(23))),
            (34, Stop::Signal(Signal(34))),
            (64, Stop::Signal(Signal(64))),
            (19, Stop::Signal(Signal(19))),
            (5 | 1 << 8, Stop::NewTask(NewTask::Fork)),
            (5 | 2 << 8, Stop::NewTask(NewTask::Vfork)),
            (5 | 3 << 8, Stop::NewTask(NewTask::Clone)),
            (5 | 4 << 8, Stop::Exec),
            (5 | 5 << 8, Stop::VforkDone),
            (5 | 7 << 8, Stop::Syscall),
            (5 | 128 << 8, Stop::Trap),
            (19 | 128 << 8, Stop::Group(Signal(19))),
            (22 | 128 << 8, Stop::Group(Signal(22))),
            (5 | 99 << 8, Stop::Unknown(5 | 99 << 8)),
        ] {
            assert_eq!(Stop::from_wait(4, status), stop, "{status:#x}");
        }
        assert_eq!(Stop::from_wait(1, 3), Stop::Exited(3));
        assert_eq!(Stop::from_wait(2, 9), Stop::Killed(Signal(9), false));
        assert_eq!(Stop::from_wait(3, 11), Stop::Killed(Signal(11), true));
    }

    fn info(op: u8, arch: u32, words: &[u64]) -> Vec<u8> {
        let mut b = vec![op, 0, 0, 0];
        b.extend(arch.to_le_bytes());
        b.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        b
    }

    #[test]
    fn an_entry_names_abi_number_and_arguments() {
        let b = info(1, 0xc000_003e, &[0x401000, 0x7ffe, 202, 1, 2, 3, 4, 5, 6]);
        let i = SyscallInfo::parse(&b).unwrap();
        assert_eq!((i.pc, i.sp), (Addr(0x401000), Addr(0x7ffe)));
        let call = RawCall {
            abi: Abi::X86_64,
            nr: 202,
            args: [1, 2, 3, 4, 5, 6],
        };
        assert_eq!(i.op, SyscallOp::Entry(call));
    }

    #[test]
    fn an_int_0x80_call_in_a_64_bit_thread_is_of_the_i386_abi() {
        let b = info(1, 0x4000_0003, &[0, 0, 4, 1, 2, 3, 4, 5, 6]);
        match SyscallInfo::parse(&b).unwrap().op {
            SyscallOp::Entry(call) => assert_eq!(call.abi, Abi::I386),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_exit_carries_value_and_error_flag() {
        let mut b = info(2, 0xc000_003e, &[0, 0, (-11i64) as u64]);
        b.push(1);
        assert_eq!(
            SyscallInfo::parse(&b).unwrap().op,
            SyscallOp::Exit {
                value: -11,
                is_error: true
            }
        );
        b.pop();
        assert_eq!(SyscallInfo::parse(&b), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = SyscallInfo::parse(&bytes);
        }

        #[test]
        fn no_status_panics(code in any::<i32>(), status in any::<i32>()) {
            let _ = Stop::from_wait(code, status);
        }
    }
}
