//! Where the trace goes: standard output, a file, a command.

use crate::cli::config::{Config, CountsTable, FdDetail, Follow, Format, Look, Output, Precision};
use crate::ids::Tid;
use crate::sink::args::ArgStyle;
use crate::sink::counts::CountsSink;
use crate::sink::overview::{OverviewSink, Style, When};
use crate::sink::strace::{Outputs, PidRule, Silence, StraceSink, StraceStyle};
use crate::sink::{
    FdStyle, JsonSink, Palette, PidPrefix, Sink, StraceFds, TextSink, TextStyle, Times,
};
use crate::sys::signals;
use crate::sys::spawn::with_our_signals;
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

/// Bytes gathered before a write, while events keep coming.
const BUFFER: usize = 64 * 1024;
/// The same where there may be thousands of outputs.
const BUFFER_OF_EACH: usize = 4 * 1024;

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
    let file = |path: &Path, append| -> io::Result<Box<dyn Write>> {
        Ok(Box::new(BufWriter::with_capacity(
            BUFFER,
            create(path, append)?,
        )))
    };
    Ok(match output {
        Output::Stdout => Opened {
            terminal: io::stdout().is_terminal(),
            fd: Some(io::stdout().as_raw_fd()),
            ..plain(Box::new(BufWriter::with_capacity(BUFFER, io::stdout())))
        },
        Output::Stderr => Opened {
            terminal: io::stderr().is_terminal(),
            fd: Some(io::stderr().as_raw_fd()),
            ..plain(Box::new(BufWriter::with_capacity(BUFFER, io::stderr())))
        },
        Output::File(path) => plain(file(path, false)?),
        Output::Append(path) => plain(file(path, true)?),
        // Each thread's file is opened when there is something to write to it.
        Output::Each(..) => plain(Box::new(io::sink())),
        Output::Command(command) => {
            let mut shell = Command::new("/bin/sh");
            shell.arg("-c").arg(command).stdin(Stdio::piped());
            let mut child = with_our_signals(&mut shell).spawn()?;
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

fn create(path: &Path, append: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    options.append(append).truncate(!append).open(path)
}

/// Seconds that local time is ahead of UTC, at a second since the epoch.
pub type UtcOffset = fn(u64) -> i64;

/// The sinks that the command line asks for.
#[must_use]
pub fn sinks(
    config: &Config,
    writer: Box<dyn Write>,
    coloured: bool,
    utc_offset: UtcOffset,
) -> Vec<Box<dyn Sink>> {
    let times = Times {
        clock: config.look.clock,
        relative: config.look.relative,
        utc_offset,
    };
    let shared = Shared::new(writer);
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if config.counts.as_ref().is_none_or(|counts| !counts.only) {
        sinks.push(match config.format {
            Format::Text => Box::new(text_sink(config, Box::new(shared.clone()), coloured, times)),
            Format::Strace => Box::new(strace_sink(config, &shared, times)),
            Format::Json => Box::new(JsonSink::new(shared.clone(), config.shows())),
        });
    }
    sinks.extend(summary(config, shared));
    sinks
}

/// The table of counts: behind the trace where it was asked for; else, in our own formats, on
/// standard error when a signal asks for it.
fn summary(config: &Config, shared: Shared) -> Option<Box<dyn Sink>> {
    let asked = || Box::new(signals::take_summary_request);
    let Some(counts) = &config.counts else {
        let when = When {
            at_end: false,
            interval: None,
            asked: asked(),
        };
        let own = config.format != Format::Strace;
        return own.then(|| -> Box<dyn Sink> {
            Box::new(OverviewSink::new(Messages, Style::default(), when))
        });
    };
    Some(match &counts.table {
        CountsTable::Strace(style) => Box::new(CountsSink::new(shared, style.clone())),
        CountsTable::Own(style) => {
            let when = When {
                at_end: true,
                interval: counts.interval,
                asked: asked(),
            };
            // Among JSON it would be one line too many.
            if config.format == Format::Json && !counts.only {
                Box::new(OverviewSink::new(Messages, style.clone(), when))
            } else {
                Box::new(OverviewSink::new(shared, style.clone(), when))
            }
        }
    })
}

/// Standard error, which may be closed: what is said there is said as well as can be.
struct Messages;

impl Write for Messages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output that several write to, each whole lines.
#[derive(Clone)]
struct Shared(Rc<RefCell<Box<dyn Write>>>);

impl Shared {
    fn new(writer: Box<dyn Write>) -> Shared {
        Shared(Rc::new(RefCell::new(writer)))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

fn text_sink(
    config: &Config,
    writer: Box<dyn Write>,
    coloured: bool,
    times: Times,
) -> TextSink<Box<dyn Write>> {
    let look = &config.look;
    let style = TextStyle {
        pid: match config.shown_as {
            Output::Stdout | Output::Stderr => PidPrefix::Bracketed,
            _ => PidPrefix::Bare,
        },
        times,
        duration: look
            .time_in_call
            .or(config.select.slow.map(|_| Precision::Micros)),
        number: look.number,
        column: look.column,
        fd: fd_style(look),
        hex: look.hex,
        xlat: look.xlat,
        palette: Palette::choose(coloured),
        explain_all: look.verbose,
        go: true,
        shows: config.shows(),
    };
    TextSink::new(writer, style)
}

fn strace_sink(config: &Config, shared: &Shared, times: Times) -> StraceSink {
    let (look, quiet) = (&config.look, config.quiet);
    let several_targets =
        config.target.pids().len() + usize::from(!config.target.words().is_empty()) > 1;
    let several = config.follow == Follow::Forks || several_targets;
    let to_terminal = matches!(config.shown_as, Output::Stdout | Output::Stderr);
    let style = StraceStyle {
        pid: match config.shown_as {
            Output::Each(..) => PidRule::Never,
            _ if to_terminal && look.always_pid => PidRule::Always,
            _ if to_terminal => PidRule::IfSeveral,
            _ if several || look.always_pid => PidRule::Bare,
            _ => PidRule::Never,
        },
        times,
        duration: look.time_in_call,
        number: look.number,
        instruction_pointer: look.instruction_pointer,
        argument_names: look.argument_names,
        commands: look.commands,
        column: look.column,
        args: ArgStyle {
            fds: fd_style(look),
            processes: look.commands,
            symbols: false,
            notes: false,
            hex: look.hex,
            xlat: look.xlat,
        },
        stack: config.stack.is_some(),
        quiet: Silence {
            attach: quiet.attach,
            personality: quiet.personality,
            exit: quiet.exit,
            killed_by: !config.select.signals.bits(),
            superseded: quiet.superseded,
        },
    };
    let outputs = Outputs {
        shared: match config.output {
            Output::Each(..) => None,
            _ => Some(Box::new(shared.clone())),
        },
        each: match config.output.clone() {
            Output::Each(path, append) => Some(Box::new(move |tid| each(&path, tid, append))),
            _ => None,
        },
        // In one stream with the trace, messages must not overtake it.
        messages: match config.shown_as {
            Output::Stderr => Box::new(shared.clone()),
            _ => Box::new(io::stderr()),
        },
    };
    StraceSink::new(outputs, style)
}

/// `FILE.TID`.
fn each(path: &Path, tid: Tid, append: bool) -> io::Result<Box<dyn Write>> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{tid}"));
    let file = create(Path::new(&name), append)?;
    Ok(Box::new(BufWriter::with_capacity(BUFFER_OF_EACH, file)))
}

fn fd_style(look: &Look) -> FdStyle {
    let detailed = look.fds.socket || look.fds.device || look.fds.pidfd;
    match (look.fds == FdDetail::NONE, look.strace_fds) {
        (true, _) => FdStyle::Off,
        (false, false) if detailed => FdStyle::Endpoints,
        (false, true) => FdStyle::Strace(StraceFds {
            path: look.fds.path,
            socket: look.fds.socket,
            device: look.fds.device,
            pidfd: look.fds.pidfd,
            hex: look.hex,
        }),
        (false, false) => FdStyle::Strace(StraceFds::Y),
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
        Output::Stderr => "standard error".to_owned(),
        Output::File(path) | Output::Append(path) => path.display().to_string(),
        Output::Each(path, _) => format!("{}.TID", path.display()),
        Output::Command(command) => format!("the command `{}`", command.to_string_lossy()),
    }
}
