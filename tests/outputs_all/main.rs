//! One run with all outputs at once: each is accepted by its own reader, and all agree on the
//! number of calls and on the time in them, to the nanosecond.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod profile;
mod readers;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/trace_event.rs"]
mod trace_event;

use profile::assert_pprof_shows_it;
use readers::*;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::run::{Running, gostrace};
use support::{Go, NEWEST_GO, scratch, wait_for};

const SOON: Duration = Duration::from_secs(60);
/// Process ids from here on are made up for goroutines.
const GOROUTINES: i64 = 1 << 22;
/// A function of the demo that stalls.
const STALL: &str = "main.(*shop).renderInvoice";

/// Calls, and nanoseconds in them.
type Sum = (u64, u64);

/// The demo, which its own directory vanishes with.
struct Demo(Child);

impl Demo {
    fn start(dir: &Path) -> Demo {
        let mut child = Command::new(Go::of(NEWEST_GO).build("demo"))
            .args(["-for", "120s"])
            .env("TMPDIR", dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.contains("ready"), "{line}");
        Demo(child)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The files of the outputs that a report can give as well.
const FILES: [(&str, &str); 5] = [
    ("-o", "trace.json"),
    ("--flamegraph", "blocked.svg"),
    ("--folded", "blocked.txt"),
    ("--pprof", "blocked.pb.gz"),
    ("--perfetto", "timeline.json"),
];

/// A run of all outputs on the demo with these options, until there is something in each; what it
/// wrote is in the directory.
fn run(name: &str, options: &[&str]) -> PathBuf {
    let dir = scratch(name);
    let demo = Demo::start(&dir);
    let path = |file: &str| dir.join(file).to_str().unwrap().to_owned();
    // What it says is read while it runs.
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$@\" 2>\"$0\"", &path("said")]);
    command.arg(env!("CARGO_BIN_EXE_gostrace"));
    command.args(["-p", &demo.0.id().to_string(), "--format", "json"]);
    command.args(["-C", "-U", "total-time,calls,name"]);
    command.args(options);
    for (option, file) in FILES {
        command.arg(option).arg(path(file));
    }
    command.args(["--record", &path("run.rec"), "--metrics", "127.0.0.1:0"]);
    command.args(["--metrics-file", &path("metrics.prom")]);
    let hook = format!("sh -c 'cat >>{}'", path("slow.json"));
    command.args(["--on-slow", &hook]);
    let tracer = Running::start(&mut command);
    let live = wait_for("metrics of all that is looked for", SOON, || {
        let said = fs::read_to_string(dir.join("said")).ok()?;
        let (_, rest) = said.split_once("metrics at http://")?;
        let metrics = scrape(rest.split_once("/metrics\n")?.0)?;
        let (calls, ns) = of_metrics(&metrics);
        let renders = metrics.contains("syscall_blocked_count_total{syscall=\"waitid\"");
        let found = !findings_of_metrics(&metrics).is_empty();
        (calls > 30 && ns > 200_000_000 && renders && found).then_some(metrics)
    });
    let ended = tracer.stop();
    assert!(ended.status.success(), "{ended:#?}");
    let said = read(&dir, "said");
    assert!(!said.contains("LOST"), "{said}");
    let mut names: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("gostrace-demo-"))
        .collect();
    names.sort();
    let others = ["metrics.prom", "run.rec", "said", "slow.json"];
    let mut expected: Vec<&str> = FILES.iter().map(|(_, file)| *file).chain(others).collect();
    expected.sort_unstable();
    assert_eq!(names, expected, "nothing temporary is left");
    assert_promtool_accepts(&live);
    let all = read(&dir, "metrics.prom");
    for (labels, early) in samples(&live, "syscall_blocked_duration_seconds_total") {
        let mut at_end = samples(&all, "syscall_blocked_duration_seconds_total");
        let (_, late) = at_end.find(|(l, _)| *l == labels).unwrap();
        assert!(early <= late, "{labels}: {early}, then {late}");
    }
    dir
}

/// What it said that is the summary, not a message.
fn summary(said: &str) -> String {
    let lines = said.lines().filter(|line| !line.starts_with("gostrace: "));
    lines.fold(String::new(), |all, line| all + line + "\n")
}

/// Of all outputs of a run; returns how many calls were still blocked.
fn assert_they_agree(dir: &Path, slow: bool) -> u64 {
    let events = events(dir);
    let (sum, still) = of_trace(&events);
    assert!(sum.0 > 10 && sum.1 > 100_000_000, "{sum:?}");
    assert_eq!(of_folded(dir), sum.1);
    assert_eq!(of_folded_by_inferno(dir), sum.1);
    assert_eq!(of_svg(dir), sum.1);
    assert_eq!(of_pprof(dir), sum);
    assert_eq!(of_perfetto(dir), sum);
    let summary = summary(&read(dir, "said"));
    assert_eq!(total(&summary, "seconds     calls syscall"), sum);
    assert_eq!(total(&summary, "by place in the program:"), sum);
    let metrics = read(dir, "metrics.prom");
    assert_promtool_accepts(&metrics);
    assert_eq!(of_metrics(&metrics), sum);
    assert_parked_agree(dir, &summary, &metrics);
    let found = findings(&events);
    assert_eq!(findings_of_summary(&summary), found);
    assert_eq!(findings_of_metrics(&metrics), found);
    assert_on_slow_agrees(dir, reasons(&events, slow));
    assert_report_agrees(dir, ended(&events));
    still
}

