use super::*;
use crate::arch::Abi;
use crate::event::{Dump, Extra, GoContext, RawCall, Seen, SignalEvent, Start};
use crate::ids::{Pid, Signal};
use crate::sink::Precision;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

/// An output that can be read while a sink holds it.
#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const READ: u64 = 0;
const CLOSE: u64 = 3;
const PAUSE: u64 = 34;

fn at(us: u64) -> Timestamp {
    Timestamp {
        mono_ns: us * 1000,
        wall_ns: us * 1000,
    }
}

fn call(tid: i32, nr: u64, outcome: Outcome) -> SyscallEvent {
    let arg = |name, value| Arg { name, value };
    let args = match (nr, outcome) {
        (READ, Outcome::Returned(_)) => vec![
            arg("fd", Value::Fd(3)),
            arg("buf", Value::bytes("abc")),
            arg("count", Value::Uint(8)),
        ],
        (READ, _) => vec![
            arg("fd", Value::Fd(3)),
            arg("buf", Value::Pending(Addr(0x1000))),
            arg("count", Value::Uint(8)),
        ],
        (CLOSE, _) => vec![arg("fd", Value::Fd(3))],
        _ => vec![],
    };
    SyscallEvent {
        pid: Pid(100),
        tid: Tid(tid),
        call: RawCall {
            abi: Abi::X86_64,
            nr,
            args: [3, 0x1000, 8, 0, 0, 0],
        },
        args,
        start: Start::Seen(at(10)),
        end: at(30),
        outcome,
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext::default(),
        extra: Extra::default(),
        wait: None,
        findings: Vec::new(),
    }
}

fn enters(tid: i32, nr: u64) -> Event {
    Event::Entered(Box::new(call(tid, nr, Outcome::Blocked)))
}

fn leaves(tid: i32, nr: u64, outcome: Outcome) -> Event {
    Event::Syscall(Box::new(call(tid, nr, outcome)))
}

fn task(tid: i32, what: TaskChange) -> Event {
    Event::Task(TaskEvent {
        pid: Pid(100),
        tid: Tid(tid),
        at: at(0),
        what,
    })
}

fn exits(tid: i32, how: ExitKind) -> Event {
    Event::Exit(ExitEvent {
        pid: Pid(100),
        tid: Tid(tid),
        at: at(50),
        how,
    })
}

