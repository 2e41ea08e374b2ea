//! Names and frames of C, C++ and Rust code: from where they are, in what form they are.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::run::{Fixture, Running, gostrace};
use support::variant::{build_with_cc, with_binutils};
use support::{SOON, root, scratch, tool, wait_for};

/// The dump of a program once its main thread pauses.
fn dump(exe: &Path) -> String {
    let fixture = Fixture::start::<&str>(exe, &[]);
    let pid = fixture.pid.to_string();
    wait_for("it to pause", SOON, || {
        let mut command = gostrace(&["dump", "-p", &pid]);
        let output = Running::start(&mut command).wait(SOON);
        assert!(output.status.success(), "{output:#?}");
        output.stdout.contains("pause()").then_some(output.stdout)
    })
}

/// main calls the function, which nothing but its frame description can tell.
fn assert_called(dump: &str, function: &str) {
    let frames: Vec<&str> = dump
        .lines()
        .filter_map(|l| l.strip_suffix("(...)"))
        .collect();
    let at = frames.iter().position(|f| f.trim().starts_with(function));
    let at = at.unwrap_or_else(|| panic!("no {function}: {dump}"));
    assert!(frames[at + 1].trim().contains("main"), "{dump}");
    assert!(!dump.contains("guess"), "{dump}");
}

fn sleeper(flags: &[&str]) -> std::path::PathBuf {
    let flags: Vec<&Path> = flags.iter().map(Path::new).collect();
    build_with_cc("sleeper.cc", "c++", &flags)
}

#[test]
fn functions_of_cpp_are_named_as_in_their_source() {
    assert_called(&dump(&sleeper(&["-g"])), "store::Shelf<long>::wait@");
}

#[test]
fn functions_of_rust_are_named_as_in_their_source() {
    for scheme in ["v0", "legacy"] {
        let dir = scratch(&format!("debug-files-rust-{scheme}"));
        let exe = dir.join("sleeper");
        let mut rustc = Command::new(tool("rustc", "rustc"));
        rustc.arg(format!("-Csymbol-mangling-version={scheme}"));
        rustc.args(
            ["-Zunstable-options"]
                .iter()
                .take(usize::from(scheme == "legacy")),
        );
        rustc
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Copt-level=1", "-o"]);
        rustc.arg(&exe).arg(root().join("testdata/c/sleeper.rs"));
        assert!(rustc.status().unwrap().success());
        assert_called(&dump(&exe), "sleeper::store::wait@");
    }
}

#[test]
fn frames_are_described_by_debug_frame_where_eh_frame_is_missing() {
    let exe = sleeper(&[
        "-g",
        "-fno-asynchronous-unwind-tables",
        "-fno-exceptions",
        "-fomit-frame-pointer",
    ]);
    assert_called(&dump(&exe), "store::Shelf<long>::wait@");
}

/// Split as distributions do it, found by the debug link, in any compression.
#[test]
fn what_was_split_off_is_found_by_the_debug_link_and_only_if_it_is_of_that_build() {
    let flags = [
        "-g",
        "-fno-asynchronous-unwind-tables",
        "-fno-exceptions",
        "-fomit-frame-pointer",
    ];
    for (how, id) in [
        ("none", "-Wl,--build-id=sha1"),
        ("zlib", "-Wl,--build-id=none"),
        ("zstd", "-Wl,--build-id=none"),
    ] {
        let whole = sleeper(&[&flags[..], &[id]].concat());
        let dir = scratch(&format!("debug-files-{how}"));
        let (exe, debug) = (
            dir.join("sleeper"),
            dir.join(".debug").join("sleeper.debug"),
        );
        fs::create_dir(dir.join(".debug")).unwrap();
        let compress = format!("--compress-debug-sections={how}");
        let kept = with_binutils(
            &whole,
            &format!("debug-{how}"),
            "objcopy",
            &["--only-keep-debug", &compress],
        );
        support::install(&kept, &debug, "644");
        support::install(&whole, &exe, "755");
        let objcopy = |args: &[&str]| {
            let mut command = Command::new(tool("objcopy", "binutils"));
            assert!(command.args(args).arg(&exe).status().unwrap().success());
        };
        objcopy(&["--strip-all"]);
        assert!(!dump(&exe).contains("Shelf"));
        objcopy(&[&format!("--add-gnu-debuglink={}", debug.display())]);
        assert_called(&dump(&exe), "store::Shelf<long>::wait@");
        // That of another build tells nothing.
        let other = sleeper(&[&flags[..], &[id, "-O2"]].concat());
        support::install(&other, &debug, "644");
        assert!(!dump(&exe).contains("Shelf"), "{how}");
    }
}
