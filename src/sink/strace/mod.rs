//! strace's lines, byte for byte (compared with strace 6.1 by `tests/strace_format`).
//!
//! A line begins when a call does and ends when it ends. What comes between, of another thread,
//! cuts it: ` <unfinished ...>`, and later `<... read resumed>`. So the sink is told of entries,
//! remembers what it has written of each thread's call, and writes the rest at the end.

mod channel;
mod dump;
mod raw;
mod stack;
mod style;
mod thread;

pub use channel::Outputs;
pub use style::{PidRule, Silence, StraceStyle};

use super::args::{ArgStyle, known_at_entry, write_args, write_result};
use super::line::Line;
use super::quote::decorate;
use super::signal::{write_delivery, write_exit};
use super::text::write_duration;
use super::{Sink, Summary};
use crate::event::{
    Event, ExitEvent, ExitKind, ObjectNames, Outcome, SyscallEvent, TaskChange, TaskEvent,
    Timestamp,
};
use crate::ids::{Addr, Errno, Tid};
use crate::syscall;
use crate::value::{Arg, Value};

use std::io;
use thread::Threads;

/// Writes events as strace does.
pub struct StraceSink {
    style: StraceStyle,
    channels: channel::Channels,
    threads: Threads,
    line: Line,
}

impl StraceSink {
    /// A sink that writes to `outputs`.
    #[must_use]
    pub fn new(outputs: Outputs, style: StraceStyle) -> StraceSink {
        StraceSink {
            style,
            channels: channel::Channels::new(outputs),
            threads: Threads::default(),
            line: Line::default(),
        }
    }

    /// Begins a line of this thread: strace's printleader().
    fn leader(&mut self, tid: Tid, at: Timestamp, pc: Option<Addr>) -> io::Result<()> {
        let several = self.threads.count() > 1;
        let thread = self.threads.get(tid);
        let channel = self.channels.of(tid)?;
        self.line.clear();
        if channel.is_open() {
            self.line.push(" <unfinished ...>\n");
            channel.close_with(&mut self.line)?;
        }
        channel.printing = Some(tid);
        let line = &mut self.line;
        let comm = thread.comm().filter(|_| self.style.commands).map(|comm| {
            let mut text = String::new();
            decorate(&mut text, comm, self.style.args.hex);
            text
        });
        match self.style.pid {
            PidRule::Bare => match comm {
                Some(comm) => line.fmt(format_args!("{}{comm} ", tid.0)),
                None => line.fmt(format_args!("{:<5} ", tid.0)),
            },
            PidRule::IfSeveral if !several => {}
            PidRule::Never => {}
            PidRule::IfSeveral | PidRule::Always => match comm {
                Some(comm) => line.fmt(format_args!("[pid {:>5}{comm}] ", tid.0)),
                None => line.fmt(format_args!("[pid {:>5}] ", tid.0)),
            },
        }
        channel.leader.write(line, at, &self.style.times);
        if self.style.number {
            match thread.number {
                Some(nr) => line.fmt(format_args!("[{nr:>4}] ")),
                None => line.push("[   ?] "),
            }
        }
        if self.style.instruction_pointer {
            match pc {
                Some(pc) => line.fmt(format_args!("[{:016x}] ", pc.0)),
                None => line.push("[????????????????] "),
            }
        }
        Ok(())
    }

    /// The name of the call and what is known of its arguments.
    fn entered(&mut self, e: &SyscallEvent) -> io::Result<()> {
        self.personality(e)?;
        self.note_call(e);
        self.leader(e.tid, e.start.known(), e.extra.pc)?;
        self.write_name(e);
        let mut text = String::new();
        let (known, shown_all) = self.write_known(&mut text, e);
        self.line.push(&text);
        let column = self.style.column;
        let thread = self.threads.get(e.tid);
        // What comes next of this thread is its end.
        if is_exit(e) {
            thread.exits = true;
            self.line.push(") ");
            self.line.tab_to(column);
            self.line.push("= ?\n");
            return self.channels.of(e.tid)?.close_with(&mut self.line);
        }
        thread.open = Some(thread::Open {
            text,
            known,
            shown_all,
        });
        self.channels.of(e.tid)?.write_open(&mut self.line)
    }

