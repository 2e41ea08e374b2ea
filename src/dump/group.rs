//! What is alike, put together: goroutines by stack, waiters by what they wait on.

use super::model::{Dump, Goroutine, StackState, WaitsOn};
use crate::ids::Goid;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Goroutines in the same state with the same stack, made by the same `go` statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Group<'a> {
    /// Them, in the order of their making; never empty.
    pub members: Vec<&'a Goroutine>,
    /// About the longest wait among them, where known.
    pub longest: Option<Duration>,
}

/// The groups, the largest first; of equal ones, the one with the first goroutine.
#[must_use]
pub fn by_stack(dump: &Dump) -> Vec<Group<'_>> {
    type Key<'a> = (StackState, &'a Arc<str>, Option<u32>, bool);
    let mut numbers: HashMap<Key<'_>, usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for g in &dump.goroutines {
        let key = (g.stack, &g.state, g.creator, g.locked);
        let number = *numbers.entry(key).or_insert_with(|| {
            groups.push(Group {
                members: Vec::new(),
                longest: None,
            });
            groups.len() - 1
        });
        let group = &mut groups[number];
        group.longest = group.longest.max(dump.waited(g));
        group.members.push(g);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

/// Goroutines that wait on the same thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiters {
    /// What they wait on.
    pub on: WaitsOn,
    /// Their ids, in order.
    pub ids: Vec<Goid>,
}

/// Who waits on what: the most waited on first.
#[must_use]
pub fn by_object(dump: &Dump) -> Vec<Waiters> {
    let mut waiters: BTreeMap<WaitsOn, Vec<Goid>> = BTreeMap::new();
    for g in &dump.goroutines {
        for on in &g.waits_on {
            waiters.entry(*on).or_default().push(g.goid);
        }
    }
    let mut all: Vec<Waiters> = waiters
        .into_iter()
        .map(|(on, mut ids)| {
            ids.sort_unstable();
            Waiters { on, ids }
        })
        .collect();
    all.sort_by_key(|w| std::cmp::Reverse(w.ids.len()));
    all
}

