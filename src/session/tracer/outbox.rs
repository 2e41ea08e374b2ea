//! From the tracer threads to the writer, in batches: waking the writer for each event would
//! cost more than the event.
//!
//! The engines share one outbox, whose lock is taken when the thread runs on already. Events
//! leave it in the order of their times: one is held back while an engine is at a stop that may
//! be an earlier one.

use super::Tracer;
use crate::event::Event;
use crate::session::capture::Captured;
use crate::sys::clock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Events that are sent together at most.
const BATCH: usize = 128;
/// Batches that may wait for the writer. When they are that many, the tracees wait.
pub(in crate::session) const QUEUE: usize = 64;
/// Long strings make smaller batches: the queue must not hold all memory.
const MAX_BATCH_BYTES: usize = 1 << 20;
/// How long an event may wait for others to be sent with. One that comes alone does not wait.
const MAX_WAIT_NS: u64 = 5_000_000;
/// How soon to try again to send what another engine holds back.
const HELD_BACK_NS: u64 = 500_000;
/// So many batches are not held back any longer: an engine may take its time over a stop at
/// which it reads a whole program.
const MAX_HELD_BACK: usize = 8;
/// How long the tracees of an attach wait for a reader that takes nothing. After that, events
/// are dropped, and counted as lost, until it takes some.
const MAX_STALL_NS: u64 = 2_000_000_000;
/// The same when tracing ends: what has been captured is shown, if the reader takes it now.
const MAX_LAST_STALL_NS: u64 = 500_000_000;
/// How long to wait before a full queue is tried again.
const FULL_QUEUE_PAUSE: Duration = Duration::from_micros(200);

/// What is on its way to the writer.
pub(super) struct Outbox {
    inner: Mutex<Inner>,
    limit: usize,
    due_ns: AtomicU64,
    /// The writer has gone: nothing more can be shown.
    closed: AtomicBool,
    /// Events that were dropped because the writer took nothing.
    lost: Arc<AtomicU64>,
}

struct Inner {
    queue: SyncSender<Vec<Captured>>,
    /// With the times that they are ordered by.
    batch: Vec<(u64, Captured)>,
    sent_ns: u64,
    /// The writer takes nothing: no tracee waits for it any more.
    stalled: bool,
}

