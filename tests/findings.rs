//! Each finding is told of a program that stalls so, on the right evidence, and not of one that
//! does what only looks like it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::run::gostrace;
use support::run::{Fixture, Output, Running};
use support::{Go, NEWEST_GO, scratch};

/// The text of every finding that was told, by id.
fn findings(trace: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in trace.lines() {
        if let Some(rest) = line.strip_prefix("    ! ") {
            inside = rest.contains(": ");
            if inside {
                let id = rest.split([':', ' ']).next().unwrap();
                found.push((id.to_owned(), rest.to_owned()));
            }
        } else if inside && line.starts_with("      ") {
            let (_, text) = found.last_mut().unwrap();
            text.push(' ');
            text.push_str(line.trim());
        } else {
            inside = false;
        }
    }
    found
}

struct Traced {
    findings: Vec<(String, String)>,
    output: Output,
}

impl Traced {
    /// The finding, with all these words in its evidence.
    fn shows(&self, id: &str, words: &[&str]) {
        let told = self.findings.iter().find(|(found, _)| found == id);
        let (_, text) = told.unwrap_or_else(|| panic!("no {id}: {:#?}", self.output));
        for word in words {
            assert!(text.contains(word), "no {word:?} in {text}");
        }
        let gathered = format!("found {id} in process");
        assert!(self.output.stderr.contains(&gathered), "{:#?}", self.output);
    }

    fn lacks(&self, id: &str) {
        let told = self.findings.iter().find(|(found, _)| found == id);
        assert_eq!(told, None, "{:#?}", self.output);
        // What happened was seen: the near miss was near.
        assert!(self.output.status.success());
    }
}

fn trace(fixture: &Fixture, lasts: &str, options: &[&str]) -> Traced {
    // Not the same where another process does the work.
    let pid = fixture.number("pid").to_string();
    let mut args = vec!["-p", &pid, "-d", lasts];
    if !options.contains(&"--slow") {
        args.extend(["--slow", "10ms"]);
    }
    args.extend(options);
    let output = Running::start(&mut gostrace(&args)).wait(Duration::from_secs(60));
    assert!(output.status.success(), "{output:#?}");
    Traced {
        findings: findings(&output.stdout),
        output,
    }
}

/// The same in a network namespace that is not ours.
fn elsewhere(name: &str, lasts: &str) -> Traced {
    let program = Go::of(NEWEST_GO).build("stalls");
    trace(&Fixture::start(&program, &["elsewhere", name]), lasts, &[])
}

/// Traces the fixture of this name; `name` also names its directory.
fn stall(name: &str, lasts: &str, options: &[&str]) -> Traced {
    let program = Go::of(NEWEST_GO).build("stalls");
    let dir = scratch(&format!("stall-{name}"));
    let fixture = Fixture::start(&program, &[Path::new(name), &dir]);
    trace(&fixture, lasts, options)
}

fn cgolock(name: &str) -> Traced {
    let go = Go {
        cgo: true,
        ..Go::of(NEWEST_GO)
    };
    let fixture = Fixture::start(&go.build("cgolock"), &[name]);
    trace(&fixture, "1s", &[])
}

#[test]
fn a_blocking_pipe_is_told_from_one_in_the_poller_and_from_standard_input() {
    stall("blocking-pipe", "1s", &[]).shows(
        "blocking-fd",
        &[
            "main.readRaw",
            "<pipe:[",
            "is in blocking mode (flags 02000000)",
        ],
    );
    stall("not-blocking-pipe", "1s", &[]).lacks("blocking-fd");
}

#[test]
fn a_connection_made_blocking_has_no_deadline_unless_the_socket_has_a_timeout() {
    let endless = stall("blocking-socket", "2500ms", &[]);
    endless.shows(
        "blocking-fd",
        &["<socket:[127.0.0.1:", "the socket has no timeout"],
    );
    endless.shows(
        "no-deadline",
        &[
            "main.readSocket",
            "the peer has sent nothing for",
            "unread bytes: 0",
        ],
    );
    let timed = stall("timed-socket", "2500ms", &[]);
    timed.shows("blocking-fd", &["the socket's own timeout is 30s"]);
    timed.lacks("no-deadline");
}

#[test]
fn a_peer_that_does_not_read_is_told_by_what_waits_to_be_sent() {
    stall("full-socket", "2500ms", &[]).shows(
        "no-deadline",
        &[
            "main.fillSocket",
            "the peer does not read: its window is closed",
        ],
    );
}

#[test]
fn a_wait_for_a_child_names_it_and_what_it_waits_for_itself() {
    stall("child", "1s", &[]).shows(
        "child-wait",
        &[
            "main.waitForChild",
            "\"sleep\" sleeps, itself blocked in clock_nanosleep",
        ],
    );
    let polled = stall("not-child", "1s", &["-e", "wait4"]);
    polled.lacks("child-wait");
}

