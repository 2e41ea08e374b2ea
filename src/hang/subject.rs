//! The tests in a dump: whose goroutine runs which test, and where in the program it is.

use super::scene::Process;
use crate::dump::model::{Dump, Goroutine, NamedStack, StackState};
use crate::event::{Frame, FrameKind};
use crate::ids::Goid;

/// The function that runs a test on its goroutine (testing/testing.go), a benchmark
/// (benchmark.go), a fuzz target (fuzz.go).
const RUNNERS: [&str; 3] = ["testing.tRunner", "testing.(*B).runN", "testing.fRunner"];
/// First elements of import paths that are the standard library's (go list std).
const STANDARD: &[&str] = &[
    "archive",
    "arena",
    "bufio",
    "builtin",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "vendor",
    "weak",
    "type:",
    "go:",
];

/// How the names of what `go test` runs begin.
const PREFIXES: [&str; 4] = ["Test", "Benchmark", "Fuzz", "Example"];
/// Subtests within subtests that are followed.
const MAX_DEPTH: usize = 16;

/// A goroutine that the program's own work hangs on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Subject<'a> {
    /// It.
    pub goroutine: &'a Goroutine,
    /// Its stack.
    pub stack: Option<&'a NamedStack>,
    /// What it runs.
    pub what: What,
    /// What it is doing, as far as tests are concerned.
    pub role: Role,
}

/// What a goroutine runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A test, benchmark or fuzz target.
    Test,
    /// The main function, or a package's TestMain, or examples.
    Main,
}

/// Whether a test is itself at work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// It runs, or waits for something of its own.
    Itself,
    /// It waits for its subtests, which are subjects of their own.
    ForSubtests,
    /// It waits for its turn (t.Parallel).
    ForItsTurn,
}

/// The frames of a goroutine, innermost first; none where they are not known.
#[must_use]
pub fn frames<'a>(dump: &'a Dump, g: &Goroutine) -> Vec<&'a Frame> {
    let stack = match g.stack {
        StackState::Known(id) => dump.stack(id),
        _ => None,
    };
    let frames = stack.map_or(&[][..], |stack| &stack.frames);
    frames.iter().map(|placed| &placed.frame).collect()
}

/// The tests of a dump that have a goroutine; where there is none, the main goroutine.
#[must_use]
pub fn subjects(dump: &Dump) -> Vec<Subject<'_>> {
    let tests: Vec<Subject<'_>> = dump
        .goroutines
        .iter()
        .filter_map(|g| test(dump, g))
        .collect();
    if tests.iter().any(|test| test.role == Role::Itself) {
        return tests;
    }
    let main = dump.goroutines.iter().find(|g| g.goid == Goid(1));
    let main = main.map(|g| Subject {
        goroutine: g,
        stack: stack_of(dump, g),
        what: What::Main,
        role: Role::Itself,
    });
    tests.into_iter().chain(main).collect()
}

fn stack_of<'a>(dump: &'a Dump, g: &Goroutine) -> Option<&'a NamedStack> {
    match g.stack {
        StackState::Known(id) => dump.stack(id),
        _ => None,
    }
}

fn test<'a>(dump: &'a Dump, g: &'a Goroutine) -> Option<Subject<'a>> {
    let frames = frames(dump, g);
    let creator = g.creator.and_then(|n| dump.creators.get(n as usize));
    let made = creator.map_or("", |c| &c.frame.frame.func);
    let runner = frames.iter().position(|f| is_runner(&f.func));
    // The main goroutine has a runner too, of the test that all others are subtests of.
    if g.goid == Goid(1) || runner.is_none() && !is_launcher(made) {
        return None;
    }
    // Whether it has come back to the testing package without any code of its own in between.
    let own = frames.iter().position(|f| is_own(f));
    let testing = frames.iter().position(|f| f.func.starts_with("testing."));
    let role = match testing.and_then(|at| frames.get(at)) {
        Some(f) if own.is_none_or(|own| testing < Some(own)) => match &*f.func {
            "testing.(*T).Parallel"
            | "testing.(*testState).waitParallel"
            | "testing.(*testContext).waitParallel" => Role::ForItsTurn,
            "testing.(*T).Run"
            | "testing.(*B).Run"
            | "testing.(*B).run1"
            | "testing.(*B).doBench" => Role::ForSubtests,
            f if f.starts_with("testing.(*F).Fuzz") => Role::ForSubtests,
            // tRunner's own deferred function waits for parallel subtests.
            f if f.starts_with("testing.tRunner.func") => Role::ForSubtests,
            _ => Role::Itself,
        },
        _ => Role::Itself,
    };
    Some(Subject {
        goroutine: g,
        stack: stack_of(dump, g),
        what: What::Test,
        role,
    })
}

fn is_runner(func: &str) -> bool {
    RUNNERS.contains(&func)
}

/// `testing.(*T).Run` starts the goroutine of each test and subtest, `testing.(*B).run1` and its
/// like those of benchmarks.
fn is_launcher(func: &str) -> bool {
    func == "testing.(*T).Run"
        || func.starts_with("testing.(*B).")
        || func.starts_with("testing.(*F).")
}

