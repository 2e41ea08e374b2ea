//! What rules may ask of a live process. Every answer may be "not known".

use super::looks::Looks;
use crate::event::{Known, SyscallEvent};
use crate::fd::FdTarget;
use crate::finding::FdKind;
use crate::ids::{Addr, Pid, Tid};
use std::sync::Arc;
use std::time::Duration;

/// Facts about the process and the machine, as they are when asked. The session reads them from
/// /proc and the kernel's socket diagnostics; tests make them up.
pub trait Facts {
    /// A descriptor of a thread.
    fn descriptor(&self, tid: Tid, fd: i32) -> Option<Descriptor>;
    /// A socket behind a descriptor, looked at through a duplicate.
    fn socket(&self, pid: Pid, fd: i32) -> Known<SocketFacts>;
    /// What a thread, or the leader of a process, is doing.
    fn task(&self, tid: Tid) -> Option<Task>;
    /// Whether the thread is still in the call of the event.
    fn still_in(&self, event: &SyscallEvent) -> bool;
    /// The functions on a thread's kernel stack, innermost first; its wait channel alone where
    /// the stack is not permitted; empty where neither is.
    fn kernel_stack(&self, tid: Tid) -> Vec<Arc<str>>;
    /// Other threads of the process whose wait channel is this one.
    fn waiting_in(&self, pid: Pid, but: Tid, wchan: &str) -> u64;
    /// The mount that an absolute path, or one relative to a descriptor's path, lies on.
    fn mount(&self, tid: Tid, base: Option<i32>, path: &[u8]) -> Option<Mount>;
    /// The lock that a thread waits for (/proc/locks) on a descriptor.
    fn file_lock(&self, pid: Pid, tid: Tid, fd: i32) -> Option<FileLock>;
    /// Words of a process's memory.
    fn words(&self, tid: Tid, at: Addr) -> Option<[u32; 4]>;
    /// Other threads of the process that wait on the futex word at this address.
    fn waiting_on(&self, pid: Pid, but: Tid, word: Addr) -> u64;
    /// Requests that an io_uring behind a descriptor has taken and not completed.
    fn in_flight(&self, tid: Tid, fd: i32) -> Known<u64>;
    /// The process that a thread belongs to, in the thread ids of the target.
    fn has_thread(&self, pid: Pid, tid: Tid) -> bool;
    /// A thread's time on a CPU and waiting for one.
    fn cpu_share(&self, tid: Tid) -> Option<CpuShare>;
    /// The throttling of the cgroup that the process is in.
    fn throttling(&self, pid: Pid) -> Option<Throttling>;
    /// How many descriptors are open.
    fn open_files(&self, pid: Pid) -> Option<u64>;
    /// Of what kinds they are, as far as it is affordable to look.
    fn fd_kinds(&self, pid: Pid) -> Vec<(FdKind, u64)>;
    /// The soft RLIMIT_NOFILE.
    fn nofile(&self, pid: Pid) -> Known<u64>;
    /// A number in /proc/sys, by its path below that (`fs/file-max`).
    fn sysctl(&self, path: &str) -> Known<u64>;
    /// GOMAXPROCS of the process.
    fn gomaxprocs(&self, pid: Pid) -> Known<u64>;
    /// A number among the variables of its environment (`GOGC`).
    fn variable(&self, pid: Pid, name: &str) -> Known<u64>;
    /// What looks at its goroutines have found since this was last asked.
    fn looks(&self, pid: Pid) -> Looks;
    /// The number of its threads.
    fn threads(&self, pid: Pid) -> u64;
    /// Listening sockets of the process whose accept queue is over its limit.
    fn full_listeners(&self, pid: Pid) -> Vec<Listener>;
    /// net.core.somaxconn of the process's network namespace.
    fn somaxconn(&self, pid: Pid) -> Known<u64>;
    /// ListenOverflows of the process's network namespace.
    fn overflows(&self, pid: Pid) -> Option<u64>;
}

