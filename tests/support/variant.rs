//! Go fixtures built in unusual ways, and what is done to binaries behind the linker's back.

use super::{build_key, cached, must_succeed, root, tool};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A way to build a fixture of testdata/go.
#[derive(Clone, Copy, Hash, Debug)]
pub struct Variant<'a> {
    /// The go command.
    pub go: &'a Path,
    /// The fixture.
    pub name: &'a str,
    /// More arguments of `go build`.
    pub flags: &'a [&'a str],
    /// GOEXPERIMENT.
    pub experiment: &'a str,
    /// With cgo.
    pub cgo: bool,
}

impl Variant<'_> {
    /// Builds it unless that has been done.
    pub fn build(self) -> PathBuf {
        let sources = root().join("testdata/go");
        let key = build_key(self, &sources.join(self.name));
        cached(&format!("{}-variant-{key:016x}", self.name), |out| {
            let mut go = self.command();
            go.arg("build").args(self.flags).arg("-o").arg(out);
            go.arg(format!("./{}", self.name)).current_dir(&sources);
            must_succeed(&mut go);
        })
    }

    /// Whether the toolchain knows the experiment.
    pub fn is_known(self) -> bool {
        let mut go = self.command();
        let output = go.args(["env", "GOEXPERIMENT"]).output().unwrap();
        output.status.success()
    }

    fn command(self) -> Command {
        let mut go = Command::new(self.go);
        go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod");
        go.env("GOEXPERIMENT", self.experiment);
        go.env("CGO_ENABLED", if self.cgo { "1" } else { "0" });
        go
    }
}

/// Builds testdata/c/SOURCE with these arguments of cc unless that has been done.
pub fn build_with_cc(source: &str, cc: &str, args: &[&Path]) -> PathBuf {
    let path = root().join("testdata/c").join(source);
    let key = build_key((cc, args), &root().join("testdata/c"));
    let name = source.replace('.', "-");
    cached(&format!("{name}-{key:016x}"), |out| {
        let package = if cc == "c++" { "g++" } else { "gcc" };
        let mut command = Command::new(tool(cc, package));
        command.args(["-O1", "-pthread", "-o"]).arg(out).arg(&path);
        must_succeed(command.args(args));
    })
}

/// A copy of a fixture that `alter` has changed; `what` is the change.
pub fn altered(from: &Path, what: &str, alter: impl FnOnce(&Path)) -> PathBuf {
    let name = from.file_name().unwrap().to_str().unwrap();
    cached(&format!("{name}-{what}"), |out| {
        super::install(from, out, "755");
        alter(out);
    })
}

/// A copy whose bytes are others.
pub fn patched(from: &Path, what: &str, patch: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(from).unwrap();
    patch(&mut bytes);
    altered(from, what, |out| {
        // What this process has open for writing could not be executed: see `install`.
        let plain = out.with_extension("bytes");
        fs::write(&plain, bytes).unwrap();
        super::install(&plain, out, "755");
        fs::remove_file(&plain).unwrap();
    })
}

/// A copy that objcopy or strip has worked on.
pub fn with_binutils(from: &Path, what: &str, program: &str, args: &[&str]) -> PathBuf {
    altered(from, what, |out| {
        let mut command = Command::new(tool(program, "binutils"));
        must_succeed(command.args(args).arg(out));
    })
}

/// Replaces every occurrence; returns how many there were.
pub fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = occurrences(bytes, from);
    for at in &places {
        bytes[*at..*at + to.len()].copy_from_slice(to);
    }
    places.len()
}

fn occurrences(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|b| *b == what[0]) {
        at += next;
        if bytes[at..].starts_with(what) {
            places.push(at);
        }
        at += 1;
    }
    places
}

/// Takes away the section headers (elf(5)).
pub fn without_sections(bytes: &mut [u8]) {
    bytes[0x28..0x30].fill(0); // e_shoff
    bytes[0x3a..0x40].fill(0); // e_shentsize, e_shnum, e_shstrndx
}
