//! The corners of ptrace: signals, stops, exec by a thread, a dead leader, vfork, int 0x80.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use nix::sys::signal::Signal;
use std::time::{Duration, Instant};
use support::run::{Fixture, Running, gostrace};
use support::trace::parse;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, proc, wait_for};

fn attach(fixture: &Fixture, args: &[&str]) -> Running {
    let pid = fixture.pid.to_string();
    let mut all = vec!["-p", &pid, "-q"];
    all.extend(args);
    let mut tracer = Running::start(&mut gostrace(&all));
    tracer.wait_attached(fixture.pid);
    tracer
}

#[test]
fn signals_reach_a_traced_go_program_one_by_one() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let fixture = Fixture::start::<&str>(&Go::of(version).build("signals"), &[]);
        let tracer = attach(&fixture, &["-e", "%desc,%process,futex"]);
        for round in 0..60 {
            let number = [10, 12, 28, 35, 40, 64][round % 6];
            fixture.signal(number);
            assert_eq!(fixture.until("signal")["number"], number);
        }
        tracer.stop();
        fixture.signal(36);
        assert_eq!(fixture.until("signal")["number"], 36);
        let (status, said) = fixture.finish();
        assert!(status.success());
        assert_eq!(said.last().unwrap()["counts"]["64"], 10);
    }
}

#[test]
fn no_realtime_signal_of_a_burst_is_lost() {
    let fixture = Fixture::start::<&str>(&build_c("signals"), &[]);
    let mut tracer = Some(attach(&fixture, &["-e", "read,getppid"]));
    for round in 0..300 {
        fixture.signal([34, 50, 64][round % 3]);
        if round == 200 {
            tracer.take().unwrap().stop();
        }
    }
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    let counts = &said.last().unwrap()["counts"];
    for number in ["34", "50", "64"] {
        assert_eq!(counts[number], 100, "{counts}");
    }
}

fn wait_state(pid: i32, stopped: bool) {
    wait_for("the state to change", SOON, || {
        let all = proc::tasks(pid)
            .iter()
            .all(|&tid| proc::state(tid).is_none_or(|s| matches!(s, 'T' | 't') == stopped));
        all.then_some(())
    });
}

#[test]
fn a_stopped_process_stays_stopped_traced_or_let_go_until_it_is_continued() {
    const STOP: i32 = 19;
    const CONT: i32 = 18;
    let fixture = Fixture::start::<&str>(&Go::of(NEWEST_GO).build("signals"), &[]);
    let tracer = attach(&fixture, &["-e", "%desc,futex"]);
    fixture.signal(STOP);
    wait_state(fixture.pid, true);
    std::thread::sleep(Duration::from_millis(200)); // it would have run on by now
    wait_state(fixture.pid, true);
    fixture.signal(CONT);
    fixture.signal(10);
    assert_eq!(fixture.until("signal")["number"], 10);

    fixture.signal(STOP);
    wait_state(fixture.pid, true);
    tracer.stop();
    assert!(
        proc::tasks(fixture.pid)
            .iter()
            .all(|&tid| proc::tracer(tid) == Some(0))
    );
    std::thread::sleep(Duration::from_millis(200));
    wait_state(fixture.pid, true);
    fixture.signal(CONT);
    fixture.signal(10);
    assert_eq!(fixture.until("signal")["number"], 10);

    // And one that was stopped before we came.
    fixture.signal(STOP);
    wait_state(fixture.pid, true);
    attach(&fixture, &["-e", "%desc,futex"]).stop();
    std::thread::sleep(Duration::from_millis(200));
    wait_state(fixture.pid, true);
    fixture.signal(CONT);
    assert!(fixture.finish().0.success());
}

#[test]
fn exec_by_a_thread_that_is_not_the_leader_is_followed() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let mut fixture_args = vec!["-times", "3"];
        if version == NEWEST_GO {
            fixture_args.push("-fork"); // children that are not followed are let go
        }
        let execer = Go::of(version).build("execer");
        let mut command = std::process::Command::new(execer);
        command.args(&fixture_args);
        let mut fixture = Fixture::start_saying(&mut command, "image");
        let tracer = attach(&fixture, &["-e", "execve"]);
        for _ in 0..3 {
            fixture.line();
            fixture.until("image");
        }
        let (status, said) = fixture.finish();
        assert!(status.success(), "{status}");
        assert_eq!(said.last().unwrap()["n"], 3);
        let ended = tracer.wait(SOON);
        assert!(ended.status.success(), "{ended:?}");
        let execs = ended.stdout.matches("execve(").count();
        assert!(execs >= 3, "{ended:?}");
    }
}

