//! All outputs of a run: the trace, and beside it as many others as the command line asks for.
//!
//! To add one:
//! 1. a variant of [`Side`] (`cli/config.rs`) with what its option says; whether it needs stacks;
//! 2. its option in `cli/args_outputs.rs`, its meaning in `cli/meaning_outputs.rs`;
//! 3. a [`Sink`] in `sink/`, pure: it is given a writer. Events are complete, so it selects what it
//!    wants; calls that filters left out come by `hidden`, if it wants them; `tick` tells the time;
//!    `finish` comes once, with the complete summary, also when the trace itself broke off;
//! 4. an arm in [`open`]: [`file::create`] for a file that is written whole or not at all (it gets
//!    its name after `finish` has succeeded), [`file::stream`] for one that is of use as it grows.
//!
//! An error of a side output is said once and costs that output alone. The trace's own ends all.

pub mod file;
mod hook;
mod recording;

use crate::cli::config::{Config, Side};
use crate::error::Error;
use crate::event::{Event, Hidden, SyscallEvent, Timestamp};
use crate::record::{self, RecordSink};
use crate::session::monitor::{FileOutlet, Live, Renderer, ServerOutlet};
use crate::session::preflight;
use crate::sink::flamegraph;
use crate::sink::folded;
use crate::sink::metrics::{self, MetricsSink};
use crate::sink::on_slow::OnSlowSink;
use crate::sink::perfetto::{self, PerfettoSink};
use crate::sink::pprof;
use crate::sink::{Sink, Summary};
use crate::sys::spawn;
use file::{FileError, Pending};
use hook::Hook;
use std::ffi::OsStr;
use std::io::{self, BufWriter};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Sinks are told the time at most so often.
const TICK_NS: u64 = 100_000_000;

/// All outputs of a run.
#[derive(Default)]
pub struct Outputs {
    main: Vec<Box<dyn Sink>>,
    /// An error has ended the trace's own output.
    main_failed: bool,
    sides: Vec<OpenSide>,
    wants_hidden: bool,
    /// What is to be said of side outputs that were lost.
    complaints: Vec<String>,
    lost: usize,
    ticked_ns: u64,
}

/// A side output that works.
pub struct OpenSide {
    /// In words, for messages: `--folded x.txt`.
    name: String,
    sink: Box<dyn Sink>,
    /// What its file becomes when it is complete.
    pending: Option<Pending>,
    /// What the user should know of it.
    says: Option<String>,
}

impl OpenSide {
    /// What `side` asks for, done by `sink`.
    #[must_use]
    pub fn new(side: &Side, sink: impl Sink + 'static, pending: Option<Pending>) -> OpenSide {
        OpenSide {
            name: name(side),
            sink: Box::new(sink),
            pending,
            says: None,
        }
    }

    /// What the user should know of it: one line.
    #[must_use]
    pub fn says(&self) -> Option<&str> {
        self.says.as_deref()
    }
}

/// `--folded x.txt`.
fn name(side: &Side) -> String {
    match side.path() {
        Some(path) => format!("{} {}", side.option(), path.display()),
        None => match side {
            Side::Metrics(address) => format!("{} {address}", side.option()),
            Side::OnSlow(words) => format!("{} {}", side.option(), words.join(" ")),
            _ => side.option().to_owned(),
        },
    }
}

/// Opens the side outputs that the command line asks for; `lost` counts events that are dropped.
///
/// # Errors
/// A file cannot be made, or is there already and not ours to replace.
pub fn open(config: &Config, lost: &Arc<AtomicU64>) -> Result<Vec<OpenSide>, Error> {
    let opened = config.sides.iter().map(|side| {
        open_side(config, side, lost).map_err(|error| match error {
            FileError::Foreign => Error::Foreign { output: name(side) },
            FileError::Io(error) => Error::SideOutput {
                output: name(side),
                errno: preflight::errno(&error),
            },
        })
    });
    opened.collect()
}

