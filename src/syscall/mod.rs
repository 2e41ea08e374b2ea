//! System calls as data, and their decoding: bytes -> values, never text.

mod groups;
pub mod set;
mod table;

pub use table::{all, name, number, numbers};

use crate::event::{Outcome, RawCall, Timestamp};
use crate::memory::Memory;
use crate::value::Arg;

/// What decoding may look at besides the call itself.
pub struct DecodeContext<'a> {
    /// The tracee's memory.
    pub memory: &'a dyn Memory,
    /// How many bytes of a string or buffer are kept (strace's -s, default 32).
    pub string_limit: usize,
    /// Now, to show an absolute timeout as time left.
    pub now: Timestamp,
}

/// Decodes what the caller passes in, as it stands when the call begins (or while it is
/// blocked). Outputs become [`crate::value::Value::Pending`].
#[must_use]
pub fn decode_entry(call: &RawCall, context: &DecodeContext<'_>) -> Vec<Arg> {
    let _ = (call, context);
    Vec::new()
}

/// Completes `args`, as [`decode_entry`] left them, with what the kernel has written.
pub fn decode_exit(
    call: &RawCall,
    outcome: Outcome,
    context: &DecodeContext<'_>,
    args: &mut Vec<Arg>,
) {
    let _ = (call, outcome, context, args);
}

pub fn needs_entry(_: &RawCall) -> bool {
    false
}
pub fn fds(args: &[Arg]) -> Vec<i32> {
    let _ = args;
    Vec::new()
}
pub fn pids(args: &[Arg]) -> Vec<i32> {
    let _ = args;
    Vec::new()
}
pub enum ResultKind {
    Fd,
    Pid,
    Int,
}
pub fn result_kind(_: &RawCall) -> ResultKind {
    ResultKind::Int
}
