//! `--format strace` against strace itself: the same program with the same options, byte for byte
//! but for process ids and times.
//!
//! Not compared, because strace 6.1 writes something that it does not mean:
//! * a call that is filtered by its status (-z) and cut by another thread: strace prints
//!   ` <unfinished ...>` and the rest without its beginning; we print the call whole;
//! * the new name of a process (-f -Y) whose call before prctl(PR_SET_NAME) failed: strace goes on
//!   with the old one;
//! * functions of a library without symbols (-k): strace names the exported one before them.

#![allow(clippy::unwrap_used)]

mod compare;
#[path = "../support/mod.rs"]
mod support;

use compare::{Tracer, assert_equal, both, comparable, each, run, same};
use regex::Regex;
use std::path::{Path, PathBuf};
use support::run::Running;
use support::{SOON, build_c, install, proc, scratch, wait_for};

/// testdata/c/lines.c as ./lines in a directory of its own.
fn lines(test: &str) -> PathBuf {
    let dir = scratch(&format!("strace-format-{test}"));
    install(&build_c("lines"), &dir.join("lines"), "755");
    dir
}

fn program(what: &str) -> [&str; 2] {
    ["./lines", what]
}

#[test]
fn a_call_that_another_thread_s_cuts_is_unfinished_and_resumed() {
    let dir = lines("threads");
    for to_file in [true, false] {
        for options in ["-f", "-f -n -a 20", "-f -qq"] {
            let options = format!("{options} -e trace=read,close,chdir");
            let text = same(&dir, &options, &program("threads"), to_file);
            assert!(text.contains(" <unfinished ...>\n"), "{text}");
            assert!(text.contains("<... read resumed>"), "{text}");
        }
    }
}

#[test]
fn messages_about_threads_stand_where_strace_has_them() {
    let dir = lines("messages");
    let options = "-f -e trace=chdir";
    let text = same(&dir, options, &program("threads"), false);
    assert!(text.contains("strace: Process <1> attached\n"), "{text}");
    assert!(
        text.contains("[pid <2>] +++") || text.contains("[pid <1>] +++"),
        "{text}"
    );
}

#[test]
fn without_f_only_the_one_thread_is_traced() {
    let dir = lines("alone");
    let options = "-e trace=read,close,chdir";
    let text = same(&dir, options, &program("threads"), true);
    assert!(!text.contains("resumed"), "{text}");
    same(&dir, "-e trace=wait4,chdir", &program("forks"), false);
}

#[test]
fn children_are_followed() {
    let dir = lines("children");
    let options = "-f -e trace=wait4,kill,chdir,exit_group";
    let text = same(&dir, options, &program("forks"), true);
    assert!(text.contains("+++ killed by SIGKILL +++"), "{text}");
    assert!(text.contains("<... wait4 resumed>[{WIFEXITED(s)"), "{text}");
}

#[test]
fn processes_of_another_pid_namespace_are_followed_by_their_ids_in_ours() {
    let dir = lines("namespace");
    let unshare = support::tool("unshare", "util-linux");
    let unshare = unshare.to_str().unwrap();
    // A user namespace of its own where that needs no privilege.
    let words = [
        unshare,
        "-r",
        "-p",
        "-f",
        "--mount-proc",
        "./lines",
        "forks",
    ];
    let options = "-f -e trace=kill,chdir,exit_group";
    let text = same(&dir, options, &words, true);
    assert!(text.contains("si_pid=2, "), "{text}");
    assert!(text.contains(" kill(3, SIGKILL)"), "{text}");
}

#[test]
fn exec_by_a_thread_supersedes_the_leader() {
    let dir = lines("superseded");
    let options = "-f -e trace=pause,execve,exit_group";
    for to_file in [true, false] {
        for more in ["", " -q", " -qqq", " -e quiet=superseded"] {
            let options = format!("{options}{more}");
            let text = same(&dir, &options, &program("exec"), to_file);
            let said = text.contains("+++ superseded by execve in pid ");
            assert_eq!(said, more.is_empty() || more == " -q", "{text}");
        }
    }
}

