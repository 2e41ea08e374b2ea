//! What keeps the crate's parts apart: only `sys` makes system calls and is unsafe, and what
//! decides is pure.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Where effects are at home. Everything else is pure.
const EFFECTS: [&str; 5] = ["sys/", "session/", "app/", "app.rs", "main.rs"];

/// What a pure module must not name. Constants and plain C structures of libc are data.
const FORBIDDEN: [&str; 9] = [
    "crate::sys",
    "gostrace::sys",
    "super::sys",
    "nix::",
    "std::fs",
    "std::process::Command",
    "std::net::TcpStream",
    "File::open",
    "libc::syscall",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Path below src/ and text without comments and without what follows the first test module.
fn all() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    assert!(paths.len() > 50);
    let mut files: Vec<_> = paths
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().display().to_string();
            let text = fs::read_to_string(path).unwrap();
            let code: Vec<&str> = text
                .lines()
                .take_while(|line| *line != "#[cfg(test)]")
                .map(|line| line.split("//").next().unwrap())
                .collect();
            (name, code.join("\n"))
        })
        .collect();
    files.sort();
    files
}

/// Files of tests alone, which may read fixtures.
fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
}

#[test]
fn pure_modules_make_no_system_calls() {
    let mut offences = Vec::new();
    for (name, code) in all() {
        if EFFECTS.iter().any(|e| name.starts_with(e)) || is_test(&name) {
            continue;
        }
        // The paths of a nested `use crate::{...}` are spelled apart.
        let nested = code.contains("use crate::{") && code.contains(" sys::");
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let named = FORBIDDEN.iter().filter(|f| {
            code.match_indices(**f).any(|(at, _)| {
                let whole = f.ends_with(':') || !code[at + f.len()..].starts_with(part);
                whole && !code[..at].ends_with(part)
            })
        });
        for what in named {
            offences.push(format!("src/{name} names {what}"));
        }
        if nested {
            offences.push(format!("src/{name} imports sys"));
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn unsafe_is_only_in_sys_and_each_says_why() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (name, code) in all() {
        let words = |line: &str| {
            line.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|w| w == "unsafe")
        };
        if !name.starts_with("sys/") {
            assert!(!code.lines().any(words), "src/{name} is unsafe");
            continue;
        }
        let text = fs::read_to_string(src.join(&name)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap();
            if words(code) {
                let above = lines[i.saturating_sub(4)..i].join("\n");
                assert!(above.contains("// SAFETY:"), "src/{name}:{}: {line}", i + 1);
            }
        }
    }
}

/// Effects know what decides, not the other way round.
#[test]
fn nothing_but_app_imports_the_session() {
    for (name, code) in all() {
        if EFFECTS.iter().any(|e| name.starts_with(e)) && !name.starts_with("sys/") {
            continue;
        }
        assert!(!code.contains("crate::session"), "src/{name}");
        assert!(!code.contains("crate::app"), "src/{name}");
    }
}
