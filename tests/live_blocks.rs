//! Every way to block, traced live: the call is reported under its name, decoded, with the Go function
//! and line that made it, on the right thread and goroutine, and for no longer and no shorter than
//! the program itself and this test measured.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::run::{Fixture, Running, gostrace};
use support::trace::{Call, parse};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, scratch, wait_for};

const SLOW: &str = "30ms";
/// Comfortably more than `SLOW`.
const HOLD: Duration = Duration::from_millis(60);

/// What the arguments must show, by way: parts of the text.
const DECODED: &[(&str, &[&str])] = &[
    ("accept", &["127.0.0.1:"]),
    ("accept4", &["127.0.0.1:"]),
    ("clock-abs", &["CLOCK_MONOTONIC", "TIMER_ABSTIME"]),
    ("clock-rel", &["CLOCK_MONOTONIC", "900000000"]),
    ("connect", &["AF_UNIX", "/socket\""]),
    ("epoll-pwait", &["-1"]),
    ("epoll-pwait2", &["tv_sec=3600"]),
    ("epoll-wait", &["-1"]),
    ("exec-wait", &["P_PID", "WEXITED"]),
    ("fcntl-ofd", &["/lock>", "F_OFD_SETLKW", "F_WRLCK"]),
    ("flock", &["/lock>", "LOCK_EX"]),
    ("futex-abs", &["FUTEX_WAIT_BITSET_PRIVATE", "7"]),
    ("futex-rel", &["FUTEX_WAIT_PRIVATE, 7"]),
    ("futex-wait", &["FUTEX_WAIT_PRIVATE, 7, NULL"]),
    ("io-uring", &["IORING_ENTER_GETEVENTS"]),
    ("nanosleep", &["900000000"]),
    (
        "openat-fifo",
        &["AT_FDCWD", "/fifo\"", "O_WRONLY|O_CLOEXEC"],
    ),
    ("poll", &["POLLIN", "pipe:["]),
    ("poll-timeout", &["POLLIN", "900"]),
    ("ppoll", &["POLLIN", "pipe:["]),
    ("ppoll-timeout", &["POLLIN", "tv_nsec="]), // the kernel writes back what is left
    ("pselect6", &["tv_sec="]),
    ("read-eventfd", &["eventfd"]),
    ("read-fifo", &["/fifo>"]),
    ("read-inotify", &["inotify"]),
    ("read-never", &["pipe:["]),
    ("read-pipe", &["pipe:["]),
    ("read-socket", &["127.0.0.1:"]),
    ("read-timerfd", &["timerfd"]),
    ("readv-pipe", &["pipe:["]),
    ("semtimedop", &["sem_op=-1"]),
    ("sendfile", &["/file>"]),
    ("sendmsg", &["MSG_NOSIGNAL"]),
    ("sendto", &["MSG_NOSIGNAL"]),
    ("splice", &["pipe:["]),
    ("waitid", &["P_PID", "WEXITED"]),
    ("write-pipe", &["pipe:["]),
];

/// Calls that the kernel ends with EINTR when a tracer interrupts the thread on attaching.
const NOT_RESTARTED: &[&str] = &[
    "epoll-pwait",
    "epoll-pwait2",
    "epoll-wait",
    "io-uring",
    "semtimedop",
    "sigtimedwait",
];

/// The ways that a build of the fixture knows: name and what ends the wait.
fn ways(blocks: &Path) -> Vec<(String, String)> {
    let list = Running::start(Command::new(blocks).arg("list")).wait(SOON);
    let text = |way: &Value, field: &str| way[field].as_str().unwrap().to_owned();
    list.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|way: Value| (text(&way, "name"), text(&way, "release")))
        .collect()
}

/// One traced wait.
struct Traced {
    name: String,
    /// What the program said when it was about to block.
    ready: Value,
    /// What it said afterwards: null where it never came back.
    done: Value,
    /// How long it was surely blocked, measured here.
    held: Duration,
    /// The trace.
    calls: Vec<Call>,
    text: String,
}

fn number(account: &Value, field: &str) -> i64 {
    account[field].as_i64().unwrap()
}

impl Traced {
    /// The lines about the call in question: that thread, that call.
    fn lines(&self) -> Vec<&Call> {
        self.calls
            .iter()
            .filter(|call| i64::from(call.tid) == number(&self.ready, "tid"))
            .filter(|call| call.name == self.ready["call"])
            .collect()
    }

