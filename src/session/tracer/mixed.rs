//! `--overhead`: a thread that stops would cost too much runs free, and is looked at instead,
//! until it has calmed down. What it may cost is [`crate::overhead`]'s to say.
//!
//! A thread leaves at the exit of a call, when it is surely in none, and comes back when a look
//! finds it running: a call that is under way is never interrupted for it, and none that lasts
//! falls between the two engines.

use super::threads::Tracee;
use super::{Tracer, ptrace};
use crate::ids::{Pid, Tid};
use crate::overhead::{Account, Budget, Totals};
use crate::sample::{Pace, Stats};
use crate::session::capture::Captured;
use crate::session::sampler::{Gone, Sampler, remark};
use crate::sys::{clock, looks, procfs};
use crate::tracee::{Happening, State};
use std::sync::Arc;

/// How often to see who may come back.
const BACK_NS: u64 = 20_000_000;

/// What one engine needs for it.
pub(super) struct Mixed {
    budget: Budget,
    sampler: Sampler,
    pace: Pace,
    /// The next look; `u64::MAX`: there is nobody to look at.
    look_ns: u64,
    back_ns: u64,
    free: Vec<Tid>,
    out: Vec<Captured>,
    gone: Gone,
    cpu_ns: u64,
    /// Of threads that have ended.
    totals: Totals,
}

impl Mixed {
    pub(super) fn new(sampler: Sampler, per_mille: u64, tracers: usize) -> Mixed {
        looks::raise_file_limit();
        let cpus = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        Mixed {
            budget: Budget::new(per_mille, cpus, tracers as u64, clock::mono_ns()),
            pace: Pace::new(sampler.wanted_ns(), None),
            sampler,
            look_ns: u64::MAX,
            back_ns: 0,
            free: Vec::new(),
            out: Vec::new(),
            gone: Gone::new(),
            cpu_ns: 0,
            totals: Totals::default(),
        }
    }

    /// When to look next. CLOCK_MONOTONIC nanoseconds.
    pub(super) fn look_ns(&self) -> u64 {
        self.look_ns
    }

    /// A thread that was taken back has stopped at `now_ns`. It may have made a call since the last
    /// look; and one in which it stops has gone on for longer than we will see.
    fn see_again(&mut self, tracee: &mut Tracee, now_ns: u64) {
        let Some(last) = tracee.unseen_since_ns.take() else {
            return;
        };
        let unseen = now_ns.saturating_sub(last);
        self.sampler.count_gap(match tracee.state.in_call() {
            Some(_) => self.sampler.wanted_ns().saturating_add(unseen),
            None => unseen,
        });
    }

    /// Pays for a stop that came at `now_ns`. Whether the thread is to leave.
    fn pay(&mut self, tracee: &mut Tracee, happening: &Happening, now_ns: u64) -> bool {
        self.see_again(tracee, now_ns);
        let exit = matches!(happening, Happening::Left(..));
        if exit && !tracee.account.is_free() {
            self.budget.learn(now_ns.saturating_sub(tracee.resumed_ns));
        }
        let after = clock::mono_ns();
        let work = after.saturating_sub(now_ns);
        let solvent = self.budget.pay(&mut tracee.account, after, work);
        // A call that will be restarted is not over.
        !solvent && exit && tracee.state == State::NEW && !tracee.account.is_free()
    }
}

impl Tracer {
    /// Pays for a stop. Whether the thread is to run free from now on, and had not before.
    pub(super) fn pay(&mut self, tracee: &mut Tracee, happening: &Happening, now_ns: u64) -> bool {
        let Some(mixed) = &mut self.mixed else {
            return false;
        };
        let leaves = mixed.pay(tracee, happening, now_ns);
        if leaves {
            tracee.account.leave(clock::mono_ns());
        }
        leaves
    }

    /// A thread has just been resumed to run free. At `not_before` it was in no call.
    pub(super) fn watch_free(&mut self, pid: Pid, tid: Tid, not_before: u64) {
        let team = Arc::clone(&self.team);
        let Some(mixed) = &mut self.mixed else {
            return;
        };
        if !mixed.sampler.program_runs(pid) {
            // Threads of another program, which the process ran before.
            let processes = team.processes();
            let out = &mut mixed.out;
            mixed.sampler.remove_process(pid, &processes, out);
        }
        mixed.free.push(tid);
        if mixed.sampler.add(pid, tid, Some(not_before)).is_err() {
            // Nobody would see what it does.
            self.take_back(tid, not_before);
            return;
        }
        if mixed.look_ns == u64::MAX {
            mixed.sampler.pause();
            mixed.look_ns = not_before.saturating_add(mixed.pace.period_ns());
        }
        let look_ns = mixed.look_ns;
        self.alarm_by(look_ns);
    }

