//! All goroutines with their stacks and what they wait on, from a process that runs on.

use super::model::{RawGoroutine, RawStacks, StackState, WaitsOn};
use crate::golang::allgs::AllgsError;
use crate::golang::goroutine::{G, Runtime};
use crate::golang::netpoll::PollWait;
use crate::golang::sudog;
use crate::golang::unwind::{RawStack, UserStack};
use crate::golang::{Program, bulk};
use crate::ids::{Addr, Tid};
use crate::memory::{Memory, MemoryError};
use std::collections::HashMap;

/// Looks at a goroutine before it counts as moving.
const ROUNDS: usize = 8;
/// Goroutines that are looked at together: few enough for [`MAX_WINDOW_NS`].
const CHUNK: usize = 64;
/// Between two looks this short no goroutine can have stopped running 256 times, which would
/// look as if it had not: to stop and be started again takes several 100 ns.
const MAX_WINDOW_NS: u64 = 40_000;
/// Bytes of a stack that are read between the looks.
const MAX_STACK: u64 = 1 << 20;
/// Goroutines that are handled in one dump: what their g's take (500 bytes and more each) is
/// memory of ours as well.
const MAX_GOROUTINES: usize = 4 << 20;
/// Where goroutines wait for a lock.
const SEMACQUIRE: &str = "runtime.semacquire1";

/// What is read, and with what knowledge.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The process.
    pub mem: &'a dyn Memory,
    /// Its code.
    pub program: &'a Program,
    /// Its runtime.
    pub runtime: &'a Runtime,
    /// CLOCK_MONOTONIC in nanoseconds.
    pub clock: &'a dyn Fn() -> u64,
}

/// A goroutine that a thread has, read while the thread could not move.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The thread.
    pub tid: Tid,
    /// The goroutine.
    pub g: G,
    /// Whether the thread has left its stack with all registers saved in `sched`.
    pub saved: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The goroutines, in the order of their making.
    pub list: Vec<RawGoroutine>,
    /// Their stacks, each once.
    pub stacks: RawStacks,
    /// How many ended between the looks.
    pub ended: usize,
    /// How many g's could not be read.
    pub unreadable: usize,
    /// How many more there are than we take.
    pub beyond_limit: u64,
    /// Words on the stacks of goroutines that wait for locks (address of the g, word): each may be
    /// its sudog's address.
    words: Vec<(Addr, Addr)>,
    /// `runtime.semacquire1`, whose frames those words are in.
    lock: Option<(Addr, u64)>,
}

/// What became of a g.
// Nearly all are the large one.
#[allow(clippy::large_enum_variant)]
enum Outcome {
    Goroutine(RawGoroutine),
    Unused,
    Unreadable,
}

impl Gathered {
    /// Looks at all goroutines.
    ///
    /// # Errors
    /// When their list cannot be read.
    pub fn read(source: &Source<'_>) -> Result<Gathered, AllgsError> {
        let (all, beyond_limit) = source.runtime.all_gs(source.mem, MAX_GOROUTINES)?;
        let lock = source.program.function_entry(source.mem, SEMACQUIRE);
        let mut gathered = Gathered {
            beyond_limit,
            lock: lock.ok().flatten(),
            ..Gathered::default()
        };
        for chunk in all.chunks(CHUNK) {
            for outcome in gathered.look(source, chunk) {
                match outcome {
                    Outcome::Goroutine(g) => gathered.list.push(g),
                    Outcome::Unused => {}
                    Outcome::Unreadable => gathered.unreadable += 1,
                }
            }
        }
        Ok(gathered)
    }

    /// Looks again at the goroutines that moved or were on a thread, and that no thread has
    /// accounted for.
    pub fn look_again(&mut self, source: &Source<'_>) {
        let open = |(i, g): (usize, &RawGoroutine)| {
            let open = matches!(g.stack, StackState::OnThread | StackState::Moved);
            (open && g.thread.is_none()).then_some(i)
        };
        let open: Vec<usize> = self.list.iter().enumerate().filter_map(open).collect();
        for chunk in open.chunks(CHUNK) {
            let addrs: Vec<Addr> = chunk.iter().map(|&i| self.list[i].g.addr).collect();
            let outcomes = self.look(source, &addrs);
            for (&i, outcome) in chunk.iter().zip(outcomes) {
                match outcome {
                    Outcome::Goroutine(g) => {
                        self.ended += usize::from(g.g.goid != self.list[i].g.goid);
                        self.list[i] = g;
                    }
                    Outcome::Unused => self.list[i].stack = StackState::Ended,
                    Outcome::Unreadable => self.list[i].stack = StackState::Moved,
                }
            }
        }
        let before = self.list.len();
        self.list.retain(|g| g.stack != StackState::Ended);
        self.ended += before - self.list.len();
    }

