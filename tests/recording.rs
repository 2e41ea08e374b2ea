//! `--record` and `gostrace report`: what a run printed is printed again, byte for byte, of what
//! is left of a recording, too.

#![allow(clippy::unwrap_used)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
mod support;

use arbitrary::Random;
use gostrace::event::{Event, Timestamp};
use gostrace::record::{Header, Item, Reader, RecordSink};
use gostrace::sink::strace::{Outputs, StraceSink};
use gostrace::sink::{JsonSink, Shows, Sink, Summary, TextSink, TextStyle};
use nix::sys::signal::Signal;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use support::run::{Fixture, Output, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, scratch, wait_for};

fn naps() -> Fixture {
    let binary = Go::of(NEWEST_GO).build("naps");
    Fixture::start(&binary, &["-threads", "3", "-nap", "300us"])
}

/// Records with these options, and writes the trace to `live`.
fn record(pid: i32, options: &[&str], dir: &Path, name: &str) -> (String, String) {
    let [live, recording] = ["live", "rec"].map(|kind| {
        let path = dir.join(format!("{name}.{kind}"));
        path.display().to_string()
    });
    let pid = pid.to_string();
    let mut command = gostrace(options);
    command.args(["-p", &pid, "-o", &live, "--record", &recording]);
    command.env("TZ", "Asia/Kathmandu");
    let output = Running::start(&mut command).wait(SOON);
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    (live, recording)
}

fn report(recording: &str, options: &[&str]) -> Output {
    let mut command = gostrace(&["report", recording]);
    command.args(options).env("TZ", "America/St_Johns");
    Running::start(&mut command).wait(SOON)
}

fn shown(recording: &str, options: &[&str]) -> String {
    let output = report(recording, options);
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    output.stdout
}

#[test]
fn a_report_is_what_the_run_printed_in_every_form() {
    let naps = naps();
    let dir = scratch("recording-forms");
    let text = ["-e", "nanosleep", "-tt", "-T", "-k", "--max-events", "200"];
    let slow = ["--slow", "100us", "-ttt", "--max-events", "100"];
    let json = ["--format", "json", "-e", "nanosleep", "--max-events", "100"];
    let strace = [
        "--format",
        "strace",
        "-f",
        "-t",
        "-r",
        "-y",
        "--max-events",
        "300",
    ];
    let cases: [(&str, &[&str]); 4] = [
        ("text", &text),
        ("slow", &slow),
        ("json", &json),
        ("strace", &strace),
    ];
    for (name, options) in cases {
        let (live, recording) = record(naps.pid, options, &dir, name);
        let live = fs::read_to_string(live).unwrap();
        assert!(live.lines().count() > 90, "{name}: {live}");
        assert!(shown(&recording, &[]) == live, "{name} differs");
        let again = dir.join("again").display().to_string();
        assert!(shown(&recording, &["-o", &again, "-q"]).is_empty());
        assert!(
            fs::read_to_string(again).unwrap() == live,
            "{name} differs in a file"
        );
    }
}

#[test]
fn a_report_has_the_summaries_of_the_run_at_its_end_and_at_its_intervals() {
    let naps = naps();
    let dir = scratch("recording-summaries");
    let own = ["-C", "-e", "nanosleep,futex", "-k", "--max-events", "300"];
    let interval = ["-c", "--interval", "50ms", "-e", "nanosleep", "-d", "1s"];
    let strace = ["--format", "strace", "-C", "-f", "--max-events", "300"];
    let cases: [(&str, &[&str]); 3] = [("own", &own), ("interval", &interval), ("strace", &strace)];
    for (name, options) in cases {
        let (live, recording) = record(naps.pid, options, &dir, name);
        let live = fs::read_to_string(live).unwrap();
        assert!(live.contains(" nanosleep\n"), "{name}: {live}");
        let tables = live.matches("summary after ").count();
        assert_eq!(tables > 3, name == "interval", "{name}: {live}");
        let again = shown(&recording, &[]);
        assert!(again == live, "{name} differs:\n{live}\n{again}");
    }
}

