//! Where events go: the one place where values become text.

pub mod args;
pub mod banner;
pub mod context;
pub mod counts;
pub mod fd_text;
mod finding;
pub(crate) mod goroutine;
mod leader;
mod line;
pub mod quote;
pub mod signal;
pub mod strace;
pub mod summary;
pub mod text;

pub use banner::{BannerFacts, Cost, banner};
pub use fd_text::{FdStyle, StraceFds};
pub use leader::{Clock, Precision, Times};
pub use line::Palette;
pub(crate) use line::push_untrusted;
pub use summary::Summary;
pub use text::{PidPrefix, TextSink, TextStyle};

use crate::event::Event;
use std::io;

/// A consumer of events.
pub trait Sink {
    /// Takes one event.
    ///
    /// # Errors
    /// When the output cannot be written (a closed pipe, a full disk).
    fn event(&mut self, event: &Event) -> io::Result<()>;

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
