//! What tracing costs: gostrace, strace and a bare ptrace loop on the same workloads, as ratios.
//!
//! ```text
//! cargo bench --bench compare                          everything, about half an hour
//! cargo bench --bench compare -- http --runs 5         what has `http` in its name
//! cargo bench --bench compare -- --list                the names
//! ```
//! Nothing fails for being slow: machines differ. Where to find what: `workload.rs` and `tracer.rs`
//! say what is run, `rounds.rs` how it is measured, `criteria.rs` what `--check` holds it against.
//! Workloads without a rate have a file each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/support/mod.rs"]
mod support;

mod attach;
mod big;
mod calls_per_stop;
mod criteria;
mod dumps;
mod hang;
mod machine;
mod options;
mod rounds;
mod slow_calls;
mod stats;
mod table;
mod tracer;
mod workload;
mod write;

use criteria::Figures;
use options::Options;
use workload::Workload;

/// Measures something, prints the figures and keeps those that there are bounds for.
type Run = Box<dyn Fn(&Options, &mut Figures)>;

/// What is measured, in the order of running: name and how.
fn all() -> Vec<(String, Run)> {
    let mut all: Vec<(String, Run)> = Vec::new();
    for workload in Workload::ALL {
        let run = move |options: &Options, figures: &mut Figures| {
            rounds::run(workload, options, figures);
        };
        all.push((workload.name().to_owned(), Box::new(run)));
    }
    all.push(("slow-calls".to_owned(), Box::new(slow_calls::run)));
    all.push(("attach".to_owned(), Box::new(attach::run)));
    for count in [1_000, 10_000, 100_000] {
        let run = move |options: &Options, figures: &mut Figures| {
            dumps::run(count, options, figures);
        };
        all.push((format!("dump-{count}"), Box::new(run)));
    }
    all.push(("write".to_owned(), Box::new(write::run)));
    all.push(("hang".to_owned(), Box::new(hang::run)));
    all.push(("calls-per-stop".to_owned(), Box::new(calls_per_stop::run)));
    all
}

fn main() {
    let options = Options::from_args();
    if options.list {
        all().iter().for_each(|(name, _)| println!("{name}"));
        return;
    }
    if !options.bench {
        println!("compare: measures only when run by `cargo bench`");
        return;
    }
    machine::print_facts();
    let mut figures = Figures::default();
    for (name, run) in all() {
        if options.selects(&name) {
            println!("\n== {name}");
            run(&options, &mut figures);
        }
    }
    if options.check {
        criteria::print(&figures);
    }
}
