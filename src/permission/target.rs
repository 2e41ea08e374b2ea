//! Whether a process can be a target at all, told from facts.

use super::status::ProcessStatus;
use crate::arch::Arch;
use crate::ids::Pid;
use crate::untrusted::clean;

/// What was found out about a process that the user named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetFacts {
    /// The number that the user gave.
    pub asked: Pid,
    /// Our own PID.
    pub own: Pid,
    /// The machine that we run on.
    pub host: Arch,
    /// /proc/PID/status; `None`: not there, or not for us.
    pub status: Option<ProcessStatus>,
    /// Whether kill(PID, 0) found somebody (success or EPERM); it sees what a /proc mounted
    /// with hidepid does not show.
    pub exists: bool,
    /// What [`super::status::stat_says_kernel_thread`] says, for kernels whose status does not.
    pub stat_kernel_thread: Option<bool>,
    /// Command name of its parent.
    pub parent_name: Option<String>,
    /// The text of the link /proc/PID/exe.
    pub exe: Option<String>,
    /// The first bytes (20 or more) of the file behind that link.
    pub exe_header: Option<Vec<u8>>,
}

/// A target that can be tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suitable {
    /// The process; not the number asked for, if that was a thread of it.
    pub pid: Pid,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// Why a process cannot be traced, whoever tries. One line that says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unsuitable {
    /// No such process.
    #[error(
        "no process {0}: it has ended, or the number is from another PID namespace; find it \
            with `pgrep -a NAME`"
    )]
    NoSuchProcess(Pid),
    /// It exists, and /proc does not show it.
    #[error(
        "process {0} is hidden from this user (/proc is mounted with hidepid); run gostrace \
            with sudo"
    )]
    Hidden(Pid),
    /// It has ended.
    #[error("process {pid} ({name}) has ended and waits for its parent{} to collect it; there \
        is nothing to trace", in_full(.parent, .parent_name))]
    Zombie {
        /// The process.
        pid: Pid,
        /// Its name.
        name: String,
        /// Its parent.
        parent: Option<Pid>,
        /// Its parent's name.
        parent_name: Option<String>,
    },
    /// It is part of the kernel.
    #[error(
        "process {pid} ({name}) is a kernel thread, which makes no system calls; give the PID \
            of a program"
    )]
    KernelThread {
        /// The process.
        pid: Pid,
        /// Its name.
        name: String,
    },
    /// It is we.
    #[error("process {0} is gostrace itself; give the PID of another process")]
    Own(Pid),
    /// Its executable is for 32 bits.
    #[error(
        "process {pid} ({name}) runs a 32-bit executable ({machine}), gostrace traces 64-bit \
            ones only; use strace"
    )]
    Bits32 {
        /// The process.
        pid: Pid,
        /// Its name.
        name: String,
        /// The machine that the executable is for.
        machine: String,
    },
    /// Its executable is for another machine.
    #[error(
        "process {pid} ({name}) runs an executable for {machine}, this gostrace traces {host} only"
    )]
    ForeignMachine {
        /// The process.
        pid: Pid,
        /// Its name.
        name: String,
        /// The machine that the executable is for.
        machine: String,
        /// Ours.
        host: &'static str,
    },
}

impl Unsuitable {
    /// The exit status that says so: 77 where permission is missing, 78 else.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Unsuitable::Hidden(_) => 77,
            _ => 78,
        }
    }
}