    /// Looks at those that run free, if it is time.
    pub(super) fn look_if_due(&mut self, now: u64) {
        let team = Arc::clone(&self.team);
        let Some(mixed) = self.mixed.as_mut().filter(|m| m.look_ns <= now) else {
            return;
        };
        let cpu = looks::cpu_ns();
        let next = now.saturating_add(mixed.pace.period_ns());
        // It may come late by as much: one CPU may have many threads to run.
        let surely = next.saturating_add(mixed.pace.period_ns());
        let processes = team.processes();
        let (out, gone) = (&mut mixed.out, &mut mixed.gone);
        let ran = mixed.sampler.look(&processes, surely, out, gone);
        drop(processes);
        // Those who are gone are told of by a stop, too.
        mixed.gone.clear();
        let cost = looks::cpu_ns().saturating_sub(cpu);
        mixed.cpu_ns += cost;
        mixed.budget.pay_for_looks(cost, now);
        let threads = mixed.sampler.threads();
        if let Some(said) = mixed.pace.looked(cost, ran) {
            mixed.out.push(Captured::Note(remark(said, threads)));
        }
        mixed.look_ns = if threads == 0 { u64::MAX } else { next };
        if mixed.back_ns <= now {
            self.bring_back(now);
        }
        self.tell_of_looks();
    }

    fn tell_of_looks(&mut self) {
        if let Some(mixed) = &mut self.mixed {
            let events = std::mem::take(&mut mixed.out);
            events.into_iter().for_each(|event| self.emit(Some(event)));
        }
    }

    /// Takes back those whose time it is, as far as it can be afforded.
    fn bring_back(&mut self, now: u64) {
        let Some(mixed) = &mut self.mixed else {
            return;
        };
        mixed.back_ns = now.saturating_add(BACK_NS);
        for i in (0..mixed.free.len()).rev() {
            let Some(mixed) = &mut self.mixed else {
                return;
            };
            let Some(&tid) = mixed.free.get(i) else {
                continue;
            };
            let account = self.tracees.get(&tid).map(|t| t.account);
            if account.is_some_and(|a| mixed.budget.allows(&a, now))
                && procfs::syscall(tid).is_ok_and(|f| f == procfs::SyscallFile::Running)
            {
                self.take_back(tid, now);
            }
        }
    }

    fn take_back(&mut self, tid: Tid, now: u64) {
        let (Some(mixed), Some(tracee)) = (&mut self.mixed, self.tracees.get_mut(&tid)) else {
            return;
        };
        mixed.free.retain(|&t| t != tid);
        let out = &mut mixed.out;
        mixed.sampler.release(tid, &self.team.processes(), out);
        tracee.account.come_back(now);
        tracee.unseen_since_ns = Some(now);
        // Its stop resumes it to the next system call.
        let _ = ptrace::interrupt(tid);
    }

    /// A thread has ended.
    pub(super) fn forget_account(&mut self, tid: Tid, account: &Account, now_ns: u64) {
        let Some(mixed) = &mut self.mixed else {
            return;
        };
        mixed.totals.add(account, now_ns);
        if account.is_free() {
            mixed.free.retain(|&t| t != tid);
            let out = &mut mixed.out;
            mixed.sampler.release(tid, &self.team.processes(), out);
        }
        self.tell_of_looks();
    }

    /// At our own end: calls of threads that run free, and what it all came to.
    pub(super) fn settle_accounts(&mut self, in_flight: bool) {
        let team = Arc::clone(&self.team);
        let Some(mixed) = &mut self.mixed else {
            return;
        };
        if in_flight {
            let processes = team.processes();
            mixed.sampler.report_in_flight(&processes, &mut mixed.out);
        }
        let now = clock::mono_ns();
        let accounts = self.tracees.values().map(|t| &t.account);
        accounts.for_each(|account| mixed.totals.add(account, now));
        mixed.totals.cost_ns = mixed.budget.cost_ns();
        let looked: Stats = mixed.sampler.stats(mixed.cpu_ns);
        team.account_for(&mixed.totals, &looked);
        self.tell_of_looks();
    }
}
