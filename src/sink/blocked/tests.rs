use super::*;
use crate::event::{Begun, GoContext, RawCall, Stack, Traced};
use crate::ids::Tid;
use crate::sink::Summary;
use crate::sink::context::tests::{frame, user_context};

const ERESTARTSYS: crate::ids::Errno = crate::ids::Errno(512);

pub fn at(ns: u64) -> Timestamp {
    Timestamp {
        mono_ns: ns,
        wall_ns: 1_700_000_000_000_000_000 + ns,
    }
}

pub fn begun() -> Event {
    Event::Begun(Box::new(Begun {
        at: at(1_000_000),
        processes: vec![Traced {
            pid: Pid(100),
            command: Some("/srv/bin/demo --listen :80".into()),
            is_go: true,
            go_version: Known::Is("go1.27.3".into()),
            without_goroutines: None,
            threads: 3,
            executable: None,
        }],
        expression: "futex,read".into(),
        slow: Some(Duration::from_millis(10)),
    }))
}

/// A read of thread `tid` from `start` to `end`.
pub fn call(tid: i32, start: u64, end: u64, outcome: Outcome) -> SyscallEvent {
    SyscallEvent {
        pid: Pid(100),
        tid: Tid(tid),
        call: RawCall {
            abi: crate::arch::Abi::X86_64,
            nr: 0,
            args: [3, 0, 0, 0, 0, 0],
        },
        args: Vec::new(),
        start: Start::Seen(at(start)),
        end: at(end),
        outcome,
        seen: Seen::Exact,
        names: Default::default(),
        go: user_context(),
        extra: Default::default(),
        wait: None,
        findings: Vec::new(),
    }
}

/// The same with this class and this stack, innermost first.
pub fn in_stack(mut e: SyscallEvent, class: &str, funcs: &[&str]) -> SyscallEvent {
    let class = crate::golang::class::classes()
        .find(|c| c.id == class)
        .unwrap();
    e.go.class = Known::Is(class);
    e.go.stack = Known::Is(Stack {
        frames: funcs
            .iter()
            .map(|f| frame(f, "/src/a.go", 1, FrameKind::Go))
            .collect(),
        end: StackEnd::Root,
    });
    e
}

pub fn told(events: impl IntoIterator<Item = SyscallEvent>) -> Blocked {
    let mut blocked = Blocked::new(Detail::Functions, false);
    blocked.event(&begun());
    for event in events {
        blocked.event(&Event::Syscall(Box::new(event)));
    }
    blocked
}

fn sum(blocked: &mut Blocked) -> Vec<(u64, u64)> {
    let (facts, stacks) = blocked.finish();
    let sum: Vec<_> = stacks
        .entries
        .iter()
        .map(|(_, w)| (w.calls, w.ns))
        .collect();
    let calls = sum.iter().map(|s| s.0).sum::<u64>();
    let ns = sum.iter().map(|s| s.1).sum::<u64>();
    assert_eq!((calls, ns), (facts.all.calls, facts.all.ns));
    sum
}

#[test]
fn a_call_told_several_times_counts_once_with_what_was_said_last() {
    let mut blocked = told([
        call(1, 10, 20, Outcome::Blocked),
        call(1, 10, 30, Outcome::Blocked),
        call(1, 10, 45, Outcome::Returned(0)),
        call(1, 50, 60, Outcome::Returned(0)),
        // Interrupted by a signal, and restarted; it lasts from its first beginning.
        call(1, 70, 71, Outcome::Failed(ERESTARTSYS)),
        call(1, 70, 75, Outcome::Returned(0)),
        call(1, 80, 82, Outcome::Failed(ERESTARTSYS)),
    ]);
    assert_eq!(sum(&mut blocked), [(4, 35 + 10 + 5 + 2)]);
    assert_eq!(blocked.facts.still, 0);
}

#[test]
fn a_call_that_has_not_ended_counts_with_its_time_so_far() {
    let mut blocked = told([
        call(1, 10, 20, Outcome::Blocked),
        call(2, 10, 25, Outcome::Blocked),
        call(1, 10, 30, Outcome::Blocked),
        // The end of thread 2's first call was never told.
        call(2, 100, 101, Outcome::Blocked),
    ]);
    assert_eq!(sum(&mut blocked), [(3, 20 + 15 + 1)]);
    let text = blocked.facts.subtitle(&Summary::default());
    assert!(
        text.contains("; 3 still blocked, with the time so far"),
        "{text}"
    );
}

