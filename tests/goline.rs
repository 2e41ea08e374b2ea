//! What the line under a call says of its goroutine, thread and P, against what the program itself
//! and its runtime say; and the selection by them.
//!
//! The oldest and the newest Go; `GOSTRACE_GO_MATRIX=full` takes all of them in every build mode.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::run::{Fixture, Running, gostrace};
use support::trace::{Call, parse};
use support::{Go, SOON, full_matrix, releases, scratch, wait_for};

fn builds() -> Vec<Go> {
    let mut all = Vec::new();
    for version in releases() {
        let plain = Go::of(version);
        let stripped = Go {
            strip: true,
            ..plain
        };
        let cgo = Go { cgo: true, ..plain };
        all.extend([stripped, cgo]);
        if full_matrix() {
            let pie = Go { pie: true, ..cgo };
            let cgo_stripped = Go { strip: true, ..cgo };
            let pie_stripped = Go {
                pie: true,
                ..cgo_stripped
            };
            all.extend([plain, pie, cgo_stripped, pie_stripped]);
        }
    }
    all
}

/// One that has said that it is ready; all its goroutines are where they stay.
struct Ready {
    what: String,
    fixture: Fixture,
    /// What each thread has said of itself, by name.
    said: BTreeMap<String, Value>,
    dir: PathBuf,
}

impl Ready {
    fn start(go: Go, test: &str) -> Ready {
        let what = format!("{go:?}");
        let mut command = Command::new(go.build("goline"));
        let fixture = Fixture::start_command(command.env("GOMAXPROCS", "1"));
        let name = |t: &Value| t["name"].as_str().unwrap().to_owned();
        let said: BTreeMap<_, _> = fixture
            .before
            .iter()
            .map(|t| (name(t), t.clone()))
            .collect();
        assert_eq!(said.len(), if go.cgo { 5 } else { 4 }, "{what}");
        Ready {
            what,
            fixture,
            said,
            dir: scratch(test),
        }
    }

    fn number(&self, name: &str, field: &str) -> i64 {
        self.said[name][field].as_i64().unwrap()
    }

    fn tid(&self, name: &str) -> i32 {
        self.number(name, "tid").try_into().unwrap()
    }

    /// Traces until each of these threads has been shown three times as blocked, so that any other that
    /// was to be shown has been, too.
    fn trace(&self, options: &[&str], names: &[&str]) -> (Vec<Call>, String) {
        let file = self.dir.join("trace");
        let _ = std::fs::remove_file(&file);
        let pid = self.fixture.pid.to_string();
        let mut command = gostrace(&["-p", &pid, "-q", "--slow", "10ms", "-o"]);
        let tracer = Running::start(command.arg(&file).args(options));
        let read = || std::fs::read_to_string(&file).unwrap_or_default();
        wait_for("the blocked calls", SOON, || {
            let text = read();
            // The last line may be half written.
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let calls = parse(whole);
            let times = |tid| calls.iter().filter(|c| c.tid == tid).count();
            names.iter().all(|n| times(self.tid(n)) >= 3).then_some(())
        });
        let ended = tracer.stop();
        assert!(ended.status.success(), "{}: {ended:?}", self.what);
        let text = read();
        (parse(&text), text)
    }
}

/// M and P of a place: `in cgo, M 4, P 2 handed off to M 7`.
fn m_of(place: &str) -> i64 {
    static M: std::sync::LazyLock<Regex> =
        std::sync::LazyLock::new(|| Regex::new(r"^(?:.*, )?M (\d+)(?:,|$)").unwrap());
    let place = place.split(", P ").next().unwrap();
    M.captures(place).unwrap_or_else(|| panic!("{place}"))[1]
        .parse()
        .unwrap()
}