impl Outbox {
    /// For events with strings of at most so many bytes each.
    pub(super) fn new(
        queue: SyncSender<Vec<Captured>>,
        lost: Arc<AtomicU64>,
        string_limit: usize,
    ) -> Outbox {
        Outbox {
            inner: Mutex::new(Inner {
                queue,
                batch: Vec::new(),
                sent_ns: 0,
                stalled: false,
            }),
            limit: (MAX_BATCH_BYTES / string_limit.max(1)).clamp(1, BATCH),
            due_ns: AtomicU64::new(u64::MAX),
            closed: AtomicBool::new(false),
            lost,
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// When what has gathered is to be sent: CLOCK_MONOTONIC nanoseconds.
    pub(super) fn due_ns(&self) -> u64 {
        self.due_ns.load(Ordering::Relaxed)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes out what is older than `horizon_ns`, in order.
    fn take_until(&mut self, horizon_ns: u64) -> Vec<Captured> {
        // Stable: events of one engine have come in the order of their times.
        self.batch.sort_by_key(|(at, _)| *at);
        let ready = self.batch.partition_point(|(at, _)| *at < horizon_ns);
        self.batch.drain(..ready).map(|(_, c)| c).collect()
    }
}

/// When what was captured happened; `None`: now.
fn time_of(captured: &Captured) -> Option<u64> {
    let at = match captured {
        Captured::Begun { .. } | Captured::Note(_) | Captured::Tally(_) => return None,
        Captured::Call(call) | Captured::Aside(_, call) => call.event.end,
        Captured::Event(Event::Syscall(call) | Event::Entered(call)) => call.end,
        Captured::Event(Event::Task(task)) => task.at,
        Captured::Event(Event::Signal(signal)) => signal.at,
        Captured::Event(Event::Exit(exit)) => exit.at,
        Captured::Event(Event::Finding(finding)) => finding.at,
        Captured::Event(Event::FoundAgain(again)) => again.at,
        Captured::Event(Event::Begun(_) | Event::Note(_)) => return None,
    };
    Some(at.mono_ns)
}

impl Tracer {
    /// Hands on to the writer, at once or with what comes next.
    pub(super) fn emit(&mut self, captured: Option<Captured>) {
        let Some(captured) = captured else {
            return;
        };
        let now = clock::mono_ns();
        // Whatever its time: what one engine tells stays in the order in which it tells it.
        self.told_ns = self.told_ns.max(time_of(&captured).unwrap_or(now));
        let out = &self.team.out;
        let mut inner = out.inner();
        inner.batch.push((self.told_ns, captured));
        let full = inner.batch.len() >= out.limit;
        if inner.batch.len() == 1 {
            let due_ns = inner.sent_ns.saturating_add(MAX_WAIT_NS);
            out.due_ns.store(due_ns, Ordering::Relaxed);
        }
        drop(inner);
        if full || out.due_ns() <= now {
            self.flush();
        } else {
            self.alarm_by(self.team.out.due_ns());
        }
    }

    /// Sends what has gathered.
    pub(super) fn flush(&mut self) {
        let team = Arc::clone(&self.team);
        let mut inner = team.out.inner();
        if inner.batch.is_empty() {
            return;
        }
        let horizon_ns = if inner.batch.len() >= team.out.limit.saturating_mul(MAX_HELD_BACK) {
            u64::MAX
        } else {
            team.horizon_ns(self.index)
        };
        let batch = inner.take_until(horizon_ns);
        if !batch.is_empty() {
            inner.sent_ns = clock::mono_ns();
            self.send(batch, &mut inner);
        }
        let due_ns = if inner.batch.is_empty() {
            u64::MAX
        } else {
            clock::mono_ns().saturating_add(HELD_BACK_NS)
        };
        team.out.due_ns.store(due_ns, Ordering::Relaxed);
        drop(inner);
        self.alarm_by(due_ns);
    }

    /// While the queue is full the tracees wait, but not for ever: the one who reads our output
    /// may be a tracee, or a pager that nobody turns.
    fn send(&mut self, mut batch: Vec<Captured>, inner: &mut Inner) {
        let began = clock::mono_ns();
        loop {
            batch = match inner.queue.try_send(batch) {
                Ok(()) => {
                    inner.stalled = false;
                    return;
                }
                Err(TrySendError::Full(back)) => back,
                Err(TrySendError::Disconnected(_)) => {
                    self.team.out.closed.store(true, Ordering::Relaxed);
                    return;
                }
            };
            let now = clock::mono_ns();
            let waited = now.saturating_sub(began);
            let patient = if self.should_end(now) {
                waited < MAX_LAST_STALL_NS && self.requests.interrupts() < 2
            } else {
                // A command of our own was started to be seen in full.
                self.command.is_some() || waited < MAX_STALL_NS
            };
            if inner.stalled || !patient {
                inner.stalled = true;
                let lost = batch.iter().filter(|c| c.is_event()).count();
                self.team.out.lost.fetch_add(lost as u64, Ordering::Relaxed);
                return;
            }
            std::thread::sleep(FULL_QUEUE_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ExitEvent, ExitKind, Timestamp};
    use crate::ids::{Pid, Tid};

    fn end_of(tid: i32, mono_ns: u64) -> (u64, Captured) {
        let at = Timestamp {
            mono_ns,
            wall_ns: mono_ns,
        };
        let exit = ExitEvent {
            pid: Pid(1),
            tid: Tid(tid),
            at,
            how: ExitKind::Status(0),
        };
        (mono_ns, Captured::Event(Event::Exit(exit)))
    }

    fn order(events: Vec<Captured>) -> Vec<i32> {
        let tid = |captured: &Captured| match captured {
            Captured::Event(Event::Exit(exit)) => exit.tid.0,
            _ => 0,
        };
        events.iter().map(tid).collect()
    }

    #[test]
    fn events_of_several_engines_leave_in_the_order_of_their_times() {
        let (queue, _receiver) = std::sync::mpsc::sync_channel(1);
        let mut inner = Inner {
            queue,
            batch: vec![end_of(1, 30), end_of(2, 10), end_of(3, 30), end_of(4, 20)],
            sent_ns: 0,
            stalled: false,
        };
        assert_eq!(order(inner.take_until(0)), [0; 0]);
        assert_eq!(order(inner.take_until(25)), [2, 4]);
        // One that a slower engine tells later, of the same time as one that waits.
        inner.batch.push(end_of(5, 30));
        inner.batch.push(end_of(6, 27));
        assert_eq!(order(inner.take_until(30)), [6]);
        assert_eq!(order(inner.take_until(u64::MAX)), [1, 3, 5]);
    }
}
