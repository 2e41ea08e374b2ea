//! Go binaries out of the ordinary: each gets what can be proven of it, and a reason for the
//! rest. The runtime's own traceback decides. `GOSTRACE_GO_MATRIX=full` takes every release.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::run::{Fixture, Running, gostrace};
use support::trace::Call;
use support::traceback::{compare, parse};
use support::variant::{Variant, build_with_cc, patched, replace, with_binutils, without_sections};
use support::{SOON, full_matrix, proc, release_of, scratch, toolchains, trace, wait_for};

const SIGQUIT: i32 = 3;
/// Goroutines of `parked` that stay where they are, the runtime's own among them.
const PARKED: usize = 15;

/// A fixture that prints a full traceback to the file when it is killed.
fn start(words: &[&Path], first: &str, stderr: &Path) -> Fixture {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("GOTRACEBACK", "system");
    command.stderr(File::create(stderr).unwrap());
    Fixture::start_saying(&mut command, first)
}

fn dump(pid: i32) -> String {
    let pid = pid.to_string();
    let mut command = gostrace(&["dump", "-p", &pid, "--all"]);
    let output = Running::start(&mut command).wait(SOON);
    assert!(output.status.success(), "{output:#?}");
    output.stdout
}

fn their_traceback(fixture: &Fixture, stderr: &Path) -> String {
    fixture.signal(SIGQUIT);
    wait_for("the end of the fixture", SOON, || {
        matches!(proc::state(fixture.pid), None | Some('Z')).then_some(())
    });
    fs::read_to_string(stderr).unwrap()
}

/// The goroutines of a fixture are those of its runtime's traceback.
fn check(words: &[&Path], name: &str) {
    let stderr = scratch(&format!("unusual-{name}")).join("stderr");
    let fixture = start(words, "ready", &stderr);
    let ours = dump(fixture.pid);
    equal(&ours, &their_traceback(&fixture, &stderr), name);
}

fn equal(ours: &str, theirs: &str, name: &str) {
    let (compared, wrong) = compare(&parse(ours), &parse(theirs));
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    assert!(compared >= PARKED, "{name}: {compared}: {ours}");
}

fn variant<'a>(go: &'a Path, cgo: bool, flags: &'a [&'a str]) -> Variant<'a> {
    Variant {
        go,
        name: "parked",
        flags,
        experiment: "",
        cgo,
    }
}

/// Each toolchain with the text of its version: `go1.27.3`.
fn releases() -> Vec<(PathBuf, String)> {
    let all = toolchains().into_iter();
    all.map(|go| {
        let release = release_of(&go);
        let version = format!("go1.{}.{}", release.minor, release.patch);
        (go, version)
    })
    .collect()
}

#[test]
fn executables_built_and_linked_in_unusual_ways_are_read() {
    for (go, version) in releases() {
        let builds: [(&str, bool, &[&str]); 5] = [
            (
                "trimmed",
                false,
                &["-trimpath", "-buildvcs=false", "-ldflags=-s -w"],
            ),
            ("external", true, &["-ldflags=-linkmode=external"]),
            (
                "external-pie",
                true,
                &["-buildmode=pie", "-ldflags=-linkmode=external -s -w"],
            ),
            (
                "static-c",
                true,
                &[
                    "-ldflags=-linkmode=external -extldflags=-static",
                    "-tags=netgo,osusergo",
                ],
            ),
            (
                "no-build-id",
                false,
                &["-buildmode=pie", "-ldflags=-buildid= -s -w"],
            ),
        ];
        for (name, cgo, flags) in builds {
            let exe = variant(&go, cgo, flags).build();
            check(&[&exe], &format!("{name}-{version}"));
        }
    }
}

/// With these the compiler makes other code: of std, too, which takes its time.
#[test]
fn executables_compiled_in_unusual_ways_are_read() {
    let all = toolchains();
    let tested = if full_matrix() {
        &all[..]
    } else {
        &all[all.len() - 1..]
    };
    for go in tested {
        let release = release_of(go);
        let builds: [(&str, bool, &[&str]); 2] = [
            ("no-inlining", false, &["-gcflags=all=-N -l"]),
            ("race", true, &["-race"]),
        ];
        for (name, cgo, flags) in builds {
            let exe = variant(go, cgo, flags).build();
            check(
                &[&exe],
                &format!("{name}-1.{}.{}", release.minor, release.patch),
            );
        }
        let experiments = [
            "nogreenteagc",
            "noswissmap",
            "nospinbitmutex",
            "arenas",
            "fieldtrack",
        ];
        let variants = experiments.map(|experiment| Variant {
            experiment,
            ..variant(go, false, &[])
        });
        let known: Vec<_> = variants.iter().filter(|v| v.is_known()).collect();
        assert!(!known.is_empty(), "{go:?} knows none of {experiments:?}");
        for variant in known {
            check(&[&variant.build()], variant.experiment);
        }
    }
}

