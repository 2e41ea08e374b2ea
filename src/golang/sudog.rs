//! What a parked goroutine waits on, told by its sudogs: the channels of a receive, send or
//! select (`g.waiting`), and the semaphore below a lock, which only the stack leads to.
//!
//! Nothing is believed for its place alone: a sudog counts if its `g` is the goroutine that led
//! to it; one that is not in use has neither channel nor element (runtime/proc.go,
//! `releaseSudog`, insists on it).

use super::bulk;
use super::goroutine::G;
use super::layout::{Record, SudogLayout};
use crate::ids::Addr;
use crate::memory::Memory;

/// Channels of one select that are told.
const MAX_CASES: usize = 64;

/// A sudog as one read found it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sudog {
    g: Addr,
    elem: Addr,
    waitlink: Addr,
    c: Addr,
}

/// The state of a channel (`runtime.hchan`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Elements in its buffer.
    pub len: u64,
    /// How many its buffer holds.
    pub cap: u64,
    /// Whether it is closed.
    pub closed: bool,
}

impl SudogLayout {
    fn span(&self) -> usize {
        usize::from(self.elem.max(self.waitlink).max(self.c)) + 8
    }

    fn read(&self, mem: &dyn Memory, at: &[Addr]) -> Vec<Option<Sudog>> {
        let span = self.span();
        let wishes: Vec<(Addr, usize)> = at.iter().map(|&at| (at, span)).collect();
        let mut out = vec![None; at.len()];
        bulk::read_each(mem, &wishes, |i, bytes| {
            out[i] = bytes.and_then(|bytes| {
                let record = Record::of(at[i], bytes);
                Some(Sudog {
                    g: record.ptr(0).ok()?,
                    elem: record.ptr(self.elem).ok()?,
                    waitlink: record.ptr(self.waitlink).ok()?,
                    c: record.ptr(self.c).ok()?,
                })
            });
        });
        out
    }
}

/// The channels that each of these goroutines waits on; empty where none can be told.
#[must_use]
pub fn channels(mem: &dyn Memory, layout: &SudogLayout, gs: &[&G]) -> Vec<Vec<Addr>> {
    let mut found = vec![Vec::new(); gs.len()];
    let first = gs.iter().enumerate();
    let mut next: Vec<(usize, Addr)> = first.filter_map(|(i, g)| Some((i, g.waiting?))).collect();
    for _ in 0..MAX_CASES {
        let at: Vec<Addr> = next.iter().map(|(_, at)| *at).collect();
        let read = layout.read(mem, &at);
        let mut more = Vec::new();
        for (&(i, _), sudog) in next.iter().zip(read) {
            let Some(sudog) = sudog.filter(|s| s.g == gs[i].addr && !s.c.is_null()) else {
                continue;
            };
            if !found[i].contains(&sudog.c) {
                found[i].push(sudog.c);
            }
            if !sudog.waitlink.is_null() {
                more.push((i, sudog.waitlink));
            }
        }
        if more.is_empty() {
            break;
        }
        next = more;
    }
    found
}

/// Of these words of goroutines' stacks (address of its g, word), those that are sudogs of theirs
/// in a semaphore's queue: address of the g, and the semaphore.
#[must_use]
pub fn semaphores(
    mem: &dyn Memory,
    layout: &SudogLayout,
    words: &[(Addr, Addr)],
) -> Vec<(Addr, Addr)> {
    let at: Vec<Addr> = words.iter().map(|(_, word)| *word).collect();
    let read = layout.read(mem, &at);
    let proved = |(&(g, _), sudog): (&(Addr, Addr), Option<Sudog>)| {
        let sudog = sudog?;
        let queued = sudog.g == g && !sudog.elem.is_null() && sudog.c.is_null();
        // A semaphore is a u32.
        (queued && sudog.elem.0.is_multiple_of(4)).then_some((g, sudog.elem))
    };
    words.iter().zip(read).filter_map(proved).collect()
}

/// Whether a word can be the address of a sudog: aligned, and where the runtime maps memory.
#[must_use]
pub fn may_be_sudog(word: u64) -> bool {
    const LOWEST: u64 = 1 << 16;
    const USER_END: u64 = 1 << 47;
    word.is_multiple_of(8) && (LOWEST..USER_END).contains(&word)
}

