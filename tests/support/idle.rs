//! Processes that do nothing, users without rights, and filters: what stands in a tracer's way.

#![allow(unsafe_code)] // a seccomp filter between fork and exec

use super::{SOON, install, proc, wait_for};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A user without rights.
pub const NOBODY: u32 = 65534;

/// A process of ours that does nothing. Killed on drop.
pub struct Idle(pub Child);

impl Idle {
    /// Starts it, and waits until it sleeps.
    pub fn start(command: &mut Command) -> Idle {
        let child = command.stdin(Stdio::null()).spawn();
        let idle = Idle(child.unwrap_or_else(|e| panic!("{command:?}: {e}")));
        wait_for("the program to sleep", SOON, || {
            let state = proc::state(idle.pid());
            (state == Some('S') && proc::syscall(idle.pid()).is_some()).then_some(())
        });
        idle
    }

    /// sleep(1).
    pub fn sleep() -> Idle {
        Idle::start(Command::new("sleep").arg("1000"))
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory that every user can look into; removed on drop.
pub struct Public(PathBuf);

impl Public {
    /// An empty one.
    pub fn new(name: &str) -> Public {
        let id = std::process::id();
        let dir = std::env::temp_dir().join(format!("gostrace-test-{name}-{id}"));
        fs::create_dir_all(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        Public(dir)
    }

    /// A copy of a program.
    pub fn copy(&self, from: &Path, name: &str, mode: u32) -> PathBuf {
        let to = self.0.join(name);
        install(from, &to, &format!("{mode:o}"));
        to
    }

    /// gostrace as a user without rights.
    pub fn gostrace_as_nobody<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let binary = self.copy(Path::new(env!("CARGO_BIN_EXE_gostrace")), "gostrace", 0o755);
        let mut command = Command::new(binary);
        command.args(args).env("NO_COLOR", "1");
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Fails where users cannot be changed.
pub fn must_be_root() {
    assert!(
        nix::unistd::geteuid().is_root(),
        "this test changes users: run it as root"
    );
}

/// What filters answer with: Docker's, systemd's, and one that would have nobody find out.
pub const FILTERS_SAY: [i32; 3] = [libc::EPERM, libc::ENOSYS, libc::ESRCH];

/// Puts the command under a seccomp filter that lets no ptrace(2) pass, and answers with this errno.
pub fn forbid_ptrace(command: &mut Command, errno: i32) {
    // Loads the number; ptrace gets the errno, the rest passes.
    let filter = [
        (0x20, 0, 0, 0),
        (0x15, 0, 1, libc::SYS_ptrace as u32),
        (0x06, 0, 0, 0x0005_0000 | errno as u32),
        (0x06, 0, 0, 0x7fff_0000),
    ]
    .map(|(code, jt, jf, k)| libc::sock_filter { code, jt, jf, k });
    let install = move || {
        let program = libc::sock_fprog {
            len: 4,
            filter: filter.as_ptr().cast_mut(),
        };
        // SAFETY: plain system calls on data that outlives them.
        let done = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, 2, &raw const program) == 0
        };
        done.then_some(()).ok_or_else(std::io::Error::last_os_error)
    };
    // SAFETY: two system calls between fork and exec.
    unsafe { command.pre_exec(install) };
}
