//! The verdict: who is stuck, in what, since when, and what it hangs on. One line.

use super::reason::{Reason, clause, descendants, file_line, of_goroutine, of_plain_thread};
use super::scene::{Kind, Process, Scene, Why, clean, spoken};
use super::subject::{Role, Subject, What, frames, is_own, subjects};
use crate::dump::model::{Doing, Dump, Goroutine};
use crate::event::Known;
use crate::ids::{Goid, Pid};
use crate::sink::signal_name;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Goroutines that a test started and that are told in its verdict.
const MAX_TOLD: usize = 2;

/// What kind of standstill it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nothing moves.
    Stuck,
    /// It uses the CPU.
    Busy,
    /// It gets on, slowly.
    Slow,
}

impl Standing {
    /// In JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Standing::Stuck => "stuck",
            Standing::Busy => "busy",
            Standing::Slow => "slow",
        }
    }
}

/// The verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// All of it in one line.
    pub line: String,
    /// How it stands.
    pub standing: Standing,
    /// The process that is the culprit; `None` where all have ended.
    pub pid: Option<Pid>,
    /// Its name.
    pub process: Arc<str>,
    /// The test, where it is one.
    pub test: Option<String>,
    /// The goroutine.
    pub goroutine: Option<Goid>,
    /// For how long it has been waiting, or busy.
    pub waited: Duration,
    /// What it waits for.
    pub reason: Reason,
}

/// Whom a verdict can be about.
struct Candidate<'a> {
    process: &'a Process,
    dump: &'a Dump,
    subject: Subject<'a>,
}

/// Judges.
#[must_use]
pub fn judge(scene: &Scene) -> Verdict {
    let busy = scene
        .processes
        .iter()
        .find(|p| p.is_suspect() && p.busy.is_some());
    let busy = busy.filter(|_| !matches!(scene.why, Why::Stuck(_)));
    let verdict = match (busy, culprit(scene)) {
        (Some(process), _) => busy_verdict(scene, process),
        (None, Some(candidate)) => of_candidate(scene, &candidate),
        (None, None) => of_process(scene),
    };
    let prefix = match scene.why {
        Why::Stuck(_) => String::new(),
        Why::Deadline(time) => format!("deadline of {} reached: ", spoken(time)),
        Why::Signal(signal) => format!("{} after {}: ", signal_name(signal), spoken(scene.ran)),
    };
    Verdict {
        line: one_line(&format!("{prefix}{}", verdict.line)),
        ..verdict
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn candidates(scene: &Scene) -> Vec<Candidate<'_>> {
    let go = scene.processes.iter().filter(|p| p.is_suspect());
    let with_dump = go.filter_map(|p| Some((p, p.dump.as_ref().ok()?)));
    with_dump
        .flat_map(|(process, dump)| {
            subjects(dump).into_iter().map(move |subject| Candidate {
                process,
                dump,
                subject,
            })
        })
        .collect()
}

/// Of those that could be it: tests at work before tests that wait for others, tests before main
/// functions; then the one that has waited for longest.
fn culprit(scene: &Scene) -> Option<Candidate<'_>> {
    let rank = |c: &Candidate<'_>| {
        let main = c.subject.what == What::Main;
        // A main function that is in nothing of its own waits for others.
        let frames = frames(c.dump, c.subject.goroutine);
        let foreign = !frames.iter().any(|f| is_own(f));
        let waited = c
            .process
            .waited(c.subject.goroutine.goid)
            .unwrap_or_default();
        (
            main,
            c.subject.role,
            foreign,
            std::cmp::Reverse(waited.as_millis() / 500),
            c.subject.goroutine.goid,
        )
    };
    let best = candidates(scene).into_iter().min_by_key(rank)?;
    // Any other process comes before a main goroutine that only waits for it.
    let waits_for_child = best.subject.what == What::Main
        && scene
            .children(best.process.id.pid)
            .any(|child| child.kind == Kind::Other);
    (!waits_for_child).then_some(best)
}

