//! Looking for things in the mappings of a process, in big reads and within a budget.

use crate::ids::Addr;
use crate::memory::Memory;
use std::ops::ControlFlow;

/// A mapping of the process, as /proc/PID/maps or a program header has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region {
    /// First address.
    pub start: Addr,
    /// First address beyond.
    pub end: Addr,
    /// Whether it can be read.
    pub read: bool,
    /// Whether it can be written.
    pub write: bool,
    /// Whether it holds code.
    pub exec: bool,
}

/// Bytes of one read: few reads, and small enough to stay in the cache.
const CHUNK: usize = 1 << 20;
/// Bytes that one search may look at. An executable's non-code mappings are far smaller;
/// a heap may not be.
pub const BUDGET: u64 = 2 << 30;
const PAGE: u64 = 4096;

/// Hands the contents of `regions` to `look`, in order, in chunks that start at a page, until
/// `look` breaks, or `budget` bytes have been read. Unreadable pages are skipped.
pub fn scan<T>(
    memory: &(impl Memory + ?Sized),
    regions: impl Iterator<Item = Region>,
    budget: &mut u64,
    mut look: impl FnMut(Addr, &[u8]) -> ControlFlow<T>,
) -> Option<T> {
    let mut buf = vec![0; CHUNK];
    for region in regions.filter(|r| r.read) {
        let mut at = region.start;
        while at < region.end {
            let want = (region.end.0 - at.0).min(CHUNK as u64).min(*budget);
            if want == 0 {
                return None;
            }
            *budget -= want;
            let want = want as usize;
            let got = memory.read_some(at, &mut buf[..want]).unwrap_or(0);
            if let ControlFlow::Break(found) = look(at, &buf[..got]) {
                return Some(found);
            }
            // The page that could not be read is passed over.
            let skip = if got < want {
                (got as u64 / PAGE + 1) * PAGE
            } else {
                got as u64
            };
            let Some(next) = at.0.checked_add(skip) else {
                break;
            };
            at = Addr(next);
        }
    }
    None
}

/// The 8-byte words of a chunk with their addresses.
pub fn words(base: Addr, bytes: &[u8]) -> impl Iterator<Item = (Addr, u64)> {
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .enumerate()
        .map(move |(i, b)| (base.add(i as u64 * 8), u64::from_le_bytes(*b)))
}