#[test]
fn binaries_changed_after_they_were_linked_are_read() {
    for (go, version) in releases() {
        let plain = variant(&go, false, &[]).build();
        let bare = variant(&go, false, &["-ldflags=-s -w"]).build();
        let c = variant(&go, true, &["-buildmode=pie"]).build();
        let stripped = with_binutils(&c, "stripped", "strip", &["--strip-all"]);
        let sections = [
            ".gopclntab",
            ".data.rel.ro.gopclntab",
            ".go.buildinfo",
            ".note.go.buildid",
            ".go.module",
        ];
        let renames = sections.map(|s| format!("--rename-section={s}={}", s.replace("go", "xy")));
        let renames: Vec<&str> = renames.iter().map(String::as_str).collect();
        let changed = [
            ("stripped", stripped.clone()),
            (
                "renamed",
                with_binutils(&plain, "renamed", "objcopy", &renames),
            ),
            (
                "no-sections",
                patched(&bare, "no-sections", |b| without_sections(b)),
            ),
            (
                "no-sections-c",
                patched(&stripped, "no-sections", |b| without_sections(b)),
            ),
        ];
        for (name, exe) in changed {
            check(&[&exe], &format!("{name}-{version}"));
        }
    }
}

#[test]
fn the_release_is_known_without_build_info() {
    for (go, version) in releases() {
        for (name, flags) in [
            ("static", &["-ldflags=-s -w"][..]),
            ("pie", &["-ldflags=-s -w", "-buildmode=pie"]),
        ] {
            let exe = patched(
                &variant(&go, false, flags).build(),
                "no-build-info",
                |bytes| {
                    assert!(replace(bytes, b"\xff Go buildinf:", &[0; 14]) >= 1);
                },
            );
            let stderr = scratch(&format!("unusual-no-build-info-{name}-{version}")).join("stderr");
            let fixture = start(&[&exe], "ready", &stderr);
            let ours = dump(fixture.pid);
            let first = ours.lines().next().unwrap();
            let minor: Vec<&str> = version.split('.').collect();
            let minor = minor[..2].join(".");
            assert!(first.contains(&minor), "{first}");
            equal(&ours, &their_traceback(&fixture, &stderr), name);
        }
    }
}

/// The version as a binary says it, in its build info and in its runtime, is another.
fn lying(exe: &Path, from: &str, to: &str) -> PathBuf {
    patched(exe, &format!("says-{to}"), |bytes| {
        assert!(replace(bytes, from.as_bytes(), to.as_bytes()) >= 2);
    })
}

#[test]
fn an_unknown_release_gets_stacks_only_and_a_reason() {
    let (go, version) = releases().pop().unwrap();
    let exe = variant(&go, false, &["-ldflags=-s -w"]).build();
    let exe = lying(&exe, &version, "go1.99.3");
    let stderr = scratch("unusual-unknown").join("stderr");
    let fixture = start(&[&exe], "ready", &stderr);
    // Threads have their stacks, except what only goroutines can tell. One that holds its P in a call is
    // asked by SIGURG every ten milliseconds to give it up, and has no stack to show while it answers.
    let whole = ["main.deep", "main.inlinedRead", "main.rawRead"];
    let ours = wait_for("the stacks of the threads", SOON, || {
        let ours = dump(fixture.pid);
        let shown = |func: &&str| ours.contains(&format!("{func}(...)"));
        whole.iter().all(shown).then_some(ours)
    });
    let first = ours.lines().next().unwrap();
    assert!(
        first.ends_with("goroutines unknown: go1.99: layout unknown; stacks only"),
        "{first}"
    );
    assert!(parse(&ours).is_empty(), "{ours}");
}

/// Whatever a binary claims to be, it is refused, or read right: a layout has to prove itself.
#[test]
fn a_binary_that_claims_to_be_of_another_release_is_refused_or_read_right() {
    let mut refused = 0;
    for (go, version) in releases() {
        let exe = variant(&go, false, &["-ldflags=-s -w"]).build();
        for minor in 19..28 {
            let claim = format!("go1.{minor}.5");
            let claim = format!("{claim:0<width$}", width = version.len());
            if version.starts_with(&format!("go1.{minor}.")) || claim.len() != version.len() {
                continue;
            }
            let stderr = scratch(&format!("unusual-{version}-{claim}")).join("stderr");
            let fixture = start(&[&lying(&exe, &version, &claim)], "ready", &stderr);
            let ours = dump(fixture.pid);
            let first = ours.lines().next().unwrap().to_owned();
            if first.contains("goroutines unknown: ") {
                assert!(parse(&ours).is_empty(), "{ours}");
                refused += 1;
            } else {
                let (_, wrong) =
                    compare(&parse(&ours), &parse(&their_traceback(&fixture, &stderr)));
                assert!(
                    wrong.is_empty(),
                    "{version} as {claim}: {first}\n{}",
                    wrong.join("\n")
                );
            }
        }
    }
    assert!(refused >= 8, "{refused}");
}

