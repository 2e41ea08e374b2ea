//! The same run under strace and under gostrace, and what of their output is comparable.

use crate::support::run::{Output, Running, little_environment};
use crate::support::{SOON, tool};
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracer {
    Strace,
    Gostrace,
}

const BOTH: [Tracer; 2] = [Tracer::Strace, Tracer::Gostrace];

impl Tracer {
    /// Its command, without ASLR for whom it starts and with an environment of little.
    pub fn command(self, dir: &Path) -> Command {
        let mut command = Command::new(tool("setarch", "util-linux"));
        command.arg("-R");
        match self {
            Tracer::Strace => command.arg(tool("strace", "strace")),
            Tracer::Gostrace => command
                .arg(env!("CARGO_BIN_EXE_gostrace"))
                .args(["--format", "strace"]),
        };
        little_environment(&mut command).current_dir(dir);
        command
    }

    /// Its name for files of its own.
    pub fn name(self) -> &'static str {
        match self {
            Tracer::Strace => "strace",
            Tracer::Gostrace => "gostrace",
        }
    }
}

/// What comes of it under each; once more where process ids got another number of digits meanwhile, which
/// columns depend on, or began anew.
pub fn both<T>(run: impl Fn(Tracer) -> T) -> [T; 2] {
    loop {
        let before = last_pid();
        let results = BOTH.map(&run);
        let after = last_pid();
        if before <= after && before.to_string().len() == after.to_string().len() {
            return results;
        }
    }
}

/// The last process id that was given away (proc_loadavg(5)).
fn last_pid() -> u32 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap();
    text.split_whitespace().last().unwrap().parse().unwrap()
}

/// What a run under a tracer came to.
pub struct Run {
    pub ended: Output,
    /// The trace: the file of -o where there is one, standard error otherwise.
    pub trace: String,
}

/// Runs `program` with the words of `options`, into a file or to standard error.
pub fn run(tracer: Tracer, dir: &Path, options: &str, program: &[&str], to_file: bool) -> Run {
    let file = dir.join(tracer.name());
    // What an earlier run has left must not be taken for this one's.
    let _ = std::fs::remove_file(&file);
    let mut command = tracer.command(dir);
    if to_file {
        command.arg("-o").arg(&file);
    }
    command.args(options.split_whitespace()).args(program);
    let ended = Running::start(&mut command).wait(SOON);
    let trace = match to_file {
        true => String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned(),
        false => ended.stderr.clone(),
    };
    Run { ended, trace }
}

/// Text with process ids numbered in the order in which they appear.
pub fn without_pids(text: &str) -> String {
    static PID: LazyLock<Regex> = LazyLock::new(|| {
        let places = [
            r"(?m)^(\d+)[ <]",
            r"\[pid +(\d+)",
            r"si_pid=(\d+)",
            r"Process (\d+) ",
            r"pid changed to (\d+)",
            r"execve in pid (\d+)",
            r"from pid (\d+) ",
        ];
        Regex::new(&places.join("|")).unwrap()
    });
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\d+\b").unwrap());
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for found in PID.captures_iter(text) {
        let pid = found.iter().skip(1).flatten().next().unwrap().as_str();
        if pid.len() > 2 {
            let next = format!("<{}>", known.len() + 1);
            known.entry(pid.to_owned()).or_insert(next);
        }
    }
    let named = NUMBER.replace_all(text, |found: &regex::Captures<'_>| {
        known.get(&found[0]).cloned().unwrap_or(found[0].to_owned())
    });
    // Padding depends on how many digits a pid has.
    let padding = Regex::new(r"(?m)(\[pid|^) +(<\d+>)").unwrap();
    let named = padding.replace_all(&named, "$1 $2");
    let padding = Regex::new(r"(?m)^(<\d+>) +").unwrap();
    padding.replace_all(&named, "$1 ").into_owned()
}

/// Not compared are process ids and inodes; where the environment lies that execve is given at
/// first, in the tracer's own memory; and that strace calls itself as it was called.
pub fn comparable(trace: &str) -> String {
    static ENVIRONMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"0x[0-9a-f]+ (/\* \d+ vars? \*/)").unwrap());
    static INODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(socket|pipe|UNIX-STREAM):\[\d+").unwrap());
    // `socket:[` and digits, as -xx writes them.
    static HEX_INODE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\\x73\\x6f\\x63\\x6b\\x65\\x74\\x3a)\\x5b(\\x3\d)+\\x5d").unwrap()
    });
    let trace = ENVIRONMENT.replace_all(trace, "ENV $1");
    let trace = INODE.replace_all(&trace, "$1:[N");
    let trace = HEX_INODE.replace_all(&trace, "$1[N]");
    let name = format!("{}: ", tool("strace", "strace").display());
    without_pids(&trace.replace(&name, "strace: "))
}

/// Asserts that both write the same with these options.
pub fn same(dir: &Path, options: &str, program: &[&str], to_file: bool) -> String {
    let [theirs, ours] =
        both(|tracer| comparable(&run(tracer, dir, options, program, to_file).trace));
    assert_equal(&format!("{options} {program:?}"), &ours, &theirs);
    ours
}

/// Line by line, so that a difference is easy to see.
pub fn assert_equal(what: &str, ours: &str, theirs: &str) {
    for (n, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(ours, theirs, "{what}: line {}", n + 1);
    }
    assert_eq!(ours, theirs, "{what}");
    assert!(!ours.is_empty(), "{what}: nothing to compare");
}

/// The contents of the files of -ff, each below its pid, in the order of the pids. Takes them away.
pub fn each(dir: &Path, prefix: &str) -> Vec<String> {
    let mut files: Vec<(u32, PathBuf)> = std::fs::read_dir(dir)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.to_owned();
            let pid = name.strip_prefix(prefix)?.strip_prefix('.')?.parse().ok()?;
            Some((pid, path))
        })
        .collect();
    files.sort();
    let read = |(pid, path): &(u32, PathBuf)| {
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::remove_file(path).unwrap();
        format!("-- Process {pid} --\n{text}")
    };
    files.iter().map(read).collect()
}
