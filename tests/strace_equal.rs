//! The same deterministic run under strace and under gostrace: call for call, argument for argument,
//! result for result the same text.

#![allow(clippy::unwrap_used)]

mod support;

use regex::Regex;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use support::run::{Running, little_environment};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, root, scratch, tool};

/// What strace 6.1 does not know yet, but later releases do; a line of ours that says one of these is
/// not compared (strace's news of releases 6.2 to 6.17).
const NEWER: &[&str] = &[
    "F_CREATED_QUERY",
    "F_DUPFD_QUERY",
    "F_SEAL_EXEC",
    "IFLA_NETNS_IMMUTABLE",
    "IORING_SETUP_DEFER_TASKRUN",
    "MFD_EXEC",
    "MFD_NOEXEC_SEAL",
    "MSG_SENDPAGE_DECRYPTED",
    "MSG_SOCK_DEVMEM",
    "PKEY_DISABLE_READ",
    "PR_GET_MDWE",
    "PR_GET_MEMORY_MERGE",
    "PR_GET_SHADOW_STACK_STATUS",
    "PR_PPC_",
    "PR_RISCV_",
    "PR_SET_MDWE",
    "PR_SET_MEMORY_MERGE",
    "RWF_ATOMIC",
    "RWF_DONTCACHE",
    "RWF_NOAPPEND",
    "RWF_NOSIGNAL",
    "SECBIT_EXEC_",
    "SEGV_CPERR",
    "SO_PASSPIDFD",
    "SO_PEERPIDFD",
    "STATX_MNT_ID_UNIQUE",
    "STATX_WRITE_ATOMIC",
    "fchmodat2(",
    "si_perf_data",
];

/// Runs the program under `tracer` without ASLR and an environment, and returns the trace from the
/// program's own first call on, which begins with `first`.
fn trace(
    tracer: &Path,
    options: &[&str],
    program: &[&OsStr],
    dir: &Path,
    first: &str,
) -> Vec<Line> {
    let file = dir.join(tracer.file_name().unwrap());
    let mut command = Command::new(tool("setarch", "util-linux"));
    command.arg("-R").arg(tracer).args(options);
    command.arg("-o").arg(&file).arg("--").args(program);
    little_environment(&mut command).current_dir(dir);
    // Its SIGURG would interrupt waits, one run in many.
    command.env("GODEBUG", "asyncpreemptoff=1");
    let ended = Running::start(&mut command).wait(SOON);
    assert!(ended.status.success(), "{ended:#?}");
    let text = std::fs::read_to_string(&file).unwrap();
    // Beneath a call that took long on a loaded machine stands what we say of it.
    let lines = text.lines().filter(|line| !line.starts_with(' '));
    let lines = lines.map(comparable);
    let calls = lines.filter(|line| !line.text.starts_with("--- "));
    let own: Vec<Line> = calls.skip_while(|l| !l.text.starts_with(first)).collect();
    assert!(own.len() > 10, "{text}");
    own
}

/// A line, and the thread's id that it begins with.
struct Line {
    tid: String,
    text: String,
}

/// Without what took how long, and without our remarks on timeouts.
fn comparable(line: &str) -> Line {
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let (tid, rest) = line
        .split_once(" ")
        .filter(|(tid, _)| is_number(tid))
        .unwrap_or(("", line));
    let mut rest = rest.trim_start();
    let mut out = String::new();
    for to in ["s left */", "s ago */"] {
        if let Some((before, after)) = rest.split_once(to)
            && let Some((before, _)) = before.rsplit_once(" /* ")
        {
            out.push_str(before);
            rest = after;
        }
    }
    if let Some((before, after)) = rest.split_once("left {")
        && let Some((_, after)) = after.split_once('}')
    {
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    // The result stands in a column, which a remark moves.
    let text = match out.split_once(" = ") {
        Some((call, result)) => format!("{} = {result}", call.trim_end()),
        None => out,
    };
    Line {
        tid: tid.to_owned(),
        text,
    }
}

/// `text` with `PID` for these numbers, where they stand alone.
fn without_numbers(text: &str, numbers: [&str; 2]) -> String {
    let [first, second] = numbers;
    without_number(&without_number(text, first), second)
}

/// `text` with `PID` for that number, where it stands alone.
fn without_number(text: &str, number: &str) -> String {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(number).filter(|_| !number.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + number.len()..]);
        out.push_str(before);
        let alone = !digit(out.chars().last()) && !digit(after.chars().next());
        out.push_str(if alone { "PID" } else { number });
        rest = after;
    }
    out + rest
}

