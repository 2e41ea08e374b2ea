//! A known number of calls on a known number of threads: not one lost, doubled, out of order,
//! misattributed or misread; and strace says the same of the same run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;
use support::run::{Fixture, Running, gostrace, strace};
use support::{Go, NEWEST_GO, OLDEST_GO, scratch, trace};

const SELECTED: &str = "trace==pread64,=lseek,=fcntl,=write,=futex,=recvfrom,=clock_nanosleep,\
                        =epoll_pwait,=openat,=close";
const THREADS: usize = 8;
/// A debug build on a machine that others use too.
const LIMIT: Duration = Duration::from_secs(300);

/// What the fixture says that each thread did, in order.
fn truth(path: &Path) -> BTreeMap<i32, Vec<String>> {
    let mut threads: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let mut fields = line.splitn(3, '\t');
        let tid = fields.next().unwrap().parse().unwrap();
        let calls = threads.entry(tid).or_default();
        assert_eq!(
            fields.next().unwrap(),
            calls.len().to_string(),
            "sequence in {line}"
        );
        calls.push(fields.next().unwrap().to_owned());
    }
    threads
}

/// Leaves the calls that the fixture counts: by their descriptors and addresses, which the Go runtime
/// does not use.
fn counted_only(traced: BTreeMap<i32, Vec<String>>) -> BTreeMap<i32, Vec<String>> {
    let ours = Regex::new(
        r#"^((pread64|lseek|write|recvfrom|epoll_pwait)\(2\d\d[,<]|(fcntl|close)\(1\d{6}[,)]|futex\(0x100000\d000,|clock_nanosleep\(CLOCK_MONOTONIC, TIMER_ABSTIME, \{tv_sec=\d,|openat\(AT_FDCWD, "/nonexistent/)"#,
    )
    .unwrap();
    traced
        .into_iter()
        .map(|(tid, calls)| {
            (
                tid,
                calls
                    .into_iter()
                    .filter(|c| ours.is_match(&canonical(c)))
                    .collect(),
            )
        })
        .filter(|(_, calls): &(i32, Vec<String>)| !calls.is_empty())
        .collect()
}

/// What is compared: without our remarks, and with the arguments of calls that are not decoded (they
/// cannot block) as numbers, as many as there are.
fn canonical(call: &str) -> String {
    static REMARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" /\* [^*]* \*/").unwrap());
    static PLAIN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(lseek|fcntl|close)\(([^)]*)\)").unwrap());
    let call = REMARK.replace_all(call, "");
    PLAIN
        .replace(&call, |c: &Captures<'_>| {
            let count = match &c[1] {
                "lseek" => 3,
                "fcntl" => 2,
                _ => 1,
            };
            let arguments: Vec<String> = c[2].split(", ").take(count).map(plain).collect();
            format!("{}({})", &c[1], arguments.join(", "))
        })
        .into_owned()
}

fn plain(argument: &str) -> String {
    match argument {
        "SEEK_SET" => "0".to_owned(),
        "F_GETFD" => "1".to_owned(),
        _ => match argument.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).unwrap().to_string(),
            None => argument.to_owned(),
        },
    }
}

/// Says what differs first, where printing it all would bury it.
fn assert_same(truth: &BTreeMap<i32, Vec<String>>, traced: &BTreeMap<i32, Vec<String>>) {
    assert_eq!(
        truth.keys().collect::<Vec<_>>(),
        traced.keys().collect::<Vec<_>>(),
        "threads that made counted calls"
    );
    for (tid, expected) in truth {
        let got = &traced[tid];
        for (sequence, (e, g)) in expected.iter().zip(got).enumerate() {
            assert_eq!(
                canonical(e),
                canonical(g),
                "call {sequence} of thread {tid}"
            );
        }
        assert_eq!(expected.len(), got.len(), "calls of thread {tid}");
    }
}