fn open_side(config: &Config, side: &Side, lost: &Arc<AtomicU64>) -> Result<OpenSide, FileError> {
    let slow = config.select.slow.is_some();
    let renderer = || Renderer {
        shared: metrics::Shared::default(),
        lost: Arc::clone(lost),
    };
    let parked = config.select.counts_parked();
    Ok(match side {
        Side::Record(path) => {
            let file = file::stream(path, record::is_recording, config.force)?;
            let sink = RecordSink::new(file, recording::header(config))?;
            OpenSide::new(side, sink, None)
        }
        Side::Folded(path) => {
            let (out, pending) = file::create(path, folded::is_ours, config.force)?;
            OpenSide::new(side, folded::sink(out, parked), pending)
        }
        Side::FlameGraph(path) => {
            let (out, pending) = file::create(path, flamegraph::is_ours, config.force)?;
            OpenSide::new(side, flamegraph::sink(out, parked), pending)
        }
        Side::Pprof(path) => {
            let (out, pending) = file::create(path, pprof::is_ours, config.force)?;
            OpenSide::new(side, pprof::sink(out, parked), pending)
        }
        Side::Perfetto(path) => {
            let out = file::stream(path, perfetto::is_ours, config.force)?;
            OpenSide::new(side, PerfettoSink::new(BufWriter::new(out)), None)
        }
        Side::OnSlow(words) => {
            let program = words.first().map(OsStr::new).unwrap_or_default();
            let path = std::env::var_os("PATH");
            spawn::find(program, path.as_deref())
                .map_err(|_| io::Error::from_raw_os_error(libc::ENOENT))?;
            OpenSide::new(side, OnSlowSink::new(Hook::new(words), slow), None)
        }
        Side::Metrics(address) => {
            let renderer = renderer();
            let shared = renderer.shared.clone();
            let outlet = ServerOutlet::open(*address, renderer)?;
            let at = outlet.address;
            let sink = MetricsSink::new(shared, Live, outlet, slow);
            OpenSide {
                says: Some(format!("metrics at http://{at}/metrics")),
                ..OpenSide::new(side, sink, None)
            }
        }
        Side::MetricsFile(path) => {
            let renderer = renderer();
            let shared = renderer.shared.clone();
            let outlet = FileOutlet::open(path, config.force, renderer)?;
            OpenSide::new(side, MetricsSink::new(shared, Live, outlet, slow), None)
        }
    })
}

impl Outputs {
    /// The trace's own sinks, and others.
    #[must_use]
    pub fn new(main: Vec<Box<dyn Sink>>, sides: Vec<OpenSide>) -> Outputs {
        let all = main.iter().chain(sides.iter().map(|side| &side.sink));
        Outputs {
            wants_hidden: all.into_iter().any(|sink| sink.wants_hidden()),
            main,
            sides,
            ..Outputs::default()
        }
    }

