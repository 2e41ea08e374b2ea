//! Go's network poller, from outside: which goroutine waits for which descriptor, and until when.
//!
//! Nothing lists the poller's records (`runtime.pollDesc`, runtime/netpoll.go), but the kernel
//! does: each descriptor that the poller watches is registered with the record's address (from
//! 1.21 on packed with a counter, runtime/tagptr_64bit.go), which /proc/PID/fdinfo shows for an
//! epoll instance. A record is believed if it names that descriptor and itself; where its
//! deadlines lie follows from where it names itself, since the timers between differ in size
//! from release to release and are two of a kind.

use super::layout::Release;
use crate::ids::Addr;
use crate::memory::Memory;

/// A record of the poller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PollDesc {
    /// The descriptor.
    pub fd: i32,
    /// The goroutine that waits to read, address of its g.
    pub reader: Option<Addr>,
    /// The goroutine that waits to write.
    pub writer: Option<Addr>,
    /// When reading ends by itself.
    pub read_deadline: Deadline,
    /// When writing does.
    pub write_deadline: Deadline,
}

/// A goroutine's wait for a descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PollWait {
    /// The descriptor.
    pub fd: i32,
    /// It waits to write (or for a connection to be made), not to read.
    pub writes: bool,
    /// When the wait ends by itself.
    pub deadline: Deadline,
}

/// A deadline (`SetReadDeadline`, `SetWriteDeadline`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Deadline {
    /// There is none.
    None,
    /// It has passed.
    Passed,
    /// At this time, nanoseconds of CLOCK_MONOTONIC.
    At(u64),
}

impl Deadline {
    fn of(word: u64) -> Deadline {
        match word.cast_signed() {
            0 => Deadline::None,
            ..0 => Deadline::Passed,
            _ => Deadline::At(word),
        }
    }
}

/// Longer than any record (240 bytes in 1.19, 312 in 1.27).
const MAX_LEN: u64 = 512;
/// Bytes of a `runtime.timer`, for bounds: 72 in 1.19, 112 in 1.23.
const TIMER: std::ops::RangeInclusive<u64> = 48..=192;
/// Values of `rg` and `wg` that are no goroutines: pdNil, pdReady, pdWait.
const NO_GOROUTINE: u64 = 2;

impl PollDesc {
    /// The record that a descriptor is registered with an epoll instance by; `None` where it is
    /// another's, or its layout is not one that we know.
    #[must_use]
    pub fn find(mem: &dyn Memory, release: Release, fd: i32, data: u64) -> Option<PollDesc> {
        let unpacked = addresses(data).into_iter();
        let mut proven = unpacked.filter_map(|at| PollDesc::read(mem, release, fd, at));
        proven.next()
    }

    fn read(mem: &dyn Memory, release: Release, fd: i32, at: Addr) -> Option<PollDesc> {
        // link, fd, [fdseq, from 1.21,] atomicInfo, rg, wg, lock, closing and others in 8 bytes;
        // rseq, rt, rd, wseq, wt, wd, self.
        const FD: u64 = 8;
        let shift = if release.minor >= 21 { 8 } else { 0 };
        let (rg, wg, rseq) = (24 + shift, 32 + shift, 56 + shift);
        if mem.u64(at.add(FD)).ok()? != u64::try_from(fd).ok()? {
            return None;
        }
        let mut bytes = [0; MAX_LEN as usize];
        let n = mem.read_some(at, &mut bytes).ok()?;
        let word = |offset: u64| {
            let bytes = bytes.get(..n)?.get(offset as usize..)?;
            bytes.first_chunk().map(|b| u64::from_le_bytes(*b))
        };
        let own = (rseq..MAX_LEN)
            .step_by(8)
            .find(|o| word(*o) == Some(at.0))?;
        // Between rseq and self: rseq, rd, wseq, wd, and two timers.
        let timers = own.checked_sub(rseq + 4 * 8)?;
        let timer = timers / 2;
        if timers % 16 != 0 || !TIMER.contains(&timer) {
            return None;
        }
        let goroutine = |word: u64| (word > NO_GOROUTINE).then_some(Addr(word));
        Some(PollDesc {
            fd,
            reader: goroutine(word(rg)?),
            writer: goroutine(word(wg)?),
            read_deadline: Deadline::of(word(rseq + 8 + timer)?),
            write_deadline: Deadline::of(word(own - 8)?),
        })
    }
}

/// What the data of an epoll registration may be the address of: itself (up to 1.20), packed
/// with 19 bits of a counter (1.21 to 1.24, `addrBits` 48, aligned to 8), or with 24 or 25 (from
/// 1.25, 49 or 48, aligned to 512). Which it is, what lies there proves.
fn addresses(data: u64) -> [Addr; 4] {
    let unpack = |tag: u32, aligned: u32| {
        let address = (data.cast_signed() >> tag << aligned).cast_unsigned();
        Addr(address)
    };
    [Addr(data), unpack(19, 3), unpack(24, 9), unpack(25, 9)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    const AT: u64 = 0xc0_0001_2000;

    /// A record of fd 7 with timers of this size.
    fn record(shift: usize, timer: usize, read: i64, write: i64) -> Segments {
        let own = 56 + shift + 32 + 2 * timer;
        let mut bytes = vec![0; own + 8];
        let mut put = |at: usize, word: u64| bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
        put(8, 7);
        put(24 + shift, 0xc0_0000_0100);
        put(32 + shift, 2);
        put(56 + shift + 8 + timer, read.cast_unsigned());
        put(own - 8, write.cast_unsigned());
        put(own, AT);
        let mut mem = Segments::new();
        mem.map(Addr(AT), bytes);
        mem
    }

    fn release(minor: u16) -> Release {
        Release { minor, patch: 0 }
    }

    #[test]
    fn a_record_of_every_release_tells_its_goroutines_and_deadlines() {
        let expected = PollDesc {
            fd: 7,
            reader: Some(Addr(0xc0_0000_0100)),
            writer: None,
            read_deadline: Deadline::At(5),
            write_deadline: Deadline::Passed,
        };
        for (minor, timer, data) in [
            (19, 72, AT),
            (21, 80, AT << 16 | 3),
            (24, 112, AT << 16),
            (25, 112, AT >> 9 << 25 | 9),
            (27, 112, AT >> 9 << 24 | 9),
        ] {
            let shift = if minor < 21 { 0 } else { 8 };
            let mem = record(shift, timer, 5, -1);
            let found = PollDesc::find(&mem, release(minor), 7, data);
            assert_eq!(found, Some(expected), "1.{minor}");
        }
    }

    #[test]
    fn what_does_not_name_the_descriptor_and_itself_is_no_record() {
        let mem = record(8, 112, 0, 0);
        let find = |fd, data| PollDesc::find(&mem, release(27), fd, data);
        assert_eq!(find(7, AT).unwrap().read_deadline, Deadline::None);
        assert_eq!(find(8, AT), None, "another descriptor");
        assert_eq!(find(7, 5), None, "a number of another program's");
        // Its deadlines would lie elsewhere.
        assert_eq!(PollDesc::find(&mem, release(19), 7, AT), None);
        assert_eq!(
            PollDesc::find(&record(8, 8, 0, 0), release(27), 7, AT),
            None
        );
    }
}
