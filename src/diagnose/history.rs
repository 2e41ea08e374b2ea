//! What single calls do not show: how often they fail, how many threads are in them at once,
//! how long their threads waited for a CPU.

use super::catalog::advice;
use super::facts::{CpuShare, Facts, Throttling};
use super::looks::Window;
use super::rules::{Case, setting};
use super::tally::{EMFILE, ENFILE, Tally};
use crate::event::{FrameKind, HeldP, Outcome, Timestamp};
use crate::finding::{Evidence, Finding, FindingId, Severity};
use crate::ids::{Pid, Signal, Tid};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Threads blocked at once that are too many, whatever GOMAXPROCS,
const MANY_THREADS: u64 = 64;
/// and for each P.
const THREADS_PER_P: u64 = 4;
/// Goroutines should have been looked at before it is told what goes on, if they are at all.
const FIRST_LOOKS: Duration = Duration::from_millis(600);
/// Kinds of calls and threads that are kept account of at most.
pub(super) const MAX_KEPT: usize = 4096;
/// Calls that waited for a CPU are added up over so long,
const STARVED_SPAN: Duration = Duration::from_secs(2);
/// at most so many.
const MAX_STARVED: usize = 1024;
/// Waits that are given up before it is told.
const MIN_GIVEN_UP: u64 = 3;
/// The same where it has not been seen by what.
const MIN_UNEXPLAINED: u64 = 10;
/// C functions that are named.
const MAX_C_FRAMES: usize = 4;
/// Signals that are named.
const MAX_SIGNALS: usize = 3;
/// Openers that are named.
const MAX_OPENERS: usize = 3;

/// What is known of one process from before.
#[derive(Debug)]
pub(super) struct Watched {
    pub throttling: Option<(Throttling, Timestamp)>,
    pub overflows: Option<u64>,
    /// When listeners were last found full, by what they are.
    pub full_since: HashMap<String, Timestamp>,
    /// What threads are blocked in, as far as they were reported: by the program's own calls.
    blocked: HashMap<Tid, InCall>,
    openers: BTreeMap<Arc<str>, u64>,
    /// Functions that were refused a descriptor.
    refused: BTreeMap<Arc<str>, u64>,
    /// Waits of C code that were cut short and given up, by call and function.
    given_up: BTreeMap<(&'static str, Option<Arc<str>>), u64>,
    /// Calls that waited for a CPU of late: when they ended, for how long.
    starved: VecDeque<(Timestamp, Duration)>,
    /// Since when it is watched.
    begun: Timestamp,
    /// Looks at its goroutines.
    pub window: Window,
}

/// A call that a thread is blocked in, and whether its P was taken from it meanwhile, where known.
#[derive(Clone, Copy, Debug)]
struct InCall {
    name: &'static str,
    lost_p: Option<bool>,
}

/// A thread that was found blocked, and its times then.
#[derive(Clone, Copy, Debug)]
struct Look {
    share: CpuShare,
    at: Timestamp,
    start: Timestamp,
}

/// How long a thread waited for a CPU, of so much of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starved {
    time: Duration,
    over: Duration,
}

/// Everything that is kept between calls.
#[derive(Debug, Default)]
pub(super) struct History {
    pub processes: BTreeMap<Pid, Watched>,
    looks: HashMap<Tid, Look>,
    /// Since the last tick: waits for locks of the Go runtime by when they began, and how
    /// long each has lasted.
    pub runtime_locks: HashMap<(Pid, Tid, u64), Duration>,
    /// Since the last tick.
    pub tally: Tally,
    /// The same of the time between the two ticks before.
    before: Tally,
    pub last_tick: Option<Timestamp>,
}

