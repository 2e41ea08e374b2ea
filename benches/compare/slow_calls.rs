//! A thousand slow calls among ten million fast ones: are they found, and their durations right?

use crate::criteria::{Figure, Figures};
use crate::options::Options;
use crate::stats::{Random, Spread};
use crate::support::run::{Fixture, gostrace};
use crate::support::{build_c, scratch};
use crate::table;
use crate::tracer::{Running, Tracer};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

const THREADS: &str = "8";
const SLOW: usize = 1_000;
const FAST: usize = 10_000_000;
/// The exact engine stops each: ten million would take minutes.
const FAST_EXACT: usize = 100_000;

/// After the last call, for a tracer to look once more.
const AFTER: Duration = Duration::from_millis(200);

const TRACERS: [(Tracer, &[&str], usize); 3] = [
    (Tracer::Sample, &["--sample"], FAST),
    (Tracer::Overhead, &["--overhead", "5%"], FAST),
    (Tracer::Slow, &[], FAST_EXACT),
];

/// `<0.012500>`, `<12.5ms ±1.2ms>`, `<at least 12.5ms>`.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let amount = r"([\d.]+)(ns|us|µs|ms|s)?";
    Regex::new(&format!(r"<(?:at least )?{amount}(?: ±{amount})?>$")).unwrap()
});
static ASKED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"tv_nsec=(\d+)").unwrap());

/// One run of the fixture.
struct Outcome {
    /// How long it took.
    seconds: f64,
    /// Slow calls found, and shown with a duration.
    found: usize,
    timed: usize,
    /// Of these, whose duration is within the stated error.
    right: usize,
    /// How far the worst is off beyond the error, in seconds.
    worst: f64,
}

/// Measures and prints.
pub fn run(options: &Options, figures: &mut Figures) {
    println!("{SLOW} calls of 12 to 40 ms on {THREADS} threads among {FAST} fast ones");
    println!("(among {FAST_EXACT} for exact tracing, whose ratio is not taken)");
    let mut outcomes: BTreeMap<Tracer, Vec<Outcome>> = BTreeMap::new();
    let mut ratios: BTreeMap<Tracer, Vec<f64>> = BTreeMap::new();
    let mut random = Random::new();
    let mut order = TRACERS.to_vec();
    order.retain(|(tracer, ..)| options.selects_tracer(tracer.name()));
    for _ in 0..options.runs {
        let untraced = once(None, FAST).unwrap().seconds;
        random.shuffle(&mut order);
        order.retain(|&(tracer, how, fast)| match once(Some(how), fast) {
            Ok(outcome) => {
                if fast == FAST {
                    let ratio = untraced / outcome.seconds;
                    ratios.entry(tracer).or_default().push(ratio);
                }
                outcomes.entry(tracer).or_default().push(outcome);
                true
            }
            Err(why) => {
                println!("{:<36}{why}", tracer.name());
                false
            }
        });
    }
    for (tracer, outcomes) in &outcomes {
        print(*tracer, outcomes, ratios.get(tracer), figures);
    }
}

fn print(tracer: Tracer, all: &[Outcome], ratios: Option<&Vec<f64>>, figures: &mut Figures) {
    let sum = |of: fn(&Outcome) -> usize| all.iter().map(of).sum::<usize>();
    let (timed, right) = (sum(|o| o.timed), sum(|o| o.right));
    let worst = Spread::of(all.iter().map(|o| o.worst)).unwrap().max;
    println!(
        "{:<36}found {} of {}; {right} of {timed} durations within the stated error{}",
        tracer.name(),
        sum(|o| o.found),
        SLOW * all.len(),
        if right < timed {
            format!(", worst {:.1} ms off", worst * 1e3)
        } else {
            String::new()
        },
    );
    if let Some(ratios) = ratios {
        table::line("    throughput, of untraced", ratios, "", 3);
        figures.add("slow-calls", Figure::OfUntraced(tracer), ratios.clone());
    }
    let found = all.iter().map(|o| o.found as f64 / SLOW as f64);
    figures.add("slow-calls", Figure::Found(tracer), found.collect());
    let within = all.iter().map(|o| o.right as f64 / o.timed.max(1) as f64);
    figures.add("slow-calls", Figure::WithinError(tracer), within.collect());
}

fn once(how: Option<&[&str]>, fast: usize) -> Result<Outcome, String> {
    let dir = scratch("compare-slow-calls");
    let (truth, trace) = (dir.join("truth"), dir.join("trace"));
    let (slow, fast) = (SLOW.to_string(), fast.to_string());
    let args = [THREADS, &slow, &fast, truth.to_str().unwrap()];
    let mut target = Fixture::start(&build_c("slowcalls"), &args);
    let tracer = match how {
        None => None,
        Some(how) => {
            let mut command = gostrace(&["-p", &target.pid.to_string()]);
            command.args(["-e", "=clock_nanosleep", "--slow", "10ms", "-T", "-o"]);
            command.arg(&trace).args(how);
            Some(Running::start(command, target.pid)?)
        }
    };
    target.line();
    let seconds = loop {
        // Longer than a fixture may be silent: exact tracing of so many calls takes its time.
        match target.try_next() {
            Some(said) if said["event"] == "done" => break said["ns"].as_f64().unwrap() / 1e9,
            _ => {}
        }
    };
    let mut outcome = Outcome {
        seconds,
        found: 0,
        timed: 0,
        right: 0,
        worst: 0.0,
    };
    if let Some(tracer) = tracer {
        std::thread::sleep(AFTER);
        tracer.stop();
        outcome.compare(&truth, &trace);
    }
    Ok(outcome)
}

impl Outcome {
    /// Holds a trace against the fixture's own account.
    fn compare(&mut self, truth: &Path, trace: &Path) {
        let truth = std::fs::read_to_string(truth).unwrap();
        // By the time asked for, which no two have in common: the time that passed, in ns.
        let truth: BTreeMap<u64, f64> = truth
            .lines()
            .map(|line| {
                let fields: Vec<&str> = line.split(' ').collect();
                (fields[1].parse().unwrap(), fields[3].parse().unwrap())
            })
            .collect();
        assert_eq!(truth.len(), SLOW);
        let mut found = BTreeSet::new();
        for line in std::fs::read_to_string(trace).unwrap().lines() {
            let asked = ASKED.captures(line).and_then(|c| c[1].parse().ok());
            let Some((asked, &passed)) = asked.and_then(|a| truth.get_key_value(&a)) else {
                continue;
            };
            found.insert(*asked);
            let Some((seconds, error)) = time(line) else {
                continue; // not over yet
            };
            let above = seconds - error - passed / 1e9;
            let below = *asked as f64 / 1e9 - seconds - error;
            let off = above.max(below);
            self.timed += 1;
            self.right += usize::from(off <= 1e-6); // exact times have no error, and end in a digit too
            self.worst = self.worst.max(off);
        }
        self.found = found.len();
    }
}

/// The duration that a line shows and the error that it states (none: 0), in seconds.
fn time(line: &str) -> Option<(f64, f64)> {
    let found = TIME.captures(line.trim_end())?;
    let seconds = |n: usize| {
        let unit = match found.get(n + 1).map_or("s", |unit| unit.as_str()) {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            _ => 1.0,
        };
        Some(found.get(n)?.as_str().parse::<f64>().ok()? * unit)
    };
    Some((seconds(1)?, seconds(3).unwrap_or(0.0)))
}
