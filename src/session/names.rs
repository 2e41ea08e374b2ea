//! Names that cost more than a stopped thread should wait for: the endpoints of sockets and
//! the symbols of addresses.

use super::preflight::own_pid;
use super::process::Process;
use crate::cli::config::Config;
use crate::event::SyscallEvent;
use crate::fd::FdTarget;
use crate::fd::net::{Dump, NetFile};
use crate::fd::sockets::SocketTable;
use crate::ids::{Pid, Tid};
use crate::sys::{clock, procfs, sock_diag};
use crate::value::Value;
use std::collections::HashMap;

/// A socket table is read at most so often.
const MIN_INTERVAL_NS: u64 = 1_000_000;
/// Network namespaces whose tables are kept.
const MAX_NAMESPACES: usize = 64;

/// Fills in names, remembering what it has found.
#[derive(Debug)]
pub struct Names {
    endpoints: bool,
    /// The holder of a socket is stopped meanwhile: what is found must be how things stand.
    at_stop: bool,
    /// By network namespace, as the text of its link.
    sockets: HashMap<Vec<u8>, SocketTable>,
    namespaces: HashMap<Pid, Vec<u8>>,
    /// The namespace that we are in.
    own: Option<Vec<u8>>,
}

impl Names {
    /// As the command line asks for.
    #[must_use]
    pub fn new(config: &Config) -> Names {
        Names::with(config.look.fds.socket && !config.names_sockets_at_stop())
    }

    /// With the endpoints of sockets, or without.
    #[must_use]
    pub fn with(endpoints: bool) -> Names {
        Names {
            endpoints,
            at_stop: false,
            sockets: HashMap::new(),
            namespaces: HashMap::new(),
            own: procfs::net_namespace(Tid(own_pid().0)),
        }
    }

    /// With the endpoints of sockets as they are at a stop of their holder: strace's lines say
    /// what a socket is at the time of the call, whatever comes of it a moment later.
    #[must_use]
    pub fn at_stop() -> Names {
        Names {
            at_stop: true,
            ..Names::with(true)
        }
    }

    /// Completes the names of an event.
    pub fn fill(&mut self, event: &mut SyscallEvent, process: &Process) {
        if self.endpoints {
            self.fill_endpoints(event);
        }
        for arg in &mut event.args {
            if let Value::Object { addr, symbol } = &mut arg.value {
                *symbol = process.symbol(*addr);
            }
        }
    }

    fn fill_endpoints(&mut self, event: &mut SyscallEvent) {
        let names = &mut event.names;
        let fds = names.fds.iter_mut().map(|(_, target)| target);
        for target in fds.chain(&mut names.returned) {
            self.find_endpoints(event.pid, event.tid, target);
        }
    }

    /// Completes what a thread's descriptor is, if it is a socket.
    pub fn find_endpoints(&mut self, pid: Pid, tid: Tid, target: &mut FdTarget) {
        let FdTarget::Socket { inode, endpoints } = target else {
            return;
        };
        let own = self.own.clone();
        let (namespace, table) = self.table(pid, tid);
        // sock_diag answers for our own namespace only.
        let ours = own.is_some_and(|own| own == namespace);
        let mut read = |file: NetFile| {
            let dump = ours.then(|| sock_diag::dump(file)).flatten();
            dump.or_else(|| {
                let text = procfs::net_table(tid, file.file_name()).ok()?;
                Some(Dump::Text(text))
            })
        };
        let protocol = endpoints.as_ref().map(|e| e.protocol);
        *endpoints = table.lookup(*inode, protocol, &clock::mono_ns, &mut read);
    }

    fn table(&mut self, pid: Pid, tid: Tid) -> (Vec<u8>, &mut SocketTable) {
        if self.namespaces.len() > MAX_NAMESPACES || self.sockets.len() > MAX_NAMESPACES {
            self.namespaces.clear();
            self.sockets.clear();
        }
        let namespace = self
            .namespaces
            .entry(pid)
            .or_insert_with(|| procfs::net_namespace(tid).unwrap_or_default())
            .clone();
        let at_stop = self.at_stop;
        let table = self
            .sockets
            .entry(namespace.clone())
            .or_insert_with(|| match at_stop {
                true => SocketTable::exact(),
                false => SocketTable::new(MIN_INTERVAL_NS),
            });
        (namespace, table)
    }
}
