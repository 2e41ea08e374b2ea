//! The form of a call's description: what each parameter is, and when it can be read.

use super::cx::Cx;
use crate::ids::{Addr, Signal};
use crate::value::{Names, Value};

/// Makes a value of an argument register, reading memory as it likes.
pub(crate) type Decode = fn(&Cx<'_>, u64) -> Value;

/// Makes a value of an argument register and of the value that it had when the call began.
pub(crate) type Update = fn(&Cx<'_>, u64, Value) -> Value;

/// Finds what the kernel reported besides the result; each with its label, which may be empty.
pub(crate) type Asides = fn(&Cx<'_>) -> Vec<(&'static str, Value)>;

/// One call.
pub(crate) struct Call {
    pub name: &'static str,
    pub params: Params,
    pub result: ResultKind,
    /// What else the kernel reported, to be shown behind the result.
    pub asides: Option<Asides>,
}

/// The parameters of a call.
pub(crate) enum Params {
    /// Always the same.
    Fixed(&'static [Param]),
    /// Chosen by the arguments (futex, fcntl, open, prctl).
    By(fn(&Cx<'_>) -> &'static [Param]),
}

impl Params {
    /// Whether no memory belongs to any of them.
    pub(crate) fn are_scalars(&self) -> bool {
        match self {
            Params::Fixed(params) => params.iter().all(|p| p.kind.is_scalar()),
            Params::By(_) => false,
        }
    }
}

/// One parameter.
pub(crate) struct Param {
    pub name: &'static str,
    pub kind: Kind,
}

/// What a parameter is. The scalars read the register alone.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// `int`.
    Int,
    /// `unsigned int`.
    Uint,
    /// `long`, `ssize_t`, `off_t`.
    Long,
    /// `unsigned long`, `size_t`.
    Ulong,
    /// A whole register in hexadecimal.
    Hex,
    /// `unsigned int` in hexadecimal.
    Hex32,
    /// A register that this form of the call does not use.
    Skip,
    /// File mode bits.
    Mode,
    /// A pointer that is not followed.
    Ptr,
    /// A pointer to something that may have a symbol.
    Object,
    /// `int` file descriptor.
    Fd,
    /// File descriptor or AT_FDCWD.
    DirFd,
    /// `pid_t`.
    Pid,
    /// `uid_t`, `gid_t`.
    Uid,
    /// Signal number.
    Signal,
    /// 32 named bits.
    Flags(&'static Names),
    /// 64 named bits.
    Flags64(&'static Names),
    /// An `int` that is one of the named values.
    Const(&'static Names),
    /// A whole register that is one of the named values.
    Const64(&'static Names),
    /// Read when the call begins or later; the kernel only reads it.
    In(Decode),
    /// As `In`, but strace looks at it when the call has ended, and not where that failed.
    Late(Decode),
    /// Must be read when the call begins: the kernel overwrites it.
    Early(Decode),
    /// Written by the kernel when the call succeeds.
    Out(Decode),
    /// Read when the call has ended, however it ended.
    Exit(Decode),
    /// Read when the call begins, overwritten by the kernel, and read again when it ended.
    InOut(Decode, Update),
    /// As `InOut`; what the kernel makes of it is shown behind it.
    Behind(Decode, Update),
    /// As `InOut`, but strace says nothing of it before the call has ended.
    Held(Decode, Update),
}

impl Kind {
    /// Whether the argument is all there is: no memory belongs to it.
    fn is_scalar(self) -> bool {
        use Kind::{Behind, Early, Exit, Held, In, InOut, Late, Out};
        !matches!(
            self,
            In(_) | Late(_) | Early(_) | Out(_) | Exit(_) | InOut(..) | Behind(..) | Held(..)
        )
    }

    /// Whether the argument must be read before the kernel goes on.
    pub(crate) fn needs_entry(self) -> bool {
        matches!(
            self,
            Kind::Early(_) | Kind::InOut(..) | Kind::Behind(..) | Kind::Held(..)
        )
    }

    /// The value when the call begins or while it is blocked.
    pub(crate) fn at_entry(self, cx: &Cx<'_>, raw: u64) -> Value {
        match self {
            Kind::Int => Value::Int(i64::from(raw as i32)),
            Kind::Uint => Value::Uint(u64::from(raw as u32)),
            Kind::Long => Value::Int(raw as i64),
            Kind::Ulong => Value::Uint(raw),
            Kind::Hex | Kind::Skip => Value::Hex(raw),
            Kind::Hex32 => Value::Hex(raw & 0xffff_ffff),
            Kind::Mode => Value::Octal(u64::from(raw as u32 & 0xffff)),
            Kind::Ptr => Value::Ptr(Addr(raw)),
            Kind::Object => Value::Object {
                addr: Addr(raw),
                symbol: None,
            },
            Kind::Fd => Value::Fd(raw as i32),
            Kind::DirFd => Value::DirFd(raw as i32),
            Kind::Pid => Value::Pid(raw as i32),
            Kind::Uid => uid(raw as u32),
            Kind::Signal => Value::Signal(Signal(raw as i32)),
            Kind::Flags(names) => Value::Flags(raw & 0xffff_ffff, names),
            Kind::Flags64(names) => Value::Flags(raw, names),
            Kind::Const(names) => Value::Const(raw & 0xffff_ffff, names),
            Kind::Const64(names) => Value::Const(raw, names),
            Kind::In(decode)
            | Kind::Late(decode)
            | Kind::Early(decode)
            | Kind::InOut(decode, _)
            | Kind::Behind(decode, _) => decode(cx, raw),
            Kind::Held(decode, _) => Value::Held(Box::new(decode(cx, raw))),
            Kind::Out(_) | Kind::Exit(_) => Value::Pending(Addr(raw)),
        }
    }

    /// The value when the call has ended; `entry` is what [`Kind::at_entry`] made.
    pub(crate) fn at_exit(self, cx: &Cx<'_>, raw: u64, entry: Value) -> Value {
        match self {
            Kind::Out(decode) if cx.returned().is_some() => decode(cx, raw),
            Kind::Late(_) if cx.returned().is_none() => Value::Ptr(Addr(raw)),
            Kind::Exit(decode) => decode(cx, raw),
            Kind::InOut(_, update) | Kind::Behind(_, update) => update(cx, raw, entry),
            Kind::Held(_, update) => match entry {
                Value::Held(before) => update(cx, raw, *before),
                entry => entry,
            },
            _ => entry,
        }
    }
}

/// A user or group id; -1 means "leave as it is" and is shown as such.
pub(crate) fn uid(id: u32) -> Value {
    match id {
        u32::MAX => Value::Int(-1),
        _ => Value::Uint(u64::from(id)),
    }
}

/// What a call's result is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultKind {
    /// A number: a count, or 0 for success.
    Int,
    /// A new file descriptor.
    Fd,
    /// A process or thread id.
    Pid,
    /// An address, or another number shown in hexadecimal.
    Hex,
    /// File mode bits, shown in octal.
    Octal,
    /// The call does not return (exit), or what it returns is not its own (rt_sigreturn).
    None,
}

/// Writes a table of calls: `name(param: Kind, ...) -> ResultKind;`, or
/// `name(..) = chooser -> ResultKind;` where the parameters depend on the arguments. Both may
/// end with `, asides function`.
macro_rules! calls {
    ($($name:ident $rest:tt $(= $by:ident)? $(-> $result:ident)? $(, asides $asides:ident)?;)*) => {
        /// The calls of this module.
        pub(crate) static CALLS: &[$crate::syscall::describe::Call] = &[$(
            $crate::syscall::describe::Call {
                name: stringify!($name),
                params: $crate::syscall::describe::params!($rest $($by)?),
                result: $crate::syscall::describe::result!($($result)?),
                asides: $crate::syscall::describe::asides!($($asides)?),
            },
        )*];
    };
}

/// A list of parameters.
macro_rules! list {
    ($($name:ident : $kind:expr),* $(,)?) => {
        const { &[$($crate::syscall::describe::Param { name: stringify!($name), kind: $kind }),*] }
    };
}

macro_rules! params {
    ((..) $by:ident) => {
        $crate::syscall::describe::Params::By($by)
    };
    (($($params:tt)*)) => {
        $crate::syscall::describe::Params::Fixed($crate::syscall::describe::list!($($params)*))
    };
}

macro_rules! result {
    () => {
        $crate::syscall::describe::ResultKind::Int
    };
    ($result:ident) => {
        $crate::syscall::describe::ResultKind::$result
    };
}

macro_rules! asides {
    () => {
        None
    };
    ($asides:ident) => {
        Some($asides)
    };
}

pub(crate) use {asides, calls, list, params, result};
