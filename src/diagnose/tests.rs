use super::*;
use crate::arch::Abi;
use crate::event::{
    Extra, FrameKind, GoContext, Known, ObjectNames, Outcome, RawCall, Seen, Stack, StackEnd,
    Start, SyscallEvent, Timestamp, Wait, WaitClass,
};
use crate::fd::FdTarget;
use crate::finding::{Evidence, FdKind};
use crate::ids::{Addr, Errno, Pid, Tid};
use crate::sink::context::tests::frame;
use std::cell::Cell;
use std::sync::Arc;

/// Facts that a test makes up; what it does not, is not known.
#[derive(Default)]
struct MadeUp {
    flags: Option<u32>,
    waits: bool,
    target: Option<FdTarget>,
    socket: Option<SocketFacts>,
    gone: bool,
    state: char,
    stack: Vec<&'static str>,
    mount: Option<&'static str>,
    words: Option<[u32; 4]>,
    owner_lives: bool,
    waited_ns: Cell<u64>,
    throttling: Cell<Option<Throttling>>,
    open: Option<u64>,
    limit: Option<u64>,
    in_flight: Option<u64>,
    looks: Cell<Looks>,
}

impl Facts for MadeUp {
    fn descriptor(&self, _: Tid, _: i32) -> Option<Descriptor> {
        Some(Descriptor {
            target: self.target.clone()?,
            flags: self.flags?,
            waits: self.waits,
        })
    }
    fn socket(&self, _: Pid, _: i32) -> Known<SocketFacts> {
        self.socket
            .map_or(Known::Unknown("not permitted".into()), Known::Is)
    }
    fn task(&self, _: Tid) -> Option<Task> {
        Some(Task {
            state: self.state,
            command: None,
            call: None,
        })
    }
    fn still_in(&self, _: &SyscallEvent) -> bool {
        !self.gone
    }
    fn kernel_stack(&self, _: Tid) -> Vec<Arc<str>> {
        self.stack.iter().map(|f| (*f).into()).collect()
    }
    fn waiting_in(&self, _: Pid, _: Tid, _: &str) -> u64 {
        0
    }
    fn mount(&self, _: Tid, _: Option<i32>, _: &[u8]) -> Option<Mount> {
        self.mount.map(|kind| Mount {
            kind: kind.into(),
            source: "server:/x".into(),
            at: "/mnt".into(),
        })
    }
    fn file_lock(&self, _: Pid, _: Tid, _: i32) -> Option<FileLock> {
        None
    }
    fn words(&self, _: Tid, _: Addr) -> Option<[u32; 4]> {
        self.words
    }
    fn waiting_on(&self, _: Pid, _: Tid, _: Addr) -> u64 {
        0
    }
    fn in_flight(&self, _: Tid, _: i32) -> Known<u64> {
        self.in_flight.map_or(Known::NotAsked, Known::Is)
    }
    fn has_thread(&self, _: Pid, _: Tid) -> bool {
        self.owner_lives
    }
    fn cpu_share(&self, _: Tid) -> Option<CpuShare> {
        Some(CpuShare {
            ran_ns: 0,
            waited_ns: self.waited_ns.get(),
        })
    }
    fn throttling(&self, _: Pid) -> Option<Throttling> {
        self.throttling.get()
    }
    fn open_files(&self, _: Pid) -> Option<u64> {
        self.open
    }
    fn fd_kinds(&self, _: Pid) -> Vec<(FdKind, u64)> {
        Vec::new()
    }
    fn nofile(&self, _: Pid) -> Known<u64> {
        self.limit.map_or(Known::NotAsked, Known::Is)
    }
    fn sysctl(&self, _: &str) -> Known<u64> {
        Known::NotAsked
    }
    fn gomaxprocs(&self, _: Pid) -> Known<u64> {
        Known::NotAsked
    }
    fn variable(&self, _: Pid, _: &str) -> Known<u64> {
        Known::NotAsked
    }
    fn looks(&self, _: Pid) -> Looks {
        self.looks.take()
    }
    fn threads(&self, _: Pid) -> u64 {
        1
    }
    fn full_listeners(&self, _: Pid) -> Vec<Listener> {
        Vec::new()
    }
    fn somaxconn(&self, _: Pid) -> Known<u64> {
        Known::NotAsked
    }
    fn overflows(&self, _: Pid) -> Option<u64> {
        None
    }
}

