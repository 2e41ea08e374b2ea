//! Reading another address space, as a trait: a live process, an executable file's
//! segments, or plain bytes in a test all look alike to the code that decodes.

mod words;

pub use words::StackWords;

use crate::ids::Addr;
use std::fmt;

/// Why a read failed. A failed read is an error, never zeros.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryError {
    /// First address that was asked for.
    pub addr: Addr,
    /// Number of bytes asked for.
    pub len: usize,
    /// What stood in the way.
    pub kind: MemoryErrorKind,
}

/// What stood in the way of a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemoryErrorKind {
    /// Nothing readable is mapped there (EFAULT, EIO).
    Unmapped,
    /// The process is gone (ESRCH).
    Gone,
    /// Reading its memory is not permitted (EPERM, EACCES, ENOSYS).
    Denied,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            MemoryErrorKind::Unmapped => "not mapped",
            MemoryErrorKind::Gone => "process is gone",
            MemoryErrorKind::Denied => "not permitted",
        };
        write!(f, "cannot read {} bytes at {}: {why}", self.len, self.addr)
    }
}

impl std::error::Error for MemoryError {}

/// Random access to an address space. All the world that decoding and unwinding see.
///
/// Both arches are little-endian, 64-bit; the provided methods assume it.
pub trait Memory {
    /// Reads up to `buf.len()` bytes from `addr`; returns how many leading bytes could
    /// be read. Zero readable bytes is an error.
    ///
    /// # Errors
    /// When not one byte can be read.
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError>;

    /// Fills `buf` from `addr`.
    ///
    /// # Errors
    /// When any byte of the range cannot be read.
    fn read(&self, addr: Addr, buf: &mut [u8]) -> Result<(), MemoryError> {
        if buf.is_empty() {
            return Ok(());
        }
        let len = buf.len();
        match self.read_some(addr, buf)? {
            n if n == len => Ok(()),
            _ => Err(MemoryError {
                addr,
                len,
                kind: MemoryErrorKind::Unmapped,
            }),
        }
    }

    /// A u8 at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn u8(&self, addr: Addr) -> Result<u8, MemoryError> {
        let mut b = [0; 1];
        self.read(addr, &mut b)?;
        Ok(b[0])
    }

    /// A u16 at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn u16(&self, addr: Addr) -> Result<u16, MemoryError> {
        let mut b = [0; 2];
        self.read(addr, &mut b)?;
        Ok(u16::from_le_bytes(b))
    }

    /// A u32 at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn u32(&self, addr: Addr) -> Result<u32, MemoryError> {
        let mut b = [0; 4];
        self.read(addr, &mut b)?;
        Ok(u32::from_le_bytes(b))
    }

    /// A u64 at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn u64(&self, addr: Addr) -> Result<u64, MemoryError> {
        let mut b = [0; 8];
        self.read(addr, &mut b)?;
        Ok(u64::from_le_bytes(b))
    }

    /// A pointer at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn ptr(&self, addr: Addr) -> Result<Addr, MemoryError> {
        self.u64(addr).map(Addr)
    }

    /// `len` bytes at `addr`.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn bytes(&self, addr: Addr, len: usize) -> Result<Vec<u8>, MemoryError> {
        let mut buf = vec![0; len];
        self.read(addr, &mut buf)?;
        Ok(buf)
    }

    /// The NUL-terminated string at `addr` without its NUL, or its first `max` bytes.
    /// Never reads across a page that may be missing. The flag says whether the NUL was seen.
    ///
    /// # Errors
    /// When the memory ends before `max` bytes or a NUL were seen.
    fn cstr(&self, addr: Addr, max: usize) -> Result<(Vec<u8>, bool), MemoryError> {
        const PAGE: u64 = 4096;
        let mut out = Vec::new();
        let mut at = addr;
        while out.len() < max {
            let to_page_end = (PAGE - at.0 % PAGE) as usize;
            let want = to_page_end.min(max - out.len()).min(256);
            let chunk = self.bytes(at, want)?;
            if let Some(nul) = chunk.iter().position(|&b| b == 0) {
                out.extend_from_slice(&chunk[..nul]);
                return Ok((out, true));
            }
            out.extend_from_slice(&chunk);
            at = at.add(want as u64);
        }
        Ok((out, false))
    }
}

impl<M: Memory + ?Sized> Memory for &M {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        (**self).read_some(addr, buf)
    }
}

/// An address space of a few byte ranges: fixtures, and copies of a stack.
#[derive(Clone, Default, Debug)]
pub struct Segments {
    ranges: Vec<(Addr, Vec<u8>)>,
}

impl Segments {
    /// An address space in which nothing is mapped.
    #[must_use]
    pub fn new() -> Segments {
        Segments::default()
    }

    /// Maps `bytes` at `addr`. Where ranges overlap, the first mapped wins.
    pub fn map(&mut self, addr: Addr, bytes: Vec<u8>) -> &mut Self {
        self.ranges.push((addr, bytes));
        self
    }
}

impl Memory for Segments {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let mut done = 0;
        while done < buf.len() {
            let at = addr.add(done as u64);
            let hit = self.ranges.iter().find_map(|(base, bytes)| {
                let off = usize::try_from(at.0.checked_sub(base.0)?).ok()?;
                bytes.get(off..).filter(|rest| !rest.is_empty())
            });
            let Some(rest) = hit else { break };
            let n = rest.len().min(buf.len() - done);
            buf[done..done + n].copy_from_slice(&rest[..n]);
            done += n;
        }
        if done == 0 && !buf.is_empty() {
            return Err(MemoryError {
                addr,
                len: buf.len(),
                kind: MemoryErrorKind::Unmapped,
            });
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_across_the_end_of_a_range_is_an_error_not_zeros() {
        let mut m = Segments::new();
        m.map(Addr(0x1000), vec![1, 2, 3]);
        assert_eq!(m.bytes(Addr(0x1000), 3), Ok(vec![1, 2, 3]));
        assert!(m.u32(Addr(0x1000)).is_err());
        assert!(m.u8(Addr(0xfff)).is_err());
    }

    #[test]
    fn a_string_that_ends_at_a_page_end_is_read_without_touching_the_next_page() {
        let mut m = Segments::new();
        m.map(Addr(0x1ffd), b"ab\0".to_vec());
        assert_eq!(m.cstr(Addr(0x1ffd), 32), Ok((b"ab".to_vec(), true)));
        assert_eq!(m.cstr(Addr(0x1ffd), 2), Ok((b"ab".to_vec(), false)));
        assert!(m.cstr(Addr(0x3000), 2).is_err());
    }
}
