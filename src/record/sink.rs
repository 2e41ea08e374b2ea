//! The sink that records.

use super::codec::{Codec, Encoder};
use super::frame::{MAX_BLOCK, block, first_line};
use super::{Header, Item};
use crate::event::{Event, Hidden, SyscallEvent, Timestamp};
use crate::sink::{Sink, Summary};
use std::io::{self, Write};

/// A block ends when it is as large as that,
const BLOCK: usize = 64 * 1024;
/// or as old: more is not lost when we are killed.
const BLOCK_NS: u64 = 500_000_000;
/// The same where there was nothing but the time to tell.
const IDLE_BLOCK_NS: u64 = 60_000_000_000;

/// Records everything that it is told.
#[derive(Debug)]
pub struct RecordSink<W> {
    out: W,
    encoder: Encoder,
    /// When the last block was written.
    written_ns: u64,
    /// Nothing but the time was told since.
    idle: bool,
}

impl<W: Write> RecordSink<W> {
    /// Begins a recording in `out`, which should not buffer.
    ///
    /// # Errors
    /// What writing says.
    pub fn new(mut out: W, header: Header) -> io::Result<RecordSink<W>> {
        out.write_all(&first_line())?;
        let mut sink = RecordSink {
            out,
            encoder: Encoder::default(),
            written_ns: header.at.mono_ns,
            idle: true,
        };
        Item::Header(Box::new(header)).put(&mut sink.encoder);
        sink.write_block()?;
        Ok(sink)
    }

    fn put(&mut self, tag: &Tagged<'_>) -> io::Result<()> {
        let (before, mark) = (self.encoder.len(), self.encoder.mark());
        tag.put(&mut self.encoder);
        self.idle &= matches!(tag, Tagged::Tick(_));
        if self.encoder.len() - before > MAX_BLOCK / 2 {
            self.encoder.go_back(mark);
            Item::Omitted.put(&mut self.encoder);
        }
        if self.encoder.len() >= BLOCK {
            self.write_block()?;
        }
        Ok(())
    }

    fn write_block(&mut self) -> io::Result<()> {
        if self.encoder.is_empty() {
            return Ok(());
        }
        self.idle = true;
        let contents = self.encoder.take();
        self.out.write_all(&block(&contents)?)?;
        self.out.flush()
    }
}

/// An item whose parts are others'.
enum Tagged<'a> {
    Event(&'a Event),
    Hidden(&'a SyscallEvent, Hidden),
    End(&'a Summary),
    Tick(Timestamp),
}

impl Tagged<'_> {
    fn put(&self, out: &mut Encoder) {
        match self {
            Tagged::Event(event) => {
                out.byte(2);
                event.put(out);
            }
            Tagged::Hidden(call, why) => {
                out.byte(3);
                call.put(out);
                why.put(out);
            }
            Tagged::End(summary) => {
                out.byte(5);
                summary.put(out);
            }
            Tagged::Tick(now) => {
                out.byte(6);
                now.put(out);
            }
        }
    }
}

impl<W: Write> Sink for RecordSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.put(&Tagged::Event(event))
    }

    fn wants_hidden(&self) -> bool {
        true
    }

    fn hidden(&mut self, call: &SyscallEvent, why: Hidden) -> io::Result<()> {
        self.put(&Tagged::Hidden(call, why))
    }

    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        self.put(&Tagged::Tick(now))?;
        let limit = if self.idle { IDLE_BLOCK_NS } else { BLOCK_NS };
        if now.mono_ns.saturating_sub(self.written_ns) < limit {
            return Ok(());
        }
        self.written_ns = now.mono_ns;
        self.write_block()
    }

    /// Blocks have their own time: one for each moment without an event would be many.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.put(&Tagged::End(summary))?;
        self.write_block()
    }
}
