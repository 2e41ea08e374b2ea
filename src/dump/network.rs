//! Goroutines that wait for a connection and have no deadline: by whom they are kept waiting.

use super::model::{Dump, Goroutine, Polled};
use crate::diagnose::{SocketFacts, peer_is};
use crate::event::Known;
use crate::fd::FdTarget;
use crate::golang::netpoll::Deadline;
use crate::sink::{FdStyle, push_untrusted, write_peer, write_target};
use std::fmt::Write as _;

/// Waits that are told one by one; all are in JSON.
const MAX_SHOWN: usize = 40;

impl Polled {
    /// Whether it is a connection that nothing but its peer ends the wait for: `no-deadline`.
    #[must_use]
    pub fn lacks_deadline(&self) -> bool {
        let has_peer = match &self.target {
            Some(FdTarget::Socket { endpoints, .. }) => {
                endpoints.as_ref().is_some_and(|e| e.remote.is_some())
            }
            _ => false,
        };
        let is_connection = match &self.socket {
            Known::Is(SocketFacts { tcp: Some(tcp), .. }) => tcp.is_connection(),
            _ => has_peer,
        };
        self.wait.deadline == Deadline::None && is_connection
    }
}

/// Writes who waits without a deadline, and how many others wait for descriptors.
pub(super) fn write(out: &mut String, dump: &Dump) {
    let all = dump.goroutines.iter();
    let polling: Vec<(&Goroutine, &Polled)> = all
        .clone()
        .filter_map(|g| Some((g, g.polls.as_ref()?)))
        .collect();
    let unknown = all.filter(|g| &*g.state == "IO wait" && g.polls.is_none());
    let unknown = unknown.count();
    if polling.is_empty() && unknown == 0 {
        return;
    }
    out.push_str("\n# waits for descriptors in Go's poller:\n");
    let endless = polling.iter().filter(|(_, p)| p.lacks_deadline());
    let endless: Vec<_> = endless.collect();
    for (g, polled) in endless.iter().take(MAX_SHOWN) {
        write_endless(out, g, polled);
    }
    let rest = endless.len().saturating_sub(MAX_SHOWN);
    if rest > 0 {
        // Writing into a String cannot fail; here and below.
        let _ = writeln!(out, "# no-deadline: {rest} more");
    }
    let others = polling.iter().filter(|(_, p)| !p.lacks_deadline());
    let with = others
        .clone()
        .filter(|(_, p)| p.wait.deadline != Deadline::None);
    let (others, with) = (others.count(), with.count());
    if others > 0 {
        let _ = writeln!(
            out,
            "# others: {with} with a deadline; {} that listen, or wait for what is not known as a connection",
            others - with
        );
    }
    if unknown > 0 {
        let _ = writeln!(
            out,
            "# goroutines in IO wait of which it is not known what for: {unknown}"
        );
    }
}

/// `# no-deadline: goroutine 7 to read from fd 5<...>: the peer has sent nothing for 3s, ...`
fn write_endless(out: &mut String, g: &Goroutine, polled: &Polled) {
    let wait = polled.wait;
    let what = if wait.writes { "write to" } else { "read from" };
    let _ = write!(
        out,
        "# no-deadline: goroutine {} to {what} fd {}",
        g.goid.0, wait.fd
    );
    if let Some(target) = &polled.target {
        write_target(out, target, FdStyle::Endpoints);
    }
    out.push_str(": ");
    match &polled.socket {
        Known::Is(socket) => match peer_is(socket, wait.writes) {
            Some(why) => write_peer(out, why, socket),
            None => {
                let bytes = |n: Option<u32>| n.map_or("unknown".to_owned(), |n| n.to_string());
                let _ = write!(
                    out,
                    "unread bytes: {}, unsent bytes: {}",
                    bytes(socket.unread),
                    bytes(socket.unsent)
                );
            }
        },
        Known::Unknown(reason) => {
            out.push_str("its peer is unknown: ");
            push_untrusted(out, reason);
        }
        Known::NotAsked => {}
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::group::tests::{dump, goroutine};
    use super::*;
    use crate::golang::netpoll::PollWait;

    #[test]
    fn waits_of_which_nothing_is_known_are_counted_and_blamed_on_nobody() {
        let mut gs = vec![goroutine(1, "IO wait", 0), goroutine(7, "IO wait", 0)];
        gs[1].polls = Some(Polled {
            wait: PollWait {
                fd: 5,
                writes: false,
                deadline: Deadline::None,
            },
            target: Some(FdTarget::Socket {
                inode: 9,
                endpoints: None,
            }),
            socket: Known::Unknown("not permitted".into()),
        });
        let mut text = String::new();
        write(&mut text, &dump(gs));
        assert_eq!(
            text,
            "\n# waits for descriptors in Go's poller:\n\
             # others: 0 with a deadline; 1 that listen, or wait for what is not known as a connection\n\
             # goroutines in IO wait of which it is not known what for: 1\n"
        );
        let mut none = String::new();
        write(&mut none, &dump(vec![goroutine(1, "select", 0)]));
        assert_eq!(none, "");
    }
}
