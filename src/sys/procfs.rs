//! /proc of a process, as text; what the texts mean is decided elsewhere.

use crate::event::RawCall;
use crate::ids::{Addr, Pid, Tid};
use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;

/// Most texts are no longer, and read at once.
const SHORT_TEXT: usize = 2048;

/// The thread ids of a process, in no order.
///
/// # Errors
/// No such process, or its directory is hidden from us.
pub fn tasks(pid: Pid) -> io::Result<Vec<Tid>> {
    let mut tids = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let Ok(entry) = entry else { break };
        if let Some(tid) = entry.file_name().to_str().and_then(|s| s.parse().ok()) {
            tids.push(Tid(tid));
        }
    }
    Ok(tids)
}

/// /proc/ID/status of a process or thread.
///
/// # Errors
/// It is gone or hidden.
pub fn status(tid: Tid) -> io::Result<String> {
    read_text(&format!("/proc/{tid}/status"))
}

/// A field of /proc/ID/status, without the white space around it.
#[must_use]
pub fn status_field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|l| l.strip_prefix(name)?.strip_prefix(':').map(str::trim))
}

/// The process that a thread belongs to.
#[must_use]
pub fn process_of(tid: Tid) -> Option<Pid> {
    let status = status(tid).ok()?;
    status_field(&status, "Tgid")?.parse().ok().map(Pid)
}

/// The thread that traces a thread; `None` for none, or when the thread is gone.
#[must_use]
pub fn tracer_of(tid: Tid) -> Option<Tid> {
    let status = status(tid).ok()?;
    let tracer = status_field(&status, "TracerPid")?.parse().ok()?;
    (tracer != 0).then_some(Tid(tracer))
}

/// The one-letter state of a thread (`R`, `S`, `D`, `Z`...).
#[must_use]
pub fn state(tid: Tid) -> Option<char> {
    let status = status(tid).ok()?;
    status_field(&status, "State")?.chars().next()
}

/// How long the kernel has worked for a thread, in nanoseconds, as coarsely as it counts it; 0
/// where that cannot be read.
#[must_use]
pub fn system_time_ns(tid: Tid) -> u64 {
    /// USER_HZ, in which /proc counts on every machine (proc(5)).
    const NS_PER_TICK: u64 = 1_000_000_000 / 100;
    let stime = || {
        let stat = read_text(&format!("/proc/{tid}/stat")).ok()?;
        // The command's name may hold spaces and parentheses; stime is the 13th field behind it.
        let (_, fields) = stat.rsplit_once(')')?;
        fields.split_whitespace().nth(12)?.parse::<u64>().ok()
    };
    stime().unwrap_or(0).saturating_mul(NS_PER_TICK)
}

/// What tells whether a thread has run: its state, and how often it has been switched to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Switches {
    /// The letter of its state.
    pub state: char,
    /// Voluntary context switches.
    pub voluntary: u64,
    /// Involuntary ones.
    pub involuntary: u64,
}

/// State and context switches of a thread.
#[must_use]
pub fn switches(tid: Tid) -> Option<Switches> {
    let status = status(tid).ok()?;
    let number = |name| status_field(&status, name)?.parse().ok();
    Some(Switches {
        state: status_field(&status, "State")?.chars().next()?,
        voluntary: number("voluntary_ctxt_switches")?,
        involuntary: number("nonvoluntary_ctxt_switches")?,
    })
}

/// The kernel function that a thread waits in; `None` when it runs, or where not permitted.
#[must_use]
pub fn wchan(tid: Tid) -> Option<String> {
    let name = read_text(&format!("/proc/{tid}/wchan")).ok()?;
    (!name.is_empty() && name != "0").then_some(name)
}

/// The functions on a thread's stack in the kernel, innermost first; empty where not permitted.
#[must_use]
pub fn kernel_stack(tid: Tid) -> Vec<String> {
    let text = read_text(&format!("/proc/{tid}/stack")).unwrap_or_default();
    text.lines().filter_map(kernel_function).collect()
}

