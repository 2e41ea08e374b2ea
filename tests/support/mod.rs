//! What the live tests share: Go toolchains, fixtures, gostrace and strace as child processes, /proc.
//!
//! Nothing here is skipped silently: a missing tool panics and says how to get it. Nothing waits
//! without a bound, and nothing outlives its test: guards kill on drop, and fixtures end at end of
//! file on their standard input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

pub mod dump;
pub mod idle;
pub mod proc;
pub mod run;
pub mod trace;
pub mod traceback;
pub mod variant;

use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The oldest and the newest Go release that is supported; `.ci/test` has both ready.
pub const OLDEST_GO: &str = "1.21.13";
/// The newest.
pub const NEWEST_GO: &str = "1.27.3";

/// How long anything that should happen at once may take on a loaded machine.
pub const SOON: Duration = Duration::from_secs(20);

/// Every release that is to be had, for the whole matrix.
const ALL_GO: [&str; 8] = [
    OLDEST_GO, "1.22.10", "1.23.9", "1.24.3", "1.24.11", "1.25.5", "1.26.6", NEWEST_GO,
];

/// Whether the whole matrix is asked for (`GOSTRACE_GO_MATRIX=full`): every release, every build.
pub fn full_matrix() -> bool {
    std::env::var("GOSTRACE_GO_MATRIX").is_ok_and(|value| value == "full")
}

/// Whether the machine is emulated (`GOSTRACE_EMULATED`, set by `.ci/arm64`): everything takes tens
/// of times as long, and there are no compilers.
pub fn emulated() -> bool {
    std::env::var_os("GOSTRACE_EMULATED").is_some()
}

/// How often to do something: so many times, or fewer on an emulated machine.
pub fn times<T>(usual: T, emulated_times: T) -> T {
    if emulated() { emulated_times } else { usual }
}

/// The Go releases to test with, oldest first: the oldest and the newest; of the whole matrix all,
/// that of the `go` on PATH (Debian's is 1.19) among them, or those in `GOSTRACE_GO_VERSIONS`.
pub fn releases() -> Vec<&'static str> {
    if !full_matrix() {
        return vec![OLDEST_GO, NEWEST_GO];
    }
    if let Ok(some) = std::env::var("GOSTRACE_GO_VERSIONS") {
        return some.leak().split_whitespace().collect();
    }
    let mut go = Command::new(tool("go", "golang-go"));
    let output = go.args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local");
    let output = String::from_utf8(output.output().unwrap().stdout).unwrap();
    let on_path: &str = output.trim().trim_start_matches("go").to_owned().leak();
    let mut all = vec![on_path];
    all.extend(ALL_GO.iter().filter(|version| **version != on_path));
    all
}

/// The go commands of these releases.
pub fn toolchains() -> Vec<PathBuf> {
    releases().into_iter().map(go_command).collect()
}

/// The go command of a release.
pub fn go_command(version: &str) -> PathBuf {
    let output = Command::new(root().join(".ci/go")).arg(version).output();
    let output = output.unwrap();
    assert!(output.status.success(), "no Go {version}: {output:?}");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// The release of a go command.
pub fn release_of(go: &Path) -> gostrace::golang::layout::Release {
    let mut command = Command::new(go);
    command
        .args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", "local");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let version = gostrace::golang::GoVersion::parse(text.trim()).unwrap();
    version.into()
}

/// How a Go fixture is built.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Go {
    pub version: &'static str,
    pub strip: bool,
    pub pie: bool,
    pub cgo: bool,
    /// C linked statically, too: `-extldflags -static`. With cgo only.
    pub static_c: bool,
}

impl Go {
    /// The plain build with this toolchain: static, not stripped.
    pub fn of(version: &'static str) -> Go {
        Go {
            version,
            strip: false,
            pie: false,
            cgo: false,
            static_c: false,
        }
    }

    /// Every way of building that makes a difference to who reads the process.
    pub fn all_builds(version: &'static str) -> Vec<Go> {
        let build = |bits: u8, static_c| Go {
            version,
            strip: bits & 1 != 0,
            pie: bits & 2 != 0,
            cgo: static_c || bits & 4 != 0,
            static_c,
        };
        let usual = (0..8).map(|bits| build(bits, false));
        usual.chain([0, 3].map(|bits| build(bits, true))).collect()
    }

