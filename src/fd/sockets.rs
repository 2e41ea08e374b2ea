//! Socket inode -> endpoints, over the tables of one network namespace, read when needed.
//!
//! A busy host's tables are long, so they are read as seldom as the truth allows: what is
//! settled (connected, listening) is remembered; what is not yet (unconnected, unknown) is
//! looked up again, each inode at growing intervals, and reading gets a fixed share of the
//! time. The reading itself, and the clock, are the caller's.

use super::Endpoints;
use super::net::{Dump, NetFile, Row, parse_dump};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows kept of one table: a bound for memory, far above a real host's.
const MAX_ROWS: usize = 1 << 20;
/// Names remembered before they are all forgotten and found afresh.
const MAX_REMEMBERED: usize = 1 << 16;
/// One part in this many of the time may go into reading: a table costs what it costs
/// (/proc/net/tcp takes milliseconds even when it is short), and events are waiting.
const SHARE: u64 = 10;
/// Reading time that can be saved up.
const MAX_CREDIT_NS: i64 = 50_000_000;
/// The longest pause between two looks for the same inode.
const MAX_PAUSE_NS: u64 = 1_000_000_000;

/// Reads one table of the namespace in question (/proc/PID/net/FILE) in full; `None` where
/// it cannot be read (no IPv6, process gone). [`NetFile::UnixPeers`] is asked of the kernel
/// instead, if at all.
pub type ReadTable<'a> = &'a mut dyn FnMut(NetFile) -> Option<Dump>;

/// What is known of the sockets of one network namespace.
#[derive(Debug)]
pub struct SocketTable {
    tables: HashMap<NetFile, Table>,
    settled: HashMap<u64, Arc<Endpoints>>,
    searches: HashMap<u64, Search>,
    /// `None`: whatever it costs, a table is read whenever it may say more.
    min_interval_ns: Option<u64>,
    credit_ns: i64,
    credited_at_ns: u64,
}

#[derive(Debug)]
struct Table {
    rows: HashMap<u64, Row>,
    next_read_ns: u64,
}

/// How the search for an inode stands that is unknown or may yet change.
#[derive(Clone, Copy, Default, Debug)]
struct Search {
    /// The tables that were read and did not say more, as a set of their numbers. Tables are
    /// read at different times, and only when all have been is it time to pause.
    seen: u16,
    until_ns: u64,
    pause_ns: u64,
}

impl SocketTable {
    /// An empty table; no file is read more often than every `min_interval_ns`, and less
    /// often if it takes long.
    #[must_use]
    pub fn new(min_interval_ns: u64) -> SocketTable {
        SocketTable::with(Some(min_interval_ns))
    }

    /// An empty table that is asked while the socket's holder is stopped, and must say how things
    /// stand then: files are read each time they may say more.
    #[must_use]
    pub fn exact() -> SocketTable {
        SocketTable::with(None)
    }

    fn with(min_interval_ns: Option<u64>) -> SocketTable {
        SocketTable {
            tables: HashMap::new(),
            settled: HashMap::new(),
            searches: HashMap::new(),
            min_interval_ns,
            credit_ns: MAX_CREDIT_NS,
            credited_at_ns: 0,
        }
    }

    /// The endpoints of the socket with this inode, as far as they are known. `clock` tells
    /// the time in nanoseconds; it is read again after each table, whose cost counts.
    ///
    /// `protocol` is the kernel's own name for it where the caller knows it (the extended
    /// attribute `system.sockprotoname`): then one table is enough, and a socket that is in
    /// no table (not bound) still has its protocol.
    pub fn lookup(
        &mut self,
        inode: u64,
        protocol: Option<&str>,
        clock: &dyn Fn() -> u64,
        read: ReadTable<'_>,
    ) -> Option<Arc<Endpoints>> {
        if let Some(known) = self.settled.get(&inode) {
            return Some(known.clone());
        }
        let now_ns = clock();
        let hint = protocol.and_then(NetFile::of_protocol);
        let search = self.searches.get(&inode).copied().unwrap_or_default();
        let paused = self.min_interval_ns.is_some() && now_ns < search.until_ns;
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
        let mut seen = search.seen;
        for &file in files {
            let settled = self.row(file, inode).is_some_and(Row::is_settled);
            if !settled && !paused && self.is_due(file, now_ns) {
                let before_ns = clock();
                let dump = read(file).unwrap_or(Dump::Text(Vec::new()));
                self.refresh(file, &dump, before_ns);
                if file == NetFile::Unix
                    && let Some(peers) = read(NetFile::UnixPeers)
                {
                    self.add_unix_peers(&peers);
                }
                self.pay(clock().saturating_sub(before_ns));
                seen |= 1 << file as u16;
            }
            if let Some(row) = self.row(file, inode) {
                let endpoints = Arc::new(self.endpoints(row, inode));
                if row.is_settled() {
                    self.remember(inode, endpoints.clone());
                } else if seen != search.seen {
                    self.pause(inode, search, now_ns);
                }
                return Some(endpoints);
            }
        }
        if files.iter().all(|f| seen & 1 << *f as u16 != 0) {
            self.pause(inode, search, now_ns);
        } else if seen != search.seen {
            self.note(inode, Search { seen, ..search });
        }
        hint.map(|(_, protocol)| Arc::new(Endpoints::unbound(protocol)))
    }

