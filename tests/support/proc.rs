//! /proc, as the tests need it: `None` where the process or thread is gone.

use std::fs;

/// The thread ids of a process.
pub fn tasks(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

/// A field of /proc/TID/status.
pub fn status(tid: i32, field: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{tid}/status"))
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .map(|value| value.trim().to_owned())
}

/// The process that traces a thread: 0 for none. (TracerPid is the id of the tracing thread.)
pub fn tracer(tid: i32) -> Option<i32> {
    let tracer: i32 = status(tid, "TracerPid")?.parse().ok()?;
    match tracer {
        0 => Some(0),
        // A tracer that is gone by now traces no more.
        _ => Some(status(tracer, "Tgid").map_or(0, |tgid| tgid.parse().unwrap())),
    }
}

/// The letter of a thread's state: R, S, D, T, t, Z, X.
pub fn state(tid: i32) -> Option<char> {
    status(tid, "State")?.chars().next()
}

/// The call that a thread is blocked in and its six arguments; `None` also where it runs.
pub fn syscall(tid: i32) -> Option<(i64, [u64; 6])> {
    let text = fs::read_to_string(format!("/proc/{tid}/syscall")).ok()?;
    let mut fields = text.split_whitespace();
    let nr = fields.next()?.parse().ok()?;
    let mut args = [0; 6];
    for arg in &mut args {
        *arg = u64::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
    }
    Some((nr, args))
}

/// Threads that are stopped (by a signal or a tracer) or still traced: none once a tracer has let go.
pub fn held(pid: i32) -> Vec<(i32, char, i32)> {
    tasks(pid)
        .into_iter()
        .filter_map(|tid| Some((tid, state(tid)?, tracer(tid)?)))
        .filter(|&(_, state, tracer)| matches!(state, 'T' | 't') || tracer != 0)
        .collect()
}

/// The machine's time on all CPUs so far, and how much of it they were idle, in ticks.
pub fn cpu_times() -> (u64, u64) {
    let text = fs::read_to_string("/proc/stat").unwrap();
    let line = text.lines().next().unwrap().strip_prefix("cpu ").unwrap();
    let ticks: Vec<u64> = line
        .split_whitespace()
        .map(|w| w.parse().unwrap())
        .collect();
    // user nice system idle iowait irq softirq steal; the rest is counted in these.
    (ticks[..8].iter().sum(), ticks[3] + ticks[4])
}

/// Which part of the time between the CPUs were idle.
pub fn idle_share(before: (u64, u64), after: (u64, u64)) -> f64 {
    (after.1 - before.1) as f64 / (after.0 - before.0).max(1) as f64
}

/// What each thread of a process is doing, for whoever must find out why it hangs.
pub fn doings(pid: i32) -> String {
    let of = |tid: i32, file: &str| {
        let text = fs::read_to_string(format!("/proc/{tid}/task/{tid}/{file}"));
        text.unwrap_or_default().trim().to_owned()
    };
    let line = |tid: i32| {
        let [wchan, syscall, children] = ["wchan", "syscall", "children"].map(|file| of(tid, file));
        format!(
            "{tid} {:?} {wchan}: {syscall} (children: {children})\n",
            state(tid)
        )
    };
    tasks(pid).into_iter().map(line).collect()
}
