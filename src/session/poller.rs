//! Which goroutines of a live process wait in Go's network poller, and for which descriptor.

use crate::fd::epoll;
use crate::golang::goroutine::Runtime;
use crate::golang::netpoll::{PollDesc, PollWait};
use crate::ids::{Addr, Pid};
use crate::memory::Memory;
use crate::sys::{proc_facts, procfs};
use std::collections::HashMap;

/// Descriptors that are looked at for epoll instances, and registrations that are followed.
const MAX_FDS: usize = 1 << 16;

/// The waits of all goroutines, by the addresses of their g's. A moment's: each is true if the
/// goroutine is found in the same place afterwards.
#[must_use]
pub fn waits(pid: Pid, mem: &dyn Memory, runtime: &Runtime) -> HashMap<Addr, PollWait> {
    let mut waits = HashMap::new();
    for (fd, data) in registrations(pid) {
        let Some(desc) = PollDesc::find(mem, runtime.release, fd, data) else {
            continue;
        };
        let both = [
            (desc.reader, false, desc.read_deadline),
            (desc.writer, true, desc.write_deadline),
        ];
        for (g, writes, deadline) in both {
            if let Some(g) = g {
                waits.insert(
                    g,
                    PollWait {
                        fd,
                        writes,
                        deadline,
                    },
                );
            }
        }
    }
    waits
}

fn registrations(pid: Pid) -> Vec<(i32, u64)> {
    let is_epoll = |fd: &i32| {
        let link = procfs::fd_link(pid.into(), *fd);
        link.is_ok_and(|link| link == b"anon_inode:[eventpoll]")
    };
    let fds = proc_facts::fds(pid).into_iter().take(MAX_FDS);
    let info = |fd| procfs::fd_info(pid.into(), fd).unwrap_or_default();
    fds.filter(is_epoll)
        .flat_map(|fd| epoll::registered(&info(fd)).collect::<Vec<_>>())
        .take(MAX_FDS)
        .collect()
}
