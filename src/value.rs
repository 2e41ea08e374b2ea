//! Decoded arguments: values, never text. Text appears in `sink`.

use crate::ids::{Addr, Signal};
use std::net::IpAddr;
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
    /// What stands behind a number that has no name, as in `0x99 /* FUTEX_??? */`.
    pub prefix: &'static str,
    /// Value (or mask) and name, in the order in which they are printed.
    pub entries: &'static [(u64, &'static str)],
}

impl Names {
    /// The name of exactly this value.
    #[must_use]
    pub fn name(&self, value: u64) -> Option<&'static str> {
        self.entries.iter().find(|e| e.0 == value).map(|e| e.1)
    }
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
    /// A number shown as so many hexadecimal digits at least (netlink groups).
    HexDigits(u64, u8),
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
    /// A set of descriptors (fd_set), ascending.
    FdSet(Vec<i32>),
    /// A set of CPUs, ascending.
    CpuSet(Vec<u32>),
    /// A set of named bits.
    Flags(u64, &'static Names),
    /// One of a set of named values.
    Const(u64, &'static Names),
    /// One of a set of named values, of which another is shown as a signed number.
    Decimal(i64, &'static Names),
    /// Bits that are named by their number: `1<<CAP_KILL|1<<CAP_SETUID`.
    Bits(u64, &'static Names),
    /// Bits of several kinds in one word, of which those not zero are shown: `O_RDWR|O_CLOEXEC`.
    Or(Vec<Value>),
    /// Bits of several kinds in one word, all of which are shown.
    All(Vec<Value>),
    /// An offset from a named place: `SKF_AD_OFF+SKF_AD_CPU`.
    Sum(&'static str, Box<Value>),
    /// An error number, shown as its name; zero is none.
    Errno(i32),
    /// The same with a minus sign, as the kernel passes errors.
    NegativeErrno(i32),
    /// A value shifted left: `FUTEX_OP_ADD<<28`.
    Shifted(Box<Value>, &'static str),
    /// A number shown as a multiple of 1024: `8192*1024`.
    Kilo(u64),
    /// A value and how it is put in words: a packed number, taken apart; a point in time that means
    /// something else.
    Spelled(Box<Value>, Box<Value>),
    /// A name that stands for itself: `SIG_DFL`, `KERNEL_SIGSET`.
    Symbol(&'static str),
    /// A point in time as a date: seconds since the epoch.
    Date(i64),
    /// A name that was read: an address, a type.
    Name(String),
    /// A wait status word (wait4(2)).
    WaitStatus(u32),
    /// A device number (makedev(3)): major and minor.
    Device(u32, u32),
    /// Bytes shown as a quoted string.
    Bytes {
        /// What was read.
        bytes: Vec<u8>,
        /// Whether there is more than what was read.
        truncated: bool,
    },
    /// Bytes shown as hexadecimal escapes (random data).
    Binary {
        /// What was read.
        bytes: Vec<u8>,
        /// Whether there is more than what was read.
        truncated: bool,
    },
    /// The bytes of a structure from this offset on, which we know nothing of.
    Rest(u64, Vec<u8>),
    /// The name of an abstract Unix socket, without its leading NUL.
    Abstract {
        /// What was read.
        bytes: Vec<u8>,
        /// Whether there is more than what was read.
        truncated: bool,
    },
    /// A structure.
    Struct {
        /// Its fields; a name may be empty where the value names itself.
        fields: Vec<(&'static str, Value)>,
        /// Whether it has more fields than are shown.
        more: bool,
    },
    /// An array.
    Array {
        /// Its first elements.
        items: Vec<Value>,
        /// Whether there are more.
        truncated: bool,
        /// Where the first element lies that could not be read.
        unreadable: Option<Addr>,
    },
    /// Elements without commas: `[ICMP_ECHO ICMP_TIMESTAMP]`.
    Words(Vec<Value>),
    /// All but those: `~[ICMP_ECHO]`.
    Not(Box<Value>),
    /// What a pointer points to, where that is a single value: `[16]`.
    Pointee(Box<Value>),
    /// What was there when the call began, and what the kernel put in its place.
    Changed(Box<Value>, Box<Value>),
    /// A conversion as C writes it: `htons(80)`.
    Conversion(&'static str, Vec<Value>),
    /// A number of so many bytes that memory holds in network order: `htons(80)`.
    Network(&'static str, Box<Value>, u8),
    /// An internet address.
    Ip(IpAddr),
    /// An address on a link: `02:42:ac:11:00:02`.
    Link(Vec<u8>),
    /// A network interface's number; zero is none.
    Interface(u32),
    /// A number whose names are in doubt, so that it is shown besides.
    Verbose(Box<Value>),
    /// An argument that is always shown with its name, as clone's are: `flags=CLONE_VM`.
    Labelled(&'static str, Box<Value>),
    /// Something the kernel reported that is shown with the result, behind it: the poll
    /// events that occurred, the time that was left. The label may be empty.
    Aside(&'static str, Box<Value>),
    /// A value with a remark that is not part of it, such as the time left.
    Noted(Box<Value>, Note),
    /// A pointer whose memory could not be read.
    Unreadable(Addr),
    /// What the kernel will overwrite, as it stood when the call began.
    Held(Box<Value>),
    /// An output that the kernel has not written (the call is still blocked, or failed).
    Pending(Addr),
}

impl Value {
    /// A structure all of whose fields are here.
    #[must_use]
    pub fn fields(fields: Vec<(&'static str, Value)>) -> Value {
        Value::Struct {
            fields,
            more: false,
        }
    }

    /// A complete array.
    #[must_use]
    pub fn array(items: Vec<Value>) -> Value {
        Value::Array {
            items,
            truncated: false,
            unreadable: None,
        }
    }

    /// A complete string.
    #[must_use]
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Value {
        Value::Bytes {
            bytes: bytes.into(),
            truncated: false,
        }
    }

    /// The value that `self` points to.
    #[must_use]
    pub fn pointee(self) -> Value {
        Value::Pointee(Box::new(self))
    }
}

/// A remark on a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Note {
    /// An absolute timeout lies this many nanoseconds ahead (negative: it has passed).
    TimeLeft(i64),
    /// The point in time that the value stands for: seconds since the epoch, a fraction of
    /// so many digits.
    At(i64, u32, usize),
    /// Clock ticks, of which a second has 100.
    Ticks(u64),
    /// How many `struct ifreq` a length is.
    Interfaces(u64),
    /// How many directory entries a buffer holds.
    Entries(u64),
    /// What an argument list or environment holds that is not shown: `42 vars`.
    Vars(u64),
    /// The same, of a list whose end could not be read.
    VarsUnterminated(u64),
}
