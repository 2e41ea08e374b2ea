//! `gostrace dump` on live processes: against the runtime's own traceback, in every state that a
//! process can be in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use nix::sys::signal::Signal;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use support::run::{Fixture, Output, Running, gostrace, strace};
use support::traceback::parse;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, proc, scratch, tool, wait_for};

const LIMIT: Duration = Duration::from_secs(60);

fn run(args: &[&str]) -> Output {
    let mut words = vec!["dump"];
    words.extend(args);
    Running::start(&mut gostrace(&words)).wait(LIMIT)
}

fn dump(pid: i32, args: &[&str]) -> String {
    let pid = pid.to_string();
    let mut words = vec!["-p", &pid];
    words.extend(args);
    let output = run(&words);
    assert!(output.status.success(), "{output:#?}");
    output.stdout
}

fn dump_json(pid: i32, args: &[&str]) -> Value {
    let mut words = vec!["--json"];
    words.extend(args);
    serde_json::from_str(&dump(pid, &words)).unwrap()
}

#[test]
fn every_goroutine_is_present_in_every_form() {
    const N: usize = 20_000;
    let exe = Go::of(NEWEST_GO).build("manygoroutines");
    let fixture = Fixture::start(&exe, &["-n", &N.to_string()]);
    let json = dump_json(fixture.pid, &[]);
    assert_eq!(json["schema"], "gostrace-dump/1");
    let list = json["goroutines"].as_array().unwrap();
    let ids: BTreeSet<u64> = list.iter().map(|g| g["id"].as_u64().unwrap()).collect();
    assert!(ids.len() == list.len() && ids.len() > N, "{}", ids.len());
    assert!(list.iter().all(|g| g["stack"].is_u64()));
    // Ten different stacks, and a few of the runtime's.
    assert!(json["stacks"].as_array().unwrap().len() < 30);
    let all = parse(&dump(fixture.pid, &["--all"]));
    assert_eq!(all.keys().copied().collect::<BTreeSet<_>>(), ids);
    assert_eq!(ids_of_groups(&dump(fixture.pid, &[])), ids);

    // Each way of waiting on something has found it.
    let waiters = |kind: &str| -> usize {
        let on = json["waited_on"].as_array().unwrap().iter();
        let of_kind = on.filter(|w| w["kind"] == kind);
        of_kind
            .map(|w| w["goroutines"].as_array().unwrap().len())
            .max()
            .unwrap_or(0)
    };
    for (kind, least) in [
        ("chan", N / 9 * 3),
        ("sync.Mutex", N / 9),
        ("sync.RWMutex", N / 9),
        ("sync.WaitGroup", N / 9),
    ] {
        assert!(waiters(kind) >= least, "{kind}: {}", waiters(kind));
    }
    let full = json["waited_on"].as_array().unwrap().iter();
    let full = full.filter(|w| w["cap"] == 3 && w["len"] == 3).count();
    assert_eq!(full, 1);
}

#[test]
fn tools_that_read_the_runtimes_tracebacks_read_dumps() {
    let exe = Go::of(NEWEST_GO).build("manygoroutines");
    let fixture = Fixture::start(&exe, &["-n", "900", "-work", "2"]);
    static BUCKET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^ *(\d+): \S").unwrap());
    for args in [&["--all"][..], &[]] {
        let text = dump(fixture.pid, args);
        let file = scratch("dump-panicparse").join("dump");
        fs::write(&file, &text).unwrap();
        let mut panicparse = Command::new(tool("panicparse", "panicparse"));
        let output = panicparse.arg("-no-color").arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let counts = BUCKET.captures_iter(&said);
        let read: usize = counts.map(|c| c[1].parse::<usize>().unwrap()).sum();
        assert_eq!(read, parse(&text).len(), "{said}");
    }
}

