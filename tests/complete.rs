//! The trace is complete, or says by how much it is not; and whatever becomes of the trace, the target
//! does its work.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use nix::sys::signal::Signal;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::run::{Fixture, Output, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, proc, scratch, tool, wait_for};

const CALLS: usize = 40_000;
/// One of ten kinds of calls, all of them known.
const SELECTED: usize = CALLS / 10;
const SELECTION: [&str; 4] = ["-e", "trace==lseek", "-e", "signal=none"];

/// A program that makes a known number of calls, when it is told to.
fn counted() -> Fixture {
    let calls = CALLS.to_string();
    let exe = Go::of(NEWEST_GO).build("counted");
    Fixture::start(&exe, &["-calls", &calls, "-threads", "4"])
}

fn arguments(pid: i32) -> Vec<String> {
    let mut args = vec!["-q".to_owned(), "-p".to_owned(), pid.to_string()];
    args.extend(SELECTION.map(str::to_owned));
    args
}

/// Has it make its calls under this tracer; it ends, having made them all.
fn work(mut target: Fixture, mut tracer: Running) -> Output {
    tracer.wait_attached(target.pid);
    target.line();
    let done = target.until("done");
    assert_eq!(done["calls"], CALLS);
    assert!(target.finish().0.success());
    tracer.wait(SOON)
}

fn calls(text: &str) -> usize {
    text.lines().filter(|l| l.contains("lseek(")).count()
}