/// A descriptor.
#[derive(Clone, PartialEq, Debug)]
pub struct Descriptor {
    /// What it is.
    pub target: FdTarget,
    /// Its open flags, as F_GETFL has them.
    pub flags: u32,
    /// Whether it is one that can wait: a FIFO, a terminal, a pipe, a socket.
    pub waits: bool,
}

/// What the kernel says of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocketFacts {
    /// SO_RCVTIMEO, `None` for none.
    pub receive_timeout: Option<Duration>,
    /// SO_SNDTIMEO.
    pub send_timeout: Option<Duration>,
    /// Of a TCP socket.
    pub tcp: Option<Tcp>,
    /// Bytes received and not read (SIOCINQ).
    pub unread: Option<u32>,
    /// Bytes written and not acknowledged (SIOCOUTQ).
    pub unsent: Option<u32>,
}

/// A few fields of struct tcp_info (linux/tcp.h).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tcp {
    /// `tcpi_state`: 1 established, 2 SYN sent.
    pub state: u8,
    /// `tcpi_last_data_recv`.
    pub since_data: Duration,
    /// `tcpi_unacked`, segments; of a listening socket, connections that wait to be accepted.
    pub unacked: u32,
    /// `tcpi_sacked`, segments; of a listening socket, how many may wait.
    pub sacked: u32,
    /// `tcpi_probes`: unanswered probes of a closed window.
    pub probes: u8,
    /// `tcpi_snd_wnd`, from Linux 6.2 on in bytes.
    pub peer_window: Option<u32>,
}

impl Tcp {
    /// Whether it is a connection, made or being made: neither listens nor has ended.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        /// net/tcp_states.h: ESTABLISHED, SYN_SENT, SYN_RECV.
        const OPEN: std::ops::RangeInclusive<u8> = 1..=3;
        OPEN.contains(&self.state)
    }

    /// A listening socket's accept queue: how many wait in it, and how many may.
    #[must_use]
    pub fn accept_queue(&self) -> Option<(u32, u32)> {
        /// net/tcp_states.h.
        const LISTEN: u8 = 10;
        (self.state == LISTEN).then_some((self.unacked, self.sacked))
    }
}

/// What a thread is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// The letter of its state.
    pub state: char,
    /// Its command name.
    pub command: Option<Arc<str>>,
    /// The call that it is blocked in.
    pub call: Option<&'static str>,
}

/// A mount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// File system type.
    pub kind: Arc<str>,
    /// Device or server.
    pub source: Arc<str>,
    /// Mount point.
    pub at: Arc<str>,
}

/// A file lock that is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileLock {
    /// Its holders.
    pub holders: Vec<Owner>,
}

/// The holder of a lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// The process; `None` for an open-file-description lock.
    pub pid: Option<Pid>,
    /// Its command name.
    pub command: Option<Arc<str>>,
    /// The call that it is blocked in.
    pub call: Option<&'static str>,
}

/// /proc/TID/schedstat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CpuShare {
    /// Time on a CPU.
    pub ran_ns: u64,
    /// Time ready to run, waiting for a CPU.
    pub waited_ns: u64,
}

/// cpu.stat of a cgroup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttling {
    /// Periods so far.
    pub periods: u64,
    /// Of these, throttled.
    pub throttled: u64,
    /// Throttled time, summed over CPUs.
    pub throttled_ns: u64,
    /// CPU time that is allowed in a period, microseconds.
    pub quota_us: Option<u64>,
    /// The period, microseconds.
    pub period_us: Option<u64>,
}

/// A listening socket.
#[derive(Clone, PartialEq, Debug)]
pub struct Listener {
    /// The socket.
    pub target: FdTarget,
    /// Connections waiting to be accepted.
    pub waiting: u32,
    /// As many as may.
    pub limit: u32,
}
