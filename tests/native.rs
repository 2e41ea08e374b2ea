//! C frames, traced live: of calls that Go makes of C, of C that calls Go back, of threads that C
//! has made, of signal handlers, and of programs without any Go.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use gostrace::event::{self, FrameKind, StackEnd};
use gostrace::ids::{Pid, Tid};
use gostrace::session::process::{Place, Processes};
use gostrace::sys::procfs::{self, SyscallFile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;
use support::run::{Fixture, Running, gostrace};
use support::trace::{Call, Frame, parse};
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, build_c, proc, root, scratch, tool, wait_for};

const LIMIT: Duration = Duration::from_secs(60);

/// Where each thread of the fixture is, innermost first: `libc` for any number of frames of the C
/// library, whose own names differ from build to build.
const CGO: &[(&str, &str, &[&str])] = &[
    (
        "cond",
        "cgo",
        &[
            "libc",
            "C cond_inner",
            "C cond_outer",
            "C _cgo_Cfunc_cond_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_cond_outer",
            "main.callCond",
            "main.start.func1",
            "runtime.goexit",
        ],
    ),
    (
        "alloca",
        "cgo",
        &[
            "libc",
            "C read_inner",
            "C alloca_outer",
            "C _cgo_Cfunc_alloca_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_alloca_outer",
            "main.callAlloca",
            "main.start.func1",
            "runtime.goexit",
        ],
    ),
    (
        "handler",
        "cgo",
        &[
            "libc",
            "C read_inner",
            "C on_signal",
            // The trampoline, and the call in which the signal came.
            "libc",
            "C handler_outer",
            "C _cgo_Cfunc_handler_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_handler_outer",
            "main.callHandler",
            "main.start.func1",
            "runtime.goexit",
        ],
    ),
    (
        "callback",
        "cgo-callback",
        &[
            "main.readInGo",
            "main.goCallback",
            "runtime.cgocallback",
            "crosscall2",
            "C goCallback",
            "C callback_inner",
            "C callback_outer",
            "C _cgo_Cfunc_callback_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_callback_outer",
            "main.callCallback",
            "main.start.func1",
            "runtime.goexit",
        ],
    ),
    (
        "nested",
        "cgo",
        &[
            "libc",
            "C read_inner",
            "C nested_read",
            "C _cgo_Cfunc_nested_read",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_nested_read",
            "main.callNested",
            "main.goCallback",
            "runtime.cgocallback",
            "crosscall2",
            "C goCallback",
            "C callback_inner",
            "C callback_outer",
            "C _cgo_Cfunc_callback_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_callback_outer",
            "main.callNestedCallback",
            "main.start.func1",
            "runtime.goexit",
        ],
    ),
    (
        "pthread",
        "native",
        &["libc", "C read_inner", "C thread_main", "libc"],
    ),
    (
        "pthread-callback",
        "cgo-callback",
        &[
            "main.readInGo",
            "main.goCallback",
            "runtime.cgocallback",
            "crosscall2",
            "C goCallback",
            "C callback_inner",
            "C thread_calls_go",
            "libc",
        ],
    ),
];

/// Traces a fixture whose threads are all blocked until they end; its calls, and what it said of
/// its threads by thread id.
fn trace(mut fixture: Fixture, test: &str) -> (Vec<Call>, BTreeMap<i32, String>) {
    let mut names = BTreeMap::new();
    for said in &fixture.before {
        if said["event"] == "thread" {
            let tid = i32::try_from(said["tid"].as_i64().unwrap()).unwrap();
            names.insert(tid, said["name"].as_str().unwrap().to_owned());
        }
    }
    for tid in names.keys() {
        wait_for("its threads to block", SOON, || {
            // One that sleeps for a while only may be gone by now.
            proc::state(*tid).is_none_or(|s| s == 'S').then_some(())
        });
    }
    let output = scratch(test).join("trace");
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "--stack=200", "--slow", "20ms"]);
    let mut tracer = Running::start(command.arg("-o").arg(&output));
    tracer.wait_attached(fixture.pid);
    wait_for("the blocked calls", SOON, || {
        let calls = parse(&std::fs::read_to_string(&output).unwrap_or_default());
        let seen = |tid: &i32| {
            proc::state(*tid).is_none()
                || calls.iter().any(|c| c.tid == *tid && !c.frames.is_empty())
        };
        names.keys().all(seen).then_some(())
    });
    fixture.line();
    let (status, _) = fixture.finish();
    assert!(status.success(), "{status}");
    tracer.wait(SOON);
    (parse(&std::fs::read_to_string(&output).unwrap()), names)
}