    /// Gives the goroutines that threads were found to have, each while it waited, to these: what
    /// was read of them there is newer, and of one moment with what the thread does.
    pub fn claim(&mut self, source: &Source<'_>, curgs: &[Claim]) {
        let numbers: HashMap<Addr, usize> = match curgs.is_empty() {
            true => HashMap::new(),
            false => (self.list.iter().enumerate().map(|(i, g)| (g.g.addr, i))).collect(),
        };
        for Claim { tid, g, saved } in curgs {
            // Should the thread's own stack not lead back to it: where it left Go, or its stack.
            let stack = match g.syscall.is_some() || *saved {
                true => {
                    let raw = source.program.unwind_parked(source.mem, &g.into());
                    StackState::Known(self.stacks.add(raw))
                }
                false => StackState::OnThread,
            };
            let claimed = RawGoroutine {
                stack,
                thread: Some(*tid),
                ..RawGoroutine::new(*g)
            };
            match numbers.get(&g.addr).and_then(|&i| self.list.get_mut(i)) {
                Some(entry) => *entry = claimed,
                None => self.list.push(claimed),
            }
        }
    }

    /// Looks at a few: at their g's, at the stacks of those that are parked, at their g's again.
    fn look(&mut self, source: &Source<'_>, addrs: &[Addr]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = addrs.iter().map(|_| Outcome::Unreadable).collect();
        let mut open: Vec<usize> = (0..addrs.len()).collect();
        for round in 1..=ROUNDS {
            let at: Vec<Addr> = open.iter().map(|&i| addrs[i]).collect();
            let began = (source.clock)();
            let then = source.runtime.read_gs(source.mem, &at);
            let stacks = read_stacks(source.mem, &then);
            let now = source.runtime.read_gs(source.mem, &at);
            let quick = (source.clock)().saturating_sub(began) <= MAX_WINDOW_NS;
            let mut moved = Vec::new();
            for (k, &i) in open.iter().enumerate() {
                let still = |now: &G| then[k].is_some_and(|then| now.is_where(&then));
                outcomes[i] = match now[k] {
                    None => Outcome::Unreadable,
                    Some(g) if g.status.is_unused() => Outcome::Unused,
                    // On a machine that is so busy, better than nothing at last.
                    Some(g) if g.is_parked() && still(&g) && (quick || round == ROUNDS) => {
                        Outcome::Goroutine(self.parked(source, g, &stacks[k]))
                    }
                    Some(g) => {
                        if !g.is_on_thread() {
                            moved.push(i);
                        }
                        Outcome::Goroutine(RawGoroutine::new(g))
                    }
                };
            }
            if moved.is_empty() {
                break;
            }
            open = moved;
        }
        outcomes
    }

    fn parked(&mut self, source: &Source<'_>, g: G, stack: &[u8]) -> RawGoroutine {
        let window = Window {
            base: g.sched.sp,
            bytes: stack,
            rest: source.mem,
        };
        let raw = source.program.unwind_parked(&window, &UserStack::from(&g));
        if let Some((entry, len)) = self.lock {
            let within = |pc: Addr| entry < pc && pc.0 - entry.0 <= len;
            let words = frame_words(&raw, &window, within);
            self.words
                .extend(words.into_iter().map(|word| (g.addr, word)));
        }
        RawGoroutine {
            stack: StackState::Known(self.stacks.add(raw)),
            ..RawGoroutine::new(g)
        }
    }

    /// Finds what they wait on, once all have been looked at; nothing for those that have moved
    /// by the time that is known.
    pub fn find_waits(&mut self, source: &Source<'_>) {
        let known = |g: &RawGoroutine| matches!(g.stack, StackState::Known(_));
        let layout = &source.runtime.layout.sudog;
        let mut on_channels: Vec<usize> = (0..self.list.len()).collect();
        on_channels.retain(|&i| known(&self.list[i]) && self.list[i].g.waiting.is_some());
        let gs: Vec<&G> = on_channels.iter().map(|&i| &self.list[i].g).collect();
        let channels = sudog::channels(source.mem, layout, &gs);
        for (&i, channels) in on_channels.iter().zip(channels) {
            self.list[i].waits_on = channels.into_iter().map(WaitsOn::Channel).collect();
        }
        let semaphores = sudog::semaphores(source.mem, layout, &self.words);
        let semaphores: HashMap<Addr, Addr> = semaphores.into_iter().collect();
        for g in self.list.iter_mut().filter(|g| known(g)) {
            if let Some(at) = semaphores.get(&g.g.addr) {
                let state = source.runtime.state(&g.g);
                g.waits_on.push(WaitsOn::of_semaphore(*at, state.name()));
            }
        }
        self.forget_moved(source, |g| !g.waits_on.is_empty(), |g| g.waits_on.clear());
    }

