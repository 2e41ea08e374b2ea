//! Every type that a recording holds, with its fields: a type that grows does not compile until
//! it is told here. The numbers of variants are for good: none is used for another.

use super::codec::{Codec, Damaged, Decoder, Encoder};
use super::{Header, Item};
use crate::arch::Abi;
use crate::diagnose::Place;
use crate::event::{
    Begun, Dump, Event, Executable, ExitEvent, ExitKind, Extra, Frame, FrameKind, GoContext,
    GoState, Goroutine, HeldP, Hidden, Known, Note, ObjectNames, Outcome, PNow, RawCall, Seen,
    SigInfo, SignalEvent, Stack, StackEnd, Start, SyscallEvent, TaskChange, TaskEvent, Timestamp,
    Traced, Wait, WaitClass,
};
use crate::fd::{Device, Endpoints, FdTarget, FilePath};
use crate::finding::{
    Evidence, FdKind, Finding, FindingId, FoundAgain, Setting, Severity, Shown, Silence,
};
use crate::ids::{Addr, Errno, Goid, Pid, Signal, Tid};
use crate::overhead::Totals;
use crate::sample::Stats;
use crate::sink::Summary;
use crate::value::{Arg, Note as Remark, Value};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

macro_rules! newtypes {
    ($($name:ident),* $(,)?) => {$(
        impl Codec for $name {
            fn put(&self, out: &mut Encoder) {
                self.0.put(out);
            }
            fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                Codec::get(from).map($name)
            }
        }
    )*};
}

macro_rules! structs {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Codec for $name {
            fn put(&self, out: &mut Encoder) {
                let $name { $($field),* } = self;
                $($field.put(out);)*
            }
            fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                Ok($name { $($field: Codec::get(from)?),* })
            }
        }
    )*};
}

macro_rules! enums {
    ($($name:ident {
        $($tag:literal $variant:ident $(($($part:ident),*))? $({ $($field:ident),* $(,)? })?),* $(,)?
    })*) => {$(
        impl Codec for $name {
            fn put(&self, out: &mut Encoder) {
                match self {
                    $($name::$variant $(($($part),*))? $({ $($field),* })? => {
                        out.byte($tag);
                        $($($part.put(out);)*)?
                        $($($field.put(out);)*)?
                    })*
                }
            }
            fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                // A value may hold values.
                from.nested(|from| Ok(match from.byte()? {
                    $($tag => {
                        $($(let $part = Codec::get(from)?;)*)?
                        $($(let $field = Codec::get(from)?;)*)?
                        $name::$variant $(($($part),*))? $({ $($field),* })?
                    })*
                    _ => return Err(Damaged),
                }))
            }
        }
    )*};
}

newtypes!(Pid, Tid, Addr, Goid, Signal, Errno);

structs! {
    Timestamp { mono_ns, wall_ns }
    RawCall { abi, nr, args }
    Begun { at, processes, expression, slow }
    Traced { pid, command, is_go, go_version, without_goroutines, threads, executable }
    Executable { path, start, end, offset, build_id }
    Note { at, text }
    TaskEvent { pid, tid, at, what }
    SignalEvent { pid, tid, at, signal, info, pc }
    SigInfo { errno, code, words }
    ExitEvent { pid, tid, at, how }
    SyscallEvent {
        pid, tid, call, args, start, end, outcome, seen, names, go, extra, wait, findings,
    }
    Extra { pc, raw, dumps, system_ns }
    ObjectNames { fds, returned, processes, interfaces }
    GoContext { goroutine, stack, class }
    Goroutine { goid, state, locked, kept_for, in_cgo, entry, created_by, m, p }
    Stack { frames, end }
    Frame { pc, func, file, line, kind }
    WaitClass { id, parked, explanation }
    FilePath { bytes, deleted, device }
    Device { block, major, minor }
    Endpoints { protocol, local, remote, path, peer_path }
    FoundAgain { id, pid, func, at }
    Finding { id, pid, tid, at, severity, func, evidence, settings, advice }
    Setting { name, value }
    Arg { name, value }
    Summary { shown, slow, hidden_parked, hidden, findings, lost, sampled, exact }
    Place { id, pid, func }
    Stats {
        looks, thread_looks, cpu_ns, span_ns, same_spot, failed, longest_gap_ns, wanted_ns, late,
    }
    Totals { exact_ns, free_ns, cost_ns }
    Header { made_by, argv, at, utc_offsets }
}