/// The frames that are compared. `names`: whether the executable has those of its functions.
fn shape(call: &Call, names: bool) -> Vec<String> {
    let mut shape: Vec<String> = Vec::new();
    for frame in &call.frames {
        let Some(text) = text(frame, names) else {
            continue;
        };
        if text != "libc" || shape.last().is_none_or(|last| last != "libc") {
            shape.push(text);
        }
    }
    shape
}

fn text(frame: &Frame, names: bool) -> Option<String> {
    const RUNTIME: [&str; 5] = [
        "runtime.asmcgocall",
        "runtime.cgocall",
        "runtime.cgocallback",
        "runtime.goexit",
        "crosscall2",
    ];
    // _cgo_0123456789ab_Cfunc_f
    let func = match frame.func.split_once("_Cfunc_") {
        Some((cgo, f)) if cgo.starts_with("_cgo_") => format!("_cgo_Cfunc_{f}"),
        _ => frame.func.clone(),
    };
    if frame.guessed && !func.starts_with("runtime.asmcgocall_") {
        return Some(format!("? {func}"));
    }
    if frame.native {
        let file = frame.file.rsplit('/').next().unwrap();
        // The trampoline of signals is libc's on amd64, the kernel's on arm64.
        let library = file.starts_with("libc") || frame.func == "__kernel_rt_sigreturn";
        return Some(match (library, names) {
            (true, _) => "libc".to_owned(),
            (false, true) => format!("C {func}"),
            (false, false) => "C".to_owned(),
        });
    }
    let func = func.strip_suffix(".abi0").unwrap_or(&func);
    let kept = RUNTIME.contains(&func) || func.starts_with("main.");
    kept.then(|| func.to_owned())
}

fn compare_cgo(go: Go, test: &str) {
    let go = Go { cgo: true, ..go };
    let none: [&str; 0] = [];
    let (calls, names) = trace(Fixture::start(&go.build("cgoblocks"), &none), test);
    for (name, class, expected) in CGO {
        let tid = *names.iter().find(|(_, n)| n == name).unwrap().0;
        let of_thread = calls.iter().filter(|c| c.tid == tid);
        let with_stack: Vec<&Call> = of_thread.filter(|c| !c.frames.is_empty()).collect();
        // Blocked: only the registers at its entry. Ended: those of its exit.
        for ended in [false, true] {
            let call = with_stack.iter().find(|c| c.open.is_none() == ended);
            let call =
                call.unwrap_or_else(|| panic!("{name}: no call, ended: {ended}: {calls:#?}"));
            let expected: Vec<String> = expected
                .iter()
                .map(|frame| match frame.starts_with("C ") && go.strip {
                    true => "C".to_owned(),
                    false => (*frame).to_owned(),
                })
                .collect();
            assert_eq!(shape(call, !go.strip), expected, "{name}: {call:#?}");
            assert_eq!(call.class.as_deref(), Some(*class), "{name}: {call:#?}");
            let unknown = call.remarks.iter().find(|r| r.contains("unknown"));
            assert_eq!(unknown, None, "{name}: {call:#?}");
        }
    }
}

#[test]
fn c_frames_of_the_newest_go_lie_between_its_own() {
    compare_cgo(Go::of(NEWEST_GO), "native-newest");
}

#[test]
fn c_frames_of_the_oldest_go_lie_between_its_own() {
    compare_cgo(Go::of(OLDEST_GO), "native-oldest");
}

#[test]
fn c_frames_of_a_stripped_position_independent_build_are_found_without_their_names() {
    let go = Go {
        strip: true,
        pie: true,
        ..Go::of(NEWEST_GO)
    };
    compare_cgo(go, "native-stripped");
}