    /// Gives all of them an event.
    ///
    /// # Errors
    /// The trace's own output cannot be written.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        self.each(|sink| sink.event(event))
    }

    /// Whether any wants the calls that filters left out.
    #[must_use]
    pub fn wants_hidden(&self) -> bool {
        self.wants_hidden
    }

    /// Gives a call that a filter left out to those that want these.
    ///
    /// # Errors
    /// As [`Outputs::event`].
    pub fn hidden(&mut self, call: &SyscallEvent, why: Hidden) -> io::Result<()> {
        self.each(|sink| match sink.wants_hidden() {
            true => sink.hidden(call, why),
            false => Ok(()),
        })
    }

    /// Tells all of them the time, if it is time.
    ///
    /// # Errors
    /// As [`Outputs::event`].
    pub fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        if now.mono_ns.saturating_sub(self.ticked_ns) < TICK_NS {
            return Ok(());
        }
        self.ticked_ns = now.mono_ns;
        self.each(|sink| sink.tick(now))
    }

    /// Makes what they have been given visible.
    ///
    /// # Errors
    /// As [`Outputs::event`].
    pub fn flush(&mut self) -> io::Result<()> {
        self.each(|sink| sink.flush())
    }

    /// Ends the trace's own output; [`Outputs::finish_sides`] has to follow.
    ///
    /// # Errors
    /// As [`Outputs::event`].
    pub fn finish_main(&mut self, summary: &Summary) -> io::Result<()> {
        if self.main_failed {
            return Ok(());
        }
        let mut main = std::mem::take(&mut self.main);
        main.iter_mut().try_for_each(|sink| sink.finish(summary))
    }

    /// Ends the side outputs. Their files get their names.
    pub fn finish_sides(&mut self, summary: &Summary) {
        for mut side in std::mem::take(&mut self.sides) {
            let finished = side.sink.finish(summary);
            // Its writer may hold bytes until it is dropped.
            drop(side.sink);
            let done = finished.and_then(|()| side.pending.map_or(Ok(()), Pending::commit));
            if let Err(error) = done {
                self.complain(&side.name, &error);
            }
        }
    }

    /// What there is to say about outputs that were lost since the last call.
    pub fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    /// How many side outputs were lost.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost
    }

    fn each(&mut self, mut act: impl FnMut(&mut dyn Sink) -> io::Result<()>) -> io::Result<()> {
        let mut broken = Vec::new();
        for (index, side) in self.sides.iter_mut().enumerate() {
            if let Err(error) = act(side.sink.as_mut()) {
                broken.push((index, error));
            }
        }
        for (index, error) in broken.into_iter().rev() {
            let side = self.sides.remove(index);
            self.complain(&side.name, &error);
        }
        let mut main = self.main.iter_mut();
        let done = main.try_for_each(|sink| act(sink.as_mut()));
        self.main_failed |= done.is_err();
        done
    }

    fn complain(&mut self, name: &str, error: &io::Error) {
        self.lost += 1;
        // In the system's words where they are its own.
        let text = match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number).to_string(),
            None => error.to_string(),
        };
        let why = text.split(" (os error").next().unwrap_or_default();
        self.complaints
            .push(format!("{name}: {why}; this output ends here"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Note;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// Counts what it is told, and fails at the `fails_at`-th event.
    #[derive(Default)]
    struct Counting {
        told: Rc<RefCell<Vec<&'static str>>>,
        fails_at: Option<usize>,
        wants_hidden: bool,
    }

    impl Sink for Counting {
        fn event(&mut self, _: &Event) -> io::Result<()> {
            self.told.borrow_mut().push("event");
            if self.fails_at == Some(self.told.borrow().len()) {
                return Err(io::Error::from_raw_os_error(libc::ENOSPC));
            }
            Ok(())
        }
        fn wants_hidden(&self) -> bool {
            self.wants_hidden
        }
        fn tick(&mut self, _: Timestamp) -> io::Result<()> {
            self.told.borrow_mut().push("tick");
            Ok(())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
        fn finish(&mut self, _: &Summary) -> io::Result<()> {
            self.told.borrow_mut().push("finish");
            Ok(())
        }
    }

    fn side(name: &str, sink: Counting, pending: Option<Pending>) -> OpenSide {
        OpenSide {
            name: name.to_owned(),
            sink: Box::new(sink),
            pending,
            says: None,
        }
    }

    fn event() -> Event {
        Event::Note(Note {
            at: Timestamp::default(),
            text: "x".into(),
        })
    }

    #[test]
    fn a_side_output_that_fails_is_dropped_and_said_once_while_the_others_go_on() {
        let (good, main) = (Counting::default(), Counting::default());
        let (good_told, main_told) = (Rc::clone(&good.told), Rc::clone(&main.told));
        let bad = Counting {
            fails_at: Some(2),
            ..Counting::default()
        };
        let bad_told = Rc::clone(&bad.told);
        let sides = vec![side("--bad b", bad, None), side("--good g", good, None)];
        let mut outputs = Outputs::new(vec![Box::new(main)], sides);
        for _ in 0..4 {
            outputs.event(&event()).unwrap();
        }
        let said = outputs.complaints();
        assert_eq!(
            said,
            ["--bad b: No space left on device; this output ends here"]
        );
        assert!(outputs.complaints().is_empty());
        outputs.finish_main(&Summary::default()).unwrap();
        outputs.finish_sides(&Summary::default());
        let all = ["event", "event", "event", "event", "finish"];
        assert_eq!(*main_told.borrow(), all);
        assert_eq!(*good_told.borrow(), all);
        assert_eq!(*bad_told.borrow(), ["event", "event"]);
        assert_eq!(outputs.lost(), 1);
    }

    #[test]
    fn side_outputs_are_finished_when_the_trace_itself_broke_off() {
        let beside = Counting::default();
        let told = Rc::clone(&beside.told);
        let main = Counting {
            fails_at: Some(1),
            ..Counting::default()
        };
        let main_told = Rc::clone(&main.told);
        let mut outputs = Outputs::new(vec![Box::new(main)], vec![side("--x", beside, None)]);
        outputs.event(&event()).unwrap_err();
        outputs.finish_main(&Summary::default()).unwrap();
        outputs.finish_sides(&Summary::default());
        assert_eq!(*told.borrow(), ["event", "finish"]);
        assert_eq!(*main_told.borrow(), ["event"]);
        assert_eq!(outputs.lost(), 0);
    }

    #[test]
    fn the_file_of_an_output_that_failed_never_gets_its_name() {
        let dir = std::env::temp_dir().join(format!("gostrace-outputs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (kept, lost) = (dir.join("kept"), dir.join("lost"));
        let pending = |path| file::create(path, |_| true, false).unwrap().1;
        let bad = Counting {
            fails_at: Some(1),
            ..Counting::default()
        };
        let sides = vec![
            side("--bad", bad, pending(&lost)),
            side("--good", Counting::default(), pending(&kept)),
        ];
        let mut outputs = Outputs::new(Vec::new(), sides);
        outputs.event(&event()).unwrap();
        outputs.finish_sides(&Summary::default());
        let names: Vec<_> = std::fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["kept"]);
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_time_is_told_at_most_ten_times_a_second() {
        let sink = Counting::default();
        let told = Rc::clone(&sink.told);
        let mut outputs = Outputs::new(vec![Box::new(sink)], Vec::new());
        for mono_ns in [TICK_NS, TICK_NS + 1, 2 * TICK_NS - 1, 2 * TICK_NS] {
            let now = Timestamp {
                mono_ns,
                wall_ns: 0,
            };
            outputs.tick(now).unwrap();
        }
        assert_eq!(*told.borrow(), ["tick", "tick"]);
    }

    #[test]
    fn hidden_calls_are_wanted_if_any_sink_wants_them() {
        let sink = Counting {
            wants_hidden: true,
            ..Counting::default()
        };
        let main: Vec<Box<dyn Sink>> = vec![Box::new(Counting::default())];
        assert!(Outputs::new(main, vec![side("--x", sink, None)]).wants_hidden());
        assert!(!Outputs::new(vec![Box::new(Counting::default())], Vec::new()).wants_hidden());
    }
}
