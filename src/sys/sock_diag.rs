//! What the kernel says of sockets beyond /proc: protocols, and by sock_diag(7) unix peers.

use crate::fd::diag;
use crate::fd::net::{Dump, NetFile};
use crate::ids::Tid;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// More of an answer than this is not read: some 100,000 sockets.
const MAX_ANSWER: usize = 16 << 20;

/// A table of our own network namespace, where sock_diag has it; `None` where it has not
/// (other tables, a kernel without it), or does not answer soon.
#[must_use]
pub fn dump(file: NetFile) -> Option<Dump> {
    let request = match file {
        NetFile::UnixPeers => diag::peers_request(),
        file => diag::tcp_request(file)?,
    };
    ask(&request).ok().map(Dump::Diag)
}

/// The listening TCP sockets of our own network namespace, as [`diag::listeners`] takes them;
/// `None` where sock_diag does not tell.
#[must_use]
pub fn listeners(file: NetFile) -> Option<Vec<u8>> {
    ask(&diag::listeners_request(file)?).ok()
}

fn ask(request: &[u8]) -> io::Result<Vec<u8>> {
    const NETLINK_SOCK_DIAG: i32 = 4;
    // SAFETY: no pointers.
    let fd = unsafe {
        libc::socket(
            libc::AF_NETLINK,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC,
            NETLINK_SOCK_DIAG,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and owned here alone.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    bound_waiting(&socket)?;
    // SAFETY: the buffer is valid for its length; a netlink socket sends to the kernel.
    let sent = unsafe { libc::send(fd, request.as_ptr().cast(), request.len(), 0) };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    let mut answer = Vec::new();
    let mut datagram = vec![0u8; 64 << 10];
    while answer.len() < MAX_ANSWER {
        // SAFETY: the buffer is valid for its length.
        let n = unsafe { libc::recv(fd, datagram.as_mut_ptr().cast(), datagram.len(), 0) };
        let Ok(n) = usize::try_from(n) else {
            return Err(io::Error::last_os_error());
        };
        answer.extend_from_slice(&datagram[..n]);
        if diag::is_refusal(&datagram[..n]) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        if n == 0 || diag::is_last(&datagram[..n]) {
            break;
        }
    }
    Ok(answer)
}

/// The protocol of the socket behind a thread's descriptor, as the kernel names it
/// (`TCP`, `UDPv6`, `UNIX-STREAM`); `None` for what is no socket.
#[must_use]
pub fn protocol(tid: Tid, fd: i32) -> Option<String> {
    let path = CString::new(format!("/proc/{tid}/fd/{fd}")).ok()?;
    let mut name = [0u8; 64];
    // SAFETY: both strings end in NUL; the buffer is valid for its length.
    let n = unsafe {
        libc::getxattr(
            path.as_ptr(),
            c"system.sockprotoname".as_ptr(),
            name.as_mut_ptr().cast(),
            name.len(),
        )
    };
    let name = name.get(..usize::try_from(n).ok()?)?;
    let name = name.strip_suffix(b"\0").unwrap_or(name);
    std::str::from_utf8(name).ok().map(str::to_owned)
}

/// The kernel answers at once or not at all; never wait for long.
fn bound_waiting(socket: &OwnedFd) -> io::Result<()> {
    let limit = libc::timeval {
        tv_sec: 0,
        tv_usec: 100_000,
    };
    // SAFETY: the option's value is a timeval, valid for its size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVTIMEO,
            (&raw const limit).cast(),
            size_of::<libc::timeval>() as libc::socklen_t,
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
