//! One run with all outputs at once: each is accepted by its own reader, and all agree on the
//! number of calls and on the time in them, to the nanosecond.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;
#[path = "support/trace_event.rs"]
mod trace_event;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::run::{Running, gostrace};
use support::{Go, NEWEST_GO, root, scratch, wait_for};

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

/// A run on the demo with these options; what it wrote is in the directory.
fn run(name: &str, options: &[&str]) -> PathBuf {
    let dir = scratch(name);
    let demo = Demo::start(&dir);
    let path = |file: &str| dir.join(file).to_str().unwrap().to_owned();
    let mut command = gostrace(&["-p", &demo.0.id().to_string(), "--format", "json"]);
    command.args(options);
    for (option, file) in [
        ("-o", "trace.json"),
        ("--flamegraph", "blocked.svg"),
        ("--folded", "blocked.txt"),
        ("--pprof", "blocked.pb.gz"),
        ("--perfetto", "timeline.json"),
    ] {
        command.arg(option).arg(path(file));
    }
    let ended = Running::start(&mut command).wait(SOON);
    assert!(ended.status.success(), "{ended:#?}");
    assert!(!ended.stderr.contains("LOST"), "{ended:#?}");
    let mut names: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("gostrace-demo-"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "blocked.pb.gz",
            "blocked.svg",
            "blocked.txt",
            "timeline.json",
            "trace.json"
        ],
        "nothing temporary is left"
    );
    dir
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

/// The calls of the trace that are not parked, each as it was told last, with their sum; and how
/// many were still blocked.
fn of_trace(dir: &Path) -> (Sum, u64) {
    let mut calls: BTreeMap<(i64, u64), Value> = BTreeMap::new();
    for line in read(dir, "trace.json").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["type"] == "syscall" {
            let start = line["start"]["mono_ns"].as_u64().unwrap();
            calls.insert((line["tid"].as_i64().unwrap(), start), line);
        }
    }
    calls.retain(|_, call| call["class"]["parked"] != true);
    let ns = calls.values().map(|c| c["duration_ns"].as_u64().unwrap());
    let still = calls.values().filter(|c| c["outcome"] == "blocked").count();
    ((calls.len() as u64, ns.sum()), still as u64)
}

/// Folded stacks: a stack of at least process, class and call, a space, a number.
fn of_folded(dir: &Path) -> u64 {
    let text = read(dir, "blocked.txt");
    assert!(text.contains(STALL), "{text}");
    let line = |line: &str| -> u64 {
        let (stack, ns) = line.rsplit_once(' ').unwrap();
        let parts: Vec<_> = stack.split(';').collect();
        assert!(
            parts.len() > 3 && parts.iter().all(|p| !p.is_empty()),
            "{line}"
        );
        ns.parse().unwrap()
    };
    text.lines().map(line).sum()
}

/// The whole width of the picture, which is well-formed XML.
fn of_svg(dir: &Path) -> u64 {
    let text = read(dir, "blocked.svg");
    let mut reader = quick_xml::Reader::from_str(&text);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    assert!(text.contains(&format!("<title>{STALL} (")), "{text}");
    let (_, all) = text.split_once("<title>all (").unwrap();
    let (ns, _) = all.split_once(" ns").unwrap();
    ns.replace(',', "").parse().unwrap()
}

fn pprof(options: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(root().join(".ci/go"));
    command.args([NEWEST_GO, "tool", "pprof"]).args(options);
    command.arg(dir.join("blocked.pb.gz"));
    command.env("PPROF_TMPDIR", dir);
    command
}

fn pprof_says(options: &[&str], dir: &Path) -> String {
    let ended = pprof(options, dir).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert!(ended.status.success(), "{}", text(ended.stderr));
    text(ended.stdout)
}

/// `go tool pprof -raw`: a line for each sample with its values.
fn of_pprof(dir: &Path) -> Sum {
    let raw = pprof_says(&["-raw"], dir);
    let (_, samples) = raw.split_once("Samples:\n").unwrap();
    let (samples, _) = samples.split_once("Locations\n").unwrap();
    let mut lines = samples.lines();
    assert_eq!(lines.next(), Some("calls/count blocked/nanoseconds[dflt]"));
    let values = lines.filter_map(|line| {
        let (values, _) = line.split_once(": ")?;
        let values: Result<Vec<u64>, _> = values.split_whitespace().map(str::parse).collect();
        <[u64; 2]>::try_from(values.ok()?).ok()
    });
    values.fold((0, 0), |sum, [calls, ns]| (sum.0 + calls, sum.1 + ns))
}

