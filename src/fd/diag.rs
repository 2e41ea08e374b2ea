//! The kernel's answers to sock_diag(7) dumps: sockets by inode, as the tables of
//! /proc/PID/net have them, and what those do not say.
//!
//! Who is at the other end of a unix socket is in no table; a client's end has no name there
//! at all. And a dump of TCP sockets takes a twentieth of the time that /proc/net/tcp takes.
//! The request and the answer are bytes here, the sending is the caller's.

use super::net::{NetFile, Row};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const AF_UNIX: u8 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// net/tcp_states.h.
const TCP_LISTEN: u8 = 10;
const HEADER: usize = 16;
/// struct unix_diag_msg: family, type, state, padding, inode, cookie.
const MESSAGE: usize = 16;

/// The request for all unix sockets of the caller's network namespace with their peers
/// (linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h).
#[must_use]
pub fn peers_request() -> Vec<u8> {
    const NLM_F_REQUEST_DUMP: u16 = 0x301;
    const UDIAG_SHOW_PEER: u32 = 4;
    const LEN: u32 = 40;
    let mut out = Vec::with_capacity(LEN as usize);
    out.extend(LEN.to_ne_bytes());
    out.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    out.extend(NLM_F_REQUEST_DUMP.to_ne_bytes());
    out.extend([0; 8]); // sequence, port
    out.extend([AF_UNIX, 0, 0, 0]);
    for word in [u32::MAX, 0, UDIAG_SHOW_PEER, u32::MAX, u32::MAX] {
        out.extend(word.to_ne_bytes());
    }
    out
}

/// The request for all TCP sockets of the caller's network namespace; `None` for a table that
/// is not TCP's (linux/inet_diag.h).
#[must_use]
pub fn tcp_request(file: NetFile) -> Option<Vec<u8>> {
    inet_request(file, u32::MAX)
}

/// The same for those that listen.
#[must_use]
pub fn listeners_request(file: NetFile) -> Option<Vec<u8>> {
    inet_request(file, 1 << TCP_LISTEN)
}

fn inet_request(file: NetFile, states: u32) -> Option<Vec<u8>> {
    const IPPROTO_TCP: u8 = 6;
    const NLM_F_REQUEST_DUMP: u16 = 0x301;
    const LEN: u32 = 72;
    let family = match file {
        NetFile::Tcp => AF_INET,
        NetFile::Tcp6 => AF_INET6,
        _ => return None,
    };
    let mut out = Vec::with_capacity(LEN as usize);
    out.extend(LEN.to_ne_bytes());
    out.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    out.extend(NLM_F_REQUEST_DUMP.to_ne_bytes());
    out.extend([0; 8]); // sequence, port
    out.extend([family, IPPROTO_TCP, 0, 0]);
    out.extend(states.to_ne_bytes());
    out.extend([0; 48]); // any address
    Some(out)
}

/// Adds the sockets of an answer to [`tcp_request`] to `rows`, `limit` at most.
pub fn add_tcp(protocol: &'static str, answer: &[u8], limit: usize, rows: &mut HashMap<u64, Row>) {
    for (kind, body) in Messages(answer) {
        if rows.len() >= limit {
            break;
        }
        if kind != SOCK_DIAG_BY_FAMILY {
            continue;
        }
        if let Some((inode, row)) = tcp_row(protocol, body) {
            rows.entry(inode).or_insert(row);
        }
    }
}

/// struct inet_diag_msg: family, state, timer, retransmissions; ports and addresses in
/// network order from byte 4 on; inode at 68.
fn tcp_row(protocol: &'static str, body: &[u8]) -> Option<(u64, Row)> {
    let family = *body.first()?;
    let listening = *body.get(1)? == TCP_LISTEN;
    let inode = word(body, 68).filter(|i| *i != 0)?;
    let address = |port: usize, ip: usize| {
        let port = u16::from_be_bytes(body.get(port..port + 2)?.try_into().ok()?);
        let ip = match family {
            AF_INET => {
                let four: [u8; 4] = body.get(ip..ip + 4)?.try_into().ok()?;
                IpAddr::V4(Ipv4Addr::from(four))
            }
            AF_INET6 => {
                let sixteen: [u8; 16] = body.get(ip..ip + 16)?.try_into().ok()?;
                IpAddr::V6(Ipv6Addr::from(sixteen))
            }
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    };
    let row = Row::inet(protocol, address(4, 8)?, address(6, 24)?, listening);
    Some((u64::from(inode), row))
}

/// A listening socket and its accept queue, by either source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listening {
    /// Its inode.
    pub inode: u64,
    /// `TCP` or `TCPv6`.
    pub protocol: &'static str,
    /// Where it listens.
    pub local: String,
    /// Connections that wait to be accepted (`idiag_rqueue`).
    pub waiting: u32,
    /// As many as may: the backlog (`idiag_wqueue`), where that is told.
    pub limit: Option<u32>,
}

/// The sockets of an answer to [`listeners_request`].
#[must_use]
pub fn listeners(protocol: &'static str, answer: &[u8]) -> Vec<Listening> {
    let bodies = Messages(answer).filter(|(kind, _)| *kind == SOCK_DIAG_BY_FAMILY);
    bodies
        .filter_map(|(_, body)| {
            let (inode, row) = tcp_row(protocol, body)?;
            (*body.get(1)? == TCP_LISTEN).then_some(())?;
            Some(Listening {
                inode,
                protocol,
                local: row.endpoints(inode).local,
                waiting: word(body, 56)?,
                limit: Some(word(body, 60)?),
            })
        })
        .collect()
}

/// Whether a received datagram ends the answer.
#[must_use]
pub fn is_last(datagram: &[u8]) -> bool {
    let mut messages = Messages(datagram);
    messages.any(|(kind, _)| kind == NLMSG_DONE || kind == NLMSG_ERROR) || messages.is_malformed()
}

