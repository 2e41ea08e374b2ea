//! Texts of /proc that tell what a process is short of, and what they mean.

use super::procfs::read_text;
use crate::fd::FdTarget;
use crate::ids::{Pid, Tid};
use std::fs;
use std::time::{Duration, Instant};

/// CPU time that all our threads have used, nanoseconds, as finely as /proc counts; 0 if not
/// readable.
#[must_use]
pub fn own_cpu_ns() -> u64 {
    let text = read_text("/proc/self/stat").unwrap_or_default();
    // Behind the command, which may hold anything: fields 3 and on (proc(5)).
    let (_, rest) = text.rsplit_once(')').unwrap_or_default();
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || {
        fields
            .next()
            .and_then(|f| f.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let ticks = ticks() + ticks();
    // USER_HZ is 100 on all machines that we run on.
    ticks.saturating_mul(10_000_000)
}

/// Memory that we have resident, bytes; 0 if not readable.
#[must_use]
pub fn own_resident_bytes() -> u64 {
    let status = read_text("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0).saturating_mul(1024)
}

/// How many descriptors a process has open: the size of the directory, from Linux 6.2 on.
#[must_use]
pub fn open_files(pid: Pid) -> Option<u64> {
    let path = format!("/proc/{pid}/fd");
    match fs::metadata(&path).ok()?.len() {
        0 => Some(fs::read_dir(&path).ok()?.count() as u64),
        size => Some(size),
    }
}

/// How many descriptors a process may have: its soft RLIMIT_NOFILE.
#[must_use]
pub fn nofile(pid: Pid) -> Option<u64> {
    let text = read_text(&format!("/proc/{pid}/limits")).ok()?;
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The descriptors of a process.
#[must_use]
pub fn fds(pid: Pid) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    entries
        .map_while(Result::ok)
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .collect()
}

/// Whether a descriptor is a FIFO or a terminal, by what it is, not by its name. The file is
/// open already: asking does not wait for whom it belongs to.
#[must_use]
pub fn is_fifo_or_terminal(tid: Tid, fd: i32) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let Ok(file) = fs::metadata(format!("/proc/{tid}/fd/{fd}")) else {
        return false;
    };
    let kind = file.file_type();
    // Documentation/admin-guide/devices.txt: terminals, consoles, serial lines, pseudo-terminals.
    let major = libc::major(file.rdev());
    kind.is_fifo() || kind.is_char_device() && matches!(major, 4 | 5 | 136..=143 | 204)
}

/// The inode number of what a descriptor is open on.
#[must_use]
pub fn inode(tid: Tid, fd: i32) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(fs::metadata(format!("/proc/{tid}/fd/{fd}")).ok()?.ino())
}

/// The working directory of a thread.
#[must_use]
pub fn cwd(tid: Tid) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    let link = fs::read_link(format!("/proc/{tid}/cwd")).ok()?;
    Some(link.into_os_string().into_vec())
}

/// A variable of the environment that a process was started with.
#[must_use]
pub fn environment(pid: Pid, name: &str) -> Option<String> {
    let text = read_text(&format!("/proc/{pid}/environ")).ok()?;
    text.split('\0')
        .find_map(|v| v.strip_prefix(name)?.strip_prefix('='))
        .map(str::to_owned)
}

/// Type, source and mount point of the mount that an absolute path lies on, by the text of
/// /proc/PID/mountinfo. Symbolic links are not followed: that could wait for a dead server.
#[must_use]
pub fn mount_of(mountinfo: &str, path: &str) -> Option<(String, String, String)> {
    let mut best: Option<(String, String, String)> = None;
    for line in mountinfo.lines() {
        let Some((front, back)) = line.split_once(" - ") else {
            continue;
        };
        let Some(at) = front.split(' ').nth(4).map(unescape) else {
            continue;
        };
        let rest = path.strip_prefix(at.trim_end_matches('/'));
        if !rest.is_some_and(|r| r.is_empty() || r.starts_with('/')) {
            continue;
        }
        let mut back = back.split(' ').map(unescape);
        let (Some(kind), Some(source)) = (back.next(), back.next()) else {
            continue;
        };
        // Of several on one point the last one covers the others.
        if best.as_ref().is_none_or(|(_, _, b)| at.len() >= b.len()) {
            best = Some((kind, source, at));
        }
    }
    best
}

