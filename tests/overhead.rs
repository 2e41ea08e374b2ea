//! `--overhead`, live: threads that make too many calls run free, and yet no slow call is missed.
//! What the program itself says of its calls is the truth.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use nix::sys::signal::Signal;
use regex::Regex;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use support::run::{Fixture, Output, Running, gostrace};
use support::{SOON, build_c, proc, scratch, wait_for};

const LIMIT: Duration = Duration::from_secs(120);
const SLOW_MS: f64 = 10.0;

/// A slow call: its thread, and the time it asks for, which no other call of the program does.
type Key = (i32, u64);

/// What was shown of the end of a call, milliseconds.
#[derive(Debug)]
struct Shown {
    lasted: f64,
    error: Option<f64>,
    at_least: bool,
}

impl Shown {
    /// Whether this can be a call that asked for so long and took so long, milliseconds.
    fn is_of(&self, asked: f64, took: f64) -> bool {
        let error = self.error.unwrap_or(0.0);
        // What is shown is rounded down to three digits.
        let round = (self.lasted + error) * 0.011;
        self.lasted - error <= took + round
            && (self.at_least || self.lasted + error + round >= asked)
    }
}

/// `12.5ms`, or `0.0125` as strace writes it, in milliseconds.
fn ms(text: &str) -> f64 {
    let Some(unit) = text.find(|c: char| c.is_ascii_alphabetic()) else {
        return text.parse::<f64>().unwrap() * 1e3;
    };
    let scale = match &text[unit..] {
        "ns" => 1e-6,
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        other => panic!("{other}"),
    };
    text[..unit].parse::<f64>().unwrap() * scale
}

fn shown(trace: &str) -> BTreeMap<Key, Vec<Shown>> {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d+) +clock_nanosleep\(CLOCK_MONOTONIC, 0, \{tv_sec=0, tv_nsec=(\d+)\}, \S+\) += \S <(at least )?(\S+?)(?: ±(\S+))?>$",
        )
        .unwrap()
    });
    let mut all: BTreeMap<Key, Vec<Shown>> = BTreeMap::new();
    for c in trace.lines().filter_map(|line| END.captures(line)) {
        let key = (c[1].parse().unwrap(), c[2].parse().unwrap());
        all.entry(key).or_default().push(Shown {
            lasted: ms(&c[4]),
            error: c.get(5).map(|m| ms(m.as_str())),
            at_least: c.get(3).is_some(),
        });
    }
    all
}

/// What was shown of calls that were over before their arguments could be read, by thread.
fn unread(trace: &str) -> BTreeMap<i32, Vec<Shown>> {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d+) +clock_nanosleep\(CLOCK_MONOTONIC, 0, 0x[0-9a-f]+, \S+\) += \S <(\S+?) ±(\S+)>$",
        )
        .unwrap()
    });
    let mut all: BTreeMap<i32, Vec<Shown>> = BTreeMap::new();
    for c in trace.lines().filter_map(|line| END.captures(line)) {
        all.entry(c[1].parse().unwrap()).or_default().push(Shown {
            lasted: ms(&c[2]),
            error: Some(ms(&c[3])),
            at_least: false,
        });
    }
    all
}

/// Calls up to this long may have been missed, by gostrace's own account, milliseconds.
fn may_have_missed(output: &Output) -> f64 {
    static LATE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"calls of up to (\S+) may have been missed").unwrap());
    let late = LATE.captures(&output.stderr);
    late.map_or(0.0, |c| ms(&c[1]) * 1.01)
}