/// `[<0>] futex_wait_queue+0x60/0x90` names `futex_wait_queue`.
fn kernel_function(line: &str) -> Option<String> {
    let (_, place) = line.split_once("] ")?;
    let name = place.split('+').next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The command name of a process or thread; what of it is no UTF-8 is replaced.
#[must_use]
pub fn comm(tid: Tid) -> Option<String> {
    let bytes = comm_bytes(tid)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same as it is: up to a line break within, as strace reads it.
#[must_use]
pub fn comm_bytes(tid: Tid) -> Option<Vec<u8>> {
    use std::io::Read;
    // At most 15 bytes and a line break (TASK_COMM_LEN), kernel threads' a few more: read at
    // once, since a stopped thread may be waiting for it.
    let mut bytes = [0; 64];
    let mut file = fs::File::open(format!("/proc/{tid}/comm")).ok()?;
    let n = file.read(&mut bytes).ok()?;
    let line = bytes[..n].split(|&byte| byte == b'\n').next();
    line.map(<[u8]>::to_vec)
}

/// The children of a process, those of its first `threads` threads; none where the kernel does
/// not tell (CONFIG_PROC_CHILDREN).
#[must_use]
pub fn children(pid: Pid, threads: usize) -> Vec<Pid> {
    let tids = tasks(pid).unwrap_or_default();
    tids.into_iter()
        .take(threads)
        .filter_map(|tid| read_text(&format!("/proc/{pid}/task/{tid}/children")).ok())
        .flat_map(|text| {
            let pids = text.split_whitespace().map(|word| word.parse().map(Pid));
            pids.filter_map(Result::ok).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether the kernel tells the children of a process (CONFIG_PROC_CHILDREN).
#[must_use]
pub fn tells_children() -> bool {
    fs::metadata("/proc/thread-self/children").is_ok()
}

/// All processes that we can see.
#[must_use]
pub fn processes() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .map_while(Result::ok)
        .filter_map(|e| e.file_name().to_str()?.parse().ok().map(Pid))
        .collect()
}

/// The command line of a process, arguments separated by spaces.
#[must_use]
pub fn command_line(pid: Pid) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let joined = text.trim_end_matches('\0').replace('\0', " ");
    (!joined.is_empty()).then_some(joined)
}

/// What a descriptor of a thread is: the text of its link.
///
/// # Errors
/// It is not open, or the thread is gone.
pub fn fd_link(tid: Tid, fd: i32) -> io::Result<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    let link = fs::read_link(format!("/proc/{tid}/fd/{fd}"))?;
    Ok(link.into_os_string().into_vec())
}

/// What the netlink socket behind a descriptor speaks; `None` for what is no such socket.
#[must_use]
pub fn netlink_protocol(tid: Tid, fd: i32) -> Option<u32> {
    let link = fd_link(tid, fd).ok()?;
    let inode = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    let inode = std::str::from_utf8(inode).ok()?;
    // sk, the protocol, ..., the inode.
    let sockets = fs::read_to_string(format!("/proc/{tid}/net/netlink")).ok()?;
    sockets.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.last() == Some(&inode)).then(|| words.get(1)?.parse().ok())?
    })
}

/// The name of network interface `index`, as the thread's network namespace has it.
#[must_use]
pub fn interface_name(tid: Tid, index: u32) -> Option<String> {
    // A file each, of which the first line is its number: `ifIndex 2`.
    let interfaces = fs::read_dir(format!("/proc/{tid}/net/dev_snmp6")).ok()?;
    interfaces.filter_map(Result::ok).find_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let number = text.lines().next()?.split_whitespace().nth(1)?;
        (number.parse() == Ok(index)).then(|| entry.file_name().to_string_lossy().into_owned())
    })
}

/// Where a thread's working directory is.
///
/// # Errors
/// As [`status`].
pub fn cwd_link(tid: Tid) -> io::Result<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    let link = fs::read_link(format!("/proc/{tid}/cwd"))?;
    Ok(link.into_os_string().into_vec())
}

