//! Looking at threads without stopping them: files of /proc that are kept open and read again,
//! the time of the next look, and what looking costs.

use super::procfs::{SyscallFile, parse_syscall};
use super::{SysError, clock};
use crate::ids::{Pid, Tid};
use crate::sample::{Counts, Peek, Sight, Spot};
use nix::errno::Errno;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

/// Enough for what is read: a line of numbers, and the whole of /proc/TID/status (its longest
/// line, of supplementary groups, stands before what we want, hence the size).
const LINE: usize = 256;
const STATUS: usize = 8192;

/// The files of one thread.
#[derive(Debug)]
pub struct ThreadFiles {
    pid: Pid,
    tid: Tid,
    counts: Counts,
    counter: Option<File>,
    syscall: Option<File>,
}

/// What the kernel here can count for us: with CONFIG_SCHED_INFO how often a thread was put on a
/// CPU, else (or where it is switched off: it reads as zeros) how often it was taken off one.
#[must_use]
pub fn what_is_counted() -> Counts {
    let own = std::fs::read("/proc/thread-self/schedstat").unwrap_or_default();
    match parse_schedstat(&own) {
        Some(1..) => Counts::Arrivals,
        _ => Counts::Departures,
    }
}

impl ThreadFiles {
    /// Opens the files of a thread. Past the limit of open files they are opened for each look.
    ///
    /// # Errors
    /// It is gone, or looking at it is not permitted.
    pub fn open(pid: Pid, tid: Tid, counts: Counts) -> io::Result<ThreadFiles> {
        let mut files = ThreadFiles {
            pid,
            tid,
            counts,
            counter: None,
            syscall: None,
        };
        match (files.open_counter(), files.open_syscall()) {
            (Ok(counter), Ok(syscall)) => {
                files.counter = Some(counter);
                files.syscall = Some(syscall);
            }
            (Err(e), _) | (_, Err(e)) if !is_shortage(&e) => return Err(e),
            _ => {}
        }
        Ok(files)
    }

    fn open_counter(&self) -> io::Result<File> {
        self.file(match self.counts {
            Counts::Arrivals => "schedstat",
            Counts::Departures => "status",
        })
    }

    fn open_syscall(&self) -> io::Result<File> {
        self.file("syscall")
    }

    fn file(&self, name: &str) -> io::Result<File> {
        File::open(format!("/proc/{}/task/{}/{name}", self.pid, self.tid))
    }
}

/// Whether it failed for want of descriptors.
fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)
    )
}

/// Reads a file of /proc from its beginning, as far as `buffer` goes.
fn read<'a>(
    kept: Option<&File>,
    open: impl FnOnce() -> io::Result<File>,
    buffer: &'a mut [u8],
) -> io::Result<&'a [u8]> {
    let n = match kept {
        Some(file) => file.read_at(buffer, 0)?,
        None => open()?.read_at(buffer, 0)?,
    };
    Ok(buffer.get(..n).unwrap_or_default())
}