/// Spaces, tabs, line breaks and backslashes are `\040` and the like in mountinfo.
fn unescape(text: &str) -> String {
    let mut out = text.to_owned();
    for (code, c) in [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ] {
        if out.contains(code) {
            out = out.replace(code, c);
        }
    }
    out
}

/// Who holds the lock on `inode` that a thread of `pid` waits for, by the text of /proc/locks:
/// `None` where no such wait is listed; a holder that is an open file description has no process.
///
/// ```text
/// 1: FLOCK  ADVISORY  WRITE 500 fe:00:1234 0 EOF
/// 1: -> FLOCK  ADVISORY  WRITE 501 fe:00:1234 0 EOF
/// ```
#[must_use]
pub fn holders(locks: &str, pid: Pid, tid: Tid, inode: u64) -> Option<Vec<Option<Pid>>> {
    let mut holders = Vec::new();
    let mut number = "";
    let mut holder = None;
    let mut waits = false;
    for line in locks.lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        let mut words = words.peekable();
        let waiting = words.next_if_eq(&"->").is_some();
        let fields: Vec<&str> = words.collect();
        let [_kind, _mode, _access, owner, place, ..] = fields.as_slice() else {
            continue;
        };
        let same_file = place.rsplit(':').next().and_then(|n| n.parse().ok()) == Some(inode);
        let owner: i32 = owner.parse().unwrap_or(0);
        if !waiting {
            number = first;
            holder = same_file.then_some((owner > 0).then_some(Pid(owner)));
            continue;
        }
        let ours = owner == pid.0 || owner == tid.0 || owner <= 0;
        if same_file && ours && first == number {
            waits = true;
            if let Some(holder) = holder
                && !holders.contains(&holder)
            {
                holders.push(holder);
            }
        }
    }
    waits.then_some(holders)
}

/// Requests of an io_uring that the kernel has taken and not completed, by its fdinfo
/// (io_uring/fdinfo.c, Linux 5.11 on): submissions taken less completions posted, both counted
/// by 32 bits. More completions than submissions (multishot requests) tell nothing.
#[must_use]
pub fn in_flight(fdinfo: &str) -> Option<u64> {
    let field = |name: &str| {
        let line = fdinfo.lines().find_map(|l| l.strip_prefix(name))?;
        line.trim().parse::<u32>().ok()
    };
    let taken = field("CachedSqHead:")?;
    let apart = taken.wrapping_sub(field("CachedCqTail:")?);
    (apart.cast_signed() >= 0).then_some(u64::from(apart))
}

/// The parent of a process.
#[must_use]
pub fn parent(pid: Pid) -> Option<Pid> {
    let status = super::procfs::status(pid.into()).ok()?;
    let field = super::procfs::status_field(&status, "PPid")?;
    field.trim().parse().ok().map(Pid)
}

/// The inode of the pipe that a descriptor is one end of.
#[must_use]
pub fn pipe(pid: Pid, fd: i32) -> Option<u64> {
    match FdTarget::parse(&super::procfs::fd_link(pid.into(), fd).ok()?, None) {
        FdTarget::Pipe(inode) => Some(inode),
        _ => None,
    }
}

/// Processes besides this one that have a pipe open for writing; those whose descriptors we may
/// not see are left out, and so is what lies beyond some 100 ms of looking.
#[must_use]
pub fn pipe_writers(inode: u64, but: Pid) -> Vec<Pid> {
    writers_within(Duration::from_millis(100), inode, but)
}

fn writers_within(limit: Duration, inode: u64, but: Pid) -> Vec<Pid> {
    let began = Instant::now();
    let link = format!("pipe:[{inode}]");
    let holds = |pid: &Pid| {
        let mut fds = fds(*pid).into_iter();
        fds.any(|fd| began.elapsed() < limit && is_open_for_writing(*pid, fd, &link))
    };
    processes()
        .into_iter()
        .filter(|pid| *pid != but && began.elapsed() < limit && holds(pid))
        .collect()
}

/// The mode of the link says how it is open (proc(5)).
fn is_open_for_writing(pid: Pid, fd: i32, link: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OWNER_MAY_WRITE: u32 = 0o200;
    let path = format!("/proc/{pid}/fd/{fd}");
    let leads_there = fs::read_link(&path).is_ok_and(|to| to.as_os_str() == link);
    let mode = || fs::symlink_metadata(&path).map(|m| m.permissions().mode());
    leads_there && mode().is_ok_and(|mode| mode & OWNER_MAY_WRITE != 0)
}

