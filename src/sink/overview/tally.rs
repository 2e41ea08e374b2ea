//! What is counted: by call and wait class, by place in the program, parked calls apart.

use super::column::Labels;
use super::site::Site;
use super::stats::{Sample, Stats};
use super::table::Table;
use crate::arch::Abi;
use crate::event::{Known, Outcome, Seen, Start, SyscallEvent};
use crate::finding::FindingId;
use crate::ids::Tid;
use crate::sink::told::{Before, Told, may_be_told_again};
use crate::syscall;
use std::collections::{BTreeMap, HashMap};

/// Places that have a row of their own; further ones share one. A row takes up to 40 KiB.
const MAX_SITES: usize = 400;
/// In place of numbers that no table knows: they share a row.
const UNKNOWN_CALL: u64 = u64::MAX;

/// A row: the calls with this number, and of this wait class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key {
    /// Not by the machine's own ABI.
    foreign: bool,
    nr: u64,
    class: &'static str,
    name: &'static str,
}

/// A call in all respects that are counted.
#[derive(Clone, Debug)]
struct One {
    key: Key,
    parked: bool,
    /// Where it was made, if that was looked at.
    site: Option<Site>,
    sample: Sample,
}

/// A call that may be told of again.
#[derive(Clone, Debug)]
struct Open {
    one: One,
    /// Which of its findings are counted.
    findings: Vec<FindingId>,
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    overhead_ns: u64,
    calls: BTreeMap<Key, Stats>,
    parked: BTreeMap<Key, Stats>,
    sites: HashMap<Site, Stats>,
    /// Of places beyond [`MAX_SITES`].
    other_sites: Stats,
    open: Told<Open>,
    findings: BTreeMap<FindingId, u64>,
}

/// The tables of what was counted so far.
pub(super) struct Tables {
    /// By call and class.
    pub calls: Table,
    /// By caller and origin of the goroutine; no rows where no stack was read.
    pub sites: Table,
    /// What was parked, by call and class.
    pub parked: Table,
}

impl Tally {
    pub fn new(overhead_ns: u64) -> Tally {
        Tally {
            overhead_ns,
            ..Tally::default()
        }
    }

    /// Takes a call, finished or still blocked; it counts once.
    pub fn call(&mut self, e: &SyscallEvent) {
        let mut counted = match self.open.take(e) {
            Before::Same(open) => open.findings,
            Before::Other(open) => {
                self.add(&open.one);
                Vec::new()
            }
            Before::None => Vec::new(),
        };
        for shown in &e.findings {
            let id = shown.id();
            if !counted.contains(&id) {
                counted.push(id);
                self.finding(id);
            }
        }
        let one = self.one(e);
        if !may_be_told_again(e.outcome) {
            return self.add(&one);
        }
        let open = Open {
            one,
            findings: counted,
        };
        self.open.keep(e, open);
    }

    /// Counts what no call showed.
    pub fn finding(&mut self, id: FindingId) {
        *self.findings.entry(id).or_default() += 1;
    }

    /// A thread has ended: its call, if it was in one, takes no longer.
    pub fn thread_ended(&mut self, tid: Tid) {
        if let Some(open) = self.open.thread_ended(tid) {
            self.add(&open.one);
        }
    }

    /// Findings that were counted, each with how often.
    pub fn findings(&self) -> &BTreeMap<FindingId, u64> {
        &self.findings
    }

    /// Everything, calls that are still blocked included, with the time that they have taken.
    pub fn tables(&self) -> Tables {
        let mut all = self.clone();
        for open in all.open.take_all() {
            all.add(&open.one);
        }
        let by_call = |rows: BTreeMap<Key, Stats>| Table {
            classes: rows.keys().any(|key| key.class != Key::NOT_ASKED),
            rows: rows.into_iter().map(|(k, s)| (k.labels(), s)).collect(),
            ..Table::default()
        };
        let mut sites: Vec<(Labels, Stats)> = all
            .sites
            .into_iter()
            .map(|(site, stats)| (site.labels(), stats))
            .collect();
        // Hashed in no order: let there be one.
        sites.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        if all.other_sites.calls > 0 {
            let name = format!("(other places, beyond the first {MAX_SITES})");
            let labels = Labels {
                name,
                ..Labels::default()
            };
            sites.push((labels, all.other_sites));
        }
        Tables {
            calls: by_call(all.calls),
            sites: Table {
                rows: sites,
                name: "caller < where its goroutine was created",
                classes: false,
            },
            parked: by_call(all.parked),
        }
    }

    fn one(&self, e: &SyscallEvent) -> One {
        let ns = u64::try_from(e.duration().as_nanos()).unwrap_or(u64::MAX);
        One {
            key: Key::of(e),
            parked: e.go.class.get().is_some_and(|class| class.parked),
            site: Site::of(&e.go),
            sample: Sample {
                ns: ns.saturating_sub(self.overhead_ns),
                error_ns: match e.seen {
                    Seen::Exact => None,
                    Seen::Sampled { error } => {
                        Some(u64::try_from(error.as_nanos()).unwrap_or(u64::MAX))
                    }
                },
                failed: matches!(e.outcome, Outcome::Failed(_)),
                unfinished: matches!(e.outcome, Outcome::Blocked | Outcome::Detached),
                before: matches!(e.start, Start::BeforeAttach(_)),
            },
        }
    }

    fn add(&mut self, one: &One) {
        if one.parked {
            return self.parked.entry(one.key).or_default().add(one.sample);
        }
        self.calls.entry(one.key).or_default().add(one.sample);
        let Some(site) = &one.site else {
            return;
        };
        let has_room = self.sites.len() < MAX_SITES;
        match self.sites.get_mut(site) {
            Some(stats) => stats.add(one.sample),
            None if has_room => self.sites.entry(site.clone()).or_default().add(one.sample),
            None => self.other_sites.add(one.sample),
        }
    }
}

impl Key {
    const NOT_ASKED: &'static str = "-";

    fn of(e: &SyscallEvent) -> Key {
        let name = syscall::name(e.call.abi, e.call.nr);
        Key {
            foreign: !matches!(e.call.abi, Abi::X86_64 | Abi::Aarch64),
            nr: name.map_or(UNKNOWN_CALL, |_| e.call.nr),
            class: match &e.go.class {
                Known::Is(class) => class.id,
                Known::NotAsked => Key::NOT_ASKED,
                Known::Unknown(_) => "?",
            },
            name: name.unwrap_or("(unknown numbers)"),
        }
    }

    fn labels(self) -> Labels {
        let foreign = if self.foreign { " (32-bit)" } else { "" };
        Labels {
            class: self.class.to_owned(),
            name: format!("{}{foreign}", self.name),
        }
    }
}
