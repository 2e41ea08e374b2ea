//! Says what is wrong: rules over events and process facts.
//!
//! A rule sees one event ([`rules`]) or what has come together over many ([`history`]), asks
//! [`Facts`] what it needs to know of the process, and answers with a [`Finding`] or with
//! nothing. It never decides by a name alone, and where a fact cannot be had it says nothing:
//! a finding that is wrong costs more than one that is missed. What each finding means is in
//! [`catalog`].

pub mod catalog;
mod connection;
mod facts;
mod futex;
mod history;
mod looks;
mod rules;
mod system;
#[cfg(test)]
mod tests;
mod uring;
mod wait;

pub use connection::peer_is;
pub use facts::{
    CpuShare, Descriptor, Facts, FileLock, Listener, Mount, Owner, SocketFacts, Task, Tcp,
    Throttling,
};
pub use history::{Tally, makes_descriptor};
pub use looks::{HeldPipe, Holdout, Look, Looks, PipeHolder};
pub use rules::program_function;
pub use wait::wait_of;

use crate::event::{Event, SyscallEvent, Timestamp};
use crate::finding::{Finding, FindingId, FoundAgain, Shown};
use crate::ids::{Pid, Tid};
use history::History;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Shorter calls are not judged for their length where no `--slow` says otherwise.
const DEFAULT_SLOW: Duration = Duration::from_millis(100);
/// Findings told in full; beyond, they are only counted.
const MAX_FINDINGS: usize = 200;

/// Which findings are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// Only these; empty: all.
    pub only: Vec<FindingId>,
    /// Not these.
    pub ignore: Vec<FindingId>,
}

impl Choice {
    /// Whether a finding is wanted.
    #[must_use]
    pub fn wants(&self, id: FindingId) -> bool {
        (self.only.is_empty() || self.only.contains(&id)) && !self.ignore.contains(&id)
    }
}

/// One finding of a run, as the summary has it: the same in the same function of a process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// Which.
    pub id: FindingId,
    /// The process.
    pub pid: Pid,
    /// The program's function, where known.
    pub func: Option<Arc<str>>,
}

/// The diagnosis of one run.
#[derive(Debug)]
pub struct Diagnosis {
    choice: Choice,
    slow: Duration,
    history: History,
    /// How often each was seen, in the order in which they were first.
    seen: Vec<(Place, u64)>,
    places: HashMap<Place, usize>,
    /// When the last call of a thread began that showed a finding.
    counted: HashMap<(FindingId, Tid), Timestamp>,
}

/// Why a call that is not shown is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aside {
    /// C code waited, a signal cut the wait short, and it was not repeated.
    GivenUp,
    /// It made one of the last descriptors that the process may have, or was refused one.
    Opening,
}

/// What tells a call from others: its thread and when it began.
type Call = (Tid, Timestamp);

impl Diagnosis {
    /// A diagnosis that takes calls for slow which last at least `slow`.
    #[must_use]
    pub fn new(choice: Choice, slow: Option<Duration>) -> Diagnosis {
        Diagnosis {
            choice,
            slow: slow.unwrap_or(DEFAULT_SLOW),
            history: History::default(),
            seen: Vec::new(),
            places: HashMap::new(),
            counted: HashMap::new(),
        }
    }

    /// Begins to watch a process.
    pub fn begin(&mut self, pid: Pid, now: Timestamp, facts: &dyn Facts) {
        self.history.begin(pid, now, facts);
    }

    /// Says how a slow call waits.
    pub fn wait(&self, event: &mut SyscallEvent) {
        if event.duration() >= self.slow {
            event.wait = wait_of(event);
        }
    }

    /// Judges a call: its event gets what was found.
    pub fn call(&mut self, event: &mut SyscallEvent, facts: &dyn Facts) {
        self.wait(event);
        let case = rules::Case {
            event,
            name: crate::syscall::name(event.call.abi, event.call.nr).unwrap_or(""),
            slow: self.slow,
            facts,
        };
        self.history.note(&case);
        // A thread that only waited for a CPU says nothing about its call.
        let found: Vec<Finding> = match self.history.starved(&case) {
            Some(starved) => {
                let finding = self.history.starvation(&case, starved);
                finding.into_iter().collect()
            }
            None => {
                self.history.note_lock(&case);
                rules::judge(&case, &mut self.history)
            }
        };
        let call = Some((event.tid, event.start.known()));
        let found = found.into_iter();
        event.findings = found
            .filter_map(|finding| self.keep(finding, call))
            .collect();
    }

    /// Takes note of a call that is not shown for itself.
    pub fn aside(&mut self, aside: Aside, event: &SyscallEvent, facts: &dyn Facts) -> Vec<Event> {
        let case = rules::Case {
            event,
            name: crate::syscall::name(event.call.abi, event.call.nr).unwrap_or(""),
            slow: self.slow,
            facts,
        };
        let found = match aside {
            Aside::Opening => {
                self.history.note_opening(&case);
                None
            }
            Aside::GivenUp => self.history.given_up(&case),
        };
        self.tell(found)
    }

    /// Takes note of calls that were too short to be shown.
    pub fn tally(&mut self, tally: &Tally) {
        self.history.tally(tally);
    }

    /// Looks at the processes themselves; to be asked about once a second.
    pub fn tick(&mut self, now: Timestamp, facts: &dyn Facts) -> Vec<Event> {
        let found = system::look(&mut self.history, now, facts);
        self.tell(found)
    }

    /// Keeps findings that no call on show has.
    fn tell(&mut self, found: impl IntoIterator<Item = Finding>) -> Vec<Event> {
        let tell = |finding: Finding| {
            let again = FoundAgain {
                id: finding.id,
                pid: finding.pid,
                func: finding.func.clone(),
                at: finding.at,
            };
            Some(match self.keep(finding, None)? {
                Shown::First(finding) => Event::Finding(finding),
                Shown::Again(_) => Event::FoundAgain(Box::new(again)),
            })
        };
        found.into_iter().filter_map(tell).collect()
    }

    /// What was found, each with how often.
    #[must_use]
    pub fn seen(&self) -> &[(Place, u64)] {
        &self.seen
    }

    /// Counts a finding if it is wanted. A call that is judged again counts once.
    fn keep(&mut self, finding: Finding, call: Option<Call>) -> Option<Shown> {
        if !self.choice.wants(finding.id) {
            return None;
        }
        let in_full = self.seen.len() < MAX_FINDINGS;
        let mut place = Place {
            id: finding.id,
            pid: finding.pid,
            func: finding.func.clone(),
        };
        if !in_full && !self.places.contains_key(&place) {
            // Further functions of a process share a place, whose number is bounded by its own.
            place.func = None;
        }
        let again = call.is_some_and(|(tid, start)| {
            let before = self.counted.insert((finding.id, tid), start);
            before == Some(start)
        });
        let count = u64::from(!again);
        if let Some((_, seen)) = self.places.get(&place).and_then(|i| self.seen.get_mut(*i)) {
            *seen += count;
            return Some(Shown::Again(finding.id));
        }
        self.places.insert(place.clone(), self.seen.len());
        self.seen.push((place, count));
        Some(match in_full {
            true => Shown::First(Box::new(finding)),
            false => Shown::Again(finding.id),
        })
    }
}