    /// Writes what of the arguments stands on the line before the call has ended: how many of
    /// them, and whether that is all there will be.
    fn write_known(&self, out: &mut String, e: &SyscallEvent) -> (usize, bool) {
        let count = e.args.len();
        if e.extra.raw {
            self.write_arguments(out, e, ..count);
            return (count, true);
        }
        let known = known_at_entry(&e.args);
        let growing = syscall::grows(&e.call).filter(|g| g.place < known);
        let known = growing.map_or(known, |g| g.place + 1);
        self.write_arguments(out, e, ..known);
        let Some(growing) = growing else {
            if known > 0 && known < count {
                out.push_str(", ");
            }
            return (known, known == count);
        };
        if !growing.behind
            && let Some(Value::Struct { .. }) = e.args.get(growing.place).map(|arg| &arg.value)
        {
            // It has fields yet to come.
            out.pop();
        }
        (known, false)
    }

    fn left(&mut self, e: &SyscallEvent) -> io::Result<()> {
        let gone = match e.outcome {
            Outcome::Returned(_) | Outcome::Failed(_) | Outcome::Ended => false,
            Outcome::Gone => true,
            Outcome::Blocked | Outcome::Detached => return Ok(()),
        };
        if self.threads.get(e.tid).exits {
            return Ok(());
        }
        let open = self.threads.get(e.tid).open.take();
        let written = match &open {
            Some(open) => {
                self.resume(e)?;
                open.text.as_str()
            }
            None => {
                self.note_call(e);
                self.leader(e.tid, e.start.known(), e.extra.pc)?;
                self.write_name(e);
                ""
            }
        };
        let shown_all = if gone {
            self.write_gone_arguments(e, open.as_ref())
        } else {
            self.write_rest(e, written, open.as_ref().map_or(0, |o| o.known));
            true
        };
        if !shown_all {
            self.line.push(" <unfinished ...>");
        }
        self.line.push(") ");
        let before = self.channels.of(e.tid)?.column();
        self.line.tab_to(self.style.column.saturating_sub(before));
        if gone {
            self.line.push("= ?");
        } else {
            self.write_result(e);
        }
        self.line.push("\n");
        dump::write(&mut self.line, e.tid, &e.extra.dumps);
        if self.style.stack {
            stack::write(&mut self.line, &e.go.stack);
        }
        self.threads.get(e.tid).interrupted = match e.outcome {
            Outcome::Failed(Errno(ERESTART_RESTARTBLOCK)) => Some(call_name(e)),
            _ => self.threads.get(e.tid).interrupted.take(),
        };
        self.channels.of(e.tid)?.close_with(&mut self.line)
    }

    /// Goes on with the line, if it is this thread's and still open; else says so.
    fn resume(&mut self, e: &SyscallEvent) -> io::Result<()> {
        let reprint = std::mem::take(&mut self.threads.get(e.tid).reprint);
        let channel = self.channels.of(e.tid)?;
        self.line.clear();
        if channel.printing == Some(e.tid) && !reprint {
            return Ok(());
        }
        self.leader(e.tid, e.end, e.extra.pc)?;
        self.line
            .fmt(format_args!("<... {} resumed>", call_name(e)));
        Ok(())
    }

    fn write_name(&mut self, e: &SyscallEvent) {
        self.line.push(&call_name(e));
        self.line.push("(");
    }

    /// What of the arguments follows what was written at the entry.
    fn write_rest(&mut self, e: &SyscallEvent, written: &str, known: usize) {
        let mut all = String::new();
        self.write_arguments(&mut all, e, ..e.args.len());
        match all.strip_prefix(written) {
            Some(rest) => self.line.push(rest),
            // What was shown has changed since: only what was not is shown.
            None => {
                let mut rest = String::new();
                self.write_arguments(&mut rest, e, known..e.args.len());
                self.line.push(&rest);
            }
        }
    }