/// Whether a descriptor is open on the very file that has this path, as the thread sees it.
#[must_use]
pub fn fd_leads_to(tid: Tid, fd: i32, path: &[u8]) -> bool {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    let mut there = std::ffi::OsString::from(format!("/proc/{tid}/root"));
    there.push(std::ffi::OsStr::from_bytes(path));
    match (
        fs::metadata(format!("/proc/{tid}/fd/{fd}")),
        fs::metadata(there),
    ) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// The device number of a descriptor that is open on a device.
#[must_use]
pub fn fd_device(tid: Tid, fd: i32) -> Option<crate::fd::Device> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let file = fs::metadata(format!("/proc/{tid}/fd/{fd}")).ok()?;
    let kind = file.file_type();
    let block = kind.is_block_device();
    (block || kind.is_char_device()).then(|| crate::fd::Device {
        block,
        major: libc::major(file.rdev()),
        minor: libc::minor(file.rdev()),
    })
}

/// /proc/TID/fdinfo/FD.
///
/// # Errors
/// It is not open, or the thread is gone.
pub fn fd_info(tid: Tid, fd: i32) -> io::Result<String> {
    read_text(&format!("/proc/{tid}/fdinfo/{fd}"))
}

/// A table of the thread's network namespace, such as `tcp6` or `unix`.
///
/// # Errors
/// The kernel has no such protocol, or the thread is gone.
pub fn net_table(tid: Tid, protocol: &str) -> io::Result<Vec<u8>> {
    fs::read(format!("/proc/{tid}/net/{protocol}"))
}

/// The network namespace of a thread, as the text of its link.
#[must_use]
pub fn net_namespace(tid: Tid) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    let link = fs::read_link(format!("/proc/{tid}/ns/net")).ok()?;
    Some(link.into_os_string().into_vec())
}

/// The executable of a process: a path that opens the very file that runs, even deleted.
#[must_use]
pub fn exe(pid: Pid) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/exe"))
}

/// The path of a process's executable, as the kernel spells it in its mappings too.
#[must_use]
pub fn exe_link(pid: Pid) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    let link = fs::read_link(exe(pid)).ok()?;
    Some(link.into_os_string().into_vec())
}

/// One line of /proc/PID/maps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// Addresses.
    pub range: Range<u64>,
    /// Readable, writable, executable.
    pub read: bool,
    /// Writable.
    pub write: bool,
    /// Executable.
    pub exec: bool,
    /// Offset in the file.
    pub offset: u64,
    /// Device and inode of the file, as text; `00:00 0` for none.
    pub file: String,
    /// Path, or a name in brackets; empty for none.
    pub path: String,
}

/// The mappings of a process.
///
/// # Errors
/// It is gone, or reading its memory is not permitted.
pub fn maps(pid: Pid) -> io::Result<Vec<Mapping>> {
    Ok(parse_maps(&read_text(&format!("/proc/{pid}/maps"))?))
}

/// The text of /proc/PID/maps; lines that make no sense are left out.
#[must_use]
pub fn parse_maps(text: &str) -> Vec<Mapping> {
    text.lines().filter_map(parse_mapping).collect()
}

fn parse_mapping(line: &str) -> Option<Mapping> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let perms = words.next()?;
    let offset = words.next()?;
    let device = words.next()?;
    let inode = words.next()?;
    let hex = |s| u64::from_str_radix(s, 16).ok();
    Some(Mapping {
        range: hex(start)?..hex(end)?,
        read: perms.starts_with('r'),
        write: perms.contains('w'),
        exec: perms.contains('x'),
        offset: hex(offset)?,
        file: format!("{device} {inode}"),
        path: words.next().unwrap_or("").trim_start().to_owned(),
    })
}

/// /proc/TID/syscall: what a thread that is not running is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyscallFile {
    /// It runs.
    Running,
    /// It is blocked outside a call (a stop, a page fault).
    Blocked {
        /// Stack pointer.
        sp: Addr,
        /// Program counter.
        pc: Addr,
    },
    /// It is blocked in this call.
    InCall {
        /// The call, taken to be of the host's own ABI.
        call: RawCall,
        /// Stack pointer.
        sp: Addr,
        /// Program counter.
        pc: Addr,
    },
}

