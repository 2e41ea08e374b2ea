//! What a file descriptor is: the text of /proc/PID/fd/N, made into a type.

use crate::ids::Pid;
use std::sync::Arc;

/// What a descriptor refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FdTarget {
    /// A file, directory or device, by path.
    Path(Arc<str>),
    /// A socket, by inode; its endpoints where they were found.
    Socket {
        /// Inode number, as in `socket:[INODE]`.
        inode: u64,
        /// Protocol and addresses.
        endpoints: Option<Arc<Endpoints>>,
    },
    /// One end of a pipe.
    Pipe(u64),
    /// A pidfd and the process it refers to.
    PidFd(Pid),
    /// Another anonymous inode: eventfd, eventpoll, timerfd, inotify, io_uring...
    Anon(Arc<str>),
}

/// Where a socket leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoints {
    /// `TCP`, `TCPv6`, `UDP`, `UDPv6`, `UNIX-STREAM`, `NETLINK`... as strace -yy names them.
    pub protocol: &'static str,
    /// The socket's own address.
    pub local: String,
    /// The peer's, where connected.
    pub remote: Option<String>,
}