fn unreadable() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Peek for ThreadFiles {
    type Error = io::Error;

    fn counter(&mut self) -> io::Result<u64> {
        let open = || self.open_counter();
        let kept = self.counter.as_ref();
        match self.counts {
            Counts::Arrivals => {
                let text = read(kept, open, &mut [0; LINE]).map(parse_schedstat)?;
                text.ok_or_else(unreadable)
            }
            Counts::Departures => {
                let text = read(kept, open, &mut [0; STATUS]).map(parse_switches)?;
                text.ok_or_else(unreadable)
            }
        }
    }

    fn sight(&mut self) -> io::Result<Sight> {
        let open = || self.open_syscall();
        let text = read(self.syscall.as_ref(), open, &mut [0; LINE]).map(parse_syscall)?;
        Ok(match text.ok_or_else(unreadable)? {
            SyscallFile::Running => Sight::Running,
            SyscallFile::Blocked { .. } => Sight::Outside,
            SyscallFile::InCall { call, sp, pc } => Sight::In(Spot { call, pc, sp }),
        })
    }

    fn now(&mut self) -> u64 {
        clock::mono_ns()
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// `TIME WAITED TIMESLICES`.
fn parse_schedstat(text: &[u8]) -> Option<u64> {
    number(text.split(|&b| b == b' ').nth(2)?)
}

/// Voluntary and other switches together: the last two lines of /proc/TID/status.
fn parse_switches(text: &[u8]) -> Option<u64> {
    let mut sum = None;
    for line in text.split(|&b| b == b'\n') {
        let count = line
            .strip_prefix(b"voluntary_ctxt_switches:")
            .or_else(|| line.strip_prefix(b"nonvoluntary_ctxt_switches:"));
        if let Some(count) = count {
            sum = Some(sum.unwrap_or(0u64).wrapping_add(number(count)?));
        }
    }
    sum
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// A program as it runs in a process: the memory that was its own when this was made.
#[derive(Debug)]
pub struct ProgramFile(File);

impl ProgramFile {
    /// The program that a process runs now.
    ///
    /// # Errors
    /// It is gone, or looking at it is not permitted.
    pub fn open(pid: Pid) -> io::Result<ProgramFile> {
        File::open(format!("/proc/{pid}/mem")).map(ProgramFile)
    }

    /// Whether it still runs. The file stands for the memory, not for the process
    /// (fs/proc/base.c `mem_rw`): when that has been given up, by exec or by the end of the last
    /// thread, reading anywhere finds the end of the file; before, it finds nothing at address 0.
    #[must_use]
    pub fn runs(&self) -> bool {
        !matches!(self.0.read_at(&mut [0], 0), Ok(0))
    }
}

/// The directory of the threads of a process.
#[derive(Debug)]
pub struct TaskDir(File);

impl TaskDir {
    /// Opens it.
    ///
    /// # Errors
    /// No such process, or it is hidden from us.
    pub fn open(pid: Pid) -> io::Result<TaskDir> {
        File::open(format!("/proc/{pid}/task")).map(TaskDir)
    }

    /// How many threads there are, without reading their names: the links of the directory but
    /// two (fs/proc/base.c `proc_task_getattr`).
    ///
    /// # Errors
    /// The process is gone.
    pub fn count(&self) -> io::Result<usize> {
        // Of a process that is gone the directory itself is still there.
        match self.0.metadata()?.nlink() {
            links @ 3.. => Ok(usize::try_from(links - 2).unwrap_or(usize::MAX)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Allows us as many open files as we may have: two a thread are kept. What cannot be had is
/// done without.
pub fn raise_file_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for writes.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is only read.
    unsafe {
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

/// Sleeps until `mono_ns` (CLOCK_MONOTONIC), or until a signal arrives.
pub fn sleep_until(mono_ns: u64) {
    let at = libc::timespec {
        tv_sec: (mono_ns / 1_000_000_000) as libc::time_t,
        tv_nsec: (mono_ns % 1_000_000_000) as libc::c_long,
    };
    // SAFETY: `at` is only read; with an absolute time nothing is written back.
    unsafe {
        libc::clock_nanosleep(
            libc::CLOCK_MONOTONIC,
            libc::TIMER_ABSTIME,
            &at,
            std::ptr::null_mut(),
        );
    }
}

/// CPU time of the calling thread, nanoseconds.
#[must_use]
pub fn cpu_ns() -> u64 {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(0, |t| {
        (t.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(t.tv_nsec() as u64)
    })
}

/// Whether the kernel has files that tell calls (CONFIG_HAVE_ARCH_TRACEHOOK).
#[must_use]
pub fn kernel_shows_calls() -> bool {
    std::path::Path::new("/proc/thread-self/syscall").exists()
}

/// Whether a look failed because there is nobody to look at any more.
#[must_use]
pub fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ESRCH | libc::ENOENT) | None
    )
}

/// The error of a look, as one of ours.
#[must_use]
pub fn failed(tid: Tid, error: &io::Error) -> SysError {
    let errno = match error.kind() {
        io::ErrorKind::NotFound => Errno::ESRCH,
        _ => Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)),
    };
    SysError::new("reading /proc/TID/syscall", tid, errno)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    #[test]
    fn counters_are_read_from_their_texts() {
        assert_eq!(parse_schedstat(b"123 45 67\n"), Some(67));
        assert_eq!(parse_schedstat(b"123 45\n"), None);
        let status = b"Name:\tx\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t545\n";
        assert_eq!(parse_switches(status), Some(695));
        assert_eq!(parse_switches(b"Name:\tx\n"), None);
    }

    #[test]
    fn each_wake_up_moves_the_counter_and_a_blocked_thread_leaves_it() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid(child.id().cast_signed());
        let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut echo = || {
            to.write_all(b"x").unwrap();
            from.read_exact(&mut [0]).unwrap();
        };
        echo();
        for counts in [what_is_counted(), Counts::Departures] {
            let mut files = ThreadFiles::open(pid, pid.into(), counts).unwrap();
            let blocked = |files: &mut ThreadFiles| loop {
                let counter = files.counter().unwrap();
                let sight = files.sight().unwrap();
                if let Sight::In(spot) = sight
                    && spot.call.nr == libc::SYS_read as u64
                    && files.counter().unwrap() == counter
                {
                    return (counter, spot);
                }
            };
            for _ in 0..2000 {
                let (counter, spot) = blocked(&mut files);
                assert_eq!(files.counter().unwrap(), counter);
                echo();
                let (after, same) = blocked(&mut files);
                assert!(after > counter, "{counts:?}: {counter} {after}");
                assert_eq!(same, spot);
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_program_has_ended_when_another_is_executed_and_when_its_process_ends() {
        let mut child = Command::new("sh")
            .args(["-c", "read line; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid(child.id().cast_signed());
        // The shell is there when it reads.
        while !matches!(
            super::super::procfs::syscall(pid.into()),
            Ok(SyscallFile::InCall { call, .. }) if call.nr == libc::SYS_read as u64
        ) || std::fs::read_link(format!("/proc/{pid}/exe"))
            .is_ok_and(|exe| exe == std::env::current_exe().unwrap())
        {
            std::thread::yield_now();
        }
        let shell = ProgramFile::open(pid).unwrap();
        assert!(shell.runs());
        let mut to = child.stdin.take().unwrap();
        to.write_all(b"\nx").unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        assert!(!shell.runs());
        let cat = ProgramFile::open(pid).unwrap();
        assert!(cat.runs());
        drop(to);
        child.wait().unwrap();
        assert!(!cat.runs());
    }

    #[test]
    fn threads_are_counted_by_links() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let dir = TaskDir::open(Pid(child.id().cast_signed())).unwrap();
        assert_eq!(dir.count().unwrap(), 1);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(dir.count().is_err());
        // This thread, and the one that runs the tests.
        let own = TaskDir::open(Pid(std::process::id().cast_signed())).unwrap();
        assert!(own.count().unwrap() >= 2);
    }
}