#[test]
fn a_program_without_go_has_c_stacks() {
    let none: [&str; 0] = [];
    let fixture = Fixture::start(&build_c("blocks"), &none);
    let (calls, names) = trace(fixture, "native-c");
    assert!(names.len() > 8);
    for (tid, name) in &names {
        let expected = ["libc", &format!("C block_{name}"), "C run", "libc"];
        let mut seen = 0;
        for call in calls
            .iter()
            .filter(|c| c.tid == *tid && !c.frames.is_empty())
        {
            let shape = shape(call, true);
            // What it prints when it has been let go is another call.
            if shape.iter().any(|f| f.starts_with("C block_")) {
                assert_eq!(shape, expected, "{call:#?}");
                assert_eq!(call.class, None);
                seen += 1;
            }
        }
        // A sleep may be over before it has been traced for 20 ms, and epoll_wait ends when a
        // tracer attaches.
        let excused = ["nanosleep", "epoll"].contains(&&**name);
        assert!(seen >= 1 || excused, "{name}: {calls:#?}");
    }
}

#[test]
fn libraries_that_come_and_go_at_the_same_address_are_told_apart() {
    let dir = scratch("native-plugins");
    let names = ["plug_first", "plug_second", "plug_third"];
    let libraries = names.map(|name| {
        let library = dir.join(format!("lib{name}.so"));
        let status = Command::new(tool("cc", "gcc"))
            .args(["-O1", "-shared", "-fPIC", &format!("-DPLUG={name}"), "-o"])
            .arg(&library)
            .arg(root().join("testdata/c/plugin.c"))
            .status();
        assert!(status.unwrap().success());
        library
    });
    let mut fixture = Fixture::start(&build_c("plugins"), &libraries);
    let output = dir.join("trace");
    let pid = fixture.pid.to_string();
    let mut command = gostrace(&["-p", &pid, "-k", "-e", "clock_nanosleep,clock_gettime"]);
    let mut tracer = Running::start(command.arg("-o").arg(&output));
    tracer.wait_attached(fixture.pid);
    fixture.line();
    let (status, _) = fixture.finish();
    assert!(status.success(), "{status}");
    tracer.wait(SOON);
    let calls = parse(&std::fs::read_to_string(&output).unwrap());
    let stacks = |name: &str| -> Vec<Vec<String>> {
        let of_name = calls.iter().filter(|c| c.name == name);
        of_name.map(|c| shape(c, true)).collect()
    };
    let sleeps = stacks("clock_nanosleep");
    let expected = names.map(|name| {
        let frames = [
            "libc",
            &format!("C {name}"),
            "C plug_in",
            "C call",
            "C main",
        ];
        frames.map(str::to_owned).to_vec()
    });
    // Each sleeps twice; main is the caller of call, whatever is below it.
    let seen: Vec<Vec<String>> = sleeps.iter().map(|s| s[..5].to_vec()).collect();
    let twice: Vec<Vec<String>> = expected
        .iter()
        .flat_map(|s| [s.clone(), s.clone()])
        .collect();
    assert_eq!(seen, twice, "{calls:#?}");
    // The vDSO has a symbol table of its own.
    let clock = stacks("clock_gettime");
    assert_eq!(clock.len(), 1, "{calls:#?}");
    let vdso = calls.iter().find(|c| c.name == "clock_gettime").unwrap();
    assert_eq!(vdso.frames[0].file, "[vdso]", "{vdso:#?}");
    assert!(vdso.frames[0].func.ends_with("clock_gettime"), "{vdso:#?}");
    let callers = ["libc", "C ask_clock", "C main", "libc", "C _start"];
    assert_eq!(clock[0][1..], callers);
    let unknown = calls.iter().flat_map(|c| &c.remarks);
    let unknown: Vec<&String> = unknown.filter(|r| r.contains("unknown")).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_call_of_the_vdso_in_c_has_the_goroutine_under_it() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let go = Go {
            cgo: true,
            ..Go::of(version)
        };
        let none: [&str; 0] = [];
        let mut fixture = Fixture::start(&go.build("cgoblocks"), &none);
        let output = scratch(&format!("native-vdso-{version}")).join("trace");
        let pid = fixture.pid.to_string();
        let mut command = gostrace(&["-p", &pid, "-k", "-e", "clock_gettime"]);
        let mut tracer = Running::start(command.arg("-o").arg(&output));
        tracer.wait_attached(fixture.pid);
        fixture.line();
        let (status, _) = fixture.finish();
        assert!(status.success(), "{status}");
        tracer.wait(SOON);
        let calls = parse(&std::fs::read_to_string(&output).unwrap());
        let [call] = &calls[..] else {
            panic!("{calls:#?}")
        };
        assert_eq!(call.frames[0].file, "[vdso]", "{call:#?}");
        let expected = [
            "libc",
            "C clock_outer",
            "C _cgo_Cfunc_clock_outer",
            "runtime.asmcgocall",
            "runtime.cgocall",
            "main._Cfunc_clock_outer",
            "main.callClock",
            "main.main",
            "runtime.goexit",
        ];
        assert_eq!(shape(call, true)[1..], expected, "{call:#?}");
        let unknown = call.remarks.iter().find(|r| r.contains("unknown"));
        assert_eq!(unknown, None, "{call:#?}");
    }
}