impl History {
    pub fn begin(&mut self, pid: Pid, now: Timestamp, facts: &dyn Facts) {
        self.last_tick.get_or_insert(now);
        self.processes.entry(pid).or_insert_with(|| Watched {
            throttling: facts.throttling(pid).map(|t| (t, now)),
            overflows: facts.overflows(pid),
            full_since: HashMap::new(),
            blocked: HashMap::new(),
            openers: BTreeMap::new(),
            refused: BTreeMap::new(),
            given_up: BTreeMap::new(),
            starved: VecDeque::new(),
            begun: now,
            window: Window::default(),
        });
    }

    pub fn tally(&mut self, tally: &Tally) {
        self.tally.add(tally);
    }

    /// Keeps what later calls are judged by.
    pub fn note(&mut self, case: &Case<'_>) {
        let event = case.event;
        let first = self.processes.len() < MAX_KEPT;
        if first && !self.processes.contains_key(&event.pid) {
            self.begin(event.pid, event.end, case.facts);
        }
        self.tally.ended(event.pid, &event.call, event.outcome);
        let Some(process) = self.processes.get_mut(&event.pid) else {
            return;
        };
        let blocked = event.outcome == Outcome::Blocked && case.by_program_or_c();
        if blocked {
            let call = InCall {
                name: case.name,
                lost_p: event.go.goroutine.get().and_then(|g| lost(g.p)),
            };
            process.blocked.insert(event.tid, call);
        } else {
            process.blocked.remove(&event.tid);
        }
        self.note_opening(case);
    }

    /// Keeps who makes descriptors, and who is refused.
    pub fn note_opening(&mut self, case: &Case<'_>) {
        let process = self.processes.get_mut(&case.event.pid);
        let (Some(process), true) = (process, makes_descriptor(case.name)) else {
            return;
        };
        let by = match case.event.outcome {
            Outcome::Returned(0..) => &mut process.openers,
            Outcome::Failed(EMFILE | ENFILE) => &mut process.refused,
            _ => return,
        };
        if let Some(func) = case.func()
            && (by.len() < MAX_KEPT || by.contains_key(&func))
        {
            *by.entry(func).or_default() += 1;
        }
    }

    /// A wait of C code that a signal cut short and that was not repeated. Once may be meant.
    pub fn given_up(&mut self, case: &Case<'_>) -> Option<Finding> {
        if !matches!(case.class(), "cgo" | "cgo-callback" | "native") {
            return None;
        }
        let process = self.processes.get_mut(&case.event.pid)?;
        let key = (case.name, case.func());
        if process.given_up.len() >= MAX_KEPT && !process.given_up.contains_key(&key) {
            return None;
        }
        let times = process.given_up.entry(key).or_default();
        *times += 1;
        let times = *times;
        let signals = self.signals(case.event.pid);
        // Which signals came is told a little later than that calls were interrupted.
        let least = if signals.is_empty() {
            MIN_UNEXPLAINED
        } else {
            MIN_GIVEN_UP
        };
        if times < least {
            return None;
        }
        let frames = case.event.go.stack.get().map_or(&[][..], |s| &s.frames);
        let of_c = frames.iter().take_while(|f| f.kind == FrameKind::Native);
        let evidence = vec![
            Evidence::GivenUp {
                call: case.name,
                times,
                by: of_c
                    .take(MAX_C_FRAMES)
                    .map(|f| Arc::clone(&f.func))
                    .collect(),
            },
            case.lasted(),
        ];
        let mut finding = case.finding(FindingId::SignalInterruption, Severity::Warning, evidence);
        finding.advice = advice::GIVEN_UP;
        if !signals.is_empty() {
            finding.evidence.push(Evidence::Signals(signals));
        }
        Some(finding)
    }

    /// What was counted since the last tick has been judged.
    pub fn end_tally(&mut self) {
        self.before = std::mem::take(&mut self.tally);
    }

    /// The signals delivered since the last tick, or else between the two before, the most first.
    pub fn signals(&self, pid: Pid) -> Vec<(Signal, u64)> {
        let of = |tally: &Tally| -> Vec<(Signal, u64)> {
            let all = tally.signals.iter().filter(|((p, _), _)| *p == pid);
            all.map(|((_, s), n)| (*s, *n)).collect()
        };
        let mut all = of(&self.tally);
        if all.is_empty() {
            all = of(&self.before);
        }
        all.sort_by_key(|(signal, n)| (std::cmp::Reverse(*n), signal.0));
        all.truncate(MAX_SIGNALS);
        all
    }

