//! Socket inode -> endpoints, over the tables of one network namespace, read when needed.
//!
//! A busy host's tables are long, so they are read as seldom as the truth allows: what is
//! settled (connected, listening) is remembered; what is not yet (unconnected, unknown) is
//! looked up again, each inode at growing intervals and each table no more often than its
//! length justifies. The reading itself is the caller's.

use super::Endpoints;
use super::net::{NetFile, Row, parse};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows kept of one table: a bound for memory, far above a real host's.
const MAX_ROWS: usize = 1 << 20;
/// Names remembered before they are all forgotten and found afresh.
const MAX_REMEMBERED: usize = 1 << 16;
/// Reading and parsing a row costs about a microsecond; spend one tenth of the time at most.
const NS_BETWEEN_READS_PER_ROW: u64 = 10_000;
/// The longest pause between two looks for the same inode.
const MAX_PAUSE_NS: u64 = 1_000_000_000;

/// Reads one table of the namespace in question (/proc/PID/net/FILE) in full; `None` where
/// it cannot be read (no IPv6, process gone). [`NetFile::UnixPeers`] is asked of the kernel
/// instead, if at all.
pub type ReadTable<'a> = &'a mut dyn FnMut(NetFile) -> Option<Vec<u8>>;

/// What is known of the sockets of one network namespace.
#[derive(Debug)]
pub struct SocketTable {
    tables: HashMap<NetFile, Table>,
    settled: HashMap<u64, Arc<Endpoints>>,
    pauses: HashMap<u64, Pause>,
    min_interval_ns: u64,
}

#[derive(Debug)]
struct Table {
    rows: HashMap<u64, Row>,
    read_at_ns: u64,
}

/// When an inode that is unknown or may yet change is worth another look.
#[derive(Clone, Copy, Debug)]
struct Pause {
    until_ns: u64,
    length_ns: u64,
}

impl SocketTable {
    /// An empty table; no file is read more often than every `min_interval_ns`.
    #[must_use]
    pub fn new(min_interval_ns: u64) -> SocketTable {
        SocketTable {
            tables: HashMap::new(),
            settled: HashMap::new(),
            pauses: HashMap::new(),
            min_interval_ns,
        }
    }

    /// The endpoints of the socket with this inode, as far as they are known at `now_ns`.
    ///
    /// `protocol` is the kernel's own name for it where the caller knows it (the extended
    /// attribute `system.sockprotoname`): then one table is enough, and a socket that is in
    /// no table (not bound) still has its protocol.
    pub fn lookup(
        &mut self,
        inode: u64,
        protocol: Option<&str>,
        now_ns: u64,
        read: ReadTable<'_>,
    ) -> Option<Arc<Endpoints>> {
        if let Some(known) = self.settled.get(&inode) {
            return Some(known.clone());
        }
        let hint = protocol.and_then(NetFile::of_protocol);
        let paused = self.pauses.get(&inode).is_some_and(|p| now_ns < p.until_ns);
        if protocol.is_some() && hint.is_none() {
            return None;
        }
        let files = match hint {
            Some((file, _)) => &[file][..],
            None => &NetFile::ALL[..],
        };
        // A table that has the inode already is the only one that can say more.
        let held = files
            .iter()
            .copied()
            .find(|f| self.row(*f, inode).is_some());
        let files = held.as_ref().map_or(files, std::slice::from_ref);
        let mut looked = false;
        for &file in files {
            let settled = self.row(file, inode).is_some_and(Row::is_settled);
            if !settled && !paused && self.is_due(file, now_ns) {
                self.refresh(file, read(file).as_deref().unwrap_or_default(), now_ns);
                if file == NetFile::Unix
                    && let Some(peers) = read(NetFile::UnixPeers)
                {
                    self.add_unix_peers(&peers);
                }
                looked = true;
            }
            if let Some(row) = self.row(file, inode) {
                let endpoints = Arc::new(self.endpoints(row, inode));
                if row.is_settled() {
                    self.remember(inode, endpoints.clone());
                } else if looked {
                    self.pause(inode, now_ns);
                }
                return Some(endpoints);
            }
        }
        if looked {
            self.pause(inode, now_ns);
        }
        hint.map(|(_, protocol)| {
            Arc::new(Endpoints {
                protocol,
                local: String::new(),
                remote: None,
                path: None,
                peer_path: None,
            })
        })
    }

    /// Replaces what is known of one table by `text`, read at `now_ns`.
    pub fn refresh(&mut self, file: NetFile, text: &[u8], now_ns: u64) {
        let table = self.tables.entry(file).or_insert_with(|| Table {
            rows: HashMap::new(),
            read_at_ns: now_ns,
        });
        table.rows.clear();
        table.read_at_ns = now_ns;
        parse(file, text, MAX_ROWS, &mut table.rows);
    }

    /// Completes the unix sockets by their peers, as the kernel answered
    /// [`super::diag::peers_request`].
    pub fn add_unix_peers(&mut self, answer: &[u8]) {
        if let Some(table) = self.tables.get_mut(&NetFile::Unix) {
            parse(NetFile::UnixPeers, answer, MAX_ROWS, &mut table.rows);
        }
    }

    fn endpoints(&self, row: &Row, inode: u64) -> Endpoints {
        let mut endpoints = row.endpoints(inode);
        if let Row::Unix {
            peer: Some(peer), ..
        } = row
            && let Some(Row::Unix { path, .. }) = self.row(NetFile::Unix, u64::from(*peer))
        {
            endpoints.peer_path = path.as_deref().map(Into::into);
        }
        endpoints
    }

