//! The command line from outside: exit status and what is said where.

#![allow(clippy::expect_used)]

use std::process::{Command, Output};

fn gostrace(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gostrace"))
        .args(args)
        .env_remove("NO_COLOR")
        .output()
        .expect("the binary runs")
}

/// Asserts exit status 2, nothing on standard output and one line on standard error.
fn refused(args: &[&str]) -> String {
    let output = gostrace(args);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    assert!(
        said.starts_with("gostrace: ") && said.ends_with('\n'),
        "{args:?}: {said}"
    );
    said
}

#[test]
fn duration_without_a_unit_is_refused_with_one_that_has_it() {
    assert!(refused(&["-p", "1", "--slow", "10"]).contains("`10ms`"));
    assert!(refused(&["-p", "1", "--slow", "10ms", "-d", "5"]).contains("no unit"));
}

#[test]
fn unknown_call_is_refused_with_the_nearest_one() {
    assert!(refused(&["-p", "1", "-e", "epol_wait"]).contains("`epoll_wait`"));
    assert!(refused(&["-p", "1", "-e", "trace=futx"]).contains("`futex`"));
}

#[test]
fn missing_target_is_refused_with_an_example() {
    let example = "gostrace -p PID -e futex,epoll_wait --slow 10ms";
    assert!(refused(&[]).contains(example));
    assert!(refused(&["-e", "futex"]).contains(example));
}

#[test]
fn text_that_is_no_pid_is_refused() {
    assert!(refused(&["-p", "server"]).contains("not a PID"));
    assert!(refused(&["-p", "0"]).contains("greater than 0"));
    assert!(refused(&["-p", ""]).contains("no PID"));
}

#[test]
fn pid_and_command_together_are_refused() {
    assert!(refused(&["-p", "1", "true"]).contains("exclude each other"));
    assert!(refused(&["-p", "1", "--", "true"]).contains("exclude each other"));
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    assert!(refused(&["-p", "1", "-k", "--no-stack"]).contains("exclude each other"));
}

#[test]
fn class_help_prints_every_wait_class_on_standard_output() {
    let output = gostrace(&["--class", "help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for class in gostrace::golang::class::classes() {
        let row = text.lines().find(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(class.id)
        });
        let row = row.expect(class.id);
        assert_eq!(row.contains("  hidden  "), class.parked, "{row}");
    }
    let unknown = refused(&["-p", "1", "--class", "helpp"]);
    assert!(unknown.contains("--class help"), "{unknown}");
}

#[test]
fn reserved_verbs_are_refused_with_the_way_out() {
    assert!(refused(&["top", "-p", "1"]).contains("gostrace -- top"));
}

#[test]
fn options_that_are_yet_to_come_are_refused() {
    assert!(refused(&["-e", "inject=read:error=EIO", "true"]).contains("not in this version"));
}

#[test]
fn line_breaks_in_what_was_typed_do_not_break_the_message() {
    refused(&["-p", "a\nb\nc"]);
    refused(&["--a\nb", "true"]);
    refused(&["-p", "1", "-e", "a\nb"]);
}

#[test]
fn help_goes_to_standard_output_and_succeeds() {
    for args in [["--help"], ["-h"], ["--version"], ["--man"]] {
        let output = gostrace(&args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(
            output.stderr.is_empty() && !output.stdout.is_empty(),
            "{args:?}"
        );
    }
}

/// `GOSTRACE_BLESS=1 cargo test --test cli` writes the page anew.
#[test]
fn man_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/man/gostrace.1");
    let current = gostrace::cli::man_page();
    if std::env::var_os("GOSTRACE_BLESS").is_some() {
        std::fs::write(path, &current).expect("man/gostrace.1 can be written");
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        checked_in == current,
        "man/gostrace.1 is out of date; run GOSTRACE_BLESS=1 cargo test --test cli"
    );
}