/// Checks what is shown of a thread's calls against what it said of itself.
fn check(ready: &Ready, name: &str, call: &Call, holder: i64) {
    let (what, said) = (&ready.what, &ready.said[name]);
    let bracket = bracket(said);
    let place = call
        .place
        .as_deref()
        .unwrap_or_else(|| panic!("{what}: {name}: {call:#?}"));
    if name == "kept" {
        let goid = said["goid"].as_i64().unwrap();
        let state = said["state"].as_str().unwrap();
        let expected = format!("locked to goroutine {goid} [{state}], M {}", m_of(place));
        assert_eq!(
            (place, call.goid),
            (expected.as_str(), None),
            "{what}: {name}"
        );
        return;
    }
    assert_eq!(
        call.goid,
        said["goid"].as_i64(),
        "{what}: {name}: {call:#?}"
    );
    assert_eq!(call.state.as_deref(), Some(&*bracket), "{what}: {name}");
    assert_eq!(
        place.starts_with("in cgo, "),
        said["cgo"] == true,
        "{what}: {name}"
    );
    let p = said["p"].as_i64().unwrap();
    let m = m_of(place);
    let cgo = if said["cgo"] == true { "in cgo, " } else { "" };
    // All but the holder of the only P have lost it to the holder.
    let expected = match name {
        "holder" => format!("M {m}, P {p}"),
        _ => format!("{cgo}M {m}, P {p} handed off to M {holder}"),
    };
    assert_eq!(place, expected, "{what}: {name}");
}

/// What a traceback says between the brackets.
fn bracket(said: &Value) -> String {
    let locked = if said["locked"] == true {
        ", locked to thread"
    } else {
        ""
    };
    said["state"].as_str().unwrap().to_owned() + locked
}

#[test]
fn state_lock_cgo_and_p_are_what_the_program_and_its_runtime_say() {
    for go in builds() {
        let ready = Ready::start(go, "goline-states");
        let names: Vec<&str> = ready.said.keys().map(String::as_str).collect();
        let (calls, text) = ready.trace(&["--show-parked", "-v"], &names);
        let of = |name: &str| {
            let tid = ready.tid(name);
            let all: Vec<&Call> = calls.iter().filter(|c| c.tid == tid).collect();
            assert!(!all.is_empty(), "{}: {name}", ready.what);
            all
        };
        let holder = m_of(of("holder")[0].place.as_deref().unwrap());
        let mut ms = Vec::new();
        for name in &names {
            for call in of(name) {
                check(&ready, name, call, holder);
            }
            ms.push(m_of(of(name)[0].place.as_deref().unwrap()));
        }
        ms.sort_unstable();
        ms.dedup();
        assert_eq!(
            ms.len(),
            names.len(),
            "{}: an M for each thread",
            ready.what
        );
        let class = |name: &str| of(name)[0].class.clone().unwrap();
        assert_eq!(class("free"), "user");
        assert_eq!(class("holder"), "user-raw");
        assert_eq!(class("kept"), "locked-m");
        if go.cgo {
            assert_eq!(class("inc"), "cgo");
        }
        // -v explains each, not the first of its class alone.
        let (mut classed, mut explained) = (0, 0);
        for class in gostrace::golang::class::classes() {
            // Between class and explanation stands how it waits.
            let of_class = format!(" [{}]", class.id);
            let of_class = text.lines().filter(|l| l.contains(&of_class));
            let (full, short): (Vec<_>, Vec<_>) =
                of_class.partition(|l| l.ends_with(class.explanation));
            classed += short.len();
            explained += full.len();
        }
        assert!(classed == 0 && explained >= 3 * names.len(), "{text}");
        agrees_with_runtime(ready);
    }
}

