//! What dumps show of goroutines against what the runtime says of them: the traceback that it
//! prints when it is killed (SIGQUIT, as with GOTRACEBACK=system), and runtime.Stack.
//!
//! The oldest and the newest Go in a few builds; every release in every build, and at least 10,000 stacks of either
//! kind, with
//! `GOSTRACE_GO_MATRIX=full cargo test --test tracebacks -- --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use gostrace::golang::GoVersion;
use nix::sys::signal::Signal;
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::process::Command;
use support::dump::{LIMIT, dump};
use support::run::Fixture;
use support::traceback::{Block, Placed, parse};
use support::{Go, NEWEST_GO, OLDEST_GO, full_matrix, proc, releases, scratch, times, wait_for};

type Goroutines = BTreeMap<u64, Block>;

/// What was compared, and what was wrong.
#[derive(Default)]
struct Tally {
    printed: usize,
    returned: usize,
    different: HashSet<Vec<Placed>>,
    mismatches: Vec<String>,
}

/// The goroutines of a fixture as we see them and as runtime.Stack does; as we see them then and as
/// SIGQUIT does.
fn accounts(go: Go, name: &str, args: &[&str]) -> [Goroutines; 4] {
    let dir = scratch(&format!("tracebacks-{name}-{}", go.name()));
    let (stderr, stack) = (dir.join("stderr"), dir.join("stack"));
    let mut command = Command::new(go.build(name));
    command.args(args).arg("-stack").arg(&stack);
    command.env_remove("GOTRACEBACK");
    let mut fixture = Fixture::start_command(command.stderr(File::create(&stderr).unwrap()));
    let before = parse(&dump(fixture.pid, &["--all"]));
    fixture.line();
    fixture.until("stack");
    let after = parse(&dump(fixture.pid, &["--all"]));
    fixture.signal(Signal::SIGQUIT as i32);
    wait_for("the end of the fixture", LIMIT, || {
        matches!(proc::state(fixture.pid), None | Some('Z')).then_some(())
    });
    let read = |file| parse(&fs::read_to_string(file).unwrap());
    [before, read(stack), after, read(stderr)]
}

impl Tally {
    /// Every goroutine that the runtime shows has the same state, stack and creator in the dump,
    /// which has no others.
    fn compare(&mut self, go: Go, name: &str, args: &[&str]) {
        let version = GoVersion::parse(&format!("go{}", go.version)).unwrap();
        let [before, returned, after, printed] = accounts(go, name, args);
        let mut wrong = Vec::new();
        for (ours, theirs, whole) in [(&before, &returned, false), (&after, &printed, true)] {
            for (id, our) in ours {
                self.different.insert(our.frames.clone());
                if !theirs.contains_key(id) && (whole || !our.is_system()) {
                    wrong.push(format!("goroutine {id} is nobody else's: {our:#?}"));
                }
            }
            // `goroutine 0` is a system stack.
            for (id, their) in theirs.iter().filter(|(id, _)| **id != 0) {
                let Some(our) = ours.get(id) else {
                    wrong.push(format!("goroutine {id} is missing: {their:#?}"));
                    continue;
                };
                // What the signal woke or stopped is elsewhere by then.
                if !their.is_parked() || their.frames.is_empty() {
                    continue;
                }
                if whole {
                    self.printed += 1;
                    wrong.extend(our.difference(*id, their));
                } else {
                    let release = version.into();
                    self.returned += 1;
                    wrong.extend(our.difference_as_shown_to_users(*id, their, release));
                }
            }
        }
        let what = |wrong: String| format!("{} {name} {args:?}: {wrong}", go.name());
        self.mismatches.extend(wrong.into_iter().map(what));
    }
}

fn a_few_builds() -> Vec<Go> {
    let mut builds: Vec<Go> = releases().into_iter().map(Go::of).collect();
    builds.push(Go {
        strip: true,
        pie: true,
        ..Go::of(OLDEST_GO)
    });
    builds.push(Go {
        cgo: true,
        static_c: true,
        ..Go::of(NEWEST_GO)
    });
    builds
}

#[test]
fn goroutines_are_what_the_runtime_says() {
    let builds: Vec<Go> = match full_matrix() {
        true => releases().into_iter().flat_map(Go::all_builds).collect(),
        false => a_few_builds(),
    };
    let many = match full_matrix() {
        true => "500",
        false => times("1000", "100"),
    };
    let mut tally = Tally::default();
    for go in &builds {
        tally.compare(*go, "manygoroutines", &["-n", many, "-mix"]);
        tally.compare(*go, "manygoroutines", &["-n", "90"]);
        tally.compare(*go, "parked", &[]);
    }
    println!(
        "{} stacks of SIGQUIT and {} of runtime.Stack compared in {} builds, {} of them different \
         from all others: {} mismatches",
        tally.printed,
        tally.returned,
        builds.len(),
        tally.different.len(),
        tally.mismatches.len(),
    );
    let shown: Vec<String> = tally.mismatches.iter().take(5).cloned().collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    let some = tally.printed.min(tally.returned);
    assert!(some >= builds.len() * times(580, 130));
    let whole = full_matrix() && std::env::var_os("GOSTRACE_GO_VERSIONS").is_none();
    assert!(some >= 10_000 || !whole);
}