#[test]
fn a_file_lock_names_its_holder() {
    stall("lock", "1s", &[]).shows(
        "file-lock",
        &[
            "main.waitForLock",
            "held by process",
            "which is the waiting process itself",
        ],
    );
    stall("not-lock", "1s", &["-e", "flock"]).lacks("file-lock");
}

#[test]
fn waits_that_keep_a_thread_are_told_where_go_code_makes_them() {
    stall("sleep", "1s", &[]).shows("thread-held", &["main.sleepRaw", "Go code of the program"]);
    stall("not-sleep", "1s", &[]).lacks("thread-held");
    stall("poll", "1s", &[]).shows("thread-held", &["main.pollTimed"]);
    // A loop that nothing has ever come to may be all that its goroutine is for.
    stall("not-poll", "1s", &[]).lacks("thread-held");
}

#[test]
fn descriptors_that_have_run_out_are_counted_by_kind_with_their_limit() {
    stall("files", "2500ms", &["-e", "open"]).shows(
        "fd-exhaustion",
        &[
            "descriptors are open; they are 5",
            " files",
            "RLIMIT_NOFILE=64",
            "fs.file-max=",
            "refused to main.openAll ",
        ],
    );
    // Those that open them are looked at once few are left, however quick their calls are.
    let leaking = stall("leak", "4s", &["-e", "connect"]);
    leaking.shows("fd-exhaustion", &["as far as was seen, by main.leak "]);
    // Without --slow the failing call itself is shown, and who opened the rest.
    let program = Go::of(NEWEST_GO).build("stalls");
    let fixture = Fixture::start(&program, &["files"]);
    let pid = fixture.pid.to_string();
    let args = ["-p", &pid, "-k", "-e", "open", "-d", "1s"];
    let output = Running::start(&mut gostrace(&args)).wait(Duration::from_secs(60));
    let (_, text) = findings(&output.stdout)
        .into_iter()
        .find(|(id, _)| id == "fd-exhaustion")
        .unwrap_or_else(|| panic!("{output:#?}"));
    assert!(text.contains("openat failed with EMFILE"), "{text}");
    stall("not-files", "2500ms", &["-e", "open"]).lacks("fd-exhaustion");
}

#[test]
fn a_spin_on_eagain_is_told_from_reading_until_it() {
    stall("spin", "2500ms", &["-e", "read,write"]).shows(
        "eagain-spin",
        &["read on fd", "failed with EAGAIN", "and succeeded 0"],
    );
    stall("not-spin", "2500ms", &["-e", "read,write"]).lacks("eagain-spin");
}

#[test]
fn a_storm_of_interruptions_names_its_signal() {
    stall("interrupted", "2500ms", &[]).shows(
        "signal-interruption",
        &["failed with EINTR", "signals delivered meanwhile: SIGUSR1"],
    );
    // As many signals, to a call that the kernel restarts.
    stall("not-interrupted", "2500ms", &[]).lacks("signal-interruption");
}

#[test]
fn a_full_accept_queue_is_told_with_its_limit() {
    stall("backlog", "4s", &[]).shows(
        "backlog",
        &[
            "has 2 connections to accept, its limit is 1",
            "net.core.somaxconn=",
        ],
    );
    stall("not-backlog", "4s", &[]).lacks("backlog");
}

#[test]
fn a_full_accept_queue_in_another_network_namespace_is_told_too() {
    elsewhere("backlog", "4s").shows(
        "backlog",
        &[
            "has 2 connections to accept, its limit is 1",
            "net.core.somaxconn unknown (that of another network namespace)",
        ],
    );
    elsewhere("not-backlog", "4s").lacks("backlog");
}

/// Kernels and containers may refuse io_uring.
fn may_use_io_uring() -> bool {
    let disabled = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    // SAFETY: it fails with EFAULT before it does anything, or with what refuses it.
    #[allow(unsafe_code)]
    let refused = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, 0) };
    let errno = std::io::Error::last_os_error().raw_os_error();
    let may = refused < 0 && errno == Some(libc::EFAULT);
    if !may {
        eprintln!("NOT TESTED: the kernel refuses io_uring ({errno:?}, disabled: {disabled:?})");
    }
    may
}

#[test]
fn a_wait_for_an_io_uring_tells_the_ring_and_what_is_in_flight() {
    if !may_use_io_uring() {
        return;
    }
    stall("ring", "1s", &[]).shows(
        "io_uring",
        &[
            "main.waitForRing",
            "is an io_uring, asked for 1 completions; requests in flight: 1",
        ],
    );
    stall("not-ring", "1s", &["-e", "io_uring_enter"]).lacks("io_uring");
}