fn at_ms(ms: u64) -> Timestamp {
    Timestamp {
        mono_ns: ms * 1_000_000,
        wall_ns: ms * 1_000_000,
    }
}

const READ: u64 = 0;
const EPOLL_WAIT: u64 = 232;
const OPENAT: u64 = 257;
const FUTEX: u64 = 202;
const EPOLL_PWAIT: u64 = 281;
const PIPE: FdTarget = FdTarget::Pipe(7);

fn raw(nr: u64, args: [u64; 6]) -> RawCall {
    let abi = Abi::X86_64;
    RawCall { abi, nr, args }
}

fn read() -> RawCall {
    raw(READ, [5, 0, 0, 0, 0, 0])
}

/// A call of Go code on fd 5, a pipe, that began at 0 and is blocked, or has ended, at `ms`.
fn call(nr: u64, ms: u64, outcome: Outcome) -> SyscallEvent {
    SyscallEvent {
        pid: Pid(1),
        tid: Tid(2),
        call: raw(nr, [5, 0, 0, 0, 0, 0]),
        args: Vec::new(),
        start: Start::Seen(at_ms(0)),
        end: at_ms(ms),
        outcome,
        seen: Seen::Exact,
        names: ObjectNames {
            fds: vec![(5, PIPE)],
            ..ObjectNames::default()
        },
        go: GoContext {
            class: Known::Is(WaitClass {
                id: "user",
                parked: false,
                explanation: "",
            }),
            ..GoContext::default()
        },
        extra: Extra::default(),
        wait: None,
        findings: Vec::new(),
    }
}

fn diagnosis() -> Diagnosis {
    Diagnosis::new(Choice::default(), Some(Duration::from_millis(10)))
}

fn judged(event: SyscallEvent, facts: &MadeUp) -> Vec<FindingId> {
    judged_by(&mut diagnosis(), event, facts)
}

fn judged_by(d: &mut Diagnosis, mut event: SyscallEvent, facts: &MadeUp) -> Vec<FindingId> {
    d.call(&mut event, facts);
    event.findings.iter().map(Shown::id).collect()
}

fn blocking() -> MadeUp {
    MadeUp {
        flags: Some(0o2),
        waits: true,
        target: Some(PIPE),
        state: 'S',
        ..MadeUp::default()
    }
}

#[test]
fn a_descriptor_is_blamed_only_for_what_it_is_and_still_is() {
    let slow = || call(READ, 50, Outcome::Returned(1));
    assert_eq!(judged(slow(), &blocking()), [FindingId::BlockingFd]);
    let quick = call(READ, 5, Outcome::Returned(1));
    assert_eq!(judged(quick, &blocking()), []);
    let non_blocking = MadeUp {
        flags: Some(0o4002),
        ..blocking()
    };
    assert_eq!(judged(slow(), &non_blocking), []);
    let reused = MadeUp {
        target: Some(FdTarget::Pipe(8)),
        ..blocking()
    };
    assert_eq!(judged(slow(), &reused), [], "another file by now");
    let unknown = MadeUp {
        flags: None,
        ..blocking()
    };
    assert_eq!(judged(slow(), &unknown), []);
    let mut by_runtime = slow();
    by_runtime.go.class = Known::Unknown("no stack".into());
    assert_eq!(
        judged(by_runtime, &blocking()),
        [],
        "whose call it is, is not known"
    );
}

#[test]
fn a_file_system_is_blamed_for_state_d_or_a_server_and_not_for_a_fifo() {
    let open = |ms| call(OPENAT, ms, Outcome::Blocked);
    let waits = |state, stack: &[&'static str], mount| MadeUp {
        state,
        stack: stack.to_vec(),
        mount: Some(mount),
        ..MadeUp::default()
    };
    let frozen = waits('D', &["percpu_rwsem_wait"], "ext4");
    let mut event = open(200);
    event.args = vec![
        crate::value::Arg {
            name: "dirfd",
            value: crate::value::Value::DirFd(-100),
        },
        crate::value::Arg {
            name: "pathname",
            value: crate::value::Value::bytes(*b"/mnt/x"),
        },
    ];
    assert_eq!(judged(event.clone(), &frozen), [FindingId::FsStall]);
    let nfs = waits('S', &["rpc_wait_bit_killable"], "nfs4");
    assert_eq!(judged(event.clone(), &nfs), [FindingId::FsStall]);
    assert_eq!(judged(event.clone(), &waits('S', &["x"], "ext4")), []);
    let fifo = waits('S', &["wait_for_partner", "fifo_open"], "nfs4");
    assert_eq!(judged(event.clone(), &fifo), []);
    let moved_on = MadeUp {
        gone: true,
        ..frozen
    };
    assert_eq!(judged(event.clone(), &moved_on), [], "it has left the call");
    event.end = at_ms(50);
    assert_eq!(
        judged(event, &waits('D', &[], "ext4")),
        [],
        "not for long enough"
    );
}