/// Runs `program` under both, each with its own and the `shared` options, and compares.
fn compare(name: &str, first: &str, shared: &[&str]) {
    let program = build_c(name);
    let program = &[program.as_os_str()][..];
    let style = shared.concat();
    let dir = scratch(&format!("strace-equal-{}{style}", name.replace('/', "-")));
    let gostrace = Path::new(env!("CARGO_BIN_EXE_gostrace"));
    let their_options = [&["-f", "-e", "signal=none"], shared].concat();
    let our_options = [&["-f", "-q", "-e", "decode-fds=none"], shared].concat();
    let strace = tool("strace", "strace");
    let theirs = trace(&strace, &their_options, program, &dir, first);
    let same_options = [&["--format", "strace"], &their_options[..]].concat();
    for options in [our_options, same_options] {
        let ours = trace(gostrace, &options, program, &dir, first);
        assert_same(&format!("{name} {options:?}"), &ours, &theirs);
    }
}

/// Each line the same but for its thread's id. That is some number which the call may have for another
/// reason, too, so both ids are left out of both lines.
fn assert_same(what: &str, ours: &[Line], theirs: &[Line]) {
    for (ours, theirs) in ours.iter().zip(theirs) {
        let ids = [&*ours.tid, &*theirs.tid];
        let [ours, theirs] = [ours, theirs].map(|line| without_numbers(&line.text, ids));
        let newer = NEWER.iter().any(|name| ours.contains(name));
        assert!(
            newer || ours == theirs,
            "{what}:\nours   {ours}\ntheirs {theirs}"
        );
    }
    assert_eq!(ours.len(), theirs.len(), "{what}");
}

#[test]
fn every_blocking_call_reads_as_in_strace() {
    for shared in [&[][..], &["-x"], &["-xx"], &["-s", "7"], &["-a", "60"]] {
        compare("calls", "nanosleep(", shared);
    }
}

/// One program for each family of calls, with ordinary, boundary and bad arguments.
fn programs() -> Vec<String> {
    let sources = std::fs::read_dir(root().join("testdata/c/equal")).unwrap();
    let mut names: Vec<String> = sources
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".c").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 30, "{names:?}");
    names
}

#[test]
fn every_argument_reads_as_in_strace() {
    for name in programs().iter().step_by(2) {
        compare(&format!("equal/{name}"), "close(-77)", &[]);
    }
}

#[test]
fn so_does_every_other_one() {
    for name in programs().iter().skip(1).step_by(2) {
        compare(&format!("equal/{name}"), "close(-77)", &[]);
    }
}

/// Their first thread, which makes the calls; without those that the runtime makes there as it
/// likes.
#[test]
fn so_do_programs_in_go() {
    let runtimes = "trace=!futex,rt_sigaction,rt_sigprocmask,sigaltstack,mmap,munmap,madvise,clone,\
                    clone3,sched_yield,tgkill,rt_sigreturn,getpid,gettid,restart_syscall";
    let gostrace = Path::new(env!("CARGO_BIN_EXE_gostrace"));
    let strace = tool("strace", "strace");
    let options = ["-e", runtimes, "-e", "signal=none"];
    for version in [OLDEST_GO, NEWEST_GO] {
        let program = Go::of(version).build("equal");
        for part in ["files", "sockets", "waits", "process"] {
            let run = |tracer: &Path, options: &[&str]| -> Vec<Line> {
                let dir = scratch(&format!("strace-equal-go-{version}-{part}"));
                let program = [program.as_os_str(), part.as_ref()];
                let lines = trace(tracer, options, &program, &dir, "close(-77)");
                // Stacks and the heap lie where the other threads let them, and so does what the
                // runtime's poller remembers of a descriptor.
                let heap = r"\b0x[0-9a-f]{9,}\b|u32=\d+, u64=\d{12,}";
                let heap = Regex::new(heap).unwrap();
                let same = |line: Line| Line {
                    text: heap.replace_all(&line.text, "HEAP").into_owned(),
                    ..line
                };
                lines.into_iter().map(same).collect()
            };
            let theirs = run(&strace, &options);
            let ours = run(gostrace, &[&["--format", "strace"], &options[..]].concat());
            assert_same(&format!("Go {version}, {part}"), &ours, &theirs);
        }
    }
}

#[test]
fn every_style_of_names_is_strace_s() {
    for name in ["epoll", "futex"] {
        for shared in [&["-v"][..], &["-X", "raw"], &["-X", "verbose"]] {
            compare(&format!("equal/{name}"), "close(-77)", shared);
        }
    }
}
