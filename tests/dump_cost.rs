//! What a dump of 100,000 goroutines costs: gostrace, and the process that it looks at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::time::{Duration, Instant};
use support::dump::ids_of_groups;
use support::run::{Fixture, gostrace};
use support::{Go, NEWEST_GO, OLDEST_GO, proc, scratch};

/// `cargo test --release --test dump_cost -- --ignored`
#[test]
#[ignore = "takes a release build to mean anything"]
fn a_hundred_thousand_goroutines_take_less_than_a_second_and_300_megabytes() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let fixture = Fixture::start::<&str>(&exe, &[]);
        let file = scratch("dump-many").join("out");
        let pid = fixture.pid.to_string();
        let mut times = Vec::new();
        let mut most = 0;
        for _ in 0..5 {
            let began = Instant::now();
            let mut command = gostrace(&["dump", "-p", &pid, "-o", file.to_str().unwrap()]);
            let mut child = command.spawn().unwrap();
            while child.try_wait().unwrap().is_none() {
                let peak = proc::status(child.id().cast_signed(), "VmHWM").unwrap_or_default();
                let peak = peak.split(' ').next().unwrap().parse().unwrap_or(0);
                most = most.max(peak);
                std::thread::sleep(Duration::from_millis(5));
            }
            times.push(began.elapsed());
            assert!(most < 300 * 1024, "{most} kB");
        }
        let best = times.iter().min().unwrap();
        println!("go{version}: {times:?}, at most {most} kB");
        assert!(*best < Duration::from_secs(1), "{times:?}");
        let ids = ids_of_groups(&fs::read_to_string(file).unwrap());
        assert!(ids.len() > 100_000, "{}", ids.len());
    }
}

/// What the target did in a while: turns of a pair of goroutines that hand a token to and fro.
struct Rate {
    per_second: f64,
    per_cpu_second: f64,
}

/// Lets the target work for a while, with one dump after the other of `dumped`, if any.
fn work(target: &mut Fixture, dumped: Option<i32>, dumps: &mut usize) -> Rate {
    const WHILE: Duration = Duration::from_secs(2);
    let mut ask = || {
        target.line();
        let said = target.until("turns");
        ["turns", "ns", "cpu_ns"].map(|field| said[field].as_f64().unwrap())
    };
    let before = ask();
    let began = Instant::now();
    match dumped {
        None => std::thread::sleep(WHILE),
        Some(pid) => {
            let pid = pid.to_string();
            while began.elapsed() < WHILE {
                let mut dump = gostrace(&["dump", "-p", &pid, "-o", "/dev/null"]);
                assert!(dump.status().unwrap().success());
                *dumps += 1;
            }
        }
    }
    let after = ask();
    let [turns, ns, cpu] = [0, 1, 2].map(|n| after[n] - before[n]);
    assert!(turns > 0.0);
    Rate {
        per_second: turns / ns * 1e9,
        per_cpu_second: turns / cpu * 1e9,
    }
}

/// `cargo test --release --test dump_cost -- --ignored --nocapture throughput`, on a quiet machine.
///
/// Three ways in turn: the target alone; while its twin is dumped again and again, which takes as
/// much of the machine and does not touch it; while it is dumped itself. What the third loses
/// against the second is the price of being read; the spread of each is the noise.
#[test]
#[ignore = "takes a release build and a quiet machine to mean anything"]
fn the_throughput_of_a_process_that_is_dumped_all_the_time() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let args = ["-work", "1", "-count"];
        let twin = Fixture::start(&exe, &args[..0]);
        let mut target = Fixture::start(&exe, &args);
        let ways = [None, Some(twin.pid), Some(target.pid)];
        let mut rates: [Vec<Rate>; 3] = Default::default();
        let mut dumps = [0; 3];
        for _ in 0..8 {
            for (n, dumped) in ways.into_iter().enumerate() {
                rates[n].push(work(&mut target, dumped, &mut dumps[n]));
            }
        }
        type Of = fn(&Rate) -> f64;
        let kinds: [(&str, Of); 2] = [
            ("second", |r| r.per_second),
            ("CPU second of its own", |r| r.per_cpu_second),
        ];
        for (kind, of) in kinds {
            let [alone, twin, dumped] = rates.each_ref().map(|rates| Spread::of(rates, of));
            println!(
                "go{version}, 1000 turns a {kind}: alone {alone}, twin dumped {twin} ({} times), \
                 dumped {dumped} ({} times): {:.3} of alone, {:.3} of twin",
                dumps[1],
                dumps[2],
                dumped.median / alone.median,
                dumped.median / twin.median,
            );
        }
    }
}

/// The median, and all there is from the first to the third quarter.
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(rates: &[Rate], of: fn(&Rate) -> f64) -> Spread {
        let mut all: Vec<f64> = rates.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        let at = |quarters: usize| all[(all.len() - 1) * quarters / 4];
        Spread {
            low: at(1),
            median: at(2),
            high: at(3),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [low, median, high] = [self.low, self.median, self.high].map(|rate| rate / 1e3);
        write!(f, "{median:.0} [{low:.0}..{high:.0}]")
    }
}