/// The slices of real threads, in a list of events that are all valid.
fn of_perfetto(dir: &Path) -> Sum {
    let text = read(dir, "timeline.json");
    let events = trace_event::parse(&text).unwrap();
    let wrong: Vec<_> = events
        .iter()
        .filter_map(|e| trace_event::check(e).err())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let parked =
        |e: &&Value| !gostrace::golang::class::classes().any(|c| c.parked && e["cat"] == c.id);
    let slices = || events.iter().filter(|e| e["ph"] == "X").filter(parked);
    let real = || slices().filter(|e| e["pid"].as_i64().unwrap() < GOROUTINES);
    assert!(slices().count() > real().count(), "goroutines have tracks");
    assert!(
        events.iter().any(|e| e["cat"] == "finding"),
        "findings are instants"
    );
    for slice in slices() {
        let ns = slice["args"]["duration_ns"].as_u64();
        let exact = slice["dur"].as_f64().unwrap() * 1000.0;
        assert!(
            ns.is_none_or(|ns| (exact - ns as f64).abs() < 0.5),
            "{slice}"
        );
        let named =
            |e: &&Value| e["ph"] == "M" && e["pid"] == slice["pid"] && e["tid"] == slice["tid"];
        assert!(events.iter().any(|e| named(&e)), "no name: {slice}");
    }
    let ns = real()
        .map(|e| e["args"]["duration_ns"].as_u64().unwrap())
        .sum();
    (real().count() as u64, ns)
}

fn assert_they_agree(dir: &Path) -> u64 {
    let (sum, still) = of_trace(dir);
    assert!(sum.0 > 10 && sum.1 > 100_000_000, "{sum:?}");
    assert_eq!(of_folded(dir), sum.1);
    assert_eq!(of_svg(dir), sum.1);
    assert_eq!(of_pprof(dir), sum);
    assert_eq!(of_perfetto(dir), sum);
    still
}

#[test]
fn all_outputs_of_a_run_agree_to_the_nanosecond() {
    let dir = run("outputs-all", &["--slow", "5ms", "-d", "4s"]);
    let still = assert_they_agree(&dir);
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
    let dir = run(
        "outputs-sampled",
        &["--slow", "10ms", "--sample", "-d", "3s"],
    );
    assert_they_agree(&dir);
    assert!(read(&dir, "blocked.svg").contains("; sampled, each to within "));
}

#[test]
fn all_outputs_of_a_run_of_everything_agree_and_leave_out_parked_time() {
    let dir = run("outputs-everything", &["-e", "%blocking", "-k", "-d", "2s"]);
    assert_they_agree(&dir);
    assert!(!read(&dir, "blocked.txt").contains(";idle-m;"));
}

/// What people do with a profile.
fn assert_pprof_shows_it(dir: &Path) {
    let top = pprof_says(&["-top", "-cum"], dir);
    assert!(top.contains("Type: blocked"), "{top}");
    assert!(top.contains(STALL), "{top}");
    assert!(
        top.contains("Time blocked in system calls: demo"),
        "comments: {top}"
    );
    let lines = pprof_says(&["-top", "-cum", "-lines", "-sample_index=calls"], dir);
    assert!(lines.contains("/stalls.go:"), "{lines}");
    let traces = pprof_says(&["-traces"], dir);
    for part in ["call:  waitid", "class:  process-wait", "goroutine:", "fd:"] {
        assert!(traces.contains(part), "{part}: {traces}");
    }
    let raw = pprof_says(&["-raw"], dir);
    let mapping = raw.split("Mappings\n").nth(1).unwrap();
    assert!(
        mapping.contains("demo-") && mapping.contains("[FN][FL][LN][IN]"),
        "{mapping}"
    );
    assert!(raw.contains("\nDuration: "), "{raw}");
    assert_pprof_serves_it(dir);
}

/// `go tool pprof -http`, in a group of its own: go runs pprof as a child.
fn assert_pprof_serves_it(dir: &Path) {
    struct Group(Child);
    impl Drop for Group {
        fn drop(&mut self) {
            let _ = killpg(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGKILL);
            let _ = self.0.wait();
        }
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = free.local_addr().unwrap();
    drop(free);
    let http = format!("-http={addr}");
    let mut command = pprof(&[&http, "-no_browser"], dir);
    command.process_group(0).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Group(command.spawn().unwrap());
    wait_for("pprof to serve", SOON, || TcpStream::connect(addr).ok());
    for path in ["/ui/top", "/ui/flamegraph"] {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        assert!(page.starts_with("HTTP/1.0 200"), "{page}");
        assert!(page.contains("renderInvoice"), "{path}: {page}");
    }
}