    /// What is wrong with a line about the call, if anything.
    fn complaints(&self, call: &Call) -> Vec<String> {
        let mut wrong = Vec::new();
        let func = self.ready["func"].as_str().unwrap();
        match call.frame(func) {
            Some(frame) if i64::from(frame.line) == number(&self.ready, "line") => {}
            Some(frame) => wrong.push(format!("line {} of {func}", frame.line)),
            None => wrong.push(format!("{func} is not on the stack")),
        }
        let last = call.frames.last().map(|frame| frame.func.as_str());
        if last != Some("runtime.goexit") {
            wrong.push(format!("the stack ends at {last:?}"));
        }
        if call.goid != Some(number(&self.ready, "goid")) {
            wrong.push(format!("goroutine {:?}", call.goid));
        }
        for (_, parts) in DECODED.iter().filter(|(name, _)| *name == self.name) {
            for part in *parts {
                if !call.args.contains(part) {
                    wrong.push(format!("no {part} in the arguments"));
                }
            }
        }
        // The program's clock ran around the call: the call cannot have taken longer. The line is
        // rounded down to microseconds, or three digits.
        if let (Some(ns), Some(seconds)) = (self.done["ns"].as_i64(), call.seconds) {
            let own = Duration::from_nanos(ns.try_into().unwrap()).as_secs_f64();
            if seconds > own + 1e-6 {
                wrong.push(format!(
                    "{seconds} s, but the program itself counted {own} s"
                ));
            }
        }
        wrong
    }

    fn check(&self, started: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        let lines = self.lines();
        let finished: Vec<&&Call> = lines
            .iter()
            .filter(|call| call.open.is_none() && !call.result.contains("EINTR"))
            .collect();
        let blocked = lines
            .iter()
            .filter(|call| call.open.as_deref() == Some("blocked"));
        if self.done.is_null() {
            if blocked.count() == 0 {
                wrong.push("never reported as blocked".into());
            }
        } else {
            let errno = number(&self.done, "errno");
            if errno != 0 && errno != 110 {
                wrong.push(format!("the call failed with errno {errno}"));
            }
            // Once by us; Go's own preemption signal may do it, too.
            // Go's own preemption signal (SIGURG) interrupts a started one as well, at times.
            let may_be = NOT_RESTARTED.contains(&self.name.as_str());
            if number(&self.done, "interrupted") > if may_be { 3 } else { 0 } {
                wrong.push(format!("we made it fail with EINTR: {}", self.done));
            }
            if finished.len() != 1 {
                wrong.push(format!("reported as finished {} times", finished.len()));
            }
            for call in &finished {
                let result = number(&self.done, "ret").to_string();
                // The standard library's own result is not the call's.
                if self.ready["args"].is_array() && errno == 0 && !call.result.starts_with(&result)
                {
                    wrong.push(format!("result {}, not {result}", call.result));
                }
                if started && call.seconds.is_none_or(|s| s < self.held.as_secs_f64()) {
                    wrong.push(format!(
                        "{:?} s, but it was held for {:?}",
                        call.seconds, self.held
                    ));
                }
            }
        }
        // Of a thread that is gone or let go there is nothing to be read.
        let there = |call: &&&Call| call.open.as_deref() != Some("detached") && call.result != "?";
        // The stack is shown when the call is first reported as blocked and when it ends, not at
        // each doubling in between.
        let mut reported = false;
        for call in lines.iter().filter(there) {
            let blocked = call.open.as_deref() == Some("blocked");
            if !(blocked && std::mem::replace(&mut reported, blocked)) {
                wrong.extend(self.complaints(call));
            }
        }
        // What is reported at all was made by a goroutine: the runtime's own parking is hidden.
        for call in self
            .calls
            .iter()
            .filter(|call| call.open.as_deref() != Some("detached"))
        {
            // On a busy machine even execve takes long, and no goroutine makes the first one.
            if call.goid.is_none() && call.name != "execve" {
                wrong.push(format!("reported without a goroutine: {}", call.text()));
            }
        }
        if wrong.is_empty() {
            return wrong;
        }
        wrong.dedup();
        wrong.insert(0, format!("== {}: {}", self.name, self.ready));
        wrong.push(self.text.clone());
        wrong
    }
}

/// For how many milliseconds the fixture waits by itself: timers long enough for a busy machine to
/// start a tracer meanwhile, others until they are released.
fn limit(release: &str) -> &'static str {
    if release == "timer" { "900" } else { "0" }
}