    /// What tells it from others of its release.
    pub fn name(self) -> String {
        let flags = [
            (self.strip, "stripped"),
            (self.pie, "pie"),
            (self.cgo, "cgo"),
            (self.static_c, "static"),
        ];
        let set = flags.iter().filter(|(set, _)| *set).map(|(_, name)| name);
        set.fold(self.version.to_owned(), |all, name| format!("{all}-{name}"))
    }

    /// Builds testdata/go/NAME unless that has been done, and returns the executable.
    pub fn build(self, name: &str) -> PathBuf {
        let sources = root().join("testdata/go");
        let key = hash((
            self,
            contents(&sources.join(name)),
            fs::read(sources.join("go.mod")).unwrap(),
        ));
        cached(&format!("{name}-{}-{key:016x}", self.version), |out| {
            let mut go = Command::new(root().join(".ci/go"));
            go.args([self.version, "build", "-o"]).arg(out);
            if self.pie {
                go.arg("-buildmode=pie");
            }
            let mut linker = Vec::new();
            if self.strip {
                linker.push("-s -w");
            }
            match (self.static_c, self.pie) {
                (true, false) => linker.push("-linkmode=external -extldflags=-static"),
                (true, true) => linker.push("-linkmode=external -extldflags=-static-pie"),
                (false, _) => (),
            }
            go.arg(format!("-ldflags={}", linker.join(" ")));
            go.env("CGO_ENABLED", if self.cgo { "1" } else { "0" });
            go.arg(format!("./{name}")).current_dir(&sources);
            must_succeed(&mut go);
        })
    }
}

/// Builds testdata/c/NAME.c unless that has been done, and returns the executable.
pub fn build_c(name: &str) -> PathBuf {
    let source = root().join(format!("testdata/c/{name}.c"));
    let cc = tool("cc", "gcc");
    // The programs of a folder share its header.
    let header = fs::read(source.with_file_name("edge.h")).ok();
    let key = hash((fs::read(&source).unwrap(), header));
    cached(&format!("c-{}-{key:016x}", name.replace('/', "-")), |out| {
        must_succeed(
            Command::new(&cc)
                .args(["-O1", "-g", "-pthread", "-o"])
                .arg(out)
                .arg(&source),
        );
    })
}

/// The path of a program that a test needs; a missing one fails the test and says what to install.
pub fn tool(name: &str, debian_package: &str) -> PathBuf {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!(
                "this test needs `{name}`: apt-get install {debian_package} \
                 (or run .ci/test, which installs what it needs)"
            )
        })
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a program by way of another process: what this one has open for writing while another
/// test forks could not be executed (ETXTBSY).
pub fn install(from: &Path, to: &Path, mode: &str) {
    let mut install = Command::new("install");
    must_succeed(install.args(["-m", mode]).args([from, to]));
}

/// A new empty directory under the target directory, for what a test writes; left for a look at it
/// until the next run.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// Asks every millisecond whether `f` has an answer; panics with `what` when it takes too long.
pub fn wait_for<T>(what: &str, limit: Duration, mut f: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = f() {
            return answer;
        }
        assert!(
            Instant::now() < end,
            "gave up after {limit:?} waiting for {what}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn must_succeed(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// NAME in target/.../tmp/fixtures, or in `GOSTRACE_FIXTURES`, made by `make` (given a path to write
/// to) if it is not there. Safe between test processes: one makes it, the others wait; it appears
/// whole or not at all.
fn cached(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let dir = std::env::var_os("GOSTRACE_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures"),
        PathBuf::from,
    );
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    let lock = File::create(dir.join(format!(".{name}.lock"))).unwrap();
    let _lock = Flock::lock(lock, FlockArg::LockExclusive).unwrap();
    if !path.exists() {
        let unfinished = dir.join(format!(".{name}.new"));
        make(&unfinished);
        fs::rename(&unfinished, &path).unwrap();
    }
    path
}

/// What is built from these settings and the files of this directory.
fn build_key(settings: impl Hash, sources: &Path) -> u64 {
    hash((settings, contents(sources)))
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Names and contents of the files in a directory, in order.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
