//! Who has the other end of a pipe or socket: found among the descriptors of the tree.

use super::scene::{Access, OpenFile, Process, Scene};
use crate::fd::{Endpoints, FdTarget};
use crate::ids::Pid;
use crate::sink::FdStyle;
use crate::sink::write_target;

/// Whether a wait is for data or for room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

/// An end that somebody holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Who.
    pub pid: Pid,
    /// As this descriptor.
    pub fd: i32,
}

/// The descriptors of the tree that are the other end of this one of `own`: of a pipe, those that
/// could write what it waits to read, or read what it waits to write; of a socket, its peer.
#[must_use]
pub fn other_ends(
    scene: &Scene,
    own: &Process,
    file: &OpenFile,
    direction: Direction,
) -> Vec<Holder> {
    let wanted = |p: &Process, other: &OpenFile| match (&file.target, &other.target) {
        (FdTarget::Pipe(a), FdTarget::Pipe(b)) => {
            let useful = match direction {
                Direction::Read => other.access != Access::Read,
                Direction::Write => other.access != Access::Write,
            };
            a == b && useful && (p.id != own.id || other.fd != file.fd)
        }
        (
            FdTarget::Socket {
                inode: a,
                endpoints: Some(ours),
            },
            FdTarget::Socket {
                inode: b,
                endpoints: Some(theirs),
            },
        ) => a != b && is_peer(ours, theirs),
        _ => false,
    };
    let holders = scene.processes.iter().flat_map(|p| {
        let ends = p.files.iter().filter(|other| wanted(p, other));
        ends.map(|other| Holder {
            pid: p.id.pid,
            fd: other.fd,
        })
        .collect::<Vec<_>>()
    });
    holders.collect()
}

/// Whether two sockets are the two ends of one connection.
fn is_peer(ours: &Endpoints, theirs: &Endpoints) -> bool {
    let same = |a: &str, b: &Option<String>| {
        !a.is_empty() && b.as_deref().is_some_and(|b| plain(a) == plain(b))
    };
    same(&ours.local, &theirs.remote) && same(&theirs.local, &ours.remote)
}

/// An address of IPv4 as such, where IPv6 embeds it.
fn plain(address: &str) -> String {
    match address.strip_prefix("[::ffff:") {
        Some(rest) => rest.replacen(']', "", 1),
        None => address.to_owned(),
    }
}

/// Who holds the other end, in words; `None` for what has none: a file, a terminal.
#[must_use]
pub fn described(
    scene: &Scene,
    own: &Process,
    file: &OpenFile,
    direction: Direction,
) -> Option<String> {
    let ends = other_ends(scene, own, file, direction);
    let is_pipe = match &file.target {
        FdTarget::Pipe(_) => true,
        FdTarget::Socket { endpoints, .. } => {
            let connected = endpoints.as_ref().is_some_and(|e| e.remote.is_some());
            if !connected {
                return None;
            }
            false
        }
        _ => return None,
    };
    let end = match (is_pipe, direction) {
        (true, Direction::Read) => "the write end",
        (true, Direction::Write) => "the read end",
        (false, _) => "the other end",
    };
    if ends.is_empty() {
        return Some(match is_pipe {
            true => format!("{end} is held outside the command's processes"),
            false => "the peer is no process of the command".to_owned(),
        });
    }
    let mut pids: Vec<Pid> = ends.iter().map(|end| end.pid).collect();
    pids.dedup();
    let named: Vec<String> = pids
        .iter()
        .map(|pid| {
            let fds: Vec<String> = ends
                .iter()
                .filter(|end| end.pid == *pid)
                .map(|end| end.fd.to_string())
                .collect();
            let fds = fds.join(", ");
            match scene.process(*pid) {
                Some(p) if p.id == own.id => {
                    format!("this very process (fd {fds})")
                }
                Some(p) => format!("{} (fd {fds})", p.title()),
                None => format!("process {pid} (fd {fds})"),
            }
        })
        .collect();
    Some(format!("{end} is open in {}", named.join(" and ")))
}

/// A descriptor with what it leads to: `fd 7 <socket:[127.0.0.1:40000->127.0.0.1:80]>`.
#[must_use]
pub fn file_text(file: &OpenFile) -> String {
    let mut out = format!("fd {} ", file.fd);
    write_target(&mut out, &file.target, FdStyle::Endpoints);
    out
}
