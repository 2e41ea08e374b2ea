//! From the start of gostrace to its first event with a stack, on a very large Go program.

use crate::criteria::{Figure, Figures};
use crate::options::Options;
use crate::support::run::{Fixture, gostrace, strace};
use crate::{big, machine, table};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Tracing goes on for so long before its memory is looked at.
const GO_ON: Duration = Duration::from_millis(500);

/// Measures and prints.
pub fn run(options: &Options, figures: &mut Figures) {
    let program = big::build();
    let size = std::fs::metadata(&program).unwrap().len() as f64 / 1e6;
    let target = Fixture::start::<&str>(&program, &[]);
    let pid = target.pid.to_string();
    println!(
        "a Go program of {size:.0} MB, {} functions of its own",
        target.number("functions")
    );
    let (mut first, mut peak, mut first_strace) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.runs {
        let (ms, mb) = once(&mut gostrace(&["-p", &pid, "-e", "getppid", "-k"]));
        first.push(ms);
        peak.push(mb);
        let strace_args = ["-f", "-p", &pid, "-e", "trace=getppid", "-o", "/dev/stdout"];
        first_strace.push(once(&mut strace(&strace_args)).0);
    }
    table::line("gostrace -e getppid -k: first event after", &first, "ms", 1);
    table::line(
        "strace (no stacks): first event after",
        &first_strace,
        "ms",
        1,
    );
    table::line("gostrace: peak memory", &peak, "MB", 1);
    figures.add("attach", Figure::FirstEventMs, first);
    figures.add("attach", Figure::PeakMb, peak);
}

/// Milliseconds to the first event, megabytes at most.
fn once(command: &mut Command) -> (f64, f64) {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.find(|line| line.as_ref().is_ok_and(|l| l.contains("getppid(")));
    let took = began.elapsed();
    assert!(line.is_some(), "{command:?} has ended without an event");
    let drain = std::thread::spawn(move || lines.for_each(drop));
    std::thread::sleep(GO_ON);
    let pid = child.id().cast_signed();
    let peak = machine::peak_mb(pid).unwrap();
    kill(Pid::from_raw(pid), Signal::SIGINT).unwrap();
    child.wait().unwrap();
    drain.join().unwrap();
    (took.as_secs_f64() * 1e3, peak)
}
