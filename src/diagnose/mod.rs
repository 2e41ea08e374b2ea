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
mod places;
mod rules;
mod system;
mod tally;
#[cfg(test)]
mod tests;
mod uring;
mod wait;

pub use connection::peer_is;
pub use facts::{
    CpuShare, Descriptor, Facts, FileLock, Listener, Mount, Owner, SocketFacts, Task, Tcp,
    Throttling,
};
pub use history::makes_descriptor;
pub use looks::{HeldPipe, Holdout, Look, Looks, PipeHolder};
pub use places::{Call, Place, Places, call_of};
pub use rules::program_function;
pub use tally::Tally;
pub use wait::wait_of;

use crate::event::{Event, SyscallEvent, Timestamp};
use crate::finding::{Finding, FindingId, FoundAgain, Shown};
use crate::ids::Pid;
use history::History;
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

/// The diagnosis of one run.
#[derive(Debug)]
pub struct Diagnosis {
    choice: Choice,
    slow: Duration,
    history: History,
    places: Places,
}

/// Why a call that is not shown is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aside {
    /// C code waited, a signal cut the wait short, and it was not repeated.
    GivenUp,
    /// It made one of the last descriptors that the process may have, or was refused one.
    Opening,
}

impl Diagnosis {
    /// A diagnosis that takes calls for slow which last at least `slow`.
    #[must_use]
    pub fn new(choice: Choice, slow: Option<Duration>) -> Diagnosis {
        Diagnosis {
            choice,
            slow: slow.unwrap_or(DEFAULT_SLOW),
            history: History::default(),
            places: Places::default(),
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
        let call = Some(call_of(event));
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
        self.places.seen()
    }

    /// Counts a finding if it is wanted. A call that is judged again counts once.
    fn keep(&mut self, finding: Finding, call: Option<Call>) -> Option<Shown> {
        if !self.choice.wants(finding.id) {
            return None;
        }
        let mut place = Place {
            id: finding.id,
            pid: finding.pid,
            func: finding.func.clone(),
        };
        let known = self.places.knows(&place);
        let in_full = self.places.seen().len() < MAX_FINDINGS;
        if !known && !in_full {
            // Further functions of a process share a place, whose number is bounded by its own.
            place.func = None;
        }
        self.places.count(place, call);
        Some(match !known && in_full {
            true => Shown::First(Box::new(finding)),
            false => Shown::Again(finding.id),
        })
    }
}
