//! What poll(2) says of our own descriptors.

/// Whether nobody can read any more what is written to a descriptor.
#[must_use]
pub fn is_hung_up(fd: i32) -> bool {
    poll(fd, 0) & (libc::POLLERR | libc::POLLHUP) != 0
}

/// Whether a write to a descriptor would not block.
#[must_use]
pub fn is_writable(fd: i32) -> bool {
    poll(fd, libc::POLLOUT) & libc::POLLOUT != 0
}

/// What a descriptor is waited for to be ready for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Something can be read, or a connection be accepted.
    Read,
    /// Something can be written.
    Write,
}

/// Waits until one of them is ready, or this time, or a signal.
pub fn wait(asked: &[(i32, Wish)], limit_ms: i32) {
    let mut asked: Vec<libc::pollfd> = asked
        .iter()
        .map(|&(fd, wish)| libc::pollfd {
            fd,
            events: match wish {
                Wish::Read => libc::POLLIN,
                Wish::Write => libc::POLLOUT,
            },
            revents: 0,
        })
        .collect();
    // SAFETY: as many valid pollfds as is said, which the call does not keep.
    unsafe {
        libc::poll(asked.as_mut_ptr(), asked.len() as libc::nfds_t, limit_ms);
    }
}

/// What there is of `events`, errors and hang-ups, now; nothing if it cannot be told.
fn poll(fd: i32, events: libc::c_short) -> libc::c_short {
    let mut asked = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    // SAFETY: one valid pollfd, which the call does not keep.
    if unsafe { libc::poll(&mut asked, 1, 0) } > 0 {
        asked.revents
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_pipe_is_hung_up_when_its_reader_has_gone_and_not_writable_when_full() {
        let (reader, writer) = std::io::pipe().unwrap();
        let fd = writer.as_raw_fd();
        assert!(!is_hung_up(fd) && is_writable(fd));
        nix::fcntl::fcntl(
            &writer,
            nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK),
        )
        .unwrap();
        use std::io::Write;
        while (&writer).write(&[0; 4096]).is_ok() {}
        assert!(!is_hung_up(fd) && !is_writable(fd));
        drop(reader);
        assert!(is_hung_up(fd));
    }
}
