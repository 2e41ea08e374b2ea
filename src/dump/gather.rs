//! All goroutines with their stacks and what they wait on, from a process that runs on.

use super::model::{RawGoroutine, RawStacks, StackState, WaitsOn};
use crate::golang::allgs::AllgsError;
use crate::golang::goroutine::{G, Runtime};
use crate::golang::sudog;
use crate::golang::unwind::{RawStack, UserStack};
use crate::golang::{Program, bulk};
use crate::ids::{Addr, Tid};
use crate::memory::{Memory, MemoryError};
use std::collections::HashMap;

/// Looks at a goroutine before it counts as moving.
const ROUNDS: usize = 4;
/// Bytes of a stack that are read with those of its neighbours; more are read when needed.
const MAX_STACK: u64 = 32 << 10;
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
}

impl Gathered {
    /// Looks at all goroutines.
    ///
    /// # Errors
    /// When their list cannot be read.
    pub fn read(source: &Source<'_>) -> Result<Gathered, AllgsError> {
        let found = source.runtime.goroutines(source.mem, MAX_GOROUTINES)?;
        let mut gathered = Gathered {
            list: found.list.into_iter().map(RawGoroutine::new).collect(),
            unreadable: found.unreadable,
            beyond_limit: found.beyond_limit,
            ..Gathered::default()
        };
        let all = (0..gathered.list.len()).collect();
        gathered.settle(source, all);
        gathered.drop_ended();
        Ok(gathered)
    }

    /// Looks again at the goroutines that were on a thread, and that no thread has accounted for.
    pub fn look_again(&mut self, source: &Source<'_>) {
        let open = |(i, g): (usize, &RawGoroutine)| {
            (g.stack == StackState::OnThread && g.thread.is_none()).then_some(i)
        };
        let pending: Vec<usize> = self.list.iter().enumerate().filter_map(open).collect();
        self.settle(source, pending);
        self.drop_ended();
    }

    /// Gives the goroutines that threads were found to have, each while it waited, to these: what
    /// was read of them there is newer, and of one moment with what the thread does.
    pub fn claim(&mut self, source: &Source<'_>, curgs: &[(Tid, G)]) {
        let numbers: HashMap<Addr, usize> = match curgs.is_empty() {
            true => HashMap::new(),
            false => (self.list.iter().enumerate().map(|(i, g)| (g.g.addr, i))).collect(),
        };
        for &(tid, g) in curgs {
            let stack = match g.syscall {
                // Where it left Go, should the thread's own stack not lead back to it.
                Some(_) => {
                    let user = UserStack::from(&g);
                    let raw = source.program.unwind_parked(source.mem, &user);
                    StackState::Known(self.stacks.add(raw))
                }
                None => StackState::OnThread,
            };
            let claimed = RawGoroutine {
                stack,
                thread: Some(tid),
                ..RawGoroutine::new(g)
            };
            match numbers.get(&g.addr).and_then(|&i| self.list.get_mut(i)) {
                Some(entry) => *entry = claimed,
                None => self.list.push(claimed),
            }
        }
    }

    /// Reads the stacks of those that are parked, between two looks at them.
    fn settle(&mut self, source: &Source<'_>, mut pending: Vec<usize>) {
        for round in 0..ROUNDS {
            let parked: Vec<usize> = pending
                .iter()
                .copied()
                .filter(|&i| self.list[i].g.is_parked())
                .collect();
            self.read_stacks(source, &parked);
            let addrs: Vec<Addr> = pending.iter().map(|&i| self.list[i].g.addr).collect();
            let again = source.runtime.read_gs(source.mem, &addrs);
            let mut moved = Vec::new();
            for (&i, now) in pending.iter().zip(again) {
                let then = &mut self.list[i];
                let same = now.as_ref().is_some_and(|now| now.is_where(&then.g));
                match now {
                    // What they waited on must be of the same moment, too.
                    Some(_) if same && then.g.is_parked() => {}
                    Some(now) if now.goid != then.g.goid || now.status.is_unused() => {
                        then.stack = StackState::Ended;
                    }
                    Some(now) if !now.is_parked() && now.m.is_some() => {
                        *then = RawGoroutine::new(now);
                        then.stack = StackState::OnThread;
                    }
                    Some(now) => {
                        *then = RawGoroutine::new(now);
                        then.stack = StackState::Moved;
                        moved.push(i);
                    }
                    None => then.stack = StackState::Moved,
                }
            }
            if moved.is_empty() || round + 1 == ROUNDS {
                return;
            }
            pending = moved;
        }
    }

    fn drop_ended(&mut self) {
        let before = self.list.len();
        self.list.retain(|g| g.stack != StackState::Ended);
        self.ended += before - self.list.len();
    }

    fn read_stacks(&mut self, source: &Source<'_>, parked: &[usize]) {
        let waiting = |i: &&usize| self.list[**i].g.waiting.is_some();
        let on_channels: Vec<usize> = parked.iter().filter(waiting).copied().collect();
        let gs: Vec<&G> = on_channels.iter().map(|&i| &self.list[i].g).collect();
        let channels = sudog::channels(source.mem, &source.runtime.layout.sudog, &gs);
        for (&i, channels) in on_channels.iter().zip(channels) {
            self.list[i].waits_on = channels.into_iter().map(WaitsOn::Channel).collect();
        }
        let wishes: Vec<(Addr, usize)> = parked
            .iter()
            .map(|&i| {
                let (g, sp) = (&self.list[i].g, self.list[i].g.sched.sp);
                let used = match g.stack.contains(sp) {
                    true => (g.stack.hi.0 - sp.0).min(MAX_STACK),
                    false => 0,
                };
                (sp, used as usize)
            })
            .collect();
        let lock = source.program.function_entry(source.mem, SEMACQUIRE);
        let lock = lock.ok().flatten();
        let mut words = Vec::new();
        bulk::read_each(source.mem, &wishes, |n, bytes| {
            let goroutine = &mut self.list[parked[n]];
            let window = Window {
                base: wishes[n].0,
                bytes: bytes.unwrap_or_default(),
                rest: source.mem,
            };
            let user = UserStack::from(&goroutine.g);
            let raw = source.program.unwind_parked(&window, &user);
            if let Some((entry, len)) = lock {
                let within = |pc: Addr| entry < pc && pc.0 - entry.0 <= len;
                words.extend(
                    frame_words(&raw, &window, within)
                        .into_iter()
                        .map(|word| (parked[n], goroutine.g.addr, word)),
                );
            }
            goroutine.stack = StackState::Known(self.stacks.add(raw));
        });
        for (i, at) in sudog::semaphores(source.mem, &source.runtime.layout.sudog, &words) {
            let goroutine = &mut self.list[i];
            let reason = source.runtime.state_name(&goroutine.g);
            goroutine.waits_on.push(WaitsOn::of_semaphore(at, reason));
        }
    }
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
