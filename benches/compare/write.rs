//! How many slow calls, each with its stack, are written a second, while more happen all the time.

use crate::criteria::{Figure, Figures};
use crate::options::Options;
use crate::support::run::{Fixture, gostrace};
use crate::support::{Go, NEWEST_GO, scratch};
use crate::table;
use crate::tracer::Running;
use crate::workload::Target;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Measures and prints.
pub fn run(options: &Options, figures: &mut Figures) {
    let program = Go::of(NEWEST_GO).build("naps");
    let mut command = Command::new(program);
    // A P for each thread: what is counted are slow calls, not what the scheduler does between them.
    command.args(["-threads", "64"]).env("GOMAXPROCS", "72");
    let mut target = Target::counting(Fixture::start_command(&mut command));
    let output = scratch("compare-write").join("trace");
    let (mut untraced, mut written, mut part, mut last) = (vec![], vec![], vec![], vec![]);
    for _ in 0..options.runs {
        let before = target.count().unwrap();
        std::thread::sleep(options.window / 2);
        untraced.push(target.count().unwrap().rate_since(before));

        let mut command = gostrace(&["-p", &target.pid.to_string(), "-e", "nanosleep"]);
        command.args(["--slow", "900us", "-o"]).arg(&output);
        let tracer = Running::start(command, target.pid).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let (before, from) = (target.count().unwrap(), length(&output));
        std::thread::sleep(options.window);
        let (after, to) = (target.count().unwrap(), length(&output));
        let stopping = Instant::now();
        let said = tracer.stop();
        last.push(stopping.elapsed().as_secs_f64());

        let shown = calls(&output, from, to) as f64;
        let made = after.since(before) as f64;
        part.push(shown / made);
        written.push(after.rate_since(before) * shown / made);
        if let Some(line) = said.lines().find(|line| line.contains("dropped")) {
            println!("{line}");
        }
    }
    let _ = std::fs::remove_file(&output);
    println!("64 threads sleep 1 ms each, over and over, ten Go functions deep");
    table::line("slow calls made, untraced", &untraced, "a second", 0);
    table::line(
        "slow calls written with their stacks",
        &written,
        "a second",
        0,
    );
    table::line("of those that were made meanwhile", &part, "", 4);
    table::line("from Ctrl-C to the end", &last, "s", 3);
    figures.add("write", Figure::Written, written);
    figures.add("write", Figure::WrittenPart, part);
}

fn length(trace: &Path) -> u64 {
    std::fs::metadata(trace).unwrap().len()
}

/// The calls that have ended in this part of a trace; one that is reported as blocked ends later.
fn calls(trace: &Path, from: u64, to: u64) -> usize {
    let mut file = File::open(trace).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    BufReader::new(file.take(to - from))
        .lines()
        .map_while(Result::ok)
        .filter(|line| line.contains("nanosleep(") && line.contains(") = "))
        .count()
}