#[test]
fn parked_calls_are_left_out_and_counted() {
    let events = || {
        [
            in_stack(
                call(1, 0, 7, Outcome::Blocked),
                "idle-m",
                &["runtime.stopm"],
            ),
            in_stack(
                call(1, 0, 9, Outcome::Returned(0)),
                "idle-m",
                &["runtime.stopm"],
            ),
            call(2, 0, 5, Outcome::Returned(0)),
        ]
    };
    let mut blocked = told(events());
    assert_eq!(sum(&mut blocked), [(1, 5)]);
    let mut summary = Summary::default();
    let text = blocked.facts.subtitle(&summary);
    assert!(
        text.ends_with("; left out: 1 parked call (9ns in all)"),
        "{text}"
    );
    summary.hide_parked("sysmon");
    let text = blocked.facts.subtitle(&summary);
    assert!(text.ends_with("; left out: 2 parked calls"), "{text}");

    let mut all = Blocked::new(Detail::Functions, true);
    for event in events() {
        all.event(&Event::Syscall(Box::new(event)));
    }
    assert_eq!(sum(&mut all).iter().map(|s| s.1).sum::<u64>(), 14);
    assert!(!all.facts.subtitle(&Summary::default()).contains("left out"));
}

#[test]
fn past_the_limit_further_stacks_are_one_that_is_counted() {
    let mut blocked = told([]);
    blocked.limit = 3;
    for (i, func) in ["a", "b", "c", "d", "e", "a", "d"].iter().enumerate() {
        let e = in_stack(
            call(1, 10 * i as u64, 10 * i as u64 + 1, Outcome::Returned(0)),
            "user",
            &[func],
        );
        blocked.event(&Event::Syscall(Box::new(e)));
    }
    assert_eq!(sum(&mut blocked).iter().map(|s| s.0).sum::<u64>(), 7);
    assert_eq!(blocked.weights.len(), 4);
    assert_eq!(blocked.facts.further, 3);
    let text = blocked.facts.subtitle(&Summary::default());
    assert!(text.contains("3 under \"further stacks\""), "{text}");
}

#[test]
fn past_the_limit_goroutines_are_told_apart_no_more_before_stacks_are() {
    let mut blocked = Blocked::new(Detail::Lines, false);
    blocked.limit = 2;
    for goid in 1..=10 {
        let mut e = call(1, 10 * goid, 10 * goid + 1, Outcome::Returned(0));
        if let Known::Is(g) = &mut e.go.goroutine {
            g.goid = Goid(goid);
        }
        blocked.event(&Event::Syscall(Box::new(e)));
    }
    assert_eq!(sum(&mut blocked), [(8, 8), (1, 1), (1, 1)]);
    assert_eq!((blocked.facts.unlabelled, blocked.facts.further), (8, 0));
}

#[test]
fn a_stack_of_which_nothing_is_known_says_why() {
    let mut blocked = told([SyscallEvent {
        go: GoContext {
            stack: Known::Unknown("the thread was gone".into()),
            ..GoContext::default()
        },
        ..call(1, 0, 5, Outcome::Gone)
    }]);
    let (_, stacks) = blocked.finish();
    let (key, _) = stacks.entries[0];
    assert_eq!(
        stacks.atom(key.stack[0]),
        Some(&Atom::Gap("(stack unknown: the thread was gone)".into()))
    );
}

#[test]
fn title_and_subtitle_say_what_was_measured_and_how() {
    let mut blocked = told([
        call(1, 0, 12_000_000, Outcome::Returned(0)),
        SyscallEvent {
            seen: Seen::Sampled {
                error: Duration::from_micros(1250),
            },
            start: Start::BeforeAttach(at(0)),
            ..call(2, 0, 500_000_000, Outcome::Ended)
        },
    ]);
    blocked.tick(at(30_001_000_000));
    let (facts, _) = blocked.finish();
    let summary = Summary {
        lost: 2,
        hidden: vec![("why".into(), 37), ("none".into(), 0)],
        ..Summary::default()
    };
    assert_eq!(facts.title(), "Time blocked in system calls: demo");
    assert_eq!(
        facts.subtitle(&summary),
        "512ms in 2 calls over 30s; futex,read of at least 10ms; 1 call exact, 1 call sampled to \
         within 1.25ms each; 1 begun before the trace, with the time since; left out: parked calls \
         (none seen), 37 calls (why); 2 events LOST"
    );
    assert_eq!(facts.duration(), Duration::from_secs(30));
    let comments = facts.comments(&summary);
    assert!(
        comments
            .iter()
            .any(|c| c == "2 events LOST: the profile is incomplete")
    );
}
