//! `--sample`, live: what the program itself says of its calls is the truth. Every slow one is found,
//! with a duration that is right within the error that is stated, and nothing is ever stopped.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use regex::Regex;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::run::{Fixture, Output, Running, gostrace};
use support::trace::parse;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, scratch, times, wait_for};

const SLOW_MS: f64 = 12.0;
const LIMIT: Duration = Duration::from_secs(120);

/// A call that waited: thread and number of events, which no other call has.
type Key = (i32, u64);

/// What the program says, milliseconds: how long it took, and how much of that it waited, which is
/// what looks can see.
struct Truth {
    took: f64,
    asked: f64,
}

fn truth(path: &Path) -> BTreeMap<Key, Truth> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let fields: Vec<u64> = line.split('\t').map(|f| f.parse().unwrap()).collect();
            let ms = |ns: u64| ns as f64 / 1e6;
            let key = (i32::try_from(fields[0]).unwrap(), fields[1]);
            (
                key,
                Truth {
                    took: ms(fields[2]),
                    asked: ms(fields[3]),
                },
            )
        })
        .collect()
}

/// `12.5ms`, in milliseconds, and by how much it may be rounded down.
fn ms(text: &str) -> f64 {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap();
    let number: f64 = text[..unit].parse().unwrap();
    number
        * match &text[unit..] {
            "ns" => 1e-6,
            "us" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            other => panic!("{other}"),
        }
}

/// What was shown of the end of a call, milliseconds.
#[derive(Debug)]
struct Shown {
    lasted: f64,
    error: f64,
    at_least: bool,
}

fn shown(trace: &str) -> BTreeMap<Key, Vec<Shown>> {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d+) +epoll_pwait\(\d+[^,]*, \S+, (\d+), \d+, NULL, \d+\) += \? <(at least )?(\S+?)(?: ±(\S+))?>$",
        )
        .unwrap()
    });
    let mut all: BTreeMap<Key, Vec<Shown>> = BTreeMap::new();
    for c in trace.lines().filter_map(|line| END.captures(line)) {
        let key = (c[1].parse().unwrap(), c[2].parse().unwrap());
        all.entry(key).or_default().push(Shown {
            lasted: ms(&c[4]),
            error: c.get(5).map_or(0.0, |m| ms(m.as_str())),
            at_least: c.get(3).is_some(),
        });
    }
    all
}

/// Calls up to this long may have been missed, by gostrace's own account, milliseconds.
fn may_have_missed(output: &Output) -> f64 {
    static LATE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"calls of up to (\S+) may have been missed").unwrap());
    LATE.captures(&output.stderr)
        .map_or(0.0, |c| ms(&c[1]) * 1.01)
}

/// What is wrong with what was shown of these calls.
fn complaints(
    truth: &BTreeMap<Key, Truth>,
    shown: &BTreeMap<Key, Vec<Shown>>,
    missed: f64,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, t) in truth {
        let of = shown.get(key).map_or(&[][..], Vec::as_slice);
        if of.is_empty() && t.asked >= SLOW_MS.max(missed) {
            wrong.push(format!("{key:?} took {} ms and is not shown", t.took));
        }
        if of.len() > 1 {
            wrong.push(format!("{key:?} is shown as {of:?}"));
        }
        for s in of {
            // What is shown is rounded down to three digits.
            let round = (s.lasted + s.error) * 0.011;
            if s.lasted - s.error > t.took + round
                || !s.at_least && s.lasted + s.error + round < t.asked
            {
                let Truth { took, asked } = t;
                wrong.push(format!("{key:?} took {took} ms, asked for {asked}: {s:?}"));
            }
        }
    }
    wrong
}

/// Watches that nobody is ever traced or stopped.
struct Untouched {
    end: std::sync::Arc<AtomicBool>,
    thread: std::thread::JoinHandle<(u64, Vec<String>)>,
}

impl Untouched {
    fn watch(pid: i32) -> Untouched {
        let end = std::sync::Arc::new(AtomicBool::new(false));
        let stop = end.clone();
        let thread = std::thread::spawn(move || {
            let (mut looks, mut offences) = (0, Vec::new());
            while !stop.load(Ordering::Relaxed) {
                looks += 1;
                for tid in proc::tasks(pid) {
                    let tracer = proc::tracer(tid).filter(|&tracer| tracer != 0);
                    let stopped = matches!(proc::state(tid), Some('t' | 'T'));
                    if tracer.is_some() || stopped {
                        offences.push(format!("{tid}: tracer {tracer:?}, stopped: {stopped}"));
                    }
                }
            }
            (looks, offences)
        });
        Untouched { end, thread }
    }

