//! The report for people: the verdict in the first line, then all that it rests on.

use super::reason::{file_line, object, of_goroutine};
use super::scene::{Kind, Process, Scene, Why, clean, spoken};
use super::subject::{Role, frames, subjects};
use super::verdict::Verdict;
use crate::dump::group;
use crate::dump::model::{Doing, Dump, Goroutine, StackState};
use crate::dump::text::write_call;
use crate::dump::traceback::write_stack;
use crate::event::Known;
use crate::ids::{Goid, Pid};
use crate::sink::finding_text;
use std::fmt::Write as _;
use std::time::Duration;

/// Groups of goroutines that are shown in full.
const MAX_GROUPS: usize = 40;
/// Levels of the tree that are indented.
const MAX_DEPTH: usize = 32;

/// The report.
#[must_use]
pub fn report(scene: &Scene, verdict: &Verdict) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail; here and below.
    let _ = writeln!(out, "{}", verdict.line);
    let _ = writeln!(out, "  command: {}", clean(&scene.command));
    let _ = writeln!(
        out,
        "  ran for {}, without progress for {}",
        spoken(scene.ran),
        spoken(scene.quiet)
    );
    if let Why::Stuck(after) = scene.why {
        let _ = writeln!(out, "  that is a hang: --after {}", spoken(after));
    }
    out.push_str("\nprocesses:\n");
    out.push_str(&tree(scene));
    for process in scene.processes.iter().filter(|p| p.is_suspect()) {
        if let Ok(dump) = &process.dump {
            write_tests(&mut out, scene, process, dump);
        }
    }
    for process in scene.processes.iter().filter(|p| p.is_suspect()) {
        if let Ok(dump) = &process.dump {
            write_still(&mut out, process, dump, scene.quiet);
            write_waited_on(&mut out, process, dump);
        }
    }
    for process in &scene.processes {
        write_calls(&mut out, process);
    }
    write_findings(&mut out, scene);
    write_limits(&mut out, scene);
    for what in &scene.missing {
        let _ = writeln!(out, "\nnot in this report: {}", clean(what));
    }
    out
}

/// The tree of processes, a line each.
#[must_use]
pub fn tree(scene: &Scene) -> String {
    let mut out = String::new();
    let roots: Vec<&Process> = scene
        .processes
        .iter()
        .filter(|p| scene.process(p.parent).is_none())
        .collect();
    for root in roots {
        write_tree(&mut out, scene, root, 1);
    }
    out
}

fn write_tree(out: &mut String, scene: &Scene, process: &Process, depth: usize) {
    let indent = "  ".repeat(depth.min(MAX_DEPTH));
    let kind = match process.kind {
        Kind::Toolchain => ", Go toolchain",
        Kind::Go => ", Go",
        Kind::Other => "",
    };
    let busy = match process.busy {
        Some(time) => format!(", busy for {}", spoken(time)),
        None => String::new(),
    };
    let _ = writeln!(
        out,
        "{indent}{} {}{kind}, {} % of a CPU{busy}: {}",
        process.title(),
        process.state,
        process.cpu_percent,
        clean(&process.command)
    );
    if depth < MAX_DEPTH {
        for child in scene
            .processes
            .iter()
            .filter(|p| p.parent == process.id.pid)
        {
            write_tree(out, scene, child, depth + 1);
        }
    }
}

fn write_tests(out: &mut String, scene: &Scene, process: &Process, dump: &Dump) {
    let subjects = subjects(dump);
    if subjects.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nat work in {}:", process.title());
    for subject in subjects {
        let g = subject.goroutine;
        let reason = of_goroutine(scene, process, dump, g);
        let waited = process.waited(g.goid).unwrap_or_default();
        let role = match subject.role {
            Role::Itself => "",
            Role::ForSubtests => " (it waits for its subtests)",
            Role::ForItsTurn => " (it waits for its turn: t.Parallel)",
        };
        let at = reason
            .place
            .as_ref()
            .map(|p| format!(" at {}", file_line(p)));
        let _ = writeln!(
            out,
            "  {}, goroutine {}: {}{}, not moved for {}{role}",
            clean(&subject.name(process, dump)),
            g.goid,
            reason.doing,
            at.unwrap_or_default(),
            spoken(waited)
        );
        for detail in &reason.details {
            let _ = writeln!(out, "    {detail}");
        }
    }
}