/// Ids as a list with ranges: `1, 17-35, 40`.
#[must_use]
pub fn ranges(ids: impl IntoIterator<Item = Goid>) -> String {
    use std::fmt::Write;
    let mut ids: Vec<u64> = ids.into_iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut out = String::new();
    for run in ids.chunk_by(|a, b| b - a == 1) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let comma = if out.is_empty() { "" } else { ", " };
        // Writing into a String cannot fail. Two in a row are no range: `1, 2`.
        let _ = match run.len() {
            1 => write!(out, "{comma}{first}"),
            2 => write!(out, "{comma}{first}, {last}"),
            _ => write!(out, "{comma}{first}-{last}"),
        };
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::model::{NamedStack, Process, StackId};
    use super::*;
    use crate::event::{StackEnd, Timestamp};
    use crate::ids::{Addr, Pid};

    pub fn goroutine(id: u64, state: &str, stack: u32) -> Goroutine {
        Goroutine {
            goid: Goid(id),
            state: state.into(),
            wait_since: None,
            scanned: false,
            locked: false,
            stack: StackState::Known(StackId(stack)),
            waits_on: Vec::new(),
            polls: None,
            thread: None,
            creator: None,
            parent: None,
        }
    }

    pub fn dump(goroutines: Vec<Goroutine>) -> Dump {
        Dump {
            process: Process {
                pid: Pid(7),
                command: "server -p 80".into(),
                go_version: Some("go1.27.3".into()),
                arch: "amd64",
                at: Timestamp {
                    mono_ns: 600_000_000_000,
                    wall_ns: 1_700_000_000_000_000_000,
                },
            },
            threads: Vec::new(),
            goroutines,
            without_goroutines: None,
            stacks: vec![
                NamedStack {
                    frames: Vec::new(),
                    end: StackEnd::Root,
                };
                4
            ],
            creators: Vec::new(),
            channels: HashMap::new(),
            ended: 0,
            unreadable: 0,
            freeze: None,
        }
    }

    #[test]
    fn the_same_stack_in_another_state_is_another_group() {
        let mut gs = vec![
            goroutine(1, "select", 0),
            goroutine(2, "chan receive", 1),
            goroutine(3, "chan receive", 1),
            goroutine(4, "runnable", 1),
        ];
        gs[2].wait_since = Some(0);
        gs[1].wait_since = Some(540_000_000_000);
        let dump = dump(gs);
        let groups = by_stack(&dump);
        let ids = |g: &Group<'_>| g.members.iter().map(|g| g.goid.0).collect::<Vec<_>>();
        let all: Vec<_> = groups.iter().map(ids).collect();
        assert_eq!(all, [vec![2, 3], vec![1], vec![4]]);
        assert_eq!(groups[0].longest, Some(Duration::from_secs(600)));
        assert_eq!(groups[1].longest, None);
    }

    #[test]
    fn waiters_are_counted_for_each_thing_they_wait_on() {
        let (a, b) = (WaitsOn::Channel(Addr(16)), WaitsOn::Mutex(Addr(32)));
        let mut gs = vec![
            goroutine(5, "select", 0),
            goroutine(3, "chan receive", 0),
            goroutine(9, "sync.Mutex.Lock", 0),
        ];
        gs[0].waits_on = vec![a, b];
        gs[1].waits_on = vec![a];
        gs[2].waits_on = vec![a];
        let all = by_object(&dump(gs));
        assert_eq!(all[0].on, a);
        assert_eq!(all[0].ids, [Goid(3), Goid(5), Goid(9)]);
        assert_eq!((all[1].on, &all[1].ids[..]), (b, &[Goid(5)][..]));
    }

    #[test]
    fn ids_in_a_row_are_a_range_from_three_on() {
        let text = |ids: &[u64]| ranges(ids.iter().copied().map(Goid));
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[3, 1, 2]), "1-3");
        assert_eq!(text(&[9, 1, 2, 5]), "1, 2, 5, 9");
        assert_eq!(text(&[1, 2, 3, 7, 8, 9, 10, 20]), "1-3, 7-10, 20");
    }

    #[test]
    fn the_address_of_a_lock_is_told_from_its_semaphore() {
        let at = |reason| WaitsOn::of_semaphore(Addr(0x120), reason);
        assert_eq!(at("sync.Mutex.Lock"), WaitsOn::Mutex(Addr(0x11c)));
        assert_eq!(at("sync.RWMutex.Lock"), WaitsOn::RwMutex(Addr(0x118)));
        assert_eq!(at("sync.RWMutex.RLock"), WaitsOn::RwMutex(Addr(0x114)));
        assert_eq!(at("sync.WaitGroup.Wait"), WaitsOn::WaitGroup(Addr(0x118)));
        assert_eq!(at("semacquire"), WaitsOn::Semaphore(Addr(0x120)));
    }

    #[test]
    fn who_has_a_semaphore_is_told_by_the_stack_where_the_reason_does_not() {
        let at = |asks, caller| {
            let functions = ["runtime.semacquire1", asks, caller, "main.main"];
            WaitsOn::Semaphore(Addr(0x120)).named_by(functions.into_iter())
        };
        let (plain, mutex) = ("sync.runtime_Semacquire", "sync.runtime_SemacquireMutex");
        let lock = at(mutex, "sync.(*Mutex).lockSlow");
        assert_eq!(lock, WaitsOn::Mutex(Addr(0x11c)));
        let write = at(mutex, "sync.(*RWMutex).Lock");
        assert_eq!(write, WaitsOn::RwMutex(Addr(0x118)));
        let read = at(mutex, "sync.(*RWMutex).RLock");
        assert_eq!(read, WaitsOn::RwMutex(Addr(0x114)));
        let group = at(plain, "sync.(*WaitGroup).Wait");
        assert_eq!(group, WaitsOn::WaitGroup(Addr(0x118)));
        let others = at("internal/poll.runtime_Semacquire", "sync.(*Mutex).lockSlow");
        assert_eq!(others, WaitsOn::Semaphore(Addr(0x120)));
        let channel = WaitsOn::Channel(Addr(16));
        assert_eq!(channel.named_by([].into_iter()), channel);
    }
}