    fn assert(self) {
        self.end.store(true, Ordering::Relaxed);
        let (looks, offences) = self.thread.join().unwrap();
        assert!(looks > 0 && offences.is_empty(), "{offences:?}");
    }
}

/// Says that it has begun: its banner is there.
fn begun(messages: &Path) {
    wait_for("gostrace to begin", SOON, || {
        let said = std::fs::read_to_string(messages).unwrap_or_default();
        said.contains("gostrace: cost:").then_some(())
    });
}

#[test]
fn every_slow_call_is_found_and_lasted_what_is_said_and_nothing_is_stopped() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let dir = scratch(&format!("sample-waits-{version}"));
        let (list, trace, messages) = (dir.join("truth"), dir.join("trace"), dir.join("messages"));
        // Go's sysmon may preempt a thread in a call (SIGURG), which ends an epoll_pwait: not here, so
        // that none is interrupted unless by us.
        let mut fixture = Fixture::start_command(
            Command::new(Go::of(version).build("waits"))
                .env("GODEBUG", "asyncpreemptoff=1")
                .args([
                    "-calls",
                    times("150", "40"),
                    "-truth",
                    list.to_str().unwrap(),
                ]),
        );
        let tracer = Running::start(
            Command::new("sh")
                .args(["-c", "exec \"$@\" 2>\"$0\""])
                .args([
                    messages.to_str().unwrap(),
                    env!("CARGO_BIN_EXE_gostrace"),
                    "--sample",
                    "--slow",
                    "12ms",
                    "-e",
                    "decode-fds=none",
                    "-o",
                    trace.to_str().unwrap(),
                    "-p",
                    &fixture.pid.to_string(),
                ]),
        );
        begun(&messages);
        let untouched = Untouched::watch(fixture.pid);
        fixture.line();
        let done = fixture.until("done");
        untouched.assert();
        assert_eq!(done["failed"], 0);
        assert!(fixture.finish().0.success());
        let output = Output {
            stderr: String::new(),
            ..tracer.wait(LIMIT)
        };
        assert!(output.status.success(), "{output:?}");
        let stderr = std::fs::read_to_string(&messages).unwrap();
        assert!(stderr.contains("gostrace: sampled: "), "{stderr}");
        let missed = may_have_missed(&Output {
            stderr: stderr.clone(),
            ..output
        });

        let (truth, text) = (truth(&list), std::fs::read_to_string(&trace).unwrap());
        let shown = shown(&text);
        let wrong = complaints(&truth, &shown, missed);
        assert!(wrong.is_empty(), "{wrong:#?} {stderr}");
        let unknown: Vec<_> = shown.keys().filter(|k| !truth.contains_key(k)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let slow = truth.values().filter(|t| t.took >= SLOW_MS).count();
        assert!(
            slow > times(300, 80) && shown.len() >= slow / 2,
            "{slow} {}",
            shown.len()
        );

        // Stacks are of the very call, where there are any: most have one.
        let ours: Vec<_> = parse(&text)
            .into_iter()
            .filter(|c| c.open.is_none() && c.name == "epoll_pwait" && !c.frames.is_empty())
            .collect();
        let of_wait = |c: &support::trace::Call| c.frame("main.(*waiter).wait").is_some();
        let found = ours.iter().filter(|c| of_wait(c)).count();
        assert_eq!(found, ours.len());
        assert!(found > shown.len() / 2, "{found} stacks of {}", shown.len());
        let whole = ours.iter().filter(|c| {
            c.frames.last().is_some_and(|f| f.func == "runtime.goexit") && c.goid.is_some()
        });
        assert_eq!(whole.count(), ours.len());
    }
}

#[test]
fn a_command_runs_untraced_and_its_exit_status_is_ours() {
    let output = Running::start(&mut gostrace(&[
        "--sample=1ms",
        "-q",
        "sh",
        "-c",
        "read x < /proc/self/stat; grep TracerPid /proc/$$/status; ulimit -n; sleep 0.1; exit 7",
    ]))
    .wait(SOON);
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    let plain = Command::new("sh")
        .args(["-c", "ulimit -n"])
        .output()
        .unwrap();
    let limit = String::from_utf8(plain.stdout).unwrap();
    // Where waiting takes long, calls are told in between.
    for line in ["TracerPid:\t0\n", &format!("\n{limit}")] {
        assert!(output.stdout.contains(line), "{output:?}");
    }
    let calls = parse(&output.stdout.replace(&limit, ""));
    assert!(calls.iter().any(|c| c.name == "wait4"), "{output:?}");
    let killed = Running::start(&mut gostrace(&["--sample", "sh", "-c", "kill -9 $$"])).wait(SOON);
    assert_eq!(killed.status.code(), Some(137), "{killed:?}");
    let missing = Running::start(&mut gostrace(&["--sample", "/nonexistent"])).wait(SOON);
    assert_eq!(missing.status.code(), Some(127), "{missing:?}");
}