#[test]
fn every_slow_call_among_many_fast_ones_is_found_and_lasted_what_is_said() {
    let dir = scratch("overhead-slowcalls");
    let (list, trace) = (dir.join("truth"), dir.join("trace"));
    let mut command = Command::new(build_c("slowcalls"));
    command.args(["4", "200", "1000000"]).arg(&list);
    let mut fixture = Fixture::start_command(&mut command);
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["--overhead", "5%", "--slow", "10ms", "-p", &pid, "-o"]);
    let mut tracer = Running::start(command.arg(&trace));
    tracer.wait_attached(fixture.pid);
    fixture.line();
    fixture.until("done");
    assert!(fixture.finish().0.success());
    let output = tracer.wait(LIMIT);
    assert!(output.status.success(), "{output:?}");

    let missed = may_have_missed(&output);
    let text = std::fs::read_to_string(&trace).unwrap();
    let (mut shown, mut unread, mut wrong) = (shown(&text), unread(&text), Vec::new());
    let (mut sampled, mut without_arguments) = (0, 0);
    for line in std::fs::read_to_string(&list).unwrap().lines() {
        let fields: Vec<u64> = line
            .split_whitespace()
            .map(|f| f.parse().unwrap())
            .collect();
        let key = (i32::try_from(fields[0]).unwrap(), fields[1]);
        let (asked, took) = (fields[1] as f64 / 1e6, fields[3] as f64 / 1e6);
        let mut of = shown.remove(&key).unwrap_or_default();
        if of.is_empty()
            && let Some(unread) = unread.get_mut(&key.0)
            && let Some(i) = unread.iter().position(|s| s.is_of(asked, took))
        {
            of.push(unread.remove(i));
            without_arguments += 1;
        }
        if of.is_empty() && asked >= SLOW_MS.max(missed) {
            wrong.push(format!("{key:?}, {took} ms, is not shown"));
        }
        if of.len() > 1 {
            wrong.push(format!("{key:?} is shown as {of:?}"));
        }
        for s in of {
            sampled += u32::from(s.error.is_some());
            if !s.is_of(asked, took) {
                wrong.push(format!("{key:?} asked for {asked} ms, took {took}: {s:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown.is_empty(), "{shown:?} never were");
    assert!(unread.values().all(Vec::is_empty), "{unread:?} never were");
    // So many calls are more than what it may cost.
    assert!(sampled > 0);
    // Only looks that come late find nothing left to be read.
    assert!(without_arguments <= 4, "{without_arguments} of {sampled}");
    assert!(
        output
            .stderr
            .contains("of the threads' time, sampled for the rest"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_thread_that_makes_few_calls_is_traced_exactly() {
    let mut fixture =
        Fixture::start_command(Command::new(build_c("rates")).args(["pause", "2", "30"]));
    let pid = fixture.pid.to_string();
    let args = ["--overhead", "20%", "-e", "clock_nanosleep,getppid"];
    let limits = ["--max-events", "40", "-p", &pid];
    let output = Running::start(&mut gostrace(&[&args[..], &limits].concat())).wait(LIMIT);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.contains("exact for 100.0 %"), "{output:?}");
    assert!(!output.stdout.contains('±'), "{output:?}");
    fixture.line();
    assert!(fixture.until("count")["count"].as_u64() > Some(0));
}

/// How many calls the fixture has made.
fn count(fixture: &mut Fixture) -> u64 {
    fixture.line();
    fixture.until("count")["count"].as_u64().unwrap()
}

#[test]
fn threads_that_run_free_survive_the_end_of_their_tracer_and_are_let_go() {
    let mut fixture = Fixture::start_command(Command::new(build_c("rates")).args(["loop", "4"]));
    let pid = fixture.pid.to_string();
    for kill in [true, false, true, false] {
        let mut tracer = Running::start(&mut gostrace(&[
            "--overhead",
            "1%",
            "--slow",
            "5ms",
            "-p",
            &pid,
        ]));
        tracer.wait_attached(fixture.pid);
        // Traced at each call, it would not come this far in time.
        let start = count(&mut fixture);
        wait_for("the threads to run free", LIMIT, || {
            (count(&mut fixture) > start + 500_000).then_some(())
        });
        if kill {
            tracer.signal(Signal::SIGKILL);
            tracer.wait(LIMIT);
        } else {
            tracer.stop();
        }
        wait_for("all threads to be let go", SOON, || {
            let tids = proc::tasks(fixture.pid);
            let free = |tid: &i32| {
                proc::tracer(*tid).unwrap_or(0) == 0
                    && !matches!(proc::state(*tid), Some('t' | 'T'))
            };
            tids.iter().all(free).then_some(())
        });
        let before = count(&mut fixture);
        wait_for("it to go on", SOON, || {
            (count(&mut fixture) > before).then_some(())
        });
    }
    assert!(fixture.finish().0.success());
}
