//! `gostrace hang`: each way in which tests hang is told for what it is, under real `go test`, and
//! nothing is left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use support::run::{Output, Running, gostrace};
use support::{NEWEST_GO, OLDEST_GO, root, scratch, wait_for};

/// How long a run may take, building included.
const LIMIT: Duration = Duration::from_secs(120);

/// What a run started is known by: a variable in the environment of all of it. What is left of it
/// is killed on drop.
struct Marked(String);

impl Marked {
    fn new(name: &str) -> Marked {
        Marked(format!("GOSTRACE_TEST_MARK={name}-{}", std::process::id()))
    }

    fn mark(&self, command: &mut Command) {
        let (name, value) = self.0.split_once('=').unwrap();
        command.env(name, value);
    }

    /// The processes that carry it and have not ended.
    fn alive(&self) -> Vec<i32> {
        let pids = fs::read_dir("/proc").unwrap();
        let pids = pids.filter_map(|e| e.ok()?.file_name().to_str()?.parse::<i32>().ok());
        let carries = |pid: &i32| {
            let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.split(|b| *b == 0).any(|v| v == self.0.as_bytes())
        };
        pids.filter(carries)
            .filter(|pid| !matches!(support::proc::state(*pid), None | Some('Z' | 'X')))
            .collect()
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        use nix::sys::signal::{Signal, kill};
        for pid in self.alive() {
            let _ = kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// A run of one test of testdata/go/hangs.
struct Hung {
    output: Output,
    report: Value,
    dir: PathBuf,
}

fn go(version: &str) -> PathBuf {
    let output = Command::new(root().join(".ci/go")).arg(version).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().into()
}

/// `gostrace hang OPTIONS -- go test -run TEST`, to be started.
fn command(marked: &Marked, options: &[&str], test: &str) -> Command {
    let mut command = gostrace(&["hang"]);
    command.args(options).arg("--").arg(go(NEWEST_GO));
    command.args(["test", "-count=1", "-vet=off", "-run", &format!("^{test}$")]);
    command.arg("./hangs");
    command.current_dir(root().join("testdata/go"));
    // Linking C takes its time.
    command.env("CGO_ENABLED", if test == "TestCgo" { "1" } else { "0" });
    marked.mark(&mut command);
    command
}

/// `go test OPTIONS` of testdata/go/stuck, behind what of gostrace is to be before it.
fn stuck(mut command: Command, version: &str, options: &[&str]) -> Command {
    command.args(["test", "-count=1", "-vet=off"]).args(options);
    command.arg("./stuck");
    command.current_dir(root().join("testdata/go"));
    command.env("CGO_ENABLED", "0").env("GOTOOLCHAIN", "local");
    command.env("PATH", go(version).parent().unwrap());
    command
}

fn hang(test: &str, options: &[&str]) -> Hung {
    let command = |marked: &Marked, all: &[&str]| command(marked, all, test);
    hang_of(test, &command, options)
}

fn hang_of(name: &str, command: &dyn Fn(&Marked, &[&str]) -> Command, options: &[&str]) -> Hung {
    let dir = scratch(&format!("hang-{name}"));
    let marked = Marked::new(name);
    let mut all = vec!["--after", "1s", "--report", dir.to_str().unwrap()];
    all.extend(options);
    let output = Running::start(&mut command(&marked, &all)).wait(LIMIT);
    let left = marked.alive();
    assert!(left.is_empty(), "{left:?} left behind: {output:#?}");
    let report = fs::read_to_string(dir.join("report.json"));
    Hung {
        report: report.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap()),
        output,
        dir,
    }
}

/// The line of the fixtures that is marked with this comment.
fn line_of(mark: &str) -> u64 {
    let files = ["hangs", "stuck"].into_iter().flat_map(|package| {
        let dir = root().join("testdata/go").join(package);
        fs::read_dir(dir).unwrap()
    });
    let found = { files }.find_map(|entry| {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let line = text
            .lines()
            .position(|l| l.ends_with(&format!("// here: {mark}")));
        line.map(|line| line as u64 + 1)
    });
    found.unwrap_or_else(|| panic!("no line is marked {mark}"))
}

impl Hung {
    /// The verdict is of this test, at its marked line, stuck in this, and says all these words;
    /// the run ended as hangs do.
    fn is_told(&self, test: &str, doing: &str, words: &[&str]) {
        self.is_told_of(test, test, doing, words);
    }

    /// The same of a subtest, by the test that it belongs to.
    fn is_told_of(&self, test: &str, of: &str, doing: &str, words: &[&str]) {
        assert_eq!(self.output.status.code(), Some(124), "{:#?}", self.output);
        let verdict = &self.report["verdict"];
        let all = format!("{verdict:#}");
        assert_eq!(verdict["standing"], "stuck", "{all}");
        assert_eq!(verdict["process"], "hangs.test", "{all}");
        assert_eq!(verdict["test"], test, "{all}");
        assert_eq!(verdict["doing"], doing, "{all}");
        assert_eq!(verdict["line"], line_of(of), "{all}");
        assert!(verdict["goroutine"].as_u64().unwrap() > 1, "{all}");
        assert!(verdict["waited_ms"].as_u64().unwrap() >= 1000, "{all}");
        let text = verdict["text"].as_str().unwrap();
        for word in words.iter().chain(&[test, "has been waiting"]) {
            assert!(text.contains(word), "no {word:?} in {text}");
        }
        let report = fs::read_to_string(self.dir.join("report.txt")).unwrap();
        assert_eq!(report.lines().next(), Some(text));
        let said = format!("gostrace: {report}");
        assert!(self.output.stderr.contains(&said), "{:#?}", self.output);
        let pid = verdict["pid"].as_u64().unwrap();
        let dump = fs::read_to_string(self.dir.join(format!("dump-{pid}.txt"))).unwrap();
        assert!(dump.contains(&format!("hangs.{of}")), "{dump}");
        let tree = fs::read_to_string(self.dir.join("processes.txt")).unwrap();
        assert!(tree.contains("hangs.test ("), "{tree}");
    }
}

#[test]
fn deadlocked_mutexes_are_told_though_other_goroutines_are_alive() {
    hang("TestMutexes", &[]).is_told(
        "TestMutexes",
        "in sync.(*Mutex).Lock",
        &[
            "the lock is also wanted by 2 goroutines",
            "hangs.TestMutexes.func1",
        ],
    );
}

#[test]
fn a_channel_nobody_sends_on_is_told_with_the_name_of_the_subtest() {
    let hung = hang("TestChannel", &[]);
    let test = "TestChannel/nobody_sends";
    hung.is_told_of(test, "TestChannel", "to receive from a channel", &[]);
}

#[test]
fn a_test_is_named_in_full_whatever_go_built_it() {
    for version in [OLDEST_GO, NEWEST_GO] {
        for (test, name, doing) in [
            (
                "TestParallel",
                "TestParallel/this_one_hangs",
                "to receive from a channel",
            ),
            ("TestCleanup", "TestCleanup", "in a select without cases"),
        ] {
            let command = |marked: &Marked, options: &[&str]| {
                let mut command = gostrace(&["hang"]);
                command.args(options).args(["--", "go"]);
                marked.mark(&mut command);
                stuck(command, version, &["-run", &format!("^{test}$")])
            };
            let hung = hang_of(&format!("{test}-{version}"), &command, &[]);
            let verdict = &hung.report["verdict"];
            let all = format!("{version}: {verdict:#} {:#?}", hung.output);
            assert_eq!(hung.output.status.code(), Some(124), "{all}");
            assert_eq!(verdict["test"], name, "{all}");
            assert_eq!(verdict["doing"], doing, "{all}");
            assert_eq!(verdict["line"], line_of(test), "{all}");
            let text = verdict["text"].as_str().unwrap();
            // The ticker is nobody's fault.
            assert!(!text.contains("goroutine"), "{text}");
        }
    }
}

#[test]
fn a_wait_group_that_is_never_done_is_told() {
    let hung = hang("TestWaitGroup", &[]);
    hung.is_told("TestWaitGroup", "in sync.(*WaitGroup).Wait", &[]);
    let object = hung.report["verdict"]["object"].as_str().unwrap();
    assert!(object.starts_with("sync.WaitGroup 0x"), "{object}");
}

#[test]
fn a_read_from_a_silent_peer_names_the_process_that_is_the_peer() {
    hang("TestSilentPeer", &[]).is_told(
        "TestSilentPeer",
        "in net.(*conn).Read",
        &[
            "<socket:[127.0.0.1:",
            "the other end is open in this very process (fd ",
        ],
    );
}

#[test]
fn a_client_whose_handler_waits_for_it_is_told_with_the_handler() {
    let line = line_of("the handler of TestHandler");
    hang("TestHandler", &[]).is_told(
        "TestHandler",
        "in net/http.Get",
        &[&format!(
            "(hangs.TestHandler.func1) waits to receive from a channel at hangs_test.go:{line}"
        )],
    );
}

#[test]
fn a_grandchild_that_keeps_the_pipe_is_named() {
    hang("TestGrandchild", &[]).is_told(
        "TestGrandchild",
        "in os/exec.(*Cmd).CombinedOutput",
        &[
            "waits for data on fd",
            "<pipe:[",
            "the write end is open in sleep (",
        ],
    );
}

#[test]
fn a_child_that_waits_for_its_input_leads_back_to_who_holds_it() {
    hang("TestChildInput", &[]).is_told(
        "TestChildInput",
        "in os.(*Process).Wait",
        &[
            "it waits for its child cat (",
            "is in read(0<pipe:[",
            "the write end is open in hangs.test (",
        ],
    );
}

#[test]
fn a_full_pipe_is_told_with_who_does_not_read_it() {
    hang("TestFullPipe", &[]).is_told(
        "TestFullPipe",
        "in os.(*File).Write",
        &[
            "it waits for room on fd",
            "the read end is open in this very process",
        ],
    );
}

#[test]
fn a_file_lock_is_told_with_its_holder() {
    hang("TestFlock", &[]).is_told(
        "TestFlock",
        "in syscall.Flock",
        &[
            "flock(",
            "LOCK_EX)",
            "held by process",
            "a process of the command",
        ],
    );
}

#[test]
fn a_select_on_a_context_that_is_never_done_is_told() {
    hang("TestSelect", &[]).is_told("TestSelect", "in a select on 2 channels", &[]);
}

#[test]
fn a_call_of_c_that_never_returns_is_told_with_the_line_that_calls_it() {
    hang("TestCgo", &[]).is_told("TestCgo", "in C code, in pause()", &["at cgo.go:"]);
}

#[test]
fn a_test_that_only_computes_is_busy_and_hangs_not_even_at_the_deadline() {
    let hung = hang("TestBusy", &["--deadline", "25s"]);
    assert_eq!(hung.output.status.code(), Some(124), "{:#?}", hung.output);
    let verdict = &hung.report["verdict"];
    assert_eq!(hung.report["why"], "deadline", "{verdict:#}");
    assert_eq!(verdict["standing"], "busy", "{verdict:#}");
    assert_eq!(verdict["test"], "TestBusy", "{verdict:#}");
    let text = verdict["text"].as_str().unwrap();
    for word in [
        "TestBusy is busy",
        "% of a CPU",
        "in hangs.spin at hangs_test.go:",
        "does not hang",
    ] {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
    assert!(
        !hung.output.stderr.contains("has been waiting"),
        "{:#?}",
        hung.output
    );
}

#[test]
fn a_test_that_is_slow_but_gets_on_is_not_reported() {
    let hung = hang("TestSlow", &[]);
    assert!(hung.output.status.success(), "{:#?}", hung.output);
    assert_eq!(hung.report, Value::Null);
    assert!(
        !hung.output.stderr.contains("gostrace"),
        "{:#?}",
        hung.output
    );
}

#[test]
fn junit_and_github_get_the_test_with_file_and_line() {
    let dir = scratch("hang-forms");
    let (junit, summary) = (dir.join("j.xml"), dir.join("summary.md"));
    let marked = Marked::new("forms");
    let options = [
        "--after",
        "1s",
        "--github",
        "--junit",
        junit.to_str().unwrap(),
        "--on-hang",
        "kill",
    ];
    let mut command = command(&marked, &options, "TestWaitGroup");
    command.env("GITHUB_STEP_SUMMARY", &summary);
    command.env("GITHUB_WORKSPACE", root());
    let output = Running::start(&mut command).wait(LIMIT);
    assert_eq!(output.status.code(), Some(124), "{output:#?}");
    assert!(marked.alive().is_empty());
    let line = line_of("TestWaitGroup");
    let place = format!(
        "::error file=testdata/go/hangs/hangs_test.go,line={line},title=hang%3A TestWaitGroup::"
    );
    assert!(output.stderr.contains(&place), "{output:#?}");
    let junit = fs::read_to_string(junit).unwrap();
    assert!(
        junit.contains("<testcase classname=\"hangs.test\" name=\"TestWaitGroup\""),
        "{junit}"
    );
    assert!(
        junit.contains("sync.(*WaitGroup).Wait") && !junit.contains("\u{1b}"),
        "{junit}"
    );
    let summary = fs::read_to_string(summary).unwrap();
    assert!(
        summary.starts_with("### Hang\n\nhangs.test: TestWaitGroup"),
        "{summary}"
    );
}

#[test]
fn output_and_status_are_the_commands_own() {
    for (script, status) in [
        ("printf 'a\\n\\377b'; echo e >&2; exit 7", 7),
        ("kill -9 $$", 137),
        ("cat; exit 0", 0),
    ] {
        let alone = Command::new("sh")
            .args(["-c", script])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let mut watched = gostrace(&["hang", "--", "sh", "-c", script]);
        let watched = watched.stdin(std::process::Stdio::null()).output().unwrap();
        assert_eq!(
            (watched.stdout, watched.stderr),
            (alone.stdout, alone.stderr),
            "{script}"
        );
        assert_eq!(watched.status.code(), Some(status), "{script}");
    }
    let missing = gostrace(&["hang", "--", "/no/such/command"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(127));
}

#[test]
fn go_test_says_and_returns_what_it_does_without_us() {
    // Numbers (times, addresses) are others each time.
    let masked = |text: &[u8]| -> String {
        let mut out = String::new();
        let mut in_number = false;
        for c in String::from_utf8_lossy(text).chars() {
            in_number = match in_number {
                true => c.is_ascii_hexdigit() || matches!(c, 'x' | '.'),
                false => c.is_ascii_digit(),
            };
            match in_number {
                false => out.push(c),
                true if out.ends_with('#') => {}
                true => out.push('#'),
            }
        }
        out
    };
    for options in [
        &["-run=^TestPasses$", "-json"][..],
        &["-run=^Test(Passes|Fails|Panics)$", "-v"],
        &["-run=^TestExits$"],
        &["-no-such-flag"],
    ] {
        let mut watched = gostrace(&["hang", "--"]);
        watched.arg(go(NEWEST_GO));
        let run = |command| {
            let mut command = stuck(command, NEWEST_GO, options);
            let output = command.stdin(std::process::Stdio::null()).output().unwrap();
            (
                masked(&output.stdout),
                masked(&output.stderr),
                output.status.code(),
            )
        };
        let alone = run(Command::new(go(NEWEST_GO)));
        assert!(!alone.0.is_empty() || !alone.1.is_empty());
        assert_eq!(run(watched), alone, "{options:?}");
    }
}

#[test]
fn what_is_only_reported_runs_on_to_its_own_end() {
    let marked = Marked::new("reported");
    let dir = scratch("hang-reported");
    let fifo = dir.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut command = gostrace(&["hang", "--after", "200ms", "--on-hang", "report"]);
    command.arg("--report").arg(&dir).args(["--", "sh", "-c"]);
    command.arg(format!("read x < {}; echo got $x; exit 5", fifo.display()));
    marked.mark(&mut command);
    let running = Running::start(&mut command);
    wait_for("a report", LIMIT, || {
        dir.join("report.txt").exists().then_some(())
    });
    fs::write(&fifo, "it\n").unwrap();
    let output = running.wait(LIMIT);
    assert_eq!(output.status.code(), Some(5), "{output:#?}");
    assert_eq!(output.stdout, "got it\n");
    let said = output.stderr.contains("has been waiting") && output.stderr.contains("fifo");
    assert!(said, "{output:#?}");
    assert!(marked.alive().is_empty());
}

#[test]
fn sigterm_is_reported_and_then_passed_on() {
    is_reported_and_passed_on("SIGTERM", 143);
}

#[test]
fn ctrl_c_of_a_ci_system_is_reported_and_then_passed_on() {
    is_reported_and_passed_on("SIGINT", 130);
}

/// A command that would run for ten minutes ends of this signal, and is reported before.
fn is_reported_and_passed_on(signal: &str, status: i32) {
    let marked = Marked::new(signal);
    let dir = scratch(&format!("hang-{signal}"));
    let ready = dir.join("ready");
    let plain = gostrace(&["hang", "--after", "1h", "--report"]);
    // Who started the tests in the background of a shell has SIGINT ignored.
    let mut command = Command::new("env");
    command.env("NO_COLOR", "1").arg("--default-signal=INT");
    command.arg(plain.get_program());
    command.args(plain.get_args());
    command.arg(&dir).args(["--", "sh", "-c"]);
    command.arg(format!("sleep 600 & : > {}; wait", ready.display()));
    marked.mark(&mut command);
    let running = Running::start(&mut command);
    wait_for("the command to start", LIMIT, || {
        ready.exists().then_some(())
    });
    running.signal(signal.parse().unwrap());
    let output = running.wait(LIMIT);
    assert_eq!(output.status.code(), Some(status), "{output:#?}");
    let first = format!("gostrace: {signal} after ");
    assert!(output.stderr.starts_with(&first), "{output:#?}");
    assert!(output.stderr.contains("sleep ("), "{output:#?}");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("report.json")).unwrap()).unwrap();
    assert_eq!(
        (&report["why"], &report["signal"]),
        (&"signal".into(), &signal.into())
    );
    assert!(marked.alive().is_empty());
}

/// What a shell with job control, on a terminal of its own, says to this command. What is typed
/// comes when it has made the file `ready`.
fn typed(name: &str, line: &str, keys: &[u8]) -> String {
    use std::io::Write as _;
    let marked = Marked::new(name);
    let dir = scratch(&format!("hang-{name}"));
    let mut shell = Command::new("script");
    shell.args(["-qec", &format!("bash -mc '{line}'"), "/dev/null"]);
    shell.current_dir(&dir);
    shell.env("GOSTRACE", env!("CARGO_BIN_EXE_gostrace"));
    marked.mark(&mut shell);
    let (running, mut terminal) = Running::start_with_input(&mut shell);
    wait_for("the command to start", LIMIT, || {
        dir.join("ready").exists().then_some(())
    });
    terminal.write_all(keys).unwrap();
    let output = running.wait(LIMIT);
    drop(terminal);
    assert!(marked.alive().is_empty());
    output.stdout.replace('\r', "")
}

#[test]
fn the_terminal_is_the_commands() {
    let said = typed(
        "terminal",
        "$GOSTRACE hang -- sh -c \"test -t 0 && test -t 1 && : >ready; read key; echo key=\\$key\"",
        b"k\n",
    );
    assert!(said.contains("key=k\n"), "{said}");
    let said = typed(
        "interrupt",
        "$GOSTRACE hang -- sh -c \"trap \\\"echo got it; exit 3\\\" INT; : >ready; read key\"; echo status=$?",
        b"\x03",
    );
    assert!(said.contains("got it\nstatus=3\n"), "{said}");
}

#[test]
fn a_pager_behind_it_has_the_terminal_and_a_command_that_asks_for_it_gets_it() {
    let said = typed(
        "pager",
        "mkfifo go; $GOSTRACE hang -- sh -c \": >ready; read x <go\" | sh -c \"until test -e ready; do sleep 0.01; done; read key </dev/tty; echo key=\\$key; echo go >go\"",
        b"k\n",
    );
    assert!(said.contains("key=k\n"), "{said}");
    let said = typed(
        "asks",
        "$GOSTRACE hang -- sh -c \": >ready; read key </dev/tty; echo key=\\$key\" | cat",
        b"k\n",
    );
    assert!(said.contains("key=k\n"), "{said}");
}

#[test]
fn slow_calls_fail_a_run_that_is_traced() {
    let run = |options: &[&str], command: &[&str]| {
        let output = gostrace(options).arg("--").args(command).output().unwrap();
        output.status.code()
    };
    let slow = ["-f", "--slow", "50ms", "--fail-on-slow"];
    assert_eq!(run(&slow, &["sleep", "0.2"]), Some(123));
    assert_eq!(run(&slow, &["sh", "-c", "sleep 0.2; exit 3"]), Some(123));
    // On a busy machine any call may be slow: these two alone.
    let slow = [&slow[..], &["-e", "clock_nanosleep,wait4"]].concat();
    assert_eq!(run(&slow, &["sh", "-c", "exit 3"]), Some(3));
    // The shell's wait for its child is not another one.
    let twice = [&slow[..], &["--fail-on-slow=2"]].concat();
    assert_eq!(run(&twice, &["sh", "-c", "sleep 0.2; exit 3"]), Some(3));
}

#[test]
fn a_hundred_runs_leave_no_process_behind() {
    let runs = |worker: usize| {
        let marked = Marked::new(&format!("hundred-{worker}"));
        for _ in 0..25 {
            let options = ["hang", "--after", "100ms", "--on-hang", "kill", "--"];
            let mut command = gostrace(&options);
            command.args(["sh", "-c", "(setsid sleep 600 &) ; sleep 600 & sleep 600"]);
            marked.mark(&mut command);
            let output = Running::start(&mut command).wait(LIMIT);
            assert_eq!(output.status.code(), Some(124), "{output:#?}");
            let left = marked.alive();
            assert!(left.is_empty(), "{left:?} left behind: {output:#?}");
        }
    };
    std::thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || runs(worker));
        }
    });
}
