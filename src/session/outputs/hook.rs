//! Runs the command of `--on-slow`: on threads of their own, a few at once, whatever becomes of
//! them. The tracer threads wait for children of their own alone (`__WNOTHREAD`), so none of these is
//! taken for a tracee; and nothing is forked by a thread that traces.

use crate::sink::on_slow::{Facts, Runner};
use crate::sys::spawn::with_our_signals;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Runs at once.
const MAX_RUNNING: u64 = 4;
/// A run that takes longer is killed.
const LIMIT: Duration = Duration::from_secs(60);
/// How long the end of the trace waits for runs.
const LAST_WAIT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);

/// Runs it.
pub struct Hook {
    words: Arc<[String]>,
    counts: Arc<Counts>,
    dropped: u64,
}

#[derive(Default)]
struct Counts {
    running: AtomicU64,
    failed: AtomicU64,
}

impl Hook {
    /// A command: program and arguments. Never empty.
    #[must_use]
    pub fn new(words: &[String]) -> Hook {
        Hook {
            words: words.into(),
            counts: Arc::default(),
            dropped: 0,
        }
    }
}

impl Runner for Hook {
    fn run(&mut self, facts: Facts) {
        if self.counts.running.load(Ordering::Relaxed) >= MAX_RUNNING {
            return self.drop_one();
        }
        self.counts.running.fetch_add(1, Ordering::Relaxed);
        let (words, counts) = (Arc::clone(&self.words), Arc::clone(&self.counts));
        let thread = std::thread::Builder::new().name("gostrace-hook".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(why) = run(&words, &facts) {
                // The first says it for all; the end says how many.
                if counts.failed.fetch_add(1, Ordering::Relaxed) == 0 {
                    say(&format!("--on-slow: {}: {why}", words.join(" ")));
                }
            }
            counts.running.fetch_sub(1, Ordering::Relaxed);
        });
        if spawned.is_err() {
            self.counts.running.fetch_sub(1, Ordering::Relaxed);
            self.drop_one();
        }
    }

    fn drop_one(&mut self) {
        self.dropped += 1;
    }

    fn finish(&mut self) {
        let began = Instant::now();
        while self.counts.running.load(Ordering::Relaxed) > 0 && began.elapsed() < LAST_WAIT {
            std::thread::sleep(LOOK);
        }
        let counts = [
            (self.counts.failed.load(Ordering::Relaxed), "failed"),
            (
                self.dropped,
                "dropped: too many at once, or in too short a time",
            ),
            (
                self.counts.running.load(Ordering::Relaxed),
                "not waited for any longer",
            ),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let runs = if count == 1 { "run" } else { "runs" };
            say(&format!("--on-slow: {count} {runs} {what}"));
        }
    }
}

/// Messages are said as well as can be: standard error may be closed.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "gostrace: {text}");
}

/// Runs it to its end; the error says what became of it.
fn run(words: &[String], facts: &Facts) -> Result<(), String> {
    let text = |e: io::Error| e.to_string();
    let mut child = start(words, facts).map_err(text)?;
    let began = Instant::now();
    loop {
        match child.try_wait().map_err(text)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(status.to_string()),
            None if began.elapsed() > LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("killed after a minute".to_owned());
            }
            None => std::thread::sleep(LOOK),
        }
    }
}

fn start(words: &[String], facts: &Facts) -> io::Result<Child> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    // A file, not a pipe: one that reads nothing holds nobody up.
    let mut input = File::from(memfd_create(c"gostrace-facts", MFdFlags::MFD_CLOEXEC)?);
    input.write_all(facts.json.as_bytes())?;
    input.rewind()?;
    // Names are the target's: a byte that no variable can hold must not cost the run.
    let variables = facts.variables.iter();
    let variables = variables.map(|(name, value)| (name, value.replace('\0', "?")));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(variables)
        .stdin(Stdio::from(input))
        // Standard output is the trace's.
        .stdout(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
        // Ctrl-C ends the trace, not what is under way because of it.
        .process_group(0);
    with_our_signals(&mut command).spawn()
}
