//! What is read from a thread that is held by a stop (or provably blocked), and nothing more:
//! arguments, names of descriptors, raw stack. Symbols, classes and text come after it runs on.

mod objects;

use super::known::{Changes, Known};
use super::names::Names;
use super::process::{Place, Process, Snapshot};
use crate::arch::host;
use crate::cli::config::{Config, FdDetail, Format};
use crate::diagnose::{Aside, Tally};
use crate::error::Error;
use crate::event::{
    Event, Extra, GoContext, ObjectNames, Outcome, RawCall, Seen, SyscallEvent, Timestamp,
};
use crate::golang::unwind::MAX_FRAMES;
use crate::ids::Addr;
use crate::ids::{Pid, Tid};
use crate::memory::{Memory, MemoryErrorKind, Segments};
use crate::native::Registers;
use crate::sys::memory::ProcessMemory;
use crate::sys::{clock, procfs, ptrace};
use crate::syscall::set::SyscallSet;
use crate::syscall::{self, DecodeContext};
use crate::tracee::{InCall, is_execve};
use crate::value::Arg;
use std::sync::{Arc, Mutex};

/// Threads whose children are looked up when one waits for any child.
const MAX_PARENTS: usize = 64;
/// Children that are looked up then.
const MAX_CHILDREN: usize = 16;

/// What the tracer thread hands to the writer.
#[derive(Debug)]
pub enum Captured {
    /// Tracing has begun.
    Begun {
        /// Of these processes, with so many threads.
        processes: Vec<(Arc<Process>, usize)>,
        /// Of others not, for these reasons.
        refused: Vec<Error>,
    },
    /// Something about the tracing itself that the user should know: one line.
    Note(String),
    /// Calls that are not shown but may say something together.
    Tally(Tally),
    /// Complete as it is.
    Event(Event),
    /// A call; its stack is still addresses.
    Call(Box<CapturedCall>),
    /// A call that is not shown for itself.
    Aside(Aside, Box<CapturedCall>),
}

impl Captured {
    /// Whether it is a part of the trace that is missed when it is missing.
    #[must_use]
    pub fn is_event(&self) -> bool {
        matches!(self, Captured::Event(_) | Captured::Call(_))
    }
}

/// A call and what is needed to finish its event.
#[derive(Debug)]
pub struct CapturedCall {
    /// The event, without its Go context.
    pub event: SyscallEvent,
    /// Its stack and goroutine as read from the thread, if they were asked for.
    pub go: GoPart,
    /// Whose code the addresses are in.
    pub process: Arc<Process>,
    /// It has only just begun.
    pub entered: bool,
}

/// What is known of a thread's stack and goroutine.
#[derive(Debug)]
pub enum GoPart {
    /// It was not asked for.
    None,
    /// As read from the thread.
    Read(Box<Snapshot>),
    /// It was read and handed on when the call was reported as blocked.
    Known,
    /// It could not be read, for this reason.
    Missed(Arc<str>),
    /// The process was killed before or while it was read: nothing that can be believed.
    Gone,
}

impl From<Option<Snapshot>> for GoPart {
    fn from(read: Option<Snapshot>) -> GoPart {
        read.map_or(GoPart::None, |snapshot| GoPart::Read(Box::new(snapshot)))
    }
}

/// What was read at the entry of a call.
#[derive(Debug)]
pub struct EntryPart {
    pub(super) args: Vec<Arg>,
    pub(super) names: ObjectNames,
}

/// Reads what was asked for.
#[derive(Clone, Debug)]
pub struct Capture {
    string_limit: usize,
    in_full: SyscallSet,
    stack_depth: Option<usize>,
    name_objects: bool,
    device_numbers: bool,
    known: Known,
    working_directory: bool,
    /// Who tells where a socket leads while its holder is stopped, if that is asked for.
    sockets: Option<Arc<Mutex<Names>>>,
}

impl Capture {
    /// As the command line has it.
    #[must_use]
    pub fn new(config: &Config) -> Capture {
        Capture {
            string_limit: config.look.string_limit,
            in_full: config.detail.in_full.clone(),
            stack_depth: config.stack_to_read(),
            name_objects: config.look.fds != FdDetail::NONE
                || config.look.commands
                || !config.select.objects.is_empty(),
            device_numbers: config.look.strace_fds && config.look.fds.device,
            working_directory: config.format == Format::Strace
                && (config.look.fds.path || !config.select.objects.is_empty()),
            known: Known::default(),
            sockets: config
                .names_sockets_at_stop()
                .then(|| Arc::new(Mutex::new(Names::at_stop()))),
        }
    }

