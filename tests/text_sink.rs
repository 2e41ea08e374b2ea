//! Golden lines of the text sink: the columns, prefixes and times are strace 6.1's own.

#![allow(clippy::unwrap_used)]

use gostrace::arch::Abi;
use gostrace::event::*;
use gostrace::fd::FdTarget;
use gostrace::ids::{Addr, Errno, Goid, Pid, Signal, Tid};
use gostrace::sink::{
    Clock, Palette, PidPrefix, Precision, Sink, Summary, TextSink, TextStyle, Times,
};
use gostrace::value::{Arg, Value};
use proptest::prelude::*;
use std::time::Duration;

/// 2023-11-14 22:13:20 UTC plus some microseconds.
fn at(us: u64) -> Timestamp {
    Timestamp {
        mono_ns: 5_000_000_000 + us * 1000,
        wall_ns: 1_700_000_000_000_000_000 + us * 1000,
    }
}

fn clock(clock: Clock) -> Times {
    Times {
        clock,
        ..Times::default()
    }
}

fn arg(name: &'static str, value: Value) -> Arg {
    Arg { name, value }
}

fn call(nr: u64, args: Vec<Arg>) -> SyscallEvent {
    SyscallEvent {
        pid: Pid(4711),
        tid: Tid(4712),
        call: RawCall {
            abi: Abi::X86_64,
            nr,
            args: [0; 6],
        },
        args,
        start: Start::Seen(at(123_456)),
        end: at(135_801),
        outcome: Outcome::Returned(0),
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext::default(),
        wait: None,
        findings: Vec::new(),
        extra: Extra::default(),
    }
}

/// fdatasync(7) on a pipe.
fn fdatasync(outcome: Outcome) -> SyscallEvent {
    let mut e = call(75, vec![arg("fd", Value::Fd(7))]);
    e.names.fds = vec![(7, FdTarget::parse(b"pipe:[123]", None))];
    e.outcome = outcome;
    e
}

/// read(7, ..., 4096) that has not returned.
fn read(outcome: Outcome) -> SyscallEvent {
    let mut e = call(
        0,
        vec![
            arg("fd", Value::Fd(7)),
            arg("buf", Value::Pending(Addr(0xc000_0000))),
            arg("count", Value::Uint(4096)),
        ],
    );
    e.outcome = outcome;
    e
}

fn stack() -> GoContext {
    let frame = |func: &str, file: &str, line, kind| Frame {
        pc: Addr(0x40_1000),
        func: func.into(),
        file: file.into(),
        line,
        kind,
    };
    GoContext {
        goroutine: Known::Is(Goroutine {
            goid: Goid(17),
            entry: Some("main.worker".into()),
            created_by: Some("main.main".into()),
            state: Some(GoState::Syscall),
            locked: false,
            kept_for: None,
            in_cgo: false,
            m: 3,
            p: HeldP::Held(1),
        }),
        stack: Known::Is(Stack {
            frames: vec![
                frame("syscall.read", "/go/z.go", 736, FrameKind::Inlined),
                frame("main.(*store).flush", "/src/store.go", 42, FrameKind::Go),
            ],
            end: StackEnd::Root,
        }),
        class: Known::Is(WaitClass {
            id: "user",
            parked: false,
            explanation: "a system call made by Go code",
        }),
    }
}

fn style() -> TextStyle {
    TextStyle {
        pid: PidPrefix::None,
        ..TextStyle::default()
    }
}

