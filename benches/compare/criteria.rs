//! The bounds that the project has set itself, and whether the figures keep them. A machine may be at
//! fault for a figure: nothing fails here.

use crate::stats::Spread;
use crate::support::root;
use crate::tracer::Tracer::{self, All, Few, Overhead, Sample};
use std::collections::BTreeMap;

/// What a figure says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Figure {
    /// The rate, as a part of the untraced one.
    OfUntraced(Tracer),
    /// As a part of strace's with the same selection.
    OfStrace(Tracer),
    /// As a part of the bare loop's with as many tracer threads.
    OfBare(Tracer),
    /// The tracer's CPU time, as a share of one CPU.
    Cpu(Tracer),
    /// The part of the slow calls that was found.
    Found(Tracer),
    /// The part of the durations shown that is within the error shown.
    WithinError(Tracer),
    /// Milliseconds from the start of gostrace to its first event.
    FirstEventMs,
    /// Megabytes of memory at most.
    PeakMb,
    /// Slow calls a second, with their stacks, that were written.
    Written,
    /// The part of the target's own count that was written, none dropped.
    WrittenPart,
    /// The time that a command takes under watch, in times of what it takes by itself.
    Longer,
    /// Microseconds to unwind and symbolise a stack.
    StackMicros,
}

/// All that was measured.
#[derive(Debug, Default)]
pub struct Figures(BTreeMap<(&'static str, Figure), Vec<f64>>);

impl Figures {
    /// Keeps the values of each round.
    pub fn add(&mut self, workload: &'static str, figure: Figure, values: Vec<f64>) {
        if !values.is_empty() {
            self.0.insert((workload, figure), values);
        }
    }

    /// Of a workload, or of the one where the median is the worst.
    fn find(&self, wanted: Wanted, figure: Figure, bound: Bound) -> Option<(&'static str, Spread)> {
        let of_wanted = |name: &str| match wanted {
            Each => true,
            On(workload) => name == workload,
        };
        let found = self
            .0
            .iter()
            .filter(|((name, f), _)| *f == figure && of_wanted(name));
        let spreads = found
            .filter_map(|((name, _), values)| Some((*name, Spread::of(values.iter().copied())?)));
        spreads.min_by(|a, b| {
            bound
                .margin(a.1.median)
                .total_cmp(&bound.margin(b.1.median))
        })
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    On(&'static str),
    /// On the worst of all that were measured.
    Each,
}
use Wanted::{Each, On};

#[derive(Clone, Copy)]
enum Bound {
    Least(f64),
    Most(f64),
}
use Bound::{Least, Most};

impl Bound {
    /// How far on the right side of the bound a value is.
    fn margin(self, value: f64) -> f64 {
        match self {
            Least(bound) => value - bound,
            Most(bound) => bound - value,
        }
    }
}

/// Number and wording, workload, figure, bound.
#[rustfmt::skip]
const CRITERIA: &[(&str, Wanted, Figure, Bound)] = &[
    ("1  --sample, of untraced",               On("http"),       Figure::OfUntraced(Sample),    Least(0.97)),
    ("1  --sample, share of one CPU",          On("http"),       Figure::Cpu(Sample),           Most(0.05)),
    ("2  --overhead 5%, of untraced",          On("http"),       Figure::OfUntraced(Overhead),  Least(0.93)),
    ("2  --overhead 5%, of untraced",          On("loop-1"),     Figure::OfUntraced(Overhead),  Least(0.93)),
    ("2  --overhead 5%, of untraced",          On("loop-2"),     Figure::OfUntraced(Overhead),  Least(0.93)),
    ("2  --overhead 5%, of untraced",          On("loop-4"),     Figure::OfUntraced(Overhead),  Least(0.93)),
    ("2  --overhead 5%, of untraced",          On("loop-8"),     Figure::OfUntraced(Overhead),  Least(0.93)),
    ("2  --overhead 5%, slow calls found",     On("slow-calls"), Figure::Found(Overhead),       Least(1.0)),
    ("2  --overhead 5%, durations in error",   On("slow-calls"), Figure::WithinError(Overhead), Least(1.0)),
    ("2  --sample, slow calls found",          On("slow-calls"), Figure::Found(Sample),         Least(1.0)),
    ("2  --sample, durations in error",        On("slow-calls"), Figure::WithinError(Sample),   Least(1.0)),
    ("3  exact, two calls, of strace's",       On("http"),       Figure::OfStrace(Few),         Least(1.25)),
    ("3  exact, all calls, of strace's",       On("http"),       Figure::OfStrace(All),         Least(1.25)),
    ("3  exact, two calls, of strace's, worst", Each,            Figure::OfStrace(Few),         Least(0.95)),
    ("3  exact, all calls, of strace's, worst", Each,            Figure::OfStrace(All),         Least(0.95)),
    ("3  exact, two calls, of bare's, worst",  Each,             Figure::OfBare(Few),           Least(0.9)),
    ("3  exact, all calls, of bare's, worst",  Each,             Figure::OfBare(All),           Least(0.9)),
    ("4  first event, ms",                     On("attach"),     Figure::FirstEventMs,          Most(50.0)),
    ("4  peak memory, MB",                     On("attach"),     Figure::PeakMb,                Most(64.0)),
    ("5  stack unwound and symbolised, us",    On("micro"),      Figure::StackMicros,           Most(10.0)),
    ("5  slow calls written a second",         On("write"),      Figure::Written,               Least(20_000.0)),
    ("5  part of them written",                On("write"),      Figure::WrittenPart,           Least(0.999)),
    ("6  go test that computes, under watch",  On("encoding/json"), Figure::Longer,             Most(1.02)),
    ("6  go test that waits, under watch",     On("net/http"),   Figure::Longer,                Most(1.02)),
];

/// Prints each bound with its figure.
pub fn print(figures: &Figures) {
    let mut figures = Figures(figures.0.clone());
    figures.add(
        "micro",
        Figure::StackMicros,
        stack_micros().into_iter().collect(),
    );
    println!("\n== bounds (median (min..max); the median counts)");
    for &(what, wanted, figure, bound) in CRITERIA {
        let limit = match bound {
            Least(bound) => format!("at least {bound}"),
            Most(bound) => format!("at most {bound}"),
        };
        let (verdict, value) = match figures.find(wanted, figure, bound) {
            None => ("not measured", String::new()),
            Some((workload, spread)) => {
                let met = bound.margin(spread.median) >= 0.0;
                (
                    if met { "met" } else { "NOT MET" },
                    format!("{spread:.3} on {workload}"),
                )
            }
        };
        let on = match wanted {
            On(workload) => workload,
            Each => "any",
        };
        println!("{verdict:<13}{what:<42}{on:<12}{limit:<17}{value}");
    }
}

/// What `cargo bench --bench micro` has measured last.
fn stack_micros() -> Option<f64> {
    let path = root().join("target/criterion/stack_unwind_symbolise/new/estimates.json");
    let estimates: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? / 1e3)
}
