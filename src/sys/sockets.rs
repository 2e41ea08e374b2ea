//! A socket of another process, looked at through a duplicate of its descriptor
//! (pidfd_getfd(2), Linux 5.6, permitted to whom may trace). The duplicate lives for
//! microseconds; nothing is read from the socket and none of its options is changed.

use super::SysError;
use crate::diagnose::{SocketFacts, Tcp};
use crate::event::Known;
use crate::ids::{Pid, Tid};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// Offsets in struct tcp_info (linux/tcp.h), which only grows.
const TCPI_STATE: usize = 0;
const TCPI_PROBES: usize = 3;
const TCPI_UNACKED: usize = 24;
const TCPI_SACKED: usize = 28;
const TCPI_LAST_DATA_RECV: usize = 52;
/// After 28 64-bit and 32-bit fields more; since Linux 5.4 (tcpi_snd_wnd).
const TCPI_SND_WND: usize = 228;

/// What the kernel says of the socket that `fd` is in the process.
///
/// # Errors
/// No such descriptor, not permitted, or an older kernel.
pub fn look(pid: Pid, fd: i32) -> Result<SocketFacts, SysError> {
    let socket = duplicate(pid, fd)?;
    let timeout = |name| -> Result<Option<Duration>, SysError> {
        let mut bytes = [0; 16];
        let got = option(&socket, libc::SOL_SOCKET, name, &mut bytes)
            .ok_or_else(|| SysError::last("getsockopt", Tid(pid.0)))?;
        Ok(timeval(got))
    };
    Ok(SocketFacts {
        receive_timeout: timeout(libc::SO_RCVTIMEO)?,
        send_timeout: timeout(libc::SO_SNDTIMEO)?,
        tcp: tcp(&socket),
        unread: queued(&socket, libc::FIONREAD),
        unsent: queued(&socket, libc::TIOCOUTQ),
    })
}

/// The same, or why it is not known.
#[must_use]
pub fn facts(pid: Pid, fd: i32) -> Known<SocketFacts> {
    look(pid, fd).map_or_else(
        |e| Known::Unknown(format!("{}: {e}", e.operation).into()),
        Known::Is,
    )
}

fn duplicate(pid: Pid, fd: i32) -> Result<OwnedFd, SysError> {
    // SAFETY: no pointers.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, 0) };
    let pidfd = owned(pidfd).ok_or_else(|| SysError::last("pidfd_open", Tid(pid.0)))?;
    // SAFETY: no pointers.
    let copy = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0) };
    owned(copy).ok_or_else(|| SysError::last("pidfd_getfd", Tid(pid.0)))
}

fn owned(fd: libc::c_long) -> Option<OwnedFd> {
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the descriptor is new and owned here alone.
    Some(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn option<'a>(socket: &OwnedFd, level: i32, name: i32, bytes: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut len = libc::socklen_t::try_from(bytes.len()).ok()?;
    // SAFETY: the buffer is valid for `len` bytes, and `len` for writing.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            bytes.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    (result == 0).then(|| bytes.get(..len as usize))?
}

/// A struct timeval, zero for none.
fn timeval(bytes: &[u8]) -> Option<Duration> {
    let number = |at: usize| Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let time = Duration::from_secs(number(0)?).checked_add(Duration::from_micros(number(8)?))?;
    (!time.is_zero()).then_some(time)
}

fn tcp(socket: &OwnedFd) -> Option<Tcp> {
    let mut bytes = [0; 256];
    let info = option(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut bytes)?;
    let word = |at: usize| Some(u32::from_ne_bytes(info.get(at..at + 4)?.try_into().ok()?));
    Some(Tcp {
        state: *info.get(TCPI_STATE)?,
        since_data: Duration::from_millis(u64::from(word(TCPI_LAST_DATA_RECV)?)),
        unacked: word(TCPI_UNACKED)?,
        sacked: word(TCPI_SACKED)?,
        probes: *info.get(TCPI_PROBES)?,
        peer_window: word(TCPI_SND_WND),
    })
}

fn queued(socket: &OwnedFd, request: libc::Ioctl) -> Option<u32> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: both requests write one int to a valid place.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), request, &raw mut bytes) };
    (result == 0)
        .then_some(bytes)
        .and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_socket_of_ours_is_described_by_its_own_options_and_queues() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        server
            .set_read_timeout(Some(Duration::from_millis(1500)))
            .unwrap();
        client.write_all(b"12345").unwrap();
        let mut byte = [0; 1];
        server.peek(&mut byte).unwrap();
        let own = Pid(std::process::id().cast_signed());
        let facts = look(own, server.as_raw_fd()).unwrap();
        // The kernel counts in jiffies.
        let timeout = facts.receive_timeout.unwrap();
        assert!(timeout >= Duration::from_millis(1500) && timeout < Duration::from_millis(1520));
        assert_eq!((facts.send_timeout, facts.unread), (None, Some(5)));
        let tcp = facts.tcp.unwrap();
        assert_eq!((tcp.state, tcp.probes), (1, 0));
        assert!(tcp.peer_window.is_none_or(|w| w > 0), "{tcp:?}");
        assert!(look(own, -1).is_err());
    }
}
