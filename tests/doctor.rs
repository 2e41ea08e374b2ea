//! `gostrace doctor`: each cause that can be provoked here is named, with its remedy and the exit
//! status of an attach, in the words of the error that an attach ends with.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use std::os::unix::process::CommandExt;
use std::process::Command;
use support::idle::{FILTERS_SAY, Idle, NOBODY, Public, forbid_ptrace, must_be_root};
use support::run::{Fixture, Running, gostrace, strace};
use support::{SOON, build_c, proc, tool, wait_for};

/// What it says, and its exit status.
struct Report {
    text: String,
    status: i32,
}

impl Report {
    fn of(command: &mut Command) -> Report {
        let output = Running::start(command).wait(SOON);
        assert!(output.stderr.is_empty(), "{output:#?}");
        Report {
            text: output.stdout,
            status: output.status.code().unwrap(),
        }
    }

    /// The verdict on this, and its text.
    fn line(&self, what: &str) -> (&str, &str) {
        let lines = self.text.lines().map(|l| l.split_at(4));
        let found = lines
            .filter_map(|(verdict, rest)| Some((verdict.trim(), rest.strip_prefix(what)?.trim())))
            .next();
        found.unwrap_or_else(|| panic!("no line {what} in:\n{}", self.text))
    }

    /// What is in the way first.
    fn first(&self) -> &str {
        let mut lines = self.text.lines();
        lines.find(|l| l.starts_with("NO")).unwrap_or_default()
    }

    /// This and nothing before it is in the way, in the words of an attach that failed.
    fn blames(&self, what: &str, part: &str, attach: &mut Command) {
        assert_eq!(self.status, 77, "{}", self.text);
        let (verdict, text) = self.line(what);
        assert_eq!(verdict, "NO", "{}", self.text);
        assert!(self.first().contains(text), "{}", self.text);
        assert!(text.contains(part), "{}", self.text);
        let refused = Running::start(attach).wait(SOON);
        assert_eq!(refused.status.code(), Some(77), "{refused:?}");
        assert!(refused.stderr.contains(text), "{refused:?}\n{text}");
    }
}

fn doctor(pid: i32) -> Command {
    gostrace(&["doctor", "-p", &pid.to_string()])
}

fn attach(pid: i32) -> Command {
    gostrace(&["-d", "100ms", "-o", "/dev/null", "-p", &pid.to_string()])
}

/// Both as a user without rights.
fn as_nobody(dir: &Public, pid: i32) -> [Command; 2] {
    let pid = pid.to_string();
    [
        dir.gostrace_as_nobody(&["doctor", "-p", &pid]),
        dir.gostrace_as_nobody(&["-d", "100ms", "-o", "/dev/null", "-p", &pid]),
    ]
}

#[test]
fn where_everything_is_possible_it_says_so_and_leaves_nothing_behind() {
    let target = Idle::sleep();
    let report = Report::of(&mut doctor(target.pid()));
    assert_eq!(report.status, 0, "{}", report.text);
    for what in [
        "exact",
        "sample",
        "dump",
        "tracer",
        "seccomp",
        "syscall info",
        "memory",
    ] {
        assert_eq!(report.line(what).0, "ok", "{what}: {}", report.text);
    }
    assert!(proc::held(target.pid()).is_empty());
    let general = Report::of(&mut gostrace(&["doctor"]));
    assert_eq!(general.status, 0, "{}", general.text);
    assert_eq!(general.line("seccomp").0, "ok", "{}", general.text);
}

#[test]
fn a_process_that_is_gone_or_dead_is_told_like_an_attach_tells_it() {
    let gone = Report::of(&mut doctor(4_194_303));
    assert_eq!(gone.status, 78);
    assert!(gone.line("process").1.contains("no process 4194303"));
    let zombie = Idle(Command::new("true").spawn().unwrap());
    wait_for("a zombie", SOON, || {
        proc::state(zombie.pid()).filter(|&s| s == 'Z')
    });
    let dead = Report::of(&mut doctor(zombie.pid()));
    assert_eq!(dead.status, 78);
    assert!(dead.line("process").1.contains("waits for its parent"));
}

