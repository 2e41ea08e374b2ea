use super::*;
use crate::arch::Abi;
use crate::event::{Extra, GoContext, Known, ObjectNames, RawCall, Seen, Start, WaitClass};
use crate::finding::{FoundAgain, Shown};
use crate::ids::{Errno, Tid};

const MS: u64 = 1_000_000;

/// Every process lives but those from 900 to 999; every thread sleeps.
struct Asleep;

impl Lookup for Asleep {
    fn comm(&mut self, pid: Pid) -> Option<String> {
        (!(900..1000).contains(&pid.0)).then(|| "a \"b\"\n\\c".to_owned())
    }
    fn state(&mut self, _: &SyscallEvent) -> State {
        State::Interruptible
    }
}

fn call(pid: i32, ns: u64, outcome: Outcome, class: &'static str, parked: bool) -> SyscallEvent {
    let at = |mono_ns| Timestamp {
        mono_ns,
        wall_ns: 0,
    };
    SyscallEvent {
        pid: Pid(pid),
        tid: Tid(pid),
        call: RawCall {
            abi: Abi::X86_64,
            nr: 0,
            args: [0; 6],
        },
        args: Vec::new(),
        start: Start::Seen(at(1_000 * MS)),
        end: at(1_000 * MS + ns),
        outcome,
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext {
            class: Known::Is(WaitClass {
                id: class,
                parked,
                explanation: "",
            }),
            ..GoContext::default()
        },
        extra: Extra::default(),
        wait: None,
        findings: vec![Shown::Again(FindingId::NoDeadline)],
    }
}

fn text(meters: &Meters) -> String {
    let machine = Machine {
        now_ns: 3_000 * MS,
        fds: vec![FdUse {
            pid: Pid(7),
            comm: "srv".into(),
            open: Some(12),
            limit: None,
        }],
        cpu_ns: 1_500 * MS,
        resident_bytes: 4096,
        lost: 3,
    };
    expose(meters.clone(), machine, Exposition::Prometheus)
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|l| l == line), "no {line} in {text}");
}

#[test]
fn a_call_counts_as_long_as_it_has_lasted_once_and_with_its_state() {
    let mut meters = Meters::default();
    let mut tell = |ns, outcome| meters.call(&call(7, ns, outcome, "user", false), &mut Asleep);
    tell(10 * MS, Outcome::Blocked);
    tell(20 * MS, Outcome::Blocked);
    let early = text(&meters);
    let comm = r#"comm="a \"b\"\n\\c""#;
    has(
        &early,
        &format!(
            "syscall_blocked_duration_seconds_total{{syscall=\"read\",pid=\"7\",{comm}}} 0.02"
        ),
    );
    has(&early, "gostrace_calls_in_flight{class=\"user\"} 1");
    has(
        &early,
        "gostrace_oldest_call_in_flight_seconds{class=\"user\"} 2.0",
    );
    meters.call(
        &call(7, 25 * MS + 1, Outcome::Returned(1), "user", false),
        &mut Asleep,
    );
    meters.call(
        &call(7, 5_000, Outcome::Returned(1), "user", false),
        &mut Asleep,
    );
    let all = text(&meters);
    has(
        &all,
        &format!(
            "syscall_blocked_duration_seconds_total{{syscall=\"read\",pid=\"7\",{comm}}} 0.025005001"
        ),
    );
    has(
        &all,
        "syscall_blocked_count_total{syscall=\"read\",state=\"INTERRUPTIBLE\"} 1",
    );
    has(
        &all,
        "syscall_blocked_count_total{syscall=\"read\",state=\"UNKNOWN\"} 1",
    );
    has(&all, "gostrace_findings_total{id=\"no-deadline\"} 2");
    has(&all, "gostrace_findings_total{id=\"backlog\"} 0");
    let family = "gostrace_syscall_duration_seconds";
    has(
        &all,
        &format!("{family}_bucket{{le=\"0.00001\",syscall=\"read\",class=\"user\"}} 1"),
    );
    has(
        &all,
        &format!("{family}_bucket{{le=\"+Inf\",syscall=\"read\",class=\"user\"}} 2"),
    );
    has(
        &all,
        &format!("{family}_count{{syscall=\"read\",class=\"user\"}} 2"),
    );
    has(&all, "gostrace_open_fds{pid=\"7\",comm=\"srv\"} 12");
    assert!(
        !all.contains("gostrace_max_fds{"),
        "what is not known is not said"
    );
    has(&all, "gostrace_events_dropped_total 3");
    has(&all, "gostrace_tracer_cpu_seconds_total 1.5");
    assert!(!all.contains("in_flight{"));
}