    /// Replaces what is known of one table by what was read at `now_ns`.
    pub fn refresh(&mut self, file: NetFile, dump: &Dump, now_ns: u64) {
        let table = self.tables.entry(file).or_insert_with(|| Table {
            rows: HashMap::new(),
            next_read_ns: now_ns,
        });
        table.rows.clear();
        table.next_read_ns = now_ns.saturating_add(self.min_interval_ns.unwrap_or(0));
        parse_dump(file, dump, MAX_ROWS, &mut table.rows);
    }

    /// Completes the unix sockets by their peers, as the kernel answered
    /// [`super::diag::peers_request`].
    pub fn add_unix_peers(&mut self, answer: &Dump) {
        if let Some(table) = self.tables.get_mut(&NetFile::Unix) {
            parse_dump(NetFile::UnixPeers, answer, MAX_ROWS, &mut table.rows);
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

    fn is_due(&mut self, file: NetFile, now_ns: u64) -> bool {
        if self.min_interval_ns.is_none() {
            return true;
        }
        let earned = now_ns.saturating_sub(self.credited_at_ns) / SHARE;
        let credit = self.credit_ns.saturating_add_unsigned(earned);
        self.credit_ns = credit.min(MAX_CREDIT_NS);
        self.credited_at_ns = now_ns;
        if self.credit_ns <= 0 {
            return false;
        }
        let table = self.tables.get(&file);
        table.is_none_or(|t| now_ns >= t.next_read_ns)
    }

    fn pay(&mut self, cost_ns: u64) {
        self.credit_ns = self.credit_ns.saturating_sub_unsigned(cost_ns);
    }

    fn remember(&mut self, inode: u64, endpoints: Arc<Endpoints>) {
        if self.settled.len() >= MAX_REMEMBERED {
            self.settled.clear();
        }
        self.searches.remove(&inode);
        self.settled.insert(inode, endpoints);
    }

    /// Nothing more can be learnt of the inode now; each time less soon.
    fn pause(&mut self, inode: u64, search: Search, now_ns: u64) {
        let first = self.min_interval_ns.unwrap_or(0).clamp(1, MAX_PAUSE_NS);
        let pause_ns = match search.pause_ns {
            0 => first,
            last => last.saturating_mul(2).min(MAX_PAUSE_NS),
        };
        let next = Search {
            seen: 0,
            until_ns: now_ns.saturating_add(pause_ns),
            pause_ns,
        };
        self.note(inode, next);
    }

    fn note(&mut self, inode: u64, search: Search) {
        if self.searches.len() >= MAX_REMEMBERED {
            self.searches.clear();
        }
        self.searches.insert(inode, search);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

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

    /// Serves one table and counts the reads of all; each read takes `cost`.
    struct Files {
        file: NetFile,
        text: Vec<u8>,
        cost: u64,
        reads: Vec<NetFile>,
    }

    impl Files {
        fn new(file: NetFile, text: Vec<u8>) -> Files {
            Files {
                file,
                text,
                cost: 0,
                reads: Vec::new(),
            }
        }

        fn lookup(&mut self, t: &mut SocketTable, inode: u64, now: u64) -> Option<Arc<Endpoints>> {
            let now = Cell::new(now);
            t.lookup(inode, None, &|| now.get(), &mut |f| {
                if f == NetFile::UnixPeers {
                    return None;
                }
                now.set(now.get() + self.cost);
                self.reads.push(f);
                (f == self.file).then(|| Dump::Text(self.text.clone()))
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
    fn an_exact_table_is_read_at_each_look_until_the_socket_is_settled() {
        let mut files = Files::new(NetFile::Udp, udp(9, 0));
        files.cost = 40 * MS;
        let mut table = SocketTable::exact();
        for _ in 0..5 {
            assert_eq!(files.lookup(&mut table, 9, 1).unwrap().remote, None);
        }
        files.text = udp(9, 53);
        let found = files.lookup(&mut table, 9, 1).unwrap();
        assert_eq!(found.remote.as_deref(), Some("127.0.0.1:53"));
        let reads = files.reads.len();
        assert_eq!(files.lookup(&mut table, 9, 1), Some(found));
        assert_eq!(files.reads.len(), reads);
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
    fn reading_takes_a_tenth_of_the_time_at_most() {
        let mut files = Files::new(NetFile::Tcp, tcp(&[]));
        files.cost = 4 * MS;
        let mut table = SocketTable::new(MS);
        for ms in 0..1000 {
            files.lookup(&mut table, 1000 + ms, ms * MS);
        }
        let spent = files.reads.len() as u64 * 4;
        assert!((100..=160).contains(&spent), "{spent} of 1000 ms");
    }

    #[test]
    fn a_new_socket_is_found_although_tables_are_read_at_different_times() {
        let mut files = Files::new(NetFile::Tcp, tcp(&[(1, 80)]));
        files.cost = 4 * MS;
        let mut table = SocketTable::new(MS);
        for ms in 0..300 {
            files.lookup(&mut table, 5000 + ms, ms * MS);
        }
        files.text = tcp(&[(900, 80)]);
        let found = (300..900).find(|ms| files.lookup(&mut table, 900, ms * MS).is_some());
        assert!(found.is_some_and(|ms| ms < 700), "{found:?}");
    }

    #[test]
    fn a_known_protocol_reads_one_table_and_names_an_unbound_socket() {
        let mut table = SocketTable::new(MS);
        let mut reads = Vec::new();
        let e = table.lookup(5, Some("UDPv6"), &|| 0, &mut |f| {
            reads.push(f);
            None
        });
        assert_eq!(e.unwrap().protocol, "UDPv6");
        assert_eq!(reads, [NetFile::Udp6]);
        assert_eq!(table.lookup(6, Some("PACKET"), &|| 0, &mut |_| None), None);
    }
}
