//! Recordings (`--record`): what the outputs were told, to tell it again elsewhere and later.
//!
//! ```text
//! "gostrace recording 1\n"                                           what it is, and its version
//! block: length, length packed, CRC-32 of what is packed (u32 each, little-endian), DEFLATE data
//! block: ...
//! ```
//! A block is whole or not there, and needs no other: after a crash a recording is good up to its
//! last whole block. Within a block are [`Item`]s by [`codec`]; the first of a recording is its
//! [`Header`]. A change of what `types` writes changes the version, unless it only adds a variant.

pub mod codec;
mod frame;
mod sink;
mod types;

pub use frame::{ReadError, Reader, is_recording};
pub use sink::RecordSink;

use crate::event::{Event, Hidden, SyscallEvent, Timestamp};
use crate::sink::Summary;

/// The version of the format.
pub const VERSION: u32 = 1;

/// What a recording consists of.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// How it was made.
    Header(Box<Header>),
    /// As the outputs were told it.
    Event(Event),
    /// A call that a filter had left out of the trace.
    Hidden(Box<SyscallEvent>, Hidden),
    /// An event was too large to be kept.
    Omitted,
    /// The last.
    End(Box<Summary>),
    /// The time, as the outputs were told it.
    Tick(Timestamp),
}

/// How a recording was made, for whoever shows it again in the same way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// The version of gostrace.
    pub made_by: String,
    /// Its command line, `argv[0]` included.
    pub argv: Vec<Vec<u8>>,
    /// When.
    pub at: Timestamp,
    /// Seconds that local time was, or will be, ahead of UTC, each from a second since the epoch on.
    pub utc_offsets: Vec<(u64, i64)>,
}

impl Header {
    /// Seconds that local time was ahead of UTC then, seconds since the epoch.
    #[must_use]
    pub fn utc_offset(&self, epoch_s: u64) -> i64 {
        let before = self
            .utc_offsets
            .iter()
            .take_while(|(from, _)| *from <= epoch_s);
        let offset = before.last().or(self.utc_offsets.first());
        offset.map_or(0, |(_, offset)| *offset)
    }
}

#[cfg(test)]
mod tests;