#[test]
fn parked_time_is_apart() {
    let mut meters = Meters::default();
    meters.call(
        &call(7, 10 * MS, Outcome::Returned(0), "idle-m", true),
        &mut Asleep,
    );
    let all = text(&meters);
    has(
        &all,
        "gostrace_parked_duration_seconds_total{class=\"idle-m\"} 0.01",
    );
    assert!(
        !all.contains("syscall_blocked_duration_seconds_total{"),
        "{all}"
    );
}

#[test]
fn without_slow_nothing_is_said_of_calls_in_flight() {
    assert!(!text(&Meters::default()).contains("in_flight"));
}

#[test]
fn processes_beyond_the_limit_share_their_series_and_those_that_ended_make_room() {
    let mut meters = Meters::default();
    let mut tell = |pid| {
        meters.call(
            &call(pid, MS, Outcome::Returned(0), "user", false),
            &mut Asleep,
        );
    };
    for pid in 1..=200 {
        tell(pid);
    }
    assert_eq!(meters.processes.len(), MAX_PROCESSES);
    assert_eq!(meters.blocked_ns.len(), MAX_PROCESSES + 1);
    assert_eq!(meters.blocked_ns.values().sum::<u64>(), 200 * MS);
    let mut meters = Meters::default();
    for pid in (900..1000).chain(1..=10) {
        meters.call(
            &call(pid, MS, Outcome::Returned(0), "user", false),
            &mut Asleep,
        );
    }
    assert!(meters.processes.contains_key(&Pid(10)));
    assert!(meters.blocked_ns.len() <= MAX_PROCESSES + 1);
    assert_eq!(meters.blocked_ns.values().sum::<u64>(), 110 * MS);
}

#[test]
fn the_newer_format_ends_with_its_mark_and_names_counters_without_their_suffix() {
    let all = expose(
        Meters::default(),
        Machine::default(),
        Exposition::OpenMetrics,
    );
    assert!(all.contains("\n# TYPE syscall_blocked_count counter\n"));
    assert!(all.ends_with("\n# EOF\n"));
    let old = expose(
        Meters::default(),
        Machine::default(),
        Exposition::Prometheus,
    );
    assert!(old.contains("\n# TYPE syscall_blocked_count_total counter\n"));
    assert!(!old.contains("# EOF") && !old.contains("# UNIT"));
}

#[test]
fn a_call_that_a_signal_interrupts_counts_once_when_it_is_restarted() {
    const ERESTARTSYS: Outcome = Outcome::Failed(Errno(512));
    let mut meters = Meters::default();
    let mut tell = |pid, ns, outcome| {
        meters.call(&call(pid, ns, outcome, "user", false), &mut Asleep);
    };
    tell(7, 10 * MS, ERESTARTSYS);
    tell(7, 30 * MS, Outcome::Returned(0));
    // Of this one nothing more is heard.
    tell(8, 5 * MS, ERESTARTSYS);
    let early = text(&meters);
    assert!(!early.contains("in_flight{"), "{early}");
    let open = meters.open.thread_ended(Tid(8)).unwrap();
    meters.not_heard_of_again(open);
    assert_eq!(meters.blocked_ns.values().sum::<u64>(), 35 * MS);
    assert_eq!(meters.states.values().sum::<u64>(), 2);
    let ended = &meters.durations[&("read", "user")];
    assert_eq!((ended.calls, ended.sum_ns), (2, 35 * MS));
    assert_eq!(meters.findings[&FindingId::NoDeadline], 2);
}

#[test]
fn what_no_call_shows_counts_each_time_that_it_is_found() {
    struct Nowhere;
    impl Outlet for Nowhere {
        fn check(&mut self) -> io::Result<()> {
            Ok(())
        }
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let shared = Shared::default();
    let mut sink = MetricsSink::new(shared.clone(), Asleep, Nowhere, false);
    let again = FoundAgain {
        id: FindingId::CpuThrottled,
        pid: Pid(7),
        func: None,
        at: Timestamp::default(),
    };
    for _ in 0..3 {
        let event = Event::FoundAgain(Box::new(again.clone()));
        sink.event(&event).unwrap();
    }
    let all = text(&shared.snapshot());
    has(&all, "gostrace_findings_total{id=\"cpu-throttled\"} 3");
}
