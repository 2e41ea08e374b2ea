//! `no-deadline`: a call on a connection that nothing ends.

use super::facts::{SocketFacts, Tcp};
use super::rules::{Case, Direction, direction, is_same};
use crate::event::{Known, Wait};
use crate::fd::FdTarget;
use crate::finding::{Evidence, Finding, FindingId, Severity, Silence};
use std::time::Duration;

/// A wait of less may well be the work that the peer was asked to do.
const LONG: Duration = Duration::from_secs(1);
/// linux/tcp.h and net/tcp_states.h.
const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;

/// The socket's own timeout in a direction.
pub(super) fn timeout(socket: &SocketFacts, direction: Direction) -> Option<Duration> {
    match direction {
        Direction::In => socket.receive_timeout,
        Direction::Out | Direction::Connect => socket.send_timeout,
    }
}

pub(super) fn no_deadline(case: &Case<'_>) -> Option<Finding> {
    let direction = direction(case.name)?;
    let (fd, target) = case.fd()?;
    let event = case.event;
    let endless = event.wait == Some(Wait::Endless) && event.duration() >= LONG;
    let is_socket = matches!(target, FdTarget::Socket { .. });
    if !endless || !is_socket || case.name.starts_with("accept") || !case.by_program_or_c() {
        return None;
    }
    if !case.is_blocked() {
        return None;
    }
    let Known::Is(socket) = case.facts.socket(event.pid, fd) else {
        return None;
    };
    let tcp = socket.tcp?;
    if timeout(&socket, direction).is_some() {
        return None;
    }
    let why = silence(&socket, &tcp, direction)?;
    // Still the same call on the same socket after it was looked at.
    let now = case.facts.descriptor(event.tid, fd)?;
    if !is_same(&now.target, target) || !case.facts.still_in(event) {
        return None;
    }
    let evidence = vec![
        Evidence::Connection {
            why,
            unread: socket.unread,
            unsent: socket.unsent,
            silent_for: tcp.since_data,
            peer_window: tcp.peer_window,
        },
        Evidence::SocketTimeout(Known::Is(None)),
        case.lasted(),
    ];
    Some(case.finding(FindingId::NoDeadline, Severity::Warning, evidence))
}

/// What keeps a wait to write, or to read, on a connection waiting.
#[must_use]
pub fn peer_is(socket: &SocketFacts, writes: bool) -> Option<Silence> {
    let direction = if writes {
        Direction::Out
    } else {
        Direction::In
    };
    silence(socket, &socket.tcp?, direction)
}

fn silence(socket: &SocketFacts, tcp: &Tcp, direction: Direction) -> Option<Silence> {
    match (direction, tcp.state) {
        (_, SYN_SENT) => Some(Silence::Connecting),
        (Direction::In, ESTABLISHED) if socket.unread == Some(0) => Some(Silence::PeerSilent),
        (Direction::Out, ESTABLISHED) if socket.unsent.is_some_and(|n| n > 0) => {
            Some(Silence::PeerNotReading)
        }
        _ => None,
    }
}