#[test]
fn a_mutex_has_a_live_owner_who_is_another() {
    let wait = |val: u64| {
        let mut event = call(FUTEX, 50, Outcome::Blocked);
        event.call.args = [0x1000, 128, val, 0, 0, 0];
        event
    };
    let mutex = |words, owner_lives| MadeUp {
        words: Some(words),
        owner_lives,
        state: 'S',
        ..MadeUp::default()
    };
    let contended = [2, 1, 77, 1];
    assert_eq!(
        judged(wait(2), &mutex(contended, true)),
        [FindingId::FutexContention]
    );
    assert_eq!(
        judged(wait(2), &mutex(contended, false)),
        [],
        "no such thread"
    );
    assert_eq!(judged(wait(2), &mutex([2, 1, 2, 1], true)), [], "itself");
    assert_eq!(
        judged(wait(0), &mutex(contended, true)),
        [],
        "no lock's value"
    );
    assert_eq!(
        judged(wait(2), &mutex([1, 1, 77, 1], true)),
        [],
        "released by now"
    );
}

#[test]
fn a_thread_that_waited_for_a_cpu_is_told_in_place_of_its_call() {
    let mut d = diagnosis();
    let facts = blocking();
    let blocked = || call(READ, 10, Outcome::Blocked);
    assert_eq!(
        judged_by(&mut d, blocked(), &facts),
        [FindingId::BlockingFd]
    );
    facts.waited_ns.set(80_000_000);
    let ended = |at| {
        let mut event = call(READ, 110, Outcome::Returned(1));
        (event.start, event.end) = (Start::Seen(at_ms(at)), at_ms(at + 110));
        event
    };
    // Once may be chance, but the call is not to blame either.
    assert_eq!(judged_by(&mut d, ended(0), &facts), []);
    let mut again = |at| {
        let mut blocked = blocked();
        (blocked.start, blocked.end) = (Start::Seen(at_ms(at)), at_ms(at + 10));
        judged_by(&mut d, blocked, &facts);
        facts.waited_ns.set(facts.waited_ns.get() + 80_000_000);
        judged_by(&mut d, ended(at), &facts)
    };
    assert_eq!(again(200), []);
    assert_eq!(again(400), [FindingId::CpuThrottled], "240 ms in 2 s");
    assert_eq!(again(5_000), [], "long ago");
    // Half of the time is not most of it.
    let mut d = diagnosis();
    judged_by(&mut d, blocked(), &facts);
    facts.waited_ns.set(facts.waited_ns.get() + 50_000_000);
    assert_eq!(judged_by(&mut d, ended(0), &facts), [FindingId::BlockingFd]);
}

#[test]
fn a_cgroup_is_throttled_when_it_costs_a_tenth_of_the_time() {
    let after = |throttled: u64, ms: u64| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        let at = |periods, throttled, ms: u64| Throttling {
            periods,
            throttled,
            throttled_ns: ms * 1_000_000,
            quota_us: Some(20_000),
            period_us: Some(100_000),
        };
        facts.throttling.set(Some(at(100, 50, 9_000)));
        d.begin(Pid(1), at_ms(0), &facts);
        facts
            .throttling
            .set(Some(at(110, 50 + throttled, 9_000 + ms)));
        let found = d.tick(at_ms(1_000), &facts);
        new(found).map(|f| f.evidence).collect::<Vec<_>>()
    };
    let expected = Evidence::Throttled {
        periods: 9,
        of: 10,
        time: Duration::from_millis(700),
        over: Duration::from_secs(1),
    };
    assert_eq!(after(9, 700), [[expected]]);
    assert!(after(9, 90).is_empty(), "not for long");
    assert!(after(2, 500).is_empty(), "not often");
}