    /// Gives them their waits in Go's poller, by the addresses of their g's; nothing to those that
    /// have moved since they were looked at.
    pub fn take_polls(&mut self, source: &Source<'_>, polls: &HashMap<Addr, PollWait>) {
        for g in &mut self.list {
            g.polls = polls.get(&g.g.addr).copied().filter(|_| g.g.is_parked());
        }
        self.forget_moved(source, |g| g.polls.is_some(), |g| g.polls = None);
    }

    fn forget_moved(
        &mut self,
        source: &Source<'_>,
        concerns: impl Fn(&RawGoroutine) -> bool,
        forget: impl Fn(&mut RawGoroutine),
    ) {
        let mut waiting: Vec<&mut RawGoroutine> = self.list.iter_mut().collect();
        waiting.retain(|g| concerns(g));
        for chunk in waiting.chunks_mut(CHUNK) {
            let gs: Vec<G> = chunk.iter().map(|g| g.g).collect();
            let same = source.runtime.still_same(source.mem, &gs);
            for (g, _) in chunk.iter_mut().zip(same).filter(|(_, same)| !same) {
                forget(g);
            }
        }
    }
}

/// The used parts of the stacks of those that are parked; empty for the others.
fn read_stacks(mem: &dyn Memory, gs: &[Option<G>]) -> Vec<Vec<u8>> {
    let wish = |g: &Option<G>| match g {
        Some(g) if g.is_parked() && g.stack.contains(g.sched.sp) => {
            let used = (g.stack.hi.0 - g.sched.sp.0).min(MAX_STACK);
            (g.sched.sp, used as usize)
        }
        _ => (Addr(0), 0),
    };
    let mut stacks = vec![Vec::new(); gs.len()];
    let wishes: Vec<(usize, (Addr, usize))> = gs.iter().map(wish).enumerate().collect();
    let wishes: Vec<_> = wishes
        .into_iter()
        .filter(|(_, (_, len))| *len > 0)
        .collect();
    let places: Vec<(Addr, usize)> = wishes.iter().map(|(_, place)| *place).collect();
    bulk::read_each(mem, &places, |n, bytes| {
        stacks[wishes[n].0] = bytes.unwrap_or_default().to_vec();
    });
    stacks
}

/// The words in the frame of a function that may be the addresses of sudogs.
fn frame_words(raw: &RawStack, window: &Window<'_>, within: impl Fn(Addr) -> bool) -> Vec<Addr> {
    const MAX_FRAME: u64 = 1024;
    let frame = raw.frames.windows(2).find(|pair| within(pair[0].pc));
    let Some([frame, caller]) = frame.and_then(|pair| pair.first_chunk::<2>()) else {
        return Vec::new();
    };
    let size = caller.sp.0.saturating_sub(frame.sp.0).min(MAX_FRAME);
    let start = frame.sp.0.wrapping_sub(window.base.0) as usize;
    let bytes = window.bytes.get(start..).unwrap_or_default();
    let words = bytes.chunks_exact(8).take(size as usize / 8);
    let mut found: Vec<Addr> = words
        .filter_map(|w| Some(u64::from_le_bytes(*w.first_chunk()?)))
        .filter(|&w| sudog::may_be_sudog(w))
        .map(Addr)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A stack that has been read, and all else as it is.
struct Window<'a> {
    base: Addr,
    bytes: &'a [u8],
    rest: &'a dyn Memory,
}

impl Memory for Window<'_> {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let known = usize::try_from(addr.0.wrapping_sub(self.base.0))
            .ok()
            .and_then(|offset| self.bytes.get(offset..))
            .filter(|known| !known.is_empty());
        match known {
            Some(known) => {
                let n = known.len().min(buf.len());
                buf[..n].copy_from_slice(&known[..n]);
                Ok(n)
            }
            None => self.rest.read_some(addr, buf),
        }
    }
}
