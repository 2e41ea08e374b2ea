//! The format for people: strace's shape of line, then goroutine and stack. Without the
//! latter (`TextStyle::go`) it is strace's format itself.

use super::args::{ArgStyle, Xlat, known_at_entry, write_args, write_result, write_value};
use super::context::write_context;
use super::finding::{write_finding, write_shown};
use super::leader::{Leader, Precision, Times, write_fraction};
use super::line::{Human, Line, Palette};
use super::quote::Hex;
use super::signal::{write_delivery, write_exit};
use super::{FdStyle, Shows, Sink, Summary};
use crate::event::{Event, ObjectNames, Outcome, Seen, Start, SyscallEvent, Timestamp};
use crate::ids::Tid;
use crate::syscall;
use crate::value::Value;
use owo_colors::Style;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};

/// What stands before a line to say which thread it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PidPrefix {
    /// Nothing: there is one thread.
    None,
    /// `[pid  4711] `, strace's on standard error.
    #[default]
    Bracketed,
    /// `4711  `, strace's in a file (-o).
    Bare,
}

/// How the text sink writes.
#[derive(Clone, Copy, Debug)]
pub struct TextStyle {
    /// Which thread.
    pub pid: PidPrefix,
    /// When a call began.
    pub times: Times,
    /// -T: how long it took.
    pub duration: Option<Precision>,
    /// -n: the call's number.
    pub number: bool,
    /// -a: the column in which results are aligned.
    pub column: usize,
    /// How descriptors are shown.
    pub fd: FdStyle,
    /// -x: which strings are shown in hexadecimal.
    pub hex: Hex,
    /// -X: how named constants and flags are shown.
    pub xlat: Xlat,
    /// Colours.
    pub palette: Palette,
    /// -v: what a wait class means under each call, not only under the first of its class.
    pub explain_all: bool,
    /// Our own format: goroutine and stack under the call, lower bounds marked as such.
    pub go: bool,
    /// What of the Go context is shown.
    pub shows: Shows,
}

impl Default for TextStyle {
    fn default() -> TextStyle {
        TextStyle {
            pid: PidPrefix::default(),
            times: Times::default(),
            duration: None,
            number: false,
            column: 40,
            hex: Hex::Never,
            xlat: Xlat::Abbrev,
            fd: FdStyle::Endpoints,
            palette: Palette::plain(),
            explain_all: false,
            go: true,
            shows: Shows::default(),
        }
    }
}

impl TextStyle {
    fn args(&self) -> ArgStyle {
        ArgStyle {
            fds: self.fd,
            processes: self.go,
            symbols: self.go,
            notes: self.go,
            hex: self.hex,
            xlat: self.xlat,
        }
    }
}

/// Writes events as text. One write per event; buffering is the writer's affair.
#[derive(Debug)]
pub struct TextSink<W> {
    out: W,
    style: TextStyle,
    line: Line,
    leader: Leader,
    /// Wait classes explained so far: each is, once.
    explained: Vec<&'static str>,
    /// When the calls began that were shown as blocked and have not ended, by thread.
    reported: HashMap<Tid, Timestamp>,
}

impl<W: Write> TextSink<W> {
    /// A sink that writes to `out`.
    pub fn new(out: W, style: TextStyle) -> TextSink<W> {
        TextSink {
            out,
            style,
            line: Line::default(),
            leader: Leader::default(),
            explained: Vec::new(),
            reported: HashMap::new(),
        }
    }

    /// The writer, for its owner.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn syscall(&mut self, e: &SyscallEvent) {
        self.leader(e.tid, e.start.known(), Some(e.call.nr));
        let style = self.style;
        let line = &mut self.line;
        line.paint(style.palette.call, |l| {
            match syscall::name(e.call.abi, e.call.nr) {
                Some(name) => l.push(name),
                None => l.fmt(format_args!("syscall_{:#x}", e.call.nr)),
            }
        });
        line.push("(");
        write_arguments(line, e, &style.args());
        write_outcome(line, e, &style);
        line.push("\n");
        if self.style.go {
            let explain = style.shows.goroutine && self.first_of_its_class(e);
            let shows = Shows {
                stack: style.shows.stack.filter(|_| !self.is_repeated(e)),
                ..style.shows
            };
            let explain = explain || style.explain_all;
            write_context(&mut self.line, e, &self.style.palette, explain, shows);
            write_shown(&mut self.line, &e.findings, &self.style.palette);
        }
    }

    /// A stack that was shown when the call was first reported as blocked is not shown at each
    /// doubling again, nor when we let go; it is once more when the call ends.
    fn is_repeated(&mut self, e: &SyscallEvent) -> bool {
        let start = e.start.known();
        let before = self.reported.remove(&e.tid) == Some(start);
        if e.outcome == Outcome::Blocked {
            self.reported.insert(e.tid, start);
        }
        before && matches!(e.outcome, Outcome::Blocked | Outcome::Detached)
    }

    fn first_of_its_class(&mut self, e: &SyscallEvent) -> bool {
        let Some(class) = e.go.class.get() else {
            return false;
        };
        let first = !self.explained.contains(&class.id);
        if first {
            self.explained.push(class.id);
        }
        first
    }

    /// Thread, time, number: strace's printleader().
    fn leader(&mut self, tid: Tid, at: Timestamp, nr: Option<u64>) {
        self.line.clear();
        let style = self.style;
        let leader = &mut self.leader;
        let write = |l: &mut Line| {
            match style.pid {
                PidPrefix::None => {}
                PidPrefix::Bracketed => l.fmt(format_args!("[pid {:>5}] ", tid.0)),
                PidPrefix::Bare => l.fmt(format_args!("{:<5} ", tid.0)),
            }
            leader.write(l, at, &style.times);
        };
        if style.pid != PidPrefix::None || style.times.any() {
            self.line.paint(style.palette.leader, write);
        }
        if let Some(nr) = nr.filter(|_| style.number) {
            self.line.fmt(format_args!("[{nr:>4}] "));
        }
    }

    fn write_line(&mut self) -> io::Result<()> {
        self.out.write_all(self.line.text.as_bytes())
    }
}

