//! The command line.

use std::time::Duration;

const USAGE: &str = "usage: cargo bench --bench compare [-- [FILTER...] [--runs N] [--seconds S] \
                     [--tracers A,B] [--check] [--list]]";

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    /// Parts of the names of what to run; none: all.
    pub filters: Vec<String>,
    /// Rounds, and repetitions of what has no rounds.
    pub runs: usize,
    /// How long each tracer is measured in a round.
    pub window: Duration,
    /// Parts of the names of the tracers to run; none: all.
    pub tracers: Vec<String>,
    /// Whether to hold the figures against the bounds that the project has set itself.
    pub check: bool,
    /// Whether only to print the names.
    pub list: bool,
    /// Whether `cargo bench` runs this, and not `cargo test`.
    pub bench: bool,
}

impl Options {
    /// Reads the command line; explains itself and ends where that is wrong.
    pub fn from_args() -> Options {
        let mut options = Options {
            filters: Vec::new(),
            runs: 5,
            window: Duration::from_secs(3),
            tracers: Vec::new(),
            check: false,
            list: false,
            bench: false,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            if options.take(arg, &mut args).is_none() {
                eprintln!("{USAGE}");
                std::process::exit(2);
            }
        }
        options
    }

    /// One argument, with its value from those that follow; `None` where that makes no sense.
    fn take(&mut self, arg: String, rest: &mut impl Iterator<Item = String>) -> Option<()> {
        match arg.as_str() {
            "--runs" => self.runs = rest.next()?.parse().ok().filter(|n| *n > 0)?,
            "--seconds" => {
                let seconds = rest.next()?.parse().ok().filter(|s| *s > 0.0)?;
                self.window = Duration::try_from_secs_f64(seconds).ok()?;
            }
            "--tracers" => self.tracers = rest.next()?.split(',').map(str::to_owned).collect(),
            "--check" => self.check = true,
            "--list" => self.list = true,
            "--bench" => self.bench = true,
            name if !name.starts_with('-') => self.filters.push(arg),
            _ => return None,
        }
        Some(())
    }

    /// Whether something of this name is to be run.
    pub fn selects(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether a tracer of this name is to be run.
    pub fn selects_tracer(&self, name: &str) -> bool {
        self.tracers.is_empty() || self.tracers.iter().any(|part| name.contains(part.as_str()))
    }
}