/// The count in the sentence that has this part.
fn count(text: &str, part: &str) -> usize {
    let line = text.lines().find(|l| l.contains(part));
    let line = line.unwrap_or_else(|| panic!("nothing of {part:?} in {text:?}"));
    let number = line.split_whitespace().find_map(|w| w.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {line}"))
}

/// The file ends in the middle, which is said: after how many events, and why.
fn ends_with(output: &Output, file: &Path, why: &str) {
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert!(output.stderr.contains(why), "{output:?}");
    let handed = count(&output.stderr, "it ends within its first");
    let written = calls(&fs::read_to_string(file).unwrap());
    assert!(
        written <= handed && handed < SELECTED,
        "{written}, {handed}: {output:?}"
    );
    assert!(written > 100, "what there was room for is there: {written}");
}

#[test]
fn a_file_that_may_not_grow_ends_the_trace_with_a_word() {
    let (target, file) = (counted(), scratch("complete-limit").join("trace"));
    let mut command = Command::new(tool("prlimit", "util-linux"));
    command.args(["--fsize=50000", env!("CARGO_BIN_EXE_gostrace")]);
    command.args(arguments(target.pid)).arg("-o").arg(&file);
    let output = work(target, Running::start(&mut command));
    ends_with(&output, &file, "File too large");
}

#[test]
fn a_full_disk_ends_the_trace_with_a_word() {
    let (target, dir) = (counted(), scratch("complete-disk"));
    // A mount of its own, which nobody else sees and which is gone with it.
    let script = "mount -t tmpfs -o size=64k none \"$0\" && cd \"$0\" && \"$@\"; \
                  status=$?; cat \"$0/trace\" >\"$0.copy\"; exit $status";
    let mut command = Command::new(tool("unshare", "util-linux"));
    command.args(["--mount", "sh", "-c", script]).arg(&dir);
    command.arg(env!("CARGO_BIN_EXE_gostrace"));
    command.args(arguments(target.pid)).args(["-o", "trace"]);
    let tracer = Running::start(&mut command);
    let pid = target.pid;
    wait_for("gostrace to attach", SOON, || {
        let tasks = proc::tasks(pid);
        tasks
            .iter()
            .all(|&tid| proc::tracer(tid) != Some(0))
            .then_some(())
    });
    let mut target = target;
    target.line();
    assert_eq!(target.until("done")["calls"], CALLS);
    assert!(target.finish().0.success());
    let output = tracer.wait(SOON);
    ends_with(
        &output,
        &dir.with_extension("copy"),
        "No space left on device",
    );
}

#[test]
fn what_a_stuck_reader_does_not_take_is_counted() {
    let target = counted();
    let mut command = gostrace(&arguments(target.pid));
    let mut tracer = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = target.pid;
    wait_for("gostrace to attach", SOON, || {
        let tasks = proc::tasks(pid);
        tasks
            .iter()
            .all(|&tid| proc::tracer(tid) != Some(0))
            .then_some(())
    });
    let mut target = target;
    target.line();
    // Nothing is read until it is done: it waited for two seconds, and then went on without us.
    assert_eq!(target.until("done")["calls"], CALLS);
    let mut text = String::new();
    tracer
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let mut said = String::new();
    tracer
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(tracer.wait().unwrap().success());
    assert!(target.finish().0.success());
    let lost = count(&said, "LOST: the trace is incomplete");
    assert!(lost > 0 && calls(&text) > 0);
    // Ends of threads are events, too.
    let missing = SELECTED - calls(&text);
    assert!(
        (missing..missing + 32).contains(&lost),
        "{missing} missing, {said}"
    );
}

#[test]
fn a_slow_reader_gets_everything() {
    let target = counted();
    let mut command = gostrace(&arguments(target.pid));
    let mut tracer = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let reader = BufReader::with_capacity(512, tracer.stdout.take().unwrap());
    let read = std::thread::spawn(move || {
        let mut calls = 0;
        for (n, line) in reader.lines().enumerate() {
            calls += usize::from(line.unwrap().contains("lseek("));
            if n % 200 == 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        calls
    });
    let pid = target.pid;
    wait_for("gostrace to attach", SOON, || {
        let tasks = proc::tasks(pid);
        tasks
            .iter()
            .all(|&tid| proc::tracer(tid) != Some(0))
            .then_some(())
    });
    let mut target = target;
    target.line();
    assert_eq!(target.until("done")["calls"], CALLS);
    assert!(target.finish().0.success());
    let mut said = String::new();
    tracer
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(tracer.wait().unwrap().success());
    assert_eq!(read.join().unwrap(), SELECTED, "{said}");
    assert!(!said.contains("LOST"), "{said}");
}

#[test]
fn a_pipe_that_is_closed_ends_the_trace_and_not_the_target() {
    let target = counted();
    let mut command = gostrace(&arguments(target.pid));
    let mut tracer = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = target.pid;
    wait_for("gostrace to attach", SOON, || {
        let tasks = proc::tasks(pid);
        tasks
            .iter()
            .all(|&tid| proc::tracer(tid) != Some(0))
            .then_some(())
    });
    let mut target = target;
    target.line();
    let mut first = String::new();
    BufReader::new(tracer.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    // Its reader is gone by now.
    let mut said = String::new();
    tracer
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(tracer.wait().unwrap().success(), "{said}");
    assert!(said.is_empty() && first.contains("lseek("), "{said}{first}");
    assert_eq!(target.until("done")["calls"], CALLS);
    assert!(target.finish().0.success());
}

/// Stopped, it holds its target, loses nothing and doubles nothing.
#[test]
fn a_tracer_that_is_stopped_and_continued_misses_nothing() {
    let (target, file) = (counted(), scratch("complete-stopped").join("trace"));
    let mut command = gostrace(&arguments(target.pid));
    let mut tracer = Running::start(command.arg("-o").arg(&file));
    tracer.wait_attached(target.pid);
    let mut target = target;
    target.line();
    let tracer_pid = tracer.pid;
    for _ in 0..5 {
        wait_for("calls", SOON, || {
            (fs::metadata(&file).map_or(0, |m| m.len()) > 0).then_some(())
        });
        tracer.signal(Signal::SIGSTOP);
        wait_for("the tracer to stop", SOON, || {
            matches!(proc::state(tracer_pid), Some('T')).then_some(())
        });
        std::thread::sleep(Duration::from_millis(50));
        tracer.signal(Signal::SIGCONT);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(target.until("done")["calls"], CALLS);
    assert!(target.finish().0.success());
    let output = tracer.wait(SOON);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    assert_eq!(calls(&fs::read_to_string(&file).unwrap()), SELECTED);
}
