//! Texts of /proc as data. Pure: whoever has the text calls this.

use crate::ids::{Pid, Tid};

/// CAP_SYS_PTRACE (include/uapi/linux/capability.h).
pub const CAP_SYS_PTRACE: u32 = 19;

/// Names of capabilities by number (include/uapi/linux/capability.h), without their CAP_.
const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// A set of capabilities, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// Whether it holds this one.
    #[must_use]
    pub fn has(self, capability: u32) -> bool {
        self.0
            .checked_shr(capability)
            .is_some_and(|rest| rest & 1 == 1)
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn without(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & !other.0)
    }

    /// Names, `CAP_` included.
    pub fn names(self) -> impl Iterator<Item = String> {
        (0..u64::BITS).filter(move |bit| self.has(*bit)).map(|bit| {
            match usize::try_from(bit)
                .ok()
                .and_then(|bit| CAPABILITIES.get(bit))
            {
                Some(name) => format!("CAP_{name}"),
                None => format!("capability {bit}"),
            }
        })
    }
}

/// User or group ids of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ids {
    /// Real.
    pub real: u32,
    /// Effective.
    pub effective: u32,
    /// Saved.
    pub saved: u32,
}

impl Ids {
    /// Whether all of them are `id`.
    #[must_use]
    pub fn all(self, id: u32) -> bool {
        [self.real, self.effective, self.saved] == [id; 3]
    }
}

/// Mode of seccomp of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Seccomp {
    /// None, or the kernel does not say.
    #[default]
    Off,
    /// read, write, exit alone.
    Strict,
    /// A filter, as containers and systemd install.
    Filter,
}

/// /proc/ID/status, as far as we use it (proc_pid_status(5)).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProcessStatus {
    /// Command name, as the kernel says it: to be cleaned before it is shown.
    pub name: String,
    /// State letter: R, S, D, T, t, Z, X, I.
    pub state: char,
    /// The process.
    pub process: Option<Pid>,
    /// The thread that the text is about.
    pub thread: Option<Tid>,
    /// The parent; `None` for none in our PID namespace.
    pub parent: Option<Pid>,
    /// Who traces it; `None` for nobody (or for somebody outside our PID namespace).
    pub tracer: Option<Pid>,
    /// User ids.
    pub uids: Ids,
    /// Group ids.
    pub gids: Ids,
    /// Ids in the nested PID namespaces, ours first; more than one: it lives in a nested one.
    pub namespace_pids: Vec<i32>,
    /// Threads, a dead leader included.
    pub threads: u32,
    /// Whether it is a kernel thread; `None` where the kernel does not say (before 6.8).
    pub kernel_thread: Option<bool>,
    /// Permitted capabilities.
    pub permitted: Capabilities,
    /// Effective capabilities.
    pub effective: Capabilities,
    /// Whether it can never gain privileges by execve.
    pub no_new_privs: bool,
    /// Mode of seccomp.
    pub seccomp: Seccomp,
}

impl ProcessStatus {
    /// Reads the text of /proc/ID/status. Lines that are missing (older kernels) or
    /// that cannot be read leave their default.
    #[must_use]
    pub fn parse(text: &str) -> ProcessStatus {
        let mut status = ProcessStatus::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
            status.take(key, value.trim());
        }
        status
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "Name" => self.name = value.to_owned(),
            "State" => self.state = value.chars().next().unwrap_or_default(),
            "Tgid" => self.process = positive(value).map(Pid),
            "Pid" => self.thread = positive(value).map(Tid),
            "PPid" => self.parent = positive(value).map(Pid),
            "TracerPid" => self.tracer = positive(value).map(Pid),
            "Uid" => self.uids = ids(value),
            "Gid" => self.gids = ids(value),
            "NSpid" => {
                self.namespace_pids = value
                    .split_whitespace()
                    .filter_map(|id| id.parse().ok())
                    .collect();
            }
            "Threads" => self.threads = value.parse().unwrap_or_default(),
            "Kthread" => self.kernel_thread = Some(value == "1"),
            "CapPrm" => self.permitted = capabilities(value),
            "CapEff" => self.effective = capabilities(value),
            "NoNewPrivs" => self.no_new_privs = value == "1",
            "Seccomp" => {
                self.seccomp = match value {
                    "1" => Seccomp::Strict,
                    "2" => Seccomp::Filter,
                    _ => Seccomp::Off,
                }
            }
            _ => {}
        }
    }

    /// Whether the process has ended and waits for its parent. A leader that has ended before
    /// its threads looks the same but for their number.
    #[must_use]
    pub fn is_zombie(&self) -> bool {
        self.is_dead() && self.threads == 1
    }

    /// Whether the text is of a thread that the kernel has let go of (fs/proc/array.c `task_sig`
    /// then counts no threads): its id is free, or belongs to the thread whose exec has ended it.
    #[must_use]
    pub fn is_vanishing(&self) -> bool {
        self.is_dead() && self.threads == 0
    }

    fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

fn positive(text: &str) -> Option<i32> {
    text.parse().ok().filter(|id| *id > 0)
}

fn ids(text: &str) -> Ids {
    let mut words = text
        .split_whitespace()
        .map(|word| word.parse().unwrap_or(u32::MAX));
    let mut next = || words.next().unwrap_or(u32::MAX);
    Ids {
        real: next(),
        effective: next(),
        saved: next(),
    }
}

fn capabilities(text: &str) -> Capabilities {
    Capabilities(u64::from_str_radix(text, 16).unwrap_or_default())
}

/// Whether /proc/PID/stat says that this is a kernel thread: PF_KTHREAD of its ninth field
/// (proc_pid_stat(5), include/linux/sched.h). The name in parentheses may hold anything.
#[must_use]
pub fn stat_says_kernel_thread(stat: &str) -> Option<bool> {
    const PF_KTHREAD: u64 = 0x0020_0000;
    let (_, fields) = stat.rsplit_once(')')?;
    let flags: u64 = fields.split_whitespace().nth(6)?.parse().ok()?;
    Some(flags & PF_KTHREAD != 0)
}

/// The inode in the text of a /proc/PID/ns link: `user:[4026531837]`.
#[must_use]
pub fn namespace_inode(link: &str) -> Option<u64> {
    link.split_once(":[")?.1.strip_suffix(']')?.parse().ok()
}

/// The number in /proc/sys/kernel/yama/ptrace_scope.
#[must_use]
pub fn yama_scope(text: &str) -> Option<u8> {
    text.trim().parse().ok()
}

/// Whether a process is dumpable, told by the owner of its /proc/PID/status: root instead of its
/// effective user if it is not (task_dump_owner, fs/proc/base.c). `None`: root's own tells nothing.
#[must_use]
pub fn dumpable_by_owner(owner: u32, target: &ProcessStatus) -> Option<bool> {
    match target.uids.effective {
        0 => None,
        uid => Some(owner == uid),
    }
}

/// Whether `target` descends from `ancestor`, as Yama asks it. `parent_of` looks one step up.
pub fn descends(target: Pid, ancestor: Pid, parent_of: impl Fn(Pid) -> Option<Pid>) -> bool {
    // Deeper than any tree of processes: PIDs that are reused while we look must not trap us.
    const DEEPEST: usize = 4096;
    std::iter::successors(Some(target), |pid| parent_of(*pid))
        .take(DEEPEST)
        .any(|pid| pid == ancestor)
}