    /// Of a call that has not ended: what was known when it began. Whether that was all.
    fn write_gone_arguments(&mut self, e: &SyscallEvent, open: Option<&thread::Open>) -> bool {
        if let Some(open) = open {
            return open.shown_all;
        }
        let mut text = String::new();
        let (_, shown_all) = self.write_known(&mut text, e);
        self.line.push(&text);
        shown_all
    }

    fn write_arguments(
        &self,
        out: &mut String,
        e: &SyscallEvent,
        range: impl std::slice::SliceIndex<[Arg], Output = [Arg]>,
    ) {
        let args = e.args.get(range).unwrap_or_default();
        let own: Vec<Arg>;
        let args = match (e.extra.raw, self.style.argument_names) {
            (true, names) => {
                own = raw::arguments(e, names);
                &own
            }
            (false, true) => {
                own = args.iter().map(named).collect();
                &own
            }
            (false, false) => args,
        };
        if syscall::name(e.call.abi, e.call.nr) == Some("restart_syscall") {
            let thread = self.threads.peek(e.tid);
            let name = thread.and_then(|t| t.interrupted.as_deref());
            out.push_str("<... resuming interrupted ");
            out.push_str(name.unwrap_or("system call"));
            out.push_str(" ...>");
            return;
        }
        write_args(out, args, &e.names, &self.style.args);
    }

    fn write_result(&mut self, e: &SyscallEvent) {
        let text = &mut self.line.text;
        match e.outcome {
            Outcome::Returned(n) if e.extra.raw => {
                let prefix = if n == 0 { "" } else { "0x" };
                text.push_str(&format!("= {prefix}{n:x}"));
            }
            _ => write_result(
                text,
                &e.call,
                e.outcome,
                &e.args,
                &e.names,
                &self.style.args,
            ),
        }
        if let Some(precision) = self.style.duration {
            self.line.push(" ");
            write_duration(&mut self.line, e, precision, false);
        }
    }

    /// strace says when a thread begins to call through another ABI.
    fn personality(&mut self, e: &SyscallEvent) -> io::Result<()> {
        let thread = self.threads.get(e.tid);
        if thread
            .abi
            .replace(e.call.abi)
            .unwrap_or(crate::arch::host::ABI)
            == e.call.abi
            || self.style.quiet.personality
        {
            return Ok(());
        }
        let mode = thread::mode(e.call.abi);
        let pid = e.tid;
        self.channels.say(&format!(
            "strace: [ Process PID={pid} runs in {mode} mode. ]\n"
        ))
    }

    fn note_call(&mut self, e: &SyscallEvent) {
        self.threads.get(e.tid).number = Some(e.call.nr);
    }

    /// A line of its own.
    fn remark(
        &mut self,
        tid: Tid,
        at: Timestamp,
        pc: Option<Addr>,
        write: impl FnOnce(&mut String, &ArgStyle),
    ) -> io::Result<()> {
        self.leader(tid, at, pc)?;
        write(&mut self.line.text, &self.style.args);
        self.line.push("\n");
        self.channels.of(tid)?.close_with(&mut self.line)
    }

    fn ended(&mut self, e: &ExitEvent) -> io::Result<()> {
        let quiet = match e.how {
            ExitKind::Superseded { by } => {
                self.superseded(e.tid, by)?;
                self.style.quiet.superseded
            }
            // The line is one of the signal, not of the exit.
            ExitKind::Killed(signal, _) => {
                let bit = u32::try_from(signal.0 - 1).ok();
                let bit = bit.and_then(|n| 1_u64.checked_shl(n)).unwrap_or_default();
                self.style.quiet.killed_by & bit != 0
            }
            ExitKind::Status(_) => self.style.quiet.exit,
        };
        if !quiet {
            self.remark(e.tid, e.at, None, |out, _| write_exit(out, e.how))?;
        }
        if !matches!(e.how, ExitKind::Superseded { .. }) {
            self.threads.remove(e.tid);
            self.channels.remove(e.tid)?;
        }
        Ok(())
    }

