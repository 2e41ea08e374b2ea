//! What is known of each thread that is traced.

use crate::arch::Abi;
use crate::ids::Tid;
use std::collections::HashMap;
use std::sync::Arc;

/// A call whose beginning has been written.
#[derive(Debug)]
pub(super) struct Open {
    /// What was written of its arguments.
    pub text: String,
    /// How many that were.
    pub known: usize,
    /// Whether these were all.
    pub shown_all: bool,
}

/// A thread.
#[derive(Debug, Default)]
pub(super) struct Thread {
    /// The call that it is in, if its beginning has been written.
    pub open: Option<Open>,
    /// It goes on in another place than where it began: it executed another program.
    pub reprint: bool,
    /// It is in a call that it does not come back from, and that has been written in full.
    pub exits: bool,
    /// The number of its last call.
    pub number: Option<u64>,
    /// The call that restart_syscall(2) will resume.
    pub interrupted: Option<String>,
    /// How it calls.
    pub abi: Option<Abi>,
    /// What it is called.
    pub comm: Option<Arc<[u8]>>,
    /// Whether it was attached to, or made by another; the command that we started was neither.
    pub attached: bool,
}

impl Thread {
    /// What it is called, if it is called anything.
    pub fn comm(&self) -> Option<&Arc<[u8]>> {
        self.comm.as_ref().filter(|comm| !comm.is_empty())
    }

    /// strace takes a call that it has not seen begin for the one with the number 0.
    pub fn attach(&mut self) {
        self.attached = true;
        self.interrupted = Some("read".to_owned());
    }
}

/// All threads that are traced.
#[derive(Debug, Default)]
pub(super) struct Threads {
    by_tid: HashMap<Tid, Thread>,
}

impl Threads {
    pub fn get(&mut self, tid: Tid) -> &mut Thread {
        self.by_tid.entry(tid).or_default()
    }

    pub fn peek(&self, tid: Tid) -> Option<&Thread> {
        self.by_tid.get(&tid)
    }

    pub fn count(&self) -> usize {
        self.by_tid.len()
    }

    pub fn remove(&mut self, tid: Tid) {
        self.by_tid.remove(&tid);
    }

    /// `from` goes on under the id `to`, whose thread is no more.
    pub fn rename(&mut self, from: Tid, to: Tid) {
        let Some(mut thread) = self.by_tid.remove(&from) else {
            return;
        };
        thread.reprint = true;
        // It is the process that was attached to or started, not its thread.
        thread.attached = self.by_tid.get(&to).is_some_and(|t| t.attached);
        self.by_tid.insert(to, thread);
    }

    /// The names of the threads that have one, by id.
    pub fn commands(&self) -> Vec<(i32, Arc<[u8]>)> {
        let named = self.by_tid.iter();
        named
            .filter_map(|(tid, thread)| Some((tid.0, Arc::clone(thread.comm()?))))
            .collect()
    }
}

/// An ABI in strace's words.
pub(super) fn mode(abi: Abi) -> &'static str {
    match abi {
        Abi::X86_64 | Abi::Aarch64 => "64 bit",
        Abi::I386 | Abi::Arm => "32 bit",
        Abi::X32 => "x32",
    }
}