#[test]
fn a_tracer_is_named() {
    let target = Idle::sleep();
    let pid = target.pid().to_string();
    let mut tracer = Running::start(&mut strace(&["-q", "-o", "/dev/null", "-p", &pid]));
    tracer.wait_attached(target.pid());
    let report = Report::of(&mut doctor(target.pid()));
    report.blames("tracer", "(strace)", &mut attach(target.pid()));
    // What takes no tracing is possible all the same.
    assert_eq!(report.line("sample").0, "ok", "{}", report.text);
    assert_eq!(report.line("dump").0, "ok", "{}", report.text);
}

#[test]
fn a_seccomp_filter_is_told_from_other_causes() {
    let target = Idle::sleep();
    for errno in FILTERS_SAY {
        let (mut doctor, mut attach) = (doctor(target.pid()), attach(target.pid()));
        forbid_ptrace(&mut doctor, errno);
        forbid_ptrace(&mut attach, errno);
        let report = Report::of(&mut doctor);
        report.blames("seccomp", "which forbids ptrace", &mut attach);
        let (verdict, why) = report.line("exact");
        assert!(verdict == "NO" && why.contains("forbids ptrace"), "{why}");
        assert_eq!(report.line("sample").0, "ok", "{}", report.text);
        let mut general = gostrace(&["doctor"]);
        forbid_ptrace(&mut general, errno);
        assert_eq!(Report::of(&mut general).status, 77);
    }
}

#[test]
fn a_process_that_hidepid_hides_is_said_to_be_hidden() {
    must_be_root();
    let dir = Public::new("doctor-hidepid");
    let gostrace = dir.copy(env!("CARGO_BIN_EXE_gostrace").as_ref(), "gostrace", 0o755);
    let hidden = |word: &str| {
        let mut command = Command::new(tool("unshare", "util-linux"));
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c"]);
        command.arg(
            "mount -t proc -o hidepid=2 proc /proc
             sleep 1000 &
             until grep -qs sleep /proc/$!/comm; do :; done
             exec \"$@\" -p $!",
        );
        command.arg("-").arg(tool("setpriv", "util-linux"));
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.arg(&gostrace).arg(word);
        command
    };
    let report = Report::of(&mut hidden("doctor"));
    assert_eq!(report.status, 77, "{}", report.text);
    let (verdict, text) = report.line("process");
    assert!(verdict == "NO" && text.contains("hidepid"), "{text}");
    let refused = Running::start(&mut hidden("-q")).wait(SOON);
    assert_eq!(refused.status.code(), Some(77), "{refused:?}");
    assert!(refused.stderr.contains(text), "{refused:?}\n{text}");
}

#[test]
fn another_users_process_needs_a_privilege() {
    must_be_root();
    let (dir, target) = (Public::new("doctor-user"), Idle::sleep());
    let [mut doctor, mut attach] = as_nobody(&dir, target.pid());
    let report = Report::of(&mut doctor);
    report.blames("user", "it runs as uid 0", &mut attach);
    assert_eq!(report.line("exact").0, "NO", "{}", report.text);
    assert_eq!(report.line("kernel stacks").0, "-", "{}", report.text);
}

/// A sleep of nobody's, made by this program.
fn nobodys(program: &std::path::Path, args: &[&str]) -> Idle {
    let mut command = Command::new(program);
    Idle::start(command.args(args).uid(NOBODY).gid(NOBODY).current_dir("/"))
}

#[test]
fn a_process_of_the_same_user_is_possible_unless_it_is_not_dumpable() {
    must_be_root();
    let dir = Public::new("doctor-dumpable");
    let sleep = tool("sleep", "coreutils");
    let plain = nobodys(&sleep, &["1000"]);
    let report = Report::of(&mut as_nobody(&dir, plain.pid())[0]);
    assert_eq!(report.status, 0, "{}", report.text);
    assert!(report.line("dumpable").1.contains("yes"), "{}", report.text);
    // Who may not read an executable gets no dump, and no trace, of it.
    let unreadable = dir.copy(&sleep, "sleep", 0o711);
    let target = nobodys(&unreadable, &["1000"]);
    let [mut doctor, mut attach] = as_nobody(&dir, target.pid());
    Report::of(&mut doctor).blames("dumpable", "PR_SET_DUMPABLE", &mut attach);
}

