use super::*;
use crate::arch::Abi;
use crate::diagnose::Place;
use crate::event::{
    Extra, Frame, FrameKind, GoContext, Goroutine, HeldP, Known, ObjectNames, Outcome, RawCall,
    Seen, Stack, StackEnd, Start, WaitClass,
};
use crate::finding::{FindingId, Shown};
use crate::ids::{Addr, Errno, Goid, Pid, Tid};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const MS: u64 = 1_000_000;

fn at(mono_ns: u64) -> Timestamp {
    Timestamp {
        mono_ns,
        wall_ns: mono_ns,
    }
}

/// A call of thread `tid` from 1 s on.
fn call(tid: i32, nr: u64, ns: u64, outcome: Outcome) -> SyscallEvent {
    SyscallEvent {
        pid: Pid(1),
        tid: Tid(tid),
        call: RawCall {
            abi: Abi::X86_64,
            nr,
            args: [0; 6],
        },
        args: Vec::new(),
        start: Start::Seen(at(1_000 * MS)),
        end: at(1_000 * MS + ns),
        outcome,
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext::default(),
        extra: Extra::default(),
        wait: None,
        findings: Vec::new(),
    }
}

fn with_go(mut e: SyscallEvent, class: &'static str, parked: bool, func: &str) -> SyscallEvent {
    let frame = |func: &str, line| Frame {
        pc: Addr(0),
        func: func.into(),
        file: "/src/app/main.go".into(),
        line,
        kind: FrameKind::Go,
    };
    e.go = GoContext {
        goroutine: Known::Is(Goroutine {
            goid: Goid(7),
            state: None,
            locked: false,
            kept_for: None,
            in_cgo: false,
            entry: None,
            created_by: Some("main.serve".into()),
            m: 1,
            p: HeldP::None,
        }),
        stack: Known::Is(Stack {
            frames: vec![frame("syscall.read", 1), frame(func, 42)],
            end: StackEnd::Root,
        }),
        class: Known::Is(WaitClass {
            id: class,
            parked,
            explanation: "",
        }),
    };
    e
}

/// A sink whose output can be looked at meanwhile.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

fn at_end() -> When {
    When {
        at_end: true,
        interval: None,
        asked: Box::new(|| false),
    }
}

fn summary_of(style: Style, calls: Vec<SyscallEvent>) -> String {
    let out = Shared::default();
    let mut sink = OverviewSink::new(out.clone(), style, at_end());
    for e in calls {
        sink.event(&Event::Syscall(Box::new(e))).unwrap();
    }
    sink.finish(&Summary::default()).unwrap();
    out.text()
}

fn returned(nr: u64, ns: u64) -> SyscallEvent {
    call(1, nr, ns, Outcome::Returned(0))
}

#[test]
fn without_go_the_table_is_strace_s_with_quantiles_and_time_to_the_nanosecond() {
    let calls = vec![
        returned(0, 100 * MS + 1),
        returned(0, 300 * MS),
        returned(3, 20_000),
        call(1, 21, 210_000, Outcome::Failed(Errno(2))),
    ];
    assert_eq!(
        summary_of(Style::default(), calls),
        "\
% time       seconds  usecs/call     p50     p95     p99     max     calls    errors syscall
------ ------------- ----------- ------- ------- ------- ------- --------- --------- ----------------
 99.94   0.400000001      200000   100ms   300ms   300ms   300ms         2           read
  0.05   0.000210000         210   210us   210us   210us   210us         1         1 access
  0.00   0.000020000          20    20us    20us    20us    20us         1           close
------ ------------- ----------- ------- ------- ------- ------- --------- --------- ----------------
100.00   0.400230001      100057   210us   300ms   300ms   300ms         4         1 total
"
    );
}

