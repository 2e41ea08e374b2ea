//! Wait classes as data: which chain of functions means what. Rows are tried in order.

use super::class::Rule;

/// Innermost functions that wait for, or wake, a futex.
const FUTEX: &[&str] = &["runtime.futex"];
/// The user's system calls, under their names from 1.19 to 1.27 (internal/runtime/syscall).
pub const SYSCALL6: &[&str] = &[
    "internal/runtime/syscall/linux.Syscall6",
    "internal/runtime/syscall.Syscall6",
    "runtime/internal/syscall.Syscall6",
];
const SLEEP: &[&str] = &["runtime.usleep"];
const YIELD: &[&str] = &["runtime.osyield", "runtime.usleep", "runtime.futex"];
const NETPOLL: &[&str] = &["runtime.netpoll"];
const SCHEDULE: &[&str] = &[
    "runtime.schedule",
    "runtime.findRunnable",
    "runtime.findrunnable",
];
const STOP_WORLD: &[&str] = &[
    "runtime.stopTheWorldWithSema",
    "runtime.stopTheWorldGC",
    "runtime.stopTheWorld",
];
const FOR_EACH_P: &[&str] = &["runtime.forEachP", "runtime.forEachPInternal"];
const MEMORY: &[&str] = &[
    "runtime.madvise",
    "runtime.sysMmap",
    "runtime.sysMunmap",
    "runtime.mmap",
    "runtime.munmap",
];
const MEMORY_C: &[&str] = &["runtime.callCgoMmap", "runtime.callCgoMunmap"];
const PROCESS_WAIT: &[&str] = &[
    "os.(*Process).pidfdWait",
    "os.(*Process).blockUntilWaitable",
    "os.(*Process).wait",
    "os.(*Process).pidWait",
    "syscall.Wait4",
    "syscall.wait4",
    "golang.org/x/sys/unix.Wait4",
    "golang.org/x/sys/unix.Waitid",
];
const FORK: &[&str] = &[
    "syscall.forkAndExecInChild",
    "syscall.forkAndExecInChild1",
    "syscall.forkExec",
    "syscall.forkAndExecFailureCleanup",
];
/// Calls a thread makes for itself when it begins or ends, and around a fork.
const SETUP: &[&str] = &[
    "runtime.rtsigprocmask",
    "runtime.sigaltstack",
    "runtime.gettid",
    "runtime.exitThread",
    "runtime.rt_sigaction",
    "runtime.timer_create",
    "runtime.timer_delete",
];
const EPOLL_CTL: &[&str] = &[
    "internal/runtime/syscall/linux.Syscall6",
    "internal/runtime/syscall.Syscall6",
    "runtime/internal/syscall.Syscall6",
    "runtime.epollctl",
    "runtime.epollcreate",
    "runtime.epollcreate1",
];
const RAW: &[&str] = &[
    "syscall.RawSyscall",
    "syscall.RawSyscall6",
    "syscall.rawSyscallNoError",
    "syscall.rawVforkSyscall",
    "syscall.RawSyscallNoError",
    "golang.org/x/sys/unix.RawSyscall",
    "golang.org/x/sys/unix.RawSyscall6",
    "golang.org/x/sys/unix.RawSyscallNoError",
    "golang.org/x/sys/unix.SyscallNoError",
];

