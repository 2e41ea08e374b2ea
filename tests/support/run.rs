//! Child processes: fixtures with their handshake, gostrace, strace.

use super::{SOON, proc, tool, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Leaves a command an environment of little, which a comparison needs. Built to count its lines
/// (`.ci/coverage`), gostrace has variables that say so: a command that it is compared with has them
/// as well.
pub fn little_environment(command: &mut Command) -> &mut Command {
    let counting = std::env::vars().filter(|(name, _)| name.contains("LLVM_PROFILE"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(counting)
}

/// A fixture that has said that it is ready. Killed on drop.
pub struct Fixture {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Its process id.
    pub pid: i32,
    /// Its first line with `"event":"ready"`.
    pub ready: Value,
    /// What it said before that.
    pub before: Vec<Value>,
}

impl Fixture {
    /// Starts it and waits for its `ready` line.
    pub fn start<S: AsRef<std::ffi::OsStr>>(path: &Path, args: &[S]) -> Fixture {
        let mut command = Command::new(path);
        command.args(args);
        Fixture::start_command(&mut command)
    }

    /// The same for a command with an environment, or one that runs the fixture by way of another.
    pub fn start_command(command: &mut Command) -> Fixture {
        Fixture::start_saying(command, "ready")
    }

    /// The same for one whose first word is another event.
    pub fn start_saying(command: &mut Command, event: &str) -> Fixture {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let mut fixture = Fixture {
            pid: child.id().cast_signed(),
            child,
            stdin,
            lines,
            ready: Value::Null,
            before: Vec::new(),
        };
        loop {
            let said = fixture.next();
            if said["event"] == event {
                fixture.ready = said;
                return fixture;
            }
            fixture.before.push(said);
        }
    }

    /// The next line that it prints, as JSON.
    pub fn next(&self) -> Value {
        self.next_within(SOON)
    }

    /// The same for one that has much to do before.
    pub fn next_within(&self, limit: Duration) -> Value {
        let line = match self.lines.recv_timeout(limit) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "the fixture said nothing for {limit:?}:\n{}",
                    proc::doings(self.pid)
                )
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the fixture has ended"),
        };
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"))
    }

    /// The next line, where it prints one soon.
    pub fn try_next(&self) -> Option<Value> {
        match self.lines.recv_timeout(SOON) {
            Ok(line) => Some(serde_json::from_str(&line).unwrap()),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the fixture has ended"),
        }
    }

    /// Writes a line to its standard input.
    pub fn line(&mut self) {
        // A fixture that has ended by itself is no error here: what it said is.
        let _ = self.stdin.as_mut().unwrap().write_all(b"\n");
    }

    /// Waits for a line with this event.
    pub fn until(&self, event: &str) -> Value {
        loop {
            let said = self.next();
            if said["event"] == event {
                return said;
            }
        }
    }

    /// A field of its `ready` line, as a number.
    pub fn number(&self, field: &str) -> i64 {
        self.ready[field]
            .as_i64()
            .unwrap_or_else(|| panic!("no number {field} in {}", self.ready))
    }

    /// Waits until the thread that it named is in the call that it named.
    pub fn wait_until_blocked(&self) {
        let tid = i32::try_from(self.number("tid")).unwrap();
        let nr = self.number("nr");
        wait_for("the fixture to block", SOON, || {
            // A tracer's stop on the way in does not count: the wait has not begun.
            let waits = matches!(proc::state(tid), Some('S' | 'D'));
            proc::syscall(tid).filter(|&(now, _)| now == nr && waits)
        });
    }

    /// Sends it a signal, by number: realtime ones too.
    pub fn signal(&self, number: i32) {
        let status = Command::new("kill")
            .arg(format!("-{number}"))
            .arg(self.pid.to_string())
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Closes its standard input, takes the lines that are left and waits for its end.
    pub fn finish(mut self) -> (ExitStatus, Vec<Value>) {
        self.stdin = None;
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(SOON) {
                Ok(line) => said.push(serde_json::from_str(&line).unwrap()),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the fixture did not end"),
            }
        }
        // What it said has ended, but a tracer may hold up its end.
        let status = wait_for("the fixture to end", SOON, || {
            self.child.try_wait().unwrap()
        });
        (status, said)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program that has ended left behind.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A program that runs with its output collected. Killed on drop.
pub struct Running {
    child: Child,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
    name: String,
    /// Its process id.
    pub pid: i32,
}

impl Running {
    /// Starts it, with nothing on standard input.
    pub fn start(command: &mut Command) -> Running {
        Running::start_with(command, Stdio::null()).0
    }

    /// Starts it with a pipe on standard input, to write to.
    pub fn start_with_input(command: &mut Command) -> (Running, ChildStdin) {
        let (running, input) = Running::start_with(command, Stdio::piped());
        (running, input.unwrap())
    }

    fn start_with(command: &mut Command, input: Stdio) -> (Running, Option<ChildStdin>) {
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let input = child.stdin.take();
        let running = Running {
            name: format!("{command:?}"),
            out: child.stdout.take().map(collect),
            err: child.stderr.take().map(collect),
            pid: child.id().cast_signed(),
            child,
        };
        (running, input)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid), signal).unwrap();
    }

    /// Waits until it traces every thread of the process, or has ended.
    pub fn wait_attached(&mut self, pid: i32) {
        wait_for("gostrace to attach", SOON, || {
            let ended = self.child.try_wait().unwrap().is_some();
            let tasks = proc::tasks(pid);
            let own = proc::tasks(self.pid); // TracerPid is a thread's id
            let all = !tasks.is_empty()
                && tasks
                    .iter()
                    .all(|&tid| proc::tracer(tid).is_none_or(|tracer| own.contains(&tracer)));
            (ended || all).then_some(())
        });
    }

    /// Waits until it traces the leader of the process, or has ended.
    pub fn wait_attached_to_leader(&mut self, pid: i32) {
        wait_for("gostrace to attach", SOON, || {
            let ended = matches!(proc::state(self.pid), None | Some('Z'));
            (ended || proc::tracer(pid) == Some(self.pid)).then_some(())
        });
    }

    /// Interrupts it (Ctrl-C) and waits for its end.
    pub fn stop(self) -> Output {
        self.signal(Signal::SIGINT);
        self.wait(SOON)
    }

    /// Waits for its end; past the limit it is killed and the test fails with what it had printed.
    pub fn wait(mut self, limit: Duration) -> Output {
        let end = std::time::Instant::now() + limit;
        let mut status = None;
        while status.is_none() && std::time::Instant::now() < end {
            status = self.child.try_wait().unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        if status.is_none() {
            let _ = self.child.kill();
        }
        let last = self.child.wait().unwrap();
        let output = Output {
            status: status.unwrap_or(last),
            stdout: self.out.take().unwrap().join().unwrap(),
            stderr: self.err.take().unwrap().join().unwrap(),
        };
        assert!(
            status.is_some(),
            "{} had to be killed after {limit:?}: {output:#?}",
            self.name
        );
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The gostrace under test, with these arguments.
pub fn gostrace<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostrace"));
    command.args(args).env("NO_COLOR", "1");
    command
}

/// Debian's strace, with these arguments.
pub fn strace<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(tool("strace", "strace"));
    command.args(args);
    command
}
