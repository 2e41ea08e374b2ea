//! A Go program of more than 100 MB, all of it code and what Go's linker adds to code.

use crate::support::{NEWEST_GO, root};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PACKAGES: usize = 50;
const FUNCTIONS: usize = 1000;

/// A function that calls into a few packages, with a closure, two switches and inlined calls.
const FUNCTION: &str = r#"
func fN(t *T, a string) (string, error) {
	for i, w := range strings.Fields(a) {
		switch {
		case t.m[w] > N:
			t.s = append(t.s, fmt.Sprintf("%d:%s:%d", i, w, t.n))
		case strings.HasPrefix(w, "kN"):
			t.m[strings.ToUpper(w)] = N
		default:
			return "", fmt.Errorf("fN: %q", w)
		}
	}
	sort.Slice(t.s, func(i, j int) bool { return t.s[i] < t.s[j] })
	return strings.Join(t.s, ","), nil
}

func init() { All = append(All, fN) }
"#;

const HEAD: &str = r#"
import ("fmt"; "sort"; "strings")

type T struct { n int; m map[string]int; s []string }

var All []func(*T, string) (string, error)
"#;

/// The executable, built unless that has been done (which takes a minute or two).
pub fn build() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("big-{PACKAGES}-{FUNCTIONS}"));
    let program = dir.join("big");
    if program.exists() {
        return program;
    }
    println!("building a large Go program, once");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("go.mod"), "module big\n\ngo 1.19\n").unwrap();
    let (mut imports, mut uses) = (String::new(), String::new());
    for package in 0..PACKAGES {
        let mut source = format!("package p{package}\n{HEAD}");
        for function in 0..FUNCTIONS {
            source += &FUNCTION.replace('N', &function.to_string());
        }
        let below = dir.join(format!("p{package}"));
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join("p.go"), source).unwrap();
        writeln!(imports, "\t\"big/p{package}\"").unwrap();
        writeln!(uses, "\tn += len(p{package}.All)").unwrap();
    }
    let main = format!(
        r#"package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
{imports})

func main() {{
	n := 0
{uses}	go func() {{
		for {{
			syscall.Getppid()
			time.Sleep(100 * time.Microsecond)
		}}
	}}()
	fmt.Printf("{{\"event\":\"ready\",\"functions\":%d}}\n", n)
	os.Stdin.Read(make([]byte, 1))
}}
"#
    );
    fs::write(dir.join("main.go"), main).unwrap();
    let status = Command::new(root().join(".ci/go"))
        .args([NEWEST_GO, "build", "-o", "new", "."])
        .current_dir(&dir)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "the large program could not be built");
    fs::rename(dir.join("new"), &program).unwrap();
    program
}
