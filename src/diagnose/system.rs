//! What is looked at once a second, call or no call: the descriptors of each process, its
//! cgroup, its listening sockets, and what the tally of failures has come to.

use super::catalog::entry;
use super::facts::Facts;
use super::history::History;
use super::rules::{direction, setting};
use super::tally::{Attempt, Counted, EAGAIN, EINTR, EMFILE, ENFILE};
use super::{futex, looks};
use crate::event::{Known, Timestamp};
use crate::finding::{Evidence, Finding, FindingId, Severity};
use crate::ids::Pid;
use std::time::Duration;

/// Descriptors open, in tenths of what may be, that are too many.
const NEARLY_ALL: u64 = 9;
/// Shorter spans are not judged.
const MIN_SPAN: Duration = Duration::from_millis(500);
/// A full accept queue is told if it was full so long ago, too.
const STILL_FULL: Duration = Duration::from_millis(500);
/// Throttled periods below which nothing is said.
const MIN_THROTTLED: u64 = 3;
/// Failures a second.
const SPIN_RATE: u64 = 500;
const STORM_RATE: u64 = 50;

pub(super) fn look(history: &mut History, now: Timestamp, facts: &dyn Facts) -> Vec<Finding> {
    let since = history.last_tick.map_or(Duration::ZERO, |t| now.since(t));
    if since < MIN_SPAN {
        return Vec::new();
    }
    let pids: Vec<Pid> = history.processes.keys().copied().collect();
    let mut found = failures(history, now, since, facts);
    for pid in pids {
        found.extend(futex::runtime_locks(history, pid, now, since, facts));
        found.extend(looks::judge(history, pid, now, facts));
        found.extend(descriptors(history, pid, now, facts));
        found.extend(throttled(history, pid, now, facts));
        found.extend(backlog(history, pid, now, facts));
    }
    history.end_tally();
    history.runtime_locks.clear();
    history.last_tick = Some(now);
    found
}

pub(super) fn finding(id: FindingId, pid: Pid, at: Timestamp, severity: Severity) -> Finding {
    Finding {
        id,
        pid,
        tid: None,
        at,
        severity,
        func: None,
        evidence: Vec::new(),
        settings: Vec::new(),
        advice: entry(id).map_or("", |e| e.remedy),
    }
}

fn per_second(count: u64, over: Duration) -> u64 {
    let ms = u64::try_from(over.as_millis()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1000) / ms
}

fn failures(history: &History, now: Timestamp, over: Duration, facts: &dyn Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut all: Vec<(&Attempt, &Counted)> = history.tally.failures.iter().collect();
    all.sort_by_key(|(a, c)| (a.pid, std::cmp::Reverse(c.failed), a.call));
    for (attempt, counted) in all {
        let rate = per_second(counted.failed, over);
        // A second's worth, not a burst that the clock makes look like one.
        let lasting = |rate_limit: u64| rate >= rate_limit && counted.failed >= rate_limit / 2;
        let (id, severity) = match attempt.errno {
            EMFILE | ENFILE => (FindingId::FdExhaustion, Severity::Error),
            // Of a futex, say, EAGAIN means something else.
            EAGAIN if direction(attempt.call).is_none() => continue,
            EAGAIN if lasting(SPIN_RATE) && counted.succeeded * 100 < counted.failed => {
                (FindingId::EagainSpin, Severity::Warning)
            }
            EINTR if lasting(STORM_RATE) => (FindingId::SignalInterruption, Severity::Warning),
            _ => continue,
        };
        let mut f = finding(id, attempt.pid, now, severity);
        f.evidence.push(Evidence::Failures {
            call: attempt.call,
            fd: attempt.fd,
            errno: attempt.errno,
            count: counted.failed,
            succeeded: counted.succeeded,
            over,
        });
        match id {
            FindingId::FdExhaustion => history.describe_files(&mut f, facts),
            FindingId::SignalInterruption => {
                let signals = history.signals(attempt.pid);
                if !signals.is_empty() {
                    f.evidence.push(Evidence::Signals(signals));
                }
            }
            _ => {}
        }
        found.push(f);
    }
    found
}

fn descriptors(history: &History, pid: Pid, now: Timestamp, facts: &dyn Facts) -> Option<Finding> {
    let limit = match facts.nofile(pid) {
        Known::Is(limit) => limit,
        _ => return None,
    };
    let open = facts.open_files(pid)?;
    // No descriptor at all allowed: a sandbox, not a shortage.
    if limit == 0 || open.saturating_mul(10) < limit.saturating_mul(NEARLY_ALL) {
        return None;
    }
    let mut f = finding(FindingId::FdExhaustion, pid, now, Severity::Warning);
    history.describe_files(&mut f, facts);
    Some(f)
}

fn throttled(
    history: &mut History,
    pid: Pid,
    now: Timestamp,
    facts: &dyn Facts,
) -> Option<Finding> {
    let process = history.processes.get_mut(&pid)?;
    let current = facts.throttling(pid)?;
    let (before, since) = process.throttling.replace((current, now))?;
    let periods = current.throttled.saturating_sub(before.throttled);
    let time = Duration::from_nanos(current.throttled_ns.saturating_sub(before.throttled_ns));
    let over = now.since(since);
    if periods < MIN_THROTTLED || time * 10 < over {
        return None;
    }
    let mut f = finding(FindingId::CpuThrottled, pid, now, Severity::Warning);
    f.evidence.push(Evidence::Throttled {
        periods,
        of: current.periods.saturating_sub(before.periods),
        time,
        over,
    });
    let known = |n: Option<u64>| n.map_or(Known::NotAsked, Known::Is);
    f.settings = vec![
        setting("CPU quota (us)", known(current.quota_us)),
        setting("CPU period (us)", known(current.period_us)),
        setting("GOMAXPROCS", facts.gomaxprocs(pid)),
    ];
    Some(f)
}

fn backlog(history: &mut History, pid: Pid, now: Timestamp, facts: &dyn Facts) -> Vec<Finding> {
    let Some(process) = history.processes.get_mut(&pid) else {
        return Vec::new();
    };
    let mut full = std::collections::HashMap::new();
    let mut found = Vec::new();
    for listener in facts.full_listeners(pid) {
        let key = format!("{:?}", listener.target);
        let since = process.full_since.get(&key).copied().unwrap_or(now);
        full.insert(key, since);
        if now.since(since) < STILL_FULL {
            continue;
        }
        let mut f = finding(FindingId::Backlog, pid, now, Severity::Error);
        f.evidence.push(Evidence::AcceptQueue {
            target: listener.target,
            waiting: listener.waiting,
            limit: listener.limit,
        });
        let overflows = facts.overflows(pid).zip(process.overflows);
        let dropped = overflows.map_or(0, |(now, before)| now.saturating_sub(before));
        if dropped > 0 {
            f.evidence.push(Evidence::Overflows(dropped));
        }
        f.settings = vec![setting("net.core.somaxconn", facts.somaxconn(pid))];
        found.push(f);
    }
    process.full_since = full;
    found
}