/// From the first instruction on: the dynamic linker, C that the runtime calls to get memory,
/// handlers and threads, clone3 with its frame description cut short.
#[test]
fn nearly_all_stacks_of_a_program_with_c_are_complete() {
    let go = Go {
        cgo: true,
        ..Go::of(NEWEST_GO)
    };
    let output = scratch("native-all").join("trace");
    let mut command = gostrace(&["--stack=200", "-o", output.to_str().unwrap(), "--"]);
    let traced = Running::start(command.arg(go.build("cgoblocks"))).wait(LIMIT);
    assert!(traced.status.success(), "{traced:?}");
    let calls = parse(&std::fs::read_to_string(&output).unwrap());
    let stacks = calls.iter().filter(|c| !c.frames.is_empty());
    let (broken, complete): (Vec<&Call>, Vec<&Call>) =
        stacks.partition(|c| c.remarks.iter().any(|r| r.contains("unknown from here")));
    // What is left ran before the runtime had set up the data that says whose stack it was on.
    assert!(
        complete.len() > 300 && broken.len() * 10 < complete.len(),
        "{} complete, not so: {broken:#?}",
        complete.len()
    );
    let native = |c: &&&Call| c.frames.iter().any(|f| f.native || f.guessed);
    let unproved: Vec<&&Call> = complete
        .iter()
        .filter(native)
        .filter(|c| c.frames.iter().any(|f| f.guessed || f.func == "[C code]"))
        .collect();
    assert!(unproved.is_empty(), "{unproved:#?}");
}

/// Two engines share what is known of a process: one may read a thread's stack while the other
/// learns that a thread has ended. Each waiting for the other would hold the target for ever.
#[test]
fn reading_a_thread_and_forgetting_it_do_not_wait_for_each_other() {
    let go = Go {
        cgo: true,
        ..Go::of(NEWEST_GO)
    };
    let none: [&str; 0] = [];
    let fixture = Fixture::start(&go.build("cgoblocks"), &none);
    let pid = Pid(fixture.pid);
    let said = fixture.before.iter().find(|s| s["event"] == "thread");
    let tid = Tid(i32::try_from(said.unwrap()["tid"].as_i64().unwrap()).unwrap());
    let (_, sp, pc) = wait_for("it to block", SOON, || match procfs::syscall(tid) {
        Ok(SyscallFile::InCall { call, sp, pc }) => Some((call, sp, pc)),
        _ => None,
    });
    let mut processes = Processes::new();
    // Keeps the process known while the other thread comes and goes.
    processes.add_thread(pid, pid.into());
    let process = processes.add_thread(pid, tid);
    let (done, reader) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for _ in 0..2_000 {
            let _ = process.snapshot(tid, &Place::new(pc, sp), 200);
        }
        done.send(()).unwrap();
    });
    let (forgot, forgetter) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        while reader.try_recv() == Err(TryRecvError::Empty) {
            processes.remove_thread(pid, tid);
            processes.add_thread(pid, tid);
        }
        forgot.send(()).unwrap();
    });
    assert_eq!(forgetter.recv_timeout(LIMIT), Ok(()), "they wait for ever");
}

