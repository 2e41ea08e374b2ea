//! Blocked time by Go stack: what the flame graph, its folded lines and the pprof profile are
//! made of. Bounded however long a run: past [`LIMIT`] distinct stacks, further ones are one.

mod facts;
mod sink;

pub use facts::Facts;
pub(in crate::sink) use facts::program;
pub use sink::BlockedSink;

use crate::event::{
    Event, Frame, FrameKind, Known, Outcome, Seen, StackEnd, Start, SyscallEvent, Timestamp,
};
use crate::ids::{Addr, Goid, Pid};
use crate::sink::fd_text::{FdStyle, write_target};
use crate::sink::told::{Before, Told, may_be_told_again};
use crate::syscall;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// How many distinct stacks are told apart, unless a test wants fewer.
const LIMIT: usize = 100_000;
/// How many distinct frames, names and the like, for each of them.
const ATOMS_PER_STACK: usize = 4;

/// How finely calls are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// By process, class, call and the functions on the stack.
    Functions,
    /// Also by line, descriptor and goroutine.
    Lines,
}

/// What a stack is made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Atom {
    /// A frame.
    Frame(Frame),
    /// What stands where frames are not known, and why.
    Gap(Arc<str>),
    /// What a descriptor is.
    Name(Arc<str>),
}

/// Calls that are not told apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// Their process; `None` for the further stacks.
    pub pid: Option<Pid>,
    /// Their wait class.
    pub class: Option<&'static str>,
    /// Which call.
    pub call: Arc<str>,
    /// What their descriptor is.
    pub fd: Option<u32>,
    /// Their goroutine; 0 where they were made for none.
    pub goroutine: Option<Goid>,
    /// Their stack, innermost first: indices of atoms.
    pub stack: Box<[u32]>,
}

/// So many calls that were blocked for so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weight {
    /// Calls; one that has not ended counts too, with its time so far.
    pub calls: u64,
    /// Nanoseconds.
    pub ns: u64,
}

impl Weight {
    fn add(&mut self, ns: u64) {
        self.calls += 1;
        self.ns = self.ns.saturating_add(ns);
    }
}

/// Sums up the calls of a run by stack.
#[derive(Debug)]
pub struct Blocked {
    detail: Detail,
    show_parked: bool,
    limit: usize,
    atoms: Vec<Atom>,
    index: HashMap<Atom, u32>,
    weights: HashMap<Key, Weight>,
    open: Told<Counted>,
    facts: Facts,
}

/// A call as it will count.
#[derive(Debug)]
struct Counted {
    /// `None`: it is parked, and left out.
    key: Option<Key>,
    ns: u64,
    still: bool,
    before_attach: bool,
    /// By how much its time may be wrong, if it was looked at and not stopped.
    error: Option<Duration>,
}

impl Blocked {
    /// Nothing yet. Parked time is left out unless `show_parked`.
    #[must_use]
    pub fn new(detail: Detail, show_parked: bool) -> Blocked {
        Blocked {
            detail,
            show_parked,
            limit: LIMIT,
            atoms: Vec::new(),
            index: HashMap::new(),
            weights: HashMap::new(),
            open: Told::default(),
            facts: Facts::new(show_parked),
        }
    }