/// An upgrade in place: another program is where the one that runs was.
#[test]
fn a_running_executable_that_was_replaced_or_deleted_is_the_one_that_is_read() {
    let all = toolchains();
    let old = variant(&all[0], true, &["-buildmode=pie"]).build();
    let new = variant(&all[all.len() - 1], true, &["-buildmode=pie"]).build();
    for replaced in [true, false] {
        let dir = scratch(&format!("unusual-replaced-{replaced}"));
        let (path, other) = (dir.join("server"), dir.join("server.new"));
        support::install(&old, &path, "755");
        let fixture = start(&[&path], "ready", &dir.join("stderr"));
        if replaced {
            support::install(&new, &other, "755");
            fs::rename(&other, &path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let ours = dump(fixture.pid);
        // C names come from the file's symbol table, and from no other file's.
        assert!(ours.contains("c_pause"), "{ours}");
        equal(
            &ours,
            &their_traceback(&fixture, &dir.join("stderr")),
            "replaced",
        );
    }
}

fn library(go: &Path, mode: &str, flags: &[&str]) -> PathBuf {
    let mode = format!("-buildmode={mode}");
    let mut all = vec!["-tags=library", &mode];
    all.extend(flags);
    variant(go, true, &all).build()
}

fn host() -> PathBuf {
    build_with_cc("gohost.c", "cc", &[Path::new("-g")])
}

#[test]
fn go_in_a_shared_object_of_a_c_program_is_found_there() {
    for (go, version) in releases() {
        for (name, flags) in [
            ("plain", &[][..]),
            ("stripped", &["-ldflags=-s -w", "-trimpath"]),
        ] {
            let library = library(&go, "c-shared", flags);
            check(&[&host(), &library], &format!("shared-{name}-{version}"));
        }
    }
}

#[test]
fn go_linked_with_a_c_program_is_found() {
    for (go, version) in releases() {
        let archive = library(&go, "c-archive", &[]);
        let args = ["-g", "-DLINKED"].map(Path::new);
        // cc tells an archive by its name.
        let named = archive.with_extension("a");
        support::install(&archive, &named, "644");
        let exe = build_with_cc("gohost.c", "cc", &[args[0], args[1], &named]);
        check(&[&exe], &format!("archive-{version}"));
        let stripped = with_binutils(&exe, "stripped", "strip", &["--strip-all"]);
        check(&[&stripped], &format!("archive-stripped-{version}"));
    }
}

#[test]
fn goroutines_of_a_plugin_are_read() {
    for (go, version) in releases() {
        let host = Variant {
            name: "pluginhost",
            ..variant(&go, true, &[])
        };
        let plugin = library(&go, "plugin", &[]);
        check(&[&host.build(), &plugin], &format!("plugin-{version}"));
    }
}

/// What is loaded while it is traced: the calls of Go code have their Go stacks at once.
fn loaded_later(words: &[&Path], name: &str) {
    let dir = scratch(&format!("unusual-later-{name}"));
    let output = dir.join("trace");
    let words = [words, &[Path::new("later")]].concat();
    let mut fixture = start(&words, "waiting", &dir.join("stderr"));
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "-k", "--slow=20ms", "-o"]);
    command.arg(&output);
    let mut tracer = Running::start(&mut command);
    tracer.wait_attached(fixture.pid);
    fixture.line();
    fixture.until("ready");
    let seen = |calls: &[Call], func: &str| {
        let mut frames = calls.iter().flat_map(|c| &c.frames);
        frames.any(|f| f.func.ends_with(func) && f.file.ends_with("parked/main.go") && f.line > 0)
    };
    let all = [
        "deep",
        "inlinedRead",
        "generic[...]",
        "rawRead",
        "deferred.func1",
    ];
    let text = wait_for("the stacks of Go", SOON, || {
        let text = fs::read_to_string(&output).unwrap_or_default();
        let whole = &text[..text.rfind('\n')?];
        let calls = trace::parse(whole);
        all.iter().all(|f| seen(&calls, f)).then_some(text)
    });
    let calls = trace::parse(&text);
    let mut deep = calls
        .iter()
        .filter(|c| c.frames.iter().any(|f| f.func.ends_with(".deep")));
    assert!(
        deep.all(|c| c.goid.is_some() && c.class.is_some()),
        "{text}"
    );
    tracer.stop();
}

#[test]
fn a_shared_object_with_go_is_noticed_when_it_is_loaded() {
    for (go, version) in releases() {
        let library = library(&go, "c-shared", &[]);
        loaded_later(&[&host(), &library], &format!("shared-{version}"));
    }
}

#[test]
fn a_plugin_is_noticed_when_it_is_loaded() {
    for (go, version) in releases() {
        let host = Variant {
            name: "pluginhost",
            ..variant(&go, true, &[])
        };
        let plugin = library(&go, "plugin", &[]);
        loaded_later(&[&host.build(), &plugin], &format!("plugin-{version}"));
    }
}

#[test]
fn a_program_without_go_says_so() {
    let fixture = Fixture::start::<&str>(&support::build_c("blocks"), &[]);
    let first = dump(fixture.pid).lines().next().unwrap().to_owned();
    assert!(
        first.contains("no Go code in its executable or its libraries"),
        "{first}"
    );
}