#[test]
fn classes_have_rows_of_their_own_places_a_table_and_parked_time_is_apart() {
    let calls = vec![
        with_go(returned(0, 10 * MS), "user", false, "main.load"),
        with_go(returned(0, 30 * MS), "user-raw", false, "main.load"),
        with_go(returned(0, 2 * MS), "user", false, "main.store"),
        with_go(returned(202, 900 * MS), "idle-m", true, "main.load"),
    ];
    let style = Style {
        columns: Some(vec![
            Column::Total,
            Column::Calls,
            Column::Class,
            Column::Name,
        ]),
        ..Style::default()
    };
    assert_eq!(
        summary_of(style, calls),
        "      seconds     calls class        syscall
------------- --------- ------------ ----------------
  0.030000000         1 user-raw     read
  0.012000000         2 user         read
------------- --------- ------------ ----------------
  0.042000000         3              total

by place in the program:
      seconds     calls caller < where its goroutine was created
------------- --------- ----------------------------------------
  0.040000000         2 main.load main.go:42 < main.serve
  0.002000000         1 main.store main.go:42 < main.serve
------------- --------- ----------------------------------------
  0.042000000         3 total

parked: the Go runtime's threads with nothing to do, in none of the above:
      seconds     calls class        syscall
------------- --------- ------------ ----------------
  0.900000000         1 idle-m       futex
------------- --------- ------------ ----------------
  0.900000000         1              total
"
    );
}

#[test]
fn rows_are_sorted_by_any_column() {
    let calls = || {
        vec![
            returned(0, 10),
            returned(0, 10),
            returned(0, 10),
            returned(3, 25),
            with_go(returned(1, 8), "user", false, "main.f"),
        ]
    };
    let order = |sort| {
        let style = Style {
            columns: Some(vec![Column::Name]),
            sort,
            overhead_ns: 0,
        };
        let text = summary_of(style, calls());
        let rows: Vec<String> = text.lines().skip(2).take(3).map(Into::into).collect();
        rows.join(" ")
    };
    assert_eq!(order(None), "read write close");
    assert_eq!(order(Some(Column::Total)), "read close write");
    for column in [Column::P50, Column::P99, Column::Max, Column::Mean] {
        assert_eq!(order(Some(column)), "close read write", "{column:?}");
    }
    assert_eq!(order(Some(Column::Calls)), "read write close");
    assert_eq!(order(Some(Column::Name)), "close read write");
    assert_eq!(order(Some(Column::Class)), "close read write");
}

#[test]
fn a_call_that_is_told_while_it_blocks_counts_once_with_its_findings() {
    let out = Shared::default();
    let mut sink = OverviewSink::new(out.clone(), Style::default(), at_end());
    let tell = |sink: &mut OverviewSink<Shared>, tid, ns, outcome| {
        let mut e = call(tid, 0, ns, outcome);
        e.findings = vec![Shown::Again(FindingId::NoDeadline)];
        sink.event(&Event::Syscall(Box::new(e))).unwrap();
    };
    tell(&mut sink, 1, 10 * MS, Outcome::Blocked);
    tell(&mut sink, 1, 20 * MS, Outcome::Blocked);
    tell(&mut sink, 1, 25 * MS, Outcome::Returned(1));
    tell(&mut sink, 2, 40 * MS, Outcome::Blocked);
    assert_eq!(sink.tally.findings()[&FindingId::NoDeadline], 2);
    let place = Place {
        id: FindingId::NoDeadline,
        pid: Pid(1),
        func: Some("main.f\x1b".into()),
    };
    let summary = Summary {
        findings: vec![(place, 2)],
        lost: 3,
        ..Summary::default()
    };
    sink.finish(&summary).unwrap();
    let text = out.text();
    let row = text.lines().nth(2).unwrap();
    let words: Vec<_> = row.split_whitespace().collect();
    assert_eq!(
        words[1..],
        [
            "0.065000000",
            "32500",
            "25.0ms",
            "40ms",
            "40ms",
            "40ms",
            "2",
            "read"
        ]
    );
    assert!(
        text.contains("\n1 call had not ended: counted until last seen\n"),
        "{text}"
    );
    assert!(
        text.contains("\n        2 times no-deadline in process 1, main.f\\u{1b}: "),
        "{text}"
    );
    assert!(
        text.ends_with("\n3 events LOST: not counted above\n"),
        "{text}"
    );
}

