//! Metrics for those who ask: over HTTP (`--metrics`), or in a file (`--metrics-file`). Both on a
//! thread of their own, so that neither a reader nor a disk holds up the trace.

mod file;
mod server;

pub use file::FileOutlet;
pub use server::ServerOutlet;

use crate::event::SyscallEvent;
use crate::ids::Pid;
use crate::sink::metrics::{Exposition, FdUse, Lookup, Machine, Shared, State, expose};
use crate::sys::procfs::SyscallFile;
use crate::sys::{clock, proc_facts, procfs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Asks /proc.
#[derive(Debug)]
pub struct Live;

impl Lookup for Live {
    fn comm(&mut self, pid: Pid) -> Option<String> {
        procfs::comm(pid.into())
    }

    fn state(&mut self, call: &SyscallEvent) -> State {
        let letter = procfs::state(call.tid);
        // What it does now is believed if it is still in that call.
        let still = match procfs::syscall(call.tid) {
            Ok(SyscallFile::InCall { call: now, .. }) => now.nr == call.call.nr,
            _ => false,
        };
        letter
            .filter(|_| still)
            .map_or(State::Unknown, State::from_letter)
    }
}

/// Renders the numbers as they are now.
#[derive(Clone, Debug)]
pub struct Renderer {
    /// The numbers.
    pub shared: Shared,
    /// Events that were dropped so far.
    pub lost: Arc<AtomicU64>,
}

impl Renderer {
    /// As text.
    #[must_use]
    pub fn text(&self, exposition: Exposition) -> String {
        let meters = self.shared.snapshot();
        let fds = meters.processes().into_iter().map(|(pid, comm)| FdUse {
            pid,
            comm,
            open: proc_facts::open_files(pid),
            limit: proc_facts::nofile(pid),
        });
        let machine = Machine {
            now_ns: clock::mono_ns(),
            // Of a process that is no more there is nothing to say.
            fds: fds.filter(|fds| fds.open.is_some()).collect(),
            cpu_ns: proc_facts::own_cpu_ns(),
            resident_bytes: proc_facts::own_resident_bytes(),
            lost: self.lost.load(Ordering::Relaxed),
        };
        expose(meters, machine, exposition)
    }
}