/// Lets the holder go on: the runtime's own traceback has the same headers, and short calls are
/// shown with the P that they were made on.
fn agrees_with_runtime(mut ready: Ready) {
    let file = ready.dir.join("short");
    let pid = ready.fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "-q", "-e", "=pread64", "-k", "-o"]);
    let mut tracer = Running::start(command.arg(&file));
    tracer.wait_attached(ready.fixture.pid);
    ready.fixture.line();
    let stacks = ready.fixture.until("stacks");
    let text = stacks["text"].as_str().unwrap();
    for (name, said) in &ready.said {
        let header = format!("goroutine {} [{}]:", said["goid"], bracket(said));
        let known = text.lines().any(|line| line == header);
        assert!(known, "{}: {name}: {header} is not in\n{text}", ready.what);
    }
    let short = ready.fixture.until("short");
    let (what, dir) = (ready.what, ready.dir);
    let (status, _) = ready.fixture.finish();
    assert!(status.success(), "{what}: {status}");
    let ended = tracer.wait(SOON);
    assert!(ended.status.success(), "{what}: {ended:?}");
    check_short(&what, &dir.join("short"), &short["p"]);
}

/// The P's number in each place, where the P before and after the call were the same.
fn check_short(what: &str, trace: &Path, ps: &Value) {
    let text = std::fs::read_to_string(trace).unwrap();
    let calls = parse(&text);
    let (mut compared, mut own) = (0, 0);
    for (i, around) in ps.as_array().unwrap().iter().enumerate() {
        let offset = i.to_string();
        let made = |c: &&Call| c.args.rsplit(", ").next() == Some(&*offset);
        let call = calls
            .iter()
            .find(made)
            .unwrap_or_else(|| panic!("{what}: no call {i}"));
        if around[0] != around[1] {
            continue;
        }
        let place = call.place.as_deref().unwrap();
        let (_, p) = place
            .split_once(", P ")
            .unwrap_or_else(|| panic!("{what}: {place}"));
        let (id, rest) = p.split_once(' ').unwrap_or((p, ""));
        assert_eq!(id, around[0].to_string(), "{what}: call {i}: {call:#?}");
        assert_eq!(call.state.as_deref(), Some("syscall"), "{what}: call {i}");
        own += usize::from(rest == "still its own");
        compared += 1;
    }
    println!("{what}: {compared} short calls compared, {own} with their own P");
    assert!(compared > 0 && own > 0, "{what}: {compared}, {own}\n{text}");
}

#[test]
fn goroutine_func_and_class_select_by_what_is_shown() {
    for go in builds() {
        let ready = Ready::start(go, "goline-select");
        let goid = |name: &str| ready.number(name, "goid").to_string();
        let two = format!("{},{}", goid("free"), goid("holder"));
        let mut cases = vec![
            (
                vec!["--goroutine".to_owned(), goid("locked")],
                vec!["locked"],
            ),
            (vec!["--goroutine".to_owned(), two], vec!["free", "holder"]),
            (
                vec!["--func".to_owned(), r"^main\.rawRead$".to_owned()],
                vec!["holder"],
            ),
            (
                vec!["--func".to_owned(), r"^syscall\.Read$".to_owned()],
                vec!["locked", "free"],
            ),
            (
                vec!["--class".to_owned(), "user-raw".to_owned()],
                vec!["holder"],
            ),
            // What is named is shown, parked or not.
            (
                vec!["--class".to_owned(), "locked-m".to_owned()],
                vec!["kept"],
            ),
            (
                vec![
                    "--class".to_owned(),
                    "user".to_owned(),
                    "--goroutine".to_owned(),
                    goid("free"),
                ],
                vec!["free"],
            ),
        ];
        if go.cgo {
            cases.push((vec!["--class".to_owned(), "cgo".to_owned()], vec!["inc"]));
            cases.push((
                vec!["--func".to_owned(), "_Cfunc_c_read".to_owned()],
                vec!["inc"],
            ));
        }
        for (options, names) in cases {
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let (calls, text) = ready.trace(&options, &names);
            let tids: Vec<i32> = names.iter().map(|name| ready.tid(name)).collect();
            let others: Vec<&Call> = calls.iter().filter(|c| !tids.contains(&c.tid)).collect();
            assert!(others.is_empty(), "{}: {options:?}: {text}", ready.what);
        }
    }
}