    /// The same, with names kept from one call to the next until these changes.
    #[must_use]
    pub fn with_names_kept(self, changes: &Changes) -> Capture {
        Capture {
            known: Known::new(changes.clone()),
            ..self
        }
    }

    /// All there is to know of a call, strings and buffers up to `string_limit` bytes.
    #[must_use]
    pub fn full(string_limit: usize) -> Capture {
        Capture {
            string_limit,
            in_full: SyscallSet::none(),
            stack_depth: Some(MAX_FRAMES),
            name_objects: true,
            device_numbers: false,
            known: Known::default(),
            working_directory: false,
            sockets: None,
        }
    }

    /// The same, of arguments in full.
    #[must_use]
    pub fn all(&self) -> Capture {
        Capture {
            string_limit: usize::MAX,
            in_full: SyscallSet::all(),
            ..self.clone()
        }
    }

    /// execve has no stack: in the middle of it the old one is gone, at its end the new one is
    /// empty.
    fn depth_for(&self, call: &InCall) -> Option<usize> {
        self.stack_depth.filter(|_| !is_execve(&call.call))
    }

    /// Whether calls get a stack.
    #[must_use]
    pub fn takes_stacks(&self) -> bool {
        self.stack_depth.is_some()
    }

    /// Whether the kernel will overwrite arguments of this call: they must be read at entry.
    #[must_use]
    pub fn must_read_at_entry(&self, call: &RawCall) -> bool {
        syscall::needs_entry(call)
    }

    /// Reads the arguments of a call that has not begun, or is blocked.
    #[must_use]
    pub fn entry(&self, tid: Tid, call: &RawCall, sp: Addr) -> EntryPart {
        let memory = ProcessMemory::new(Pid::from(tid));
        let context = DecodeContext {
            sp: Some(sp),
            ..self.context(tid, call, &memory, clock::now())
        };
        let args = syscall::decode_entry(call, &context);
        let mut names = ObjectNames::default();
        self.add_names(tid, &args, &mut names);
        if self.name_objects && waits_for_any_child(call) {
            // Once it has been collected, nobody can say what the child was called.
            let children = procfs::children(Pid::from(tid), MAX_PARENTS);
            for child in children.iter().take(MAX_CHILDREN) {
                self.add_process(child.0, &mut names);
            }
        }
        EntryPart { args, names }
    }

    /// A call that has just begun.
    #[must_use]
    pub fn begun(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        entry: &EntryPart,
    ) -> Box<CapturedCall> {
        let entry = EntryPart {
            args: entry.args.clone(),
            names: entry.names.clone(),
        };
        let end = call.start.known();
        let mut captured = self.call(
            tid,
            process,
            call,
            entry,
            Outcome::Blocked,
            end,
            GoPart::None,
        );
        captured.event.start = call.start;
        captured
    }

    /// A call that has ended (or whose thread has): at its exit stop.
    #[must_use]
    pub fn finished(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        entry: Option<EntryPart>,
        outcome: Outcome,
        end: Timestamp,
    ) -> Option<Captured> {
        let mut entry = entry.unwrap_or_else(|| self.entry(tid, &call.call, call.sp));
        let gone = outcome == Outcome::Gone;
        if !gone {
            let memory = ProcessMemory::new(Pid::from(tid));
            let context = self.context(tid, &call.call, &memory, end);
            // These have been asked about, and what was not open then is not what was meant.
            let asked = syscall::fds(&entry.args);
            syscall::decode_exit(&call.call, outcome, &context, &mut entry.args);
            self.name_result(tid, call, outcome, &asked, &mut entry);
        }
        let go = self
            .depth_for(call)
            .filter(|_| !gone)
            .map(|depth| process.snapshot(tid, &at_stop(tid, call), depth));
        let go = match go {
            _ if gone => GoPart::Gone,
            Some(read) if !read.is_whole() && is_gone(tid, call) => GoPart::Gone,
            go => GoPart::from(go),
        };
        Some(self.captured(tid, process, call, entry, outcome, end, go))
    }

    /// The registers of a thread that is held at the entry of a call, where a stack may need
    /// more of them than the stop tells: in C code.
    #[must_use]
    pub fn registers(&self, tid: Tid, process: &Process) -> Option<Registers> {
        self.stack_depth?;
        if !process.has_native_code() {
            return None;
        }
        let regs = ptrace::regs(tid).ok()?;
        Some(Registers::stopped(host::ARCH, &regs))
    }