impl Subject<'_> {
    /// The name of the test, `TestUpload/big_file`, or as far as the stacks tell: of a subtest the
    /// test that it belongs to, and its function.
    #[must_use]
    pub fn name(&self, process: &Process, dump: &Dump) -> String {
        if self.what == What::Main {
            return self.main_name(dump);
        }
        if let Some(name) = process.tests.get(&self.goroutine.goid) {
            return name.clone();
        }
        let own = self.function(dump);
        match own.split_once('.') {
            // `TestUpload.func1`: the function literal that t.Run was given.
            Some((test, literal)) => format!("{test} (subtest {literal})"),
            None => own,
        }
    }

    /// The same without a subtest whose name is not known, and without what is no test.
    #[must_use]
    pub fn test(&self, process: &Process, dump: &Dump) -> Option<String> {
        if self.what == What::Main {
            return None;
        }
        if let Some(name) = process.tests.get(&self.goroutine.goid) {
            return Some(name.clone());
        }
        let own = self.function(dump);
        let test = own.split('.').next().unwrap_or_default();
        (!test.is_empty()).then(|| test.to_owned())
    }

    /// The function that the runner called, without its package: of a literal that a library
    /// made, or of none at all, the test's that it belongs to.
    fn function(&self, dump: &Dump) -> String {
        let mut first = None;
        let mut g = Some(self.goroutine);
        for _ in 0..MAX_DEPTH {
            let Some(this) = g else { break };
            if let Some(name) = called_by_runner(dump, this) {
                if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                    return name;
                }
                first = first.or(Some(name));
            }
            g = dump.goroutines.iter().find(|p| Some(p.goid) == this.parent);
        }
        first.unwrap_or_else(|| format!("goroutine {}", self.goroutine.goid))
    }

    fn main_name(&self, dump: &Dump) -> String {
        let frames = frames(dump, self.goroutine);
        match frames.iter().find(|f| is_own(f)) {
            Some(f) => short(&f.func).to_owned(),
            None => "the main goroutine".to_owned(),
        }
    }
}

fn called_by_runner(dump: &Dump, g: &Goroutine) -> Option<String> {
    let frames = frames(dump, g);
    let runner = frames.iter().position(|f| is_runner(&f.func))?;
    let called = frames.get(runner.checked_sub(1)?)?;
    is_own(called).then(|| short(&called.func).to_owned())
}

/// Whether a frame is of the program's own code, or of a library that is not Go's own.
#[must_use]
pub fn is_own(frame: &Frame) -> bool {
    matches!(frame.kind, FrameKind::Go | FrameKind::Inlined) && !is_standard(&frame.func)
}

/// Whether a function belongs to the standard library, or was made by compiler or linker.
#[must_use]
pub fn is_standard(func: &str) -> bool {
    // `net/http.(*Client).Do`, `runtime.gopark`, `main.main`, `example.com/app.TestX`.
    let first = func.split(['/', '.']).next().unwrap_or_default();
    let path_has_dot = func.find('/').is_some_and(|slash| {
        func.get(..slash)
            .is_some_and(|element| element.contains('.'))
    });
    let cgo = func.contains("._Cfunc_") || func.starts_with("_cgo") || func.contains("_cgoexp_");
    !path_has_dot && (STANDARD.contains(&first) || func.is_empty()) || cgo
}

/// A function without the path of its package, and without the package's name.
#[must_use]
pub fn short(func: &str) -> &str {
    let base = func.rsplit_once('/').map_or(func, |(_, base)| base);
    // The dots of a last path element are escaped by the linker (`gopkg.in/yaml%2ev3.Unmarshal`).
    base.split_once('.').map_or(base, |(_, name)| name)
}

/// A function with the last element of its package's path: `http.(*Client).Do`, `app.TestUpload`.
#[must_use]
pub fn named(func: &str) -> &str {
    func.rsplit_once('/').map_or(func, |(_, base)| base)
}

/// Where a goroutine is, as somebody who wrote the program wants to know it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Where<'a> {
    /// The innermost frame of the program's own.
    pub own: Option<&'a Frame>,
    /// The function of the standard library, not of the runtime, that it called.
    pub called: Option<&'a Frame>,
}

/// Where a stack is, innermost frame first.
#[must_use]
pub fn place<'a>(frames: &[&'a Frame]) -> Where<'a> {
    let own = frames.iter().position(|f| is_own(f));
    let inner = own.map_or(frames, |own| frames.get(..own).unwrap_or_default());
    let is_api = |f: &&&Frame| {
        f.kind != FrameKind::Native && !f.func.starts_with("runtime.") && !f.func.is_empty()
    };
    Where {
        own: own.and_then(|own| frames.get(own).copied()),
        called: inner.iter().rev().find(is_api).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_told_by_its_import_paths() {
        for func in [
            "runtime.gopark",
            "net/http.(*Client).Do",
            "internal/poll.(*FD).Read",
            "sync.(*Mutex).Lock",
            "testing.tRunner",
            "os/exec.(*Cmd).Wait",
            "main._Cfunc_pause",
            "vendor/golang.org/x/net/http2.x",
        ] {
            assert!(is_standard(func), "{func}");
        }
        for func in [
            "main.main",
            "example.com/app.TestUpload.func1",
            "app.(*Server).run",
            "golang.org/x/sync/errgroup.(*Group).Wait",
            "gostrace.test/fixtures/hangs.TestMutex",
        ] {
            assert!(!is_standard(func), "{func}");
        }
    }

    #[test]
    fn names_are_shortened_to_what_people_say() {
        assert_eq!(
            short("example.com/app.TestUpload.func1"),
            "TestUpload.func1"
        );
        assert_eq!(short("main.main"), "main");
        assert_eq!(named("net/http.(*Client).Do"), "http.(*Client).Do");
    }
}
