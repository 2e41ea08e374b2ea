//! What kind of wait a call is, told from the functions on its stack: physical and inlined
//! frames alike, by name, so that a release that inlines more or less changes nothing.

use super::class_table::{
    CGO, CGO_CALLBACK, NATIVE, NETPOLL_CHECK, RULES, RUNTIME, SIGNAL_RETURN, USER_ASM, WAKE,
};
use crate::arch::Abi;
use crate::event::{Frame, FrameKind, RawCall, WaitClass};

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Stable name.
    pub id: &'static str,
    /// Whether it is the runtime parking a thread that has nothing to do.
    pub parked: bool,
    /// One of each of these functions is on the stack, the first as the leaf, the others in
    /// this order, others between them.
    pub chain: &'static [&'static [&'static str]],
    /// One sentence for someone who does not know the runtime.
    pub explanation: &'static str,
}

impl Rule {
    const fn class(&self) -> WaitClass {
        WaitClass {
            id: self.id,
            parked: self.parked,
            explanation: self.explanation,
        }
    }

    fn matches(&self, frames: &[Frame]) -> bool {
        let mut rest = frames.iter();
        let mut links = self.chain.iter();
        let leaf = |link: &&[&str]| rest.next().is_some_and(|f| link.contains(&&*f.func));
        links.next().is_some_and(leaf) && links.all(|link| rest.any(|f| link.contains(&&*f.func)))
    }
}

/// Frames that say what the runtime is doing lie this near to the leaf; those beyond are
/// the program's.
const DEPTH: usize = 24;

/// The class of a call made on a stack of these frames.
#[must_use]
pub fn classify(frames: &[Frame], call: &RawCall) -> WaitClass {
    let all = frames;
    let frames = &frames[..frames.len().min(DEPTH)];
    // At its exit the registers are already those of what the signal interrupted.
    if nr_is(call, 15, 139) {
        return SIGNAL_RETURN.class();
    }
    let Some(leaf) = frames.first() else {
        return NATIVE.class();
    };
    if leaf.kind == FrameKind::Native {
        return native(all).class();
    }
    if is_wake(call) && &*leaf.func == "runtime.futex" {
        return WAKE.class();
    }
    // Closing its descriptor afterwards is not waiting for a process.
    let fits = |r: &&Rule| r.id != "process-wait" || waits_for_process(call);
    let rule = RULES.iter().filter(fits).find(|r| r.matches(frames));
    match rule {
        Some(rule) if rule.id == "netpoll-idle" && polls_only(call) => NETPOLL_CHECK.class(),
        Some(rule) if matches!(rule.id, "user" | "user-raw") && from_c(frames) => {
            CGO_CALLBACK.class()
        }
        Some(rule) => rule.class(),
        None if runtime(&leaf.func) => RUNTIME.class(),
        None => USER_ASM.class(),
    }
}

/// The class of a stack whose leaf is C code, or the vDSO.
fn native(frames: &[Frame]) -> Rule {
    const ASMCGOCALL: [&str; 4] = [
        "runtime.asmcgocall",
        "runtime.asmcgocall.abi0",
        "runtime.asmcgocall_landingpad",
        "runtime.asmcgocall_landingpad.abi0",
    ];
    let is_go = |f: &&Frame| matches!(f.kind, FrameKind::Go | FrameKind::Inlined);
    // Frames of C have no line.
    let guessed = |f: &&Frame| f.kind == FrameKind::Guessed && f.line != 0;
    let mut go: Vec<&Frame> = frames.iter().filter(is_go).collect();
    if go.is_empty() {
        go = frames.iter().filter(guessed).collect();
    }
    if go.is_empty() {
        return NATIVE;
    }
    let caller = go.iter().find(|f| !ASMCGOCALL.contains(&&*f.func));
    match caller {
        // It ends there: the goroutine that has called C is not known.
        None => CGO,
        Some(f) if &*f.func == "runtime.cgocall" || !runtime(&f.func) => CGO,
        // The clock in the vDSO; memory by way of C. Not the program's own call.
        Some(_) => RUNTIME,
    }
}

