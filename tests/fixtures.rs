//! The fixtures themselves: each builds, does what it says, and its account agrees with /proc.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use std::process::Command;
use support::run::{Fixture, Running};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, proc};

#[test]
fn every_way_to_block_blocks_in_the_call_that_it_names() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let blocks = Go::of(version).build("blocks");
        let list = Running::start(Command::new(&blocks).arg("list")).wait(SOON);
        let mut seen = 0;
        for line in list.stdout.lines() {
            let way: serde_json::Value = serde_json::from_str(line).unwrap();
            let name = way["name"].as_str().unwrap();
            let mut fixture = Fixture::start(&blocks, &[name, "100"]);
            assert_eq!(fixture.ready["nr"], way["nr"], "{name}");
            if way["release"] != "work" {
                fixture.wait_until_blocked();
            }
            fixture.line();
            let (status, said) = fixture.finish();
            assert!(status.success(), "{name}: {status}");
            assert_eq!(said.len(), usize::from(way["release"] != "never"), "{name}");
            seen += 1;
        }
        assert!(seen > 40, "only {seen} ways");
    }
}

#[test]
fn c_threads_block_in_the_calls_that_they_name() {
    let mut fixture = Fixture::start::<&str>(&build_c("blocks"), &[]);
    for thread in &fixture.before {
        let tid = thread["tid"].as_i64().unwrap().try_into().unwrap();
        support::wait_for("a C thread to block", SOON, || {
            proc::syscall(tid).filter(|(nr, _)| Some(*nr) == thread["nr"].as_i64())
        });
    }
    fixture.line();
    let (status, said) = fixture.finish();
    assert!(status.success());
    assert_eq!(said.len(), 12);
}

/// What .ci/arm64 takes into a machine without compilers: built as GOARCH and CC say into
/// GOSTRACE_FIXTURES, printed, and found there under the same names.
#[test]
#[ignore = "builds for another machine"]
fn fixtures_for_another_machine() {
    let (oldest, newest) = (Go::of(OLDEST_GO), Go::of(NEWEST_GO));
    let stripped_pie = Go {
        strip: true,
        pie: true,
        ..oldest
    };
    let stripped = |go| Go { strip: true, ..go };
    let cgo = |go| Go { cgo: true, ..go };
    let static_c = Go {
        static_c: true,
        ..cgo(newest)
    };
    let wanted: [(&str, &[Go]); 11] = [
        ("blocks", &[newest]),
        ("callers", &[oldest, newest]),
        ("cgoblocks", &[cgo(newest)]),
        ("demo", &[newest]),
        ("execer", &[newest]),
        (
            "goline",
            &[stripped(oldest), cgo(oldest), stripped(newest), cgo(newest)],
        ),
        ("httpd", &[oldest, newest]),
        ("manygoroutines", &[oldest, newest, stripped_pie, static_c]),
        (
            "parked",
            &[oldest, newest, stripped_pie, static_c, cgo(newest)],
        ),
        ("spawn", &[newest]),
        ("waits", &[oldest, newest]),
    ];
    for (name, builds) in wanted {
        for go in builds {
            println!("fixture {}", go.build(name).display());
        }
    }
}
