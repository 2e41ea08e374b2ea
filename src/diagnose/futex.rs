//! `futex-contention` and `thread-held`: waits for a lock, in C, in the Go runtime, in Go code.

use super::catalog::advice;
use super::facts::Facts;
use super::history::History;
use super::rules::{Case, setting};
use super::system::finding;
use crate::event::{Outcome, Timestamp, Wait};
use crate::finding::{Evidence, Finding, FindingId, Severity};
use crate::ids::{Addr, Pid, Tid};
use std::collections::HashSet;
use std::time::Duration;

/// Long waits for locks of the Go runtime in one look that are no chance any more: so many,
const MIN_LOCK_WAITS: u64 = 5;
/// by so many threads.
const MIN_LOCK_THREADS: u64 = 2;

pub(super) fn contention(case: &Case<'_>) -> Option<Finding> {
    const FUTEX_CMD: u64 = 0x7f;
    const FUTEX_WAIT: u64 = 0;
    const FUTEX_LOCK_PI: u64 = 6;
    const FUTEX_WAIT_BITSET: u64 = 9;
    const FUTEX_LOCK_PI2: u64 = 13;
    const FUTEX_TID_MASK: u32 = 0x3fff_ffff;
    /// glibc's lll_lock: locked, and others wait.
    const CONTENDED: u64 = 2;
    if case.name != "futex" || !case.by_program_or_c() || !case.is_blocked() {
        return None;
    }
    let (event, facts) = (case.event, case.facts);
    let word = Addr(case.arg(0));
    let words = facts.words(event.tid, word)?;
    let owner = match case.arg(1) & FUTEX_CMD {
        FUTEX_LOCK_PI | FUTEX_LOCK_PI2 => words[0] & FUTEX_TID_MASK,
        // struct __pthread_mutex_s (glibc): __lock, __count, __owner.
        FUTEX_WAIT | FUTEX_WAIT_BITSET if case.arg(2) == CONTENDED && words[0] == 2 => words[2],
        _ => return None,
    };
    let owner = Tid(i32::try_from(owner).ok()?);
    let held = owner.0 != 0 && owner != event.tid && facts.has_thread(event.pid, owner);
    if !held || !facts.still_in(event) {
        return None;
    }
    let task = facts.task(owner);
    let mut evidence = vec![
        Evidence::Holder {
            pid: Some(event.pid),
            tid: Some(owner),
            command: task.as_ref().and_then(|t| t.command.clone()),
            call: task.and_then(|t| t.call),
            own: true,
        },
        Evidence::FutexWord { value: words[0] },
        case.lasted(),
    ];
    let others = facts.waiting_on(event.pid, event.tid, word);
    if others > 0 {
        evidence.push(Evidence::SameWord(others));
    }
    Some(case.finding(FindingId::FutexContention, Severity::Warning, evidence))
}

pub(super) fn thread_held(case: &Case<'_>) -> Option<Finding> {
    const FUTEX_CMD: u64 = 0x7f;
    let waits = match case.name {
        "nanosleep" | "clock_nanosleep" | "epoll_wait" | "epoll_pwait" | "epoll_pwait2"
        | "poll" | "ppoll" | "select" | "pselect6" => true,
        "futex" => matches!(case.arg(1) & FUTEX_CMD, 0 | 9),
        _ => false,
    };
    // An event loop that waits for ever may well be all that its goroutine is for; one that
    // has come back had something to wait for.
    let idle = case.event.outcome == Outcome::Blocked && case.event.wait == Some(Wait::Endless);
    if !waits || idle || !case.by_program() {
        return None;
    }
    let evidence = vec![Evidence::KeepsThread, case.lasted()];
    let finding = case.finding(FindingId::ThreadHeld, Severity::Note, evidence);
    Some(Finding {
        advice: match case.name {
            "nanosleep" | "clock_nanosleep" => advice::SLEEP,
            "futex" => advice::FUTEX,
            _ => advice::POLL,
        },
        ..finding
    })
}

/// Locks inside the Go runtime that threads have waited for since the last look: one wait may be
/// the holder's bad luck with the kernel, half a thread's time is contention.
pub(super) fn runtime_locks(
    history: &History,
    pid: Pid,
    now: Timestamp,
    over: Duration,
    facts: &dyn Facts,
) -> Option<Finding> {
    let all = history.runtime_locks.iter();
    let own = all.filter(|((of, ..), _)| *of == pid);
    let lasted: Vec<Duration> = own.clone().map(|(_, time)| (*time).min(over)).collect();
    let threads: HashSet<Tid> = own.map(|((_, tid, _), _)| *tid).collect();
    let total: Duration = lasted.iter().sum();
    let waits = lasted.len() as u64;
    let threads = threads.len() as u64;
    if waits < MIN_LOCK_WAITS || threads < MIN_LOCK_THREADS || total * 2 < over {
        return None;
    }
    let mut f = finding(FindingId::FutexContention, pid, now, Severity::Warning);
    f.advice = advice::RUNTIME_LOCK;
    f.evidence.push(Evidence::RuntimeLock {
        waits,
        threads,
        total,
        longest: lasted.into_iter().max().unwrap_or_default(),
        over,
    });
    f.settings = vec![setting("GOMAXPROCS", facts.gomaxprocs(pid))];
    Some(f)
}
