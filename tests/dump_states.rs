//! `gostrace dump` on processes that are stopped, traced, or have a thread that nothing can wake.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use nix::sys::signal::Signal;
use serde_json::Value;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::dump::{dump, dump_json, run};
use support::run::{Fixture, Running, strace};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, proc, scratch, wait_for};

/// Every goroutine is there, with its stack to the root.
fn assert_complete(json: &Value, least: usize) {
    let goroutines = json["goroutines"].as_array().unwrap();
    assert!(goroutines.len() > least, "{}", goroutines.len());
    for g in goroutines {
        let stack = g["stack"].as_u64().unwrap_or_else(|| panic!("{g}"));
        assert_eq!(json["stacks"][stack as usize]["end"], "root", "{g}");
    }
    for field in ["ended", "unreadable"] {
        assert_eq!(json["missing"][field], 0, "{}", json["missing"]);
    }
}

#[test]
fn a_stopped_process_can_be_read() {
    let exe = Go::of(NEWEST_GO).build("manygoroutines");
    let fixture = Fixture::start(&exe, &["-n", "500"]);
    fixture.signal(Signal::SIGSTOP as i32);
    wait_for("the stop", SOON, || {
        let stopped = |tid| proc::state(tid) == Some('T');
        proc::tasks(fixture.pid)
            .into_iter()
            .all(stopped)
            .then_some(())
    });
    for args in [&[][..], &["--freeze"]] {
        let json = dump_json(fixture.pid, args);
        assert_complete(&json, 500);
        assert!(
            json["threads"]
                .as_array()
                .unwrap()
                .iter()
                .all(|t| t["doing"] != "running")
        );
        assert!(
            proc::tasks(fixture.pid)
                .into_iter()
                .all(|tid| proc::state(tid) == Some('T'))
        );
    }
    fixture.signal(Signal::SIGCONT as i32);
}

#[test]
fn a_process_that_another_traces_can_be_read_but_not_frozen() {
    let exe = Go::of(NEWEST_GO).build("manygoroutines");
    let fixture = Fixture::start(&exe, &["-n", "500"]);
    let pid = fixture.pid.to_string();
    let _tracer = Running::start(&mut strace(&["-f", "-qq", "-o", "/dev/null", "-p", &pid]));
    wait_for("strace to attach", SOON, || {
        let traced = |tid| proc::tracer(tid).is_some_and(|t| t != 0);
        proc::tasks(fixture.pid)
            .into_iter()
            .all(traced)
            .then_some(())
    });
    let json = dump_json(fixture.pid, &[]);
    assert_complete(&json, 500);
    let refused = run(&["--freeze", "-p", &pid]);
    assert_eq!(refused.status.code(), Some(77), "{refused:#?}");
    assert!(refused.stderr.contains("strace"), "{refused:#?}");
}

#[test]
fn a_thread_in_uninterruptible_sleep_holds_nothing_up() {
    let fixture = Fixture::start::<&str>(&build_c("vfork-wait"), &[]);
    wait_for("the parent to sleep", SOON, || {
        (proc::state(fixture.pid) == Some('D')).then_some(())
    });
    for args in [&[][..], &["--freeze"]] {
        let began = std::time::Instant::now();
        let json = dump_json(fixture.pid, args);
        assert!(began.elapsed() < Duration::from_secs(5));
        let thread = &json["threads"][0];
        assert_eq!(thread["state"], "D");
        assert_eq!(thread["call"]["name"], "vfork", "{thread}");
        assert!(
            json["missing"]["reason"]
                .as_str()
                .unwrap()
                .contains("not a Go program")
        );
        if !args.is_empty() {
            assert_eq!(json["frozen"]["unfrozen"], 1, "{json}");
        }
    }
}

#[test]
fn a_go_thread_that_waits_for_its_vforked_child_holds_nothing_up() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let fixture = Fixture::start(&exe, &["-n", "500", "-vfork"]);
        let tid = wait_for("the parent to sleep", SOON, || {
            let tids = proc::tasks(fixture.pid);
            tids.into_iter().find(|&tid| proc::state(tid) == Some('D'))
        });
        for args in [&[][..], &["--freeze"]] {
            let json = dump_json(fixture.pid, args);
            assert_complete(&json, 500);
            let threads = json["threads"].as_array().unwrap();
            let waiting = threads.iter().find(|t| t["tid"] == tid).unwrap();
            assert_eq!(
                (&waiting["state"], &waiting["call"]["name"]),
                (&"D".into(), &"clone".into())
            );
            let functions = functions_of(&json, &waiting["stack"]);
            let below = ["main.vfork", "runtime.goexit"];
            assert!(
                functions.ends_with(&below.map(str::to_owned)),
                "{functions:?}"
            );
            let owner = json["goroutines"].as_array().unwrap().iter();
            let owner: Vec<&Value> = owner.filter(|g| g["thread"] == tid).collect();
            assert_eq!(owner.len(), 1);
            assert_eq!(owner[0]["stack"], waiting["stack"]);
            if !args.is_empty() {
                assert_eq!(json["frozen"]["unfrozen"], 1, "{}", json["frozen"]);
            }
        }
    }
}

