//! Ending a command and all that descends from it.

use super::{LEFT_OVERS, News, Run, Tell, inside::Insides, tree};
use crate::hang::scene::Kind;
use crate::hang::watch::Id;
use crate::ids::{Pid, Signal};
use crate::sys::{clock, job, signals};
use std::time::Duration;

/// How long a Go program may take for the traceback that SIGQUIT makes it print.
const GRACE: Duration = Duration::from_secs(3);
/// How long the command may take to say that what it started has ended (`FAIL app 12.3s`).
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long a killed process may take to be gone; one in D state takes for ever.
const GONE: Duration = Duration::from_secs(5);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(5);

const SIGKILL: Signal = Signal(libc::SIGKILL);
const SIGQUIT: Signal = Signal(libc::SIGQUIT);

impl Run<'_> {
    /// Lets Go programs print their goroutines and end, then ends what they left, and gives the
    /// command itself the time to say so.
    pub(super) fn quit(&mut self) {
        let mut insides = Insides::default();
        let members = tree::read();
        let kinds: Vec<(Id, Kind)> = members
            .iter()
            .filter(|m| !m.has_ended())
            .map(|m| (m.sight.id, insides.kind(m)))
            .collect();
        let of = |kind: Kind| {
            let ids = kinds.iter().filter(move |(_, k)| *k == kind);
            ids.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let go = of(Kind::Go);
        for id in &go {
            signals::send(id.pid, SIGQUIT);
        }
        if !go.is_empty() {
            self.wait_until(GRACE, |_| go.iter().all(|id| !is_there(*id)));
        }
        let toolchain = of(Kind::Toolchain);
        for member in tree::read() {
            let id = member.sight.id;
            if id.pid != self.command && !toolchain.contains(&id) {
                signals::send(id.pid, SIGKILL);
            }
        }
        self.wait_until(LAST_WORDS, |run| run.ended.is_some());
    }

    /// Kills the group and all descendants, until there are none.
    pub(super) fn kill_all(&mut self, tell: Tell<'_>) {
        let command = self.command;
        let none_left = self.wait_until(GONE, |run| {
            if run.ended.is_none() {
                job::signal_group(command, SIGKILL);
            }
            let left = alive();
            for pid in &left {
                signals::send(*pid, SIGKILL);
            }
            left.is_empty()
        });
        if !none_left {
            tell(News::Left(&alive()));
        }
    }

    /// Gives what a command left that was asked to end a moment, then kills it.
    pub(super) fn end_left_overs(&mut self, tell: Tell<'_>) {
        if !self.wait_until(LEFT_OVERS, |_| alive().is_empty()) {
            self.kill_all(tell);
        }
    }

    /// Collects who ends until something is so, or the time is over.
    fn wait_until(&mut self, limit: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let end =
            clock::mono_ns().saturating_add(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        loop {
            self.reap();
            if so(self) {
                self.reap();
                return true;
            }
            if clock::mono_ns() >= end {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Our descendants that have not ended.
fn alive() -> Vec<Pid> {
    let alive = tree::read().into_iter().filter(|m| !m.has_ended());
    alive.map(|m| m.sight.id.pid).collect()
}

fn is_there(id: Id) -> bool {
    tree::member(id.pid).is_some_and(|m| m.sight.id == id && !m.has_ended())
}
