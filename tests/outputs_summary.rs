//! The table of counts against the trace beside it and the fixture's own account.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::path::Path;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, proc, scratch, wait_for};

/// Calls and nanoseconds.
type Sum = (u64, u64);

/// The rows of a table behind a line that begins so: by their last columns, `calls` and what
/// follows it in the order of `-U total-time,calls,NAMES`.
fn rows(text: &str, title: &str) -> BTreeMap<String, Sum> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(title));
    lines.next();
    let mut table = lines.skip_while(|line| !line.starts_with("---")).skip(1);
    let rows = table.by_ref().take_while(|line| !line.starts_with("---"));
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let seconds = words.next().unwrap().replace('.', "");
        let calls: u64 = words.next().unwrap().parse().unwrap();
        let name: Vec<_> = words.collect();
        (name.join(" "), (calls, seconds.parse::<u64>().unwrap()))
    };
    let mut all: BTreeMap<String, Sum> = BTreeMap::new();
    // Of several classes where the class is no column.
    for (name, one) in rows.map(row) {
        let sum = all.entry(name).or_default();
        *sum = (sum.0 + one.0, sum.1 + one.1);
    }
    all
}

fn sum<'a>(rows: impl Iterator<Item = &'a Sum>) -> Sum {
    rows.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
}

/// Calls and time by name, of lines `... name(...) = ... <seconds>` with nanoseconds.
fn traced(text: &str) -> BTreeMap<String, Sum> {
    let mut all: BTreeMap<String, Sum> = BTreeMap::new();
    for line in text.lines().filter(|line| line.ends_with('>')) {
        let (call, time) = line.rsplit_once(" <").unwrap();
        let time = time.trim_start_matches("at least ").trim_end_matches('>');
        let (whole, fraction) = time.split_once('.').unwrap();
        assert_eq!(fraction.len(), 9, "{line}");
        let name = call.split('(').next().unwrap();
        let name = name.split_whitespace().last().unwrap().to_owned();
        let one = all.entry(name).or_default();
        one.0 += 1;
        one.1 += whole.parse::<u64>().unwrap() * 1_000_000_000 + fraction.parse::<u64>().unwrap();
    }
    all
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_table_agrees_with_the_lines_to_the_nanosecond_and_with_what_was_done() {
    let output = scratch("summary-counted").join("trace");
    let calls = 8_000;
    let mut fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("counted"),
        &["-calls", &calls.to_string()],
    );
    let mut tracer = Running::start(
        gostrace(&["-C", "-U", "total-time,calls,name", "-S", "calls", "-T=ns"])
            .args([
                "-e",
                "pread64,lseek",
                "-q",
                "-p",
                &fixture.pid.to_string(),
                "-o",
            ])
            .arg(&output),
    );
    tracer.wait_attached(fixture.pid);
    fixture.line();
    assert!(fixture.finish().0.success());
    assert!(tracer.wait(SOON).status.success());
    let text = read(&output);
    let table = rows(&text, "      seconds");
    assert_eq!(table, traced(&text));
    // One in ten each, on every thread; the runtime makes none of them here.
    assert_eq!(table["pread64"].0, calls / 10);
    assert_eq!(table["lseek"].0, calls / 10);
    let places = rows(&text, "by place in the program:");
    assert_eq!(sum(places.values()), sum(table.values()));
    let one = "main.(*thread).run main.go:";
    assert!(
        places.keys().all(|place| place.starts_with(one)),
        "{places:?}"
    );
    assert!(
        places.keys().all(|place| place.ends_with(" < main.main")),
        "{places:?}"
    );
}

