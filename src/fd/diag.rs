//! Who is at the other end of a unix socket: the kernel's answer to a sock_diag(7) dump.
//!
//! /proc/PID/net/unix does not say; a client's end has no name there at all. The request and
//! the answer are bytes here, the sending is the caller's.

use super::net::Row;
use std::collections::HashMap;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const AF_UNIX: u8 = 1;
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

/// Whether a received datagram ends the answer.
#[must_use]
pub fn is_last(datagram: &[u8]) -> bool {
    let mut messages = Messages(datagram);
    messages.any(|(kind, _)| kind == NLMSG_DONE || kind == NLMSG_ERROR) || messages.is_malformed()
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
    fn the_request_is_as_long_as_it_says() {
        let request = peers_request();
        assert_eq!(word(&request, 0), Some(request.len() as u32));
    }

    proptest! {
        #[test]
        fn any_answer_parses_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            changes in proptest::collection::vec((0usize..80, any::<u8>()), 0..4),
        ) {
            add_peers(&bytes, &mut rows());
            is_last(&bytes);
            let mut answer = socket(12, 13);
            answer.extend(socket(13, 12));
            for (at, byte) in changes {
                answer[at] = byte;
            }
            add_peers(&answer, &mut rows());
            is_last(&answer);
        }
    }
}
