//! Tracers that come and go at random, and are stopped, killed and starved, on targets that are
//! hard to trace and check their own work.
//!
//! A run takes some 20 seconds; `GOSTRACE_TORTURE_FOR=30m cargo test --test torture` takes 30 minutes.
//! Each test prints its seed (`-- --nocapture`, or when it fails); `GOSTRACE_TORTURE_SEED=N` takes that
//! one again. What follows from a seed is what is done, not when the kernel does it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dice;
#[path = "../support/mod.rs"]
mod support;
mod target;
mod tracers;

use dice::Dice;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::run::{Fixture, Running, gostrace};
use support::variant::Variant;
use support::{Go, NEWEST_GO, SOON, build_c, tool};
use target::Target;
use tracers::Attack;

/// The tests of this file, which share the time that there is.
const TESTS: u32 = 9;
const USUAL: Duration = Duration::from_secs(30);

/// How long one test goes on: its share of the time asked for, so many running at once as there
/// are CPUs.
fn share() -> Duration {
    let asked = std::env::var("GOSTRACE_TORTURE_FOR").map_or(USUAL, |text| {
        gostrace::cli::parse_duration(&text).unwrap_or_else(|e| panic!("GOSTRACE_TORTURE_FOR: {e}"))
    });
    let at_once = std::thread::available_parallelism().map_or(1, |n| n.get().min(TESTS as usize));
    asked * u32::try_from(at_once).unwrap() / TESTS
}

/// Attacks until the time is up, and checks the target after each attack and at its end.
fn torture(name: &str, target: Target) {
    let mut dice = Dice::seeded(name);
    let end = Instant::now() + share();
    let mut rounds = 0;
    while Instant::now() < end || rounds < 3 {
        let attack = Attack::random(&mut dice);
        attack.run(target.pid, &mut dice);
        target.assert_free(&format!("{name}, round {rounds}: {attack:?}"));
        rounds += 1;
    }
    eprintln!("{name}: {rounds} attacks, seed {}", dice.seed);
    target.finish();
}

fn c(what: &str) -> Fixture {
    Fixture::start(&build_c("torture"), &[what])
}

#[test]
fn threads_that_come_and_go_by_the_thousand_are_unharmed() {
    torture("threads", Target::of(c("threads")));
}

#[test]
fn execs_by_threads_forks_and_vforks_are_unharmed() {
    torture("exec", Target::of(c("exec")));
}

#[test]
fn no_signal_is_lost_or_doubled() {
    torture("signals", Target::of(c("signals")));
}

#[test]
fn a_process_at_its_limits_is_unharmed() {
    torture("limits", Target::of(c("limits")));
}

#[test]
fn a_server_under_load_fails_no_request() {
    let httpd = Go::of(NEWEST_GO).build("httpd");
    torture("httpd", Target::server(&httpd));
}

#[test]
fn a_server_built_with_the_race_detector_fails_no_request() {
    let toolchain = support::toolchains().pop().unwrap();
    let variant = Variant {
        go: &toolchain,
        name: "httpd",
        flags: &["-race"],
        experiment: "",
        cgo: true,
    };
    torture("race", Target::server(&variant.build()));
}

/// Whatever the tracer does, it neither stops a process that runs nor continues one that is stopped.
#[test]
fn a_server_that_is_stopped_and_continued_fails_no_request() {
    let target = Target::server(&Go::of(NEWEST_GO).build("httpd"));
    let (pid, done) = (Pid::from_raw(target.pid), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut dice = Dice::seeded("stopper");
            while !done.load(Ordering::Relaxed) && kill(pid, Signal::SIGSTOP).is_ok() {
                std::thread::sleep(dice.up_to(Duration::from_millis(10)));
                let _ = kill(pid, Signal::SIGCONT);
                std::thread::sleep(dice.up_to(Duration::from_millis(30)));
            }
        });
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            torture("stopped", target);
        }));
        done.store(true, Ordering::Relaxed);
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn a_process_in_a_pid_namespace_of_its_own_is_unharmed() {
    let mut command = Command::new(tool("unshare", "util-linux"));
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.arg(build_c("torture")).arg("threads");
    let fixture = Fixture::start_command(&mut command);
    assert_eq!(fixture.number("pid"), 1, "inside");
    let children = format!("/proc/{0}/task/{0}/children", fixture.pid);
    let inside = std::fs::read_to_string(children).unwrap();
    let target = Target::running(fixture, inside.trim().parse().unwrap());
    torture("namespace", target);
}

/// Each ends by itself, in the middle of what its threads do, one of them its leader first: nothing
/// is left of it, and its tracer ends with the last.
#[test]
fn processes_that_end_while_they_are_traced_end() {
    let mut dice = Dice::seeded("brief");
    let (exe, end) = (build_c("torture"), Instant::now() + share());
    let mut ended = 0;
    while Instant::now() < end || ended < 12 {
        let processes: Vec<Fixture> = (0..4)
            .map(|_| Fixture::start(&exe, &["brief", &dice.below(60).to_string()]))
            .collect();
        let pids: Vec<String> = processes.iter().map(|p| p.pid.to_string()).collect();
        let pids = pids.join(",");
        let tracers = ["1", "2", "2", "5"][dice.below(4) as usize];
        let mut args = vec!["-p", &pids, "-q", "-o", "/dev/null", "--tracers", tracers];
        args.extend(dice.one_of(&tracers::SELECTIONS).iter());
        let tracer = Running::start(&mut gostrace(&args));
        for process in processes {
            let pid = process.pid;
            let (status, _) = process.finish();
            assert!(
                status.success(),
                "{pid} of {args:?}: {status}, seed {}",
                dice.seed
            );
            ended += 1;
        }
        let output = tracer.wait(SOON);
        // All may have ended before it came.
        let right = matches!(output.status.code(), Some(0 | 78));
        assert!(right, "{args:?}: {output:?}, seed {}", dice.seed);
    }
    eprintln!("brief: {ended} processes, seed {}", dice.seed);
}
