//! `gostrace hang`: how much longer `go test` takes under watch, on packages that do not hang. One
//! computes on all CPUs, the other mostly waits, which is when its processes are looked into.

use crate::criteria::{Figure, Figures};
use crate::options::Options;
use crate::stats::Random;
use crate::support::{NEWEST_GO, root};
use crate::table;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PACKAGES: [&str; 2] = ["encoding/json", "net/http"];
/// A hang in CI is told after at least so long.
const AFTER: &str = "30s";

pub fn run(options: &Options, figures: &mut Figures) {
    let go = Command::new(root().join(".ci/go")).arg(NEWEST_GO).output();
    let go = String::from_utf8(go.unwrap().stdout).unwrap();
    let go = Path::new(go.trim());
    for package in PACKAGES {
        // All is compiled once before; what remains is linking and the tests themselves.
        seconds(go, package, false);
        let (mut alone, mut ratios) = (Vec::new(), Vec::new());
        let mut random = Random::new();
        for _ in 0..options.runs {
            let mut order = [false, true];
            random.shuffle(&mut order);
            let mut taken = [0.0, 0.0];
            for watched in order {
                taken[usize::from(watched)] = seconds(go, package, watched);
            }
            alone.push(taken[0]);
            ratios.push(taken[1] / taken[0]);
        }
        println!("go test -count=1 {package}; {} rounds", options.runs);
        table::line("by itself", &alone, "s", 2);
        table::line("under gostrace hang, of that", &ratios, "times", 4);
        figures.add(package, Figure::Longer, ratios);
    }
}

/// How long the tests of a package take.
fn seconds(go: &Path, package: &str, watched: bool) -> f64 {
    let mut command = match watched {
        true => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gostrace"));
            command.args(["hang", "--after", AFTER, "--"]).arg(go);
            command
        }
        false => Command::new(go),
    };
    command.args(["test", "-count=1", "-vet=off", "-short", package]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let status = command.status().unwrap();
    assert!(status.success(), "go test {package}: {status}");
    began.elapsed().as_secs_f64()
}