enums! {
    Item { 1 Header(header), 2 Event(event), 3 Hidden(call, why), 4 Omitted, 5 End(summary), 6 Tick(at) }
    Event {
        1 Begun(begun), 2 Note(note), 3 Entered(call), 4 Syscall(call), 5 Signal(signal),
        6 Exit(exit), 7 Finding(finding), 8 Task(task), 9 FoundAgain(again),
    }
    Abi { 1 X86_64, 2 I386, 3 X32, 4 Aarch64, 5 Arm }
    Start { 1 Seen(at), 2 BeforeAttach(at) }
    Seen { 1 Exact, 2 Sampled { error } }
    Outcome { 1 Returned(n), 2 Failed(errno), 3 Ended, 4 Blocked, 5 Gone, 6 Detached }
    Hidden { 1 Parked, 2 NotSelected, 3 NoFinding }
    TaskChange {
        1 Started, 2 Attached(n), 3 AttachedToo, 4 Detached, 5 Stopped(signal), 6 Called(n),
        7 Named(name),
    }
    ExitKind { 1 Status(n), 2 Killed(signal, core), 3 Superseded { by } }
    Dump { 1 Message(place, buffers), 2 Bytes(place, bytes), 3 Cut { place, at, length, bytes } }
    Wait { 1 Interrupted, 2 WouldBlock, 3 TimedOut, 4 Limited(limit), 5 Endless }
    GoState {
        1 Runnable, 2 Running, 3 Syscall, 4 Waiting(reason), 5 Preempted, 6 CopyingStack,
        7 Leaked(reason), 8 Other(n),
    }
    HeldP { 1 Held(id), 2 Kept(id), 3 Left(id, now), 4 None, 5 Unknown(reason) }
    PNow { 1 OfM(m), 2 InCall, 3 Idle, 4 Stopped, 5 Unknown }
    StackEnd { 1 Root, 2 Depth, 3 Broken(reason) }
    FrameKind { 1 Go, 2 Inlined, 3 Native, 4 Guessed }
    FdTarget { 1 Path(path), 2 Socket { inode, endpoints }, 3 Pipe(n), 4 PidFd { pid, inode }, 5 Anon(text) }
    Severity { 1 Note, 2 Warning, 3 Error }
    Shown { 1 First(finding), 2 Again(id) }
    Silence { 1 PeerSilent, 2 PeerNotReading, 3 Connecting }
    FdKind { 1 Socket, 2 Pipe, 3 File, 4 Epoll, 5 Other }
    Evidence {
        1 BlockingMode { fd, target, flags },
        2 Lasted(time),
        3 SocketTimeout(timeout),
        4 Child { pid, command, state, call },
        5 Connection { why, unread, unsent, silent_for, peer_window },
        6 OpenFiles(n),
        7 Kinds(kinds),
        8 Openers(openers),
        9 Failures { call, fd, errno, count, succeeded, over },
        10 Uninterruptible,
        11 KernelStack(functions),
        12 FileSystem { kind, source, mounted_at },
        13 AlsoWaiting(n),
        14 Holder { pid, tid, command, call, own },
        15 FutexWord { value },
        16 Throttled { periods, of, time, over },
        17 WaitedForCpu { time, over },
        18 AcceptQueue { target, waiting, limit },
        19 Overflows(n),
        20 Threads { all, blocked, calls },
        21 KeepsThread,
        22 Signals(signals),
        23 Ring { fd, wanted, in_flight },
        24 SameWord(n),
        25 RuntimeLock { waits, threads, total, longest, over },
        26 Assisting { times, looks, at_once },
        27 Stopping { times, looks, longest },
        28 RunsOn { tid, call },
        29 WaitedToRun { times, looks, at_once, longest },
        30 CopiesFrom { goid, pipe },
        31 PipeHolder { pid, command, parent },
        32 HandedOff { lost, of },
        33 Refused(functions),
        34 GivenUp { call, times, by },
        35 Starved { calls, time, over },
        36 LockWaits { times, looks, at_once },
    }
    Value {
        1 Int(n), 2 Uint(n), 3 Hex(n), 4 Octal(n), 5 HexDigits(n, digits), 6 Ptr(addr),
        7 Object { addr, symbol }, 8 Fd(n), 9 DirFd(n), 10 Pid(n), 11 Signal(signal),
        12 SigSet(set), 13 FdSet(fds), 14 CpuSet(cpus), 15 Flags(bits, names),
        16 Const(n, names), 17 Bits(bits, names), 18 Or(items), 19 All(items), 20 Sum(base, item),
        21 Errno(n), 22 NegativeErrno(n), 23 Shifted(item, by), 24 Kilo(n), 25 Symbol(name),
        26 Date(seconds), 27 Name(name), 28 WaitStatus(status), 29 Device(major, minor),
        30 Bytes { bytes, truncated }, 31 Binary { bytes, truncated }, 32 Rest(offset, bytes),
        33 Abstract { bytes, truncated }, 34 Struct { fields, more },
        35 Array { items, truncated, unreadable }, 36 Words(items), 37 Pointee(item),
        38 Changed(before, after), 39 Conversion(name, items), 40 Network(name, item, bytes),
        41 Ip(address), 42 Interface(n), 43 Verbose(item), 44 Labelled(name, item),
        45 Aside(name, item), 46 Noted(item, note), 47 Unreadable(addr), 48 Pending(addr),
        49 Decimal(n, names), 50 Not(item), 51 Held(item), 52 Link(octets), 53 Spelled(plain, words),
    }
    Remark {
        1 TimeLeft(ns), 2 At(seconds, fraction, digits), 3 Ticks(n), 4 Entries(n), 5 Vars(n),
        6 VarsUnterminated(n), 7 Interfaces(n),
    }
}

