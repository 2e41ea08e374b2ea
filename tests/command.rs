//! Starting a command under trace, and ending: exit statuses, signals, pipes nobody reads.

#![allow(unsafe_code)] // signal masks between fork and exec
#![allow(clippy::unwrap_used)]

mod support;

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::run::{Fixture, Running, gostrace};
use support::{SOON, build_c, install, proc, scratch, wait_for};

fn status_of(args: &[&str]) -> (Option<i32>, String) {
    let out = Running::start(&mut gostrace(args)).wait(SOON);
    (out.status.code(), out.stderr)
}

#[test]
fn the_exit_status_of_a_command_is_ours() {
    let run = |script| status_of(&["-qqq", "-o", "/dev/null", "--", "sh", "-c", script]).0;
    assert_eq!(run("exit 0"), Some(0));
    assert_eq!(run("exit 7"), Some(7));
    assert_eq!(run("kill -TERM $$"), Some(143));
    assert_eq!(run("kill -KILL $$"), Some(137));
}

fn write_program(path: &Path, text: &str, mode: &str) {
    let source = path.with_extension("text");
    std::fs::write(&source, text).unwrap();
    install(&source, path, mode);
}

#[test]
fn a_command_that_cannot_be_run_is_an_error_of_one_line() {
    let dir = scratch("commands");
    let make = |name: &str, text: &str, mode| {
        let path = dir.join(name);
        write_program(&path, text, mode);
        path.display().to_string()
    };
    let format = make("format", "\x01\x02\x03", "755");
    let interpreter = make("interpreter", "#!/nonexistent/interpreter\n", "755");
    let plain = make("plain", "#!/bin/sh\n", "644");
    for (command, code, what) in [
        (format.as_str(), 126, "xec format error"),
        (&interpreter, 127, "No such file"),
        (&plain, 126, "denied"),
        ("/nonexistent", 127, "not found"),
        ("no-such-command-anywhere", 127, "not found"),
        ("/", 126, "directory"),
    ] {
        let (status, said) = status_of(&["-q", "-e", "futex", "--", command]);
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(status, Some(code), "{command:?}: {said}");
        assert!(
            last.starts_with("gostrace: ") && last.contains(what),
            "{command:?}: {said}"
        );
    }
}

#[test]
fn a_command_inherits_what_we_were_started_with() {
    let dir = scratch("with space");
    let show = dir.join("show");
    write_program(
        &show,
        "#!/bin/sh\ngrep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status\necho \"$X\" \"$@\"; cat; ls /proc/self/fd | wc -l",
        "755",
    );
    let path = format!("{}:{}", dir.display(), std::env::var("PATH").unwrap());
    // Rust's own start ignores SIGPIPE: what was there before must be known all the same.
    let run = |command: &mut Command, pipe: SigHandler| {
        command
            .env("PATH", &path)
            .env("X", "a  b")
            .stdin(Stdio::piped());
        let prepare = move || {
            // SAFETY: sets dispositions; no handler.
            unsafe {
                signal(Signal::SIGINT, SigHandler::SigIgn)?;
                signal(Signal::SIGHUP, SigHandler::SigIgn)?;
                signal(Signal::SIGURG, SigHandler::SigIgn)?;
                signal(Signal::SIGPIPE, pipe)?;
            }
            let blocked: SigSet = [Signal::SIGURG, Signal::SIGUSR1, Signal::SIGTERM]
                .into_iter()
                .collect();
            Ok(blocked.thread_set_mask()?)
        };
        // SAFETY: only system calls between fork and exec.
        unsafe { command.pre_exec(prepare) };
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"input\n").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    let both = [SigHandler::SigDfl, SigHandler::SigIgn].map(|pipe| {
        let plain = run(Command::new(&show).args(["1", "2 3"]), pipe);
        assert!(plain.contains("a  b 1 2 3\ninput\n"), "{plain}");
        let mut traced = gostrace(&["-qqq", "-o", "/dev/null", "--", "show", "1", "2 3"]);
        assert_eq!(plain, run(&mut traced, pipe));
        // So does the one that reads the trace.
        let reader = "|grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; cat >/dev/null";
        let said = run(&mut gostrace(&["-qqq", "-o", reader, "--", "true"]), pipe);
        assert!(!said.is_empty() && plain.starts_with(&said), "{said}");
        plain
    });
    assert_ne!(both[0], both[1], "the dispositions of SIGPIPE");
}