#[test]
fn a_recording_of_one_form_can_be_had_in_the_others_and_filtered() {
    let naps = naps();
    let dir = scratch("recording-other");
    // No stack is shown, but stacks are recorded.
    let options = ["-e", "nanosleep,futex", "--no-stack", "--max-events", "200"];
    let (live, recording) = record(naps.pid, &options, &dir, "plain");
    let live = fs::read_to_string(live).unwrap();
    assert!(!live.contains("main.below"));
    assert!(shown(&recording, &["-k"]).contains("main.below"));
    assert!(shown(&recording, &["-k", "--func", "main[.]nothing"]).is_empty());
    let lines = |options: &[&str]| shown(&recording, options).lines().count();
    assert_eq!(lines(&["--max-events", "7"]), 7);
    assert_eq!(
        lines(&["-e", "none"]),
        live.lines().filter(|l| l.contains("---")).count()
    );
    assert_eq!(lines(&["--slow", "1h", "-e", "signal=none"]), 0);
    let json = shown(&recording, &["--format", "json", "-k", "-e", "nanosleep"]);
    let calls: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["type"] == "syscall")
        .collect();
    // The runtime naps, too, for less.
    let own = |call: &&serde_json::Value| call["args"][0]["text"].to_string().contains("=300000}");
    assert!(calls.iter().filter(own).count() > 50);
    for call in calls.iter().filter(own) {
        let func = call["stack"]["frames"].to_string();
        assert!(func.contains("main.below"), "{call:#}");
    }
    let strace = shown(&recording, &["--format", "strace", "-e", "nanosleep"]);
    assert!(strace.lines().all(|line| !line.contains("goroutine")));
    assert!(
        strace.contains("nanosleep({tv_sec=0, tv_nsec=300000}, NULL) = 0"),
        "{strace}"
    );
    // A recording of a recording, in its place among the outputs of a report.
    let copy = dir.join("copy").display().to_string();
    shown(&recording, &["--record", &copy]);
    assert_eq!(shown(&copy, &[]), live);
    let itself = report(&recording, &["--record", &recording]);
    assert_eq!(itself.status.code(), Some(78), "{itself:#?}");
    assert_eq!(shown(&recording, &[]), live);
}

#[test]
fn parked_calls_are_recorded_though_they_are_hidden() {
    let naps = naps();
    let dir = scratch("recording-parked");
    let options = ["--slow", "100us", "--max-events", "300"];
    let (live, recording) = record(naps.pid, &options, &dir, "hidden");
    let live = fs::read_to_string(live).unwrap();
    let hidden = report(&recording, &[]);
    assert_eq!(hidden.stdout, live);
    let parked = hidden.stderr.contains(" parked (");
    let all = report(&recording, &["--show-parked", "--max-events", "100000"]);
    assert!(!all.stderr.contains(" parked ("), "{}", all.stderr);
    let more = all.stdout.lines().count() > live.lines().count();
    assert_eq!(parked, more, "{}\n{}", hidden.stderr, all.stderr);
}

#[test]
fn of_a_run_that_was_killed_the_report_shows_what_had_been_recorded() {
    let naps = naps();
    let dir = scratch("recording-killed");
    let [live, recording] = ["live", "rec"].map(|name| dir.join(name).display().to_string());
    let pid = naps.pid.to_string();
    let mut command = gostrace(&["-e", "nanosleep", "-p", &pid, "-tt", "-o", &live]);
    command.args(["--record", &recording]);
    let running = Running::start(&mut command);
    let size = || fs::metadata(&recording).map_or(0, |m| m.len());
    let first = wait_for("a block", SOON, || Some(size()).filter(|size| *size > 2000));
    wait_for("more of them", SOON, || (size() > first).then_some(()));
    running.signal(Signal::SIGKILL);
    running.wait(SOON);
    let output = report(&recording, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    assert!(
        output.stderr.contains("the recording breaks off here"),
        "{}",
        output.stderr
    );
    let live = fs::read_to_string(live).unwrap();
    let common = live.len().min(output.stdout.len());
    assert!(output.stdout.lines().count() > 100);
    assert_eq!(output.stdout[..common], live[..common]);
    // Half a block, too.
    let bytes = fs::read(&recording).unwrap();
    let cut = dir.join("cut");
    fs::write(&cut, &bytes[..bytes.len() - 7]).unwrap();
    let output = report(&cut.display().to_string(), &[]);
    assert!(output.stderr.contains("breaks off"), "{}", output.stderr);
    assert!(live.starts_with(&output.stdout) || output.stdout.starts_with(&live));
}

#[test]
fn a_full_disk_ends_the_recording_alone() {
    let binary = Go::of(NEWEST_GO).build("naps");
    let dir = scratch("recording-full");
    // The fixture ends with its standard input.
    let script = "mount -t tmpfs -o size=32k none \"$1\" && cd \"$1\" && mkfifo in || exit 99\n\
        sleep 60 >in &\n\
        \"$2\" -q -e nanosleep --max-events 12000 -o ../live --record rec -- \"$3\" -nap 50us <in\n\
        echo \"status $?\"; kill $!; exec \"$2\" report rec -o ../shown";
    let small = dir.join("small");
    fs::create_dir_all(&small).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, "sh"]);
    command
        .arg(&small)
        .arg(env!("CARGO_BIN_EXE_gostrace"))
        .arg(binary);
    let output = Running::start(&mut command).wait(SOON);
    assert!(output.stdout.contains("status 125"), "{output:#?}");
    let said = "--record rec: No space left on device; this output ends here";
    assert_eq!(output.stderr.matches(said).count(), 1, "{output:#?}");
    assert!(
        output.stderr.contains("the recording breaks off here"),
        "{output:#?}"
    );
    let [live, shown] = ["live", "shown"].map(|name| fs::read_to_string(dir.join(name)).unwrap());
    assert!(live.matches("nanosleep(").count() >= 11_900, "{output:#?}");
    assert!(shown.lines().count() > 100 && live.starts_with(&shown));
}