    /// Keeps waits for locks of the Go runtime: one of them may be chance.
    pub fn note_lock(&mut self, case: &Case<'_>) {
        let event = case.event;
        if case.class() != "runtime-lock" || !case.is_slow() || case.name != "futex" {
            return;
        }
        let key = (event.pid, event.tid, event.start.known().mono_ns);
        if self.runtime_locks.len() < MAX_KEPT || self.runtime_locks.contains_key(&key) {
            self.runtime_locks.insert(key, event.duration());
        }
    }

    /// Whether the thread, rather than wait in the call, waited for a CPU: told by the time from
    /// the look that found it blocked to the call's end.
    pub fn starved(&mut self, case: &Case<'_>) -> Option<Starved> {
        let event = case.event;
        if !case.is_slow() {
            return None;
        }
        let start = event.start.known();
        let before = self.looks.remove(&event.tid).filter(|l| l.start == start);
        let has_ended = event.outcome != Outcome::Blocked;
        // Longer than the call could be called slow, and most of what was left of it.
        let is_long = |time: Duration| time >= case.slow;
        if has_ended && !before.is_some_and(|l| is_long(event.end.since(l.at))) {
            return None;
        }
        let share = case.facts.cpu_share(event.tid)?;
        if event.outcome == Outcome::Blocked {
            if self.looks.len() < MAX_KEPT {
                let at = before.map_or(event.end, |b| b.at);
                let share = before.map_or(share, |b| b.share);
                self.looks.insert(event.tid, Look { share, at, start });
            }
            return None;
        }
        let before = before?;
        let over = event.end.since(before.at);
        let waited = share.waited_ns.saturating_sub(before.share.waited_ns);
        let time = Duration::from_nanos(waited).min(over);
        // Longer than the call could be called slow, and most of what was left of it.
        let most = time >= case.slow && time * 3 >= over * 2;
        most.then_some(Starved { time, over })
    }

    /// A call that was starved is worth telling when such calls have come to a tenth of the time:
    /// on a machine with room, too, a thread now and then waits for its turn.
    pub fn starvation(&mut self, case: &Case<'_>, starved: Starved) -> Option<Finding> {
        let event = case.event;
        let process = self.processes.get_mut(&event.pid)?;
        let recent = &mut process.starved;
        recent.push_back((event.end, starved.time));
        let is_old = |at: Timestamp| event.end.since(at) > STARVED_SPAN;
        while recent.len() > MAX_STARVED || recent.front().is_some_and(|(at, _)| is_old(*at)) {
            recent.pop_front();
        }
        let total: Duration = recent.iter().map(|(_, time)| *time).sum();
        if total * 10 < STARVED_SPAN {
            return None;
        }
        let evidence = vec![
            Evidence::WaitedForCpu {
                time: starved.time,
                over: starved.over,
            },
            Evidence::Starved {
                calls: recent.len() as u64,
                time: total,
                over: STARVED_SPAN,
            },
        ];
        Some(case.finding(FindingId::CpuThrottled, Severity::Warning, evidence))
    }

    /// A call that found no free descriptor.
    pub fn exhaustion(&self, case: &Case<'_>) -> Option<Finding> {
        let Outcome::Failed(errno @ (EMFILE | ENFILE)) = case.event.outcome else {
            return None;
        };
        let failed = Evidence::Failures {
            call: case.name,
            fd: None,
            errno,
            count: 1,
            succeeded: 0,
            over: Duration::ZERO,
        };
        let mut finding = case.finding(FindingId::FdExhaustion, Severity::Error, vec![failed]);
        self.describe_files(&mut finding, case.facts);
        Some(finding)
    }

