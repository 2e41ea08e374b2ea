//! `gostrace dump` as a child process, and its output.

use super::run::{Output, Running, gostrace};
use super::traceback::parse;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long it may take in the worst case.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs it with these arguments.
pub fn run(args: &[&str]) -> Output {
    let mut words = vec!["dump"];
    words.extend(args);
    Running::start(&mut gostrace(&words)).wait(LIMIT)
}

/// What it prints of this process.
pub fn dump(pid: i32, args: &[&str]) -> String {
    let pid = pid.to_string();
    let mut words = vec!["-p", &pid];
    words.extend(args);
    let output = run(&words);
    assert!(output.status.success(), "{output:#?}");
    output.stdout
}

/// The same with --json.
pub fn dump_json(pid: i32, args: &[&str]) -> Value {
    let mut words = vec!["--json"];
    words.extend(args);
    serde_json::from_str(&dump(pid, &words)).unwrap()
}

/// The ids above each group, and in the headers of goroutines without a group.
pub fn ids_of_groups(text: &str) -> BTreeSet<u64> {
    let mut ids: BTreeSet<u64> = parse(text).into_keys().collect();
    for line in text.lines() {
        let Some((_, list)) = line.split_once(" goroutines with this stack: ") else {
            continue;
        };
        for range in list.split(';').next().unwrap().split(", ") {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            ids.extend(first.parse::<u64>().unwrap()..=last.parse().unwrap());
        }
    }
    ids
}
