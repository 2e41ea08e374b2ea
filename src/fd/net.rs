//! The tables /proc/PID/net/{tcp,tcp6,udp,udp6,raw,raw6,unix,netlink}: text -> sockets by inode.
//!
//! Formats: proc_pid_net(5); net/ipv4/tcp_ipv4.c `get_tcp4_sock`, net/unix/af_unix.c
//! `unix_seq_show`, net/netlink/af_netlink.c `netlink_native_seq_show`. Addresses are words
//! of the host's byte order, printed in hexadecimal; both machines are little-endian.

use super::{Endpoints, decimal};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One of the tables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NetFile {
    /// TCP over IPv4.
    Tcp,
    /// TCP over IPv6 (IPv4 peers of a dual-stack socket included).
    Tcp6,
    /// Unix sockets.
    Unix,
    /// UDP over IPv4.
    Udp,
    /// UDP over IPv6.
    Udp6,
    /// Netlink.
    Netlink,
    /// Raw IPv4 (the "port" is the IP protocol).
    Raw,
    /// Raw IPv6.
    Raw6,
    /// Not a file: the peers of unix sockets, as [`super::diag`] asks for them.
    UnixPeers,
}

impl NetFile {
    /// All that list sockets, the likeliest first.
    pub const ALL: [NetFile; 8] = [
        NetFile::Tcp,
        NetFile::Tcp6,
        NetFile::Unix,
        NetFile::Udp,
        NetFile::Udp6,
        NetFile::Netlink,
        NetFile::Raw,
        NetFile::Raw6,
    ];

    /// Its name in /proc/PID/net (of [`NetFile::UnixPeers`], which is not there, its own).
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            NetFile::Tcp => "tcp",
            NetFile::Tcp6 => "tcp6",
            NetFile::Unix => "unix",
            NetFile::Udp => "udp",
            NetFile::Udp6 => "udp6",
            NetFile::Netlink => "netlink",
            NetFile::Raw => "raw",
            NetFile::Raw6 => "raw6",
            NetFile::UnixPeers => "unix_diag",
        }
    }

    /// The table of a protocol as the kernel names it in the extended attribute
    /// `system.sockprotoname` of /proc/PID/fd/N, with that name made static.
    #[must_use]
    pub fn of_protocol(name: &str) -> Option<(NetFile, &'static str)> {
        Some(match name {
            "TCP" => (NetFile::Tcp, "TCP"),
            "TCPv6" => (NetFile::Tcp6, "TCPv6"),
            "UNIX-STREAM" => (NetFile::Unix, "UNIX-STREAM"),
            "UNIX" => (NetFile::Unix, "UNIX"),
            "UDP" => (NetFile::Udp, "UDP"),
            "UDPv6" => (NetFile::Udp6, "UDPv6"),
            "NETLINK" => (NetFile::Netlink, "NETLINK"),
            "RAW" => (NetFile::Raw, "RAW"),
            "RAWv6" => (NetFile::Raw6, "RAWv6"),
            _ => return None,
        })
    }

    fn inet_protocol(self) -> Option<&'static str> {
        Some(match self {
            NetFile::Tcp => "TCP",
            NetFile::Tcp6 => "TCPv6",
            NetFile::Udp => "UDP",
            NetFile::Udp6 => "UDPv6",
            NetFile::Raw => "RAW",
            NetFile::Raw6 => "RAWv6",
            NetFile::Unix | NetFile::Netlink | NetFile::UnixPeers => return None,
        })
    }
}

/// A row of a table, kept small: a busy host has a hundred thousand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    /// TCP, UDP, raw.
    Inet {
        /// `TCP`, `UDPv6`...
        protocol: &'static str,
        /// Own address.
        local: SocketAddr,
        /// The peer's, where there is one.
        remote: Option<SocketAddr>,
        /// A TCP listener: it will never have a peer.
        listening: bool,
    },
    /// A unix socket.
    Unix {
        /// SOCK_STREAM.
        stream: bool,
        /// Its name, where bound; a leading NUL for abstract.
        path: Option<Box<[u8]>>,
        /// The peer's inode, where it was asked for.
        peer: Option<u32>,
        /// Connected, or listening: nothing about it will change.
        settled: bool,
    },
    /// A netlink socket.
    Netlink {
        /// NETLINK_ROUTE...
        family: u32,
        /// Port id, 0 where not bound.
        port: u32,
    },
}

impl Row {
    /// A row as the kernel gives it: an address of zeros is no peer.
    pub(super) fn inet(
        protocol: &'static str,
        local: SocketAddr,
        remote: SocketAddr,
        listening: bool,
    ) -> Row {
        let has_peer = !listening && (remote.port() != 0 || !remote.ip().is_unspecified());
        Row::Inet {
            protocol,
            local,
            remote: has_peer.then_some(remote),
            listening,
        }
    }