    /// Adds what fills the table of descriptors, and its limits.
    pub fn describe_files(&self, finding: &mut Finding, facts: &dyn Facts) {
        let pid = finding.pid;
        if let Some(open) = facts.open_files(pid) {
            finding.evidence.push(Evidence::OpenFiles(open));
        }
        let kinds = facts.fd_kinds(pid);
        if !kinds.is_empty() {
            finding.evidence.push(Evidence::Kinds(kinds));
        }
        let most = |of: fn(&Watched) -> &BTreeMap<Arc<str>, u64>| {
            self.processes.get(&pid).map(of).map_or(Vec::new(), most)
        };
        finding
            .evidence
            .push(Evidence::Openers(most(|p| &p.openers)));
        let refused = most(|p| &p.refused);
        if !refused.is_empty() {
            finding.evidence.push(Evidence::Refused(refused));
        }
        finding.settings = vec![
            setting("RLIMIT_NOFILE", facts.nofile(pid)),
            setting("fs.file-max", facts.sysctl("fs/file-max")),
        ];
    }

    /// Very many threads blocked at once.
    pub fn explosion(&mut self, case: &Case<'_>) -> Option<Finding> {
        let process = self.processes.get_mut(&case.event.pid)?;
        let blocked = process.blocked.len() as u64;
        if blocked < MANY_THREADS || !process.blocked.contains_key(&case.event.tid) {
            return None;
        }
        let procs = case.facts.gomaxprocs(case.event.pid);
        let enough = procs
            .get()
            .is_none_or(|n| blocked >= n.saturating_mul(THREADS_PER_P));
        if !enough || !case.is_blocked() {
            return None;
        }
        process.window.add(case.facts.looks(case.event.pid));
        if !process.window.is_begun() && case.event.end.since(process.begun) < FIRST_LOOKS {
            return None;
        }
        let mut by_call: BTreeMap<&'static str, u64> = BTreeMap::new();
        for call in process.blocked.values() {
            *by_call.entry(call.name).or_default() += 1;
        }
        let mut calls: Vec<_> = by_call.into_iter().collect();
        calls.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let threads = Evidence::Threads {
            all: case.facts.threads(case.event.pid),
            blocked,
            calls,
        };
        let known = process.blocked.values().filter_map(|call| call.lost_p);
        let handed_off = Evidence::HandedOff {
            lost: known.clone().filter(|lost| *lost).count() as u64,
            of: known.count() as u64,
        };
        let id = FindingId::ThreadExplosion;
        let mut finding = case.finding(id, Severity::Warning, vec![threads, handed_off]);
        finding.evidence.extend(process.window.returned());
        // The process's, whichever call is the one too many.
        finding.func = None;
        finding.settings = vec![setting("GOMAXPROCS", procs)];
        Some(finding)
    }
}

/// Those with the highest counts.
fn most(by: &BTreeMap<Arc<str>, u64>) -> Vec<(Arc<str>, u64)> {
    let mut all: Vec<_> = by.iter().map(|(f, n)| (Arc::clone(f), *n)).collect();
    all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    all.truncate(MAX_OPENERS);
    all
}

/// Whether a thread has lost the P that it entered its call with.
fn lost(p: HeldP) -> Option<bool> {
    match p {
        HeldP::Held(_) | HeldP::Kept(_) => Some(false),
        HeldP::Left(..) => Some(true),
        HeldP::None | HeldP::Unknown(_) => None,
    }
}

/// Whether a call of this name makes a descriptor.
#[must_use]
pub fn makes_descriptor(name: &str) -> bool {
    matches!(
        name,
        "accept"
            | "accept4"
            | "open"
            | "openat"
            | "openat2"
            | "creat"
            | "socket"
            | "socketpair"
            | "pipe"
            | "pipe2"
            | "dup"
            | "dup2"
            | "dup3"
            | "epoll_create1"
            | "eventfd2"
            | "timerfd_create"
            | "inotify_init1"
            | "memfd_create"
            | "pidfd_open"
    )
}