/// The ids above each group, and in the headers of goroutines without a group.
fn ids_of_groups(text: &str) -> BTreeSet<u64> {
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

#[test]
fn threads_say_their_call_goroutine_and_class() {
    let exe = Go::of(NEWEST_GO).build("parked");
    let fixture = Fixture::start::<&str>(&exe, &[]);
    let json = dump_json(fixture.pid, &[]);
    let threads = json["threads"].as_array().unwrap();
    let tids: BTreeSet<i64> = threads.iter().map(|t| t["tid"].as_i64().unwrap()).collect();
    let alive: BTreeSet<i64> = proc::tasks(fixture.pid)
        .into_iter()
        .map(i64::from)
        .collect();
    assert_eq!(tids, alive);
    let stdin = threads
        .iter()
        .find(|t| {
            t["call"]["text"]
                .as_str()
                .is_some_and(|c| c.starts_with("read(0<pipe:["))
        })
        .unwrap();
    assert_eq!(
        (&stdin["goroutine"], &stdin["class"]),
        (&1.into(), &"user".into())
    );
    assert_eq!(stdin["state"], "S");
    assert!(stdin["m"].is_u64(), "{stdin}");
    // The goroutine has the stack of its thread, the call on top.
    let main = &json["goroutines"][0];
    assert_eq!((&main["id"], &main["thread"]), (&1.into(), &stdin["tid"]));
    assert_eq!(main["stack"], stdin["stack"]);
    let stack = &json["stacks"][main["stack"].as_u64().unwrap() as usize];
    let top = stack["frames"][0]["func"].as_str().unwrap();
    assert!(top.ends_with("syscall/linux.Syscall6"), "{top}");
    // It naps for 20 us at a time while there is work, and seems to run then.
    wait_for("sysmon to sleep", SOON, || {
        let json = dump_json(fixture.pid, &[]);
        let threads = json["threads"].as_array().unwrap();
        let found = threads.iter().any(|t| t["class"] == "sysmon");
        found.then_some(())
    });
}

#[test]
fn nothing_is_stopped_and_no_signal_is_sent() {
    let exe = Go::of(NEWEST_GO).build("parked");
    let fixture = Fixture::start::<&str>(&exe, &[]);
    let dir = scratch("dump-calls");
    let log = dir.join("log");
    let pid = fixture.pid.to_string();
    let output = Running::start(
        strace(&[
            "-f",
            "-e",
            "trace=ptrace,kill,tkill,tgkill,rt_sigqueueinfo,pidfd_send_signal",
        ])
        .args(["-e", "signal=none", "-o", log.to_str().unwrap()])
        .args([env!("CARGO_BIN_EXE_gostrace"), "dump", "-p", &pid]),
    )
    .wait(LIMIT);
    assert!(output.status.success(), "{output:#?}");
    let calls = fs::read_to_string(log).unwrap();
    let harmful = |line: &&str| !line.contains("+++") && !line.contains(", 0)");
    let harmful: Vec<&str> = calls.lines().filter(harmful).collect();
    assert!(harmful.is_empty(), "{harmful:#?}");
}

#[test]
fn goroutines_that_run_are_marked_and_never_given_a_stack_of_another_place() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let mut fixture = Fixture::start(&exe, &["-n", "500", "-work", "3"]);
        for _ in 0..25 {
            for (id, block) in parse(&dump(fixture.pid, &["--all"])) {
                let known = !block.frames.is_empty();
                let marked = block.state.contains("moved while it was read")
                    || block.state.starts_with("running")
                    || block.state.starts_with("syscall");
                assert!(known || marked, "goroutine {id}: {block:#?}");
                if known {
                    let last = &block.frames.last().unwrap().0;
                    assert!(last == "runtime.goexit", "goroutine {id}: {block:#?}");
                    // State and stack are of one moment.
                    let on = |func: &str| block.frames.iter().any(|f| f.0 == func);
                    let fits = match &*block.state {
                        "chan receive" => on("runtime.chanrecv") && !on("runtime.chansend"),
                        "chan send" => on("runtime.chansend") && !on("runtime.chanrecv"),
                        _ => true,
                    };
                    assert!(fits, "goroutine {id}: {block:#?}");
                }
            }
        }
        fixture.line();
        assert!(fixture.until("done")["turns"].as_u64().unwrap() > 100);
    }
}

