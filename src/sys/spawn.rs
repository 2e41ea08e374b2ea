//! Starting a command under trace: it waits until it is seized, then execs.

use super::{SysError, signals};
use crate::ids::{Pid, Tid};
use crate::seccomp::Instruction;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{ForkResult, fork, pipe2};
use std::ffi::{CStr, CString, OsStr};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a command cannot be started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpawnError {
    /// Not in PATH, or no such file.
    NotFound,
    /// It is there and cannot be run.
    NotExecutable(Errno),
    /// The user that it is to run as does not exist.
    NoSuchUser(String),
    /// fork or pipe failed.
    Sys(SysError),
}

/// A started command that has not executed anything of its own yet.
#[derive(Debug)]
pub struct Held {
    /// Its process id.
    pub pid: Pid,
    gate: OwnedFd,
}

impl Held {
    /// Lets it exec.
    pub fn release(self) {
        // It can only fail if the child was killed, which the wait will tell.
        let _ = nix::unistd::write(&self.gate, &[1]);
    }
}

/// Finds `program` as a shell would: a path if it has a slash, else along `path`.
///
/// # Errors
/// [`SpawnError::NotFound`], or [`SpawnError::NotExecutable`] where only such files exist.
pub fn find(program: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, SpawnError> {
    if program.as_bytes().contains(&b'/') {
        let candidate = PathBuf::from(program);
        return check(&candidate).map(|()| candidate);
    }
    let mut best = SpawnError::NotFound;
    if program.is_empty() {
        return Err(best);
    }
    for dir in std::env::split_paths(path.unwrap_or(OsStr::new("/bin:/usr/bin"))) {
        let candidate = dir.join(program);
        match check(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(SpawnError::NotFound) => {}
            Err(other) => best = other,
        }
    }
    Err(best)
}

fn check(path: &Path) -> Result<(), SpawnError> {
    use nix::unistd::{AccessFlags, access};
    match std::fs::metadata(path) {
        Ok(m) if m.is_dir() => Err(SpawnError::NotExecutable(Errno::EISDIR)),
        Ok(_) => access(path, AccessFlags::X_OK).map_err(SpawnError::NotExecutable),
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(SpawnError::NotExecutable(Errno::EACCES))
        }
        Err(_) => Err(SpawnError::NotFound),
    }
}

/// What a command is started with besides its arguments.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// Its environment, `NAME=VALUE` each; `None`: ours.
    pub environment: Option<Vec<CString>>,
    /// Whom it runs as; `None`: as we do.
    pub user: Option<User>,
}

/// A user to run as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl User {
    /// The user of this name, with all its groups; or `UID:GID`, with no others.
    #[must_use]
    pub fn find(name: &str) -> Option<User> {
        if let Some((uid, gid)) = name.split_once(':') {
            return Some(User {
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
                groups: Vec::new(),
            });
        }
        let user = nix::unistd::User::from_name(name).ok()??;
        let c_name = CString::new(name).ok()?;
        let groups = nix::unistd::getgrouplist(&c_name, user.gid).ok()?;
        Some(User {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            groups: groups.into_iter().map(nix::unistd::Gid::as_raw).collect(),
        })
    }

    /// Becomes the user, for good.
    fn become_it(&self) -> bool {
        // SAFETY: the groups are read while the call lasts, and no more than there are.
        unsafe {
            libc::setgroups(self.groups.len(), self.groups.as_ptr()) == 0
                && libc::setregid(self.gid, self.gid) == 0
                && libc::setreuid(self.uid, self.uid) == 0
        }
    }
}

