//! What is measured against each other: nothing, strace, gostrace in each of its ways, and the least
//! that ptrace can be made to do.

use crate::machine::cpu_time;
use crate::support::run::gostrace;
use crate::support::{SOON, build_c, proc, root, scratch, tool};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What strace and gostrace are asked for: the calls of a Go program's scheduler.
const FEW_STRACE: &str = "trace=futex,epoll_wait,epoll_pwait";
const FEW: &str = "futex,epoll_wait";

/// How long after its banner a tracer has come to work, where no thread says that it is traced.
const ANNOUNCED: Duration = Duration::from_millis(300);

/// A way to trace, or not to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tracer {
    Untraced,
    StraceFew,
    StraceAll,
    Few,
    All,
    Slow,
    Sample,
    Overhead,
    /// testdata/c/bare.c with so many tracer threads.
    Bare(usize),
}

impl Tracer {
    pub const ALL: [Tracer; 10] = [
        Tracer::Untraced,
        Tracer::StraceFew,
        Tracer::StraceAll,
        Tracer::Few,
        Tracer::All,
        Tracer::Slow,
        Tracer::Sample,
        Tracer::Overhead,
        Tracer::Bare(1),
        Tracer::Bare(2),
    ];

    pub fn name(self) -> &'static str {
        match self {
            Tracer::Untraced => "untraced",
            Tracer::StraceFew => "strace -e futex,epoll_wait",
            Tracer::StraceAll => "strace, all calls",
            Tracer::Few => "gostrace -e futex,epoll_wait",
            Tracer::All => "gostrace, all calls",
            Tracer::Slow => "gostrace --slow 10ms",
            Tracer::Sample => "gostrace --sample --slow 10ms",
            Tracer::Overhead => "gostrace --overhead 5% --slow 10ms",
            Tracer::Bare(1) => "bare loop, 1 thread",
            Tracer::Bare(_) => "bare loop, 2 threads",
        }
    }

    /// The strace with the same selection, where there is one.
    pub fn strace(self) -> Option<Tracer> {
        match self {
            Tracer::Few => Some(Tracer::StraceFew),
            Tracer::All => Some(Tracer::StraceAll),
            _ => None,
        }
    }

    /// The command that traces this process, or why there is none.
    fn command(self, pid: i32) -> Result<Command, String> {
        let pid = pid.to_string();
        let gostrace = |options: &[&str]| {
            let mut command = gostrace(&["-p", &pid]);
            command.args(options);
            command
        };
        let strace = |options: &[&str]| {
            let mut command = Command::new(tool("strace", "strace"));
            command.args(["-f", "-p", &pid]).args(options);
            command
        };
        Ok(match self {
            Tracer::Untraced => return Err("not a tracer".to_owned()),
            Tracer::StraceFew => strace(&["-e", FEW_STRACE, "-o", "/dev/null"]),
            Tracer::StraceAll => strace(&["-o", "/dev/null"]),
            Tracer::Few => gostrace(&["-e", FEW, "-o", "/dev/null"]),
            Tracer::All => gostrace(&["-o", "/dev/null"]),
            Tracer::Slow => gostrace(&["--slow", "10ms", "-o", "/dev/null"]),
            Tracer::Sample => gostrace(&["--sample", "--slow", "10ms", "-o", "/dev/null"]),
            Tracer::Overhead => {
                gostrace(&["--overhead", "5%", "--slow", "10ms", "-o", "/dev/null"])
            }
            Tracer::Bare(threads) => {
                if !root().join("testdata/c/bare.c").exists() {
                    return Err("bare: not built (no testdata/c/bare.c)".to_owned());
                }
                let mut command = Command::new(build_c("bare"));
                command.args([&pid, &threads.to_string()]);
                command
            }
        })
    }

    /// Starts it on this process and waits until it traces, or says why it does not.
    pub fn start(self, pid: i32) -> Result<Running, String> {
        Running::start(self.command(pid)?, pid)
    }
}

/// A tracer at work. Interrupted, and waited for, on drop.
pub struct Running {
    child: Child,
    target: i32,
    log: PathBuf,
    pub pid: i32,
}

impl Running {
    /// Starts a tracer of this process; what it says goes to a file.
    pub fn start(mut command: Command, target: i32) -> Result<Running, String> {
        let log = scratch("compare-tracer").join("stderr");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let mut running = Running {
            pid: child.id().cast_signed(),
            child,
            target,
            log,
        };
        running.wait_ready()?;
        Ok(running)
    }

    fn wait_ready(&mut self) -> Result<(), String> {
        let end = Instant::now() + SOON;
        let mut announced = None;
        loop {
            if self.child.try_wait().unwrap().is_some() {
                let log = self.said();
                let why = log.lines().rfind(|line| !line.trim().is_empty());
                return Err(format!("refused: {}", why.unwrap_or("(said nothing)")));
            }
            if announced.is_none() && self.said().contains("Ctrl-C") {
                announced = Some(Instant::now());
            }
            // No thread knows of one that stops nothing: it says that it is there.
            if self.traces_all() || announced.is_some_and(|at| at.elapsed() > ANNOUNCED) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("not attached after {SOON:?}: {}", self.said()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn traces_all(&self) -> bool {
        let tasks = proc::tasks(self.target);
        let mut some = tasks.iter().filter_map(|&tid| proc::tracer(tid));
        !tasks.is_empty() && some.all(|tracer| tracer == self.pid)
    }

    /// What it has said so far, banner and notes.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How many of its threads trace one of the target's.
    pub fn tracer_threads(&self) -> usize {
        let tracers = proc::tasks(self.target).into_iter().filter_map(|tid| {
            let tracer = proc::status(tid, "TracerPid")?;
            (tracer != "0").then_some(tracer)
        });
        tracers.collect::<BTreeSet<_>>().len()
    }

    /// CPU time that it has used.
    pub fn cpu(&self) -> Duration {
        cpu_time(self.pid).unwrap_or_default()
    }

    /// Interrupts it and waits for its end; returns what it said.
    pub fn stop(mut self) -> String {
        self.end();
        self.said()
    }

    fn end(&mut self) {
        let _ = kill(Pid::from_raw(self.pid), Signal::SIGINT);
        let end = Instant::now() + SOON;
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