/// What sampling has: where a blocked thread is, and no other register.
#[test]
fn with_pc_and_sp_alone_frames_are_right_or_marked_as_guessed() {
    let go = Go {
        cgo: true,
        ..Go::of(NEWEST_GO)
    };
    let none: [&str; 0] = [];
    let fixture = Fixture::start(&go.build("cgoblocks"), &none);
    let pid = Pid(fixture.pid);
    let mut processes = Processes::new();
    for said in fixture.before.iter().filter(|s| s["event"] == "thread") {
        let name = said["name"].as_str().unwrap();
        let tid = Tid(i32::try_from(said["tid"].as_i64().unwrap()).unwrap());
        let process = processes.add_thread(pid, tid);
        let (call, sp, pc) = wait_for("it to block", SOON, || match procfs::syscall(tid) {
            Ok(SyscallFile::InCall { call, sp, pc }) => Some((call, sp, pc)),
            _ => None,
        });
        let snapshot = process.snapshot(tid, &Place::new(pc, sp), 200);
        let context = snapshot.resolve(tid, &call);
        let stack = context.stack.get().unwrap();
        assert_eq!(stack.end, StackEnd::Root, "{name}: {stack:#?}");
        let (_, class, expected) = CGO.iter().find(|(n, ..)| *n == name).unwrap();
        assert_eq!(
            context.class.get().unwrap().id,
            *class,
            "{name}: {stack:#?}"
        );
        let as_call = Call {
            frames: stack.frames.iter().map(shown).collect(),
            ..Call::default()
        };
        let expected = without_other_registers(name, expected);
        assert_eq!(shape(&as_call, true), expected, "{name}: {stack:#?}");
    }
}

/// The caller of a frame that hangs on the frame pointer is a guess, up to where Go knows that it
/// called C. Not on arm64, where libc keeps the frame pointer beside its own return address.
fn without_other_registers(name: &str, expected: &[&str]) -> Vec<String> {
    let guessed = |frame: &&str| match *frame {
        other if cfg!(target_arch = "aarch64") => other.to_owned(),
        "C _cgo_Cfunc_alloca_outer" => "? _cgo_Cfunc_alloca_outer".to_owned(),
        "runtime.asmcgocall" if name == "alloca" => format!("? {frame}"),
        other => other.to_owned(),
    };
    expected.iter().map(guessed).collect()
}

#[test]
fn dumps_have_the_same_c_frames_down_to_the_roots() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let go = Go {
            cgo: true,
            ..Go::of(version)
        };
        let none: [&str; 0] = [];
        let fixture = Fixture::start(&go.build("cgoblocks"), &none);
        let pid = fixture.pid.to_string();
        let dump = Running::start(&mut gostrace(&["dump", "--json", "-p", &pid])).wait(LIMIT);
        assert!(dump.status.success(), "{dump:?}");
        let dump: Value = serde_json::from_str(&dump.stdout).unwrap();
        let list = |name: &str| dump[name].as_array().unwrap();
        for (name, class, expected) in CGO {
            let mut said = fixture.before.iter();
            let tid = &said.find(|s| s["name"] == *name).unwrap()["tid"];
            let thread = list("threads").iter().find(|t| t["tid"] == *tid).unwrap();
            let stack = &list("stacks")[thread["stack"].as_u64().unwrap() as usize];
            let as_call = Call {
                frames: stack["frames"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(dumped)
                    .collect(),
                ..Call::default()
            };
            let expected = without_other_registers(name, expected);
            assert_eq!(shape(&as_call, true), expected, "{name}: {stack:#}");
            assert_eq!(stack["end"], "root", "{name}: {stack:#}");
            assert_eq!(thread["class"], *class, "{name}: {thread:#}");
            // A goroutine that is in C has the stack of its thread.
            for g in list("goroutines").iter().filter(|g| g["thread"] == *tid) {
                assert_eq!(g["stack"], thread["stack"], "{name}: {g}");
            }
            let has_goroutine = list("goroutines").iter().any(|g| g["thread"] == *tid);
            assert_eq!(has_goroutine, *name != "pthread", "{name}: {thread:#}");
        }
    }
}

fn dumped(frame: &Value) -> Frame {
    let text = |field: &str| frame[field].as_str().unwrap_or_default().to_owned();
    Frame {
        func: text("func"),
        file: text("file"),
        line: frame["line"].as_u64().unwrap_or(0) as u32,
        inlined: frame["kind"] == "inlined",
        native: frame["kind"] == "c",
        guessed: frame["kind"] == "guessed",
    }
}

fn shown(frame: &event::Frame) -> Frame {
    Frame {
        func: frame.func.to_string(),
        file: frame.file.to_string(),
        line: frame.line,
        inlined: frame.kind == FrameKind::Inlined,
        native: frame.kind == FrameKind::Native,
        guessed: frame.kind == FrameKind::Guessed,
    }
}