    /// A call that is still blocked. `entry` keeps what was read for the next look. `None` if
    /// the process was killed under our hands: its end will be reported.
    #[must_use]
    pub fn blocked(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        regs: Option<Registers>,
        entry: &mut Option<EntryPart>,
        outcome: Outcome,
    ) -> Option<Captured> {
        // A call that a signal handler has interrupted has none of its own.
        let regs = regs.filter(|r| (r.pc, r.sp()) == (call.pc, call.sp));
        let place = regs.map_or_else(|| blocked_in(call), Place::stopped);
        let part = entry.get_or_insert_with(|| self.entry(tid, &call.call, call.sp));
        let part = EntryPart {
            args: part.args.clone(),
            names: part.names.clone(),
        };
        let go = self
            .depth_for(call)
            .map(|depth| process.snapshot(tid, &place, depth));
        let is_whole = go.as_ref().is_some_and(Snapshot::is_whole);
        if !is_whole && is_gone(tid, call) {
            return None;
        }
        let go = GoPart::from(go);
        Some(self.captured(tid, process, call, part, outcome, clock::now(), go))
    }

    /// A call that has ended before anything could be read: what its registers tell, and
    /// `reason` in the place of its stack.
    #[must_use]
    pub fn missed(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        reason: &str,
    ) -> Captured {
        let end = clock::now();
        let context = DecodeContext {
            // What its pointers point to now is another call's.
            memory: &Segments::new(),
            string_limit: self.string_limit,
            verbose: false,
            netlink: None,
            sp: None,
            now: end,
        };
        let entry = EntryPart {
            args: syscall::decode_entry(&call.call, &context),
            names: ObjectNames::default(),
        };
        let asked = self.depth_for(call).is_some();
        let go = asked.then(|| GoPart::Missed(reason.into()));
        let go = go.unwrap_or(GoPart::None);
        self.captured(tid, process, call, entry, Outcome::Ended, end, go)
    }

    #[allow(clippy::too_many_arguments)]
    fn captured(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        entry: EntryPart,
        outcome: Outcome,
        end: Timestamp,
        go: GoPart,
    ) -> Captured {
        Captured::Call(self.call(tid, process, call, entry, outcome, end, go))
    }

    #[allow(clippy::too_many_arguments)]
    fn call(
        &self,
        tid: Tid,
        process: &Arc<Process>,
        call: &InCall,
        entry: EntryPart,
        outcome: Outcome,
        end: Timestamp,
        go: GoPart,
    ) -> Box<CapturedCall> {
        Box::new(CapturedCall {
            event: SyscallEvent {
                pid: process.pid,
                tid,
                call: call.call,
                args: entry.args,
                start: call.since,
                end,
                outcome,
                seen: Seen::Exact,
                names: entry.names,
                go: GoContext::default(),
                wait: None,
                findings: Vec::new(),
                extra: Extra::default(),
            },
            entered: false,
            go,
            process: Arc::clone(process),
        })
    }

    fn context<'a>(
        &self,
        tid: Tid,
        call: &RawCall,
        memory: &'a ProcessMemory,
        now: Timestamp,
    ) -> DecodeContext<'a> {
        DecodeContext {
            memory,
            string_limit: self.string_limit,
            verbose: self.in_full.contains(call.abi, call.nr),
            netlink: Some((tid, procfs::netlink_protocol)),
            sp: None,
            now,
        }
    }
}

/// Whether the call waits for a child that its arguments do not name.
fn waits_for_any_child(call: &RawCall) -> bool {
    const P_PID: u64 = 1;
    const P_PIDFD: u64 = 3;
    match syscall::name(call.abi, call.nr) {
        Some("wait4") => (call.args[0] as i32) <= 0,
        Some("waitid") => !matches!(call.args[0], P_PID | P_PIDFD),
        _ => false,
    }
}

/// Whether the thread's memory is gone. Once it is, it stays so: asked after reading, this tells
/// whether what was read can be believed.
fn is_gone(tid: Tid, call: &InCall) -> bool {
    let probe = ProcessMemory::new(Pid::from(tid)).u8(call.sp);
    probe.is_err_and(|e| e.kind == MemoryErrorKind::Gone)
}

/// The registers at a stop, or what the stop itself told of them.
fn at_stop(tid: Tid, call: &InCall) -> Place {
    match ptrace::regs(tid) {
        Ok(regs) => Place::stopped(Registers::stopped(host::ARCH, &regs)),
        Err(_) => blocked_in(call),
    }
}

/// What is known of the registers of a thread that has not stopped since it entered the call.
fn blocked_in(call: &InCall) -> Place {
    Place::new(call.pc, call.sp)
}