#[test]
fn contended_locks_of_the_runtime_are_told_from_parking() {
    let busy = ["--slow", "2ms", "-e", "futex"];
    stall("runtime-lock", "3s", &busy).shows(
        "futex-contention",
        &["times for locks of the Go runtime in", "GOMAXPROCS"],
    );
    let parked = ["--slow", "2ms", "-e", "futex", "--show-parked"];
    stall("not-runtime-lock", "3s", &parked).lacks("futex-contention");
}

#[test]
fn threads_are_too_many_by_their_number_and_named_by_their_call() {
    stall("threads", "2s", &[]).shows(
        "thread-explosion",
        &[
            "threads are blocked at once, in read",
            "had their P handed off to others",
        ],
    );
    stall("not-threads", "2s", &[]).lacks("thread-explosion");
    stall("threads-and-busy", "3s", &[]).shows(
        "thread-explosion",
        &[
            "threads are blocked at once, in nanosleep",
            "goroutines had returned from a call and waited to be run again",
        ],
    );
}

#[test]
fn assists_of_the_collector_are_told_from_its_own_work() {
    stall("assist", "7s", &[]).shows(
        "gc-assist",
        &["looks goroutines assisted the garbage collector", "GOGC"],
    );
    stall("not-assist", "4s", &[]).lacks("gc-assist");
}

#[test]
fn a_world_that_will_not_stop_is_told_with_the_raw_call_that_holds_it_up() {
    // Looks are few where there is little CPU for them.
    let stopped = stall("stop", "6s", &[]);
    stopped.shows(
        "stop-the-world",
        &[
            "looks the world was being stopped",
            "ran on meanwhile, in a raw call of read",
            "main.rawSleep",
        ],
    );
    stall("not-stop", "4s", &[]).lacks("stop-the-world");
}

#[test]
fn a_lock_that_is_held_across_a_wait_is_told_from_one_that_many_take() {
    let held = stall("table", "7s", &[]);
    held.shows(
        "lock-contention",
        &[
            "looks goroutines waited for a lock of package sync, up to 4 at once",
            "main.takeTable",
        ],
    );
    stall("not-table", "4s", &[]).lacks("lock-contention");
}

#[test]
fn a_pipe_that_a_grandchild_holds_open_is_told_from_a_child_that_runs() {
    stall("pipe-holder", "7s", &[]).shows(
        "child-wait",
        &[
            "main.runCommand",
            "of os/exec waits to read pipe:[",
            "\"sleep\" holds it open for writing",
        ],
    );
    stall("not-pipe-holder", "4s", &[]).lacks("child-wait");
}

#[test]
fn a_c_mutex_names_its_owner_and_a_condition_has_none() {
    cgolock("mutex").shows(
        "futex-contention",
        &[
            "main.waitForMutex",
            "held by thread",
            "itself blocked in pause",
        ],
    );
    cgolock("condition").lacks("futex-contention");
}

#[test]
fn a_wait_that_c_gives_up_when_interrupted_is_told_from_one_that_it_repeats() {
    cgolock("nap").shows(
        "signal-interruption",
        &[
            "main.napOnce",
            "cut clock_nanosleep short ",
            " times, and C code did not repeat it: in ",
            "nap_once",
            "SIGUSR1",
        ],
    );
    cgolock("semaphore").shows(
        "signal-interruption",
        &["main.takeSemaphore", "cut futex short "],
    );
    let repeated = cgolock("not-nap");
    let gives_up = |(_, text): &&(String, String)| text.contains("did not repeat it");
    let told = repeated.findings.iter().find(gives_up);
    assert_eq!(told, None, "{:#?}", repeated.output);
}

#[test]
fn the_other_end_of_a_fifo_is_no_file_systems_affair() {
    let traced = stall("not-file-system", "1s", &[]);
    traced.lacks("fs-stall");
    assert!(
        traced.output.stdout.contains("openat("),
        "{:#?}",
        traced.output
    );
}

#[test]
fn only_and_ignore_select_findings_and_the_calls_that_show_them() {
    let only = stall("blocking-socket", "2500ms", &["--only", "no-deadline"]);
    only.shows("no-deadline", &[]);
    only.lacks("blocking-fd");
    assert!(
        only.output
            .stderr
            .contains("showed none of the findings asked for"),
        "{:#?}",
        only.output
    );
    let without = stall("blocking-socket", "2500ms", &["--ignore", "no-deadline"]);
    without.shows("blocking-fd", &[]);
    without.lacks("no-deadline");
}