/// The rules, first match wins. Sources: runtime/proc.go, lock_futex.go, lock_spinbit.go,
/// mgc.go, os_linux.go, sigqueue.go of 1.19 to 1.27.
pub const RULES: &[Rule] = &[
    // Before all that takes runtime locks on its way.
    rule(
        "runtime-lock",
        false,
        &[
            YIELD,
            &["runtime.lock2", "runtime.mLockSlow", "runtime.lock"],
        ],
        "The thread waits for an internal lock of the Go runtime that another thread holds.",
    ),
    // Idle threads.
    rule(
        "gcstop",
        true,
        &[FUTEX, &["runtime.gcstopm"]],
        "All goroutines are stopped for a moment, mostly for the garbage collector; this thread waits until they may go on.",
    ),
    rule(
        "locked-m",
        true,
        &[FUTEX, &["runtime.stoplockedm"]],
        "The thread is reserved for one goroutine (runtime.LockOSThread), which waits elsewhere; it runs nothing else meanwhile.",
    ),
    rule(
        "handoff-m",
        true,
        &[FUTEX, &["runtime.stopm"], &["runtime.startlockedm"]],
        "The thread has passed its work on to a thread that is reserved for one goroutine, and has nothing to do.",
    ),
    rule(
        "idle-m",
        true,
        &[FUTEX, &["runtime.stopm"]],
        "The thread has nothing to do: there is no goroutine that is ready to run.",
    ),
    rule(
        "template-thread",
        true,
        &[FUTEX, &["runtime.templateThread"]],
        "A spare thread that the runtime keeps only to start other threads from.",
    ),
    rule(
        "exited-main-m",
        true,
        &[FUTEX, &["runtime.mexit"]],
        "The main thread has ended its work and sleeps, as it may not exit before the whole process.",
    ),
    rule(
        "signal-recv",
        true,
        &[FUTEX, &["os/signal.signal_recv"]],
        "The goroutine that delivers signals to the program (os/signal) waits for the next one.",
    ),
    rule(
        "cpu-profile-reader",
        true,
        &[FUTEX, &["runtime.(*profBuf).read"]],
        "The goroutine that writes the CPU profile waits for more samples.",
    ),
    rule(
        "sysmon",
        true,
        &[YIELD, &["runtime.sysmon"]],
        "The runtime's watchdog thread (sysmon) sleeps between two rounds.",
    ),
    // Contention and waits inside the runtime.
    rule(
        "runtime-rwmutex",
        false,
        &[
            FUTEX,
            &["runtime.(*rwmutex).rlock", "runtime.(*rwmutex).lock"],
        ],
        "The thread waits because one is starting a process while the other starts a thread, which the runtime does not do at once.",
    ),
    rule(
        "stw-wait",
        false,
        &[YIELD, STOP_WORLD],
        "The thread is about to stop all goroutines, mostly for the garbage collector, and waits for the last one to stop.",
    ),
    rule(
        "gc-barrier",
        false,
        &[YIELD, FOR_EACH_P],
        "The garbage collector waits until every thread that runs goroutines has noticed its new phase.",
    ),
    rule(
        "gc-scan",
        false,
        &[YIELD, &["runtime.suspendG", "runtime.castogscanstatus"]],
        "The garbage collector waits for one goroutine to pause so that it can look through its stack.",
    ),
    rule(
        "needm",
        false,
        &[YIELD, &["runtime.lockextra", "runtime.getExtraM"]],
        "A thread made by C is calling a Go function and waits for what the runtime must set up first.",
    ),
    rule(
        "spinning",
        true,
        &[YIELD, &["runtime.runqgrab"]],
        "The thread is looking for goroutines to run, with pauses of microseconds between its attempts.",
    ),
    rule(
        "preempt",
        false,
        &[&["runtime.tgkill", "runtime.getpid"], &["runtime.signalM"]],
        "The runtime sends a thread a signal (SIGURG) so that it lets another goroutine run.",
    ),
    rule(
        "memory",
        false,
        &[MEMORY],
        "The runtime gets memory from the kernel, or gives it back.",
    ),
    rule(
        "memory",
        false,
        &[MEMORY_C],
        "The runtime gets memory from the kernel, or gives it back.",
    ),
    rule(
        "thread-start",
        false,
        &[&["runtime.clone"]],
        "The runtime starts a thread.",
    ),
    rule(
        "fork",
        false,
        &[SETUP, FORK],
        "The goroutine is starting a child process; no other goroutine can start one meanwhile.",
    ),
    rule(
        "thread-start",
        false,
        &[SETUP, &["runtime.minit", "runtime.mstart1"]],
        "The runtime starts a thread.",
    ),
    rule(
        "thread-exit",
        false,
        &[SETUP, &["runtime.mexit", "runtime.mdestroy"]],
        "A thread of the runtime ends, because its goroutine ended while locked to it.",
    ),
    rule(
        "netpoll-register",
        false,
        &[
            EPOLL_CTL,
            &[
                "runtime.netpollopen",
                "runtime.netpollclose",
                "runtime.netpollinit",
            ],
        ],
        "The runtime adds a connection, pipe or file to those that it watches for being ready, or removes it.",
    ),
    // The network poller: netpoll-check and netpoll-idle are told apart by the timeout.
    rule(
        "netpoll-idle",
        true,
        &[&["runtime.epollwait"], NETPOLL],
        "A thread with nothing to do waits for any connection, pipe or file to become ready, or for the next timer.",
    ),
    rule(
        "netpoll-idle",
        true,
        &[SYSCALL6, NETPOLL],
        "A thread with nothing to do waits for any connection, pipe or file to become ready, or for the next timer.",
    ),
    // Calls of user code.
    rule(
        "process-wait",
        false,
        &[SYSCALL6, PROCESS_WAIT],
        "The goroutine waits for a child process to exit.",
    ),
    rule(
        "fork",
        false,
        &[&["syscall.rawVforkSyscall"]],
        "The goroutine is starting a child process, and waits until the child has begun its program.",
    ),
    rule(
        "fork",
        false,
        &[RAW, FORK],
        "The goroutine is starting a child process; no other goroutine can start one meanwhile.",
    ),
    rule(
        "fork",
        false,
        &[SYSCALL6, FORK],
        "The goroutine is starting a child process; no other goroutine can start one meanwhile.",
    ),
    rule(
        "user",
        false,
        &[SYSCALL6, &["syscall.Syscall", "syscall.Syscall6"]],
        "A system call of the program or of a library; other goroutines can run meanwhile.",
    ),
    rule(
        "user-raw",
        false,
        &[SYSCALL6, RAW],
        "A raw system call, of which the Go scheduler is not told: while it lasts, one goroutine fewer can run.",
    ),
    rule(
        "user-raw",
        false,
        &[RAW],
        "A raw system call, of which the Go scheduler is not told: while it lasts, one goroutine fewer can run.",
    ),
    // Everything else on a scheduler's stack.
    rule(
        "scheduler",
        false,
        &[YIELD, SCHEDULE],
        "The thread is deciding which goroutine to run next.",
    ),
    rule(
        "runtime-sleep",
        false,
        &[SLEEP],
        "The runtime pauses for some microseconds before it tries something again.",
    ),
];