fn of_candidate(scene: &Scene, c: &Candidate<'_>) -> Verdict {
    let (process, dump, g) = (c.process, c.dump, c.subject.goroutine);
    let mut reason = of_goroutine(scene, process, dump, g);
    let name = c.subject.name(process, dump);
    let still = process.waited(g.goid).unwrap_or_default();
    let stuck =
        matches!(scene.why, Why::Stuck(_)) || still >= scene.quiet.max(Duration::from_secs(1));
    let standing = if stuck {
        Standing::Stuck
    } else {
        Standing::Slow
    };
    let others = others(scene, c);
    for g in told(scene, c, others == 0) {
        reason.details.push(clause(scene, process, dump, g));
    }
    if c.subject.role == Role::ForSubtests {
        reason.details.push("it waits for its subtests".to_owned());
    }
    if others > 0 {
        let many = if others == 1 { "test is" } else { "tests are" };
        reason.details.push(format!("{others} more {many} stuck"));
    }
    if !any_runnable(dump) {
        reason.details.push("nothing is runnable".to_owned());
    }
    let waited = match stuck {
        true => format!(
            "has been waiting {} {}",
            spoken(still.max(scene_wait(scene))),
            reason.doing
        ),
        false => format!("still gets on, at this moment {}", reason.doing),
    };
    let at = reason
        .place
        .as_ref()
        .map(|p| format!(" at {}", file_line(p)));
    let details: String = reason.details.iter().map(|d| format!("; {d}")).collect();
    let line = format!(
        "{}: {} {waited}{}{details}",
        clean(&process.name),
        clean(&name),
        at.unwrap_or_default()
    );
    Verdict {
        line,
        standing,
        pid: Some(process.id.pid),
        process: Arc::clone(&process.name),
        test: c.subject.test(process, dump),
        goroutine: Some(g.goid),
        waited: still,
        reason,
    }
}

/// What was proven by looking, at least, where a goroutine's own time is not known.
fn scene_wait(scene: &Scene) -> Duration {
    match scene.why {
        Why::Stuck(_) => scene.quiet,
        _ => Duration::ZERO,
    }
}

/// Goroutines that the culprit started, directly or not, or that may be its own, as it is the only
/// test and who started them has ended. Those in code of the program come first, then those that
/// wait for a descriptor. Left out are those that wait for the very same, which are counted, and
/// those that have moved since: tickers.
fn told<'a>(scene: &Scene, c: &Candidate<'a>, is_only: bool) -> Vec<&'a Goroutine> {
    let (process, dump) = (c.process, c.dump);
    let own = c.subject.goroutine;
    let tests: HashSet<Goid> = subjects(dump).iter().map(|s| s.goroutine.goid).collect();
    let mut roots = vec![own.goid];
    if is_only {
        let there: HashSet<Goid> = dump.goroutines.iter().map(|g| g.goid).collect();
        let parents = dump.goroutines.iter().filter_map(|g| g.parent);
        roots.extend(parents.filter(|p| p.0 != 0 && !there.contains(p)));
    }
    let same = |g: &Goroutine| {
        !g.waits_on.is_empty() && g.waits_on.iter().all(|on| own.waits_on.contains(on))
    };
    let moved = |g: &Goroutine| {
        let still = process.still.get(&g.goid);
        still.is_some_and(|still| *still < scene.quiet / 2)
    };
    let mut all: Vec<_> = descendants(dump, roots)
        .into_iter()
        .filter(|g| !tests.contains(&g.goid) && !same(g) && !moved(g))
        .map(|g| {
            let no_code = !frames(dump, g).iter().any(|f| is_own(f));
            ((no_code, g.polls.is_none(), g.goid), g)
        })
        .filter(|((no_code, no_poll, _), _)| !(*no_code && *no_poll))
        .collect();
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, g)| g).take(MAX_TOLD).collect()
}

/// Other tests at work.
fn others(scene: &Scene, c: &Candidate<'_>) -> usize {
    let same = |o: &Candidate<'_>| {
        o.process.id == c.process.id && o.subject.goroutine.goid == c.subject.goroutine.goid
    };
    let all = candidates(scene).into_iter();
    all.filter(|o| o.subject.what == What::Test && o.subject.role == Role::Itself && !same(o))
        .count()
}

fn any_runnable(dump: &Dump) -> bool {
    let runs = |g: &Goroutine| matches!(&*g.state, "runnable" | "running");
    dump.goroutines.iter().any(runs)
}

