//! A tracer, and how it ends.

use super::dice::Dice;
use super::support::run::{Running, gostrace};
use super::support::{SOON, proc, tool, wait_for};
use nix::sys::signal::Signal;
use std::process::Command;
use std::time::Duration;

/// How the target is looked at.
const MODES: [&[&str]; 6] = [
    &["--tracers", "1"],
    &["--tracers", "2"],
    &["--tracers", "2", "-f"],
    &["--overhead", "5%"],
    &["--sample", "--slow", "1ms"],
    &["--slow", "1ms", "--tracers", "3"],
];

/// What is selected.
pub const SELECTIONS: [&[&str]; 3] = [
    &["-e", "trace=all"],
    &["-e", "futex,epoll_wait,read"],
    &["-e", "%network,%desc,%process"],
];

/// How a tracer ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// Ctrl-C and its like.
    Asked(Signal),
    Killed,
    /// Stopped and continued some times, then asked.
    StoppedThenAsked,
    StoppedThenKilled,
    /// It gets no more memory.
    Starved,
    /// It begins with little memory.
    Poor,
}

const ENDS: [End; 8] = [
    End::Asked(Signal::SIGINT),
    End::Asked(Signal::SIGTERM),
    End::Asked(Signal::SIGHUP),
    End::Killed,
    End::StoppedThenAsked,
    End::StoppedThenKilled,
    End::Starved,
    End::Poor,
];

/// One tracer, from its start to its end.
#[derive(Debug)]
pub struct Attack {
    mode: &'static [&'static str],
    selection: &'static [&'static str],
    /// Whether it has attached before it is to end.
    attached: bool,
    moment: Duration,
    end: End,
}

impl Attack {
    pub fn random(dice: &mut Dice) -> Attack {
        Attack {
            mode: dice.one_of(&MODES),
            selection: dice.one_of(&SELECTIONS),
            attached: dice.below(2) == 0,
            moment: dice.up_to(Duration::from_millis(80)),
            end: dice.one_of(&ENDS),
        }
    }

    /// Traces this process, and ends.
    pub fn run(&self, pid: i32, dice: &mut Dice) {
        let pid_text = pid.to_string();
        let mut args = vec!["-p", &pid_text, "-q", "-o", "/dev/null"];
        args.extend(self.selection);
        args.extend(self.mode);
        let mut command = gostrace(&args);
        if self.end == End::Poor {
            command = limited(&command, 20_000_000 + dice.below(250_000_000));
        }
        let mut tracer = Running::start(&mut command);
        if self.attached && self.end != End::Poor && !self.mode.contains(&"--sample") {
            // A process that ends threads all the time may never be seen wholly attached to.
            tracer.wait_attached_to_leader(pid);
        }
        std::thread::sleep(self.moment);
        match self.end {
            End::Asked(signal) => self.asked(tracer, signal),
            End::Killed => drop(tracer),
            End::StoppedThenAsked => {
                for _ in 0..dice.below(4) {
                    stop(&tracer);
                    std::thread::sleep(dice.up_to(Duration::from_millis(15)));
                    tracer.signal(Signal::SIGCONT);
                    std::thread::sleep(dice.up_to(Duration::from_millis(15)));
                }
                self.asked(tracer, Signal::SIGINT);
            }
            End::StoppedThenKilled => {
                stop(&tracer);
                std::thread::sleep(dice.up_to(Duration::from_millis(15)));
                drop(tracer);
            }
            End::Starved => {
                starve(tracer.pid, dice.below(2_000_000));
                std::thread::sleep(Duration::from_millis(60));
                drop(tracer);
            }
            End::Poor => drop(tracer),
        }
    }

    /// Asks it to end, which it does soon and in order.
    fn asked(&self, tracer: Running, signal: Signal) {
        let began = proc::status(tracer.pid, "SigCgt").is_some_and(|caught| {
            let caught = u64::from_str_radix(&caught, 16).unwrap();
            caught & 1 << (signal as i32 - 1) != 0
        });
        // It has no reason to end by itself.
        if proc::state(tracer.pid) == Some('Z') {
            panic!("{self:?}: {:?}", tracer.wait(SOON));
        }
        tracer.signal(signal);
        let output = tracer.wait(SOON);
        // Before it had come to handle it, the signal ended it.
        let right = match output.status.code() {
            Some(code) => code == 0,
            None => !began,
        };
        assert!(right, "{self:?}: {output:?}");
    }
}

fn stop(tracer: &Running) {
    tracer.signal(Signal::SIGSTOP);
    wait_for("the tracer to stop", SOON, || {
        matches!(proc::state(tracer.pid), None | Some('T' | 'Z')).then_some(())
    });
}

/// The same command with so many bytes of address space.
fn limited(command: &Command, bytes: u64) -> Command {
    let mut limited = Command::new(tool("prlimit", "util-linux"));
    limited
        .arg(format!("--as={bytes}"))
        .arg(command.get_program());
    limited.args(command.get_args());
    limited
}

/// Leaves a process so many more bytes of address space.
fn starve(pid: i32, bytes: u64) {
    let size = proc::status(pid, "VmSize").and_then(|s| s.split(' ').next()?.parse::<u64>().ok());
    let Some(size) = size else { return };
    let mut command = Command::new(tool("prlimit", "util-linux"));
    command.args(["--pid", &pid.to_string()]);
    command.arg(format!("--as={}", size * 1024 + bytes));
    // It may have ended.
    command.output().unwrap();
}
