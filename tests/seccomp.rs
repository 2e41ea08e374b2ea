//! `--seccomp-bpf`: the same calls are seen as without it, others never stop, and nothing that runs
//! under the filter outlives its tracer.

#![allow(clippy::unwrap_used)]

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex::Regex;
use std::path::Path;
use std::process::{Command, Stdio};
use support::run::{Fixture, Output, Running, gostrace};
use support::{SOON, build_c, proc, scratch, wait_for};

/// Runs a command under gostrace with these options; what each thread did, in the order in which
/// they were born, without ids and addresses.
fn traced(options: &[&str], command: &[&str]) -> (Output, Vec<Vec<String>>) {
    let file = scratch("filtered").join("trace");
    let mut tracer = gostrace(&["-q", "-f", "-e", "decode-fds=none"]);
    tracer.args(options).arg("-o").arg(&file).arg("--");
    let output = Running::start(tracer.args(command)).wait(SOON);
    let numbers = Regex::new(r"0x[0-9a-f]+|\b[0-9]{3,}\b").unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let threads = support::trace::per_thread(&text).into_values();
    let plain = |call: &String| numbers.replace_all(call, "N").into_owned();
    let threads = threads.map(|calls| calls.iter().map(plain).collect());
    (output, threads.collect())
}

const SCRIPT: &str = "(exit 3); cat /etc/hostname >/dev/null; cat /nonexistent; (kill -TERM $PPID & wait) & wait; exit 9";

#[test]
fn the_same_calls_of_a_command_and_its_children_are_seen() {
    let script = SCRIPT.replace("$PPID", "$$");
    let script = format!("trap : TERM; {script}");
    let calls = "execve,openat,close,wait4,exit_group,kill,rt_sigreturn";
    for command in [
        vec!["sh", "-c", &script],
        vec!["sh", "-c", "exec sh -c 'exit 9'"],
    ] {
        let (plain, all) = traced(&["-e", calls, "-e", "signal=none"], &command);
        let (filtered, some) = traced(
            &["-e", calls, "-e", "signal=none", "--seccomp-bpf"],
            &command,
        );
        assert!(
            all.concat().iter().any(|c| c.starts_with("openat(")),
            "{all:#?}"
        );
        assert_eq!(plain.status.code(), Some(9), "{plain:#?}");
        assert_eq!(filtered.status.code(), Some(9), "{filtered:#?}");
        let first = |threads: &[Vec<String>]| threads.first().map(|c| c.first().cloned());
        assert_eq!(first(&all), first(&some));
        // Which of two children ends first is theirs to settle, and with it how often their
        // parent waits, and in what its handler interrupts it. Those that fail end one by one.
        let kept = |call: &String| match call.starts_with("wait4(") {
            true => call.contains("WEXITSTATUS(s) == ") && !call.contains("WEXITSTATUS(s) == 0"),
            false => !call.starts_with("rt_sigreturn("),
        };
        let sorted = |threads: Vec<Vec<String>>| {
            let mut calls = threads.concat();
            calls.retain(kept);
            calls.sort();
            calls
        };
        assert_eq!(sorted(all), sorted(some));
    }
}

#[test]
fn calls_that_are_not_selected_never_stop() {
    const CALLS: i64 = 10_000;
    let mut target = start_under(&["-e", "close"], &build_c("rates"), &["loop", "1"]);
    let pid = i32::try_from(target.number("pid")).unwrap();
    let tid = *proc::tasks(pid).iter().max().unwrap();
    assert_ne!(tid, pid);
    let switches = || proc::status(tid, "voluntary_ctxt_switches").unwrap();
    let switches = || switches().parse::<i64>().unwrap();
    let before = switches();
    wait_for("calls to be made", SOON, || {
        target.line();
        let said = target.until("count");
        (said["count"].as_i64().unwrap() > CALLS).then_some(())
    });
    // Each stop would be one.
    let stops = switches() - before;
    assert!(stops < CALLS / 10, "{stops} stops in {CALLS} calls");
}

#[test]
fn a_command_that_has_a_filter_of_its_own_keeps_it() {
    let confined = build_c("confined");
    let confined = confined.to_str().unwrap();
    let options = ["-e", "getpgid,getppid,exit_group", "--seccomp-bpf"];
    let (output, threads) = traced(&options, &[confined]);
    assert_eq!(output.status.code(), Some(5), "{output:#?}");
    assert!(
        output.stdout.contains(r#""getppid":"EPERM","child":7"#),
        "{output:#?}"
    );
    let seen = threads.concat();
    let count = |name: &str| seen.iter().filter(|c| c.starts_with(name)).count();
    assert_eq!(count("getpgid("), 3, "{seen:#?}");
    // Its own verdict is the stricter one: what it refuses does not come to us.
    assert_eq!(count("getppid("), 0, "{seen:#?}");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_another_abi_are_seen() {
    let file = scratch("filtered-int80").join("trace");
    let options = ["-e", "close", "-e", "decode-fds=none", "-o"];
    let options = [&options[..], &[file.to_str().unwrap()]].concat();
    let mut target = start_under(&options, &build_c("int80"), &[]);
    target.line();
    let (status, _) = target.finish();
    assert!(status.success(), "{status}");
    let text = std::fs::read_to_string(&file).unwrap();
    for fd in ["3000000", "3000001"] {
        assert_eq!(text.matches(&format!("close({fd})")).count(), 1, "{text}");
    }
}

/// A fixture that runs under the filter, with the trace thrown away.
fn start_under(options: &[&str], program: &Path, args: &[&str]) -> Fixture {
    Fixture::start_command(&mut under(options, program, args))
}

fn under(options: &[&str], program: &Path, args: &[&str]) -> Command {
    let mut command = gostrace(&["--seccomp-bpf", "-o", "/dev/null"]);
    command.args(options).arg("--").arg(program).args(args);
    command.stderr(Stdio::null());
    command
}

#[test]
fn no_process_outlives_its_tracer() {
    // Held by a pipe that nobody writes to, and calling what is selected all the time.
    let rates = build_c("rates");
    for options in [&["-e", "getppid"][..], &["-e", "getppid", "-d", "300ms"]] {
        let target = start_under(options, &rates, &["loop", "2"]);
        let pid = i32::try_from(target.number("pid")).unwrap();
        let tids = proc::tasks(pid);
        assert!(!tids.is_empty());
        if options.len() == 2 {
            kill(Pid::from_raw(target.pid), Signal::SIGKILL).unwrap();
        }
        wait_for("the command to be killed", SOON, || {
            matches!(proc::state(pid), None | Some('Z' | 'X')).then_some(())
        });
    }
}

#[test]
fn it_says_that_the_command_ends_with_it() {
    let rates = build_c("rates");
    let mut command = under(&["-e", "close", "-d", "100ms"], &rates, &["loop", "1"]);
    let output = Running::start(command.stderr(Stdio::piped()).stdin(Stdio::piped())).wait(SOON);
    assert!(output.stderr.contains("is killed"), "{output:#?}");
}

#[test]
fn it_is_refused_where_a_process_would_be_left_without_a_tracer() {
    for (args, why) in [
        (&["-p", "1"][..], "--seccomp-bpf is for a COMMAND"),
        (
            &["--format", "strace", "-b", "execve", "true"],
            "leave out -b",
        ),
        (&["--overhead", "5%", "true"], "--overhead"),
        (&["--sample", "true"], "--sample"),
    ] {
        let said = gostrace(&["--seccomp-bpf"]).args(args).output().unwrap();
        assert_eq!(said.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8_lossy(&said.stderr);
        assert!(text.contains(why), "{args:?}: {text}");
    }
}