fn busy_verdict(scene: &Scene, process: &Process) -> Verdict {
    let dump = process.dump.as_ref().ok();
    let time = process.busy.unwrap_or_default();
    let runs = |g: &Goroutine| &*g.state == "running" || &*g.state == "runnable";
    let found = dump.and_then(|dump| {
        let subjects = subjects(dump);
        let at_work = subjects.iter().find(|s| runs(s.goroutine));
        let test = subjects.iter().find(|s| s.role == Role::Itself);
        let g = match at_work {
            Some(s) => Some(s.goroutine),
            None => dump.goroutines.iter().find(|g| runs(g)),
        };
        let name = at_work
            .or(test)
            .map(|s| (s.name(process, dump), s.test(process, dump)));
        Some((dump, g?, name))
    });
    let mut verdict = Verdict {
        line: String::new(),
        standing: Standing::Busy,
        pid: Some(process.id.pid),
        process: Arc::clone(&process.name),
        test: None,
        goroutine: None,
        waited: time,
        reason: Reason::default(),
    };
    let mut who = String::new();
    let mut at = String::new();
    if let Some((dump, g, name)) = found {
        let reason = of_goroutine(scene, process, dump, g);
        let func = reason.func.as_deref().map(super::subject::named);
        let func = func.map(|f| format!(" in {}", clean(f)));
        at = format!(
            "{}{}",
            func.unwrap_or_default(),
            reason
                .place
                .as_ref()
                .map(|p| format!(" at {}", file_line(p)))
                .unwrap_or_default()
        );
        who = name
            .as_ref()
            .map(|(name, _)| format!("{} ", clean(name)))
            .unwrap_or_default();
        verdict.test = name.and_then(|(_, test)| test);
        verdict.goroutine = Some(g.goid);
        verdict.reason = reason;
    }
    verdict.reason.doing = "busy".to_owned();
    verdict.line = format!(
        "{}: {who}is busy, {} % of a CPU for {}{at}: it does not hang",
        clean(&process.name),
        process.cpu_percent,
        spoken(time),
    );
    verdict
}

/// Where no goroutine can be named: the innermost process that is no part of the toolchain.
fn of_process(scene: &Scene) -> Verdict {
    let leaf = |p: &&Process| p.is_suspect() && scene.children(p.id.pid).next().is_none();
    let found = scene.processes.iter().rfind(leaf);
    let found = found.or_else(|| scene.processes.iter().rfind(|p| p.is_suspect()));
    let found = found.or_else(|| scene.processes.last());
    let Some(process) = found else {
        return Verdict {
            line: "all processes of the command have ended".to_owned(),
            standing: Standing::Slow,
            pid: None,
            process: "".into(),
            test: None,
            goroutine: None,
            waited: Duration::ZERO,
            reason: Reason::default(),
        };
    };
    let thread = process.dump.as_ref().ok().and_then(|dump| {
        let parked = |t: &&crate::dump::model::Thread| {
            matches!(&t.doing, Doing::Call(_)) && !matches!(&t.go.class, Known::Is(c) if c.parked)
        };
        dump.threads.iter().find(parked).or(dump.threads.first())
    });
    let reason = match (thread, &process.dump) {
        (Some(thread), _) => of_plain_thread(scene, process, thread),
        (None, Err(why)) => Reason {
            doing: format!("in what could not be read ({})", clean(why)),
            ..Reason::default()
        },
        (None, Ok(_)) => Reason::default(),
    };
    let details: String = reason.details.iter().map(|d| format!("; {d}")).collect();
    let stuck = matches!(scene.why, Why::Stuck(_));
    let waited = match stuck {
        true => format!("has been waiting {}", spoken(scene.quiet)),
        false => "is".to_owned(),
    };
    Verdict {
        line: format!("{}: {waited} {}{details}", process.title(), reason.doing),
        standing: if stuck {
            Standing::Stuck
        } else {
            Standing::Slow
        },
        pid: Some(process.id.pid),
        process: Arc::clone(&process.name),
        test: None,
        goroutine: None,
        waited: scene.quiet,
        reason,
    }
}
