//! A command for each slow call and each finding (`--on-slow`): what it is told, and how often it
//! may run. How it is run is the session's affair.

use super::json::JsonLines;
use super::told::{Before, Told, may_be_told_again};
use super::{Sink, Summary};
use crate::event::{Event, Known, Outcome, Seen, SyscallEvent, Timestamp};
use crate::finding::{Finding, FindingId, Shown};
use crate::golang::own;
use crate::syscall;
use std::io;

/// Runs that are let through at once, and one more each second after that.
const BURST: u64 = 10;
const REFILL_NS: u64 = 1_000_000_000;

/// What a run of the command is told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// For its environment.
    pub variables: Vec<(&'static str, String)>,
    /// For its standard input: the event's line of `--format json`.
    pub json: String,
}

/// Runs the command.
pub trait Runner {
    /// Runs it with these facts, or counts it as dropped. Never waits.
    fn run(&mut self, facts: Facts);
    /// Counts a run that came too soon.
    fn drop_one(&mut self);
    /// Waits a little for those that still run, and says what there is to say.
    fn finish(&mut self);
}

/// Decides when the command runs.
pub struct OnSlowSink<R> {
    runner: R,
    /// Calls that are shown are slow: each is a reason.
    slow: bool,
    json: JsonLines,
    /// What calls that may be told of again were told for already.
    told: Told<Vec<FindingId>>,
    allowed: u64,
    refilled_ns: u64,
}

impl<R: Runner> OnSlowSink<R> {
    /// With `slow`, for each call that is told; else for those that show a finding alone.
    pub fn new(runner: R, slow: bool) -> OnSlowSink<R> {
        OnSlowSink {
            runner,
            slow,
            json: JsonLines::default(),
            told: Told::default(),
            allowed: BURST,
            refilled_ns: 0,
        }
    }

    fn run(&mut self, event: &Event, at: Timestamp, variables: Vec<(&'static str, String)>) {
        let more = at.mono_ns.saturating_sub(self.refilled_ns) / REFILL_NS;
        if more > 0 {
            self.allowed = self.allowed.saturating_add(more).min(BURST);
            self.refilled_ns = at.mono_ns;
        }
        let Some(left) = self.allowed.checked_sub(1) else {
            return self.runner.drop_one();
        };
        self.allowed = left;
        let mut json = String::new();
        self.json.push(&mut json, event);
        self.runner.run(Facts { variables, json });
    }

    fn call(&mut self, event: &Event, e: &SyscallEvent) {
        let (is_new, mut told) = match self.told.take(e) {
            Before::Same(ids) => (false, ids),
            Before::Other(_) | Before::None => (true, Vec::new()),
        };
        let parked = e.go.class.get().is_some_and(|class| class.parked);
        let mut due = self.slow && is_new && !parked && e.outcome != Outcome::Detached;
        for id in e.findings.iter().map(Shown::id) {
            if !told.contains(&id) {
                told.push(id);
                due = true;
            }
        }
        if may_be_told_again(e.outcome) {
            self.told.keep(e, told);
        }
        if due {
            self.run(event, e.end, variables_of_call(e));
        }
    }
}

fn variables_of_call(e: &SyscallEvent) -> Vec<(&'static str, String)> {
    let ids: Vec<&str> = e.findings.iter().map(|shown| shown.id().name()).collect();
    let outcome = match e.outcome {
        Outcome::Returned(value) => value.to_string(),
        Outcome::Failed(errno) => format!("-{}", errno.0),
        Outcome::Ended => "ended".into(),
        Outcome::Blocked => "blocked".into(),
        Outcome::Gone => "gone".into(),
        Outcome::Detached => "detached".into(),
    };
    let mut all = vec![
        ("GOSTRACE_EVENT", "slow".to_owned()),
        ("GOSTRACE_FINDINGS", ids.join(" ")),
        ("GOSTRACE_PID", e.pid.to_string()),
        ("GOSTRACE_TID", e.tid.to_string()),
        ("GOSTRACE_RESULT", outcome),
        ("GOSTRACE_DURATION_NS", e.duration().as_nanos().to_string()),
        ("GOSTRACE_TIME_NS", e.end.wall_ns.to_string()),
    ];
    if let Some(name) = syscall::name(e.call.abi, e.call.nr) {
        all.push(("GOSTRACE_SYSCALL", name.to_owned()));
    }
    if let Seen::Sampled { error } = e.seen {
        all.push(("GOSTRACE_ERROR_NS", error.as_nanos().to_string()));
    }
    if let Known::Is(class) = &e.go.class {
        all.push(("GOSTRACE_CLASS", class.id.to_owned()));
    }
    if let Known::Is(g) = &e.go.goroutine {
        all.push(("GOSTRACE_GOROUTINE", g.goid.to_string()));
        all.extend(
            g.created_by
                .iter()
                .map(|f| ("GOSTRACE_CREATED_BY", f.to_string())),
        );
    }
    if let Some(frame) = e.go.stack.get().and_then(|s| own::caller(&s.frames)) {
        all.push(("GOSTRACE_CALLER", frame.func.to_string()));
        all.push(("GOSTRACE_LINE", format!("{}:{}", frame.file, frame.line)));
    }
    all
}

fn variables_of_finding(f: &Finding) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("GOSTRACE_EVENT", "finding".to_owned()),
        ("GOSTRACE_FINDINGS", f.id.name().to_owned()),
        ("GOSTRACE_PID", f.pid.to_string()),
        ("GOSTRACE_TIME_NS", f.at.wall_ns.to_string()),
    ];
    all.extend(f.tid.map(|tid| ("GOSTRACE_TID", tid.to_string())));
    all.extend(
        f.func
            .iter()
            .map(|func| ("GOSTRACE_CALLER", func.to_string())),
    );
    all
}