    fn row(&self, file: NetFile, inode: u64) -> Option<&Row> {
        self.tables.get(&file)?.rows.get(&inode)
    }

    fn is_due(&self, file: NetFile, now_ns: u64) -> bool {
        let Some(table) = self.tables.get(&file) else {
            return true;
        };
        let by_length = (table.rows.len() as u64).saturating_mul(NS_BETWEEN_READS_PER_ROW);
        now_ns.saturating_sub(table.read_at_ns) >= self.min_interval_ns.max(by_length)
    }

    fn remember(&mut self, inode: u64, endpoints: Arc<Endpoints>) {
        if self.settled.len() >= MAX_REMEMBERED {
            self.settled.clear();
        }
        self.pauses.remove(&inode);
        self.settled.insert(inode, endpoints);
    }

    fn pause(&mut self, inode: u64, now_ns: u64) {
        if self.pauses.len() >= MAX_REMEMBERED {
            self.pauses.clear();
        }
        let first = self.min_interval_ns.clamp(1, MAX_PAUSE_NS);
        let length_ns = match self.pauses.get(&inode) {
            Some(p) => p.length_ns.saturating_mul(2).min(MAX_PAUSE_NS),
            None => first,
        };
        let until_ns = now_ns.saturating_add(length_ns);
        self.pauses.insert(
            inode,
            Pause {
                until_ns,
                length_ns,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn tcp(rows: &[(u64, u16)]) -> Vec<u8> {
        let mut text = String::from("heading\n");
        for (inode, peer) in rows {
            text += &format!(
                "   0: 0100007F:1F90 0100007F:{peer:04X} 01 00000000:00000000 00:00000000 00000000 0 0 {inode} 1 0\n"
            );
        }
        text.into_bytes()
    }

    fn udp(inode: u64, peer: u16) -> Vec<u8> {
        let ip = if peer == 0 { "00000000" } else { "0100007F" };
        format!("h\n 1: 0100007F:0035 {ip}:{peer:04X} 07 00000000:00000000 00:00000000 00000000 0 0 {inode} 2 0\n").into_bytes()
    }

    /// Serves one table and counts the reads of all.
    struct Files {
        file: NetFile,
        text: Vec<u8>,
        reads: Vec<NetFile>,
    }

    impl Files {
        fn new(file: NetFile, text: Vec<u8>) -> Files {
            Files {
                file,
                text,
                reads: Vec::new(),
            }
        }

        fn lookup(&mut self, t: &mut SocketTable, inode: u64, now: u64) -> Option<Arc<Endpoints>> {
            t.lookup(inode, None, now, &mut |f| {
                self.reads.push(f);
                (f == self.file).then(|| self.text.clone())
            })
        }
    }

    #[test]
    fn a_connected_socket_is_read_once() {
        let mut files = Files::new(NetFile::Tcp, tcp(&[(7, 80), (8, 81)]));
        let mut table = SocketTable::new(MS);
        for now in [0, 1, 10 * MS, 900 * MS] {
            let e = files.lookup(&mut table, 7, now).unwrap();
            assert_eq!(e.remote.as_deref(), Some("127.0.0.1:80"));
        }
        assert!(files.lookup(&mut table, 8, 3).is_some());
        assert_eq!(files.reads, [NetFile::Tcp]);
    }

    #[test]
    fn an_unconnected_socket_is_looked_up_again_and_its_peer_found() {
        let mut files = Files::new(NetFile::Udp, udp(9, 0));
        let mut table = SocketTable::new(MS);
        assert_eq!(files.lookup(&mut table, 9, 0).unwrap().remote, None);
        let first = files.reads.len();
        files.text = udp(9, 53);
        assert_eq!(files.lookup(&mut table, 9, MS / 2).unwrap().remote, None);
        assert_eq!(files.reads.len(), first, "not before the interval is over");
        let found = files.lookup(&mut table, 9, 2 * MS).unwrap();
        assert_eq!(found.remote.as_deref(), Some("127.0.0.1:53"));
        assert_eq!(files.reads[first..], [NetFile::Udp], "only its own table");
    }

    #[test]
    fn an_inode_in_no_table_is_looked_for_less_and_less() {
        let mut files = Files::new(NetFile::Tcp, tcp(&[]));
        let mut table = SocketTable::new(MS);
        for now in 0..1000 {
            assert_eq!(files.lookup(&mut table, 1, now * MS), None);
        }
        let rounds = files.reads.len() / NetFile::ALL.len();
        assert!((5..=12).contains(&rounds), "{rounds} rounds in one second");
    }

    #[test]
    fn a_long_table_is_read_less_often() {
        let rows: Vec<_> = (1..=10_000).map(|i| (i, 80)).collect();
        let mut files = Files::new(NetFile::Tcp, tcp(&rows));
        let mut table = SocketTable::new(MS);
        for new in 0..100 {
            files.lookup(&mut table, 20_000 + new, new * MS);
        }
        let tcp_reads = files.reads.iter().filter(|f| **f == NetFile::Tcp).count();
        assert_eq!(tcp_reads, 1, "10,000 rows: every 100 ms");
    }

    #[test]
    fn a_known_protocol_reads_one_table_and_names_an_unbound_socket() {
        let mut table = SocketTable::new(MS);
        let mut reads = Vec::new();
        let e = table.lookup(5, Some("UDPv6"), 0, &mut |f| {
            reads.push(f);
            None
        });
        assert_eq!(e.unwrap().protocol, "UDPv6");
        assert_eq!(reads, [NetFile::Udp6]);
        assert_eq!(table.lookup(6, Some("PACKET"), 0, &mut |_| None), None);
    }
}