/// The state of each of these channels; `None` where what is there cannot be one.
#[must_use]
pub fn channel_states(mem: &dyn Memory, at: &[Addr]) -> Vec<Option<Channel>> {
    // runtime/chan.go: qcount, dataqsiz, buf, elemsize (2 bytes), closed (4 bytes, after padding
    // or a bool of 1.24); the same in 1.19 to 1.27.
    const SPAN: usize = 32;
    let wishes: Vec<(Addr, usize)> = at.iter().map(|&at| (at, SPAN)).collect();
    let mut out = vec![None; at.len()];
    bulk::read_each(mem, &wishes, |i, bytes| {
        out[i] = bytes.and_then(|bytes| {
            let record = Record::of(at[i], bytes);
            let closed = record.u32(28).ok()?;
            let channel = Channel {
                len: record.u64(0).ok()?,
                cap: record.u64(8).ok()?,
                closed: closed != 0,
            };
            (channel.len <= channel.cap && closed <= 1).then_some(channel)
        });
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::layout::{Release, RuntimeLayout};
    use crate::golang::wait_reason::GStatus;
    use crate::ids::Goid;
    use crate::memory::Segments;

    fn layout(minor: u16) -> SudogLayout {
        let release = Release { minor, patch: 0 };
        RuntimeLayout::candidates(release).unwrap()[0].sudog
    }

    /// A sudog of the goroutine at `g`.
    fn sudog(layout: &SudogLayout, g: u64, elem: u64, waitlink: u64, c: u64) -> Vec<u8> {
        let mut bytes = vec![0; layout.span()];
        for (at, word) in [
            (0, g),
            (layout.elem, elem),
            (layout.waitlink, waitlink),
            (layout.c, c),
        ] {
            bytes[usize::from(at)..][..8].copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    fn waiting(at: u64, on: u64) -> G {
        G {
            addr: Addr(at),
            goid: Goid(1),
            status: GStatus::WAITING,
            wait_reason: 0,
            wait_since: 0,
            stack: Default::default(),
            sched: Default::default(),
            syscall: None,
            gopc: Addr(0),
            startpc: Addr(0),
            parent: None,
            m: None,
            locked_m: None,
            waiting: Some(Addr(on)),
            stops: 0,
        }
    }

    #[test]
    fn channels_of_a_select_are_followed_while_they_are_the_goroutines_own() {
        for minor in [19, 25, 26, 27] {
            let at = layout(minor);
            let mut mem = Segments::new();
            mem.map(Addr(0x1000), sudog(&at, 0x10, 0, 0x2000, 0xc1))
                .map(Addr(0x2000), sudog(&at, 0x10, 0x99, 0x3000, 0xc2))
                // Someone else's by now.
                .map(Addr(0x3000), sudog(&at, 0x20, 0, 0x1000, 0xc3));
            let (one, other) = (waiting(0x10, 0x1000), waiting(0x20, 0x1000));
            let nowhere = waiting(0x10, 0x9000);
            let found = channels(&mem, &at, &[&one, &other, &nowhere]);
            assert_eq!(found, [vec![Addr(0xc1), Addr(0xc2)], vec![], vec![]]);
        }
    }

    #[test]
    fn a_list_that_bites_its_tail_ends() {
        let at = layout(27);
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), sudog(&at, 0x10, 0, 0x1000, 0xc1));
        let found = channels(&mem, &at, &[&waiting(0x10, 0x1000)]);
        assert_eq!(found, [vec![Addr(0xc1)]]);
    }

    #[test]
    fn a_semaphore_is_told_by_a_sudog_of_this_goroutine_alone() {
        let at = layout(27);
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), sudog(&at, 0x10, 0x5004, 0, 0))
            // On a channel; released; not an address of a u32; of another goroutine.
            .map(Addr(0x2000), sudog(&at, 0x10, 0x5008, 0, 0xc1))
            .map(Addr(0x3000), sudog(&at, 0x10, 0, 0, 0))
            .map(Addr(0x4000), sudog(&at, 0x10, 0x5001, 0, 0))
            .map(Addr(0x5000), sudog(&at, 0x20, 0x5004, 0, 0));
        let words: Vec<_> = (0..7).map(|i| (Addr(0x10), Addr(i * 0x1000))).collect();
        let found = semaphores(&mem, &at, &words);
        assert_eq!(found, [(Addr(0x10), Addr(0x5004))]);
    }

    #[test]
    fn what_cannot_be_a_channel_has_no_state() {
        let hchan = |len: u64, cap: u64, closed: u32| {
            let mut bytes = vec![0; 32];
            bytes[..8].copy_from_slice(&len.to_le_bytes());
            bytes[8..16].copy_from_slice(&cap.to_le_bytes());
            bytes[28..].copy_from_slice(&closed.to_le_bytes());
            bytes
        };
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), hchan(2, 3, 1))
            .map(Addr(0x2000), hchan(4, 3, 0))
            .map(Addr(0x3000), hchan(0, 0, 2));
        let at = [0x1000, 0x2000, 0x3000, 0x4000].map(Addr);
        let channel = Channel {
            len: 2,
            cap: 3,
            closed: true,
        };
        assert_eq!(channel_states(&mem, &at), [Some(channel), None, None, None]);
    }
}