/// What is written to one output for all, messages in its midst.
fn written(style: StraceStyle, events: &[Event]) -> String {
    let paper = Paper::default();
    let outputs = Outputs {
        shared: Some(Box::new(paper.clone())),
        each: None,
        messages: Box::new(paper.clone()),
    };
    let mut sink = StraceSink::new(outputs, style);
    for event in events {
        sink.event(event).unwrap();
    }
    let bytes = paper.0.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

fn style() -> StraceStyle {
    StraceStyle {
        pid: PidRule::IfSeveral,
        column: 20,
        quiet: Silence {
            // Whatever machine runs the test.
            personality: true,
            ..Silence::default()
        },
        ..StraceStyle::default()
    }
}

#[test]
fn another_thread_s_line_cuts_a_call_which_is_resumed_later() {
    let text = written(
        style(),
        &[
            task(100, TaskChange::Started),
            enters(100, READ),
            task(101, TaskChange::Attached(1)),
            enters(101, CLOSE),
            leaves(101, CLOSE, Outcome::Returned(0)),
            leaves(100, READ, Outcome::Returned(3)),
            exits(101, ExitKind::Status(0)),
            enters(100, CLOSE),
            leaves(100, CLOSE, Outcome::Failed(Errno(9))),
        ],
    );
    assert_eq!(
        text,
        "\
read(3, strace: Process 101 attached
 <unfinished ...>
[pid   101] close(3) = 0
[pid   100] <... read resumed>\"abc\", 8) = 3
[pid   101] +++ exited with 0 +++
close(3)            = -1 EBADF (Bad file descriptor)
"
    );
}

#[test]
fn a_call_that_never_returns_says_what_was_known_when_it_began() {
    let gone = |nr| {
        let events = [
            task(100, TaskChange::Started),
            enters(100, nr),
            leaves(100, nr, Outcome::Gone),
            exits(100, ExitKind::Killed(Signal(9), false)),
        ];
        written(style(), &events)
    };
    let end = "+++ killed by SIGKILL +++\n";
    assert_eq!(gone(READ), format!("read(3,  <unfinished ...>) = ?\n{end}"));
    assert_eq!(gone(CLOSE), format!("close(3)            = ?\n{end}"));
}

#[test]
fn letting_go_is_told_in_the_midst_of_the_line_that_it_ends() {
    let events = [
        task(100, TaskChange::Attached(2)),
        task(101, TaskChange::AttachedToo),
        enters(101, READ),
        enters(100, PAUSE),
        task(100, TaskChange::Detached),
        task(101, TaskChange::Detached),
    ];
    let text = "\
strace: Process 100 attached with 2 threads
[pid   101] read(3,  <unfinished ...>
[pid   100] pause(strace: Process 100 detached
 <detached ...>
strace: Process 101 detached
";
    assert_eq!(written(style(), &events), text);
    let quiet = StraceStyle {
        quiet: Silence {
            attach: true,
            ..style().quiet
        },
        ..style()
    };
    let said_less = text
        .replace("strace: Process 100 attached with 2 threads\n", "")
        .replace("strace: Process 100 detached\n", "")
        .replace("strace: Process 101 detached\n", "");
    assert_eq!(written(quiet, &events), said_less);
}

#[test]
fn a_thread_that_executes_another_program_goes_on_as_the_leader() {
    let events = [
        task(100, TaskChange::Started),
        task(101, TaskChange::Attached(1)),
        enters(101, CLOSE),
        exits(100, ExitKind::Superseded { by: Tid(101) }),
        leaves(100, CLOSE, Outcome::Returned(0)),
    ];
    assert_eq!(
        written(style(), &events),
        "\
strace: Process 101 attached
[pid   101] close(3 <pid changed to 100 ...>
+++ superseded by execve in pid 101 +++
<... close resumed>) = 0
"
    );
}

#[test]
fn a_call_that_the_kernel_resumes_is_named_where_its_beginning_was_seen() {
    const RESTART_SYSCALL: u64 = 219;
    let restart = || leaves(100, RESTART_SYSCALL, Outcome::Returned(0));
    let text = |events: &[Event]| {
        let text = written(style(), events);
        text.lines().next_back().unwrap_or_default().to_owned()
    };
    let resuming = |what| format!("restart_syscall(<... resuming interrupted {what} ...>) = 0");
    let slept = leaves(100, 35, Outcome::Failed(Errno(516)));
    let started = || task(100, TaskChange::Started);
    assert_eq!(text(&[started(), slept, restart()]), resuming("nanosleep"));
    assert_eq!(text(&[started(), restart()]), resuming("system call"));
    let attached = task(100, TaskChange::Attached(1));
    assert_eq!(text(&[attached, restart()]), resuming("read"));
}

#[test]
fn prefixes_stand_in_strace_s_order() {
    let mut e = call(100, CLOSE, Outcome::Returned(0));
    e.extra.pc = Some(Addr(0x40_1000));
    let style = StraceStyle {
        pid: PidRule::Bare,
        number: true,
        instruction_pointer: true,
        duration: Some(Precision::Micros),
        ..style()
    };
    let events = [
        Event::Syscall(Box::new(e)),
        Event::Signal(SignalEvent {
            pid: Pid(100),
            tid: Tid(100),
            at: at(40),
            signal: Signal(10),
            info: None,
            pc: None,
        }),
        task(100, TaskChange::Called(231)),
        exits(100, ExitKind::Status(0)),
    ];
    assert_eq!(
        written(style, &events),
        "\
100   [   3] [0000000000401000] close(3) = 0 <0.000020>
100   [   3] [????????????????] --- SIGUSR1 ---
100   [ 231] [????????????????] +++ exited with 0 +++
"
    );
}

#[test]
fn raw_arguments_names_and_dumps_are_shown_when_asked_for() {
    let mut raw = call(100, READ, Outcome::Returned(3));
    raw.extra.raw = true;
    let bytes: Vec<u8> = (0x20..0x32).collect();
    raw.extra.dumps = vec![Dump::Message(0, 1), Dump::Bytes(Some(1), bytes)];
    let raw = Event::Syscall(Box::new(raw));
    let named = StraceStyle {
        argument_names: true,
        ..style()
    };
    assert_eq!(
        written(style(), &[raw]),
        "\
read(0x3, 0x1000, 0x8) = 0x3
 = 1 buffers in vector 0
 * 18 bytes in buffer 1
 | 00000  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./ |
 | 00010  30 31                                             01               |
"
    );
    let plain = leaves(100, READ, Outcome::Returned(3));
    assert_eq!(
        written(named, &[plain]),
        "read(fd=3, buf=\"abc\", count=8) = 3\n"
    );
}