/// The goroutines that did not move, those with the same stack and state together.
fn write_still(out: &mut String, process: &Process, dump: &Dump, quiet: Duration) {
    let shortest = |g: &Goroutine| process.still.get(&g.goid).copied().unwrap_or_default();
    let long = |g: &&Goroutine| shortest(g) > Duration::ZERO && shortest(g) >= quiet / 2;
    let still: Vec<Goid> = dump
        .goroutines
        .iter()
        .filter(|g| !is_system(dump, g))
        .filter(long)
        .map(|g| g.goid)
        .collect();
    if still.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{} of {} goroutines of {} did not move:",
        still.len(),
        dump.goroutines
            .iter()
            .filter(|g| !is_system(dump, g))
            .count(),
        process.title()
    );
    let groups = group::by_stack(dump);
    let mut shown = 0;
    for group in &groups {
        let members: Vec<&&Goroutine> = group
            .members
            .iter()
            .filter(|g| still.contains(&g.goid))
            .collect();
        let Some(first) = members.first() else {
            continue;
        };
        shown += 1;
        if shown > MAX_GROUPS {
            let _ = writeln!(out, "  and others, see the dump");
            return;
        }
        let time = members
            .iter()
            .map(|g| shortest(g))
            .min()
            .unwrap_or_default();
        let ids = group::ranges(members.iter().map(|g| g.goid));
        let _ = write!(
            out,
            "  {ids} [{}] for {}",
            clean(&first.state),
            spoken(time)
        );
        let on: Vec<String> = first.waits_on.iter().map(|on| object(dump, *on)).collect();
        if !on.is_empty() && members.len() == 1 {
            let _ = write!(out, " on {}", on.join(", "));
        }
        let file = first.polls.as_ref().and_then(|p| process.file(p.wait.fd));
        if let Some(file) = file {
            let _ = write!(out, " on {}", super::peers::file_text(file));
        }
        out.push('\n');
        if let StackState::Known(id) = first.stack
            && let Some(stack) = dump.stack(id)
        {
            let mut lines = String::new();
            write_stack(&mut lines, stack);
            for line in lines.lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
}

/// Whether it works for the runtime alone (garbage collection, finalizers).
fn is_system(dump: &Dump, g: &Goroutine) -> bool {
    let frames = frames(dump, g);
    !frames.is_empty() && frames.iter().all(|f| f.func.starts_with("runtime."))
}

fn write_waited_on(out: &mut String, process: &Process, dump: &Dump) {
    let groups = group::by_object(dump);
    let shared: Vec<_> = groups.iter().take(MAX_GROUPS).collect();
    if shared.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nwaited on in {}:", process.title());
    for waiters in shared {
        let ids = group::ranges(waiters.ids.iter().copied());
        let _ = writeln!(out, "  {}: goroutines {ids}", object(dump, waiters.on));
    }
}

/// Threads in calls that are not the runtime's own parking.
fn write_calls(out: &mut String, process: &Process) {
    let Ok(dump) = &process.dump else { return };
    let mut lines = String::new();
    for thread in &dump.threads {
        let Doing::Call(event) = &thread.doing else {
            continue;
        };
        if matches!(&thread.go.class, Known::Is(class) if class.parked) {
            continue;
        }
        let _ = write!(lines, "  thread {} {}: ", thread.tid, thread.state);
        write_call(&mut lines, event);
        if let Known::Is(g) = &thread.go.goroutine
            && g.goid != Goid(0)
        {
            let _ = write!(lines, " goroutine {}", g.goid);
        }
        lines.push('\n');
        if let Some((fd, _)) = event.names.fds.first()
            && let Some(peer) = peer_text(process, *fd)
        {
            let _ = writeln!(lines, "    {peer}");
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "\nthreads of {} in calls:", process.title());
        out.push_str(&lines);
    }
}

fn peer_text(process: &Process, fd: i32) -> Option<String> {
    process.file(fd).map(super::peers::file_text)
}

fn write_findings(out: &mut String, scene: &Scene) {
    let mut any = false;
    for process in &scene.processes {
        for finding in &process.findings {
            if !any {
                out.push_str("\nfindings:\n");
                any = true;
            }
            let _ = writeln!(out, "  in {}:", process.title());
            out.push_str(&finding_text(finding));
        }
    }
}

fn write_limits(out: &mut String, scene: &Scene) {
    let mut seen: Vec<Pid> = Vec::new();
    for process in scene.processes.iter().filter(|p| p.is_suspect()) {
        if seen.is_empty() {
            out.push_str("\nlimits:\n");
        }
        seen.push(process.id.pid);
        let files = process.files.len();
        let limit = process
            .file_limit
            .map_or("unknown".to_owned(), |n| n.to_string());
        let _ = write!(out, "  {}: {files} files open of {limit}", process.title());
        match process.throttling {
            Some(t) => {
                let share = match (t.quota_us, t.period_us) {
                    (Some(quota), Some(period)) if period > 0 => {
                        format!("{} % of a CPU", quota.saturating_mul(100) / period)
                    }
                    _ => "unknown".to_owned(),
                };
                let time = spoken(Duration::from_nanos(t.throttled_ns));
                let _ = writeln!(
                    out,
                    "; CPU limit {share}, throttled in {} of {} periods, for {time} in all",
                    t.throttled, t.periods
                );
            }
            None => out.push_str("; no CPU limit\n"),
        }
    }
}
