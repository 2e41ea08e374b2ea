//! `gostrace dump` of a program with very many goroutines.

use crate::criteria::Figures;
use crate::options::Options;
use crate::support::run::{Fixture, gostrace};
use crate::support::{Go, NEWEST_GO};
use crate::{machine, table};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Measures and prints. There is no bound on it.
pub fn run(goroutines: u32, options: &Options, _: &mut Figures) {
    let program = Go::of(NEWEST_GO).build("manygoroutines");
    let target = Fixture::start(&program, &["-n", &goroutines.to_string()]);
    let pid = target.pid.to_string();
    for arguments in [&["dump", "-p", &pid][..], &["dump", "-p", &pid, "--all"]] {
        let (mut seconds, mut peaks) = (Vec::new(), Vec::new());
        for _ in 0..options.runs {
            let began = Instant::now();
            let mut child = gostrace(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // What it had in its last millisecond is missed.
            let mut peak = 0.0_f64;
            let status = loop {
                let now = machine::peak_mb(child.id().cast_signed()).unwrap_or(0.0);
                peak = peak.max(now);
                match child.try_wait().unwrap() {
                    Some(status) => break status,
                    None => std::thread::sleep(Duration::from_millis(1)),
                }
            };
            seconds.push(began.elapsed().as_secs_f64());
            peaks.push(peak);
            assert!(status.success(), "gostrace dump: {status}");
        }
        let all = if arguments.contains(&"--all") {
            " --all"
        } else {
            ""
        };
        table::line(&format!("gostrace dump{all}: took"), &seconds, "s", 3);
        table::line(&format!("gostrace dump{all}: peak memory"), &peaks, "MB", 1);
    }
}
