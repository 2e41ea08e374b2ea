//! How many system calls gostrace makes for each stop of what it traces: counted by strace.

use crate::criteria::Figures;
use crate::options::Options;
use crate::support::proc;
use crate::support::run::{Fixture, strace};
use crate::support::{SOON, build_c, scratch, wait_for};
use std::process::Stdio;

/// The target's calls; each stops twice.
const CALLS: u32 = 20_000;

/// Counts and prints. The count is the same each time: once is enough.
pub fn run(_: &Options, _: &mut Figures) {
    for (what, select) in [("not shown", "futex"), ("shown", "getppid,read")] {
        println!("gostrace -e {select}, one thread whose calls are {what}: system calls a stop");
        let counts = count(select);
        let stops = f64::from(CALLS) * 2.0;
        let mut total = 0.0;
        for (name, calls) in counts {
            let a_stop = calls / stops;
            total += a_stop;
            if a_stop >= 0.005 {
                println!("    {name:<24}{a_stop:>8.2}");
            }
        }
        println!("    {:<24}{total:>8.2}", "all");
    }
}

/// Names and numbers of gostrace's calls while it traces all of the target's.
fn count(select: &str) -> Vec<(String, f64)> {
    let mut target = Fixture::start(&build_c("rates"), &["loop", "1", &CALLS.to_string()]);
    let table = scratch("compare-calls").join("table");
    let pid = target.pid.to_string();
    let mut command = strace(&["-f", "-qq", "-c", "-o"]);
    command.arg(&table).arg(env!("CARGO_BIN_EXE_gostrace"));
    command.args(["-p", &pid, "-e", select, "-o", "/dev/null"]);
    let mut tracer = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("gostrace to attach", SOON, || {
        let traced = |&tid: &i32| proc::tracer(tid).is_some_and(|tracer| tracer != 0);
        proc::tasks(target.pid).iter().all(traced).then_some(())
    });
    target.line();
    target.until("done");
    drop(target); // gostrace ends with it
    tracer.wait().unwrap();
    let text = std::fs::read_to_string(&table).unwrap();
    // % time, seconds, usecs/call, calls, errors (may be missing), name
    let row = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let name = *fields.last()?;
        let calls = fields.get(3)?.parse().ok()?;
        (name != "total").then(|| (name.to_owned(), calls))
    };
    let rows: Vec<_> = text.lines().filter_map(row).collect();
    assert!(!rows.is_empty(), "strace counted nothing: {text}");
    rows
}
