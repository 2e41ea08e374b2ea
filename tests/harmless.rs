//! What a target goes through by itself, it goes through under a tracer too: signals, stops, exec,
//! a leader that ends, vfork. Nothing is lost on the way, and nothing left behind.

#![allow(clippy::unwrap_used)]

mod support;

use nix::sys::signal::Signal;

use std::time::Duration;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, build_c, proc, wait_for};

/// Once the tracer is gone, no thread stays stopped or traced.
fn wait_until_free(pid: i32) {
    wait_for("all threads to be let go", SOON, || {
        proc::held(pid).is_empty().then_some(())
    });
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
    for round in 0..30 {
        let tracer = Running::start(&mut gostrace(&["-qqq", "-o", "/dev/null", "-p", &pid]));
        for _ in 0..200 {
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

#[test]
fn a_stop_signal_stops_a_traced_process_and_it_stays_stopped_after_the_tracer_has_gone() {
    let target = Fixture::start::<&str>(&build_c("signals"), &[]);
    let pid = target.pid.to_string();
    let mut tracer = Running::start(&mut gostrace(&["-qqq", "-o", "/dev/null", "-p", &pid]));
    tracer.wait_attached(target.pid);
    for _ in 0..3 {
        target.signal(Signal::SIGSTOP as i32);
        wait_all(target.pid, 'T');
        target.signal(Signal::SIGCONT as i32);
        wait_for("it to go on", SOON, || {
            (proc::state(target.pid) != Some('T') && proc::state(target.pid) != Some('t'))
                .then_some(())
        });
    }
    target.signal(Signal::SIGSTOP as i32);
    wait_all(target.pid, 'T');
    assert!(tracer.stop().status.success());
    for tid in proc::tasks(target.pid) {
        assert_eq!(proc::tracer(tid), Some(0));
        assert_eq!(proc::state(tid), Some('T'));
    }
    target.signal(Signal::SIGCONT as i32);
    let mut target = target;
    target.line();
    target.until("done");
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

#[test]
fn exec_by_a_thread_that_is_not_the_leader_is_followed() {
    let mut target = Fixture::start(&Go::of(NEWEST_GO).build("execer"), &["-times", "3"]);
    let pid = target.pid.to_string();
    let mut tracer = Running::start(&mut gostrace(&["-e", "execve,close", "-p", &pid]));
    tracer.wait_attached(target.pid);
    assert_eq!(target.next()["n"], 0);
    for n in 1..=3 {
        target.line();
        assert_eq!(target.next()["n"], n);
    }
    let out = tracer.stop();
    assert!(out.status.success(), "{out:#?}");
    assert!(out.stdout.matches("execve(").count() >= 3, "{out:#?}");
    assert!(
        out.stdout.contains("+++ superseded by execve in pid"),
        "{out:#?}"
    );
    wait_until_free(target.pid);
    target.line();
}

#[test]
fn the_rest_of_a_process_whose_leader_has_ended_is_traced_and_let_go() {
    let mut target = Fixture::start::<&str>(&build_c("leader-exit"), &[]);
    wait_for("the leader to end", SOON, || {
        (proc::state(target.pid) == Some('Z')).then_some(())
    });
    let pid = target.pid.to_string();
    let tracer = Running::start(&mut gostrace(&["-e", "clock_nanosleep,read", "-p", &pid]));
    let tids: Vec<i32> = target.ready["tids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t.as_i64().unwrap() as i32)
        .collect();
    wait_for("the others to be traced", SOON, || {
        tids.iter()
            .all(|&t| proc::tracer(t) == Some(tracer.pid))
            .then_some(())
    });
    std::thread::sleep(Duration::from_millis(100));
    tracer.signal(Signal::SIGINT);
    let out = tracer.wait(SOON);
    assert!(out.status.success(), "{out:#?}");
    assert!(out.stdout.contains("clock_nanosleep("), "{out:#?}");
    target.line();
    target.until("done");
}

#[test]
fn a_parent_in_vfork_holds_up_neither_attach_nor_detach() {
    let mut target = Fixture::start::<&str>(&build_c("vfork-wait"), &[]);
    let pid = target.pid.to_string();
    let mut tracer = Running::start(&mut gostrace(&["-qqq", "-o", "/dev/null", "-p", &pid]));
    tracer.wait_attached(target.pid);
    let out = tracer.stop();
    assert!(out.status.success(), "{out:#?}");
    assert_eq!(proc::tracer(target.pid), Some(0));
    target.line();
    target.until("done");
}