/// Parked time is in the summary's own table and in the metrics, and nowhere else.
fn assert_parked_agree(dir: &Path, summary: &str, metrics: &str) {
    let (calls, ns) = total(summary, "\nparked: ");
    let seconds = samples(metrics, "gostrace_parked_duration_seconds_total");
    let parked: u64 = seconds.map(|(_, s)| (s * 1e9).round() as u64).sum();
    assert_eq!(parked, ns);
    let (_, rest) = read(dir, "said")
        .split_once(" shown")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    // Hidden calls are counted for standard error, too.
    if let Some(hidden) = rest.strip_prefix("; ") {
        let hidden = hidden.split(" parked (").next().unwrap().replace(',', "");
        assert_eq!(hidden.parse::<u64>().unwrap(), calls);
    }
}

/// Each run of the command was told a line of the trace; those that were dropped are counted.
fn assert_on_slow_agrees(dir: &Path, reasons: u64) {
    let said = read(dir, "said");
    let count = |what: &str| {
        let of = |line: &str| -> Option<u64> {
            let (count, rest) = line
                .strip_prefix("gostrace: --on-slow: ")?
                .split_once(" run")?;
            rest.contains(what).then(|| count.parse().unwrap())
        };
        said.lines().find_map(of).unwrap_or(0)
    };
    let trace = read(dir, "trace.json");
    let told = read(dir, "slow.json");
    for line in told.lines() {
        assert!(trace.contains(line), "{line}");
    }
    let (ran, dropped) = (told.lines().count() as u64, count(" dropped"));
    assert!(ran > 0);
    assert_eq!(count(" failed"), 0, "{said}");
    let under_way = count(" not waited for");
    assert!(
        (reasons - dropped - under_way..=reasons - dropped).contains(&ran),
        "{ran} of {reasons}: {said}"
    );
}

/// A report gives byte for byte what the run gave, and its text says the same as the trace.
fn assert_report_agrees(dir: &Path, ended: Sum) {
    let again = dir.join("again");
    fs::create_dir(&again).unwrap();
    let recording = dir.join("run.rec");
    let mut command = gostrace(&["report"]);
    command.arg(&recording);
    for (option, file) in FILES {
        command.arg(option).arg(again.join(file));
    }
    let report = Running::start(&mut command).wait(SOON);
    assert!(report.status.success(), "{report:#?}");
    for (_, file) in FILES {
        let [live, again] = [dir, &again].map(|dir| fs::read(dir.join(file)).unwrap());
        assert!(live == again, "{file} differs in {}", dir.display());
    }
    assert_eq!(summary(&report.stderr), summary(&read(dir, "said")));
    let mut command = gostrace(&["report"]);
    command.arg(&recording);
    command.args(["--format", "text", "-c", "--no-stack", "-T=ns"]);
    let table = Running::start(&mut command).wait(SOON);
    assert_eq!(table.stdout, summary(&read(dir, "said")));
    let mut command = gostrace(&["report"]);
    command.arg(&recording);
    command.args(["--format", "text", "-C", "--no-stack", "-T=ns"]);
    let text = Running::start(&mut command).wait(SOON);
    assert!(text.status.success(), "{text:#?}");
    assert_eq!(of_text(&text.stdout), ended);
    let filtered = again.join("filtered");
    fs::create_dir(&filtered).unwrap();
    assert_filtered_report_agrees(&filtered, &recording);
    fs::remove_dir_all(again).unwrap();
}

/// What a report leaves out is in none of its outputs, nor among its findings.
fn assert_filtered_report_agrees(dir: &Path, recording: &Path) {
    let mut command = gostrace(&["report"]);
    command.arg(recording);
    command.args(["-C", "-U", "total-time,calls,name", "-e", "waitid"]);
    for (option, file) in FILES {
        command.arg(option).arg(dir.join(file));
    }
    let report = Running::start(&mut command).wait(SOON);
    assert!(report.status.success(), "{report:#?}");
    let events = events(dir);
    let (sum, _) = of_trace(&events);
    assert!(sum.0 > 0, "{report:#?}");
    assert_eq!(of_folded(dir), sum.1);
    assert_eq!(of_svg(dir), sum.1);
    assert_eq!(of_pprof(dir), sum);
    let summary = summary(&report.stderr);
    assert_eq!(total(&summary, "seconds     calls syscall"), sum);
    let found = findings(&events);
    assert_eq!(findings_of_summary(&summary), found);
    let mut calls = events.iter().filter(|e| e["type"] == "syscall");
    assert!(calls.all(|e| e["name"] == "waitid"));
}

#[test]
fn all_outputs_of_a_run_agree_to_the_nanosecond() {
    let dir = run("outputs-all", &["--slow", "5ms"]);
    let still = assert_they_agree(&dir, true);
    let svg = read(&dir, "blocked.svg");
    for part in [
        " over ",
        "%blocking of at least 5ms; exact",
        "left out: ",
        " parked calls",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    assert_eq!(
        svg.contains("still blocked, with the time so far"),
        still > 0
    );
    assert_pprof_shows_it(&dir);
}

#[test]
fn all_outputs_of_a_sampled_run_agree_and_say_how_it_was_measured() {
    let dir = run("outputs-sampled", &["--slow", "10ms", "--sample"]);
    assert_they_agree(&dir, true);
    assert!(read(&dir, "blocked.svg").contains("; sampled, each to within "));
}

#[test]
fn all_outputs_of_a_run_of_everything_agree_and_leave_out_parked_time() {
    let dir = run("outputs-everything", &["-e", "%blocking", "-k"]);
    assert_they_agree(&dir, false);
    assert!(!read(&dir, "blocked.txt").contains(";idle-m;"));
}