/// Whether this process can be a target.
///
/// # Errors
/// Why it cannot.
pub fn assess(facts: &TargetFacts) -> Result<Suitable, Unsuitable> {
    let Some(status) = &facts.status else {
        return Err(match facts.exists {
            true => Unsuitable::Hidden(facts.asked),
            false => Unsuitable::NoSuchProcess(facts.asked),
        });
    };
    let pid = status.process.unwrap_or(facts.asked);
    let name = || clean(&status.name).into_owned();
    if pid == facts.own || facts.asked == facts.own {
        return Err(Unsuitable::Own(facts.own));
    }
    if status.kernel_thread.or(facts.stat_kernel_thread) == Some(true) {
        return Err(Unsuitable::KernelThread { pid, name: name() });
    }
    if status.is_zombie() {
        let parent_name = facts.parent_name.as_deref();
        let parent_name = parent_name.map(|name| clean(name).into_owned());
        return Err(Unsuitable::Zombie {
            pid,
            name: name(),
            parent: status.parent,
            parent_name,
        });
    }
    match facts.exe_header.as_deref().and_then(machine) {
        Some(Machine {
            bits: 32,
            name: machine,
            ..
        }) => {
            return Err(Unsuitable::Bits32 {
                pid,
                name: name(),
                machine,
            });
        }
        Some(Machine {
            arch,
            name: machine,
            ..
        }) if arch != Some(facts.host) => {
            let host = arch_name(facts.host);
            return Err(Unsuitable::ForeignMachine {
                pid,
                name: name(),
                machine,
                host,
            });
        }
        // Unreadable, or not ELF: the kernel runs it, so we can try.
        _ => {}
    }
    Ok(Suitable {
        pid,
        notes: notes(facts, pid, status),
    })
}

fn notes(facts: &TargetFacts, pid: Pid, status: &ProcessStatus) -> Vec<String> {
    let name = clean(&status.name);
    let mut notes = Vec::new();
    if pid != facts.asked {
        notes.push(format!(
            "{} is a thread of process {pid} ({name}); tracing all threads of {pid}",
            facts.asked
        ));
    }
    if facts
        .exe
        .as_deref()
        .is_some_and(|exe| exe.ends_with(" (deleted)"))
    {
        notes.push(format!(
            "the executable of process {pid} ({name}) was replaced or deleted since it started; \
                symbols come from the running one"
        ));
    }
    notes.extend(both_ids(status));
    notes
}

/// The process's id here and inside, if it lives in a nested PID namespace.
#[must_use]
pub(super) fn both_ids(status: &ProcessStatus) -> Option<String> {
    match status.namespace_pids.as_slice() {
        [here, .., inside] => Some(format!(
            "process {here} here is {inside} inside its own PID namespace"
        )),
        _ => None,
    }
}

/// What the head of an ELF file says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Machine {
    bits: u8,
    /// `None`: a machine that we do not know.
    arch: Option<Arch>,
    name: String,
}

/// Reads `e_ident` and `e_machine` (elf(5)). `None`: not ELF.
fn machine(header: &[u8]) -> Option<Machine> {
    let [0x7f, b'E', b'L', b'F', class, data, ..] = header else {
        return None;
    };
    let field = [*header.get(18)?, *header.get(19)?];
    let number = match data {
        2 => u16::from_be_bytes(field),
        _ => u16::from_le_bytes(field),
    };
    let bits = if *class == 1 { 32 } else { 64 };
    let (arch, name) = match (number, bits) {
        (62, 32) => (None, "x32"),
        (62, _) => (Some(Arch::X86_64), "x86_64"),
        (183, _) => (Some(Arch::Aarch64), "aarch64"),
        (3, _) => (None, "i386"),
        (40, _) => (None, "arm"),
        (8, _) => (None, "mips"),
        (21, _) => (None, "ppc64"),
        (22, _) => (None, "s390x"),
        (243, _) => (None, "riscv"),
        (258, _) => (None, "loongarch"),
        _ => {
            return Some(Machine {
                bits,
                arch: None,
                name: format!("ELF machine {number}"),
            });
        }
    };
    Some(Machine {
        bits,
        arch,
        name: name.to_owned(),
    })
}

fn arch_name(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
    }
}

fn in_full(pid: &Option<Pid>, name: &Option<String>) -> String {
    match (pid, name) {
        (Some(pid), Some(name)) => format!(" {pid} ({name})"),
        (Some(pid), None) => format!(" {pid}"),
        (None, _) => String::new(),
    }
}
