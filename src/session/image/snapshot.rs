//! What is read of a thread while it cannot move, and what is made of it afterwards.

use super::{GoImage, Overlay};
use crate::event::{Frame, GoContext, Goroutine, Known, RawCall, Stack, StackEnd};
use crate::golang::RawStack;
use crate::golang::class::classify;
use crate::golang::goroutine::{G, HeldP, StackOf, Thread};
use crate::golang::wait_reason::WaitReasons;
use crate::ids::{Addr, Goid, Tid};
use crate::session::native::Mapped;
use std::sync::Arc;

/// What was read of a thread's stack and goroutine.
#[derive(Debug)]
pub struct GoSnapshot {
    pub(super) image: Arc<GoImage>,
    pub(super) stack: RawStack,
    pub(super) thread: Known<Thread>,
    /// Here, so that naming it needs no lock which the engine takes at stops.
    pub(super) wait_reasons: Option<Arc<WaitReasons>>,
    pub(super) sp: Addr,
    pub(super) depth: usize,
    pub(super) mapped: Mapped,
}

impl GoSnapshot {
    /// The thread's M, with the goroutine that it runs.
    #[must_use]
    pub fn thread(&self) -> Option<&Thread> {
        self.thread.get()
    }

    /// Whether the thread works for the scheduler, and so has left its goroutine's stack for
    /// good (`mcall`) or not yet gone there: the stack that it is on has an end of its own.
    #[must_use]
    pub fn has_left_goroutine(&self) -> bool {
        let Some(thread) = self.thread.get() else {
            return false;
        };
        let on_own = |g: G| self.stack.frames.iter().any(|f| g.stack.contains(f.sp));
        thread.goroutine_at(self.sp) == StackOf::G0
            && self.stack.end == StackEnd::Root
            && !thread.curg.is_some_and(on_own)
    }

    /// Whether nothing that was read was missing: a process that was killed meanwhile has lost it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let Known::Is(thread) = &self.thread else {
            return false;
        };
        let kept = thread.locked_g.is_none() || thread.curg.is_some() || thread.kept_for.is_some();
        kept && !matches!(thread.p, HeldP::Unknown(_))
            && !matches!(self.stack.end, StackEnd::Broken(_))
    }

    /// For a thread that is not in a call: its PC is an instruction that it has yet to execute.
    #[must_use]
    pub fn interrupted(mut self) -> GoSnapshot {
        if let Some(leaf) = self.stack.frames.first_mut() {
            leaf.exact = true;
        }
        self
    }

    /// Turns addresses into names: the costly half, done while the thread runs on.
    #[must_use]
    pub fn resolve(&self, tid: Tid, call: &RawCall) -> GoContext {
        let memory = self.image.memory(tid);
        let program = &self.image.program;
        let mut stack = program.symbolize_all(&memory, &self.stack, Some(&self.mapped));
        let class = classify(&stack.frames, call);
        truncate(&mut stack, self.depth);
        GoContext {
            goroutine: self.goroutine(&memory, &stack.frames),
            class: if self.stack.frames.is_empty() {
                Known::Unknown("stack unknown".into())
            } else {
                Known::Is(class)
            },
            stack: Known::Is(stack),
        }
    }

    fn goroutine(&self, memory: &Overlay, frames: &[Frame]) -> Known<Goroutine> {
        let thread = match &self.thread {
            Known::Is(thread) => thread,
            Known::Unknown(reason) => return Known::Unknown(Arc::clone(reason)),
            Known::NotAsked => return Known::NotAsked,
        };
        // On the system stack it works for its goroutine only if the stack leads back to it.
        let own = match thread.goroutine_at(self.sp) {
            StackOf::Curg => thread.curg.as_ref(),
            _ => thread
                .curg
                .as_ref()
                .filter(|g| self.stack.frames.iter().any(|f| g.stack.contains(f.sp))),
        };
        let state = |g: &G| self.wait_reasons.as_ref().map(|reasons| reasons.state(g));
        let program = &self.image.program;
        let name = |pc: Addr| program.func_name_at(memory, pc).ok().flatten();
        Known::Is(Goroutine {
            goid: own.map_or(Goid(0), |g| g.goid),
            state: own.and_then(state),
            locked: own.is_some_and(|g| g.locked_m.is_some()),
            kept_for: thread.kept_for.and_then(|g| Some((g.goid, state(&g)?))),
            in_cgo: thread.in_cgo,
            entry: own.and_then(|g| name(g.startpc)),
            created_by: own
                .filter(|g| !g.gopc.is_null() && !frames.is_empty())
                .and_then(|g| name(g.gopc.sub(1))),
            m: thread.id,
            p: thread.p,
        })
    }
}

fn truncate(stack: &mut Stack, depth: usize) {
    if stack.frames.len() > depth {
        stack.frames.truncate(depth);
        stack.end = StackEnd::Depth;
    }
}