/// Runs the fixture under gostrace, attached before it begins, and returns truth and trace.
fn attached(
    go: Go,
    calls: usize,
    test: &str,
    tracers: &str,
) -> (BTreeMap<i32, Vec<String>>, BTreeMap<i32, Vec<String>>) {
    let dir = scratch(test);
    let (list, output) = (dir.join("truth"), dir.join("trace"));
    let calls_arg = calls.to_string();
    let mut fixture = Fixture::start(
        &go.build("counted"),
        &["-calls", &calls_arg, "-truth", list.to_str().unwrap()],
    );
    let pid = fixture.pid.to_string();
    let mut tracer = Running::start(&mut gostrace(&[
        "-p",
        &pid,
        "-e",
        SELECTED,
        "-e",
        "decode-fds=none",
        "-q",
        "--no-stack",
        "--tracers",
        tracers,
        "-o",
        output.to_str().unwrap(),
    ]));
    tracer.wait_attached(fixture.pid);
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    assert_eq!(said.last().unwrap()["calls"], calls);
    let ended = tracer.wait(LIMIT);
    assert!(ended.status.success(), "{ended:?}");
    let traced = trace::per_thread(&std::fs::read_to_string(&output).unwrap());
    let truth = truth(&list);
    assert_eq!(truth.len(), THREADS);
    assert_eq!(truth.values().map(Vec::len).sum::<usize>(), calls);
    (truth, counted_only(traced))
}

#[test]
fn a_hundred_thousand_calls_on_eight_threads_are_each_seen_once_by_their_own_thread() {
    let (truth, traced) = attached(Go::of(NEWEST_GO), 100_000, "counted-newest", "2");
    assert_same(&truth, &traced);
}

#[test]
fn a_command_whose_other_calls_run_free_is_counted_as_well() {
    let dir = scratch("counted-filtered");
    let (list, output) = (dir.join("truth"), dir.join("trace"));
    let calls = 50_000;
    let mut command = gostrace(&["--seccomp-bpf", "-q", "-e", SELECTED, "-e"]);
    command.arg("decode-fds=none").arg("-o").arg(&output);
    command.arg("--").arg(Go::of(NEWEST_GO).build("counted"));
    command
        .args(["-calls", &calls.to_string(), "-truth"])
        .arg(&list);
    let mut fixture = Fixture::start_command(&mut command);
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success(), "{status}");
    assert_eq!(said.last().unwrap()["calls"], calls);
    let traced = trace::per_thread(&std::fs::read_to_string(&output).unwrap());
    assert_same(&truth(&list), &counted_only(traced));
}

#[test]
fn the_oldest_go_stripped_is_counted_as_well() {
    let go = Go {
        strip: true,
        ..Go::of(OLDEST_GO)
    };
    let (truth, traced) = attached(go, 20_000, "counted-oldest", "8");
    assert_same(&truth, &traced);
}

#[test]
fn strace_lists_the_same_calls() {
    let dir = scratch("counted-strace");
    let (list, output) = (dir.join("truth"), dir.join("trace"));
    let go = Go::of(NEWEST_GO);
    let calls = 10_000;
    let calls_arg = calls.to_string();
    let mut command = strace(&["-f", "-o", output.to_str().unwrap(), "-e"]);
    command.arg(SELECTED.replace("=", "").replace("trace", "trace="));
    command
        .arg(go.build("counted"))
        .args(["-calls", &calls_arg, "-truth", list.to_str().unwrap()]);
    let mut fixture = Fixture::start_command(&mut command);
    fixture.line();
    let (status, _) = fixture.finish();
    assert!(status.success());
    let by_strace = counted_only(trace::per_thread(
        &std::fs::read_to_string(&output).unwrap(),
    ));
    let truth_of_strace = truth(&list);
    assert_same(&truth_of_strace, &by_strace);

    // The run is the same each time but for the thread ids: compare thread by thread.
    let (truth_of_gostrace, by_gostrace) = attached(go, calls, "counted-twin", "1");
    assert_same(&truth_of_gostrace, &by_gostrace);
    let sorted = |threads: BTreeMap<i32, Vec<String>>| {
        let mut lists: Vec<Vec<String>> = threads.into_values().collect();
        lists.sort();
        lists
    };
    for (ours, theirs) in sorted(by_gostrace).iter().zip(sorted(by_strace)) {
        assert_eq!(ours.len(), theirs.len());
        for (sequence, (o, t)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!(canonical(o), canonical(t), "call {sequence}");
        }
    }
}
