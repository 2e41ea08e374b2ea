//! Everything that reads what somebody else wrote, each as a function of bytes: what a fuzzer is
//! let loose on, and what `tests/hostile.rs` tries within bounds.
//!
//! A target must end and not panic, and needs no more memory than [`MOST`]. What it finds out is of
//! no interest here.

mod calls;
mod files;
mod go;
mod texts;

use std::cell::Cell;

/// A target: takes any bytes.
pub type Target = fn(&[u8]);

/// All of them by name; what they begin from lies in `testdata/fuzz/NAME`.
pub const TARGETS: [(&str, Target); 11] = [
    ("elf", files::elf),
    ("cfi", files::cfi),
    ("dwarf", files::dwarf),
    ("program", go::program),
    ("runtime", go::runtime),
    ("proc", texts::proc),
    ("sockets", texts::sockets),
    ("expressions", texts::expressions),
    ("options", texts::options),
    ("recording", calls::recording),
    ("decode", calls::decode),
];

/// Bytes that no target may hold at once, whatever it is given (inputs are of some kilobytes).
pub const MOST: usize = 64 << 20;

/// Bytes that a target may take in all, which bounds what it does: as much again and again.
pub const MOST_WORK: usize = 4 * MOST;

/// Bytes that are taken from the front; zeros once they are used up.
pub struct Input<'a>(Cell<&'a [u8]>);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Input<'a> {
        Input(Cell::new(bytes))
    }

    /// The next bytes, fewer at the end.
    pub fn take(&self, len: usize) -> &'a [u8] {
        let bytes = self.0.get();
        let (taken, rest) = bytes.split_at(len.min(bytes.len()));
        self.0.set(rest);
        taken
    }

    pub fn rest(&self) -> &'a [u8] {
        self.take(usize::MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.0.get().is_empty()
    }

    pub fn byte(&self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn word(&self, len: usize) -> u64 {
        let bytes = self.take(len).iter().rev();
        bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
    }
}