#[test]
fn a_closed_pipe_ends_a_report_quietly() {
    let naps = naps();
    let dir = scratch("recording-pipe");
    let options = ["-e", "nanosleep", "-k", "--max-events", "1000"];
    let (_, recording) = record(naps.pid, &options, &dir, "long");
    let mut child = gostrace(&["report", &recording])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(first.contains("nanosleep"), "{first}");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !said.contains("cannot") && !said.contains("Broken"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_no_recording_is_neither_read_nor_replaced() {
    let dir = scratch("recording-foreign");
    let thesis = dir.join("thesis.txt").display().to_string();
    fs::write(&thesis, "years of work\n").unwrap();
    let run = |options: &[&str]| Running::start(&mut gostrace(options)).wait(SOON);
    let refused = run(&["--record", &thesis, "true"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("--force") && refused.stderr.lines().count() == 1);
    assert_eq!(fs::read_to_string(&thesis).unwrap(), "years of work\n");
    let unread = report(&thesis, &[]);
    assert_eq!(unread.status.code(), Some(78), "{unread:#?}");
    assert!(unread.stderr.contains("not a recording") && unread.stdout.is_empty());
    assert_eq!(report("/nonexistent", &[]).status.code(), Some(78));
    for options in [&["--force"][..], &[]] {
        let mut all = vec!["-q", "-o", "/dev/null", "--record", &thesis];
        all.extend(options);
        all.push("true");
        let made = run(&all);
        assert_eq!(made.status.code(), Some(0), "{made:#?}");
    }
    assert!(shown(&thesis, &[]).contains("exit_group(0)"));
}

/// What three forms make of these events.
fn printed(events: &[Event]) -> [Vec<u8>; 3] {
    let (mut text, mut json) = (Vec::new(), Vec::new());
    let mut sink = TextSink::new(&mut text, TextStyle::default());
    events.iter().for_each(|event| sink.event(event).unwrap());
    let mut sink = JsonSink::new(&mut json, Shows::default());
    events.iter().for_each(|event| sink.event(event).unwrap());
    let lines = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let mut sink = StraceSink::new(
        Outputs {
            shared: Some(Box::new(Lines(std::rc::Rc::clone(&lines)))),
            each: None,
            messages: Box::new(std::io::sink()),
        },
        strace_style(),
    );
    events.iter().for_each(|event| sink.event(event).unwrap());
    drop(sink);
    let strace = lines.borrow().clone();
    [text, json, strace]
}

struct Lines(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn strace_style() -> gostrace::sink::strace::StraceStyle {
    use gostrace::sink::args::{ArgStyle, Xlat};
    use gostrace::sink::strace::{PidRule, Silence, StraceStyle};
    StraceStyle {
        pid: PidRule::Bare,
        times: gostrace::sink::Times::default(),
        duration: Some(gostrace::sink::Precision::Nanos),
        number: true,
        instruction_pointer: true,
        argument_names: true,
        commands: true,
        column: 40,
        args: ArgStyle {
            xlat: Xlat::Verbose,
            ..ArgStyle::default()
        },
        stack: true,
        quiet: Silence::default(),
    }
}

#[test]
fn whatever_can_happen_is_read_back_as_it_was_and_printed_the_same() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let events: Vec<Event> = (0..40).map(|_| random.event()).collect();
        let hidden = random.syscall();
        let summary: Summary = random.summary();
        let mut bytes = Vec::new();
        let mut sink = RecordSink::new(&mut bytes, Header::default()).unwrap();
        let time = |n: usize| Timestamp {
            mono_ns: n as u64 * 100_000_000,
            wall_ns: 0,
        };
        for (n, event) in events.iter().enumerate() {
            sink.event(event).unwrap();
            sink.tick(time(n)).unwrap();
        }
        sink.hidden(&hidden, gostrace::event::Hidden::Parked)
            .unwrap();
        sink.finish(&summary).unwrap();
        let mut reader = Reader::new(bytes.as_slice()).unwrap();
        let mut items = Vec::new();
        while let Some(item) = reader.next_item().unwrap() {
            items.push(item);
        }
        assert_eq!(items.remove(0), Item::Header(Box::default()));
        assert_eq!(items.pop(), Some(Item::End(Box::new(summary))));
        let hidden = Item::Hidden(Box::new(hidden), gostrace::event::Hidden::Parked);
        assert_eq!(items.pop(), Some(hidden));
        let mut read = Vec::new();
        let mut ticks = Vec::new();
        for item in items {
            match item {
                Item::Event(event) => read.push(event),
                Item::Tick(now) => ticks.push(now),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(read, events, "seed {seed}");
        assert_eq!(ticks, (0..events.len()).map(time).collect::<Vec<_>>());
        assert!(printed(&read) == printed(&events), "seed {seed}");
    }
}