/// The end of a signal handler, told by its number.
pub const SIGNAL_RETURN: Rule = rule(
    "signal-return",
    false,
    &[],
    "The thread leaves a signal handler and goes back to what the signal interrupted.",
);
/// A poll that does not wait.
pub const NETPOLL_CHECK: Rule = rule(
    "netpoll-check",
    true,
    &[],
    "The runtime looks whether any connection, pipe or file has become ready, without waiting.",
);
/// A futex call that is not a wait.
pub const WAKE: Rule = rule(
    "runtime-wake",
    true,
    &[],
    "The thread wakes another one; this call itself does not wait.",
);
/// In C, called by Go.
pub const CGO: Rule = rule(
    "cgo",
    false,
    &[],
    "The goroutine has called C code (cgo), which is in this call.",
);
/// In Go, called by C, called by Go.
pub const CGO_CALLBACK: Rule = rule(
    "cgo-callback",
    false,
    &[],
    "C code called by Go has called back into Go, which is in this call.",
);
/// A thread of C's own.
pub const NATIVE: Rule = rule(
    "native",
    false,
    &[],
    "C code that no goroutine has called, as in a thread made by C.",
);
/// The runtime, not further known.
pub const RUNTIME: Rule = rule(
    "runtime",
    false,
    &[],
    "A call that the Go runtime makes for itself.",
);
/// A system call instruction in the program's own assembly.
pub const USER_ASM: Rule = rule(
    "user-raw",
    false,
    &[],
    "A raw system call, of which the Go scheduler is not told: while it lasts, one goroutine fewer can run.",
);

const fn rule(
    id: &'static str,
    parked: bool,
    chain: &'static [&'static [&'static str]],
    explanation: &'static str,
) -> Rule {
    Rule {
        id,
        parked,
        chain,
        explanation,
    }
}
