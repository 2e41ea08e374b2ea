//! From the tracer thread to the writer, in batches: waking the writer for each event would
//! cost more than the event.

use super::Tracer;
use crate::session::capture::Captured;
use crate::sys::clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// Events that are sent together at most.
const BATCH: usize = 128;
/// Batches that may wait for the writer. When they are that many, the tracees wait.
pub(in crate::session) const QUEUE: usize = 64;
/// Long strings make smaller batches: the queue must not hold all memory.
const MAX_BATCH_BYTES: usize = 1 << 20;
/// How long an event may wait for others to be sent with. One that comes alone does not wait.
const MAX_WAIT_NS: u64 = 5_000_000;
/// How long the tracees of an attach wait for a reader that takes nothing. After that, events
/// are dropped, and counted as lost, until it takes some.
const MAX_STALL_NS: u64 = 2_000_000_000;
/// How long to wait before a full queue is tried again.
const FULL_QUEUE_PAUSE: Duration = Duration::from_micros(200);

/// What is on its way to the writer.
pub(super) struct Outbox {
    queue: SyncSender<Vec<Captured>>,
    batch: Vec<Captured>,
    limit: usize,
    sent_ns: u64,
    /// The writer has gone: nothing more can be shown.
    closed: bool,
    /// The writer takes nothing: no tracee waits for it any more.
    stalled: bool,
    /// Events that were dropped for that.
    lost: Arc<AtomicU64>,
}

impl Outbox {
    /// For events with strings of at most so many bytes each.
    pub(super) fn new(
        queue: SyncSender<Vec<Captured>>,
        lost: Arc<AtomicU64>,
        string_limit: usize,
    ) -> Outbox {
        Outbox {
            queue,
            batch: Vec::new(),
            limit: (MAX_BATCH_BYTES / string_limit.max(1)).clamp(1, BATCH),
            sent_ns: 0,
            closed: false,
            stalled: false,
            lost,
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// When what has gathered is to be sent: CLOCK_MONOTONIC nanoseconds.
    pub(super) fn due_ns(&self) -> u64 {
        if self.batch.is_empty() {
            u64::MAX
        } else {
            self.sent_ns.saturating_add(MAX_WAIT_NS)
        }
    }
}

impl Tracer {
    /// Hands on to the writer, at once or with what comes next.
    pub(super) fn emit(&mut self, captured: Option<Captured>) {
        let Some(captured) = captured else {
            return;
        };
        self.out.batch.push(captured);
        if self.out.batch.len() >= self.out.limit || self.out.due_ns() <= clock::mono_ns() {
            self.flush();
        } else if self.out.batch.len() == 1 {
            self.alarm_by(self.out.due_ns());
        }
    }

    /// Sends what has gathered. While the queue is full the tracees wait, but not for ever: the
    /// one who reads our output may be a tracee, or a pager that nobody turns.
    pub(super) fn flush(&mut self) {
        if self.out.batch.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.out.batch);
        let began = clock::mono_ns();
        self.out.sent_ns = began;
        loop {
            batch = match self.out.queue.try_send(batch) {
                Ok(()) => {
                    self.out.stalled = false;
                    return;
                }
                Err(TrySendError::Full(back)) => back,
                Err(TrySendError::Disconnected(_)) => {
                    self.out.closed = true;
                    return;
                }
            };
            let now = clock::mono_ns();
            // A command of our own was started to be seen in full.
            let patient = self.command.is_some() || now.saturating_sub(began) < MAX_STALL_NS;
            if self.out.stalled || !patient || self.should_end(now) {
                self.out.stalled = true;
                self.out
                    .lost
                    .fetch_add(batch.len() as u64, Ordering::Relaxed);
                return;
            }
            std::thread::sleep(FULL_QUEUE_PAUSE);
        }
    }
}