/// Forks a child that will exec `program` with `args` (the first one included) once it is
/// [released](Held::release), under this seccomp filter if there is one. It exits 126 or 127 if
/// the exec fails after all, 125 if the filter cannot be installed.
///
/// # Errors
/// fork or pipe failed, or an argument holds a NUL byte.
pub fn hold(
    program: &Path,
    args: &[CString],
    setting: &Setting,
    filter: Option<&[Instruction]>,
) -> Result<Held, SpawnError> {
    let sys = |name, e| SpawnError::Sys(SysError::new(name, Tid(0), e));
    let program = CString::new(program.as_os_str().as_bytes())
        .map_err(|_| SpawnError::NotExecutable(Errno::EINVAL))?;
    let (read, write) = pipe2(OFlag::O_CLOEXEC).map_err(|e| sys("pipe2", e))?;
    // Nothing may be allocated between fork and exec: another thread may hold the heap's lock.
    let mut pointers: Vec<*const libc::c_char> = args.iter().map(|a| a.as_ptr()).collect();
    pointers.push(std::ptr::null());
    let filter: Option<Vec<libc::sock_filter>> =
        filter.map(|program| program.iter().map(as_the_kernel_has_it).collect());
    let environment: Option<Vec<*const libc::c_char>> = setting.environment.as_ref().map(|all| {
        let all = all.iter().map(|variable| variable.as_ptr());
        all.chain([std::ptr::null()]).collect()
    });
    // No handler of ours may run in the child: Ctrl-C would be counted twice.
    let mask = signals::block_all().map_err(|e| sys("sigprocmask", e))?;
    // SAFETY: the child calls only async-signal-safe functions until it execs or exits.
    let forked = unsafe { fork() };
    if let Ok(ForkResult::Child) = forked {
        let (environment, user) = (environment.as_deref(), setting.user.as_ref());
        let filter = filter.as_deref();
        run_child(&read, write, &program, &pointers, environment, user, filter);
    }
    // It was the calling thread's own mask.
    let _ = mask.thread_set_mask();
    match forked.map_err(|e| sys("fork", e))? {
        ForkResult::Parent { child } => Ok(Held {
            pid: Pid(child.as_raw()),
            gate: write,
        }),
        // It has been seen to above.
        ForkResult::Child => Err(sys("fork", Errno::EINVAL)),
    }
}

/// Lets a command that serves us find the dispositions and the mask of signals that we were started with.
pub fn with_our_signals(command: &mut Command) -> &mut Command {
    let restore = || {
        signals::restore_in_child();
        Ok(())
    };
    // SAFETY: it makes async-signal-safe calls only.
    unsafe { command.pre_exec(restore) }
}

/// The child's side: never returns. `args` and `environment` end with a null pointer.
fn run_child(
    gate: &OwnedFd,
    write: OwnedFd,
    program: &CStr,
    args: &[*const libc::c_char],
    environment: Option<&[*const libc::c_char]>,
    user: Option<&User>,
    filter: Option<&[libc::sock_filter]>,
) -> ! {
    signals::restore_in_child();
    drop(write);
    let mut byte = [0u8; 1];
    loop {
        match nix::unistd::read(gate, &mut byte) {
            Ok(1) => break,
            Err(Errno::EINTR) => {}
            // The tracer has died: the command was asked for under trace or not at all.
            // SAFETY: ends the child without running the parent's exit handlers.
            _ => unsafe { libc::_exit(125) },
        }
    }
    // Before it becomes another user, who may not be allowed to.
    if filter.is_some_and(|filter| !install(filter)) {
        const WHY: &str = "gostrace: --seccomp-bpf: the kernel refuses the filter; leave it out\n";
        let _ = nix::unistd::write(std::io::stderr(), WHY.as_bytes());
        // SAFETY: ends the child without running the parent's exit handlers.
        unsafe { libc::_exit(125) }
    }
    if user.is_some_and(|user| !user.become_it()) {
        // SAFETY: ends the child without running the parent's exit handlers.
        unsafe { libc::_exit(126) }
    }
    // SAFETY: all are terminated, live, and only read.
    unsafe {
        match environment {
            Some(environment) => {
                libc::execve(program.as_ptr(), args.as_ptr(), environment.as_ptr())
            }
            None => libc::execv(program.as_ptr(), args.as_ptr()),
        }
    };
    let status = if Errno::last() == Errno::ENOENT {
        127
    } else {
        126
    };
    // SAFETY: ends the child without running the parent's exit handlers.
    unsafe { libc::_exit(status) }
}

fn as_the_kernel_has_it(i: &Instruction) -> libc::sock_filter {
    libc::sock_filter {
        code: i.code,
        jt: i.jt,
        jf: i.jf,
        k: i.k,
    }
}

/// Puts the calling thread under a filter, for good; whether that worked. Who may not do so
/// otherwise has to give up what setuid programs would gain (seccomp(2), EACCES).
fn install(filter: &[libc::sock_filter]) -> bool {
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or(u16::MAX),
        filter: filter.as_ptr().cast_mut(),
    };
    let set = || {
        // SAFETY: `program` and what it points to live through the call, which only reads them.
        let result = unsafe {
            libc::prctl(
                libc::PR_SET_SECCOMP,
                libc::c_ulong::from(libc::SECCOMP_MODE_FILTER),
                &raw const program,
            )
        };
        result == 0
    };
    set() || (no_new_privs() && set())
}

fn no_new_privs() -> bool {
    // SAFETY: no pointers.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 }
}
