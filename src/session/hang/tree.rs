//! The processes that descend from us, as /proc has them.

use crate::hang::watch::{Id, Sight, Written};
use crate::ids::Pid;
use crate::session::preflight::own_pid;
use crate::sys::procfs;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// USER_HZ, in which /proc counts on every machine (proc(5)).
const NS_PER_TICK: u64 = 1_000_000_000 / 100;
/// Processes of the tree that are looked at.
const MAX_PROCESSES: usize = 4096;

/// A process that descends from us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// What the watch is told of it.
    pub sight: Sight,
    /// Its parent.
    pub parent: Pid,
    /// The letter of its state.
    pub state: char,
}

impl Member {
    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// All that descend from us, parents first.
#[must_use]
pub fn read() -> Vec<Member> {
    let tells = procfs::tells_children();
    let all = if tells { HashMap::new() } else { by_parent() };
    let mut queue = VecDeque::from([own_pid()]);
    let mut seen = HashSet::new();
    let mut found: Vec<Member> = Vec::new();
    while let Some(parent) = queue.pop_front() {
        let children = match tells {
            true => procfs::children(parent, usize::MAX),
            false => all.get(&parent).cloned().unwrap_or_default(),
        };
        for pid in children {
            if found.len() >= MAX_PROCESSES || !seen.insert(pid) {
                continue;
            }
            if let Some(member) = member(pid) {
                queue.push_back(pid);
                found.push(member);
            }
        }
    }
    found
}

/// Who is whose child, of all processes.
fn by_parent() -> HashMap<Pid, Vec<Pid>> {
    let mut all: HashMap<Pid, Vec<Pid>> = HashMap::new();
    for pid in procfs::processes() {
        if let Some(stat) = stat(pid) {
            all.entry(stat.parent).or_default().push(pid);
        }
    }
    all
}

/// A process; `None` once it is gone.
#[must_use]
pub fn member(pid: Pid) -> Option<Member> {
    let stat = stat(pid)?;
    Some(Member {
        sight: Sight {
            id: Id {
                pid,
                born: stat.born,
            },
            name: stat.name,
            cpu_ns: stat.cpu_ns,
            delay_ns: delay_ns(pid),
            written: written(pid),
        },
        parent: stat.parent,
        state: stat.state,
    })
}

struct Stat {
    name: Arc<str>,
    state: char,
    parent: Pid,
    cpu_ns: u64,
    born: u64,
}

fn stat(pid: Pid) -> Option<Stat> {
    parse_stat(&procfs::read_text(&format!("/proc/{pid}/stat")).ok()?)
}

/// The name may hold spaces and parentheses; of what follows, the first is the state.
fn parse_stat(text: &str) -> Option<Stat> {
    let (front, fields) = text.rsplit_once(')')?;
    let (_, name) = front.split_once('(')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |n: usize| fields.get(n)?.parse::<u64>().ok();
    Some(Stat {
        name: name.into(),
        state: fields.first()?.chars().next()?,
        parent: Pid(fields.get(1)?.parse().ok()?),
        cpu_ns: number(11)?
            .saturating_add(number(12)?)
            .saturating_mul(NS_PER_TICK),
        born: number(19)?,
    })
}

/// For how long its threads have been ready and had no CPU (Documentation/scheduler/sched-stats.rst).
fn delay_ns(pid: Pid) -> u64 {
    let delay = |tid| {
        let text = procfs::read_text(&format!("/proc/{pid}/task/{tid}/schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let tids = procfs::tasks(pid).unwrap_or_default();
    tids.into_iter().filter_map(delay).sum()
}

fn written(pid: Pid) -> Option<Written> {
    let text = procfs::read_text(&format!("/proc/{pid}/io")).ok()?;
    let number = |name| procfs::status_field(&text, name)?.parse().ok();
    Some(Written {
        bytes: number("wchar")?,
        calls: number("syscw")?,
    })
}

/// For how long a process has been running, by its beginning in ticks since boot.
#[must_use]
pub fn age_ns(born: u64, since_boot_ns: u64) -> u64 {
    since_boot_ns.saturating_sub(born.saturating_mul(NS_PER_TICK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_from_behind_the_name() {
        let line = "12 (a) b (c) S 3 12 12 0 -1 4194304 1 2 0 0 7 5 0 0 20 0 1 0 777 1 2\n";
        let stat = parse_stat(line).unwrap();
        assert_eq!(
            (&*stat.name, stat.state, stat.parent),
            ("a) b (c", 'S', Pid(3))
        );
        assert_eq!((stat.cpu_ns, stat.born), (120_000_000, 777));
        assert!(parse_stat("12 (a").is_none());
    }

    #[test]
    fn we_ourselves_have_run_and_written() {
        let own = member(own_pid()).unwrap();
        assert!(own.sight.written.is_some());
        assert!(own.sight.id.born > 0);
    }
}
