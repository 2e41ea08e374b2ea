//! One run of `gostrace dump`.

use super::{say, suitable};
use crate::cli::{DumpConfig, DumpForm};
use crate::dump::{json, text};
use crate::error::{Ending, Error};
use crate::ids::Errno;
use crate::session::dump::{DumpError, take};
use crate::session::{output, preflight};
use std::io::{self, Write};

/// Takes a dump as asked for. Says on `messages` what is not the dump.
///
/// # Errors
/// If it could not be done; displayed, one line that says what to do.
pub fn dump(config: &DumpConfig, messages: &mut dyn Write) -> Result<Ending, Error> {
    let mut notes = Vec::new();
    let pids = suitable(&[config.pid], &mut notes)?;
    let pid = pids.first().copied().unwrap_or(config.pid);
    for note in &notes {
        say(messages, &format!("gostrace: {note}\n"));
    }
    let cannot_write = |e: &io::Error| Error::Output {
        output: output::describe(&config.output),
        errno: preflight::errno(e),
    };
    let dump = take(pid, config.freeze).map_err(|e| match e {
        DumpError::Sys(e) => preflight::explain(pid, e),
        DumpError::Crashed => Error::System {
            operation: "reading the process",
            errno: Errno(libc::EIO),
        },
    })?;
    let mut opened = output::open(&config.output).map_err(|e| cannot_write(&e))?;
    let written = match config.form {
        DumpForm::Json => json::write(&dump, &mut opened.writer),
        form => text::write(&dump, form == DumpForm::All, &mut opened.writer),
    };
    let written = written.and_then(|()| opened.writer.flush());
    drop(opened.writer);
    output::close(opened.reader);
    if let Some(frozen) = dump.freeze {
        let lasted = frozen.lasted.as_micros();
        say(
            messages,
            &format!("gostrace: process {pid} was frozen for {lasted} us\n"),
        );
    }
    match written {
        // A reader that went away (`| head`) is no failure.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(&e)),
        _ => Ok(Ending::Detached),
    }
}