    /// The thread `by` goes on as `leader`, in the middle of its execve.
    fn superseded(&mut self, leader: Tid, by: Tid) -> io::Result<()> {
        if self.threads.peek(by).is_none_or(|t| t.open.is_none()) {
            self.threads.remove(by);
            return Ok(());
        }
        let channel = self.channels.of(by)?;
        if channel.is_open() && channel.printing == Some(by) {
            self.line.clear();
            self.line
                .fmt(format_args!(" <pid changed to {leader} ...>\n"));
            channel.close_with(&mut self.line)?;
        }
        self.channels.remove(by)?;
        self.threads.rename(by, leader);
        Ok(())
    }

    fn task(&mut self, e: &TaskEvent) -> io::Result<()> {
        match &e.what {
            TaskChange::Started => {
                self.threads.get(e.tid);
            }
            TaskChange::AttachedToo => self.threads.get(e.tid).attach(),
            TaskChange::Attached(count) => {
                self.threads.get(e.tid).attach();
                let with = match *count {
                    0 | 1 => String::new(),
                    n => format!(" with {n} threads"),
                };
                if !self.style.quiet.attach {
                    let tid = e.tid;
                    return self
                        .channels
                        .say(&format!("strace: Process {tid} attached{with}\n"));
                }
            }
            TaskChange::Detached => return self.detached(e.tid),
            TaskChange::Called(number) => self.threads.get(e.tid).number = Some(*number),
            TaskChange::Named(comm) => {
                self.threads.get(e.tid).comm = Some(std::sync::Arc::clone(comm));
            }
            TaskChange::Stopped(signal) => {
                let signal = *signal;
                return self.remark(e.tid, e.at, None, |out, _| {
                    out.push_str("--- stopped by ");
                    super::args::write_signal(out, signal);
                    out.push_str(" ---");
                });
            }
        }
        Ok(())
    }

    fn detached(&mut self, tid: Tid) -> io::Result<()> {
        if self.threads.get(tid).attached && !self.style.quiet.attach {
            self.channels
                .say(&format!("strace: Process {tid} detached\n"))?;
        }
        let channel = self.channels.of(tid)?;
        if channel.is_open() && channel.printing == Some(tid) {
            self.line.clear();
            self.line.push(" <detached ...>\n");
            channel.close_with(&mut self.line)?;
        }
        self.threads.remove(tid);
        self.channels.remove(tid)
    }
}

/// A call interrupted with this is resumed by restart_syscall(2).
const ERESTART_RESTARTBLOCK: i32 = 516;

fn call_name(e: &SyscallEvent) -> String {
    match syscall::name(e.call.abi, e.call.nr) {
        Some(name) => name.to_owned(),
        None => format!("syscall_{:#x}", e.call.nr),
    }
}

/// exit(2) and exit_group(2) do not return.
fn is_exit(e: &SyscallEvent) -> bool {
    let name = syscall::name(e.call.abi, e.call.nr);
    matches!(name, Some("exit" | "exit_group"))
}

/// An argument with its name.
fn named(arg: &Arg) -> Arg {
    let value = match &arg.value {
        value @ (Value::Labelled(..) | Value::Aside(..)) => value.clone(),
        value => Value::Labelled(arg.name, Box::new(value.clone())),
    };
    Arg {
        name: arg.name,
        value,
    }
}

impl Sink for StraceSink {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Entered(e) => self.entered(e),
            Event::Syscall(e) => self.left(e),
            Event::Signal(e) => {
                let mut names = ObjectNames::default();
                if self.style.commands {
                    names.processes = self.threads.commands();
                }
                self.remark(e.tid, e.at, e.pc, |out, style| {
                    write_delivery(out, e, &names, style);
                })
            }
            Event::Exit(e) => self.ended(e),
            Event::Task(e) => self.task(e),
            // In strace's own lines nothing is said to be wrong.
            Event::Finding(_) | Event::FoundAgain(_) | Event::Begun(_) | Event::Note(_) => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.channels.flush()
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.channels.flush()
    }
}

#[cfg(test)]
mod tests;