fn text(style: TextStyle, events: impl IntoIterator<Item = Event>) -> String {
    let mut out = Vec::new();
    let mut sink = TextSink::new(&mut out, style);
    for event in events {
        sink.event(&event).unwrap();
    }
    sink.finish(&Summary::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn one(style: TextStyle, e: SyscallEvent) -> String {
    text(style, [Event::Syscall(Box::new(e))])
}

#[test]
fn results_are_aligned_in_the_column() {
    assert_eq!(
        one(style(), fdatasync(Outcome::Returned(0))),
        "fdatasync(7<pipe:[123]>)                = 0\n"
    );
    let narrow = TextStyle {
        column: 10,
        ..style()
    };
    assert_eq!(
        one(narrow, fdatasync(Outcome::Returned(0))),
        "fdatasync(7<pipe:[123]>) = 0\n"
    );
    let failed = one(style(), fdatasync(Outcome::Failed(Errno(22))));
    assert_eq!(
        failed,
        "fdatasync(7<pipe:[123]>)                = -1 EINVAL (Invalid argument)\n"
    );
}

#[test]
fn prefixes_and_times_are_strace_s() {
    let done = || fdatasync(Outcome::Returned(0));
    let line = "fdatasync(7<pipe:[123]>)";
    let bracketed = TextStyle {
        pid: PidPrefix::Bracketed,
        times: clock(Clock::Time(Precision::Micros)),
        duration: Some(Precision::Micros),
        ..style()
    };
    assert_eq!(
        one(bracketed, done()),
        format!("[pid  4712] 22:13:20.123456 {line} = 0 <0.012345>\n")
    );
    let bare = TextStyle {
        pid: PidPrefix::Bare,
        times: Times {
            utc_offset: |_| 3 * 3600,
            ..clock(Clock::Time(Precision::Seconds))
        },
        ..style()
    };
    assert_eq!(
        one(bare, done()),
        format!("4712  01:13:20 {line} = 0\n"),
        "column 40 includes the prefix"
    );
    let epoch = TextStyle {
        times: Times {
            relative: Some(Precision::Micros),
            ..clock(Clock::Epoch(Precision::Micros))
        },
        number: true,
        ..style()
    };
    assert_eq!(
        one(epoch, done()),
        format!("1700000000.123456 (+     0.000000) [  75] {line} = 0\n")
    );
    let relative = TextStyle {
        times: Times {
            relative: Some(Precision::Micros),
            ..Times::default()
        },
        ..style()
    };
    let exit = Event::Exit(ExitEvent {
        pid: Pid(4711),
        tid: Tid(4712),
        at: at(2_124_500),
        how: ExitKind::Status(0),
    });
    assert_eq!(
        text(relative, [Event::Syscall(Box::new(done())), exit]),
        format!("     0.000000 {line}  = 0\n     2.001044 +++ exited with 0 +++\n")
    );
}

#[test]
fn signals_and_exits_are_strace_s() {
    let prefixed = TextStyle {
        pid: PidPrefix::Bare,
        ..style()
    };
    let signal = Event::Signal(SignalEvent {
        pid: Pid(4711),
        tid: Tid(4712),
        at: at(0),
        signal: Signal(23),
        info: Some(SigInfo {
            code: -6,
            words: [4711, 1000, 0, 0, 0, 0, 0, 0],
            ..SigInfo::default()
        }),
        pc: None,
    });
    let killed = Event::Exit(ExitEvent {
        pid: Pid(4711),
        tid: Tid(4712),
        at: at(0),
        how: ExitKind::Killed(Signal(9), false),
    });
    assert_eq!(
        text(prefixed, [signal, killed]),
        "4712  --- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=4711, si_uid=1000} ---\n\
         4712  +++ killed by SIGKILL +++\n"
    );
}

#[test]
fn a_call_that_ends_with_its_thread_has_no_result() {
    let mut exit = call(231, vec![arg("status", Value::Int(3))]);
    exit.outcome = Outcome::Gone;
    assert_eq!(
        one(style(), exit),
        "exit_group(3)                           = ?\n"
    );
}

#[test]
fn a_call_from_before_the_attach_lasted_at_least_that_long() {
    let mut e = fdatasync(Outcome::Returned(0));
    e.start = Start::BeforeAttach(at(0));
    let ours = TextStyle {
        duration: Some(Precision::Micros),
        ..style()
    };
    let strace = TextStyle { go: false, ..ours };
    let line = "fdatasync(7<pipe:[123]>)                = 0";
    assert_eq!(
        one(ours, e.clone()),
        format!("{line} <at least 0.135801>\n")
    );
    assert_eq!(one(strace, e), format!("{line} <0.135801>\n"));
}

#[test]
fn the_stack_stands_under_the_call_and_a_class_is_explained_once() {
    let mut e = fdatasync(Outcome::Returned(0));
    e.go = stack();
    let call = "fdatasync(7<pipe:[123]>)                = 0\n";
    let frames = "      syscall.read         /go/z.go:736 (inlined)
      main.(*store).flush  /src/store.go:42
      created by main.main
";
    let event = Event::Syscall(Box::new(e));
    assert_eq!(
        text(style(), [event.clone(), event.clone()]),
        format!(
            "{call}    goroutine 17 [syscall] M 3, P 1 [user] a system call made by Go code\n{frames}\
             {call}    goroutine 17 [syscall] M 3, P 1 [user]\n{frames}"
        )
    );
    let verbose = TextStyle {
        explain_all: true,
        ..style()
    };
    let explained = "    goroutine 17 [syscall] M 3, P 1 [user] a system call made by Go code\n";
    assert_eq!(
        text(verbose, [event.clone(), event.clone()]),
        format!("{call}{explained}{frames}").repeat(2)
    );
    let strace = TextStyle {
        go: false,
        ..style()
    };
    assert_eq!(text(strace, [event]), call);
}

#[test]
fn colours_change_nothing_but_colours() {
    let mut e = fdatasync(Outcome::Failed(Errno(22)));
    e.go = stack();
    let coloured = TextStyle {
        pid: PidPrefix::Bracketed,
        times: clock(Clock::Time(Precision::Micros)),
        duration: Some(Precision::Micros),
        palette: Palette::coloured(),
        ..style()
    };
    let plain = TextStyle {
        palette: Palette::plain(),
        ..coloured
    };
    let with = one(coloured, e.clone());
    assert!(with.contains('\x1b'));
    let mut stripped = String::new();
    let mut rest = with.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped += before;
        rest = after.split_once('m').unwrap().1;
    }
    stripped += rest;
    assert_eq!(stripped, one(plain, e));
}

#[test]
fn a_blocked_call_says_for_how_long() {
    assert_eq!(
        one(style(), read(Outcome::Blocked)),
        "read(7, ..., 4096 <blocked for 12.3ms so far>\n"
    );
    let mut e = read(Outcome::Blocked);
    e.start = Start::BeforeAttach(at(0));
    assert_eq!(
        one(style(), e),
        "read(7, ..., 4096 <blocked for at least 135ms so far>\n"
    );
}

#[test]
fn a_sampled_call_has_no_result_and_says_how_sure_its_duration_is() {
    let mut e = read(Outcome::Ended);
    e.seen = Seen::Sampled {
        error: Duration::from_micros(1250),
    };
    assert_eq!(
        one(style(), e.clone()),
        "read(7, ..., 4096)                      = ? <12.3ms ±1.30ms>\n"
    );
    e.outcome = Outcome::Blocked;
    assert_eq!(
        one(style(), e.clone()),
        "read(7, ..., 4096 <blocked for 12.3ms ±1.30ms so far>\n"
    );
    (e.outcome, e.start) = (Outcome::Ended, Start::BeforeAttach(at(123_456)));
    e.seen = Seen::Sampled {
        error: Duration::ZERO,
    };
    assert_eq!(
        one(style(), e),
        "read(7, ..., 4096)                      = ? <at least 12.3ms>\n"
    );
}

#[test]
fn a_call_that_was_cut_short_is_shown_as_strace_shows_it() {
    assert_eq!(
        one(style(), read(Outcome::Detached)),
        "read(7,  <detached ...>\n"
    );
    assert_eq!(
        one(style(), read(Outcome::Gone)),
        "read(7,  <unfinished ...>)              = ?\n"
    );
    // Nothing was left to say.
    assert_eq!(
        one(style(), fdatasync(Outcome::Gone)),
        "fdatasync(7<pipe:[123]>)                = ?\n"
    );
}

proptest! {
    /// A name in the target must not be able to fake a line or to steer a terminal.
    #[test]
    fn whatever_the_target_calls_its_things_lines_stay_lines(
        func in any::<String>(), file in any::<String>(), reason in any::<String>(),
        comm in any::<String>(), symbol in any::<String>(),
        link in proptest::collection::vec(any::<u8>(), 0..40),
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
        nr in any::<u64>(), outcome in 0u8..6, number in any::<i32>(),
    ) {
        let mut e = call(nr, vec![
            arg("fd", Value::Fd(7)),
            arg("pid", Value::Pid(8)),
            arg("word", Value::Object { addr: Addr(nr), symbol: Some(symbol.into()) }),
            arg("buf", Value::Bytes { bytes, truncated: true }),
            arg("out", Value::Pending(Addr(nr))),
        ]);
        e.outcome = match outcome {
            0 => Outcome::Returned(i64::from(number)),
            1 => Outcome::Failed(Errno(number)),
            2 => Outcome::Blocked,
            3 => Outcome::Gone,
            4 => Outcome::Ended,
            _ => Outcome::Detached,
        };
        e.names.fds = vec![(7, FdTarget::parse(&link, None))];
        e.names.processes = vec![(8, comm.into_bytes().into())];
        e.go = stack();
        if let (Known::Is(stack), Known::Is(g)) = (&mut e.go.stack, &mut e.go.goroutine) {
            stack.frames[1].func = func.clone().into();
            stack.frames[1].file = file.into();
            stack.end = StackEnd::Broken(reason.into());
            g.entry = Some(func.clone().into());
            g.created_by = Some(func.into());
        }
        let text = one(style(), e);
        prop_assert_eq!(text.lines().count(), 7, "{}", text);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", text);
    }
}