    /// Takes an event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Begun(begun) => self.facts.begin(begun),
            Event::Syscall(call) => self.call(call),
            Event::Exit(exit) => {
                let open = self.open.thread_ended(exit.tid);
                open.into_iter().for_each(|call| self.count(call));
            }
            _ => {}
        }
    }

    /// Is told the time.
    pub fn tick(&mut self, now: Timestamp) {
        self.facts.tick(now);
    }

    /// Counts what has not ended, and hands out everything.
    pub fn finish(&mut self) -> (&Facts, Stacks<'_>) {
        for call in self.open.take_all() {
            self.count(call);
        }
        let mut entries: Vec<_> = self.weights.iter().map(|(key, w)| (key, *w)).collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let stacks = Stacks {
            atoms: &self.atoms,
            entries,
        };
        (&self.facts, stacks)
    }

    fn call(&mut self, e: &SyscallEvent) {
        self.facts.tick(e.end);
        if let Before::Other(before) = self.open.take(e) {
            self.count(before);
        }
        let parked = e.go.class.get().is_some_and(|class| class.parked);
        let still = e.outcome == Outcome::Blocked;
        let call = Counted {
            key: (self.show_parked || !parked).then(|| self.key(e)),
            ns: u64::try_from(e.duration().as_nanos()).unwrap_or(u64::MAX),
            still,
            before_attach: matches!(e.start, Start::BeforeAttach(_)),
            error: match e.seen {
                Seen::Exact => None,
                Seen::Sampled { error } => Some(error),
            },
        };
        if may_be_told_again(e.outcome) {
            self.open.keep(e, call);
        } else {
            self.count(call);
        }
    }

    fn count(&mut self, call: Counted) {
        let Some(key) = call.key else {
            self.facts.parked.add(call.ns);
            return;
        };
        self.facts.all.add(call.ns);
        self.facts.still += u64::from(call.still);
        self.facts.before_attach += u64::from(call.before_attach);
        if let Some(error) = call.error {
            self.facts.sampled += 1;
            self.facts.error = self.facts.error.max(error);
        }
        let key = self.within_limits(key);
        self.weights.entry(key).or_default().add(call.ns);
    }

    /// Past the limit, calls are told apart less finely: first without descriptor and goroutine,
    /// and at last not at all.
    fn within_limits(&mut self, key: Key) -> Key {
        if self.weights.len() < self.limit || self.weights.contains_key(&key) {
            return key;
        }
        let coarse = Key {
            fd: None,
            goroutine: None,
            ..key
        };
        if self.detail == Detail::Lines
            && (self.weights.len() < 2 * self.limit || self.weights.contains_key(&coarse))
        {
            self.facts.unlabelled += 1;
            return coarse;
        }
        self.facts.further += 1;
        self.further()
    }

    fn further(&mut self) -> Key {
        Key {
            pid: None,
            class: None,
            call: "(any call)".into(),
            fd: None,
            goroutine: None,
            stack: Box::new([self.gap("(further stacks)")]),
        }
    }

    fn key(&mut self, e: &SyscallEvent) -> Key {
        let lines = self.detail == Detail::Lines;
        Key {
            pid: Some(e.pid),
            class: e.go.class.get().map(|class| class.id),
            call: call_name(e).into(),
            fd: lines.then(|| self.fd(e)).flatten(),
            goroutine: e.go.goroutine.get().map(|g| g.goid).filter(|_| lines),
            stack: self.stack(e),
        }
    }

    /// What the first descriptor among the arguments is.
    fn fd(&mut self, e: &SyscallEvent) -> Option<u32> {
        let fd = syscall::fds(&e.args).into_iter().next()?;
        let (_, target) = e.names.fds.iter().find(|(number, _)| *number == fd)?;
        let mut name = String::new();
        write_target(&mut name, target, FdStyle::Endpoints);
        // What is between brackets needs none here.
        let name = name.strip_prefix('<').unwrap_or(&name);
        let name = match name.strip_suffix(">(deleted)") {
            Some(name) => format!("{name} (deleted)"),
            None => name.strip_suffix('>').unwrap_or(name).to_owned(),
        };
        self.atom(Atom::Name(name.into()))
    }

    fn stack(&mut self, e: &SyscallEvent) -> Box<[u32]> {
        let stack = match &e.go.stack {
            Known::Is(stack) => stack,
            Known::NotAsked => return Box::new([self.gap("(no stack)")]),
            Known::Unknown(why) => return Box::new([self.reason("stack unknown", why)]),
        };
        let mut atoms = Vec::with_capacity(stack.frames.len() + 1);
        for frame in &stack.frames {
            let frame = match self.detail {
                Detail::Lines => frame.clone(),
                Detail::Functions => function_of(frame),
            };
            match self.atom(Atom::Frame(frame)) {
                Some(atom) => atoms.push(atom),
                None => return Box::new([self.gap("(further stacks)")]),
            }
        }
        match &stack.end {
            StackEnd::Root if atoms.is_empty() => atoms.push(self.gap("(no stack)")),
            StackEnd::Root => {}
            StackEnd::Depth => atoms.push(self.gap("(further frames)")),
            StackEnd::Broken(why) => atoms.push(self.reason("unknown from here", why)),
        }
        atoms.into()
    }

    /// `(WHAT: WHY)`; without the reason if there are too many.
    fn reason(&mut self, what: &str, why: &str) -> u32 {
        self.atom(Atom::Gap(format!("({what}: {why})").into()))
            .unwrap_or_else(|| self.gap(&format!("({what})")))
    }

    /// One of our own words, of which there are few.
    fn gap(&mut self, text: &str) -> u32 {
        self.intern(Atom::Gap(text.into()))
    }

    /// `None`: there are too many.
    fn atom(&mut self, atom: Atom) -> Option<u32> {
        if self.atoms.len() >= self.limit * ATOMS_PER_STACK {
            return self.index.get(&atom).copied();
        }
        Some(self.intern(atom))
    }

    fn intern(&mut self, atom: Atom) -> u32 {
        if let Some(index) = self.index.get(&atom) {
            return *index;
        }
        let index = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        self.atoms.push(atom.clone());
        self.index.insert(atom, index);
        index
    }
}

/// A frame as a flame graph shows it.
fn function_of(frame: &Frame) -> Frame {
    Frame {
        pc: match frame.func.is_empty() {
            true => frame.pc,
            false => Addr(0),
        },
        func: Arc::clone(&frame.func),
        file: "".into(),
        line: 0,
        kind: match frame.kind {
            FrameKind::Inlined => FrameKind::Go,
            other => other,
        },
    }
}

/// As strace names a call that has no name.
pub(in crate::sink) fn call_name(e: &SyscallEvent) -> String {
    match syscall::name(e.call.abi, e.call.nr) {
        Some(name) => name.to_owned(),
        None => format!("syscall_{:#x}", e.call.nr),
    }
}

/// The stacks of a run with what was blocked at each, in an order that is the same each time.
#[derive(Debug)]
pub struct Stacks<'a> {
    atoms: &'a [Atom],
    /// Calls and their weights.
    pub entries: Vec<(&'a Key, Weight)>,
}

impl<'a> Stacks<'a> {
    /// What an index in a key stands for.
    #[must_use]
    pub fn atom(&self, index: u32) -> Option<&'a Atom> {
        self.atoms.get(index as usize)
    }
}

#[cfg(test)]
pub(in crate::sink) mod tests;
