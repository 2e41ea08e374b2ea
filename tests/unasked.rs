//! What gostrace does not do unless it is asked to: it opens no network socket, writes no file, and
//! makes, renames and removes none. strace is the witness.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use support::run::{Fixture, Running, gostrace, strace};
use support::{Go, NEWEST_GO, SOON, scratch};

/// Calls by which something would be left behind, or somebody be spoken to.
const WATCHED: &str = "trace=socket,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,unlink,\
                       unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
                       truncate,chmod,fchmodat,chown,fchownat,setxattr,removexattr";

/// The watched calls that gostrace made with these arguments.
fn calls(name: &str, args: &[&str]) -> Vec<String> {
    let lines = scratch(&format!("unasked-{name}")).join("calls");
    let gostrace = gostrace(args);
    let mut command = strace(&["-f", "-qq", "-e", WATCHED, "-e", "signal=none", "-o"]);
    command.arg(&lines).arg(gostrace.get_program());
    command.args(gostrace.get_args());
    let output = Running::start(&mut command).wait(SOON);
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    let lines = fs::read_to_string(lines).unwrap();
    assert!(lines.contains("openat("), "{lines}");
    lines.lines().map(str::to_owned).collect()
}

/// What it may do: read files; write to nowhere; ask the kernel about sockets.
fn is_harmless(call: &str) -> bool {
    // What it was called with stands in the line that begins it; "???": a thread ended.
    if call.contains(" resumed>") || call.contains("???(") {
        return true;
    }
    let (name, args) = call.split_once('(').unwrap();
    match name.rsplit(' ').next().unwrap() {
        // It goes no further than the kernel, and asks it about sockets.
        "socket" => {
            let words: Vec<&str> = args.split([',', ')', '<']).map(str::trim).collect();
            matches!(words[..], ["AF_NETLINK", _, "NETLINK_SOCK_DIAG", ..])
        }
        "open" | "openat" | "openat2" => {
            let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
            args.contains("\"/dev/null\"") || !writes.iter().any(|flag| args.contains(flag))
        }
        _ => false,
    }
}

#[test]
fn what_would_do_harm_is_told_from_what_does_not() {
    for harmless in [
        "7 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_SOCK_DIAG) = 3",
        "7 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_SOCK_DIAG <unfinished ...>",
        "7 <... socket resumed>) = 3",
        "openat(AT_FDCWD, \"/proc/1/stat\", O_RDONLY|O_CLOEXEC) = 3",
        "openat(AT_FDCWD, \"/dev/null\", O_RDWR <unfinished ...>",
        "7 ???( <unfinished ...>",
    ] {
        assert!(is_harmless(harmless), "{harmless}");
    }
    for harmful in [
        "7 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3",
        "7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP <unfinished ...>",
        "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3",
        "openat(AT_FDCWD, \"/tmp/x\", O_WRONLY|O_CREAT, 0666 <unfinished ...>",
        "7 connect(3, {sa_family=AF_UNIX, sun_path=\"/x\"}, 110) = 0",
    ] {
        assert!(!is_harmless(harmful), "{harmful}");
    }
}

fn assert_harmless(name: &str, args: &[&str]) {
    let calls = calls(name, args);
    let harmful: Vec<_> = calls.iter().filter(|call| !is_harmless(call)).collect();
    assert!(harmful.is_empty(), "{args:?}: {harmful:#?}");
}

#[test]
fn nothing_is_written_and_nobody_spoken_to_unasked() {
    let server = Fixture::start::<&str>(&Go::of(NEWEST_GO).build("httpd"), &[]);
    let pid = server.pid.to_string();
    assert_harmless("trace", &["-p", &pid, "-k", "-d", "300ms"]);
    assert_harmless("slow", &["-p", &pid, "--slow", "1ms", "-d", "300ms"]);
    assert_harmless(
        "sample",
        &["--sample", "-p", &pid, "--slow", "1ms", "-d", "300ms"],
    );
    assert_harmless("json", &["-p", &pid, "--format", "json", "-d", "300ms"]);
    assert_harmless("summary", &["-p", &pid, "-c", "-d", "300ms"]);
    assert_harmless("dump", &["dump", "-p", &pid]);
    assert_harmless("doctor", &["doctor", "-p", &pid]);
}

#[test]
fn a_report_and_a_watched_command_write_nothing_either() {
    let dir = scratch("unasked-recording");
    let recording = dir.join("recording").display().to_string();
    let record = ["-e", "execve", "--record", &recording, "--", "true"];
    let output = Running::start(&mut gostrace(&record)).wait(SOON);
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    assert!(Path::new(&recording).exists());
    assert_harmless("report", &["report", &recording]);
    assert_harmless("hang", &["hang", "--", "true"]);
}
