//! Where events go: the one place where values become text.

pub mod args;
pub mod banner;
pub(crate) mod blocked;
pub mod context;
pub mod counts;
pub mod fd_text;
mod finding;
pub mod flamegraph;
pub mod folded;
pub(crate) mod goroutine;
pub mod json;
mod leader;
mod line;
pub mod metrics;
pub mod on_slow;
pub mod overview;
pub mod perfetto;
pub mod pprof;
pub mod quote;
pub mod signal;
pub mod strace;
pub mod summary;
pub mod text;
mod told;

pub(crate) use crate::untrusted::push as push_untrusted;
pub use banner::{BannerFacts, Cost, banner};
pub use context::Shows;
pub(crate) use fd_text::write_target;
pub use fd_text::{FdStyle, StraceFds};
pub(crate) use finding::{evidence_text, finding_text, write_peer};
pub use json::{JsonLines, JsonSink};
pub use leader::{Clock, Precision, Times};
pub use line::Palette;
pub use summary::Summary;
pub use text::{PidPrefix, TextSink, TextStyle};
pub(crate) use told::may_be_told_again;

/// A signal by name: `SIGTERM`.
#[must_use]
pub fn signal_name(signal: crate::ids::Signal) -> String {
    let mut out = String::new();
    args::write_signal(&mut out, signal);
    out
}

use crate::event::{Event, Hidden, SyscallEvent, Timestamp};
use std::io;

/// A consumer of events. Events are complete whatever the trace shows of them: a sink that shows
/// less leaves out itself what it does not want. How to add one: `session/outputs/mod.rs`.
pub trait Sink {
    /// Takes one event.
    ///
    /// # Errors
    /// When the output cannot be written (a closed pipe, a full disk).
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Whether it takes calls that filters leave out of the trace.
    fn wants_hidden(&self) -> bool {
        false
    }

    /// Takes a call that a filter has left out of the trace, if it wants these. Like those of
    /// [`Event::Syscall`] it may be told several times: blocked so far, then ended. Its findings
    /// are empty unless `why` is that it shows none.
    ///
    /// # Errors
    /// As [`Sink::event`].
    fn hidden(&mut self, call: &SyscallEvent, why: Hidden) -> io::Result<()> {
        let _ = (call, why);
        Ok(())
    }

    /// Is told the time now and then, events or none: about every quarter of a second.
    ///
    /// # Errors
    /// As [`Sink::event`].
    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        let _ = now;
        Ok(())
    }

    /// Makes everything taken so far visible to readers of the output.
    ///
    /// # Errors
    /// As [`Sink::event`].
    fn flush(&mut self) -> io::Result<()>;

    /// Ends the output; nothing is taken after it.
    ///
    /// # Errors
    /// As [`Sink::event`].
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