/// By name, as `--only` has it.
impl Codec for FindingId {
    fn put(&self, out: &mut Encoder) {
        out.text(self.name());
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        FindingId::named(&from.text()?).ok_or(Damaged)
    }
}

impl<T: Codec> Codec for Known<T> {
    fn put(&self, out: &mut Encoder) {
        match self {
            Known::NotAsked => out.byte(0),
            Known::Is(fact) => {
                out.byte(1);
                fact.put(out);
            }
            Known::Unknown(reason) => {
                out.byte(2);
                reason.put(out);
            }
        }
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        Ok(match from.byte()? {
            0 => Known::NotAsked,
            1 => Known::Is(T::get(from)?),
            2 => Known::Unknown(Codec::get(from)?),
            _ => return Err(Damaged),
        })
    }
}

impl<T: Codec> Codec for Option<T> {
    fn put(&self, out: &mut Encoder) {
        out.byte(u8::from(self.is_some()));
        self.iter().for_each(|it| it.put(out));
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            0 => Ok(None),
            1 => T::get(from).map(Some),
            _ => Err(Damaged),
        }
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn put(&self, out: &mut Encoder) {
        out.number(self.len() as u64);
        self.iter().for_each(|it| it.put(out));
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        let count = from.count()?;
        (0..count).map(|_| T::get(from)).collect()
    }
}

impl<T: Codec> Codec for Box<T> {
    fn put(&self, out: &mut Encoder) {
        (**self).put(out);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        T::get(from).map(Box::new)
    }
}