    /// Whether another look could tell more: a socket without a peer may connect later.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Row::Inet {
                remote, listening, ..
            } => remote.is_some() || *listening,
            Row::Unix { settled, .. } => *settled,
            Row::Netlink { port, .. } => *port != 0,
        }
    }

    /// The row as events show it; `inode` is the socket's own.
    #[must_use]
    pub fn endpoints(&self, inode: u64) -> Endpoints {
        match self {
            Row::Inet {
                protocol,
                local,
                remote,
                ..
            } => Endpoints {
                protocol,
                local: local.to_string(),
                remote: remote.map(|r| r.to_string()),
                path: None,
                peer_path: None,
            },
            Row::Unix {
                stream, path, peer, ..
            } => Endpoints {
                protocol: if *stream { "UNIX-STREAM" } else { "UNIX" },
                local: inode.to_string(),
                remote: peer.map(|p| p.to_string()),
                path: path.as_deref().map(Into::into),
                peer_path: None,
            },
            Row::Netlink { family, port } => Endpoints {
                protocol: "NETLINK",
                local: match netlink_family(*family) {
                    Some(name) => format!("{name}:{port}"),
                    None => format!("{family}:{port}"),
                },
                remote: None,
                path: None,
                peer_path: None,
            },
        }
    }
}

/// What was read of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dump {
    /// The text of /proc/PID/net/FILE.
    Text(Vec<u8>),
    /// The kernel's answer to a request of [`super::diag`].
    Diag(Vec<u8>),
}

/// Adds what was read of a table to `rows`, as [`parse`] does.
pub fn parse_dump(file: NetFile, dump: &Dump, limit: usize, rows: &mut HashMap<u64, Row>) {
    match (dump, file.inet_protocol()) {
        (Dump::Text(text), _) => parse(file, text, limit, rows),
        (Dump::Diag(answer), Some(protocol)) => {
            super::diag::add_tcp(protocol, answer, limit, rows);
        }
        (Dump::Diag(answer), None) => super::diag::add_peers(answer, rows),
    }
}

/// Adds the sockets of one table to `rows`. Lines that make no sense are skipped; so are
/// sockets without an inode (TIME_WAIT). At most `limit` rows are held.
pub fn parse(file: NetFile, text: &[u8], limit: usize, rows: &mut HashMap<u64, Row>) {
    rows.reserve((text.len() / 150).min(limit));
    // The first line is the heading.
    for line in text.split(|&c| c == b'\n').skip(1) {
        if rows.len() >= limit {
            break;
        }
        let row = match (file.inet_protocol(), file) {
            (Some(protocol), _) => inet_row(protocol, line),
            (None, NetFile::Netlink) => netlink_row(line),
            (None, _) => unix_row(line),
        };
        if let Some((inode, row)) = row
            && inode != 0
        {
            rows.entry(inode).or_insert(row);
        }
    }
}

/// `sl local rem st queues timer retrnsmt uid timeout inode ...`
fn inet_row(protocol: &'static str, line: &[u8]) -> Option<(u64, Row)> {
    const LISTEN: u64 = 0x0a;
    let mut words = Words(line);
    words.next()?;
    let local = socket_address(words.next()?)?;
    let remote = socket_address(words.next()?)?;
    let state = hex(words.next()?)?;
    let inode = decimal(words.nth(5)?)?;
    let listening = protocol.starts_with("TCP") && state == LISTEN;
    Some((inode, Row::inet(protocol, local, remote, listening)))
}

/// The listening sockets of a TCP table: their `rx_queue` is the accept queue (net/ipv4/tcp_ipv4.c,
/// `get_tcp4_sock`). How long it may be is not in the table.
#[must_use]
pub fn listeners(protocol: &'static str, text: &[u8]) -> Vec<super::diag::Listening> {
    let lines = text.split(|&c| c == b'\n').skip(1);
    let listening = lines.filter_map(|line| {
        const LISTEN: u64 = 0x0a;
        let (inode, row) = inet_row(protocol, line)?;
        let mut words = Words(line);
        (hex(words.nth(3)?)? == LISTEN).then_some(())?;
        let queues = words.next()?;
        let colon = queues.iter().position(|c| *c == b':')?;
        Some(super::diag::Listening {
            inode,
            protocol,
            local: row.endpoints(inode).local,
            waiting: u32::try_from(hex(&queues[colon + 1..])?).ok()?,
            limit: None,
        })
    });
    listening.collect()
}

