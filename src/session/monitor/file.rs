//! `--metrics-file`: a text file that is replaced as a whole, for node_exporter's textfile
//! collector and the like.

use super::Renderer;
use crate::session::outputs::file::{self, FileError};
use crate::sink::metrics::{Exposition, Outlet};
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is replaced.
const PERIOD: Duration = Duration::from_secs(5);
/// Its first line, by which it is recognised.
const HEAD: &str = "# Metrics of gostrace.\n";

/// Writes the file until it is told to finish.
pub struct FileOutlet {
    thread: Option<JoinHandle<io::Result<()>>>,
    /// Dropped, it ends the thread, which writes once more.
    end: Option<Sender<()>>,
}

/// Whether a file's beginning is that of a file of metrics.
#[must_use]
pub fn is_ours(head: &[u8]) -> bool {
    head.starts_with(HEAD.as_bytes())
}

impl FileOutlet {
    /// Writes the file for the first time, and from then on every five seconds.
    ///
    /// # Errors
    /// It cannot be written, or is there and not ours to replace.
    pub fn open(path: &Path, force: bool, renderer: Renderer) -> Result<FileOutlet, FileError> {
        write(path, force, &renderer)?;
        let (end, ended) = channel();
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("gostrace-file".to_owned())
            .spawn(move || keep(&path, force, &renderer, &ended))?;
        Ok(FileOutlet {
            thread: Some(thread),
            end: Some(end),
        })
    }

    fn join(&mut self) -> io::Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let panicked = || io::Error::other("the thread that writes it has ended");
        thread.join().unwrap_or_else(|_| Err(panicked()))
    }
}

impl Outlet for FileOutlet {
    fn check(&mut self) -> io::Result<()> {
        match &self.thread {
            Some(thread) if thread.is_finished() => self.join(),
            _ => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        drop(self.end.take());
        self.join()
    }
}

fn keep(path: &Path, force: bool, renderer: &Renderer, ended: &Receiver<()>) -> io::Result<()> {
    loop {
        let more = ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout);
        write(path, force, renderer).map_err(|error| match error {
            FileError::Foreign => io::Error::other("somebody else has replaced the file"),
            FileError::Io(error) => error,
        })?;
        if !more {
            return Ok(());
        }
    }
}

fn write(path: &Path, force: bool, renderer: &Renderer) -> Result<(), FileError> {
    let (mut out, pending) = file::create(path, is_ours, force)?;
    out.write_all(HEAD.as_bytes())?;
    out.write_all(renderer.text(Exposition::Prometheus).as_bytes())?;
    out.flush()?;
    drop(out);
    if let Some(pending) = pending {
        pending.commit()?;
    }
    Ok(())
}