impl<T: Codec, U: Codec> Codec for (T, U) {
    fn put(&self, out: &mut Encoder) {
        self.0.put(out);
        self.1.put(out);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        Ok((T::get(from)?, U::get(from)?))
    }
}

impl<T: Codec, const N: usize> Codec for [T; N] {
    fn put(&self, out: &mut Encoder) {
        self.iter().for_each(|it| it.put(out));
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        let items: Result<Vec<T>, Damaged> = (0..N).map(|_| T::get(from)).collect();
        items?.try_into().map_err(|_| Damaged)
    }
}

impl<K: Codec + Ord, V: Codec> Codec for BTreeMap<K, V> {
    fn put(&self, out: &mut Encoder) {
        out.number(self.len() as u64);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        let items = Vec::<(K, V)>::get(from)?;
        Ok(items.into_iter().collect())
    }
}

impl Codec for Arc<Endpoints> {
    fn put(&self, out: &mut Encoder) {
        (**self).put(out);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        Endpoints::get(from).map(Arc::new)
    }
}

impl Codec for Arc<str> {
    fn put(&self, out: &mut Encoder) {
        out.text(self);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        from.text()
    }
}

impl Codec for String {
    fn put(&self, out: &mut Encoder) {
        out.raw(self.as_bytes());
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        String::from_utf8(from.raw()?.to_vec()).map_err(|_| Damaged)
    }
}

impl Codec for Arc<[u8]> {
    fn put(&self, out: &mut Encoder) {
        out.raw(self);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        from.raw().map(Arc::from)
    }
}

impl Codec for bool {
    fn put(&self, out: &mut Encoder) {
        out.byte(u8::from(*self));
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged),
        }
    }
}

impl Codec for u8 {
    fn put(&self, out: &mut Encoder) {
        out.byte(*self);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        from.byte()
    }
}

macro_rules! unsigned {
    ($($name:ident),*) => {$(
        impl Codec for $name {
            fn put(&self, out: &mut Encoder) {
                out.number(*self as u64);
            }
            fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                from.number()?.try_into().map_err(|_| Damaged)
            }
        }
    )*};
}
unsigned!(u32, u64, usize);

macro_rules! signed {
    ($($name:ident),*) => {$(
        impl Codec for $name {
            /// The sign in the lowest bit: small negative numbers are short, too.
            fn put(&self, out: &mut Encoder) {
                let n = i64::from(*self);
                out.number((n << 1 ^ n >> 63).cast_unsigned());
            }
            fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                let n = from.number()?;
                let n = (n >> 1).cast_signed() ^ -(n & 1).cast_signed();
                n.try_into().map_err(|_| Damaged)
            }
        }
    )*};
}
signed!(i32, i64);

impl Codec for char {
    fn put(&self, out: &mut Encoder) {
        u32::from(*self).put(out);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        char::from_u32(u32::get(from)?).ok_or(Damaged)
    }
}

impl Codec for Duration {
    fn put(&self, out: &mut Encoder) {
        out.number(self.as_secs());
        self.subsec_nanos().put(out);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        let (seconds, nanos) = (from.number()?, u32::get(from)?);
        match nanos < 1_000_000_000 {
            true => Ok(Duration::new(seconds, nanos)),
            false => Err(Damaged),
        }
    }
}

impl Codec for IpAddr {
    fn put(&self, out: &mut Encoder) {
        match self {
            IpAddr::V4(address) => {
                out.byte(4);
                address.octets().put(out);
            }
            IpAddr::V6(address) => {
                out.byte(6);
                address.octets().put(out);
            }
        }
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            4 => Ok(IpAddr::from(<[u8; 4]>::get(from)?)),
            6 => Ok(IpAddr::from(<[u8; 16]>::get(from)?)),
            _ => Err(Damaged),
        }
    }
}