/// All processes, the newest first: it is the likeliest.
fn processes() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut pids: Vec<Pid> = entries
        .map_while(Result::ok)
        .filter_map(|e| e.file_name().to_str()?.parse().ok().map(Pid))
        .collect();
    pids.sort_unstable_by_key(|pid| std::cmp::Reverse(*pid));
    pids
}

/// A counter of /proc/PID/net/netstat: a line of names, a line of values behind the same prefix.
#[must_use]
pub fn netstat(text: &str, prefix: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter(|l| l.starts_with(prefix));
    let names = lines.next()?.split(' ');
    let mut values = lines.next()?.split(' ');
    let place = names.into_iter().position(|n| n == name)?;
    values.nth(place)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_on_the_innermost_mount_that_covers_it() {
        let mounts = "21 1 254:0 / / rw - ext4 /dev/vda rw\n\
                      22 21 0:5 / /srv/a\\040b rw shared:1 - nfs4 host:/x rw\n\
                      23 21 0:6 / /srv rw - tmpfs tmpfs rw\n";
        let on = |path| mount_of(mounts, path).unwrap();
        assert_eq!(on("/etc/passwd").0, "ext4");
        assert_eq!(
            on("/srv/a b/c"),
            ("nfs4".into(), "host:/x".into(), "/srv/a b".into())
        );
        assert_eq!(on("/srv/abc").0, "tmpfs");
        assert_eq!(on("/srvx").0, "ext4");
    }

    #[test]
    fn the_holder_of_a_lock_is_the_one_that_the_waiter_stands_behind() {
        let locks = "1: FLOCK  ADVISORY  WRITE 500 fe:00:1234 0 EOF\n\
                     1: -> FLOCK  ADVISORY  WRITE 501 fe:00:1234 0 EOF\n\
                     2: OFDLCK ADVISORY  WRITE -1 fe:00:77 0 EOF\n\
                     2: -> OFDLCK ADVISORY  WRITE -1 fe:00:77 0 EOF\n\
                     3: POSIX  ADVISORY  READ 9 fe:00:99 0 EOF\n";
        let of = |pid, inode| holders(locks, Pid(pid), Tid(pid), inode);
        assert_eq!(of(501, 1234), Some(vec![Some(Pid(500))]));
        assert_eq!(of(502, 1234), None);
        assert_eq!(of(600, 77), Some(vec![None]));
        assert_eq!(of(9, 99), None, "it holds, it does not wait");
    }

    #[test]
    fn requests_in_flight_are_those_taken_and_not_completed() {
        let info = |taken: u32, done: u32| {
            format!("SqHead:\t9\nCachedSqHead:\t{taken}\nCqTail:\t1\nCachedCqTail:\t{done}\n")
        };
        assert_eq!(in_flight(&info(5, 3)), Some(2));
        assert_eq!(in_flight(&info(1, u32::MAX)), Some(2));
        assert_eq!(in_flight(&info(3, 5)), None);
        assert_eq!(in_flight("pos:\t0\n"), None);
    }

    #[test]
    fn a_pipe_is_written_to_by_who_has_that_end_of_it() {
        use std::os::fd::AsRawFd;
        let (reader, writer) = std::io::pipe().unwrap();
        let own = Pid(std::process::id().cast_signed());
        let inode = pipe(own, reader.as_raw_fd()).unwrap();
        let writers = |inode, but| writers_within(Duration::from_secs(60), inode, but);
        let others = || writers(inode, Pid(0));
        assert_eq!(others(), [own]);
        assert_eq!(writers(inode, own), []);
        drop(writer);
        assert_eq!(others(), [], "the reading end is not it");
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .stdout(std::io::pipe().unwrap().1)
            .spawn()
            .unwrap();
        let child_pid = Pid(child.id().cast_signed());
        let inode = pipe(child_pid, 1).unwrap();
        assert_eq!(writers(inode, own), [child_pid]);
        assert_eq!(parent(child_pid), Some(own));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_counter_stands_below_its_name() {
        let text = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 7 8\nIpExt: A\nIpExt: 1\n";
        assert_eq!(netstat(text, "TcpExt:", "ListenOverflows"), Some(7));
        assert_eq!(netstat(text, "TcpExt:", "Nothing"), None);
    }
}