/// Reads /proc/TID/syscall.
///
/// # Errors
/// It is gone, not permitted, or the kernel lacks CONFIG_HAVE_ARCH_TRACEHOOK.
pub fn syscall(tid: Tid) -> io::Result<SyscallFile> {
    let text = fs::read(format!("/proc/{tid}/syscall"))?;
    parse_syscall(&text).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// The text of /proc/TID/syscall. Nothing is allocated for it.
#[must_use]
pub fn parse_syscall(text: &[u8]) -> Option<SyscallFile> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if text == "running" {
        return Some(SyscallFile::Running);
    }
    let mut words = [""; 9];
    let mut count = 0;
    for word in text.split(' ') {
        *words.get_mut(count)? = word;
        count += 1;
    }
    let hex = |s: &str| u64::from_str_radix(s.strip_prefix("0x").unwrap_or(s), 16).ok();
    match words.get(..count)? {
        ["-1", sp, pc] => Some(SyscallFile::Blocked {
            sp: Addr(hex(sp)?),
            pc: Addr(hex(pc)?),
        }),
        [nr, a, b, c, d, e, f, sp, pc] => Some(SyscallFile::InCall {
            call: RawCall {
                abi: crate::arch::host::ABI,
                nr: nr.parse().ok()?,
                args: [hex(a)?, hex(b)?, hex(c)?, hex(d)?, hex(e)?, hex(f)?],
            },
            sp: Addr(hex(sp)?),
            pc: Addr(hex(pc)?),
        }),
        _ => None,
    }
}

/// Whether kill(PID, 0) finds somebody; it sees what a /proc mounted with hidepid does not show.
#[must_use]
pub fn exists(pid: Pid) -> bool {
    let result = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.0), None);
    matches!(result, Ok(()) | Err(nix::errno::Errno::EPERM))
}

/// The user who owns a file of /proc.
#[must_use]
pub fn owner(path: &str) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(fs::metadata(path).ok()?.uid())
}

/// A text of /proc. They are not always UTF-8 (command names, paths): what is not is replaced.
///
/// # Errors
/// As open(2) and read(2).
pub fn read_text(path: &str) -> io::Result<String> {
    // Its size is not known beforehand; to ask would be one system call more.
    let mut bytes = Vec::with_capacity(SHORT_TEXT);
    let mut file = fs::File::open(path)?.take(u64::MAX);
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_with_spaces_in_its_path_keeps_them() {
        let line =
            "00400000-0045e000 r-xp 00001000 fe:00 123                        /tmp/a b (deleted)";
        let m = parse_mapping(line).unwrap();
        assert_eq!(m.range, 0x400000..0x45e000);
        assert!(m.read && !m.write && m.exec);
        assert_eq!((m.offset, m.path.as_str()), (0x1000, "/tmp/a b (deleted)"));
        assert_eq!(parse_mapping("rubbish"), None);
    }

    #[test]
    fn a_blocked_call_is_read_with_its_registers() {
        let text = b"202 0x5b0a40 0x80 0x0 0x0 0x0 0x0 0x7ffc 0x46a3a3\n";
        match parse_syscall(text) {
            Some(SyscallFile::InCall { call, sp, pc }) => {
                assert_eq!((call.nr, call.args[1]), (202, 0x80));
                assert_eq!((sp, pc), (Addr(0x7ffc), Addr(0x46a3a3)));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(parse_syscall(b"running\n"), Some(SyscallFile::Running));
        assert_eq!(parse_syscall(b""), None);
    }

    #[test]
    fn a_kernel_stack_is_told_by_its_functions() {
        let line = "[<0>] futex_wait_queue+0x60/0x90";
        assert_eq!(kernel_function(line).as_deref(), Some("futex_wait_queue"));
        assert_eq!(kernel_function(""), None);
    }

    #[test]
    fn our_own_threads_are_listed() {
        let tids = tasks(Pid(std::process::id() as i32)).unwrap();
        assert!(tids.contains(&Tid(nix::unistd::gettid().as_raw())));
    }
}