#[test]
fn how_a_slow_call_waits_is_said_under_it() {
    let text = |traced: Traced| traced.output.stdout;
    assert!(text(stall("poll", "1s", &[])).contains("[user] (timed out)"));
    assert!(text(stall("sleep", "1s", &[])).contains("[user] (timeout 40ms)"));
    assert!(text(stall("lock", "1s", &[])).contains("[user] (no timeout)"));
    assert!(
        text(stall(
            "interrupted",
            "2s",
            &["-e", "epoll_wait", "--slow", "1us"]
        ))
        .contains("(interrupted)")
    );
}

/// Undoes what a test has set up, the last first, however the test ends.
#[derive(Default)]
struct Undo(Vec<Vec<String>>);

impl Undo {
    fn after(&mut self, words: &[&str]) {
        self.0.push(words.iter().map(|w| (*w).to_owned()).collect());
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        for words in self.0.iter().rev() {
            let _ = Command::new(&words[0]).args(&words[1..]).status();
        }
    }
}

fn run(words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

#[test]
#[ignore = "needs root, mkfs.ext4, fsfreeze and a loop device"]
fn a_frozen_file_system_is_named_with_its_device_and_the_kernel_stack() {
    let dir = scratch("stall-frozen");
    let (image, mount) = (dir.join("image"), dir.join("mount"));
    std::fs::create_dir(&mount).unwrap();
    let file = std::fs::File::create(&image).unwrap();
    file.set_len(32 << 20).unwrap();
    let (image, at) = (image.to_str().unwrap(), mount.to_str().unwrap());
    run(&["mkfs.ext4", "-q", image]);
    run(&["mount", "-o", "loop", image, at]);
    let mut undo = Undo::default();
    undo.after(&["umount", "-l", at]);
    let program = Go::of(NEWEST_GO).build("stalls");
    let fixture = Fixture::start(&program, &["create", at]);
    // At work, it is no stall,
    trace(&fixture, "1s", &[]).lacks("fs-stall");
    // frozen, it is.
    run(&["fsfreeze", "-f", at]);
    undo.after(&["fsfreeze", "-u", at]);
    let frozen = trace(&fixture, "1500ms", &[]);
    drop(undo);
    frozen.shows(
        "fs-stall",
        &[
            "main.create",
            "state D",
            "the file system is ext4 of /dev/loop",
            at,
            "in the kernel it waited in",
        ],
    );
}

/// A cgroup for CPU time, of either version.
fn cpu_cgroup() -> (String, bool) {
    for (root, v1) in [("/sys/fs/cgroup/cpu", true), ("/sys/fs/cgroup", false)] {
        let dir = format!("{root}/gostrace-test-{}", std::process::id());
        let limit = if v1 { "cpu.cfs_quota_us" } else { "cpu.max" };
        if std::fs::create_dir(&dir).is_ok() {
            if Path::new(&format!("{dir}/{limit}")).exists() {
                return (dir, v1);
            }
            std::fs::remove_dir(&dir).unwrap();
        }
    }
    panic!("no cgroup with a CPU limit can be made here");
}

#[test]
#[ignore = "needs root and a cgroup with a CPU limit"]
fn a_throttled_cgroup_is_told_from_one_with_room() {
    let program = Go::of(NEWEST_GO).build("stalls");
    let (dir, v1) = cpu_cgroup();
    let mut undo = Undo::default();
    undo.after(&["rmdir", &dir]);
    let limit = |percent: u32| {
        let quota = percent * 1000;
        let (file, text) = match v1 {
            true => ("cpu.cfs_quota_us", format!("{quota}")),
            false => ("cpu.max", format!("{quota} 100000")),
        };
        std::fs::write(format!("{dir}/{file}"), text).unwrap();
    };
    limit(800);
    let fixture = Fixture::start(&program, &["busy"]);
    std::fs::write(format!("{dir}/cgroup.procs"), fixture.pid.to_string()).unwrap();
    let with_room = trace(&fixture, "2500ms", &[]);
    // That a thread waits for a CPU may well be so on a busy machine: it is told apart.
    let throttled = |traced: &Traced| {
        let mut told = traced.findings.iter();
        told.find(|(_, text)| text.contains("its cgroup was throttled in"))
            .cloned()
    };
    assert_eq!(throttled(&with_room), None, "{:#?}", with_room.output);
    limit(20);
    let without = trace(&fixture, "3500ms", &[]);
    let (id, text) = throttled(&without).unwrap_or_else(|| panic!("{:#?}", without.output));
    assert_eq!(id, "cpu-throttled");
    for limit in ["CPU quota (us)=20000", "CPU period (us)=100000"] {
        assert!(text.contains(limit), "{text}");
    }
    drop(fixture);
    drop(undo);
}
