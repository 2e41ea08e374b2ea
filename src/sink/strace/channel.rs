//! Where lines go, and what stands on the line that has not ended.

use crate::ids::Tid;
use crate::sink::leader::Leader;
use crate::sink::line::Line;
use std::collections::HashMap;
use std::io::{self, Write};

/// Opens the output of one thread.
pub type Open = Box<dyn FnMut(Tid) -> io::Result<Box<dyn Write>>>;

/// Where to write.
pub struct Outputs {
    /// One output for all threads.
    pub shared: Option<Box<dyn Write>>,
    /// Or one for each (-ff).
    pub each: Option<Open>,
    /// Where strace says what is not the trace: standard error.
    pub messages: Box<dyn Write>,
}

/// One output.
pub(super) struct Channel {
    out: Box<dyn Write>,
    pub leader: Leader,
    /// The thread that the last line is about.
    pub printing: Option<Tid>,
    /// The width of what stands on a line that has not ended; 0: there is none.
    column: usize,
}

impl Channel {
    fn new(out: Box<dyn Write>) -> Channel {
        Channel {
            out,
            leader: Leader::default(),
            printing: None,
            column: 0,
        }
    }

    /// Whether the last line has not ended.
    pub fn is_open(&self) -> bool {
        self.column > 0
    }

    pub fn column(&self) -> usize {
        self.column
    }

    /// Writes the beginning of a line.
    pub fn write_open(&mut self, line: &mut Line) -> io::Result<()> {
        self.column += line.text.len();
        self.write(line)
    }

    /// Writes up to the end of a line.
    pub fn close_with(&mut self, line: &mut Line) -> io::Result<()> {
        self.column = 0;
        self.write(line)
    }

    fn write(&mut self, line: &mut Line) -> io::Result<()> {
        let result = self.out.write_all(line.text.as_bytes());
        line.clear();
        result
    }
}

/// All outputs.
pub(super) struct Channels {
    shared: Option<Channel>,
    each: HashMap<Tid, Channel>,
    open: Option<Open>,
    messages: Box<dyn Write>,
}

impl Channels {
    pub fn new(outputs: Outputs) -> Channels {
        Channels {
            shared: outputs.shared.map(Channel::new),
            each: HashMap::new(),
            open: outputs.each,
            messages: outputs.messages,
        }
    }

    /// The output of a thread.
    pub fn of(&mut self, tid: Tid) -> io::Result<&mut Channel> {
        if let Some(shared) = &mut self.shared {
            return Ok(shared);
        }
        match self.each.entry(tid) {
            std::collections::hash_map::Entry::Occupied(channel) => Ok(channel.into_mut()),
            std::collections::hash_map::Entry::Vacant(place) => {
                let open = self.open.as_mut().ok_or(io::ErrorKind::NotConnected)?;
                Ok(place.insert(Channel::new(open(tid)?)))
            }
        }
    }

    /// A thread has ended: so has its own file.
    pub fn remove(&mut self, tid: Tid) -> io::Result<()> {
        self.each
            .remove(&tid)
            .map_or(Ok(()), |mut channel| channel.out.flush())
    }

    /// Says something beside the trace, in whose midst it may stand.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        // Standard error may be closed, which is no reason to end the trace in a file.
        let _ = self.messages.write_all(text.as_bytes());
        Ok(())
    }

    pub fn flush(&mut self) -> io::Result<()> {
        let _ = self.messages.flush();
        let each = self.each.values_mut();
        self.shared
            .iter_mut()
            .chain(each)
            .try_for_each(|channel| channel.out.flush())
    }
}
