//! What it runs on, and what /proc says of a process that is measured.

use std::fs;
use std::time::Duration;

/// Prints the facts that a reader of the figures has to know, and what speaks against them.
pub fn print_facts() {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpus = cpus();
    let info = read("/proc/cpuinfo");
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("model unknown", |(_, model)| model);
    let virtual_machine = info.lines().any(|line| {
        line.starts_with("flags") && line.split_whitespace().any(|flag| flag == "hypervisor")
    });
    let place = if virtual_machine {
        ", in a virtual machine"
    } else {
        ""
    };
    let kernel = read("/proc/sys/kernel/osrelease");
    println!("{cpus} CPUs ({model}{place}), Linux {}", kernel.trim());
    let load: f64 = read("/proc/loadavg")
        .split_whitespace()
        .next()
        .and_then(|load| load.parse().ok())
        .unwrap_or(0.0);
    if load > 0.5 {
        println!(
            "warning: the load is {load}: something else is or was running, figures can be off"
        );
    }
}

/// CPUs that this process may use.
pub fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// CPU time that a process has used, in steps of a clock tick (10 ms); `None` where it is gone.
pub fn cpu_time(pid: i32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?; // the name can hold anything
    let ticks = |n: usize| fields.split(' ').nth(n)?.parse::<u64>().ok();
    // utime and stime, fields 14 and 15 of proc(5): USER_HZ is 100 on all that we run on.
    Some(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}

/// The most memory that a process has had, in MB; `None` where it is gone.
pub fn peak_mb(pid: i32) -> Option<f64> {
    let text = crate::support::proc::status(pid, "VmHWM")?;
    let kb: f64 = text.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kb / 1024.0)
}