/// Every class there is, without duplicates: what `--class` accepts.
pub fn classes() -> impl Iterator<Item = WaitClass> {
    let others = [
        &SIGNAL_RETURN,
        &NETPOLL_CHECK,
        &WAKE,
        &CGO,
        &CGO_CALLBACK,
        &NATIVE,
        &RUNTIME,
    ];
    let mut seen = Vec::new();
    RULES
        .iter()
        .chain(others)
        .map(Rule::class)
        .filter(move |c| {
            let fresh = !seen.contains(&c.id);
            seen.push(c.id);
            fresh
        })
}

fn from_c(frames: &[Frame]) -> bool {
    frames.iter().any(|f| &*f.func == "runtime.cgocallback")
}

fn runtime(func: &str) -> bool {
    let packages = ["runtime.", "runtime/", "internal/runtime/"];
    // Functions local to an assembly file of the runtime have no package: gogo, aeshashbody.
    packages.iter().any(|p| func.starts_with(p)) || !func.contains('.')
}

/// Whether the call has this number on amd64, or that on arm64.
fn nr_is(call: &RawCall, amd64: u64, arm64: u64) -> bool {
    match call.abi {
        Abi::X86_64 => call.nr == amd64,
        Abi::Aarch64 => call.nr == arm64,
        _ => false,
    }
}

/// wait4 and waitid.
fn waits_for_process(call: &RawCall) -> bool {
    nr_is(call, 61, 260) || nr_is(call, 247, 95)
}

fn is_wake(call: &RawCall) -> bool {
    // FUTEX_CMD_MASK takes PRIVATE and CLOCK_REALTIME away; WAKE, and what wakes as it goes.
    const CMD_MASK: u64 = 0x7f;
    const WAKE_OPS: [u64; 5] = [1, 3, 4, 5, 10];
    nr_is(call, 202, 98) && WAKE_OPS.contains(&(call.args[1] & CMD_MASK))
}