#[test]
fn blocked_signals_do_not_keep_us_from_noticing_time_or_requests() {
    let target = Fixture::start::<&str>(&build_c("signals"), &[]);
    let pid = target.pid.to_string();
    let blocked = |args: &[&str]| {
        let mut command = gostrace(args);
        // SAFETY: only system calls between fork and exec.
        unsafe { command.pre_exec(|| Ok(SigSet::all().thread_set_mask()?)) };
        Running::start(&mut command)
    };
    let out = blocked(&["-d", "200ms", "-qqq", "-o", "/dev/null", "-p", &pid]).wait(SOON);
    assert!(out.status.success(), "{out:#?}");
    let mut tracer = blocked(&["-qqq", "-o", "/dev/null", "-p", &pid]);
    tracer.wait_attached(target.pid);
    assert!(tracer.stop().status.success());
}

/// A traced process that writes no end of calls, and a tracer whose output goes to `stdout`.
fn busy(stdout: Stdio) -> (Fixture, Child) {
    let mut target = Fixture::start(&build_c("busy"), &["2", "60000"]);
    let pid = target.pid.to_string();
    let tracer = gostrace(&["-q", "-p", &pid])
        .stdout(stdout)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("attach", SOON, || {
        (proc::tracer(target.pid) == Some(tracer.id().cast_signed())).then_some(())
    });
    target.line();
    (target, tracer)
}

fn ends_within(child: &mut Child, limit: Duration, what: &str) {
    wait_for(what, limit, || child.try_wait().unwrap());
}

#[test]
fn a_reader_that_takes_nothing_keeps_us_from_nothing() {
    for number in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (target, mut tracer) = busy(Stdio::piped());
        std::thread::sleep(Duration::from_millis(300)); // pipe and queue fill up
        let pid = nix::unistd::Pid::from_raw(tracer.id().cast_signed());
        let asked = Instant::now();
        nix::sys::signal::kill(pid, number).unwrap();
        wait_for("the target to be let go", SOON, || {
            proc::held(target.pid).is_empty().then_some(())
        });
        assert!(
            asked.elapsed() < Duration::from_secs(1),
            "{:?}",
            asked.elapsed()
        );
        ends_within(&mut tracer, Duration::from_secs(5), "gostrace to end");
    }
}

#[test]
fn a_closed_pipe_ends_a_session_in_which_nothing_happens() {
    let target = Fixture::start::<&str>(&build_c("signals"), &[]);
    let pid = target.pid.to_string();
    let mut tracer = gostrace(&["-q", "-e", "chdir", "-p", &pid])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("attach", SOON, || {
        (proc::tracer(target.pid) == Some(tracer.id().cast_signed())).then_some(())
    });
    drop(tracer.stdout.take());
    ends_within(&mut tracer, Duration::from_secs(5), "gostrace to end");
    assert!(proc::held(target.pid).is_empty());
}

#[test]
fn a_time_limit_is_kept_and_so_is_a_number_of_events() {
    let (target, mut tracer) = busy(Stdio::null());
    tracer.kill().unwrap();
    tracer.wait().unwrap();
    let pid = target.pid.to_string();
    let out = Running::start(&mut gostrace(&[
        "-q",
        "--max-events",
        "17",
        "-e",
        "getppid",
        "-p",
        &pid,
    ]))
    .wait(SOON);
    assert_eq!(out.stdout.lines().count(), 17, "{out:#?}");
    let began = Instant::now();
    let out = Running::start(&mut gostrace(&[
        "-qqq",
        "-d",
        "500ms",
        "-o",
        "/dev/null",
        "-p",
        &pid,
    ]))
    .wait(SOON);
    let took = began.elapsed();
    assert!(out.status.success());
    assert!(
        took > Duration::from_millis(500) && took < Duration::from_secs(3),
        "{took:?}"
    );
}

#[test]
fn busy_threads_get_even_shares_and_many_do_not_starve_each_other() {
    for threads in ["16", "300"] {
        let mut target = Fixture::start(&build_c("busy"), &[threads, "1500"]);
        let pid = target.pid.to_string();
        let args = ["-qqq", "-e", "chdir", "-o", "/dev/null", "-p", &pid];
        let mut tracer = Running::start(&mut gostrace(&args));
        tracer.wait_attached(target.pid);
        target.line();
        let done = target.until("done");
        let mut calls: Vec<u64> = done["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect();
        calls.sort_unstable();
        let (least, middle) = (calls[0], calls[calls.len() / 2]);
        assert!(least * 5 >= middle, "{threads}: {calls:?}");
        tracer.wait(SOON);
    }
}

#[test]
fn a_wait_for_any_child_names_the_children_and_the_one_it_got() {
    let mut command = gostrace(&["-q", "--no-stack", "-e", "wait4", "--slow", "20ms", "--"]);
    command.args(["sh", "-c", "sleep 0.2; true"]);
    let ended = Running::start(&mut command).wait(SOON);
    assert!(ended.status.success(), "{ended:#?}");
    let text = &ended.stdout;
    assert!(text.contains("wait4(-1 /* any of "), "{text}");
    let (_, result) = text.split_once(") = ").unwrap();
    assert!(result.contains("<sleep> <0."), "{text}");
}