/// The kernel lets the leader's tracer thread know nothing of an exec that ends the leader.
#[test]
fn exec_by_a_thread_that_another_tracer_thread_traces_is_followed() {
    let mut command = std::process::Command::new(Go::of(NEWEST_GO).build("execer"));
    command.args(["-times", "3"]);
    let mut fixture = Fixture::start_saying(&mut command, "image");
    let caller = i32::try_from(fixture.number("tid")).unwrap();
    let tracer = attach(&fixture, &["-e", "execve,=futex", "--tracers", "64"]);
    // The tracing thread itself, where `proc::tracer` tells its process.
    let engine = |tid| proc::status(tid, "TracerPid").unwrap();
    assert_ne!(engine(caller), engine(fixture.pid));
    for _ in 0..3 {
        fixture.line();
        fixture.until("image");
    }
    let free = proc::tasks(fixture.pid)
        .into_iter()
        .filter(|&tid| proc::tracer(tid) == Some(0));
    assert_eq!(free.count(), 0);
    let pid = fixture.pid;
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    assert_eq!(said.last().unwrap()["n"], 3);
    let ended = tracer.wait(SOON);
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stdout.matches("execve(").count() >= 3, "{ended:?}");
    let superseded = format!("superseded by execve in pid {caller}");
    assert_eq!(ended.stdout.matches(&superseded).count(), 1, "{ended:?}");
    // The old leader's wait is told of no more once its place is taken.
    let (_, after) = ended.stdout.rsplit_once("superseded").unwrap();
    let ends = after.matches("exited with 0").count();
    assert!(ends >= 1, "the end of {pid}: {ended:?}");
}

#[test]
fn threads_that_outlive_their_leader_are_traced() {
    let mut fixture = Fixture::start::<&str>(&build_c("leader-exit"), &[]);
    wait_for("the leader to go", SOON, || {
        proc::state(fixture.pid).filter(|state| *state == 'Z')
    });
    let pid = fixture.pid.to_string();
    let tracer = Running::start(&mut gostrace(&[
        "-p",
        &pid,
        "-q",
        "-e",
        "nanosleep,clock_nanosleep,read",
    ]));
    let sleeper = fixture.ready["tids"][0].as_i64().unwrap();
    let sleeper_tid = i32::try_from(sleeper).unwrap();
    wait_for("the sleeper to be traced", SOON, || {
        proc::tracer(sleeper_tid).filter(|tracer| *tracer != 0)
    });
    std::thread::sleep(Duration::from_millis(300)); // some fifteen of its sleeps
    fixture.line();
    assert!(fixture.finish().0.success());
    let ended = tracer.wait(SOON);
    assert!(ended.status.success(), "{ended:?}");
    let sleeps = parse(&ended.stdout)
        .iter()
        .filter(|call| i64::from(call.tid) == sleeper && call.name.ends_with("nanosleep"))
        .count();
    assert!(sleeps >= 5, "{ended:?}");
}

