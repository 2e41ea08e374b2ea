//! Decoded arguments: values, never text. Text appears in `sink`.

use crate::ids::{Addr, Signal};
use std::sync::Arc;

/// One decoded argument of a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Arg {
    /// The parameter's name in the man page's prototype.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
}

/// A table of named bits or named values; data, with its source named where it is defined.
#[derive(PartialEq, Eq, Debug)]
pub struct Names {
    /// What stands before a number that has no name, as in `/* FUTEX_??? */`.
    pub prefix: &'static str,
    /// Value (or mask) and name, in the order in which they are printed.
    pub entries: &'static [(u64, &'static str)],
}

/// A decoded value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A number shown in hexadecimal.
    Hex(u64),
    /// A number shown in octal (file modes).
    Octal(u64),
    /// A pointer shown as such; NULL when zero.
    Ptr(Addr),
    /// A pointer to something that may have a name (a futex word).
    Object {
        /// Where it is.
        addr: Addr,
        /// `symbol+offset`, filled in later from the executable's symbols.
        symbol: Option<Arc<str>>,
    },
    /// A file descriptor.
    Fd(i32),
    /// A directory descriptor, or AT_FDCWD.
    DirFd(i32),
    /// A process or thread id; negative and zero values have the call's own meaning.
    Pid(i32),
    /// A signal number.
    Signal(Signal),
    /// A signal set, bit n-1 for signal n.
    SigSet(u64),
    /// A set of named bits.
    Flags(u64, &'static Names),
    /// One of a set of named values.
    Const(u64, &'static Names),
    /// Bytes shown as a quoted string.
    Bytes {
        /// What was read.
        bytes: Vec<u8>,
        /// Whether there is more than what was read.
        truncated: bool,
    },
    /// A structure.
    Struct(Vec<(&'static str, Value)>),
    /// An array.
    Array {
        /// Its first elements.
        items: Vec<Value>,
        /// Whether there are more.
        truncated: bool,
    },
    /// A conversion as C writes it: `htons(80)`.
    Conversion(&'static str, Vec<Value>),
    /// A value with a remark that is not part of it, such as the time left.
    Noted(Box<Value>, Note),
    /// A pointer whose memory could not be read.
    Unreadable(Addr),
    /// An output that the kernel has not written yet (the call is still blocked).
    Pending(Addr),
}

/// A remark on a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Note {
    /// An absolute timeout lies this many nanoseconds ahead (negative: it has passed).
    TimeLeft(i64),
}