#[test]
fn capabilities_that_we_lack_are_named() {
    must_be_root();
    let dir = Public::new("doctor-capabilities");
    let mut command = Command::new(tool("setpriv", "util-linux"));
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    command.args([
        "--inh-caps=+net_bind_service",
        "--ambient-caps=+net_bind_service",
    ]);
    command.args(["sleep", "1000"]).current_dir("/");
    let target = Idle::start(&mut command);
    let [mut doctor, mut attach] = as_nobody(&dir, target.pid());
    let report = Report::of(&mut doctor);
    report.blames("capabilities", "CAP_NET_BIND_SERVICE", &mut attach);
}

/// Root of a user namespace of its own is nobody outside.
#[test]
fn a_process_outside_our_user_namespace_is_out_of_reach() {
    must_be_root();
    let target = Idle::sleep();
    let pid = target.pid().to_string();
    let inside = |args: &[&str]| {
        let mut command = Command::new(tool("unshare", "util-linux"));
        command.args(["--user", "--map-root-user", env!("CARGO_BIN_EXE_gostrace")]);
        command.args(args);
        command
    };
    let report = Report::of(&mut inside(&["doctor", "-p", &pid]));
    let mut attach = inside(&["-d", "100ms", "-o", "/dev/null", "-p", &pid]);
    report.blames("user namespace", "another user namespace", &mut attach);
    let general = Report::of(&mut inside(&["doctor"]));
    assert_eq!(general.line("user namespace").0, "-", "{}", general.text);
}

#[test]
fn a_process_in_another_pid_namespace_has_both_its_ids() {
    must_be_root();
    let mut command = Command::new(tool("unshare", "util-linux"));
    command.args(["--pid", "--fork", "--kill-child"]);
    command.arg(build_c("torture")).arg("threads");
    let outer = Fixture::start_command(&mut command);
    let children = format!("/proc/{0}/task/{0}/children", outer.pid);
    let children = std::fs::read_to_string(children).unwrap();
    let pid: i32 = children.trim().parse().unwrap();
    let report = Report::of(&mut doctor(pid));
    assert_eq!(report.status, 0, "{}", report.text);
    let said = report.line("PID namespace").1;
    assert!(
        said.contains(&format!("process {pid} here is 1 inside")),
        "{said}"
    );
}

/// Whatever a process is called, no control character of it reaches a terminal, and no line is faked.
#[test]
fn names_of_processes_cannot_steer_the_terminal() {
    let mut fixture = Fixture::start::<&str>(&build_c("hostile-names"), &[]);
    let pid = |who: &str| i32::try_from(fixture.ready[who].as_i64().unwrap()).unwrap();
    let [tracer, tracee, zombie] = ["tracer", "tracee", "zombie"].map(pid);
    wait_for("their names", SOON, || {
        let named = |pid| proc::status(pid, "Name").is_some_and(|name| name.contains('\x1b'));
        [tracer, tracee, zombie]
            .into_iter()
            .all(named)
            .then_some(())
    });
    let numbers = [tracee, zombie].map(|pid| pid.to_string());
    let both = [
        "-d",
        "100ms",
        "-o",
        "/dev/null",
        "-p",
        &numbers[0],
        "-p",
        &numbers[1],
    ];
    let dump = ["dump", "-p", &numbers[0]];
    for (mut command, status, escaped) in [
        (doctor(tracer), 0, r"\u{1b}]0;t\u{7}"),
        (doctor(tracee), 77, r"\u{1b}]0;t\u{7}"),
        (doctor(zombie), 78, r"\u{7f}\u{1b}c"),
        (attach(tracer), 0, ""),
        (attach(tracee), 77, r"\u{1b}[31mx\u{1b}[m"),
        (attach(zombie), 78, r"\u{7f}\u{1b}c"),
        (gostrace(&both), 77, r"\u{7f}\u{1b}c"),
        (gostrace(&dump), 0, r"\u{1b}[31mx\u{1b}[m"),
    ] {
        let output = Running::start(&mut command).wait(SOON);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{command:?}: {output:?}"
        );
        let text = format!("{}{}", output.stdout, output.stderr);
        let controls = text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t'));
        assert!(!controls, "{command:?}: {text:?}");
        assert!(text.contains(escaped), "{command:?}: {text}");
        assert!(!text.lines().any(|line| line.starts_with("ok\\")), "{text}");
    }
    fixture.line();
    let _ = fixture.finish();
}
