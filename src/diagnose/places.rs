//! How often each finding was seen where.

use crate::event::{SyscallEvent, Timestamp};
use crate::finding::FindingId;
use crate::ids::{Pid, Tid};
use std::collections::HashMap;
use std::sync::Arc;

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

/// What tells a call from others: its thread and when it began.
pub type Call = (Tid, Timestamp);

/// That of an event.
#[must_use]
pub fn call_of(event: &SyscallEvent) -> Call {
    (event.tid, event.start.known())
}

/// How often each finding was seen where.
#[derive(Debug, Default)]
pub struct Places {
    seen: Vec<(Place, u64)>,
    index: HashMap<Place, usize>,
    /// When the last call of a thread began that showed a finding.
    counted: HashMap<(FindingId, Tid), Timestamp>,
}

impl Places {
    /// Counts what was found there, by a call or by none; a call that shows it again counts once.
    pub fn count(&mut self, place: Place, call: Option<Call>) {
        let before = call
            .and_then(|(tid, start)| Some((start, self.counted.insert((place.id, tid), start)?)));
        let times = u64::from(before.is_none_or(|(start, before)| start != before));
        let known = self.index.get(&place).copied();
        match known.and_then(|i| self.seen.get_mut(i)) {
            Some((_, seen)) => *seen += times,
            None => {
                self.index.insert(place.clone(), self.seen.len());
                self.seen.push((place, times));
            }
        }
    }

    /// Whether anything was found there.
    #[must_use]
    pub fn knows(&self, place: &Place) -> bool {
        self.index.contains_key(place)
    }

    /// What was found, each with how often, in the order in which it was first.
    #[must_use]
    pub fn seen(&self) -> &[(Place, u64)] {
        &self.seen
    }
}
