//! A stack, read a few kilobytes at a time.

use super::{Memory, MemoryError, MemoryErrorKind};
use crate::ids::Addr;

/// Bytes of one read: most stacks that end in a system call fit in one or two.
const CHUNK: usize = 4096;

/// Words of a stack, remembered for the length of one unwinding: it must not change under
/// it, and a read is a system call.
pub struct StackWords<'a, M: Memory + ?Sized> {
    memory: &'a M,
    chunks: Vec<(Addr, Vec<u8>)>,
}

impl<'a, M: Memory + ?Sized> StackWords<'a, M> {
    /// Nothing read so far.
    pub fn new(memory: &'a M) -> Self {
        StackWords {
            memory,
            chunks: Vec::new(),
        }
    }

    /// The word at `at`. Reads on from there if it was not read before: frames lie upwards.
    ///
    /// # Errors
    /// When the word cannot be read.
    pub fn word(&mut self, at: Addr) -> Result<u64, MemoryError> {
        if let Some(word) = self.known(at) {
            return Ok(word);
        }
        let mut chunk = vec![0; CHUNK];
        let got = self.memory.read_some(at, &mut chunk)?;
        chunk.truncate(got);
        self.chunks.push((at, chunk));
        self.known(at).ok_or(MemoryError {
            addr: at,
            len: 8,
            kind: MemoryErrorKind::Unmapped,
        })
    }

    fn known(&self, at: Addr) -> Option<u64> {
        self.chunks.iter().find_map(|(base, bytes)| {
            let offset = usize::try_from(at.0.checked_sub(base.0)?).ok()?;
            Some(u64::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
        })
    }
}