#[test]
fn a_ring_is_blamed_for_a_wait_and_not_for_a_submission() {
    const IO_URING_ENTER: u64 = 426;
    let ring = FdTarget::Anon("anon_inode:[io_uring]".into());
    let facts = MadeUp {
        in_flight: Some(1),
        ..MadeUp::default()
    };
    let enter = |wanted: u64, flags: u64, target: &FdTarget| {
        let mut event = call(IO_URING_ENTER, 50, Outcome::Blocked);
        event.call.args = [5, 1, wanted, flags, 0, 0];
        event.names.fds = vec![(5, target.clone())];
        event
    };
    assert_eq!(judged(enter(1, 1, &ring), &facts), [FindingId::IoUring]);
    assert_eq!(judged(enter(0, 1, &ring), &facts), [], "asks for none");
    assert_eq!(judged(enter(1, 0, &ring), &facts), [], "submits");
    assert_eq!(judged(enter(1, 17, &ring), &facts), [], "not a descriptor");
    assert_eq!(judged(enter(1, 1, &PIPE), &facts), [], "not a ring");
    let mut of_c = enter(1, 1, &ring);
    of_c.go.class = Known::Is(WaitClass {
        id: "native",
        parked: false,
        explanation: "",
    });
    assert_eq!(judged(of_c, &facts), [], "a loop of C's own");
}

#[test]
fn locks_of_the_runtime_are_contended_when_several_threads_wait_for_long() {
    let found = |waits: &[(i32, u64)], class: &'static str| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        for (n, (tid, ms)) in waits.iter().enumerate() {
            let mut event = call(FUTEX, *ms + n as u64, Outcome::Returned(0));
            event.tid = Tid(*tid);
            event.start = Start::Seen(at_ms(n as u64));
            event.go.class = Known::Is(WaitClass {
                id: class,
                parked: false,
                explanation: "",
            });
            d.call(&mut event, &facts);
            assert_eq!(event.findings, [], "one wait says nothing");
        }
        d.tick(at_ms(1_000), &facts).len()
    };
    let contended = [(2, 100), (3, 100), (2, 100), (3, 100), (4, 100)];
    assert_eq!(found(&contended, "runtime-lock"), 1);
    assert_eq!(found(&contended, "runtime"), 0, "another kind of wait");
    assert_eq!(found(&contended[..4], "runtime-lock"), 0, "too few");
    assert_eq!(found(&contended.map(|(_, ms)| (2, ms)), "runtime-lock"), 0);
    assert_eq!(found(&contended.map(|(t, _)| (t, 20)), "runtime-lock"), 0);
}

#[test]
fn looks_at_goroutines_are_judged_by_their_share() {
    let found = |of: usize, times: usize, look: Look| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        let looks = (0..of).map(|n| if n < times { look } else { Look::default() });
        facts.looks.set(Looks {
            list: looks.collect(),
            ..Looks::default()
        });
        let found = d.tick(at_ms(1_000), &facts);
        new(found).map(|f| f.id).collect::<Vec<_>>()
    };
    let assisting = Look {
        assisting: 2,
        ..Look::default()
    };
    assert_eq!(found(20, 6, assisting), [FindingId::GcAssist]);
    assert_eq!(found(20, 5, assisting), [], "not often");
    assert_eq!(found(19, 19, assisting), [], "not for long enough to tell");
    let stopping = Look {
        stopping: Some(Duration::ZERO),
        ..Look::default()
    };
    assert_eq!(found(30, 3, stopping), [FindingId::StopTheWorld]);
    assert_eq!(found(20, 2, stopping), []);
}

#[test]
fn a_lock_is_contended_when_many_looks_find_goroutines_waiting_in_one_function() {
    let found = |times: usize, lockers: &[&str]| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        let looks = (0..20).map(|n| Look {
            locking: u64::from(n < times),
            ..Look::default()
        });
        facts.looks.set(Looks {
            list: looks.collect(),
            lockers: lockers.iter().map(|func| Arc::from(*func)).collect(),
            ..Looks::default()
        });
        let found = d.tick(at_ms(1_000), &facts);
        let found = new(found).map(|f| (f.id, f.func.as_deref().map(str::to_owned)));
        found.collect::<Vec<_>>()
    };
    let get = Some("main.(*cache).get".to_owned());
    let seen = ["main.(*cache).get", "main.other", "main.(*cache).get"];
    assert_eq!(found(6, &seen), [(FindingId::LockContention, get)]);
    assert_eq!(found(5, &seen), [], "not often");
    assert_eq!(found(20, &["main.a", "main.b", "main.c"]), [], "many locks");
    assert_eq!(found(20, &[]), [], "nobody knows where");
}