#[test]
fn what_is_sampled_says_by_how_much_it_may_be_wrong() {
    let mut e = returned(0, 10 * MS);
    e.seen = Seen::Sampled {
        error: Duration::from_micros(1250),
    };
    let mut before = returned(3, 5 * MS);
    before.start = Start::BeforeAttach(at(1_000 * MS));
    let text = summary_of(Style::default(), vec![e.clone(), e, before]);
    assert!(
        text.starts_with("% time       seconds     ± seconds  usecs/call"),
        "{text}"
    );
    assert!(
        text.contains("   0.020000000   0.002500000       10000"),
        "{text}"
    );
    let said = "2 of 3 calls sampled: the duration of each is known ± 1.25ms or better, the total \
                ± 2.50ms\n1 call had begun before tracing did: counted from then on\n";
    assert!(text.ends_with(said), "{text}");
}

#[test]
fn it_is_told_at_intervals_and_when_asked_for() {
    let out = Shared::default();
    let asked = Rc::new(Cell::new(false));
    let asked_too = Rc::clone(&asked);
    let when = When {
        at_end: false,
        interval: Some(Duration::from_secs(2)),
        asked: Box::new(move || asked_too.replace(false)),
    };
    let mut sink = OverviewSink::new(out.clone(), Style::default(), when);
    sink.event(&Event::Syscall(Box::new(returned(0, MS))))
        .unwrap();
    let told = |sink: &mut OverviewSink<Shared>, ms| {
        out.0.borrow_mut().clear();
        sink.tick(at(ms * MS)).unwrap();
        out.text().lines().next().map(ToOwned::to_owned)
    };
    assert_eq!(told(&mut sink, 1_000), None);
    assert_eq!(told(&mut sink, 2_900), None);
    assert_eq!(told(&mut sink, 3_001).unwrap(), "summary after 2.00s:");
    asked.set(true);
    assert_eq!(told(&mut sink, 3_500).unwrap(), "summary after 2.50s:");
    assert_eq!(told(&mut sink, 3_600), None);
    // One for all that were slept through, and the next in time.
    assert_eq!(told(&mut sink, 10_500).unwrap(), "summary after 9.50s:");
    assert_eq!(told(&mut sink, 10_900), None);
    assert_eq!(told(&mut sink, 11_000).unwrap(), "summary after 10s:");
    out.0.borrow_mut().clear();
    sink.finish(&Summary::default()).unwrap();
    assert_eq!(out.text(), "");
}

#[test]
fn places_beyond_the_limit_share_a_row_and_none_is_lost() {
    let mut tally = Tally::new(0);
    for n in 0..1_000 {
        let e = returned(0, 1);
        tally.call(&with_go(e, "user", false, &format!("main.f{n}")));
    }
    let sites = tally.tables().sites;
    assert_eq!(sites.rows.len(), 401);
    assert_eq!(sites.total().calls, 1_000);
    let (labels, others) = sites.rows.last().unwrap();
    assert_eq!(labels.name, "(other places, beyond the first 400)");
    assert_eq!(others.calls, 600);
}

#[test]
fn numbers_that_no_table_knows_share_a_row() {
    let mut tally = Tally::new(0);
    for nr in 100_000..100_500 {
        tally.call(&returned(nr, 1));
    }
    let calls = tally.tables().calls;
    assert_eq!(calls.rows.len(), 1);
    assert_eq!(calls.total().calls, 500);
}

#[test]
fn a_call_that_a_signal_interrupts_counts_once_when_it_is_restarted() {
    const ERESTARTSYS: Outcome = Outcome::Failed(Errno(512));
    let style = Style {
        columns: Some(vec![Column::Total, Column::Calls, Column::Name]),
        ..Style::default()
    };
    let text = summary_of(
        style,
        vec![
            call(1, 0, 10 * MS, ERESTARTSYS),
            call(1, 0, 30 * MS, Outcome::Returned(1)),
            // Of this one nothing more is heard.
            call(2, 0, 5 * MS, ERESTARTSYS),
        ],
    );
    let row: Vec<_> = text.lines().nth(2).unwrap().split_whitespace().collect();
    assert_eq!(row, ["0.035000000", "2", "read"], "{text}");
}
