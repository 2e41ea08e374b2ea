//! Attaching and letting go, over and over, under load: no request fails, no thread stays stopped or
//! traced, however the tracer ends.

#![allow(clippy::unwrap_used)]

mod support;

use gostrace::sys::clock::mono_ns;
use nix::sys::signal::Signal;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, scratch, times, wait_for};

/// A server under load.
struct Load {
    server: Fixture,
    client: Fixture,
}

impl Load {
    fn start(httpd: &Path) -> Load {
        let server = Fixture::start::<&str>(httpd, &[]);
        let addr = server.ready["addr"].as_str().unwrap().to_owned();
        let client = Fixture::start(httpd, &["-client", &addr, "-conns", "4"]);
        Load { server, client }
    }

    /// Every thread runs free again, now or very soon.
    fn assert_let_go(&self, round: usize) {
        let pid = self.server.pid;
        wait_for(
            &format!("every thread to be let go, round {round}"),
            Duration::from_secs(5),
            || proc::held(pid).is_empty().then_some(()),
        );
    }

    /// Ends the load and says whether each request was answered.
    fn assert_unharmed(self) {
        let (_, said) = self.client.finish();
        let totals = said.last().unwrap();
        assert_eq!(totals["failures"], 0, "{totals}");
        assert!(totals["requests"].as_i64().unwrap() > 20, "{totals}");
        let (status, said) = self.server.finish();
        assert!(status.success(), "the server: {status}");
        assert!(said.last().unwrap()["requests"].as_i64() >= totals["requests"].as_i64());
    }
}

/// A tracer of the load's server, with this selection.
fn tracer(load: &Load, select: &[&str]) -> Running {
    let pid = load.server.pid.to_string();
    let mut args = vec!["-p", &pid, "-q", "-o", "/dev/null"];
    args.extend(select);
    Running::start(&mut gostrace(&args))
}

/// What is traced, by round: little with stacks, everything, the default; by so many threads.
const SELECTIONS: [&[&str]; 3] = [
    &["-e", "futex,epoll_wait", "--slow", "10ms", "--tracers", "2"],
    &["-e", "%network,%desc", "--tracers", "3"],
    &["--slow", "1ms"],
];

fn attach_and_detach(go: Go, rounds: usize) {
    let load = Load::start(&go.build("httpd"));
    for round in 0..rounds {
        let mut tracer = tracer(&load, SELECTIONS[round % SELECTIONS.len()]);
        tracer.wait_attached(load.server.pid);
        tracer.signal([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP][round / 3 % 3]);
        let ended = tracer.wait(SOON);
        assert_ne!(ended.status.code(), Some(101), "{ended:?}"); // a panic
        load.assert_let_go(round);
    }
    load.assert_unharmed();
}

#[test]
fn two_hundred_attaches_and_detaches_harm_no_request() {
    attach_and_detach(Go::of(NEWEST_GO), times(200, 9));
}

#[test]
fn forty_on_the_oldest_go_harm_none_either() {
    attach_and_detach(Go::of(OLDEST_GO), times(40, 6));
}

#[test]
fn a_tracer_killed_at_any_moment_harms_no_request() {
    let load = Load::start(&Go::of(NEWEST_GO).build("httpd"));
    // Spread over the first 60 ms, in no order: the fractional parts of multiples of the golden ratio.
    for round in 0..times(50_u32, 8) {
        let moment = Duration::from_secs_f64(0.06 * (f64::from(round) * 0.618_034).fract());
        let tracer = tracer(&load, SELECTIONS[round as usize % SELECTIONS.len()]);
        std::thread::sleep(moment);
        drop(tracer); // SIGKILL
        load.assert_let_go(round as usize);
    }
    load.assert_unharmed();
}

#[test]
fn a_closed_pipe_and_an_end_of_time_let_go_as_well() {
    let load = Load::start(&Go::of(NEWEST_GO).build("httpd"));
    let pid = load.server.pid.to_string();
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "\"$0\" -q -p \"$1\" -e read,write,epoll_wait | head -n 5",
    ]);
    shell.args([env!("CARGO_BIN_EXE_gostrace"), &pid]);
    let piped = Running::start(&mut shell).wait(SOON);
    assert_eq!(piped.stdout.lines().count(), 5, "{piped:?}");
    assert!(!piped.stderr.contains("panicked"), "{piped:?}");
    load.assert_let_go(0);

    let timed = tracer(&load, &["-e", "read", "-d", "300ms"]).wait(SOON);
    assert_eq!(timed.status.code(), Some(0), "{timed:?}");
    load.assert_let_go(1);

    let counted = tracer(&load, &["-e", "read", "--max-events", "20"]).wait(SOON);
    assert_eq!(counted.status.code(), Some(0), "{counted:?}");
    load.assert_let_go(2);
    load.assert_unharmed();
}

