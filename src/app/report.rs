//! One run of `gostrace report`.

use super::say;
use crate::cli::config::{Format, Side};
use crate::cli::{ReportRequest, UsageError, report_config};
use crate::error::{Ending, Error};
use crate::event::{Begun, Event};
use crate::record::{Header, Item, ReadError, Reader};
use crate::session::outputs::{self, Outputs};
use crate::session::replay::{Flow, Replayer};
use crate::session::{output, preflight};
use crate::untrusted::clean;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The local time of the recording: there is one a process.
static RECORDED: OnceLock<Header> = OnceLock::new();

/// Shows a recording as asked for. Says on `messages` what is not the trace.
///
/// # Errors
/// If it could not be done; displayed, one line that says what to do.
pub fn report(request: &ReportRequest, messages: &mut dyn Write) -> Result<Ending, Error> {
    let cannot_read = |why: ReadError| Error::Recording {
        file: request.file.display().to_string(),
        why: in_words(&why),
    };
    let file = File::open(&request.file).map_err(|e| cannot_read(e.into()))?;
    let mut reader = Reader::new(BufReader::new(file)).map_err(cannot_read)?;
    let header = match reader.next_item().map_err(cannot_read)? {
        Some(Item::Header(header)) => header,
        _ => return Err(cannot_read(ReadError::Damaged)),
    };
    let argv: Vec<OsString> = header
        .argv
        .iter()
        .cloned()
        .map(OsString::from_vec)
        .collect();
    let header = RECORDED.get_or_init(|| *header);
    let replay = report_config(&argv, request)?;
    let config = &replay.config;
    for side in &config.sides {
        refuse_live(side)?;
        refuse_itself(side, &request.file)?;
    }
    let sides = outputs::open(config, &Arc::default())?;
    let cannot_write = |e: &io::Error| Error::Output {
        output: output::describe(&config.output),
        errno: preflight::errno(e),
    };
    let opened = output::open(&config.output).map_err(|e| cannot_write(&e))?;
    let no_color = std::env::var_os("NO_COLOR");
    let coloured = config
        .look
        .color
        .enabled(opened.terminal, no_color.as_deref());
    let local = |at| RECORDED.get().map_or(0, |header| header.utc_offset(at));
    let main = output::sinks(config, opened.writer, coloured, local);
    let mut outputs = Outputs::new(main, sides);
    let mut replayer = Replayer::new(&replay, &mut outputs);
    let quiet = config.quiet;
    let mut tell = |item: &Item| match item {
        Item::Event(Event::Begun(begun)) if !quiet.attach && config.format != Format::Strace => {
            introduce(messages, &request.file, begun, header);
        }
        Item::Event(Event::Note(note)) if !quiet.notes => {
            say(messages, &format!("gostrace: {}\n", note.text));
        }
        _ => {}
    };
    let (broken, written) = loop {
        match reader.next_item() {
            Ok(Some(item)) => {
                tell(&item);
                match replayer.item(item) {
                    Ok(Flow::More) => {}
                    Ok(Flow::Enough) => break (None, Ok(())),
                    Err(error) => break (None, Err(error)),
                }
            }
            Ok(None) => break (None, Ok(())),
            Err(error) => break (Some(error), Ok(())),
        }
    };
    let summary = replayer.summary();
    let written = written.and_then(|()| outputs.finish_main(&summary));
    outputs.finish_sides(&summary);
    for complaint in outputs.complaints() {
        say(messages, &format!("gostrace: {complaint}\n"));
    }
    let lost = outputs.lost();
    drop(outputs);
    output::close(opened.reader);
    match written {
        // A reader that went away (`| head`) is no failure.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(Ending::Detached),
        Err(e) => return Err(cannot_write(&e)),
        Ok(()) => {}
    }
    if !quiet.attach && config.format != Format::Strace {
        say(messages, &summary.to_string());
    }
    if let Some(why) = broken {
        let error = cannot_read(why);
        say(messages, &format!("gostrace: {error}\n"));
    }
    Ok(if lost > 0 {
        Ending::OutputLost
    } else {
        Ending::Detached
    })
}

fn in_words(why: &ReadError) -> String {
    let text = why.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// What is read must not be written over.
/// What asks or acts on a live process would meet another, or none.
fn refuse_live(side: &Side) -> Result<(), Error> {
    match side {
        Side::Metrics(_) | Side::MetricsFile(_) | Side::OnSlow(_) => {
            let why = format!(
                "{} is for processes that run: leave it out of a report",
                side.option()
            );
            Err(UsageError(why).into())
        }
        _ => Ok(()),
    }
}

fn refuse_itself(side: &Side, recording: &Path) -> Result<(), Error> {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    match side.path() {
        Some(path) if identity(path).is_some() && identity(path) == identity(recording) => {
            Err(Error::Recording {
                file: path.display().to_string(),
                why: format!(
                    "{} would overwrite what is read; choose another name",
                    side.option()
                ),
            })
        }
        _ => Ok(()),
    }
}

fn introduce(messages: &mut dyn Write, file: &Path, begun: &Begun, header: &Header) {
    for process in &begun.processes {
        let command = process.command.as_deref().unwrap_or("?");
        let version = match process.go_version.get() {
            Some(version) => format!(", {version}"),
            None => String::new(),
        };
        let line = format!(
            "gostrace: {}: {command} (pid {}{version}, threads: {}), recorded by gostrace {}",
            file.display(),
            process.pid,
            process.threads,
            header.made_by,
        );
        // The command's name is not ours.
        let line = clean(&line);
        say(messages, &format!("{line}\n"));
    }
}