/// Whether this is an epoll_wait or epoll_pwait with a timeout of 0.
fn polls_only(call: &RawCall) -> bool {
    let wait = nr_is(call, 232, u64::MAX) || nr_is(call, 281, 22);
    // An int; the upper half of the register may hold anything.
    wait && call.args[3] as u32 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Addr;

    const FUTEX_WAIT_PRIVATE: u64 = 128;
    const FUTEX_WAKE_PRIVATE: u64 = 129;

    fn call(nr: u64, args: [u64; 6]) -> RawCall {
        RawCall {
            abi: Abi::X86_64,
            nr,
            args,
        }
    }

    fn futex_wait() -> RawCall {
        call(202, [0, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0])
    }

    fn stack(chain: &str) -> Vec<Frame> {
        chain
            .split('<')
            .map(|func| Frame {
                pc: Addr(0),
                func: func.into(),
                file: "".into(),
                line: 0,
                kind: match func {
                    "[C code]" => FrameKind::Native,
                    _ => FrameKind::Go,
                },
            })
            .collect()
    }

    #[test]
    fn chains_of_every_release_get_their_class() {
        let futex = futex_wait();
        let read = call(0, [0; 6]);
        let s6 = [
            "runtime/internal/syscall.Syscall6",
            "internal/runtime/syscall.Syscall6",
            "internal/runtime/syscall/linux.Syscall6",
        ];
        let park = "runtime.futex<runtime.futexsleep<runtime.notesleep<runtime.mPark<";
        let cases = [
            (format!("{park}runtime.stopm<runtime.findRunnable<runtime.schedule<runtime.park_m<runtime.mcall"), futex, "idle-m", true),
            (format!("{park}runtime.stopm<runtime.startlockedm<runtime.schedule"), futex, "handoff-m", true),
            (format!("{park}runtime.stoplockedm<runtime.schedule<runtime.park_m"), futex, "locked-m", true),
            (format!("{park}runtime.stopm<runtime.gcstopm<runtime.schedule"), futex, "gcstop", true),
            ("runtime.usleep<runtime.sysmon<runtime.mstart1<runtime.mstart0<runtime.mstart".into(), call(35, [0; 6]), "sysmon", true),
            ("runtime.futex<runtime.futexsleep<runtime.notetsleep_internal<runtime.notetsleep<runtime.sysmon<runtime.mstart1".into(), futex, "sysmon", true),
            ("runtime.futex<runtime.futexsleep<runtime.lock2<runtime.lockWithRank<runtime.lock<runtime.sysmon".into(), futex, "runtime-lock", false),
            ("runtime.futex<runtime.futexsleep<runtime.semasleep<runtime.lock2<runtime.gcStart".into(), futex, "runtime-lock", false),
            ("runtime.futex<runtime.futexsleep<runtime.notetsleep_internal<runtime.notetsleepg<os/signal.signal_recv<os/signal.loop".into(), futex, "signal-recv", true),
            ("runtime.futex<runtime.futexsleep<runtime.notetsleep<runtime.stopTheWorldWithSema<runtime.systemstack".into(), futex, "stw-wait", false),
            ("runtime.epollwait<runtime.netpoll<runtime.findRunnable".into(), call(281, [3, 0, 128, u64::MAX, 0, 0]), "netpoll-idle", true),
            (format!("{}<runtime/internal/syscall.EpollWait<runtime.netpoll<runtime.findRunnable", s6[0]), call(281, [3, 0, 128, 0, 0, 0]), "netpoll-check", true),
            (format!("{}<internal/runtime/syscall/linux.EpollWait<runtime.netpoll<runtime.findRunnable", s6[2]), call(281, [3, 0, 128, 5000, 0, 0]), "netpoll-idle", true),
            (format!("{}<syscall.RawSyscall6<syscall.Syscall<syscall.read<main.main", s6[1]), read, "user", false),
            (format!("{}<syscall.RawSyscall6<syscall.RawSyscall<main.main", s6[1]), read, "user-raw", false),
            (format!("{}<syscall.RawSyscall6<syscall.Syscall6<os.(*Process).blockUntilWaitable<os.(*Process).wait", s6[0]), call(247, [1; 6]), "process-wait", false),
            ("main.asmRead<main.main".into(), read, "user-raw", false),
            ("[C code]<runtime.cgocall<main._Cfunc_f<main.main".into(), read, "cgo", false),
            ("[C code]".into(), read, "native", false),
            ("[C code]<[C code]<runtime.asmcgocall.abi0<runtime.cgocall<main._Cfunc_f<main.main".into(), read, "cgo", false),
            (format!("{}runtime.asmcgocall<runtime.cgocall<main.main", "[C code]<".repeat(40)), read, "cgo", false),
            ("[C code]<runtime.asmcgocall.abi0".into(), read, "cgo", false),
            ("[C code]<runtime.asmcgocall<runtime.callCgoMmap.func1<runtime.systemstack".into(), read, "runtime", false),
            (format!("{}<syscall.RawSyscall6<syscall.Syscall<syscall.read<main.cb<main._cgoexp_0_cb<runtime.cgocallbackg1<runtime.cgocallbackg<runtime.cgocallback", s6[2]), read, "cgo-callback", false),
            ("main.f<main.main".into(), call(15, [0; 6]), "signal-return", false),
            (format!("{}<syscall.RawSyscall6<syscall.Syscall<syscall.Close<os.(*Process).pidfdWait", s6[2]), call(3, [0; 6]), "user", false),
            ("[C code]<runtime.nanotime<runtime.findRunnable".into(), call(228, [0; 6]), "runtime", false),
            ("gogo".into(), read, "runtime", false),
            ("syscall.rawSyscallNoError<syscall.forkAndExecInChild1".into(), call(39, [0; 6]), "fork", false),
            ("runtime.sigaltstack<runtime.minit".into(), call(131, [0; 6]), "thread-start", false),
        ];
        for (chain, call, id, parked) in cases {
            let got = classify(&stack(&chain), &call);
            assert_eq!((got.id, got.parked), (id, parked), "{chain}");
        }
        assert_eq!(classify(&[], &futex).id, "native");
    }

    /// Chains of the waits that no release has differently, as traced.
    #[test]
    fn rare_waits_of_the_runtime_have_their_class_too() {
        let tick =
            "runtime.futex<runtime.futexsleep<runtime.notetsleep_internal<runtime.notetsleep<";
        let note = "runtime.futex<runtime.futexsleep<runtime.notesleep<";
        let linux =
            "internal/runtime/syscall/linux.Syscall6<internal/runtime/syscall/linux.EpollWait<";
        let poll = call(281, [3, 0, 128, 0, 0, 0]);
        let (futex, other) = (futex_wait(), call(24, [0; 6]));
        let cases = [
            (format!("{note}runtime.mPark<runtime.stopm<runtime.exitsyscall0<runtime.mcall"), futex, "idle-m"),
            (format!("{note}runtime.mPark<runtime.stopm<runtime.exitsyscallNoP<runtime.mcall"), futex, "idle-m"),
            (format!("{note}runtime.stopm<runtime.findRunnable<runtime.schedule<runtime.goschedImpl<runtime.gopreempt_m<runtime.newstack<runtime.morestack"), futex, "idle-m"),
            (format!("{note}runtime.mPark<runtime.stopm<runtime.gcstopm<runtime.findRunnable<runtime.schedule"), futex, "gcstop"),
            (format!("{note}runtime.templateThread<runtime.mstart1"), futex, "template-thread"),
            ("runtime.futex<runtime.futexsleep<runtime.notetsleep_internal<runtime.notetsleepg<runtime.(*profBuf).read<runtime/pprof.readProfile".into(), futex, "cpu-profile-reader"),
            (format!("{note}runtime.(*rwmutex).rlock<runtime.newm1"), futex, "runtime-rwmutex"),
            (format!("{note}runtime.(*rwmutex).lock<syscall.runtime_BeforeExec"), futex, "runtime-rwmutex"),
            (format!("{tick}runtime.stopTheWorldWithSema<runtime.gcStart.func2<runtime.systemstack<runtime.gcStart"), futex, "stw-wait"),
            (format!("{tick}runtime.forEachP<runtime.gcMarkDone.func1<runtime.systemstack<runtime.gcMarkDone"), futex, "gc-barrier"),
            (format!("{tick}runtime.forEachPInternal<runtime.forEachP.func1<runtime.systemstack<runtime.gcMarkTermination"), futex, "gc-barrier"),
            ("runtime.osyield<runtime.suspendG<runtime.markroot.func1<runtime.markroot<runtime.gcDrain".into(), other, "gc-scan"),
            ("runtime.osyield<runtime.lock2<runtime.lockWithRank".into(), other, "runtime-lock"),
            ("runtime.tgkill<runtime.signalM<runtime.preemptone<runtime.retake<runtime.sysmon".into(), call(234, [0; 6]), "preempt"),
            ("runtime.getpid<runtime.signalM<runtime.preemptone<runtime.suspendG".into(), call(39, [0; 6]), "preempt"),
            ("runtime.usleep<runtime.runqgrab<runtime.runqsteal<runtime.stealWork<runtime.findRunnable".into(), call(35, [0; 6]), "spinning"),
            ("runtime.madvise<runtime.sysUnusedOS<runtime.(*pageAlloc).scavengeOne".into(), call(28, [0; 6]), "memory"),
            ("runtime.mmap<runtime.sysReserveOS<runtime.(*mheap).grow".into(), call(9, [0; 6]), "memory"),
            (format!("{linux}runtime.netpoll<runtime.sysmon<runtime.mstart1"), poll, "netpoll-check"),
            (format!("{linux}runtime.netpoll<runtime.startTheWorldWithSema"), poll, "netpoll-check"),
            (format!("{linux}runtime.netpoll<runtime.pollWork<runtime.gcDrain"), poll, "netpoll-check"),
        ];
        for (chain, call, id) in cases {
            assert_eq!(classify(&stack(&chain), &call).id, id, "{chain}");
        }
    }

    #[test]
    fn a_wake_is_not_a_wait() {
        let wake = call(202, [0, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0]);
        let chain = stack("runtime.futex<runtime.futexwakeup<runtime.notewakeup<runtime.startm");
        assert_eq!(classify(&chain, &wake).id, "runtime-wake");
    }

    #[test]
    fn ids_are_kebab_case_and_explanations_are_sentences() {
        for class in classes() {
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(class.id.chars().all(kebab), "{}", class.id);
            assert!(class.explanation.ends_with('.'), "{}", class.explanation);
        }
        assert!(classes().count() > 20);
    }
}
