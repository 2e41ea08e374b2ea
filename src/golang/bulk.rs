//! Many small reads as few large ones: what lies close together is read together.

use crate::ids::Addr;
use crate::memory::Memory;

/// Read at most this much at once (a single wish may be larger).
const BATCH: u64 = 256 << 10;
/// Two places no further apart are read together: what lies between is cheaper to read than to
/// ask for separately.
const GAP: u64 = 4 << 10;

/// Reads `wishes` (address and length) in an order of its own, and hands each to `take` with its
/// number; `None` where it cannot be read.
pub fn read_each(
    mem: &dyn Memory,
    wishes: &[(Addr, usize)],
    mut take: impl FnMut(usize, Option<&[u8]>),
) {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_unstable_by_key(|&i| wishes[i].0);
    let mut buf = Vec::new();
    let mut rest = order.as_slice();
    while let Some(&first) = rest.first() {
        let base = wishes[first].0;
        let (count, end) = run(rest, wishes);
        buf.resize((end - base.0) as usize, 0);
        let got = mem.read_some(base, &mut buf).unwrap_or(0);
        let bytes_of = |i: usize| {
            let (at, len) = wishes[i];
            let offset = (at.0 - base.0) as usize;
            buf[..got].get(offset..offset + len)
        };
        // What lies before a hole is read; the one in it may have been read with others in vain.
        let mut taken = 0;
        while let Some(&i) = rest[..count].get(taken) {
            let Some(bytes) = bytes_of(i) else { break };
            take(i, Some(bytes));
            taken += 1;
        }
        if let Some(&i) = rest[..count].get(taken) {
            let (at, len) = wishes[i];
            let bytes = mem.bytes(at, len).ok();
            // The same again is no other read.
            while rest
                .get(taken)
                .is_some_and(|&same| wishes[same] == (at, len))
            {
                take(rest[taken], bytes.as_deref());
                taken += 1;
            }
        }
        rest = &rest[taken..];
    }
}

/// How many of these, ordered by address, to read at once, and where they end.
fn run(order: &[usize], wishes: &[(Addr, usize)]) -> (usize, u64) {
    let end_of = |i: usize| wishes[i].0.0.saturating_add(wishes[i].1 as u64);
    let base = order.first().map_or(0, |&i| wishes[i].0.0);
    let mut end = base;
    let mut count = 0;
    for &i in order {
        let start = wishes[i].0.0;
        let apart = start > end.saturating_add(GAP) || end_of(i).max(end) - base > BATCH;
        if count > 0 && apart {
            break;
        }
        end = end.max(end_of(i));
        count += 1;
    }
    (count, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{MemoryError, Segments};
    use std::cell::Cell;

    /// Counts the reads.
    struct Counting<'a>(&'a Segments, Cell<usize>);

    impl Memory for Counting<'_> {
        fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
            self.1.set(self.1.get() + 1);
            self.0.read_some(addr, buf)
        }
    }

    fn read(mem: &dyn Memory, wishes: &[(Addr, usize)]) -> Vec<Option<Vec<u8>>> {
        let mut out = vec![None; wishes.len()];
        read_each(mem, wishes, |i, bytes| out[i] = bytes.map(<[u8]>::to_vec));
        out
    }

    #[test]
    fn neighbours_are_read_together_and_each_gets_its_own_bytes() {
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), (0..=255).collect());
        let counting = Counting(&mem, Cell::new(0));
        let got = read(
            &counting,
            &[(Addr(0x1010), 2), (Addr(0x1000), 3), (Addr(0x1011), 1)],
        );
        assert_eq!(
            got,
            [Some(vec![16, 17]), Some(vec![0, 1, 2]), Some(vec![17])]
        );
        assert_eq!(counting.1.get(), 1);
    }

    #[test]
    fn a_hole_costs_only_what_lies_in_it() {
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), vec![1; 16])
            .map(Addr(0x1100), vec![2; 16]);
        let got = read(
            &mem,
            &[
                (Addr(0x1000), 4),
                (Addr(0x1040), 4),
                (Addr(0x1100), 4),
                (Addr(u64::MAX), 8),
            ],
        );
        assert_eq!(got, [Some(vec![1; 4]), None, Some(vec![2; 4]), None]);
    }

    #[test]
    fn a_batch_ends_where_it_grows_too_large() {
        let wishes: Vec<_> = (0..1000)
            .map(|i| (Addr(0x10_0000 + i * 1024), 512))
            .collect();
        let order: Vec<usize> = (0..wishes.len()).collect();
        let (count, end) = run(&order, &wishes);
        assert_eq!(count, 256);
        assert_eq!(end, 0x10_0000 + 255 * 1024 + 512);
    }
}