#[test]
fn a_held_pipe_is_told_when_it_has_been_held_for_long() {
    let found = |ms, holders: &[i32]| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        let holders = holders.iter().map(|pid| PipeHolder {
            pid: Pid(*pid),
            command: None,
            parent: Some(Pid(1)),
        });
        facts.looks.set(Looks {
            pipes: vec![HeldPipe {
                goid: crate::ids::Goid(7),
                func: None,
                pipe: 9,
                holders: holders.collect(),
                held_for: Duration::from_millis(ms),
            }],
            ..Looks::default()
        });
        d.tick(at_ms(1_000), &facts).len()
    };
    assert_eq!(found(1000, &[5]), 1);
    assert_eq!(found(900, &[5]), 0);
    assert_eq!(found(1000, &[]), 0, "nobody is seen to hold it");
}

#[test]
fn descriptors_are_nearly_used_up_at_nine_tenths() {
    let found = |open, limit| {
        let facts = MadeUp {
            open: Some(open),
            limit,
            ..MadeUp::default()
        };
        let mut d = diagnosis();
        d.begin(Pid(1), at_ms(0), &facts);
        d.tick(at_ms(1_000), &facts).len()
    };
    assert_eq!(found(90, Some(100)), 1);
    assert_eq!(found(89, Some(100)), 0);
    assert_eq!(found(90, None), 0, "the limit is not known");
    assert_eq!(found(90, Some(0)), 0, "none are wanted");
}

#[test]
fn failures_are_judged_by_their_rate_and_their_share() {
    let found = |errno: i32, failed: u32, succeeded: u32| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        let mut tally = Tally::default();
        for _ in 0..failed {
            tally.ended(Pid(1), &read(), Outcome::Failed(Errno(errno)));
        }
        for _ in 0..succeeded {
            tally.ended(Pid(1), &read(), Outcome::Returned(1));
        }
        d.tally(&tally);
        let found = d.tick(at_ms(1_000), &facts);
        new(found).map(|f| f.id).collect::<Vec<_>>()
    };
    assert_eq!(found(11, 600, 5), [FindingId::EagainSpin]);
    assert_eq!(found(11, 600, 7), []);
    assert_eq!(found(11, 400, 0), []);
    assert_eq!(found(4, 60, 60), [FindingId::SignalInterruption]);
    assert_eq!(found(4, 40, 0), []);
    assert_eq!(found(512, 1000, 0), [], "a call that the kernel restarts");
    assert_eq!(found(24, 1, 1000), [FindingId::FdExhaustion]);
    assert_eq!(found(2, 1000, 0), []);
}

#[test]
fn interruptions_of_the_runtimes_poller_tell_nothing() {
    let found = |nr, events, mask| {
        let mut d = diagnosis();
        let facts = MadeUp::default();
        d.begin(Pid(1), at_ms(0), &facts);
        let mut tally = Tally::default();
        for _ in 0..60 {
            let call = raw(nr, [5, 0x1000, events, u64::MAX, mask, 8]);
            tally.ended(Pid(1), &call, Outcome::Failed(Errno(4)));
        }
        d.tally(&tally);
        !d.tick(at_ms(1_000), &facts).is_empty()
    };
    assert!(!found(EPOLL_PWAIT, 128, 0));
    assert!(found(EPOLL_PWAIT, 128, 0x2000));
    assert!(found(EPOLL_PWAIT, 64, 0));
    // It has no mask: what is in that register is nothing to it.
    assert!(!found(EPOLL_WAIT, 128, 0x2000));
}

