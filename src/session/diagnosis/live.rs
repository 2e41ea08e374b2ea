//! Facts of live processes, from /proc and the kernel's socket diagnostics.

use super::cgroup;
use super::lookout::Lookout;
use crate::diagnose::{
    CpuShare, Descriptor, Facts, FileLock, Listener, Looks, Mount, Owner, SocketFacts, Task,
    Throttling,
};
use crate::event::{Known, SyscallEvent};
use crate::fd::net::{self, NetFile};
use crate::fd::{Endpoints, FdTarget, diag};
use crate::finding::FdKind;
use crate::ids::{Addr, Pid, Tid};
use crate::memory::Memory;
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::SyscallFile;
use crate::sys::{proc_facts, procfs, sock_diag, sockets};
use crate::syscall;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Descriptors and threads that are looked at one by one at most.
const MAX_LOOKED_AT: usize = 2048;
/// Kernel functions that are shown.
const MAX_KERNEL_FRAMES: usize = 6;

/// Reads what it is asked for, when it is asked.
#[derive(Debug)]
pub(super) struct Live {
    own_net: Option<Vec<u8>>,
    pub lookout: Lookout,
}

impl Live {
    pub fn new(looks: bool) -> Live {
        Live {
            lookout: Lookout::new(looks),
            own_net: procfs::net_namespace(Tid(crate::session::preflight::own_pid().0)),
        }
    }

    fn is_in_own_net(&self, pid: Pid) -> bool {
        self.own_net.is_some() && procfs::net_namespace(pid.into()) == self.own_net
    }
}

impl Facts for Live {
    fn descriptor(&self, tid: Tid, fd: i32) -> Option<Descriptor> {
        let link = procfs::fd_link(tid, fd).ok()?;
        let info = procfs::fd_info(tid, fd).ok()?;
        let flags = info.lines().find_map(|l| l.strip_prefix("flags:"))?;
        let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
        let target = FdTarget::parse(&link, Some(&info));
        let waits = match &target {
            FdTarget::Socket { .. } | FdTarget::Pipe(_) => true,
            FdTarget::Path(_) => proc_facts::is_fifo_or_terminal(tid, fd),
            _ => false,
        };
        Some(Descriptor {
            target,
            flags,
            waits,
        })
    }

    fn socket(&self, pid: Pid, fd: i32) -> Known<SocketFacts> {
        sockets::facts(pid, fd)
    }

    fn task(&self, tid: Tid) -> Option<Task> {
        let state = procfs::state(tid)?;
        let call = match procfs::syscall(tid) {
            Ok(SyscallFile::InCall { call, .. }) => syscall::name(call.abi, call.nr),
            _ => None,
        };
        Some(Task {
            state,
            command: procfs::comm(tid).map(Into::into),
            call,
        })
    }

    fn still_in(&self, event: &SyscallEvent) -> bool {
        match procfs::syscall(event.tid) {
            Ok(SyscallFile::InCall { call, .. }) => {
                call.nr == event.call.nr && call.args == event.call.args
            }
            _ => false,
        }
    }

    fn kernel_stack(&self, tid: Tid) -> Vec<Arc<str>> {
        let mut stack = procfs::kernel_stack(tid);
        if stack.is_empty() {
            stack.extend(procfs::wchan(tid));
        }
        stack.truncate(MAX_KERNEL_FRAMES);
        stack.into_iter().map(Into::into).collect()
    }

    fn waiting_in(&self, pid: Pid, but: Tid, wchan: &str) -> u64 {
        let tids = procfs::tasks(pid).unwrap_or_default();
        let others = tids.into_iter().filter(|tid| *tid != but);
        others
            .take(MAX_LOOKED_AT)
            .filter(|tid| procfs::wchan(*tid).is_some_and(|name| name == wchan))
            .count() as u64
    }

