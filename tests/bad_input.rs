//! Targets that cannot be traced, or not by us: one line that says what to do, and the exit status.

#![allow(unsafe_code)] // a seccomp filter between fork and exec
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::run::{Output, Running, gostrace, strace};
use support::{SOON, install, proc, tool, wait_for};

const NOBODY: u32 = 65534;

/// A process of ours that does nothing. Killed on drop.
struct Idle(Child);

impl Idle {
    fn start(command: &mut Command) -> Idle {
        let child = command.stdin(Stdio::null()).spawn();
        let idle = Idle(child.unwrap_or_else(|e| panic!("{command:?}: {e}")));
        wait_for("the program to sleep", SOON, || {
            let state = proc::state(idle.pid());
            (state == Some('S') && proc::syscall(idle.pid()).is_some()).then_some(())
        });
        idle
    }

    fn sleep() -> Idle {
        Idle::start(Command::new("sleep").arg("1000"))
    }

    fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asserts the exit status and one line on standard error, which it returns.
fn refused(output: Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:#?}");
    assert!(output.stdout.is_empty(), "{output:#?}");
    assert_eq!(output.stderr.lines().count(), 1, "{output:#?}");
    assert!(output.stderr.starts_with("gostrace: "), "{output:#?}");
    output.stderr
}

fn attach(pid: i32) -> Command {
    gostrace(&["-d", "300ms", "-o", "/dev/null", "-p", &pid.to_string()])
}

fn run(command: &mut Command) -> Output {
    Running::start(command).wait(SOON)
}

/// A directory that every user can look into; removed on drop.
struct Public(PathBuf);

impl Public {
    fn new(name: &str) -> Public {
        let id = std::process::id();
        let dir = std::env::temp_dir().join(format!("gostrace-test-{name}-{id}"));
        fs::create_dir_all(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        Public(dir)
    }

    fn copy(&self, from: &Path, name: &str, mode: u32) -> PathBuf {
        let to = self.0.join(name);
        install(from, &to, &format!("{mode:o}"));
        to
    }

    /// The command that attaches as a user without rights.
    fn attach_as_nobody(&self, pid: i32) -> Command {
        let binary = self.copy(Path::new(env!("CARGO_BIN_EXE_gostrace")), "gostrace", 0o755);
        let mut command = Command::new(binary);
        command.args(["-d", "300ms", "-o", "/dev/null", "-p", &pid.to_string()]);
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn must_be_root() {
    assert!(
        nix::unistd::geteuid().is_root(),
        "this test changes users: run it as root"
    );
}

#[test]
fn a_process_that_does_not_exist() {
    let text = refused(run(&mut attach(4_194_303)), 78);
    assert!(
        text.contains("no process 4194303") && text.contains("pgrep"),
        "{text}"
    );
}

#[test]
fn a_zombie_is_told_with_its_parent() {
    let child = Command::new("true").spawn().unwrap();
    let idle = Idle(child);
    wait_for("a zombie", SOON, || {
        proc::state(idle.pid()).filter(|&s| s == 'Z')
    });
    let text = refused(run(&mut attach(idle.pid())), 78);
    assert!(
        text.contains("has ended") && text.contains("parent"),
        "{text}"
    );
}

#[test]
fn a_kernel_thread() {
    if fs::read_to_string("/proc/2/comm").is_ok_and(|comm| comm.trim() == "kthreadd") {
        let text = refused(run(&mut attach(2)), 78);
        assert!(text.contains("kernel thread"), "{text}");
    } else {
        eprintln!("no kernel thread is visible here: nothing to test");
    }
}

#[test]
fn gostrace_itself() {
    let script = "exec \"$0\" -p $$";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_gostrace")]);
    let text = refused(run(&mut command), 78);
    assert!(text.contains("gostrace itself"), "{text}");
}

#[test]
fn the_process_of_another_user() {
    must_be_root();
    let (dir, target) = (Public::new("user"), Idle::sleep());
    let text = refused(run(&mut dir.attach_as_nobody(target.pid())), 77);
    assert!(
        text.contains("uid 0") && text.contains("as uid 65534"),
        "{text}"
    );
    assert!(has_remedy(&text), "{text}");
}

/// What helps depends on where we run.
fn has_remedy(text: &str) -> bool {
    text.contains("sudo") || text.contains("SYS_PTRACE")
}

#[test]
fn a_process_that_is_not_dumpable() {
    must_be_root();
    let dir = Public::new("dumpable");
    // Who may not read an executable gets no dump, and no trace, of it.
    let sleep = dir.copy(&tool("sleep", "coreutils"), "sleep", 0o711);
    let target = Idle::start(
        Command::new(sleep)
            .arg("1000")
            .uid(NOBODY)
            .gid(NOBODY)
            .current_dir("/"),
    );
    let text = refused(run(&mut dir.attach_as_nobody(target.pid())), 77);
    assert!(
        text.contains("PR_SET_DUMPABLE") && has_remedy(&text),
        "{text}"
    );
    // Root may.
    assert!(run(&mut attach(target.pid())).status.success());
}

#[test]
fn a_process_that_strace_traces_is_told_by_whom() {
    let target = Idle::sleep();
    let pid = target.pid().to_string();
    let mut tracer = Running::start(&mut strace(&["-q", "-o", "/dev/null", "-p", &pid]));
    tracer.wait_attached(target.pid());
    let text = refused(run(&mut attach(target.pid())), 77);
    assert!(
        text.contains("strace") && text.contains(&tracer.pid.to_string()),
        "{text}"
    );
    // Another process that was asked for with it is traced all the same.
    let other = Idle::sleep();
    let both = run(attach(other.pid()).args(["-p", &pid]));
    assert!(both.status.success(), "{both:#?}");
    assert!(
        both.stderr.contains("is traced") || both.stderr.contains("strace"),
        "{both:#?}"
    );
}

#[test]
fn a_command_that_strace_already_follows_is_told_so() {
    let bin = env!("CARGO_BIN_EXE_gostrace");
    let out = run(&mut strace(&[
        "-f",
        "-qqq",
        "-o",
        "/dev/null",
        bin,
        "--",
        "true",
    ]));
    let text = refused(out, 77);
    assert!(text.contains("strace"), "{text}");
}

#[test]
fn a_deleted_or_replaced_executable_is_traced_like_any() {
    let dir = support::scratch("deleted");
    let copy = dir.join("sleep");
    let sleep = tool("sleep", "coreutils");
    install(&sleep, &copy, "755");
    let target = Idle::start(Command::new(&copy).arg("1000"));
    fs::remove_file(&copy).unwrap();
    let output = run(&mut attach(target.pid()));
    assert!(output.status.success(), "{output:#?}");
    fs::write(&copy, b"no executable").unwrap();
    let output = run(&mut attach(target.pid()));
    assert!(output.status.success(), "{output:#?}");
}

/// A static i386 program that sleeps: pause() by int 0x80, again and again.
#[cfg(target_arch = "x86_64")]
fn program_32() -> Vec<u8> {
    const BASE: u32 = 0x0804_8000;
    let code = [0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7];
    let mut file = vec![0x7f, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let half = |file: &mut Vec<u8>, v: u16| file.extend(v.to_le_bytes());
    let word = |file: &mut Vec<u8>, v: u32| file.extend(v.to_le_bytes());
    half(&mut file, 2); // ET_EXEC
    half(&mut file, 3); // EM_386
    for v in [1, BASE + 84, 52, 0, 0] {
        word(&mut file, v);
    }
    for v in [52, 32, 1, 0, 0, 0] {
        half(&mut file, v);
    }
    for v in [
        1,
        0,
        BASE,
        BASE,
        84 + code.len() as u32,
        84 + code.len() as u32,
        5,
        0x1000,
    ] {
        word(&mut file, v);
    }
    file.extend(code);
    file
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_32_bit_executable_is_left_to_strace() {
    let path = support::scratch("bits32").join("pause32");
    let bytes = path.with_extension("bytes");
    fs::write(&bytes, program_32()).unwrap();
    install(&bytes, &path, "755");
    match Command::new(&path).stdin(Stdio::null()).spawn() {
        Ok(child) => {
            let target = Idle(child);
            wait_for("it to pause", SOON, || {
                proc::state(target.pid()).filter(|&s| s == 'S')
            });
            let text = refused(run(&mut attach(target.pid())), 78);
            assert!(text.contains("32-bit") && text.contains("strace"), "{text}");
        }
        Err(e) => assert_eq!(e.raw_os_error(), Some(libc::ENOEXEC), "{e}"),
    }
}

#[test]
fn a_seccomp_filter_that_forbids_us_ptrace() {
    let target = Idle::sleep();
    let mut command = attach(target.pid());
    // Loads the number; ptrace gets EPERM, the rest passes.
    let filter = [
        (0x20, 0, 0, 0),
        (0x15, 0, 1, libc::SYS_ptrace as u32),
        (0x06, 0, 0, 0x0005_0000 | libc::EPERM as u32),
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
    let text = refused(run(&mut command), 77);
    assert!(
        text.contains("seccomp") || text.contains("container"),
        "{text}"
    );
}
