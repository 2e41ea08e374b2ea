//! Figures as text.

use crate::rounds::Rounds;
use crate::stats::Spread;
use crate::tracer::Tracer;
use crate::workload::Workload;

fn text(spread: Option<Spread>, decimals: usize) -> String {
    spread.map_or_else(|| "-".to_owned(), |s| format!("{s:.decimals$}"))
}

/// One workload's rates: a line for each tracer.
pub fn print(workload: Workload, threads: usize, rounds: &Rounds) {
    let (what, unit) = workload.describe();
    println!("{what}; {threads} threads; {} rounds", rounds.slots.len());
    println!(
        "{:<36}{:>12}  {:<22}{:<20}{:<20}{:>9}",
        "median (min..max) over rounds",
        unit,
        "of untraced",
        "of strace's",
        "of bare loop's",
        "tracer"
    );
    for tracer in Tracer::ALL {
        if let Some(why) = rounds.refused.get(&tracer) {
            println!("{:<36}{why}", tracer.name());
            continue;
        }
        let Some(rate) = Spread::of(rounds.each(tracer, |slot| slot.rate)) else {
            continue;
        };
        let of = |other| Spread::of(rounds.ratios(tracer, other));
        let is_bare = matches!(tracer, Tracer::Bare(_));
        let bare = rounds.bare_like(tracer).filter(|_| !is_bare).and_then(of);
        let cpu = Spread::of(rounds.each(tracer, |slot| slot.cpu * 100.0));
        println!(
            "{:<36}{:>12.0}  {:<22}{:<20}{:<20}{:>8.1}%",
            tracer.name(),
            rate.median,
            text(of(Tracer::Untraced), 3),
            text(tracer.strace().and_then(of), 2),
            text(bare, 2),
            cpu.map_or(0.0, |cpu| cpu.median),
        );
    }
    println!("tracer: CPU time as a share of one CPU");
}

/// A line for a figure by itself.
pub fn line(what: &str, values: &[f64], unit: &str, decimals: usize) {
    println!(
        "{what:<44}{} {unit}",
        text(Spread::of(values.iter().copied()), decimals)
    );
}
