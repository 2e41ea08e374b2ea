//! How a rate is measured: in each round every tracer once, in another order each time, attached
//! before and detached after; ratios only within a round, so that what the machine does meanwhile
//! falls on both sides.

use crate::criteria::{Figure, Figures};
use crate::options::Options;
use crate::stats::Random;
use crate::table;
use crate::tracer::{Running, Tracer};
use crate::workload::{Target, Workload};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Between attaching or detaching and measuring: backlogs clear, caches warm up.
const SETTLE: Duration = Duration::from_millis(200);

/// What one tracer did in one round.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// By the target's own count, a second.
    pub rate: f64,
    /// CPU time of the tracer, as a share of one CPU.
    pub cpu: f64,
}

/// The rounds of a workload.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    /// Of each round, what was measured.
    pub slots: Vec<BTreeMap<Tracer, Slot>>,
    /// Tracers that did not trace, and why.
    pub refused: BTreeMap<Tracer, String>,
    /// With how many threads each traced at most.
    pub tracer_threads: BTreeMap<Tracer, usize>,
}

impl Rounds {
    /// What `pick` makes of two slots of the same round, in each round that has both.
    pub fn pairs(&self, a: Tracer, b: Tracer, pick: impl Fn(Slot, Slot) -> f64) -> Vec<f64> {
        let both = |round: &BTreeMap<Tracer, Slot>| Some(pick(*round.get(&a)?, *round.get(&b)?));
        self.slots.iter().filter_map(both).collect()
    }

    /// The rate of one as a part of another's.
    pub fn ratios(&self, of: Tracer, to: Tracer) -> Vec<f64> {
        self.pairs(of, to, |a, b| a.rate / b.rate)
    }

    /// The bare loop with as many tracer threads as this tracer had.
    pub fn bare_like(&self, tracer: Tracer) -> Option<Tracer> {
        let threads = *self.tracer_threads.get(&tracer)?;
        Some(Tracer::Bare(threads)).filter(|bare| Tracer::ALL.contains(bare))
    }

    /// What `pick` makes of a tracer's slots.
    pub fn each(&self, tracer: Tracer, pick: impl Fn(Slot) -> f64) -> Vec<f64> {
        self.pairs(tracer, tracer, |slot, _| pick(slot))
    }
}

/// Measures a workload under all tracers and prints the table.
pub fn run(workload: Workload, options: &Options, figures: &mut Figures) {
    let mut target = workload.start();
    let mut random = Random::new();
    let mut rounds = Rounds::default();
    let mut threads = 0;
    let mut order: Vec<Tracer> = Tracer::ALL
        .into_iter()
        .filter(|t| *t == Tracer::Untraced || options.selects_tracer(t.name()))
        .collect();
    for _ in 0..options.runs {
        random.shuffle(&mut order);
        let mut round = BTreeMap::new();
        for &tracer in &order {
            if rounds.refused.contains_key(&tracer) {
                continue;
            }
            match slot(tracer, &mut target, options.window) {
                Ok((slot, with)) => {
                    round.insert(tracer, slot);
                    let most = rounds.tracer_threads.entry(tracer).or_default();
                    *most = with.max(*most);
                }
                Err(why) => {
                    rounds.refused.insert(tracer, why);
                }
            }
        }
        threads = target.threads().max(threads);
        rounds.slots.push(round);
    }
    table::print(workload, threads, &rounds);
    keep(workload.name(), &rounds, figures);
}

/// What the criteria are about.
fn keep(name: &'static str, rounds: &Rounds, figures: &mut Figures) {
    for tracer in Tracer::ALL {
        let cpu = rounds.each(tracer, |slot| slot.cpu);
        figures.add(name, Figure::Cpu(tracer), cpu);
        figures.add(
            name,
            Figure::OfUntraced(tracer),
            rounds.ratios(tracer, Tracer::Untraced),
        );
        if let Some(strace) = tracer.strace() {
            figures.add(
                name,
                Figure::OfStrace(tracer),
                rounds.ratios(tracer, strace),
            );
        }
        if let Some(bare) = rounds.bare_like(tracer) {
            figures.add(name, Figure::OfBare(tracer), rounds.ratios(tracer, bare));
        }
    }
}

fn slot(tracer: Tracer, target: &mut Target, window: Duration) -> Result<(Slot, usize), String> {
    let running = match tracer {
        Tracer::Untraced => None,
        _ => Some(tracer.start(target.pid)?),
    };
    std::thread::sleep(SETTLE);
    let cpu = |running: &Option<Running>| running.as_ref().map_or(Duration::ZERO, Running::cpu);
    let (before, cpu_before, began) = (target.count()?, cpu(&running), Instant::now());
    std::thread::sleep(window);
    let (after, cpu_after, took) = (target.count()?, cpu(&running), began.elapsed());
    let threads = running.as_ref().map_or(0, Running::tracer_threads);
    let slot = Slot {
        rate: after.rate_since(before),
        cpu: (cpu_after - cpu_before).as_secs_f64() / took.as_secs_f64(),
    };
    Ok((slot, threads))
}