#[test]
fn a_call_counts_once_however_often_it_is_reported() {
    let mut d = diagnosis();
    let facts = blocking();
    for ms in [10, 20, 40] {
        judged_by(&mut d, call(READ, ms, Outcome::Blocked), &facts);
    }
    let mut ended = call(READ, 50, Outcome::Returned(1));
    d.call(&mut ended, &facts);
    assert_eq!(ended.findings, [Shown::Again(FindingId::BlockingFd)]);
    assert_eq!(d.seen().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1]);
    let mut other = call(READ, 100, Outcome::Returned(1));
    other.start = Start::Seen(at_ms(60));
    judged_by(&mut d, other, &facts);
    assert_eq!(d.seen().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_call_is_interrupted_timed_out_limited_or_without_end() {
    let wait = |nr, args: [u64; 6], outcome| {
        let mut event = call(nr, 50, outcome);
        event.call.args = args;
        wait_of(&event)
    };
    let poll = |ms: i32, outcome| wait(EPOLL_PWAIT, [5, 0, 8, ms as u64, 0, 0], outcome);
    let five = Some(Duration::from_secs(5));
    assert_eq!(poll(5000, Outcome::Returned(0)), Some(Wait::TimedOut));
    assert_eq!(poll(5000, Outcome::Returned(1)), Some(Wait::Limited(five)));
    assert_eq!(poll(-1, Outcome::Blocked), Some(Wait::Endless));
    assert_eq!(poll(-1, Outcome::Failed(Errno(4))), Some(Wait::Interrupted));
    let futex = |timeout, outcome| wait(FUTEX, [0, 128, 0, timeout, 0, 0], outcome);
    assert_eq!(futex(0, Outcome::Blocked), Some(Wait::Endless));
    assert_eq!(futex(8, Outcome::Blocked), Some(Wait::Limited(None)));
    assert_eq!(futex(8, Outcome::Failed(Errno(110))), Some(Wait::TimedOut));
    assert_eq!(futex(8, Outcome::Failed(Errno(11))), Some(Wait::WouldBlock));
    let wake = wait(FUTEX, [0, 129, 1, 0, 0, 0], Outcome::Returned(1));
    assert_eq!(wake, None, "it wakes, and does not wait");
    const EXIT_GROUP: u64 = 231;
    assert_eq!(wait(EXIT_GROUP, [0; 6], Outcome::Blocked), None, "it ends");
    let read = |outcome| wait(READ, [0; 6], outcome);
    assert_eq!(read(Outcome::Failed(Errno(512))), Some(Wait::Interrupted));
    assert_eq!(read(Outcome::Failed(Errno(11))), Some(Wait::WouldBlock));
    assert_eq!(read(Outcome::Detached), Some(Wait::Endless));
}

/// Those that are told in full.
fn new(found: Vec<Event>) -> impl Iterator<Item = Finding> {
    found.into_iter().filter_map(|event| match event {
        Event::Finding(finding) => Some(*finding),
        _ => None,
    })
}

#[test]
fn what_is_found_again_is_told_each_time_that_it_counts() {
    let mut d = diagnosis();
    let facts = MadeUp::default();
    d.begin(Pid(1), at_ms(0), &facts);
    for second in 1..=3 {
        let mut tally = Tally::default();
        for _ in 0..600 {
            tally.ended(Pid(1), &read(), Outcome::Failed(Errno(11)));
        }
        d.tally(&tally);
        let found = d.tick(at_ms(second * 1_000), &facts);
        let id = match &found[..] {
            [Event::Finding(f)] if second == 1 => f.id,
            [Event::FoundAgain(f)] if second > 1 => f.id,
            other => panic!("{second}: {other:?}"),
        };
        assert_eq!(id, FindingId::EagainSpin);
        assert_eq!(d.seen()[0].1, second);
    }
}

#[test]
fn beyond_the_limit_functions_of_a_process_share_a_place_and_still_count() {
    let mut d = diagnosis();
    let facts = blocking();
    let more = 7;
    for n in 0..MAX_FINDINGS + more {
        let mut event = call(READ, 100, Outcome::Returned(1));
        event.start = Start::Seen(at_ms(n as u64));
        event.end = at_ms(n as u64 + 100);
        let func = format!("main.f{n}");
        event.go.stack = Known::Is(Stack {
            frames: vec![frame(&func, "main.go", 1, FrameKind::Go)],
            end: StackEnd::Root,
        });
        d.call(&mut event, &facts);
        let first = matches!(event.findings[..], [Shown::First(_)]);
        assert_eq!(first, n < MAX_FINDINGS, "{n}: {:?}", event.findings);
    }
    assert_eq!(d.seen().len(), MAX_FINDINGS + 1);
    let (place, count) = d.seen().last().unwrap();
    assert_eq!((&place.func, *count), (&None, more as u64));
}