#[test]
fn parked_time_is_apart_and_slow_calls_have_their_class() {
    let mut fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("naps"),
        &["-threads", "3", "-nap", "30ms"],
    );
    let mut tracer = Running::start(&mut gostrace(&[
        "-c",
        "-U",
        "total-time,calls,class,name",
        "--slow",
        "20ms",
        "-p",
        &fixture.pid.to_string(),
        "-d",
        "1500ms",
    ]));
    tracer.wait_attached(fixture.pid);
    fixture.line();
    let before = fixture.until("count")["count"].as_u64().unwrap();
    let said = tracer.wait(SOON);
    assert!(said.status.success(), "{said:?}");
    fixture.line();
    let after = fixture.until("count")["count"].as_u64().unwrap();
    let blocked = rows(&said.stdout, "      seconds");
    let (naps, ns) = blocked["user nanosleep"];
    // Those under way at either end are counted too.
    assert!(
        naps > 0 && naps <= after - before + 6,
        "{naps}: {before} to {after}"
    );
    assert!(ns >= (naps - 6) * 30_000_000, "{ns} for {naps}");
    let parked = rows(&said.stdout, "parked: ");
    assert!(
        parked
            .keys()
            .any(|row| row.ends_with(" futex") || row.ends_with(" epoll_pwait")),
        "{said:?}"
    );
    assert!(
        parked.keys().all(|row| !blocked.contains_key(row)),
        "{said:?}"
    );
}

#[test]
fn the_summary_is_printed_when_a_signal_asks_for_it_and_the_trace_goes_on() {
    let dir = scratch("summary-asked");
    let fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("naps"),
        &["-threads", "1", "-nap", "5ms"],
    );
    let said = std::fs::File::create(dir.join("stderr")).unwrap();
    let (out, err) = (dir.join("trace"), dir.join("stderr"));
    let mut command = gostrace(&["-e", "nanosleep", "-p", &fixture.pid.to_string(), "-o"]);
    command.arg(&out).stdout(std::process::Stdio::null());
    command.stderr(said);
    let mut child = command.spawn().unwrap();
    let tid = i32::try_from(child.id()).unwrap();
    wait_for("a call in the trace", SOON, || {
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        text.contains("nanosleep(").then_some(())
    });
    let ask = || nix::sys::signal::kill(nix::unistd::Pid::from_raw(tid), Signal::SIGUSR1).unwrap();
    let count = |n: usize| {
        wait_for("the summary", SOON, || {
            let text = read(&err);
            (text.matches("\nsummary after ").count() == n && text.ends_with("\n\n")).then_some(())
        });
    };
    ask();
    count(1);
    ask();
    count(2);
    let text = read(&err);
    assert!(text.contains(" nanosleep\n"), "{text}");
    assert!(proc::state(tid).is_some());
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(tid), Signal::SIGINT).unwrap();
    let ended = wait_for("gostrace to end", SOON, || child.try_wait().unwrap());
    assert!(ended.success());
    assert!(!read(&out).contains("summary"), "the trace is the trace");
    drop(fixture);
}

#[test]
fn at_intervals_it_goes_where_the_trace_goes_and_grows() {
    let output = scratch("summary-interval").join("trace");
    let fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("naps"),
        &["-threads", "1", "-nap", "5ms"],
    );
    let tracer = Running::start(
        gostrace(&[
            "-c",
            "-U",
            "total-time,calls,name",
            "--interval",
            "200ms",
            "-e",
            "nanosleep",
        ])
        .args(["--sample=1ms", "-p", &fixture.pid.to_string(), "-o"])
        .arg(&output),
    );
    wait_for("two summaries", SOON, || {
        let text = std::fs::read_to_string(&output).unwrap_or_default();
        (text.matches("summary after ").count() >= 3).then_some(())
    });
    assert!(tracer.stop().status.success());
    let text = read(&output);
    let parts: Vec<&str> = text.split("summary after ").collect();
    let calls: Vec<u64> = parts
        .iter()
        .map(|part| sum(rows(part, "      seconds").values()).0)
        .collect();
    assert!(calls.is_sorted(), "{calls:?}");
    assert!(
        text.contains(" sampled: the duration of each is known ± "),
        "{text}"
    );
}