#[test]
fn a_parent_in_vfork_neither_holds_up_a_detach_nor_is_harmed() {
    let mut fixture = Fixture::start::<&str>(&build_c("vfork-wait"), &[]);
    let pid = fixture.pid.to_string();
    let tracer = Running::start(&mut gostrace(&["-p", &pid, "-q", "--slow", "20ms"]));
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    tracer.stop();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    assert_eq!(said.last().unwrap()["event"], "done");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_through_int_0x80_go_by_their_own_numbers() {
    let mut fixture = Fixture::start::<&str>(&build_c("int80"), &[]);
    let tracer = attach(&fixture, &["-e", "getpid,close,writev,lstat"]);
    for _ in 0..3 {
        fixture.line();
    }
    assert!(fixture.finish().0.success());
    let ended = tracer.wait(SOON);
    let names: Vec<String> = parse(&ended.stdout)
        .into_iter()
        .map(|call| call.name)
        .collect();
    let count = |name: &str| names.iter().filter(|n| *n == name).count();
    assert_eq!((count("writev"), count("lstat")), (0, 0), "{ended:?}");
    assert_eq!((count("getpid"), count("close")), (3, 6), "{ended:?}");
}

#[test]
fn a_c_program_is_traced_plainly_and_each_of_its_threads_is_shown() {
    let mut fixture = Fixture::start::<&str>(&build_c("blocks"), &[]);
    let pid = fixture.pid.to_string();
    let tracer = Running::start(&mut gostrace(&["-p", &pid, "--slow", "20ms"]));
    let tids: Vec<i32> = fixture
        .before
        .iter()
        .map(|thread| thread["tid"].as_i64().unwrap().try_into().unwrap())
        .collect();
    wait_for("attach", SOON, || {
        tids.iter()
            .all(|&tid| proc::tracer(tid) != Some(0))
            .then_some(())
    });
    std::thread::sleep(Duration::from_millis(150)); // several times the threshold
    fixture.line();
    let before = fixture.before.clone();
    let (status, said) = fixture.finish();
    assert!(status.success());
    let ended = tracer.wait(SOON);
    assert!(ended.status.success(), "{ended:?}");
    assert!(
        ended.stderr.to_lowercase().contains("not a go program"),
        "{ended:?}"
    );
    let calls = parse(&ended.stdout);
    for thread in before {
        let shown = calls
            .iter()
            .any(|call| Some(i64::from(call.tid)) == thread["tid"].as_i64());
        assert!(shown, "{thread} is not in {ended:?}");
    }
    // Tracing broke no call.
    for thread in said.iter().filter(|s| s["event"] == "returned") {
        assert!(thread["ret"].as_i64() >= Some(0), "{thread}");
    }
}

/// A random pause: the moment at which something happens to a tracer is what these tests vary.
fn pause_up_to(micros: u64) {
    use std::hash::{BuildHasher, Hasher};
    let random = std::hash::RandomState::new().build_hasher().finish();
    std::thread::sleep(Duration::from_micros(random % micros));
}

#[test]
fn no_signal_is_lost_or_doubled_while_tracers_come_and_are_killed() {
    let mut target = Fixture::start::<&str>(&build_c("signals"), &[]);
    let pid = target.pid.to_string();
    let numbers = [36, 40, 64];
    let mut sent = 0;
    for round in 0..16 {
        let tracer = Running::start(&mut gostrace(&["-qqq", "-o", "/dev/null", "-p", &pid]));
        for _ in 0..100 {
            for number in numbers {
                target.signal(number);
            }
            sent += 1;
            pause_up_to(200);
        }
        if round % 2 == 0 {
            drop(tracer);
        } else {
            tracer.stop();
        }
    }
    target.line();
    let done = target.until("done");
    for number in numbers {
        assert_eq!(done["counts"][number.to_string()], sent, "{done}");
    }
}

/// Traced threads in a group-stop show as `t` (tracing stop), free ones as `T`.
fn wait_all(pid: i32, state: char) {
    wait_for("a group-stop", SOON, || {
        let traced = state.to_ascii_lowercase();
        proc::tasks(pid)
            .iter()
            .all(|&tid| matches!(proc::state(tid), Some(s) if s == state || s == traced))
            .then_some(())
    });
}

#[test]
fn a_target_that_is_stopped_already_can_be_attached_to_and_left() {
    let target = Fixture::start::<&str>(&build_c("signals"), &[]);
    target.signal(Signal::SIGSTOP as i32);
    wait_all(target.pid, 'T');
    let pid = target.pid.to_string();
    let mut tracer = Running::start(&mut gostrace(&["-qqq", "-o", "/dev/null", "-p", &pid]));
    tracer.wait_attached(target.pid);
    assert!(tracer.stop().status.success());
    wait_all(target.pid, 'T');
    target.signal(Signal::SIGCONT as i32);
    let mut target = target;
    target.line();
    target.until("done");
}
