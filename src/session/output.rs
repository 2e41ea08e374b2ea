//! Where the trace goes: standard output, a file, a command.

use crate::cli::config::{Config, FdDetail, Look, Output};
use crate::sink::{FdStyle, Palette, PidPrefix, TextSink, TextStyle};
use crate::sys::clock;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};

/// Bytes gathered before a write, while events keep coming.
const BUFFER: usize = 64 * 1024;

/// An open output: a writer, and the command behind it if there is one.
pub struct Opened {
    /// Where to write.
    pub writer: Box<dyn Write>,
    /// Whether it is a terminal.
    pub terminal: bool,
    /// The command that reads it.
    pub reader: Option<Child>,
    /// The descriptor that tells whether somebody still reads.
    pub fd: Option<i32>,
}

/// Opens the output.
///
/// # Errors
/// The file cannot be made, the command not be started.
pub fn open(output: &Output) -> io::Result<Opened> {
    let plain = |writer: Box<dyn Write>| Opened {
        writer,
        terminal: false,
        reader: None,
        fd: None,
    };
    Ok(match output {
        Output::Stdout => Opened {
            terminal: io::stdout().is_terminal(),
            fd: Some(io::stdout().as_raw_fd()),
            ..plain(Box::new(BufWriter::with_capacity(BUFFER, io::stdout())))
        },
        Output::File(path) => plain(Box::new(BufWriter::with_capacity(
            BUFFER,
            File::create(path)?,
        ))),
        Output::Command(command) => {
            let mut child = Command::new("/bin/sh")
                .arg("-c")
                .arg(command)
                .stdin(Stdio::piped())
                .spawn()?;
            let stdin = child
                .stdin
                .take()
                .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            Opened {
                reader: Some(child),
                fd: Some(stdin.as_raw_fd()),
                ..plain(Box::new(BufWriter::with_capacity(BUFFER, stdin)))
            }
        }
    })
}

/// The text sink that the command line asks for.
#[must_use]
pub fn text_sink(
    config: &Config,
    writer: Box<dyn Write>,
    coloured: bool,
    to_file: bool,
) -> TextSink<Box<dyn Write>> {
    let look = &config.look;
    let style = TextStyle {
        pid: if to_file {
            PidPrefix::Bare
        } else {
            PidPrefix::Bracketed
        },
        clock: look.clock,
        relative: look.relative,
        duration: look.time_in_call || config.select.slow.is_some(),
        number: look.number,
        column: look.column,
        fd: fd_style(look),
        hex: look.hex,
        palette: Palette::choose(coloured),
        explain_all: look.verbose,
        go: true,
        utc_offset: clock::utc_offset,
    };
    TextSink::new(writer, style)
}

fn fd_style(look: &Look) -> FdStyle {
    let detailed = look.fds.socket || look.fds.device || look.fds.pidfd;
    match (look.fds == FdDetail::NONE, look.strace_fds) {
        (true, _) => FdStyle::Off,
        (false, false) if detailed => FdStyle::Endpoints,
        (false, true) if detailed => FdStyle::StraceYY,
        (false, _) => FdStyle::Strace,
    }
}

/// Waits for the command behind the output, which has seen its end by now.
pub fn close(reader: Option<Child>) {
    if let Some(mut child) = reader {
        // Its status is its own affair.
        let _ = child.wait();
    }
}

/// The output in the words of an error message.
#[must_use]
pub fn describe(output: &Output) -> String {
    match output {
        Output::Stdout => "standard output".to_owned(),
        Output::File(path) => path.display().to_string(),
        Output::Command(command) => format!("the command `{}`", command.to_string_lossy()),
    }
}
