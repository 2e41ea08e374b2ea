//! Events of every kind, made up from a number.

use gostrace::arch::Abi;
use gostrace::event::*;
use gostrace::fd::{Device, Endpoints, FdTarget, FilePath};
use gostrace::finding::*;
use gostrace::ids::{Addr, Errno, Goid, Pid, Signal, Tid};
use gostrace::sink::Summary;
use gostrace::value::{Arg, Names, Note as Remark, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

static BITS: Names = Names {
    prefix: "X_???",
    entries: &[(0, "X_NONE"), (1, "X_ONE"), (6, "X_SIX"), (2, "X_TWO")],
};
static CONSTS: Names = Names {
    prefix: "",
    entries: &[(0, "Y_ZERO"), (u64::MAX, "Y_ALL")],
};
const WORDS: [&str; 8] = [
    "",
    "read",
    "main.(*x).y",
    "a b",
    "\u{1f600}\n\"\\",
    "\u{0}\u{7f}\u{2028}",
    "netpoll-idle",
    "é",
];

/// A source of made-up things; the same seed makes the same.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// splitmix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Small numbers and extremes more often than others.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(8),
            1 => u64::MAX - self.below(2),
            2 => 1 << self.below(64),
            _ => self.next(),
        }
    }

    fn int(&mut self) -> i32 {
        self.number() as i32
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }

    fn text(&mut self) -> Arc<str> {
        self.word().into()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let n = self.below(6);
        (0..n).map(|_| self.next() as u8).collect()
    }

    fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    fn list<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = self.below(4);
        (0..n).map(|_| make(self)).collect()
    }

    fn known<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Known<T> {
        match self.below(3) {
            0 => Known::NotAsked,
            1 => Known::Unknown(self.text()),
            _ => Known::Is(make(self)),
        }
    }

    fn addr(&mut self) -> Addr {
        Addr(self.number())
    }

    fn time(&mut self) -> Timestamp {
        Timestamp {
            mono_ns: self.number(),
            wall_ns: self.number(),
        }
    }

    fn duration(&mut self) -> Duration {
        Duration::from_nanos(self.number())
    }

    fn value(&mut self, depth: u64) -> Value {
        let inner = depth + 1;
        let kinds = if depth > 3 { 32 } else { 53 };
        match self.below(kinds) {
            0 => Value::Int(self.number() as i64),
            1 => Value::Uint(self.number()),
            2 => Value::Hex(self.number()),
            3 => Value::Octal(self.number()),
            4 => Value::HexDigits(self.number(), self.below(17) as u8),
            5 => Value::Ptr(self.addr()),
            6 => Value::Object {
                addr: self.addr(),
                symbol: self.some(Self::text),
            },
            7 => Value::Fd(self.int()),
            8 => Value::DirFd(self.int()),
            9 => Value::Pid(self.int()),
            10 => Value::Signal(Signal(self.below(70) as i32)),
            11 => Value::SigSet(self.number()),
            12 => Value::FdSet(self.list(Self::int)),
            13 => Value::CpuSet(self.list(|r| r.next() as u32)),
            14 => Value::Flags(self.number(), &BITS),
            15 => Value::Const(self.number(), &CONSTS),
            16 => Value::Bits(self.number(), &BITS),
            17 => Value::Errno(self.below(140) as i32),
            18 => Value::NegativeErrno(self.int()),
            19 => Value::Kilo(self.below(1 << 40)),
            20 => Value::Symbol(self.word()),
            21 => Value::Date(self.below(1 << 33) as i64),
            22 => Value::Name(self.word().to_owned()),
            23 => Value::WaitStatus(self.next() as u32),
            24 => Value::Device(self.next() as u32, self.next() as u32),
            25 => Value::Bytes {
                bytes: self.bytes(),
                truncated: self.flag(),
            },
            26 => Value::Binary {
                bytes: self.bytes(),
                truncated: self.flag(),
            },
            27 => Value::Rest(self.number(), self.bytes()),
            28 => Value::Abstract {
                bytes: self.bytes(),
                truncated: self.flag(),
            },
            29 => Value::Ip(match self.flag() {
                true => IpAddr::V4(Ipv4Addr::from(self.next() as u32)),
                false => IpAddr::V6(Ipv6Addr::from(u128::from(self.next()))),
            }),
            30 => match self.flag() {
                true => Value::Unreadable(self.addr()),
                false => Value::Pending(self.addr()),
            },
            31 => Value::Interface(self.below(3) as u32),
            32 => Value::Struct {
                fields: self.list(|r| (r.word(), r.value(inner))),
                more: self.flag(),
            },
            33 => Value::Array {
                items: self.list(|r| r.value(inner)),
                truncated: self.flag(),
                unreadable: self.some(Self::addr),
            },
            34 => Value::Words(self.list(|r| r.value(inner))),
            35 => self.value(inner).pointee(),
            36 => Value::Changed(Box::new(self.value(inner)), Box::new(self.value(inner))),
            37 => Value::Conversion(self.word(), self.list(|r| r.value(inner))),
            38 => {
                let n = Value::Uint(self.below(1 << 16));
                Value::Network(self.word(), Box::new(n), 2)
            }
            39 => Value::Verbose(Box::new(self.value(inner))),
            40 => Value::Labelled(self.word(), Box::new(self.value(inner))),
            41 => Value::Aside(self.word(), Box::new(self.value(inner))),
            42 => Value::Noted(Box::new(self.value(inner)), self.remark()),
            43 => Value::Or(self.list(|r| r.value(inner))),
            44 => Value::All(self.list(|r| r.value(inner))),
            45 => Value::Sum(self.word(), Box::new(self.value(inner))),
            46 => Value::Shifted(Box::new(self.value(inner)), self.word()),
            47 => Value::Not(Box::new(self.value(inner))),
            48 => Value::Held(Box::new(self.value(inner))),
            49 => Value::Decimal(self.number() as i64, &CONSTS),
            50 => Value::Link(self.bytes()),
            51 => Value::Spelled(Box::new(self.value(inner)), Box::new(self.value(inner))),
            _ => Value::Uint(7),
        }
    }

    fn remark(&mut self) -> Remark {
        match self.below(7) {
            0 => Remark::TimeLeft(self.below(1 << 50) as i64 - (1 << 49)),
            1 => Remark::At(self.below(1 << 33) as i64, self.below(1000) as u32, 3),
            2 => Remark::Ticks(self.below(1 << 30)),
            3 => Remark::Entries(self.number()),
            4 => Remark::Vars(self.number()),
            5 => Remark::Interfaces(self.below(1 << 20)),
            _ => Remark::VarsUnterminated(self.number()),
        }
    }

    fn target(&mut self) -> FdTarget {
        match self.below(5) {
            0 => FdTarget::Path(FilePath {
                bytes: self.bytes().into(),
                deleted: self.flag(),
                device: self.some(|r| Device {
                    block: r.flag(),
                    major: r.next() as u32,
                    minor: r.next() as u32,
                }),
            }),
            1 => FdTarget::Socket {
                inode: self.number(),
                endpoints: self.some(|r| {
                    Arc::new(Endpoints {
                        protocol: r.word(),
                        local: r.word().to_owned(),
                        remote: r.some(|r| r.word().to_owned()),
                        path: r.some(|r| r.bytes().into()),
                        peer_path: r.some(|r| r.bytes().into()),
                    })
                }),
            },
            2 => FdTarget::Pipe(self.number()),
            3 => FdTarget::PidFd {
                pid: Pid(self.int()),
                inode: self.some(Self::number),
            },
            _ => FdTarget::Anon(match self.flag() {
                true => "anon_inode:[eventfd]".into(),
                false => self.text(),
            }),
        }
    }

    fn state(&mut self) -> GoState {
        match self.below(8) {
            0 => GoState::Runnable,
            1 => GoState::Running,
            2 => GoState::Syscall,
            3 => GoState::Waiting(self.some(Self::text)),
            4 => GoState::Preempted,
            5 => GoState::CopyingStack,
            6 => GoState::Leaked(self.some(Self::text)),
            _ => GoState::Other(self.next() as u32),
        }
    }

    fn held(&mut self) -> HeldP {
        match self.below(5) {
            0 => HeldP::Held(self.int()),
            1 => HeldP::Kept(self.int()),
            2 => {
                let now = match self.below(5) {
                    0 => PNow::OfM(self.number() as i64),
                    1 => PNow::InCall,
                    2 => PNow::Idle,
                    3 => PNow::Stopped,
                    _ => PNow::Unknown,
                };
                HeldP::Left(self.int(), now)
            }
            3 => HeldP::None,
            _ => HeldP::Unknown(self.word()),
        }
    }

    fn goroutine(&mut self) -> Goroutine {
        Goroutine {
            goid: Goid(self.number()),
            state: self.some(Self::state),
            locked: self.flag(),
            kept_for: self.some(|r| (Goid(r.number()), r.state())),
            in_cgo: self.flag(),
            entry: self.some(Self::text),
            created_by: self.some(Self::text),
            m: self.number() as i64,
            p: self.held(),
        }
    }

    fn stack(&mut self) -> Stack {
        Stack {
            frames: self.list(|r| Frame {
                pc: r.addr(),
                func: r.text(),
                file: r.text(),
                line: r.below(1000) as u32,
                kind: [
                    FrameKind::Go,
                    FrameKind::Inlined,
                    FrameKind::Native,
                    FrameKind::Guessed,
                ][r.below(4) as usize],
            }),
            end: match self.below(3) {
                0 => StackEnd::Root,
                1 => StackEnd::Depth,
                _ => StackEnd::Broken(self.text()),
            },
        }
    }

    fn class(&mut self) -> WaitClass {
        let all: Vec<WaitClass> = gostrace::golang::class::classes().collect();
        all[self.below(all.len() as u64) as usize]
    }

    fn finding_id(&mut self) -> FindingId {
        let all = gostrace::diagnose::catalog::ENTRIES;
        all[self.below(all.len() as u64) as usize].id
    }

    fn counts<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<(T, u64)> {
        self.list(|r| (make(r), r.number()))
    }

    fn evidence(&mut self) -> Evidence {
        match self.below(36) {
            0 => Evidence::BlockingMode {
                fd: self.int(),
                target: self.target(),
                flags: self.next() as u32,
            },
            1 => Evidence::Lasted(self.duration()),
            2 => Evidence::SocketTimeout(self.known(|r| r.some(Self::duration))),
            3 => Evidence::Child {
                pid: Pid(self.int()),
                command: self.some(Self::text),
                state: self.some(|r| ['R', 'D', 'é'][r.below(3) as usize]),
                call: self.some(Self::word),
            },
            4 => Evidence::Connection {
                why: [
                    Silence::PeerSilent,
                    Silence::PeerNotReading,
                    Silence::Connecting,
                ][self.below(3) as usize],
                unread: self.some(|r| r.next() as u32),
                unsent: self.some(|r| r.next() as u32),
                silent_for: self.duration(),
                peer_window: self.some(|r| r.next() as u32),
            },
            5 => Evidence::OpenFiles(self.number()),
            6 => Evidence::Kinds(self.counts(|r| {
                [
                    FdKind::Socket,
                    FdKind::Pipe,
                    FdKind::File,
                    FdKind::Epoll,
                    FdKind::Other,
                ][r.below(5) as usize]
            })),
            7 => Evidence::Openers(self.counts(Self::text)),
            8 => Evidence::Failures {
                call: self.word(),
                fd: self.some(Self::int),
                errno: Errno(self.below(600) as i32),
                count: self.number(),
                succeeded: self.number(),
                over: self.duration(),
            },
            9 => Evidence::Uninterruptible,
            10 => Evidence::KernelStack(self.list(Self::text)),
            11 => Evidence::FileSystem {
                kind: self.text(),
                source: self.text(),
                mounted_at: self.text(),
            },
            12 => Evidence::AlsoWaiting(self.number()),
            13 => Evidence::Holder {
                pid: self.some(|r| Pid(r.int())),
                tid: self.some(|r| Tid(r.int())),
                command: self.some(Self::text),
                call: self.some(Self::word),
                own: self.flag(),
            },
            14 => Evidence::FutexWord {
                value: self.next() as u32,
            },
            15 => Evidence::Throttled {
                periods: self.number(),
                of: self.number(),
                time: self.duration(),
                over: self.duration(),
            },
            16 => Evidence::WaitedForCpu {
                time: self.duration(),
                over: self.duration(),
            },
            17 => Evidence::AcceptQueue {
                target: self.target(),
                waiting: self.next() as u32,
                limit: self.next() as u32,
            },
            18 => Evidence::Overflows(self.number()),
            19 => Evidence::Threads {
                all: self.number(),
                blocked: self.number(),
                calls: self.counts(Self::word),
            },
            20 => Evidence::KeepsThread,
            21 => Evidence::Ring {
                fd: self.int(),
                wanted: self.next() as u32,
                in_flight: self.known(Self::number),
            },
            22 => Evidence::SameWord(self.number()),
            23 => Evidence::RuntimeLock {
                waits: self.number(),
                threads: self.number(),
                total: self.duration(),
                longest: self.duration(),
                over: self.duration(),
            },
            24 => Evidence::Assisting {
                times: self.number(),
                looks: self.number(),
                at_once: self.number(),
            },
            25 => Evidence::Stopping {
                times: self.number(),
                looks: self.number(),
                longest: self.duration(),
            },
            26 => Evidence::RunsOn {
                tid: Tid(self.int()),
                call: self.word(),
            },
            34 => Evidence::LockWaits {
                times: self.number(),
                looks: self.number(),
                at_once: self.number(),
            },
            27 => Evidence::WaitedToRun {
                times: self.number(),
                looks: self.number(),
                at_once: self.number(),
                longest: self.duration(),
            },
            28 => Evidence::CopiesFrom {
                goid: Goid(self.number()),
                pipe: self.number(),
            },
            29 => Evidence::PipeHolder {
                pid: Pid(self.int()),
                command: self.some(Self::text),
                parent: self.some(|r| Pid(r.int())),
            },
            30 => Evidence::HandedOff {
                lost: self.number(),
                of: self.number(),
            },
            31 => Evidence::Refused(self.counts(Self::text)),
            32 => Evidence::GivenUp {
                call: self.word(),
                times: self.number(),
                by: self.list(Self::text),
            },
            33 => Evidence::Starved {
                calls: self.number(),
                time: self.duration(),
                over: self.duration(),
            },
            _ => Evidence::Signals(self.counts(|r| Signal(r.below(70) as i32))),
        }
    }

    fn finding(&mut self) -> Finding {
        Finding {
            id: self.finding_id(),
            pid: Pid(self.int()),
            tid: self.some(|r| Tid(r.int())),
            at: self.time(),
            severity: [Severity::Note, Severity::Warning, Severity::Error][self.below(3) as usize],
            func: self.some(Self::text),
            evidence: self.list(Self::evidence),
            settings: self.list(|r| Setting {
                name: r.word(),
                value: r.known(Self::number),
            }),
            advice: self.word(),
        }
    }

    fn outcome(&mut self) -> Outcome {
        match self.below(6) {
            0 => Outcome::Returned(self.number() as i64),
            1 => Outcome::Failed(Errno(self.below(600) as i32)),
            2 => Outcome::Ended,
            3 => Outcome::Blocked,
            4 => Outcome::Gone,
            _ => Outcome::Detached,
        }
    }

    /// A call.
    pub fn syscall(&mut self) -> SyscallEvent {
        SyscallEvent {
            pid: Pid(self.below(3) as i32),
            tid: Tid(self.below(4) as i32),
            call: RawCall {
                abi: [Abi::X86_64, Abi::I386, Abi::X32, Abi::Aarch64, Abi::Arm]
                    [self.below(5) as usize],
                nr: self.below(500),
                args: std::array::from_fn(|_| self.number()),
            },
            args: self.list(|r| Arg {
                name: r.word(),
                value: r.value(0),
            }),
            start: match self.flag() {
                true => Start::Seen(self.time()),
                false => Start::BeforeAttach(self.time()),
            },
            end: self.time(),
            outcome: self.outcome(),
            seen: match self.flag() {
                true => Seen::Exact,
                false => Seen::Sampled {
                    error: self.duration(),
                },
            },
            names: ObjectNames {
                fds: self.list(|r| (r.int(), r.target())),
                returned: self.some(Self::target),
                processes: self.list(|r| (r.int(), r.bytes().into())),
                interfaces: self.list(|r| (r.next() as u32, r.text())),
            },
            go: GoContext {
                goroutine: self.known(Self::goroutine),
                stack: self.known(Self::stack),
                class: self.known(Self::class),
            },
            extra: Extra {
                pc: self.some(Self::addr),
                raw: self.flag(),
                dumps: self.list(|r| match r.below(3) {
                    0 => Dump::Message(r.below(9) as usize, r.below(9) as usize),
                    1 => Dump::Bytes(r.some(|r| r.below(9) as usize), r.bytes()),
                    _ => Dump::Cut {
                        place: r.some(|r| r.below(9) as usize),
                        at: r.addr(),
                        length: r.number(),
                        bytes: r.bytes(),
                    },
                }),
                system_ns: self.number(),
            },
            wait: self.some(|r| match r.below(5) {
                0 => Wait::Interrupted,
                1 => Wait::WouldBlock,
                2 => Wait::TimedOut,
                3 => Wait::Limited(r.some(Self::duration)),
                _ => Wait::Endless,
            }),
            findings: self.list(|r| match r.flag() {
                true => Shown::First(Box::new(r.finding())),
                false => Shown::Again(r.finding_id()),
            }),
        }
    }

    /// An event of any kind.
    pub fn event(&mut self) -> Event {
        let (pid, tid) = (Pid(self.int()), Tid(self.int()));
        match self.below(13) {
            0 => Event::Begun(Box::new(Begun {
                at: self.time(),
                processes: self.list(|r| Traced {
                    pid: Pid(r.below(3) as i32),
                    command: r.some(Self::text),
                    is_go: r.flag(),
                    go_version: r.known(Self::text),
                    without_goroutines: r.some(Self::text),
                    threads: r.below(1000) as usize,
                    executable: r.some(|r| Executable {
                        path: r.text(),
                        start: Addr(r.next()),
                        end: Addr(r.next()),
                        offset: r.next(),
                        build_id: r.some(Self::text),
                    }),
                }),
                expression: self.text(),
                slow: self.some(Self::duration),
            })),
            1 => Event::Note(Note {
                at: self.time(),
                text: self.text(),
            }),
            2 => Event::Entered(Box::new(self.syscall())),
            3 => Event::Signal(SignalEvent {
                pid,
                tid,
                at: self.time(),
                signal: Signal(self.below(70) as i32),
                info: self.some(|r| SigInfo {
                    errno: r.int(),
                    code: r.below(20) as i32 - 8,
                    words: std::array::from_fn(|_| r.next() as u32),
                }),
                pc: self.some(Self::addr),
            }),
            4 => Event::Exit(ExitEvent {
                pid,
                tid,
                at: self.time(),
                how: match self.below(3) {
                    0 => ExitKind::Status(self.int()),
                    1 => ExitKind::Killed(Signal(self.below(70) as i32), self.flag()),
                    _ => ExitKind::Superseded {
                        by: Tid(self.int()),
                    },
                },
            }),
            5 => Event::Finding(Box::new(self.finding())),
            6 => Event::FoundAgain(Box::new(FoundAgain {
                id: self.finding_id(),
                pid,
                func: self.some(Self::text),
                at: self.time(),
            })),
            7 => Event::Task(TaskEvent {
                pid,
                tid,
                at: self.time(),
                what: match self.below(7) {
                    0 => TaskChange::Started,
                    1 => TaskChange::Attached(self.below(99) as usize),
                    2 => TaskChange::AttachedToo,
                    3 => TaskChange::Detached,
                    4 => TaskChange::Stopped(Signal(self.below(70) as i32)),
                    5 => TaskChange::Called(self.number()),
                    _ => TaskChange::Named(self.bytes().into()),
                },
            }),
            _ => Event::Syscall(Box::new(self.syscall())),
        }
    }

    /// A summary.
    pub fn summary(&mut self) -> Summary {
        let mut summary = Summary {
            shown: self.number(),
            slow: self.flag(),
            hidden: self.counts(Self::text),
            findings: self.counts(|r| gostrace::diagnose::Place {
                id: r.finding_id(),
                pid: Pid(r.int()),
                func: r.some(Self::text),
            }),
            lost: self.number(),
            sampled: self.some(|r| gostrace::sample::Stats {
                looks: r.number(),
                thread_looks: r.number(),
                cpu_ns: r.number(),
                span_ns: r.number(),
                same_spot: r.number(),
                failed: r.number(),
                longest_gap_ns: r.number(),
                wanted_ns: r.number(),
                late: r.number(),
            }),
            exact: self.some(|r| gostrace::overhead::Totals {
                exact_ns: r.number(),
                free_ns: r.number(),
                cost_ns: r.number(),
            }),
            ..Summary::default()
        };
        let class = self.class().id;
        summary.hide_parked(class);
        summary
    }
}
