//! What was measured, in words: a picture without them says nothing.

use super::Weight;
use crate::event::{Begun, Timestamp, Traced};
use crate::ids::Pid;
use crate::sink::Summary;
use crate::sink::line::Human;
use crate::sink::summary::Count;
use crate::untrusted::push as push_untrusted;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// What was measured.
#[derive(Debug)]
pub struct Facts {
    /// All calls that are part of the result.
    pub all: Weight,
    /// Those of them that had not ended.
    pub still: u64,
    /// Those of them that began before we looked: they lasted longer than we know.
    pub before_attach: u64,
    /// Those of them whose times come from looking now and then.
    pub sampled: u64,
    /// By how much the time of one of these may be wrong, at most.
    pub error: Duration,
    /// Parked calls that were left out here.
    pub parked: Weight,
    /// Calls that are part of the result without their descriptor and goroutine.
    pub unlabelled: u64,
    /// Calls that are part of the result without their stack.
    pub further: u64,
    show_parked: bool,
    began: Option<Timestamp>,
    last: Timestamp,
    names: BTreeMap<Pid, String>,
    /// What was traced from the beginning.
    pub processes: Vec<Traced>,
    expression: Arc<str>,
    slow: Option<Duration>,
}

impl Facts {
    pub(super) fn new(show_parked: bool) -> Facts {
        Facts {
            all: Weight::default(),
            still: 0,
            before_attach: 0,
            sampled: 0,
            error: Duration::ZERO,
            parked: Weight::default(),
            unlabelled: 0,
            further: 0,
            show_parked,
            began: None,
            last: Timestamp::default(),
            names: BTreeMap::new(),
            processes: Vec::new(),
            expression: "".into(),
            slow: None,
        }
    }

    pub(super) fn begin(&mut self, begun: &Begun) {
        self.began = Some(begun.at);
        self.last = self.last.max(begun.at);
        self.expression = Arc::clone(&begun.expression);
        self.slow = begun.slow;
        self.processes.clone_from(&begun.processes);
        for process in &begun.processes {
            if let Some(command) = &process.command {
                self.names.insert(process.pid, program(command));
            }
        }
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        self.last = self.last.max(now);
    }

    /// When it began, as far as is known.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.began.unwrap_or(self.last)
    }

    /// For how long it was watched.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.last.since(self.began())
    }

    /// A process as it is called here: by its program, and by its id where that is not enough.
    #[must_use]
    pub fn process(&self, pid: Pid) -> String {
        match self.names.get(&pid) {
            Some(name) if self.names.values().filter(|n| *n == name).count() == 1 => name.clone(),
            Some(name) => format!("{name} {pid}"),
            None => format!("process {pid}"),
        }
    }

    /// One line: what this is, of what.
    #[must_use]
    pub fn title(&self) -> String {
        let of: BTreeSet<_> = self.names.keys().map(|pid| self.process(*pid)).collect();
        let mut text = "Time blocked in system calls".to_owned();
        if !of.is_empty() && of.len() <= 3 {
            let of: Vec<_> = of.into_iter().collect();
            text.push_str(": ");
            push_untrusted(&mut text, &of.join(", "));
        } else if !of.is_empty() {
            let _ = write!(text, " of {} processes", of.len());
        }
        text
    }

    /// One line: how much, over which time, how, and what it leaves out.
    #[must_use]
    pub fn subtitle(&self, summary: &Summary) -> String {
        let mut parts = vec![
            format!(
                "{} in {} over {}",
                Human(Duration::from_nanos(self.all.ns)),
                Count(self.all.calls, "call"),
                Human(self.duration()),
            ),
            self.selection(),
            self.mode(),
        ];
        parts.extend(self.shortened());
        let out = self.left_out(summary);
        if !out.is_empty() {
            parts.push(format!("left out: {}", out.join(", ")));
        }
        if summary.lost > 0 {
            parts.push(format!("{} LOST", Count(summary.lost, "event")));
        }
        let mut text = String::new();
        push_untrusted(&mut text, &parts.join("; "));
        text
    }

    /// The same, a line for each fact.
    #[must_use]
    pub fn comments(&self, summary: &Summary) -> Vec<String> {
        let mut lines = vec![
            format!(
                "{}, by gostrace {}",
                self.title(),
                env!("CARGO_PKG_VERSION")
            ),
            format!(
                "{} in {} over {}",
                Human(Duration::from_nanos(self.all.ns)),
                Count(self.all.calls, "call"),
                Human(self.duration()),
            ),
            format!("selected: {}", self.selection()),
            format!("measured: {}", self.mode()),
        ];
        lines.extend(self.shortened());
        let out = self.left_out(summary);
        lines.extend(out.into_iter().map(|what| format!("left out: {what}")));
        match summary.lost {
            0 => lines.push("no event was lost".to_owned()),
            n => lines.push(format!(
                "{} LOST: the profile is incomplete",
                Count(n, "event")
            )),
        }
        for line in &mut lines {
            let mut safe = String::new();
            push_untrusted(&mut safe, line);
            *line = safe;
        }
        lines
    }

    fn selection(&self) -> String {
        let calls = match &*self.expression {
            "" | "all" => "all calls",
            expression => expression,
        };
        match self.slow {
            Some(slow) => format!("{calls} of at least {}", Human(slow)),
            None => calls.to_owned(),
        }
    }

    fn mode(&self) -> String {
        let error = Human(self.error);
        match self.sampled {
            0 => "exact".to_owned(),
            n if n == self.all.calls => format!("sampled, each to within {error}"),
            n => format!(
                "{} exact, {} sampled to within {error} each",
                Count(self.all.calls - n, "call"),
                Count(n, "call"),
            ),
        }
    }

    /// What is less than it seems.
    fn shortened(&self) -> Vec<String> {
        let parts = [
            (self.still, "still blocked, with the time so far"),
            (
                self.before_attach,
                "begun before the trace, with the time since",
            ),
            (
                self.unlabelled,
                "without descriptor and goroutine: too many",
            ),
            (
                self.further,
                "under \"further stacks\": too many distinct ones",
            ),
        ];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0);
        parts.map(|(n, what)| format!("{n} {what}")).collect()
    }

    fn left_out(&self, summary: &Summary) -> Vec<String> {
        let mut out = Vec::new();
        let hidden = summary.hidden_parked.values().sum::<u64>();
        let parked = hidden.saturating_add(self.parked.calls);
        if parked > 0 {
            let mut text = Count(parked, "parked call").to_string();
            if hidden == 0 {
                let time = Human(Duration::from_nanos(self.parked.ns));
                let _ = write!(text, " ({time} in all)");
            }
            out.push(text);
        } else if !self.show_parked {
            out.push("parked calls (none seen)".to_owned());
        }
        for (why, n) in summary.hidden.iter().filter(|(_, n)| *n > 0) {
            out.push(format!("{} ({why})", Count(*n, "call")));
        }
        out
    }
}

/// The file name of a command line's program, without what would take a frame's name apart.
pub(in crate::sink) fn program(command: &str) -> String {
    let path = command.split(' ').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "" => command.to_owned(),
        name => name.to_owned(),
    }
}
