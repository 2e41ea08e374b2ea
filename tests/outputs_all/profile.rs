//! What people do with a profile, by `go tool pprof`.

use super::readers::{pprof, pprof_says};
use super::support::wait_for;
use super::{SOON, STALL};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

/// Tables, lines, traces, and its pages.
pub fn assert_pprof_shows_it(dir: &Path) {
    let top = pprof_says(&["-top", "-cum"], dir);
    assert!(top.contains("Type: blocked"), "{top}");
    assert!(top.contains(STALL), "{top}");
    assert!(
        top.contains("Time blocked in system calls: demo"),
        "comments: {top}"
    );
    let lines = pprof_says(&["-top", "-cum", "-lines", "-sample_index=calls"], dir);
    assert!(lines.contains("/stalls.go:"), "{lines}");
    let traces = pprof_says(&["-traces"], dir);
    for part in ["call:  waitid", "class:  process-wait", "goroutine:", "fd:"] {
        assert!(traces.contains(part), "{part}: {traces}");
    }
    let raw = pprof_says(&["-raw"], dir);
    let mapping = raw.split("Mappings\n").nth(1).unwrap();
    assert!(
        mapping.contains("demo-") && mapping.contains("[FN][FL][LN][IN]"),
        "{mapping}"
    );
    assert!(raw.contains("\nDuration: "), "{raw}");
    assert_pprof_serves_it(dir);
}

/// `go tool pprof -http`, in a group of its own: go runs pprof as a child.
fn assert_pprof_serves_it(dir: &Path) {
    struct Group(Child);
    impl Drop for Group {
        fn drop(&mut self) {
            let _ = killpg(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGKILL);
            let _ = self.0.wait();
        }
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = free.local_addr().unwrap();
    drop(free);
    let http = format!("-http={addr}");
    let mut command = pprof(&[&http, "-no_browser"], dir);
    command.process_group(0).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Group(command.spawn().unwrap());
    wait_for("pprof to serve", SOON, || TcpStream::connect(addr).ok());
    for path in ["/ui/top", "/ui/flamegraph"] {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        assert!(page.starts_with("HTTP/1.0 200"), "{page}");
        assert!(page.contains("renderInvoice"), "{path}: {page}");
    }
}