    fn mount(&self, tid: Tid, base: Option<i32>, path: &[u8]) -> Option<Mount> {
        let mut whole = Vec::new();
        if !path.starts_with(b"/") {
            whole = match base {
                Some(fd) => procfs::fd_link(tid, fd).ok()?,
                None => proc_facts::cwd(tid)?,
            };
            whole.push(b'/');
        }
        whole.extend_from_slice(path);
        let mounts = procfs::read_text(&format!("/proc/{tid}/mountinfo")).ok()?;
        let (kind, source, at) = proc_facts::mount_of(&mounts, &String::from_utf8_lossy(&whole))?;
        Some(Mount {
            kind: kind.into(),
            source: source.into(),
            at: at.into(),
        })
    }

    fn file_lock(&self, pid: Pid, tid: Tid, fd: i32) -> Option<FileLock> {
        let locks = procfs::read_text("/proc/locks").ok()?;
        let inode = proc_facts::inode(tid, fd)?;
        let holders = proc_facts::holders(&locks, pid, tid, inode)?;
        let owner = |pid: Option<Pid>| {
            let task = pid.and_then(|pid| self.task(pid.into()));
            Owner {
                pid,
                command: task.as_ref().and_then(|t| t.command.clone()),
                call: task.and_then(|t| t.call),
            }
        };
        Some(FileLock {
            holders: holders.into_iter().map(owner).collect(),
        })
    }