/// `Num: RefCount Protocol Flags Type St Inode Path`; the path is the rest of the line.
fn unix_row(line: &[u8]) -> Option<(u64, Row)> {
    const SO_ACCEPTCON: u64 = 1 << 16;
    const SS_CONNECTED: u64 = 3;
    const SOCK_STREAM: u64 = 1;
    let mut words = Words(line);
    let flags = hex(words.nth(3)?)?;
    let kind = hex(words.next()?)?;
    let state = hex(words.next()?)?;
    let inode = decimal(words.next()?)?;
    let path = words.0.strip_prefix(b" ").filter(|p| !p.is_empty());
    Some((
        inode,
        Row::Unix {
            stream: kind == SOCK_STREAM,
            path: path.map(|p| {
                let mut p = Box::<[u8]>::from(p);
                // The kernel prints the NULs of an abstract name as '@'.
                if let Some(first) = p.first_mut().filter(|c| **c == b'@') {
                    *first = 0;
                }
                p
            }),
            peer: None,
            settled: state == SS_CONNECTED || flags & SO_ACCEPTCON != 0,
        },
    ))
}

/// `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`
fn netlink_row(line: &[u8]) -> Option<(u64, Row)> {
    let mut words = Words(line);
    let family = decimal(words.nth(1)?)?;
    // Port ids that the kernel chose itself are printed as negative numbers by old kernels.
    let port = std::str::from_utf8(words.next()?)
        .ok()?
        .parse::<i64>()
        .ok()?;
    let inode = decimal(words.nth(6)?)?;
    Some((
        inode,
        Row::Netlink {
            family: u32::try_from(family).ok()?,
            port: port as u32,
        },
    ))
}

/// linux/netlink.h, without the prefix NETLINK_, as strace prints it.
fn netlink_family(family: u32) -> Option<&'static str> {
    const NAMES: [&str; 23] = [
        "ROUTE",
        "UNUSED",
        "USERSOCK",
        "FIREWALL",
        "SOCK_DIAG",
        "NFLOG",
        "XFRM",
        "SELINUX",
        "ISCSI",
        "AUDIT",
        "FIB_LOOKUP",
        "CONNECTOR",
        "NETFILTER",
        "IP6_FW",
        "DNRTMSG",
        "KOBJECT_UEVENT",
        "GENERIC",
        "",
        "SCSITRANSPORT",
        "ECRYPTFS",
        "RDMA",
        "CRYPTO",
        "SMC",
    ];
    let name = *NAMES.get(usize::try_from(family).ok()?)?;
    (!name.is_empty()).then_some(name)
}

