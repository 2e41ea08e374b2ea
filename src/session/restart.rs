//! restart_syscall(2) shown as the call that it restarts, where we did not see that call begin:
//! another tracer's visit, or a stop signal, had interrupted it before we came.
//!
//! The kernel changes the call's number alone: the arguments are still those of the first call,
//! and the code in front of the PC still loads its number.

use crate::arch::host;
use crate::event::RawCall;
use crate::ids::{Addr, Pid, Tid};
use crate::memory::Memory;
use crate::sys::memory::ProcessMemory;
use crate::tracee::is_restart_syscall;

/// Bytes of code that are read.
const CODE: usize = 16;

/// The call that `call`, made at `pc`, really is.
#[must_use]
pub fn real_call(tid: Tid, call: RawCall, pc: Addr) -> RawCall {
    if !is_restart_syscall(&call) || call.abi != host::ABI {
        return call;
    }
    let memory = ProcessMemory::new(Pid::from(tid));
    let code = memory.bytes(pc.sub(CODE as u64), CODE).unwrap_or_default();
    match host::loaded_call_number(&code) {
        Some(nr) if host::RESTARTED.contains(&nr) => RawCall { nr, ..call },
        _ => call,
    }
}
