//! What the flame graph, its folded lines and the pprof profile do alike: sum up while the run
//! lasts, and draw once it has ended.

use super::{Blocked, Facts, Stacks};
use crate::event::{Event, Timestamp};
use crate::sink::{Sink, Summary};
use std::io::{self, Write};

/// Draws what was summed up.
pub type Draw<W> = fn(&mut W, &Facts, &Stacks<'_>, &Summary) -> io::Result<()>;

/// Sums up calls, and draws the sum.
#[derive(Debug)]
pub struct BlockedSink<W> {
    out: W,
    blocked: Blocked,
    draw: Draw<W>,
}

impl<W> BlockedSink<W> {
    /// Draws on `out` what `blocked` sums up.
    pub fn new(out: W, blocked: Blocked, draw: Draw<W>) -> BlockedSink<W> {
        BlockedSink { out, blocked, draw }
    }
}

impl<W: Write> Sink for BlockedSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.blocked.event(event);
        Ok(())
    }

    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        self.blocked.tick(now);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let (facts, stacks) = self.blocked.finish();
        (self.draw)(&mut self.out, facts, &stacks, summary)?;
        self.out.flush()
    }
}
