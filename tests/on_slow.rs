//! The command of `--on-slow`: what it is told, and that its trouble is its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use serde_json::Value;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, scratch, wait_for};

fn naps() -> Fixture {
    let naps = Go::of(NEWEST_GO).build("naps");
    Fixture::start(&naps, &["-threads", "8", "-nap", "30ms"])
}

#[test]
fn it_is_told_the_facts_and_runs_seldom_enough() {
    let dir = scratch("on-slow");
    let fixture = naps();
    // Whole or not at all, under a name of its own.
    let script = r#"cat >$$.tmp; echo "$GOSTRACE_PID $GOSTRACE_SYSCALL $GOSTRACE_CLASS $GOSTRACE_CALLER" >>$$.tmp; mv $$.tmp $$.run"#;
    let command = format!("sh -c 'cd {} && {script}'", dir.display());
    let tracer = Running::start(&mut gostrace(&[
        "-e",
        "nanosleep",
        "--on-slow",
        &command,
        "--slow",
        "20ms",
        "-o",
        "/dev/null",
        "-p",
        &fixture.pid.to_string(),
    ]));
    let runs = || {
        let entries = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path());
        entries
            .filter(|p| p.extension().is_some_and(|e| e == "run"))
            .collect::<Vec<_>>()
    };
    wait_for("eight runs", SOON, || (runs().len() >= 8).then_some(()));
    let said = tracer.stop();
    assert!(said.status.success(), "{said:?}");
    for path in runs() {
        let text = std::fs::read_to_string(path).unwrap();
        let (json, facts) = text.trim_end().split_once('\n').unwrap();
        let event: Value = serde_json::from_str(json).unwrap();
        assert_eq!(event["name"], "nanosleep");
        assert_eq!(facts, format!("{} nanosleep user main.below", fixture.pid));
    }
    assert!(
        said.stderr.contains(" dropped: too many at once"),
        "{said:?}"
    );
}

#[test]
fn its_failure_is_said_and_is_not_ours() {
    let fixture = naps();
    let tracer = Running::start(&mut gostrace(&[
        "--on-slow",
        "false",
        "--slow",
        "20ms",
        "-d",
        "1s",
        "-o",
        "/dev/null",
        "-p",
        &fixture.pid.to_string(),
    ]));
    let said = tracer.wait(SOON);
    assert!(said.status.success(), "{said:?}");
    let first = "gostrace: --on-slow: false: exit status: 1\n";
    assert_eq!(said.stderr.matches(first).count(), 1, "{said:?}");
    assert!(said.stderr.contains(" failed\n"), "{said:?}");
}

#[test]
fn a_started_command_keeps_its_exit_status_and_one_that_is_missing_is_said_first() {
    let run = |on_slow, command| {
        let args = [
            "--on-slow",
            on_slow,
            "--slow",
            "10ms",
            "-o",
            "/dev/null",
            "sh",
            "-c",
            command,
        ];
        Running::start(&mut gostrace(&args)).wait(SOON)
    };
    let said = run("true", "sleep 0.05; exit 7");
    assert_eq!(said.status.code(), Some(7), "{said:?}");
    let said = run("/no/such/command", "exit 7");
    assert_eq!(said.status.code(), Some(125), "{said:?}");
    assert!(
        said.stderr
            .contains("--on-slow /no/such/command: No such file"),
        "{said:?}"
    );
}