impl<W: Write> Sink for TextSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Syscall(e) => self.syscall(e),
            Event::Signal(e) => {
                self.leader(e.tid, e.at, None);
                let style = self.style.palette.signal;
                let (names, args) = (ObjectNames::default(), self.style.args());
                self.line
                    .paint(style, |l| write_delivery(&mut l.text, e, &names, &args));
                self.line.push("\n");
            }
            Event::Finding(finding) => {
                self.line.clear();
                if self.style.go {
                    write_finding(&mut self.line, finding, &self.style.palette);
                }
            }
            // Calls are shown when they end; the banner and notes go to standard error.
            Event::Entered(_)
            | Event::Task(_)
            | Event::Begun(_)
            | Event::Note(_)
            | Event::FoundAgain(_) => {
                return Ok(());
            }
            Event::Exit(e) => {
                self.reported.remove(&e.tid);
                self.leader(e.tid, e.at, None);
                let style = self.style.palette.signal;
                self.line.paint(style, |l| write_exit(&mut l.text, e.how));
                self.line.push("\n");
            }
        }
        self.write_line()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// What stands between the parentheses. Of a call that has not returned, strace shows what
/// precedes the first output; while it is blocked we show the rest too, as it may say why.
fn write_arguments(line: &mut Line, e: &SyscallEvent, style: &ArgStyle) {
    let out = &mut line.text;
    match e.outcome {
        Outcome::Returned(_) | Outcome::Failed(_) => write_args(out, &e.args, &e.names, style),
        Outcome::Gone | Outcome::Detached => {
            let known = known_at_entry(&e.args);
            write_args(out, &e.args[..known], &e.names, style);
            if known > 0 && known < e.args.len() {
                out.push_str(", ");
            }
        }
        Outcome::Blocked | Outcome::Ended => {
            let values = e.args.iter().map(|a| &a.value);
            let shown = values.filter(|v| !matches!(v, Value::Aside(..)));
            for (n, value) in shown.enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                match value {
                    Value::Pending(to) if !to.is_null() => out.push_str("..."),
                    value => write_value(out, value, &e.names, style),
                }
            }
        }
    }
}

/// From the closing parenthesis to the end of the line.
fn write_outcome(line: &mut Line, e: &SyscallEvent, style: &TextStyle) {
    match e.outcome {
        Outcome::Ended => {
            line.push(") ");
            line.tab_to(style.column);
            line.push("= ? ");
            line.paint(style.palette.time, |l| write_sampled(l, e));
        }
        Outcome::Returned(_) | Outcome::Failed(_) => {
            line.push(") ");
            line.tab_to(style.column);
            let colour = match e.outcome {
                Outcome::Failed(_) => style.palette.error,
                _ => Style::new(),
            };
            let args = style.args();
            line.paint(colour, |l| {
                write_result(&mut l.text, &e.call, e.outcome, &e.args, &e.names, &args);
            });
            if let Some(precision) = style.duration {
                line.push(" ");
                line.paint(style.palette.time, |l| {
                    write_duration(l, e, precision, style.go);
                });
            }
        }
        Outcome::Blocked => {
            line.push(" ");
            line.paint(style.palette.time, |l| {
                let least = match e.start {
                    Start::Seen(_) => "",
                    Start::BeforeAttach(_) => "at least ",
                };
                l.fmt(format_args!(
                    "<blocked for {least}{}{} so far>",
                    Human(e.duration()),
                    Error(e)
                ));
            });
        }
        Outcome::Gone => {
            // Where all was said at entry, strace has nothing left unfinished.
            if known_at_entry(&e.args) < e.args.len() {
                line.push(" <unfinished ...>");
            }
            line.push(") ");
            line.tab_to(style.column);
            line.push("= ?");
        }
        Outcome::Detached => line.push(" <detached ...>"),
    }
}

/// `<12.5ms ±1.30ms>`: what is known of a call that was seen now and then.
fn write_sampled(line: &mut Line, e: &SyscallEvent) {
    let least = match e.start {
        Start::Seen(_) => "",
        Start::BeforeAttach(_) => "at least ",
    };
    let duration = Human(e.duration());
    line.fmt(format_args!("<{least}{duration}{}>", Error(e)));
}

/// ` ±1.30ms`, where there is an error.
struct Error<'a>(&'a SyscallEvent);

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.seen {
            Seen::Exact => Ok(()),
            Seen::Sampled { error } if error.is_zero() => Ok(()),
            Seen::Sampled { error } => {
                let error = Human::error(self.0.duration(), error);
                write!(f, " ±{error}")
            }
        }
    }
}

/// `<0.012345>`; a call that was on before we came lasted at least as long, which we say where
/// the line is our own.
pub(super) fn write_duration(line: &mut Line, e: &SyscallEvent, precision: Precision, own: bool) {
    let least = match e.start {
        Start::BeforeAttach(_) if own => "at least ",
        _ => "",
    };
    let d = e.duration();
    line.fmt(format_args!("<{least}{}", d.as_secs()));
    write_fraction(line, u64::from(d.subsec_nanos()), precision);
    line.push(">");
}