/// `0100007F:1F90`, or 32 digits before the colon for IPv6.
fn socket_address(word: &[u8]) -> Option<SocketAddr> {
    let colon = word.iter().position(|&c| c == b':')?;
    let port = u16::try_from(hex(&word[colon + 1..])?).ok()?;
    let ip = match colon {
        8 => IpAddr::V4(Ipv4Addr::from(host_word(&word[..8])?)),
        32 => {
            let mut bytes = [0; 16];
            for (out, digits) in bytes.chunks_exact_mut(4).zip(word.chunks_exact(8)) {
                out.copy_from_slice(&host_word(digits)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Four address bytes in network order from eight digits of a little-endian host's word.
fn host_word(digits: &[u8]) -> Option<[u8; 4]> {
    let word = u32::try_from(hex(digits)?).ok()?;
    Some(word.to_le_bytes())
}

/// A hexadecimal number of at most 16 digits and nothing else.
fn hex(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0, |n, &c| {
        let digit = match c {
            b'0'..=b'9' => c - b'0',
            b'A'..=b'F' => c - b'A' + 10,
            b'a'..=b'f' => c - b'a' + 10,
            _ => return None,
        };
        Some(n << 4 | u64::from(digit))
    })
}

/// Words separated by spaces; what is left stays reachable, for a path with spaces.
struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|&c| c != b' ')?;
        let rest = &self.0[start..];
        let end = rest.iter().position(|&c| c == b' ').unwrap_or(rest.len());
        self.0 = &rest[end..];
        Some(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 182 1 000000008d2ff082 100 0 0 10 0
   2: 0100007F:A4AB 0100007F:9D2E 01 00000000:00000000 00:00000000 00000000     0        0 12179 1 00000000f6283d36 20 0 0 10 -1
   3: 0100007F:A4AB 0100007F:9D2E 06 00000000:00000000 03:00000000 00000000     0        0 0 3 00000000f6283d36
";
    const TCP6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   1: 00000000000000000000000001000000:907B 00000000000000000000000001000000:E76E 01 00000000:00000000 00:00000000 00000000     0        0 12182 1 000000003c008f53 20 0 0 10 -1
   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C822 01 00000000:00000000 00:00000000 00000000     0        0 12183 1 000000003c008f53 20 0 0 10 -1
   3: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12184 1 000000003c008f53 20 0 0 10 -1
";
    const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path
000000002c7339cd: 00000002 00000000 00010000 0001 01 12188 /tmp/a sock
00000000aaccb41c: 00000003 00000000 00000000 0001 03 12186
000000001eefac06: 00000002 00000000 00000000 0002 01 12191 @abst
000000000a483043: 00000003 00000000 00000000 0001 03   179
";
    const NETLINK: &str =
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000de1ab3ed 0   7759       00000000 0        0        0     2        0        12193   
00000000d45802d7 9   -12        00000000 0        0        0     2        0        7       
";

    fn rows(file: NetFile, text: &str) -> HashMap<u64, Row> {
        let mut rows = HashMap::new();
        parse(file, text.as_bytes(), 1000, &mut rows);
        rows
    }

    fn shown(rows: &HashMap<u64, Row>, inode: u64) -> (&'static str, String, Option<String>) {
        let e = rows[&inode].endpoints(inode);
        (e.protocol, e.local, e.remote)
    }

    #[test]
    fn tcp_rows_give_addresses_and_listeners_have_no_peer() {
        let rows = rows(NetFile::Tcp, TCP);
        assert_eq!(rows.len(), 2, "TIME_WAIT has no inode");
        assert_eq!(shown(&rows, 182), ("TCP", "0.0.0.0:2024".into(), None));
        assert_eq!(
            shown(&rows, 12179),
            (
                "TCP",
                "127.0.0.1:42155".into(),
                Some("127.0.0.1:40238".into())
            )
        );
        assert!(rows[&182].is_settled() && rows[&12179].is_settled());
    }

    #[test]
    fn ipv6_is_printed_as_strace_prints_it() {
        let rows = rows(NetFile::Tcp6, TCP6);
        assert_eq!(
            shown(&rows, 12182),
            ("TCPv6", "[::1]:36987".into(), Some("[::1]:59246".into()))
        );
        assert_eq!(
            shown(&rows, 12183),
            (
                "TCPv6",
                "[::ffff:127.0.0.1]:8080".into(),
                Some("[::ffff:127.0.0.1]:51234".into())
            )
        );
        assert_eq!(shown(&rows, 12184).1, "[2001:db8::1]:80");
    }

    #[test]
    fn unix_rows_keep_the_path_with_its_spaces_and_mark_abstract_names() {
        let rows = rows(NetFile::Unix, UNIX);
        let path = |inode| rows[&inode].endpoints(inode).path;
        assert_eq!(path(12188).as_deref(), Some(&b"/tmp/a sock"[..]));
        assert_eq!(path(12191).as_deref(), Some(&b"\0abst"[..]));
        assert_eq!(path(12186), None);
        assert_eq!(shown(&rows, 179), ("UNIX-STREAM", "179".into(), None));
        assert_eq!(shown(&rows, 12191).0, "UNIX");
        assert!(rows[&12188].is_settled() && !rows[&12191].is_settled());
    }

    #[test]
    fn netlink_rows_name_the_family() {
        let rows = rows(NetFile::Netlink, NETLINK);
        assert_eq!(shown(&rows, 12193), ("NETLINK", "ROUTE:7759".into(), None));
        assert_eq!(shown(&rows, 7).1, "AUDIT:4294967284");
    }

    #[test]
    fn the_limit_bounds_what_is_kept() {
        let mut rows = HashMap::new();
        parse(NetFile::Unix, UNIX.as_bytes(), 2, &mut rows);
        assert_eq!(rows.len(), 2);
    }

    proptest! {
        #[test]
        fn any_bytes_parse_without_panic(text in proptest::collection::vec(any::<u8>(), 0..600)) {
            for file in NetFile::ALL {
                parse(file, &text, 100, &mut HashMap::new());
            }
        }

        #[test]
        fn damaged_tables_parse_without_panic(at in 0usize..600, byte: u8, cut in 0usize..700) {
            for (file, text) in [(NetFile::Tcp, TCP), (NetFile::Tcp6, TCP6), (NetFile::Unix, UNIX), (NetFile::Netlink, NETLINK)] {
                let mut bytes = text.as_bytes().to_vec();
                if let Some(b) = bytes.get_mut(at) {
                    *b = byte;
                }
                bytes.truncate(cut);
                let mut rows = HashMap::new();
                parse(file, &bytes, 100, &mut rows);
                for (inode, row) in &rows {
                    let _ = row.endpoints(*inode);
                }
            }
        }

        #[test]
        fn every_ipv4_row_survives_the_kernels_spelling(ip: [u8; 4], port: u16, inode in 1u64..) {
            let word = u32::from_le_bytes(ip);
            let text = format!("heading\n   0: {word:08X}:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 {inode} 2 0 0\n");
            let rows = rows(NetFile::Udp, &text);
            prop_assert_eq!(&rows[&inode].endpoints(inode).local, &SocketAddr::from((ip, port)).to_string());
        }
    }
}