    fn words(&self, tid: Tid, at: Addr) -> Option<[u32; 4]> {
        let mut bytes = [0; 16];
        ProcessMemory::new(Pid::from(tid))
            .read(at, &mut bytes)
            .ok()?;
        let mut words = [0; 4];
        for (word, four) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_ne_bytes(four.try_into().ok()?);
        }
        Some(words)
    }

    fn waiting_on(&self, pid: Pid, but: Tid, word: Addr) -> u64 {
        let waits = |tid: &Tid| match procfs::syscall(*tid) {
            Ok(SyscallFile::InCall { call, .. }) => {
                call.args[0] == word.0 && syscall::name(call.abi, call.nr) == Some("futex")
            }
            _ => false,
        };
        let tids = procfs::tasks(pid).unwrap_or_default();
        let others = tids.into_iter().filter(|tid| *tid != but);
        others.take(MAX_LOOKED_AT).filter(waits).count() as u64
    }

    fn in_flight(&self, tid: Tid, fd: i32) -> Known<u64> {
        let unknown = |why: &str| Known::Unknown(why.into());
        let Ok(info) = procfs::fd_info(tid, fd) else {
            return unknown("its fdinfo is not readable");
        };
        proc_facts::in_flight(&info).map_or_else(|| unknown("its fdinfo does not tell"), Known::Is)
    }

    fn has_thread(&self, pid: Pid, tid: Tid) -> bool {
        procfs::process_of(tid) == Some(pid)
    }

    fn cpu_share(&self, tid: Tid) -> Option<CpuShare> {
        let text = procfs::read_text(&format!("/proc/{tid}/schedstat")).ok()?;
        let mut words = text.split_whitespace().map(|w| w.parse().ok());
        Some(CpuShare {
            ran_ns: words.next()??,
            waited_ns: words.next()??,
        })
    }

    fn throttling(&self, pid: Pid) -> Option<Throttling> {
        cgroup::throttling(pid)
    }

    fn open_files(&self, pid: Pid) -> Option<u64> {
        proc_facts::open_files(pid)
    }

    fn fd_kinds(&self, pid: Pid) -> Vec<(FdKind, u64)> {
        let mut kinds: BTreeMap<FdKind, u64> = BTreeMap::new();
        for fd in proc_facts::fds(pid).into_iter().take(MAX_LOOKED_AT) {
            if let Ok(link) = procfs::fd_link(pid.into(), fd) {
                *kinds
                    .entry(kind_of(&FdTarget::parse(&link, None)))
                    .or_default() += 1;
            }
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(kind, n)| (std::cmp::Reverse(*n), *kind));
        kinds
    }

    fn nofile(&self, pid: Pid) -> Known<u64> {
        let soft = proc_facts::nofile(pid);
        soft.map_or_else(|| Known::Unknown("/proc/PID/limits".into()), Known::Is)
    }

    fn sysctl(&self, path: &str) -> Known<u64> {
        let text = procfs::read_text(&format!("/proc/sys/{path}")).ok();
        let value = text.and_then(|t| t.trim().parse().ok());
        value.map_or_else(|| Known::Unknown("not readable".into()), Known::Is)
    }

    fn gomaxprocs(&self, pid: Pid) -> Known<u64> {
        self.variable(pid, "GOMAXPROCS")
    }

    fn variable(&self, pid: Pid, name: &str) -> Known<u64> {
        match proc_facts::environment(pid, name).map(|v| v.parse()) {
            Some(Ok(value)) => Known::Is(value),
            Some(Err(_)) => Known::Unknown("in the environment, but not a plain number".into()),
            None => Known::Unknown("not set in the environment".into()),
        }
    }

    fn looks(&self, pid: Pid) -> Looks {
        self.lookout.take(pid)
    }

    fn threads(&self, pid: Pid) -> u64 {
        procfs::tasks(pid).map_or(0, |tids| tids.len() as u64)
    }

    fn full_listeners(&self, pid: Pid) -> Vec<Listener> {
        // sock_diag answers for our own namespace only.
        let ours = self.is_in_own_net(pid);
        let files = [(NetFile::Tcp, "TCP"), (NetFile::Tcp6, "TCPv6")];
        let mut waiting: Vec<diag::Listening> = files
            .into_iter()
            .filter_map(|(file, protocol)| {
                let answer = ours.then(|| sock_diag::listeners(file)).flatten();
                Some(match answer {
                    Some(answer) => diag::listeners(protocol, &answer),
                    None => {
                        let text = procfs::net_table(pid.into(), file.file_name()).ok()?;
                        net::listeners(protocol, &text)
                    }
                })
            })
            .flatten()
            .filter(|l| l.limit.map_or(l.waiting > 0, |limit| l.waiting > limit))
            .collect();
        if waiting.is_empty() {
            return Vec::new();
        }
        let own: HashMap<Vec<u8>, i32> = proc_facts::fds(pid)
            .into_iter()
            .filter_map(|fd| Some((procfs::fd_link(pid.into(), fd).ok()?, fd)))
            .collect();
        waiting.sort_by_key(|l| l.inode);
        let full = waiting.into_iter().filter_map(|l| {
            let fd = own.get(format!("socket:[{}]", l.inode).as_bytes())?;
            let (waiting, limit) = match l.limit {
                Some(limit) => (l.waiting, limit),
                // The tables do not tell the limit, the socket itself does.
                None => sockets::look(pid, *fd).ok()?.tcp?.accept_queue()?,
            };
            let endpoints = Endpoints {
                local: l.local,
                ..Endpoints::unbound(l.protocol)
            };
            (waiting > limit).then(|| Listener {
                target: FdTarget::Socket {
                    inode: l.inode,
                    endpoints: Some(Arc::new(endpoints)),
                },
                waiting,
                limit,
            })
        });
        full.collect()
    }

    fn somaxconn(&self, pid: Pid) -> Known<u64> {
        match self.is_in_own_net(pid) {
            true => self.sysctl("net/core/somaxconn"),
            false => Known::Unknown("that of another network namespace".into()),
        }
    }

    fn overflows(&self, pid: Pid) -> Option<u64> {
        let text = procfs::net_table(pid.into(), "netstat").ok()?;
        proc_facts::netstat(
            &String::from_utf8_lossy(&text),
            "TcpExt:",
            "ListenOverflows",
        )
    }
}

fn kind_of(target: &FdTarget) -> FdKind {
    match target {
        FdTarget::Socket { .. } => FdKind::Socket,
        FdTarget::Pipe(_) => FdKind::Pipe,
        FdTarget::Path(_) => FdKind::File,
        other if other.anon_name() == Some("eventpoll") => FdKind::Epoll,
        _ => FdKind::Other,
    }
}
