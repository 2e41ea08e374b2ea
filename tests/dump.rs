//! `gostrace dump` on live processes: its forms, against what the processes say of themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use gostrace::sys::clock::mono_ns;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use support::dump::{LIMIT, dump, dump_json, ids_of_groups, run};
use support::run::{Fixture, Running, strace};
use support::traceback::parse;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, releases, scratch, tool, wait_for};

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
}

/// Of each lock, channel and so on, all that wait for it and nobody else; since when, by the
/// runtime's count.
#[test]
fn waiters_and_the_longest_wait_are_what_the_program_says() {
    static LONGEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"# 100 goroutines with this stack: .*; longest wait about (\d+) s").unwrap()
    });
    for version in releases() {
        let exe = Go::of(version).build("manygoroutines");
        let fixture = Fixture::start(&exe, &["-n", "900", "-account"]);
        let said = fixture.before.iter().find(|s| s["event"] == "waits");
        let said = said.unwrap();
        // How long each has waited by now at most and at least, while f runs.
        let waited = |f: &mut dyn FnMut()| {
            let since = |field: &str| mono_ns() - said[field].as_u64().unwrap();
            let least = since("before");
            f();
            (least, since("after"))
        };
        let mut json = Value::Null;
        let (least, most) = waited(&mut || json = dump_json(fixture.pid, &[]));
        let found = json["waited_on"].as_array().unwrap();
        let goroutines = json["goroutines"].as_array().unwrap();
        for object in said["on"].as_array().unwrap() {
            let at = &object["address"];
            let ours = found.iter().find(|w| w["address"] == *at).unwrap();
            let ids = |of: &Value| -> BTreeSet<u64> {
                let ids = of["goroutines"].as_array().unwrap().iter();
                ids.map(|id| id.as_u64().unwrap()).collect()
            };
            assert_eq!(ours["kind"], object["kind"]);
            assert_eq!(ids(ours), ids(object), "{version}: {object}");
            for g in goroutines {
                let waits = g["waits_on"].as_array().is_some_and(|on| on.contains(at));
                let id = g["id"].as_u64().unwrap();
                assert_eq!(waits, ids(object).contains(&id), "{version}: {g}");
                let ns = g["waited_ns"].as_u64().unwrap_or(0);
                assert!(!waits || (least..=most).contains(&ns), "{version}: {g}");
            }
        }
        // Apart from these, each select waits for a timer of its own.
        let alone = |w: &&Value| w["goroutines"].as_array().unwrap().len() == 1;
        let timers = found.iter().filter(alone).count();
        assert_eq!(found.len(), timers + 5, "{found:#?}");
        let full = found.iter().filter(|w| w["cap"] == 3 && w["len"] == 3);
        assert_eq!(full.count(), 1);

        wait_for("a wait of a second", SOON, || {
            let mut longest = Vec::new();
            let (least, most) = waited(&mut || {
                let text = dump(fixture.pid, &[]);
                let waits = LONGEST.captures_iter(&text);
                longest = waits.map(|c| c[1].parse::<u64>().unwrap()).collect();
            });
            // One of each way, and none that the runtime has not seen to wait.
            assert_eq!(longest.len(), 9);
            let bounds = least / 1_000_000_000..=most / 1_000_000_000;
            assert!(longest.iter().all(|s| bounds.contains(s)), "{longest:?}");
            (longest[0] >= 1).then_some(())
        });
    }
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

/// What the goroutine in this function waits for in Go's poller.
fn polls<'a>(json: &'a Value, func: &str) -> Option<&'a Value> {
    let stacks = json["stacks"].as_array().unwrap();
    let inside = |stack: &Value| {
        let frames = stack["frames"].as_array().unwrap();
        frames.iter().any(|frame| frame["func"] == func)
    };
    let mut goroutines = json["goroutines"].as_array().unwrap().iter();
    let found = goroutines.find(|g| {
        g["stack"]
            .as_u64()
            .is_some_and(|n| inside(&stacks[n as usize]))
    });
    found?.get("polls")
}

#[test]
fn waits_for_the_network_are_told_with_descriptor_deadline_and_peer() {
    for version in releases() {
        let fixture = Fixture::start::<&str>(&Go::of(version).build("conns"), &[]);
        let all = [
            "main.accept",
            "main.readForEver",
            "main.readForAnHour",
            "main.writeForEver",
            "main.readPipe",
        ];
        let json = wait_for("all to wait", SOON, || {
            let json = dump_json(fixture.pid, &[]);
            let wait = all.iter().all(|func| polls(&json, func).is_some());
            let full = polls(&json, "main.writeForEver")?["unsent"].as_u64() > Some(0);
            (wait && full).then_some(json)
        });
        let told = |func: &str| polls(&json, func).unwrap();
        for (func, to, deadline, lacking) in [
            ("main.accept", "read", "none", None),
            ("main.readForEver", "read", "none", Some(true)),
            ("main.readForAnHour", "read", "set", None),
            ("main.writeForEver", "write", "none", Some(true)),
            ("main.readPipe", "read", "none", None),
        ] {
            let polls = told(func);
            assert_eq!(polls["to"], to, "{version} {func}: {polls}");
            assert_eq!(polls["deadline"], deadline, "{version} {func}: {polls}");
            let lacks = polls.get("no_deadline").and_then(Value::as_bool);
            assert_eq!(lacks, lacking, "{version} {func}: {polls}");
            let fd = polls["fd"].as_u64().unwrap();
            let link = fs::read_link(format!("/proc/{}/fd/{fd}", fixture.pid)).unwrap();
            let kind = if func == "main.readPipe" {
                "pipe:["
            } else {
                "socket:["
            };
            assert!(link.to_str().unwrap().starts_with(kind), "{link:?}");
            assert!(polls["target"].as_str().unwrap().starts_with(kind));
        }
        let left = told("main.readForAnHour")["ends_in_ns"].as_u64().unwrap();
        assert!((3_000..=3_600).contains(&(left / 1_000_000_000)), "{left}");
        assert_eq!(told("main.readForEver")["unread"], 0);

        let text = dump(fixture.pid, &[]);
        let lines: Vec<&str> = text.lines().collect();
        let line = |words: &[&str]| {
            let fits = |line: &&&str| words.iter().all(|word| line.contains(word));
            assert!(lines.iter().any(|line| fits(&line)), "{words:?}: {text}");
        };
        line(&[
            "# no-deadline: goroutine ",
            " to read from fd ",
            "->127.0.0.1:",
            "the peer has sent nothing for",
        ]);
        line(&[
            "# no-deadline: goroutine ",
            " to write to fd ",
            "->127.0.0.1:",
            "the peer ",
        ]);
        line(&["# others: 1 with a deadline; 2 that listen, or wait for "]);
        let named = lines.iter().filter(|l| l.starts_with("# no-deadline: "));
        assert_eq!(named.count(), 2, "{text}");
    }
}