#[test]
fn a_frozen_process_is_seen_whole_and_runs_on() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let mut fixture = Fixture::start(&exe, &["-n", "500", "-work", "3"]);
        for _ in 0..10 {
            let json = dump_json(fixture.pid, &["--freeze"]);
            let frozen = &json["frozen"];
            assert!(frozen["us"].as_u64().unwrap() > 0);
            assert_eq!(frozen["unfrozen"], 0, "{frozen}");
            assert_eq!(frozen["threads"], json["threads"].as_array().unwrap().len());
            for g in json["goroutines"].as_array().unwrap() {
                assert!(g["stack"].is_u64(), "{g}");
            }
            let threads = json["threads"].as_array().unwrap();
            assert!(threads.iter().all(|t| t["doing"] != "running"));
            wait_for("all threads to be let go", SOON, || {
                proc::held(fixture.pid).is_empty().then_some(())
            });
        }
        fixture.line();
        assert!(fixture.until("done")["turns"].as_u64().unwrap() > 100);
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
        let goroutines = json["goroutines"].as_array().unwrap();
        assert!(goroutines.len() > 500 && goroutines.iter().all(|g| g["stack"].is_u64()));
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
    assert!(json["goroutines"].as_array().unwrap().len() > 500);
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

#[test]
fn targets_that_cannot_be_read_say_why_and_end_as_a_trace_would() {
    let nobody = run(&["-p", "4194303"]);
    assert_eq!(nobody.status.code(), Some(78), "{nobody:#?}");
    assert!(
        nobody.stdout.is_empty() && nobody.stderr.contains("no process"),
        "{nobody:#?}"
    );
    let kernel = run(&["-p", "2"]);
    assert_eq!(kernel.status.code(), Some(78), "{kernel:#?}");
    let usage = run(&[]);
    assert_eq!(usage.status.code(), Some(2), "{usage:#?}");
    let exe = Go::of(NEWEST_GO).build("parked");
    let fixture = Fixture::start::<&str>(&exe, &[]);
    let pid = fixture.pid.to_string();
    let nowhere = run(&["-p", &pid, "-o", "/nowhere/dump"]);
    assert_eq!(nowhere.status.code(), Some(125), "{nowhere:#?}");
    let file = scratch("dump-file").join("out");
    let written = run(&["-p", &pid, "-o", file.to_str().unwrap()]);
    assert!(
        written.status.success() && written.stdout.is_empty(),
        "{written:#?}"
    );
    assert!(
        fs::read_to_string(file)
            .unwrap()
            .contains("goroutine 1 [syscall]:")
    );
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
        let _ = Command::new("fsfreeze").arg("-u").arg(&self.mount).status();
        let _ = Command::new("umount").arg("-l").arg(&self.mount).status();
    }
}

/// `cargo test --test dump -- --ignored frozen_file_system`.
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
        let stack = &json["stacks"][waiting["stack"].as_u64().unwrap() as usize];
        let frames = stack["frames"].as_array().unwrap();
        assert!(frames.iter().any(|f| f["func"] == "main.write"), "{stack}");
        let owner = json["goroutines"].as_array().unwrap().iter();
        let owner = owner.filter(|g| g["thread"] == waiting["tid"]);
        assert!(owner.into_iter().all(|g| g["stack"] == waiting["stack"]));
    }
    disk.frozen(false);
    wait_for("all threads to be let go", SOON, || {
        proc::held(fixture.pid).is_empty().then_some(())
    });
    drop(fixture);
}

/// `cargo test --release --test dump -- --ignored`: what a dump of 100,000 goroutines costs.
#[test]
#[ignore = "takes a release build to mean anything"]
fn a_hundred_thousand_goroutines_take_less_than_a_second_and_300_megabytes() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let fixture = Fixture::start::<&str>(&exe, &[]);
        let file = scratch("dump-many").join("out");
        let pid = fixture.pid.to_string();
        let mut times = Vec::new();
        for _ in 0..5 {
            let began = std::time::Instant::now();
            let mut command = gostrace(&["dump", "-p", &pid, "-o", file.to_str().unwrap()]);
            let mut child = command.spawn().unwrap();
            let mut most = 0;
            while child.try_wait().unwrap().is_none() {
                let peak = proc::status(child.id().cast_signed(), "VmHWM").unwrap_or_default();
                let peak = peak.split(' ').next().unwrap().parse().unwrap_or(0);
                most = most.max(peak);
                std::thread::sleep(Duration::from_millis(5));
            }
            times.push(began.elapsed());
            assert!(most < 300 * 1024, "{most} kB");
        }
        let best = times.iter().min().unwrap();
        println!("go{version}: {times:?}");
        assert!(*best < Duration::from_secs(1), "{times:?}");
        let ids = ids_of_groups(&fs::read_to_string(file).unwrap());
        assert!(ids.len() > 100_000, "{}", ids.len());
    }
}
