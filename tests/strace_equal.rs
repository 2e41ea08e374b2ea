//! The same deterministic run under strace and under gostrace: call for call, argument for argument,
//! result for result the same text.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::Command;
use support::run::Running;
use support::{SOON, build_c, scratch, tool};

/// Runs the program under `tracer` without ASLR and an environment, and returns the trace from the
/// program's own first call on.
fn trace(tracer: &Path, options: &[&str], program: &Path, dir: &Path) -> Vec<String> {
    let file = dir.join(tracer.file_name().unwrap());
    let mut command = Command::new(tool("setarch", "util-linux"));
    command.arg("-R").arg(tracer).args(options);
    command.arg("-o").arg(&file).arg("--").arg(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir(dir);
    let ended = Running::start(&mut command).wait(SOON);
    assert!(ended.status.success(), "{ended:#?}");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(comparable);
    let own: Vec<String> = lines.skip_while(|l| !l.starts_with("nanosleep(")).collect();
    assert!(own.len() > 100, "{text}");
    own
}

/// Without the thread id, without what took how long, and without our remarks on timeouts.
fn comparable(line: &str) -> String {
    let mut line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let mut out = String::new();
    for (from, to) in [(" /* ", " */"), ("left {", "}")] {
        if let Some((before, rest)) = line.split_once(from)
            && let Some((_, after)) = rest.split_once(to)
        {
            out.push_str(before);
            line = after;
        }
    }
    out.push_str(line);
    // The result stands in a column, which a remark moves.
    match out.split_once(" = ") {
        Some((call, result)) => format!("{} = {result}", call.trim_end()),
        None => out,
    }
}

#[test]
fn every_blocking_call_reads_as_in_strace() {
    let program = build_c("calls");
    let dir = scratch("strace-equal");
    let gostrace = Path::new(env!("CARGO_BIN_EXE_gostrace"));
    for shared in [&[][..], &["-x"], &["-xx"], &["-s", "7"], &["-a", "60"]] {
        let their_options = [&["-f"], shared].concat();
        let our_options = [&["-q", "-e", "decode-fds=none"], shared].concat();
        let theirs = trace(&tool("strace", "strace"), &their_options, &program, &dir);
        let ours = trace(gostrace, &our_options, &program, &dir);
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{shared:?}");
        }
        assert_eq!(ours.len(), theirs.len());
    }
}