/// A number as strace or, where a call is not decoded, gostrace writes it.
fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[test]
fn every_thread_of_a_process_that_makes_threads_is_traced() {
    let mut fixture = Fixture::start(&Go::of(NEWEST_GO).build("spawn"), &["-rate", "300"]);
    let dir = scratch("attach-spawn");
    let (trace, messages) = (dir.join("trace"), dir.join("messages"));
    let mut traced = Vec::new();
    // What a thread makes is traced by the tracer thread that traces the maker.
    for tracers in ["1", "2", "8", "2", "8", "1", "2", "8", "2", "8"] {
        let pid = fixture.pid.to_string();
        let gostrace = gostrace(&["-p", &pid, "-e", "=close", "--no-stack"]);
        let _ = fs::remove_file(&messages);
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 2>"$MESSAGES""#]);
        command
            .arg(gostrace.get_program())
            .args(gostrace.get_args());
        command.args(["--tracers", tracers, "-o"]).arg(&trace);
        let tracer = Running::start(command.env("MESSAGES", &messages));
        // From all threads being traced nothing follows for one that is just being made.
        wait_for("gostrace to say that it traces", SOON, || {
            let said = fs::read_to_string(&messages).unwrap_or_default();
            said.contains(" tracing ").then_some(())
        });
        let attached = mono_ns();
        wait_for("threads to be born and to die", SOON, || {
            let text = fs::read_to_string(&trace).unwrap_or_default();
            (text.matches("close(").count() > times(60, 16)).then_some(())
        });
        let strangers: Vec<i32> = proc::tasks(fixture.pid)
            .into_iter()
            .filter(|&tid| proc::tracer(tid) == Some(0))
            .filter(|&tid| proc::state(tid).is_some_and(|state| !matches!(state, 'Z' | 'X')))
            .collect();
        let until = mono_ns();
        tracer.stop();
        assert!(strangers.is_empty(), "not traced: {strangers:?}");
        let mut numbers: Vec<i64> = support::trace::parse(&fs::read_to_string(&trace).unwrap())
            .iter()
            .filter_map(|call| number(call.args.split(", ").next()?))
            .filter(|number| *number >= 2_000_000)
            .collect();
        numbers.sort_unstable();
        traced.push((attached..until, numbers));
        assert!(proc::held(fixture.pid).is_empty());
    }
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success());
    // Each thread says when it closed its own number, once.
    let closed = said.iter().find(|s| s["event"] == "done").unwrap()["closed"].clone();
    for (while_traced, numbers) in traced {
        let mut expected = 0;
        for (number, times) in (2_000_000..).zip(closed.as_array().unwrap()) {
            let seen = numbers.iter().filter(|n| **n == number).count();
            assert!(seen <= 1, "{number} was closed once");
            let [before, after] = [0, 1].map(|i| times[i].as_u64().unwrap());
            if while_traced.contains(&before) && while_traced.contains(&after) {
                expected += 1;
                assert_eq!(
                    seen, 1,
                    "{number}, closed {before}..{after}: {while_traced:?}"
                );
            }
        }
        assert!(expected > times(4, 0), "{expected} of {}", numbers.len());
    }
}

/// A tracer stopped by Ctrl-Z holds the target at its next call until it goes on or dies.
#[test]
fn a_stopped_tracer_holds_the_target_only_until_it_goes_on_or_dies() {
    let load = Load::start(&Go::of(NEWEST_GO).build("httpd"));
    let mut tracer = tracer(&load, SELECTIONS[1]);
    tracer.wait_attached(load.server.pid);
    for _ in 0..3 {
        tracer.signal(Signal::SIGSTOP);
        wait_for("the tracer to stop", SOON, || {
            (proc::state(tracer.pid) == Some('T')).then_some(())
        });
        tracer.signal(Signal::SIGCONT);
        std::thread::sleep(Duration::from_millis(20));
    }
    tracer.signal(Signal::SIGSTOP);
    drop(tracer); // SIGKILL
    load.assert_let_go(0);
    load.assert_unharmed();
}