#[test]
fn threads_that_come_and_go_are_looked_at_while_they_are_there() {
    let mut fixture = Fixture::start(&Go::of(NEWEST_GO).build("spawn"), &["-rate", "400"]);
    let tracer = Running::start(&mut gostrace(&[
        "--sample=1ms",
        "-e",
        "read",
        "-d",
        "2s",
        "-p",
        &fixture.pid.to_string(),
    ]));
    let untouched = Untouched::watch(fixture.pid);
    let output = tracer.wait(LIMIT);
    untouched.assert();
    assert!(output.status.success(), "{output:?}");
    // Those that stay are told of once, at our end.
    let calls = parse(&output.stdout);
    let detached = calls
        .iter()
        .filter(|c| c.open.as_deref() == Some("detached"));
    assert!(detached.count() >= 8, "{output:?}");
    assert!(!output.stderr.contains("failed"), "{output:?}");
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success());
    // Not as many as asked for where there is no CPU for them.
    assert!(said.last().unwrap()["threads"].as_i64().unwrap() > 20);
}

#[test]
fn programs_that_replace_each_other_are_followed_to_the_end() {
    let dir = scratch("sample-exec");
    let trace = dir.join("trace");
    let mut fixture = Fixture::start(&Go::of(NEWEST_GO).build("execer"), &["-times", "4"]);
    let tracer = Running::start(&mut gostrace(&[
        "--sample=1ms",
        "--slow",
        "5ms",
        "-e",
        "read",
        "-o",
        trace.to_str().unwrap(),
        "-p",
        &fixture.pid.to_string(),
    ]));
    let untouched = Untouched::watch(fixture.pid);
    for n in 0..5 {
        let image = fixture.until("image");
        assert_eq!(image["n"], n);
        let line = format!("{:<5} read(0", image["tid"].as_i64().unwrap());
        wait_for("its read to be reported", SOON, || {
            let text = std::fs::read_to_string(&trace).unwrap_or_default();
            text.contains(&line).then_some(())
        });
        fixture.line();
    }
    untouched.assert();
    let (status, _) = fixture.finish();
    assert!(status.success());
    let output = tracer.wait(LIMIT);
    assert!(output.status.success(), "{output:?}");
    // No stack of one program is read with the tables of another.
    for call in parse(&std::fs::read_to_string(&trace).unwrap()) {
        let last = call.frames.last().map(|f| f.func.as_str());
        assert!(call.frame("main.readLine").is_some(), "{call:?}");
        assert_eq!(last, Some("runtime.goexit"), "{call:?}");
    }
}

#[test]
fn several_processes_and_one_that_is_not_there() {
    let dir = scratch("sample-several");
    let mut fixtures: Vec<Fixture> = (0..2)
        .map(|n| {
            let list = dir.join(n.to_string());
            Fixture::start(
                &Go::of(NEWEST_GO).build("waits"),
                &[
                    "-calls",
                    "20",
                    "-threads",
                    "2",
                    "-truth",
                    list.to_str().unwrap(),
                ],
            )
        })
        .collect();
    let pids = format!("{},{},2147483647", fixtures[0].pid, fixtures[1].pid);
    let tracer = Running::start(&mut gostrace(&[
        "--sample",
        "-e",
        "epoll_wait",
        "-p",
        &pids,
    ]));
    for fixture in &mut fixtures {
        fixture.line();
        fixture.until("done");
    }
    let tids: Vec<i64> = fixtures
        .iter()
        .flat_map(|f| f.ready["tids"].as_array().unwrap())
        .map(|tid| tid.as_i64().unwrap())
        .collect();
    drop(fixtures);
    let output = tracer.wait(LIMIT);
    assert!(output.status.success(), "{output:?}");
    assert!(
        output.stderr.contains("no process 2147483647"),
        "{output:?}"
    );
    let calls = parse(&output.stdout);
    for tid in tids {
        assert!(
            calls.iter().any(|c| i64::from(c.tid) == tid),
            "{tid}: {output:?}"
        );
    }
}
