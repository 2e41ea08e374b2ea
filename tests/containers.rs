//! A program in a container from scratch: its own mounts and PIDs, one static binary, whose path leads
//! nowhere outside. Traced from the host, and from a sidecar that shares its PIDs alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;
use std::process::Command;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, scratch, tool};

/// The program in its container.
struct Container {
    fixture: Fixture,
    /// Its process, as the host numbers it.
    pid: i32,
}

impl Container {
    fn start(exe: &Path, name: &str) -> Container {
        let root = scratch(&format!("container-{name}"));
        let script =
            "mount -t tmpfs none \"$0\" && cp \"$1\" \"$0/app\" && exec chroot \"$0\" /app -rate 2";
        let mut command = Command::new(tool("unshare", "util-linux"));
        command.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            script,
        ]);
        command.arg(&root).arg(exe);
        let fixture = Fixture::start_command(&mut command);
        let children = format!("/proc/{0}/task/{0}/children", fixture.pid);
        let children = std::fs::read_to_string(children).unwrap();
        // The binary is where nobody outside can see it.
        assert!(!Path::new("/app").exists() && !root.join("app").exists());
        Container {
            pid: children.trim().parse().unwrap(),
            fixture,
        }
    }

    /// gostrace in the container's PID namespace, with the host's files and a /proc of its own.
    fn sidecar(&self, args: &[&str]) -> Command {
        let mut command = Command::new(tool("nsenter", "util-linux"));
        command.args(["--pid", "--target", &self.pid.to_string()]);
        command.args(["unshare", "--mount", "--fork", "--mount-proc"]);
        command.arg(env!("CARGO_BIN_EXE_gostrace")).args(args);
        command
    }
}

/// Names of functions, of files and of a goroutine are known, and nothing was unknown.
fn is_known(text: &str, said: &str) {
    assert!(text.contains("main.main"), "{text}\n{said}");
    assert!(text.contains("spawn/main.go:"), "{text}");
    assert!(!text.contains("unknown"), "{text}");
}

#[test]
fn a_scratch_image_is_dumped_from_the_host_and_from_a_sidecar() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let container = Container::start(&Go::of(version).build("spawn"), version);
        let pid = container.pid.to_string();
        let host = Running::start(&mut gostrace(&["dump", "-p", &pid, "--all"])).wait(SOON);
        assert!(host.status.success(), "{host:?}");
        is_known(&host.stdout, &host.stderr);
        let both = format!("process {pid} here is 1 inside");
        assert!(host.stderr.contains(&both), "{host:?}");
        let mut sidecar = container.sidecar(&["dump", "-p", "1", "--all"]);
        let inside = Running::start(&mut sidecar).wait(SOON);
        assert!(inside.status.success(), "{inside:?}");
        is_known(&inside.stdout, &inside.stderr);
        assert!(!inside.stderr.contains("inside"), "{inside:?}");
        drop(container.fixture);
    }
}

#[test]
fn a_scratch_image_is_traced_from_the_host_and_from_a_sidecar() {
    let container = Container::start(&Go::of(NEWEST_GO).build("spawn"), "trace");
    let pid = container.pid.to_string();
    let options = ["--slow", "20ms", "-d", "500ms", "--show-parked", "-p"];
    for mode in [None, Some("--sample")] {
        let args: Vec<&str> = options.into_iter().collect();
        let with = |pid| [mode.as_slice(), &args, &[pid]].concat();
        let host = Running::start(&mut gostrace(&with(&pid))).wait(SOON);
        let inside = Running::start(&mut container.sidecar(&with("1"))).wait(SOON);
        for output in [host, inside] {
            assert!(output.status.success(), "{output:?}");
            assert!(output.stdout.contains("spawn/main.go:"), "{output:?}");
        }
    }
}
