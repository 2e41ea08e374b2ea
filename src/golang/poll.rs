//! Which descriptor a goroutine waits for in the runtime's poller (state `IO wait`).
//!
//! The stack leads to a `runtime.pollDesc` (runtime/netpoll.go: link, fd, ...), and it is believed
//! if it names this very goroutine as the one that waits (`rg`, `wg`), wherever these fields lie.

use super::bulk;
use super::goroutine::G;
use crate::ids::Addr;
use crate::memory::Memory;

/// Bytes of the stack, from its top, that hold the frames of the poller's functions.
const TOP: u64 = 1024;
/// Bytes of a pollDesc in which `rg` and `wg` lie, in 1.19 to 1.27.
const SPAN: usize = 64;
/// Where `fd` lies in it, in all of them.
const FD: usize = 8;

/// The descriptor that a parked goroutine waits for.
#[must_use]
pub fn descriptor(mem: &dyn Memory, g: &G) -> Option<i32> {
    let len = g.stack.hi.0.checked_sub(g.sched.sp.0)?.min(TOP);
    let top = mem.bytes(g.sched.sp, usize::try_from(len).ok()?).ok()?;
    let words = top.chunks_exact(8).map(word);
    let mut at: Vec<Addr> = words
        .filter(|w| w % 8 == 0 && *w >= 1 << 12)
        .map(Addr)
        .collect();
    at.sort_unstable();
    at.dedup();
    // Pointers into the stack lead to no pollDesc.
    at.retain(|at| !g.stack.contains(*at));
    let wishes: Vec<(Addr, usize)> = at.into_iter().map(|at| (at, SPAN)).collect();
    let mut found = None;
    bulk::read_each(mem, &wishes, |_, bytes| {
        let Some(bytes) = bytes else { return };
        let words: Vec<u64> = bytes.chunks_exact(8).map(word).collect();
        let waits = words.iter().skip(FD / 8 + 1).any(|w| *w == g.addr.0);
        if waits && let Some(fd) = words.get(FD / 8).and_then(|fd| i32::try_from(*fd).ok()) {
            found.get_or_insert(fd);
        }
    });
    found
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b))
}
