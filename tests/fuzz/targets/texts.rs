//! What the kernel says of a process, whose names and paths the process chooses, and what a user
//! types.

use super::Input;
use gostrace::cli::config::SignalSet;
use gostrace::cli::{parse, parse_duration};
use gostrace::fd::net::{Dump, NetFile, Row};
use gostrace::fd::{FdTarget, diag, epoll, net};
use gostrace::golang::GoVersion;
use gostrace::ids::{Pid, Tid};
use gostrace::permission::status;
use gostrace::sys::{proc_facts, procfs};
use gostrace::syscall::set::{Names, SyscallSet};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// A file below /proc/PID, whichever.
pub fn proc(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let mappings = procfs::parse_maps(text);
    assert!(mappings.len() <= text.lines().count());
    let _ = procfs::parse_syscall(bytes);
    let _ = procfs::status_field(text, "TracerPid");
    let of_process = status::ProcessStatus::parse(text);
    let _ = (
        of_process.is_zombie(),
        status::stat_says_kernel_thread(text),
    );
    let _ = (status::namespace_inode(text), status::yama_scope(text));
    let path = text.lines().last().unwrap_or("/");
    let _ = proc_facts::mount_of(text, path);
    let _ = proc_facts::holders(text, Pid(500), Tid(501), 1234);
    let _ = proc_facts::in_flight(text);
    let _ = proc_facts::netstat(text, "TcpExt", "ListenDrops");
    let _ = epoll::registered(text).count();
    let (link, fdinfo) = text.split_once('\n').unwrap_or((text, ""));
    let _ = FdTarget::wants_fdinfo(link.as_bytes());
    for fdinfo in [None, Some(fdinfo)] {
        let mut target = FdTarget::parse(link.as_bytes(), fdinfo);
        target.set_protocol(path);
        let _ = target.anon_name();
    }
}

/// A table of sockets: a byte for which, then its text or the kernel's datagrams.
pub fn sockets(bytes: &[u8]) {
    const LIMIT: usize = 100;
    let input = Input::new(bytes);
    let file = NetFile::ALL[usize::from(input.byte()) % NetFile::ALL.len()];
    let answer = input.rest();
    for dump in [Dump::Text(answer.to_vec()), Dump::Diag(answer.to_vec())] {
        let mut rows: HashMap<u64, Row> = HashMap::new();
        net::parse_dump(file, &dump, LIMIT, &mut rows);
        assert!(rows.len() <= LIMIT);
        diag::add_peers(answer, &mut rows);
        for (inode, row) in &rows {
            let _ = (row.is_settled(), row.endpoints(*inode));
        }
    }
    assert!(net::listeners("TCP", answer).len() <= answer.len());
    assert!(diag::listeners("TCP", answer).len() <= answer.len());
    let _ = (diag::is_last(answer), diag::is_refusal(answer));
    let text = String::from_utf8_lossy(answer);
    let _ = NetFile::of_protocol(&text);
}

/// The value of an option: which calls, which signals, how long, which release.
pub fn expressions(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    for names in [Names::Exact, Names::Families] {
        let _ = SyscallSet::parse(text, names);
    }
    let _ = SignalSet::parse(text);
    let _ = parse_duration(text);
    let _ = GoVersion::parse(text);
}

/// A command line, a word a line.
pub fn options(bytes: &[u8]) {
    let words = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec);
    let words = words.map(OsString::from_vec);
    let argv = std::iter::once("gostrace".into()).chain(words);
    if let Err(error) = parse(argv) {
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}