impl<R: Runner> Sink for OnSlowSink<R> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Syscall(e) => self.call(event, e),
            Event::Finding(f) => self.run(event, f.at, variables_of_finding(f)),
            Event::Exit(e) => drop(self.told.thread_ended(e.tid)),
            // It tells the commands of the processes.
            Event::Begun(_) => self.json.push(&mut String::new(), event),
            Event::FoundAgain(_)
            | Event::Note(_)
            | Event::Entered(_)
            | Event::Signal(_)
            | Event::Task(_) => {}
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.runner.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Evidence, Severity};
    use crate::ids::Pid;
    use std::time::Duration;

    #[derive(Default)]
    struct Recorded {
        runs: Vec<Facts>,
        dropped: u64,
    }

    impl Runner for &mut Recorded {
        fn run(&mut self, facts: Facts) {
            self.runs.push(facts);
        }
        fn drop_one(&mut self) {
            self.dropped += 1;
        }
        fn finish(&mut self) {}
    }

    fn finding(ms: u64) -> Event {
        Event::Finding(Box::new(Finding {
            id: FindingId::Backlog,
            pid: Pid(7),
            tid: None,
            at: Timestamp {
                mono_ns: ms * 1_000_000,
                wall_ns: 5,
            },
            severity: Severity::Warning,
            func: Some("main.serve".into()),
            evidence: vec![Evidence::Lasted(Duration::ZERO)],
            settings: Vec::new(),
            advice: "",
        }))
    }

    #[test]
    fn a_burst_is_let_through_then_one_each_second_and_the_rest_is_counted() {
        let mut recorded = Recorded::default();
        let mut sink = OnSlowSink::new(&mut recorded, true);
        for ms in (10_000..13_000).step_by(10) {
            sink.event(&finding(ms)).unwrap();
        }
        assert_eq!(recorded.runs.len(), 12);
        assert_eq!(recorded.dropped, 288);
        let facts = &recorded.runs[0];
        assert!(
            facts
                .variables
                .contains(&("GOSTRACE_FINDINGS", "backlog".into()))
        );
        assert!(
            facts
                .variables
                .contains(&("GOSTRACE_CALLER", "main.serve".into()))
        );
        assert!(facts.json.contains("\"backlog\""), "{}", facts.json);
    }
}