/// Starts the fixture under gostrace, holds the wait, ends it.
fn started(blocks: &Path, name: &str, release: &str, output: PathBuf) -> Traced {
    let mut command = gostrace(&["--slow", SLOW, "-T", "-q", "-o"]);
    command
        .arg(&output)
        .arg("--")
        .arg(blocks)
        .args([name, limit(release)]);
    let mut fixture = Fixture::start_command(&mut command);
    fixture.wait_until_blocked();
    let since = Instant::now();
    if release == "input" || release == "never" {
        wait_for("the call to be reported", SOON, || {
            let text = std::fs::read_to_string(&output).unwrap_or_default();
            (since.elapsed() >= HOLD && text.contains(" so far>")).then_some(())
        });
    }
    // A timer's wait ends by itself, and was not held by us.
    let held = match release {
        // Its end was fixed before it began.
        "timer" if name.ends_with("-abs") => Duration::ZERO,
        "timer" => Duration::from_millis(890),
        _ => since.elapsed(),
    };
    fixture.line();
    let ready = fixture.ready.clone();
    let (_, said) = fixture.finish();
    traced(name, ready, said, held, &output)
}

/// Starts the fixture, attaches when it has blocked, ends the wait.
fn attached(blocks: &Path, name: &str, release: &str, output: PathBuf) -> Traced {
    let mut fixture = Fixture::start(blocks, &[name, limit(release)]);
    fixture.wait_until_blocked();
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "--slow", SLOW, "-T", "-q", "-o"]);
    command.arg(&output);
    let tracer = Running::start(&mut command);
    if release != "work" {
        let tid = fixture.number("tid");
        wait_for("the call to be reported", SOON, || {
            let calls = parse(&std::fs::read_to_string(&output).unwrap_or_default());
            let reported = calls.iter().any(|call| i64::from(call.tid) == tid);
            reported.then_some(())
        });
    }
    fixture.line();
    let ready = fixture.ready.clone();
    let (_, said) = fixture.finish();
    tracer.wait(SOON);
    traced(name, ready, said, Duration::ZERO, &output)
}

fn traced(name: &str, ready: Value, said: Vec<Value>, held: Duration, output: &Path) -> Traced {
    let text = std::fs::read_to_string(output).unwrap();
    Traced {
        name: name.to_owned(),
        ready,
        done: said
            .into_iter()
            .find(|s| s["event"] == "done")
            .unwrap_or_default(),
        held,
        calls: parse(&text),
        text,
    }
}

/// Every way in turn; all complaints at the end, so that one does not hide the others.
fn check_all(go: Go, test: &str, started_by_us: bool) {
    let blocks = go.build("blocks");
    let dir = scratch(test);
    let mut wrong = Vec::new();
    for (name, release) in ways(&blocks) {
        if release == "work" {
            continue; // it takes what it takes: perhaps less than the threshold
        }
        let output = dir.join(&name);
        let traced = if started_by_us {
            started(&blocks, &name, &release, output)
        } else {
            attached(&blocks, &name, &release, output)
        };
        wrong.extend(traced.check(started_by_us));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_blocking_call_of_a_started_program_is_shown_for_what_it_is() {
    check_all(Go::of(NEWEST_GO), "started", true);
}

#[test]
fn each_call_that_was_blocked_before_we_came_is_shown_for_what_it_is() {
    check_all(Go::of(NEWEST_GO), "attached", false);
}

#[test]
fn the_oldest_go_stripped_is_shown_as_well() {
    let go = Go {
        strip: true,
        ..Go::of(OLDEST_GO)
    };
    check_all(go, "oldest", false);
}

#[test]
fn a_read_that_never_returns_is_reported_at_its_threshold_and_again() {
    let blocks = Go::of(NEWEST_GO).build("blocks");
    let fixture = Fixture::start(&blocks, &["read-never"]);
    fixture.wait_until_blocked();
    let pid = fixture.pid.to_string();
    let ended = Running::start(&mut gostrace(&[
        "-p", &pid, "--slow", "100ms", "-d", "1s", "-q",
    ]))
    .wait(SOON);
    assert!(ended.status.success(), "{ended:?}");
    let tid = fixture.number("tid");
    let calls = parse(&ended.stdout);
    let seconds: Vec<f64> = calls
        .iter()
        .filter(|call| i64::from(call.tid) == tid && call.open.as_deref() == Some("blocked"))
        .map(|call| call.seconds.unwrap())
        .collect();
    assert!(seconds.len() >= 3, "{ended:?}"); // 100, 200, 400, 800 ms, on a busy machine perhaps not all
    assert!(seconds[0] >= 0.1, "{seconds:?}");
    assert!(
        seconds
            .windows(2)
            .all(|pair| pair[1] >= 2.0 * pair[0] * 0.9),
        "{seconds:?}"
    );
    assert!(
        calls
            .iter()
            .any(|call| call.frame("main.readNever").is_some()),
        "{ended:?}"
    );
}
