//! A tracer that runs on and on, with a recording, metrics and a summary: its memory stays what it
//! was, and not one call is missing from any of them.
//!
//! A run takes some ten seconds; `GOSTRACE_SOAK_FOR=30m cargo test --release --test soak` takes 30
//! minutes. It prints what it saw (`-- --nocapture`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, proc, scratch, wait_for};

const USUAL: Duration = Duration::from_secs(10);
/// Looks at the tracer.
const LOOKS: u32 = 20;
/// The first of these are its warm-up.
const WARM: usize = 6;
/// What its memory may grow by after that: a queue that fills (8,192 calls of some two kilobytes),
/// and less than two bytes a call in half an hour.
const MAY_GROW_KIB: u64 = 32 * 1024;
const CALLS: [&str; 3] = ["lseek", "openat", "pread64"];

type Counts = BTreeMap<String, u64>;

fn duration() -> Duration {
    std::env::var("GOSTRACE_SOAK_FOR").map_or(USUAL, |text| {
        gostrace::cli::parse_duration(&text).unwrap_or_else(|e| panic!("GOSTRACE_SOAK_FOR: {e}"))
    })
}

/// What there is to say of the tracer now.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Duration,
    resident_kib: u64,
    recorded: u64,
    calls: u64,
}

/// What the fixture says that it has done.
fn of_fixture(said: &Value) -> Counts {
    let count = |name: &str| (name.to_owned(), said[name].as_u64().unwrap());
    CALLS.into_iter().map(count).collect()
}

/// Calls by name of `syscall_blocked_count_total`.
fn of_metrics(text: &str) -> Counts {
    let mut counts = Counts::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("syscall_blocked_count_total{syscall=\"") else {
            continue;
        };
        let (name, rest) = rest.split_once('"').unwrap();
        let (_, count) = rest.rsplit_once(' ').unwrap();
        *counts.entry(name.to_owned()).or_default() += count.parse::<u64>().unwrap();
    }
    counts
}

/// Calls by name of a summary with the columns `calls,name`.
fn of_summary(text: &str) -> Counts {
    let rows = text.lines().filter_map(|line| {
        let (count, name) = line.trim().split_once(' ')?;
        let name = CALLS.into_iter().find(|call| *call == name.trim())?;
        Some((name.to_owned(), count.parse::<u64>().ok()?))
    });
    let mut counts = Counts::new();
    for (name, count) in rows {
        *counts.entry(name).or_default() += count;
    }
    counts
}

fn scrape(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    answer
}

fn look(tracer: &Running, recording: &Path, fixture: &mut Fixture, since: Instant) -> Look {
    fixture.line();
    let calls = of_fixture(&fixture.until("count")).values().sum();
    let resident = proc::status(tracer.pid, "VmRSS").unwrap();
    Look {
        at: since.elapsed(),
        resident_kib: resident.trim_end_matches(" kB").parse().unwrap(),
        recorded: fs::metadata(recording).unwrap().len(),
        calls,
    }
}

/// The address that it says it serves metrics at.
fn address(file: &Path) -> String {
    wait_for("the address of the metrics", SOON, || {
        let text = fs::read_to_string(file).ok()?;
        let (_, rest) = text.split_once("metrics at http://")?;
        Some(rest.split_once("/metrics\n")?.0.to_owned())
    })
}

fn assert_steady(looks: &[Look]) {
    let (warm, last) = (looks[WARM], looks[looks.len() - 1]);
    let grown = last.resident_kib.saturating_sub(warm.resident_kib);
    assert!(grown < MAY_GROW_KIB, "{grown} KiB more: {looks:#?}");
    // The recording has what memory has not: the same of each call, whenever it was made.
    let middle = looks[(WARM + looks.len()) / 2];
    let each = |from: Look, to: Look| {
        (to.recorded - from.recorded) as f64 / (to.calls - from.calls) as f64
    };
    let (before, after) = (each(warm, middle), each(middle, last));
    assert!(
        before > 0.0 && after < before * 2.0 && after > before / 2.0,
        "{before} and {after} bytes a call: {looks:#?}"
    );
}

#[test]
fn a_long_run_takes_no_more_memory_than_a_short_one_and_loses_nothing() {
    let dir = scratch("soak");
    let [summary, recording, metrics, said] =
        ["summary", "rec", "metrics", "said"].map(|name| dir.join(name));
    let mut fixture = Fixture::start::<&str>(&Go::of(NEWEST_GO).build("paced"), &[]);
    // What it says is read while it runs.
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$@\" 2>\"$0\""]).arg(&said);
    command
        .arg(env!("CARGO_BIN_EXE_gostrace"))
        .args(["-c", "-U", "calls,name"]);
    command.args(["-e", "=pread64,=lseek,=openat", "--metrics", "127.0.0.1:0"]);
    command.arg("--metrics-file").arg(&metrics);
    command
        .arg("--record")
        .arg(&recording)
        .arg("-o")
        .arg(&summary);
    command.args(["-p", &fixture.pid.to_string()]);
    let mut tracer = Running::start(&mut command);
    let address = address(&said);
    tracer.wait_attached(fixture.pid);
    let (begin, all) = (Instant::now(), duration());
    fixture.line();
    let mut looks = vec![look(&tracer, &recording, &mut fixture, begin)];
    for n in 1..=LOOKS {
        let due = (all * n / LOOKS).saturating_sub(begin.elapsed());
        std::thread::sleep(due);
        looks.push(look(&tracer, &recording, &mut fixture, begin));
        eprintln!("{:?}", looks[looks.len() - 1]);
        let counted = of_metrics(&scrape(&address));
        assert!(counted.values().sum::<u64>() > 0, "{counted:?}");
    }
    let last = looks[looks.len() - 1];
    eprintln!(
        "{:.0} calls a second",
        last.calls as f64 / last.at.as_secs_f64()
    );
    assert_steady(&looks);

    let (status, said_last) = fixture.finish();
    assert!(status.success());
    let truth = of_fixture(said_last.last().unwrap());
    let ended = tracer.wait(SOON);
    assert!(ended.status.success(), "{ended:#?}");
    let said = fs::read_to_string(&said).unwrap();
    assert!(!said.contains("LOST"), "{said}");
    assert_eq!(of_summary(&fs::read_to_string(&summary).unwrap()), truth);
    assert_eq!(of_metrics(&fs::read_to_string(&metrics).unwrap()), truth);
    // As many again in the report, which has to take no more memory either.
    let mut command = gostrace(&["report"]);
    let report = Running::start(command.arg(&recording)).wait(SOON.max(all));
    assert!(report.status.success(), "{report:#?}");
    assert_eq!(of_summary(&report.stdout), truth, "{report:#?}");
}
