//! Stacks, goroutines and threads against what runtime.Callers said just before each call, under
//! garbage collection, preemption and stack growth.

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use support::run::{Fixture, Running, gostrace};
use support::trace::{Call, parse};
use support::{Go, NEWEST_GO, OLDEST_GO, scratch};

const LIMIT: Duration = Duration::from_secs(120);

/// Runs the fixture under gostrace; checks every call; returns how many there were.
fn compare(go: Go, test: &str, calls: usize, block: bool) {
    let dir = scratch(test);
    let (truth, output) = (dir.join("truth"), dir.join("trace"));
    let calls_arg = calls.to_string();
    let mut args = vec!["-calls", &calls_arg, "-truth", truth.to_str().unwrap()];
    let select = if block {
        args.push("-block");
        ["-e", "=clock_nanosleep", "--slow", "10ms"].as_slice()
    } else {
        ["-e", "=pread64", "-k"].as_slice()
    };
    let mut fixture = Fixture::start(&go.build("callers"), &args);
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "-q", "-o", output.to_str().unwrap()]);
    let mut tracer = Running::start(command.args(select));
    tracer.wait_attached(fixture.pid);
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    assert!(said.last().unwrap()["calls"].as_u64() >= calls.try_into().ok());
    let ended = tracer.wait(LIMIT);
    assert!(ended.status.success(), "{ended:?}");

    let text = std::fs::read_to_string(&output).unwrap();
    let mut traced: BTreeMap<u64, Call> = BTreeMap::new();
    for call in parse(&text) {
        if call.open.is_none()
            && let Some(sequence) = sequence(&call, block)
        {
            assert!(
                traced.insert(sequence, call).is_none(),
                "call {sequence} twice"
            );
        }
    }
    let mut wrong = Vec::new();
    let accounts = std::fs::read_to_string(&truth).unwrap();
    for line in accounts.lines() {
        let account: Value = serde_json::from_str(line).unwrap();
        let sequence = account["seq"].as_u64().unwrap();
        match traced.get(&sequence) {
            None => wrong.push(format!("call {sequence} is missing")),
            Some(call) => wrong.extend(differences(&account, call)),
        }
    }
    let total = wrong.len();
    wrong.truncate(10);
    assert!(
        total == 0,
        "{total} of {calls} calls differ:\n{}",
        wrong.join("\n")
    );
}

/// The number that the call carries in its arguments.
fn sequence(call: &Call, block: bool) -> Option<u64> {
    if block {
        let (_, rest) = call.args.split_once("tv_nsec=")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()?.checked_sub(12_000_000)
    } else {
        call.args.rsplit(", ").next()?.parse().ok()
    }
}

fn differences(account: &Value, call: &Call) -> Option<String> {
    let stack: Vec<String> = call
        .frames
        .iter()
        .map(|frame| format!("{} {}:{}", frame.func, frame.file, frame.line))
        .collect();
    // From the caller of the function that makes the call on.
    let own = call
        .frames
        .iter()
        .position(|frame| frame.func == "main.act");
    let below = own.map_or([].as_slice(), |at| &stack[at + 1..]);
    let expected: Vec<&str> = account["stack"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame.as_str().unwrap())
        .collect();
    let same = below == expected
        && call.goid == account["goid"].as_i64()
        && Some(i64::from(call.tid)) == account["tid"].as_i64();
    (!same).then(|| {
        format!(
            "{}\n  got: thread {} goroutine {:?} {stack:#?} {:?}\n  program: {account:#}",
            call.text(),
            call.tid,
            call.goid,
            call.remarks
        )
    })
}

#[test]
fn stacks_of_the_newest_go_are_what_the_runtime_says() {
    compare(Go::of(NEWEST_GO), "stacks-newest", 2000, false);
}

#[test]
fn stacks_of_the_oldest_go_are_what_the_runtime_says() {
    compare(Go::of(OLDEST_GO), "stacks-oldest", 2000, false);
}

#[test]
fn stripped_position_independent_builds_are_no_worse() {
    for (version, test) in [
        (NEWEST_GO, "stacks-pie-newest"),
        (OLDEST_GO, "stacks-pie-oldest"),
    ] {
        let go = Go {
            strip: true,
            pie: true,
            ..Go::of(version)
        };
        compare(go, test, 500, false);
    }
}

#[test]
fn stacks_of_calls_that_block_are_what_the_runtime_says() {
    for (version, test) in [
        (NEWEST_GO, "stacks-slow-newest"),
        (OLDEST_GO, "stacks-slow-oldest"),
    ] {
        compare(Go::of(version), test, 400, true);
    }
}
