//! Targets that cannot be traced, or not by us: one line that says what to do, and the exit status.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use support::idle::{FILTERS_SAY, Idle, NOBODY, Public, forbid_ptrace, must_be_root};
use support::run::{Output, Running, gostrace, strace};
use support::{SOON, install, proc, tool, wait_for};

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

/// The same as a user without rights.
fn attach_as_nobody(dir: &Public, pid: i32) -> Command {
    let args = ["-d", "300ms", "-o", "/dev/null", "-p"];
    let mut command = dir.gostrace_as_nobody(&args);
    command.arg(pid.to_string());
    command
}

fn run(command: &mut Command) -> Output {
    Running::start(command).wait(SOON)
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
    let text = refused(run(&mut attach_as_nobody(&dir, target.pid())), 77);
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
    let text = refused(run(&mut attach_as_nobody(&dir, target.pid())), 77);
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
    for errno in FILTERS_SAY {
        let start = gostrace(&["-f", "-o", "/dev/null", "sleep", "0"]);
        let freeze = gostrace(&["dump", "--freeze", "-p", &target.pid().to_string()]);
        for mut command in [attach(target.pid()), start, freeze] {
            forbid_ptrace(&mut command, errno);
            let text = refused(run(&mut command), 77);
            assert!(
                text.contains("seccomp filter, which forbids ptrace"),
                "{errno}: {text}"
            );
        }
    }
}