#[test]
fn each_thread_s_file_holds_its_own_lines() {
    let dir = lines("each");
    for (options, what) in [
        ("-e trace=pause,execve,exit_group", "exec"),
        ("-e trace=vfork,execve,wait4,exit_group", "vforks"),
        (
            "-e trace=nanosleep,restart_syscall,wait4,kill,exit_group",
            "stops",
        ),
        ("-e trace=read,close,chdir", "threads"),
        ("-e trace=wait4,kill,chdir,exit_group", "forks"),
    ] {
        let [theirs, ours] = both(|tracer| {
            let prefix = format!("{what}-{}", tracer.name());
            let options = format!("-ff -o {prefix} {options}");
            run(tracer, &dir, &options, &program(what), false);
            each(&dir, &prefix)
        });
        assert!(
            ours.len() > 1 && ours.len() == theirs.len(),
            "{what}: {ours:?}"
        );
        // Pids are numbered in all files together.
        let all = |files: &[String]| comparable(&files.concat());
        assert_equal(what, &all(&ours), &all(&theirs));
    }
}

#[test]
fn stops_and_continuations_are_told_and_interrupted_calls_restarted() {
    let dir = lines("stops");
    let [theirs, ours] = both(|tracer| {
        let prefix = tracer.name();
        let options = format!("-ff -o {prefix} -e trace=nanosleep,restart_syscall,wait4");
        run(tracer, &dir, &options, &program("stops"), false);
        comparable(&each(&dir, prefix).concat())
    });
    assert_equal("stops", &ours, &theirs);
    for part in [
        "--- stopped by SIGSTOP ---\n",
        "--- stopped by SIGTSTP ---\n",
        "restart_syscall(<... resuming interrupted nanosleep ...>) = 0\n",
        "ERESTART_RESTARTBLOCK",
    ] {
        assert!(ours.contains(part), "{part}: {ours}");
    }
    let options = "-e trace=nanosleep,restart_syscall,chdir";
    same(&dir, options, &program("restart"), true);
    let text = same(&dir, "-e trace=restart_syscall", &program("restart"), true);
    assert!(text.contains("interrupted system call ...>"), "{text}");
}