/// The functions of a stack, innermost first.
fn functions_of(json: &Value, stack: &Value) -> Vec<String> {
    let stack = &json["stacks"][stack.as_u64().unwrap() as usize];
    let frames = stack["frames"].as_array().unwrap().iter();
    frames
        .map(|f| f["func"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_process_whose_leader_has_ended_is_read_by_its_other_threads() {
    let fixture = Fixture::start::<&str>(&build_c("leader-exit"), &[]);
    wait_for("the leader to end", SOON, || {
        (proc::state(fixture.pid) == Some('Z')).then_some(())
    });
    let text = dump(fixture.pid, &[]);
    assert!(
        text.contains("3 threads; goroutines unknown: not a Go program"),
        "{text}"
    );
    assert!(
        text.contains(") Z: call unknown: the thread has ended"),
        "{text}"
    );
    assert!(text.contains("read(0<pipe:["), "{text}");
}

/// A file system that can be frozen: a thread that writes to it then is in D state.
struct Freezable {
    image: std::path::PathBuf,
    mount: std::path::PathBuf,
}

impl Freezable {
    fn new() -> Freezable {
        let dir = scratch("dump-frozen");
        let (image, mount) = (dir.join("image"), dir.join("mount"));
        fs::create_dir(&mount).unwrap();
        File::create(&image).unwrap().set_len(32 << 20).unwrap();
        let this = Freezable { image, mount };
        this.run("mkfs.ext4", &["-q", this.image.to_str().unwrap()]);
        let (image, mount) = (this.image.to_str().unwrap(), this.mount.to_str().unwrap());
        this.run("mount", &["-o", "loop", image, mount]);
        this
    }

    fn run(&self, program: &str, args: &[&str]) {
        let status = Command::new(program).args(args).status().unwrap();
        assert!(status.success(), "{program} {args:?}: {status}");
    }

    fn frozen(&self, frozen: bool) {
        let flag = if frozen { "-f" } else { "-u" };
        self.run("fsfreeze", &[flag, self.mount.to_str().unwrap()]);
    }
}

impl Drop for Freezable {
    fn drop(&mut self) {
        // It says so where that has been done.
        let mut unfreeze = Command::new("fsfreeze");
        let _ = unfreeze
            .arg("-u")
            .arg(&self.mount)
            .stderr(Stdio::null())
            .status();
        let _ = Command::new("umount").arg("-l").arg(&self.mount).status();
    }
}

/// `cargo test --test dump_states -- --ignored frozen_file_system`; `.ci/test` does that where it can
/// mount.
#[test]
#[ignore = "needs root and a loop device"]
fn a_go_thread_that_waits_for_a_frozen_file_system_is_shown_with_its_stack() {
    let disk = Freezable::new();
    let exe = Go::of(NEWEST_GO).build("manygoroutines");
    let file = disk.mount.join("file");
    let fixture = Fixture::start(&exe, &["-n", "500", "-write", file.to_str().unwrap()]);
    disk.frozen(true);
    wait_for("a thread in D state", SOON, || {
        let tids = proc::tasks(fixture.pid);
        tids.into_iter().find(|&tid| proc::state(tid) == Some('D'))
    });
    for args in [&[][..], &["--freeze"]] {
        let json = dump_json(fixture.pid, args);
        let threads = json["threads"].as_array().unwrap();
        let waiting = threads.iter().find(|t| t["state"] == "D").unwrap();
        let call = waiting["call"]["text"].as_str().unwrap();
        assert!(
            call.starts_with("write(") && call.contains("/mount/file>"),
            "{call}"
        );
        let functions = functions_of(&json, &waiting["stack"]);
        assert!(
            functions.contains(&"main.write".to_owned()),
            "{functions:?}"
        );
        let owner = json["goroutines"].as_array().unwrap().iter();
        let owner: Vec<&Value> = owner.filter(|g| g["thread"] == waiting["tid"]).collect();
        assert_eq!(owner.len(), 1);
        assert_eq!(owner[0]["stack"], waiting["stack"]);
        assert_complete(&json, 500);
    }
    disk.frozen(false);
    wait_for("all threads to be let go", SOON, || {
        proc::held(fixture.pid).is_empty().then_some(())
    });
    drop(fixture);
}
