//! All goroutines at once, from a process that runs on: few large reads, and a second look.
//!
//! Nothing holds the process still, so what was read may have changed while it was read. A g
//! structure is never freed or moved (`runtime.allgs` only grows), so every address stays good;
//! [`Runtime::still_same`] tells which goroutines did not move between the two looks.

use super::bulk;
use super::goroutine::{G, parse_g};
use super::layout::Record;
use super::roots::{MAX_GS, RootError};
use super::runtime::Runtime;
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError};
use std::collections::HashSet;

/// What a look at all goroutines found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Goroutines {
    /// Those in use, in the order of their making; dead ones are left out.
    pub list: Vec<G>,
    /// How many g structures are free for reuse.
    pub unused: usize,
    /// How many could not be read.
    pub unreadable: usize,
    /// How many there are beyond the limit that was asked for.
    pub beyond_limit: u64,
}

/// Why there is no list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AllgsError {
    /// It was never found.
    #[error(transparent)]
    Root(#[from] RootError),
    /// It cannot be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Its length is beyond all reason.
    #[error("runtime.allglen is {0}")]
    Length(u64),
}

impl Runtime {
    /// The addresses of all g structures, each once, at most `limit` of them, and how many there
    /// are beyond.
    ///
    /// # Errors
    /// When the list was not found or cannot be read.
    pub fn all_gs(&self, mem: &dyn Memory, limit: usize) -> Result<(Vec<Addr>, u64), AllgsError> {
        let (root, _) = self.allgs?;
        // In the order of runtime.atomicAllG: an array is never shorter than an earlier length.
        let len = mem.u64(root.len_at)?;
        let array = mem.ptr(root.ptr_at)?;
        if len > MAX_GS {
            return Err(AllgsError::Length(len));
        }
        let count = len.min(limit as u64);
        Ok((each_once(read_array(mem, array, count)?), len - count))
    }

    /// All goroutines, at most `limit` of them.
    ///
    /// # Errors
    /// When the list was not found or cannot be read; not when a single goroutine cannot be.
    pub fn goroutines(&self, mem: &dyn Memory, limit: usize) -> Result<Goroutines, AllgsError> {
        let (gs, beyond_limit) = self.all_gs(mem, limit)?;
        let mut found = Goroutines {
            beyond_limit,
            ..Goroutines::default()
        };
        for g in self.read_gs(mem, &gs) {
            match g {
                Some(g) if g.status.is_unused() => found.unused += 1,
                Some(g) => found.list.push(g),
                None => found.unreadable += 1,
            }
        }
        Ok(found)
    }

    /// For each goroutine whether it is where it was: same id, same state, same saved registers.
    /// A stack read between the two looks is then the stack of that goroutine in that place.
    #[must_use]
    pub fn still_same(&self, mem: &dyn Memory, gs: &[G]) -> Vec<bool> {
        let addrs: Vec<Addr> = gs.iter().map(|g| g.addr).collect();
        self.read_gs(mem, &addrs)
            .iter()
            .zip(gs)
            .map(|(now, then)| now.as_ref().is_some_and(|now| now.is_where(then)))
            .collect()
    }

    /// The g's at these addresses, in their order; `None` where one cannot be read.
    #[must_use]
    pub fn read_gs(&self, mem: &dyn Memory, addrs: &[Addr]) -> Vec<Option<G>> {
        let span = self.layout.g_span();
        let wishes: Vec<(Addr, usize)> = addrs.iter().map(|&at| (at, span)).collect();
        let mut out = vec![None; addrs.len()];
        bulk::read_each(mem, &wishes, |i, bytes| {
            let record = bytes.map(|bytes| Record::of(addrs[i], bytes));
            out[i] = record.and_then(|r| parse_g(&r, &self.layout).ok());
        });
        out
    }
}

/// The list of a damaged process may repeat one without end: it is no other goroutine, and would be
/// read and kept as often.
fn each_once(mut gs: Vec<Addr>) -> Vec<Addr> {
    let mut sorted = gs.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|w| w[0] == w[1]) {
        let mut seen = HashSet::new();
        gs.retain(|g| seen.insert(*g));
    }
    gs
}

fn read_array(mem: &dyn Memory, array: Addr, count: u64) -> Result<Vec<Addr>, MemoryError> {
    const CHUNK: u64 = 64 << 10;
    let mut out = Vec::new();
    let mut done = 0;
    while done < count {
        let n = (count - done).min(CHUNK);
        let bytes = mem.bytes(array.add(done * 8), n as usize * 8)?;
        out.extend(
            bytes
                .chunks_exact(8)
                .map(|w| Addr(w.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b))))
                .filter(|at| !at.is_null()),
        );
        done += n;
    }
    Ok(out)
}