/// Whether a received datagram says that the request failed.
#[must_use]
pub fn is_refusal(datagram: &[u8]) -> bool {
    Messages(datagram).any(|(kind, _)| kind == NLMSG_ERROR)
}

/// Adds the peers that `answer` (all datagrams, one after the other) names to the unix
/// sockets among `rows`.
pub fn add_peers(answer: &[u8], rows: &mut HashMap<u64, Row>) {
    const UNIX_DIAG_PEER: u16 = 2;
    for (kind, body) in Messages(answer) {
        if kind != SOCK_DIAG_BY_FAMILY {
            continue;
        }
        let Some(inode) = word(body, 4) else { continue };
        let Some(Row::Unix { peer, .. }) = rows.get_mut(&u64::from(inode)) else {
            continue;
        };
        let attributes = Attributes(body.get(MESSAGE..).unwrap_or_default());
        for (kind, value) in attributes {
            if kind == UNIX_DIAG_PEER {
                *peer = word(value, 0).filter(|p| *p != 0);
            }
        }
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_ne_bytes(four))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_ne_bytes(two))
}

/// Splits off `len` bytes and what pads them to a multiple of four.
fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let item = rest.get(..len)?;
    *rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    Some(item)
}

/// Netlink messages: type and body.
struct Messages<'a>(&'a [u8]);

impl Messages<'_> {
    /// Whether bytes are left over that are no message: nothing more will come of them.
    fn is_malformed(&self) -> bool {
        !self.0.is_empty()
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let len = word(self.0, 0)? as usize;
        let kind = half(self.0, 4)?;
        let message = take(&mut self.0, len)?;
        Some((kind, message.get(HEADER..)?))
    }
}

/// Netlink attributes: type and value.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let len = usize::from(half(self.0, 0)?);
        let kind = half(self.0, 2)?;
        let attribute = take(&mut self.0, len)?;
        Some((kind, attribute.get(4..)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut out = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
        out.extend(kind.to_ne_bytes());
        out.extend([0; 10]);
        out.extend(body);
        out
    }

    fn socket(inode: u32, peer: u32) -> Vec<u8> {
        let mut body = vec![AF_UNIX, 1, 1, 0];
        body.extend(inode.to_ne_bytes());
        body.extend([0; 8]);
        for (kind, value) in [(3u16, 9u32), (2, peer)] {
            body.extend(8u16.to_ne_bytes());
            body.extend(kind.to_ne_bytes());
            body.extend(value.to_ne_bytes());
        }
        message(SOCK_DIAG_BY_FAMILY, &body)
    }

    fn rows() -> HashMap<u64, Row> {
        let row = Row::Unix {
            stream: true,
            path: None,
            peer: None,
            settled: true,
        };
        HashMap::from([(12, row.clone()), (13, row)])
    }

    #[test]
    fn the_answer_names_the_peers() {
        let mut answer = socket(12, 13);
        answer.extend(socket(13, 0));
        answer.extend(socket(99, 12));
        let mut rows = rows();
        add_peers(&answer, &mut rows);
        assert!(matches!(rows[&12], Row::Unix { peer: Some(13), .. }));
        assert!(matches!(rows[&13], Row::Unix { peer: None, .. }));
        assert!(!is_last(&answer));
        assert!(is_last(&message(NLMSG_DONE, &[0; 4])));
        assert!(is_last(&[1, 2]), "garbage ends the reading");
    }

    #[test]
    fn requests_are_as_long_as_they_say() {
        let tcp = tcp_request(NetFile::Tcp6).unwrap();
        for request in [peers_request(), tcp] {
            assert_eq!(word(&request, 0), Some(request.len() as u32));
        }
        assert_eq!(tcp_request(NetFile::Udp), None);
    }

    fn tcp(state: u8, inode: u32) -> Vec<u8> {
        let mut body = vec![AF_INET, state, 0, 0];
        body.extend(8080u16.to_be_bytes());
        body.extend(51234u16.to_be_bytes());
        for ip in [[127, 0, 0, 1], [10, 0, 0, 2]] {
            body.extend(ip);
            body.extend([0; 12]);
        }
        body.resize(68, 0);
        body.extend(inode.to_ne_bytes());
        message(SOCK_DIAG_BY_FAMILY, &body)
    }

    #[test]
    fn tcp_sockets_are_listed_as_in_the_table() {
        let mut answer = tcp(1, 12);
        answer.extend(tcp(10, 13));
        answer.extend(tcp(6, 0));
        let mut rows = HashMap::new();
        add_tcp("TCP", &answer, 100, &mut rows);
        assert_eq!(rows.len(), 2, "TIME_WAIT has no inode");
        let e = rows[&12].endpoints(12);
        assert_eq!(e.local, "127.0.0.1:8080");
        assert_eq!(e.remote.as_deref(), Some("10.0.0.2:51234"));
        assert_eq!(rows[&13].endpoints(13).remote, None);
    }

    proptest! {
        #[test]
        fn any_answer_parses_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            changes in proptest::collection::vec((0usize..80, any::<u8>()), 0..4),
        ) {
            add_peers(&bytes, &mut rows());
            let _ = is_last(&bytes);
            let mut answer = socket(12, 13);
            answer.extend(socket(13, 12));
            for (at, byte) in &changes {
                answer[*at] = *byte;
            }
            add_peers(&answer, &mut rows());
            let _ = is_last(&answer);
            add_tcp("TCP", &bytes, 100, &mut rows());
            let mut sockets = tcp(1, 12);
            for (at, byte) in &changes {
                sockets[*at] = *byte;
            }
            add_tcp("TCP", &sockets, 100, &mut rows());
        }
    }
}