#[test]
fn signals_come_with_the_siginfo_of_their_kind() {
    let dir = lines("signals");
    for options in [
        "-f -e trace=none",
        "-e trace=none -e signal=!chld",
        "-e trace=none -e signal=none",
        // Whether a child that has ended still has a name is a race.
        "-f -e trace=none -Y -e signal=!chld",
        "-f -e trace=chdir -Y -e signal=none",
        "-f -qqq -e trace=none -e signal=segv,term",
        "-e trace=none -i -e signal=usr1,usr2",
    ] {
        same(&dir, options, &program("signals"), true);
    }
    let text = same(&dir, "-f -e trace=none", &program("signals"), false);
    for part in [
        "si_code=SI_TIMER, si_timerid=0, si_overrun=0",
        "si_code=SYS_SECCOMP, si_errno=EIO, si_call_addr=0x",
        "si_code=CLD_EXITED, si_pid=",
        "si_code=SEGV_ACCERR, si_addr=0x",
        "+++ killed by SIGABRT +++",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The calls of `./lines plain`.
const PLAIN: &str =
    "-e trace=openat,read,write,lseek,close,chdir,fchdir,writev,readv,sendmsg,umask,unlink";

#[test]
fn options_of_one_process_are_strace_s() {
    let dir = lines("options");
    for options in [
        "",
        "-a 0",
        "-a 22",
        "-a 80",
        "-n",
        "-s 1",
        "-s 5",
        "-s 100",
        "-x",
        "-xx",
        "-y",
        "-z",
        "-Z",
        "-e status=failed",
        "-e status=!successful",
        "-e status=none",
        "-qq",
        "-e quiet=exit",
        "-e quiet=none",
        "-e read=all",
        "-e write=all",
        "-e read=!3 -e write=4,5",
        "-e raw=read,close,umask",
        "-e raw=all",
        "-e verbose=none",
        "-e verbose=!writev",
        "-P /dev/zero",
        "-P sample",
        "-P /dev/zero -P /nowhere",
        "-f",
        "-i",
        "-b execve",
        "-E A=1 -E B",
        "-u root",
        "--strings-in-hex=non-ascii",
        "--strings-in-hex=non-ascii-chars",
        "--strings-in-hex",
        "--columns=10 --string-limit=3 --decode-fds=path",
    ] {
        same(&dir, &format!("{PLAIN} {options}"), &program("plain"), true);
    }
}

#[test]
fn names_of_processes_and_files_are_escaped_as_strace_escapes_them() {
    let dir = scratch("strace-format-names");
    install(&build_c("equal/names"), &dir.join("names"), "755");
    for options in [
        "-Y",
        "-f -Y",
        "-f -Y -x",
        "-f -Y -xx",
        "-f -Y --strings-in-hex=non-ascii-chars",
        "-y",
        "-y -x",
        "-y -xx",
        "-yy -x",
        "-yy -xx",
        "-yy --strings-in-hex=non-ascii-chars",
    ] {
        let options = format!("{options} -e trace=%desc,%network,kill,prctl,chdir,unlink,rmdir");
        let text = same(&dir, &options, &["./names"], true);
        assert!(!text.contains('\x1b'), "{options}: {text}");
    }
}

/// Also where memory ends within one, and where they are long.
#[test]
fn buffers_are_dumped_as_strace_dumps_them() {
    let dir = scratch("strace-format-dumps");
    install(&build_c("equal/dumps"), &dir.join("dumps"), "755");
    let options = "-e trace=%desc,%network -e read=all -e write=all";
    let text = same(&dir, options, &["./dumps"], true);
    let cut = Regex::new(r" \| <Cannot fetch (\d+) bytes? from pid ").unwrap();
    let lengths: Vec<&str> = cut
        .captures_iter(&text)
        .map(|c| c.extract::<1>().1[0])
        .collect();
    for length in ["1", "41", "65536"] {
        assert!(lengths.contains(&length), "{length}: {lengths:?}");
    }
}

#[test]
fn sets_of_calls_are_strace_s() {
    let dir = lines("sets");
    for options in [
        "-e openat",
        "-e trace=!%desc,mmap,set_tid_address",
        "-e trace=%file",
        "-e %desc",
        "-e trace=/^(open|close)",
        "-e trace=/^.stat",
        "-e trace=?no_such_call,umask",
        "-e trace=read,chown32",
        "-e trace=umask@64",
        "-e trace=umask@32,chdir@x32,close@64",
        "-e trace=getgid32,umask",
        "-e trace=none",
        "-e trace=read -e trace=umask",
    ] {
        same(&dir, options, &program("plain"), true);
    }
}

/// Times as `D`, whatever they are.
fn without_times(text: &str) -> String {
    let digit = Regex::new(r"\d").unwrap();
    let stamps = Regex::new(
        r"(?m)^(<\d+> )?(\d\d:\d\d:\d\d(\.\d+)?|\d{10}(\.\d+)?)?( ?\(\+ +\d+(\.\d+)?\)| +\d+(\.\d+)?)? |<\d+\.\d+>$",
    )
    .unwrap();
    let text = stamps.replace_all(text, |found: &regex::Captures<'_>| {
        digit.replace_all(&found[0], "D").into_owned()
    });
    text.into_owned()
}

#[test]
fn times_have_strace_s_shapes() {
    let dir = lines("times");
    for options in [
        "-t",
        "-tt",
        "-ttt",
        "-r",
        "-T",
        "-tt -r -T",
        "--absolute-timestamps=unix,ns",
        "--absolute-timestamps=format:time,precision:ms",
        "--absolute-timestamps=precision:ns --absolute-timestamps=format:unix",
        "--relative-timestamps=ms",
        "--relative-timestamps=s -t",
        "--syscall-times=ns",
    ] {
        let options = format!("{PLAIN} {options} -a 60");
        let [theirs, ours] = both(|tracer| {
            let trace = run(tracer, &dir, &options, &program("plain"), true).trace;
            without_times(&comparable(&trace))
        });
        assert!(ours.contains('D'), "{ours}");
        assert_equal(&options, &ours, &theirs);
    }
}

#[test]
fn the_table_of_counts_is_strace_s() {
    let dir = lines("counts");
    for options in [
        "-c -U calls,errors,name -S name",
        "-c -U name,calls,errors -S calls",
        "-c -f -U name,calls -S nothing",
        "-C -U errors,calls -S errors",
        "-c -U syscall_name,calls -S syscall_name",
    ] {
        same(&dir, &format!("{PLAIN} {options}"), &program("plain"), true);
        same(
            &dir,
            &format!("{PLAIN} {options}"),
            &program("plain"),
            false,
        );
    }
    // All columns; how long calls take differs, and so their order by it.
    let number = Regex::new(r" *\d+\.\d+|\b\d+ ").unwrap();
    for options in [
        "-c -S name",
        "-c -w -S name",
        "-c -U min-time,max-time,name -S name",
        "-c -U min_time,time_max,avg_time,total_time,syscall -S syscall_name",
    ] {
        let options = format!("{PLAIN} {options}");
        let [theirs, ours] = both(|tracer| {
            let text = run(tracer, &dir, &options, &program("plain"), true).trace;
            number.replace_all(&text, "#").replace(' ', "")
        });
        assert_equal(&options, &ours, &theirs);
    }
}

#[test]
fn output_goes_to_files_and_commands_as_with_strace() {
    let dir = lines("output");
    let [theirs, ours] = both(|tracer| {
        let file = dir.join(format!("{}-piped", tracer.name()));
        for command in ["|cat >", "!cat >>"] {
            let mut traced = tracer.command(&dir);
            traced.arg("-o").arg(format!("{command}{}", file.display()));
            traced.args(PLAIN.split(' ')).args(program("plain"));
            Running::start(&mut traced).wait(SOON);
        }
        let appended = dir.join(format!("{}-appended", tracer.name()));
        for _ in 0..2 {
            let mut traced = tracer.command(&dir);
            traced.arg("-A").arg("-o").arg(&appended);
            traced.args(PLAIN.split(' ')).args(program("plain"));
            Running::start(&mut traced).wait(SOON);
        }
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        format!("{}--\n{}", read(&file), read(&appended))
    });
    assert_equal("-o", &ours, &theirs);
    assert_eq!(ours.matches("umask(").count(), 4, "{ours}");
}

#[test]
fn stacks_have_strace_s_shape() {
    let dir = lines("stacks");
    // In a library without symbols strace takes the nearest exported function before an address
    // for the one that it is in; we leave it without a name.
    let libc = Regex::new(r"(libc\.so\.6)\(.*\)").unwrap();
    let options = "-k -e trace=chdir,fchdir,writev";
    let [theirs, ours] = both(|tracer| {
        let trace = run(tracer, &dir, options, &program("plain"), true).trace;
        libc.replace_all(&comparable(&trace), "$1()").into_owned()
    });
    assert_equal(options, &ours, &theirs);
    assert!(ours.contains("/lines(main+0x"), "{ours}");
}

#[test]
fn exit_status_is_the_command_s() {
    let dir = lines("status");
    for what in ["plain", "forks"] {
        let [theirs, ours] =
            both(|tracer| run(tracer, &dir, PLAIN, &program(what), true).ended.status);
        assert_eq!((ours.code(), theirs.code()), (Some(7), Some(7)));
    }
}

/// Attaches to a program in pause(2), or to a stopped one, and lets go of it.
fn attached(tracer: Tracer, dir: &Path, options: &[&str]) -> String {
    const SYS_PAUSE: i64 = 34;
    let mut target = std::process::Command::new(dir.join("lines"));
    let target = Running::start(target.arg("pause"));
    let blocked = || match proc::syscall(target.pid) {
        Some((SYS_PAUSE, _)) if proc::state(target.pid) == Some('S') => Some(()),
        _ => None,
    };
    wait_for("the target to pause", SOON, blocked);
    let pid = target.pid.to_string();
    let slept = sleeps(target.pid);
    let mut command = tracer.command(dir);
    command.args(options).args(["-p", &pid]);
    let mut running = Running::start(&mut command);
    running.wait_attached(target.pid);
    // Interrupted, at the entry of its call, and in it: it was in it before it was interrupted, too.
    wait_for("the target to be back in its call", SOON, || {
        blocked().filter(|()| sleeps(target.pid) >= slept + 3)
    });
    let ended = running.stop();
    comparable(&format!("{}{}", ended.stdout, ended.stderr))
}

/// How often it has gone to sleep.
fn sleeps(pid: i32) -> u64 {
    let count = proc::status(pid, "voluntary_ctxt_switches");
    count.unwrap().trim().parse().unwrap()
}

#[test]
fn attaching_and_letting_go_are_told_as_strace_does() {
    let dir = lines("attach");
    for options in [&[][..], &["-f"], &["-q"], &["-e", "trace=none"]] {
        let [theirs, ours] = both(|tracer| attached(tracer, &dir, options));
        let what = format!("{options:?}");
        if options != ["-q"] {
            assert!(
                ours.contains("strace: Process <1> attached\n"),
                "{what}: {ours}"
            );
            assert!(
                ours.contains("strace: Process <1> detached\n"),
                "{what}: {ours}"
            );
        }
        assert_equal(&what, &ours, &theirs);
    }
}
