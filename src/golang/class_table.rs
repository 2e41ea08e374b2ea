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
        "The thread waits for a lock inside the Go runtime that another thread holds.",
    ),
    // Idle threads.
    rule(
        "gcstop",
        true,
        &[FUTEX, &["runtime.gcstopm"]],
        "The garbage collector has stopped all goroutines; this thread waits to be let on.",
    ),
    rule(
        "locked-m",
        true,
        &[FUTEX, &["runtime.stoplockedm"]],
        "The thread belongs to one goroutine (LockOSThread), which is itself waiting elsewhere.",
    ),
    rule(
        "handoff-m",
        true,
        &[FUTEX, &["runtime.stopm"], &["runtime.startlockedm"]],
        "The thread has handed its processor to a thread locked to a goroutine, and idles.",
    ),
    rule(
        "idle-m",
        true,
        &[FUTEX, &["runtime.stopm"]],
        "An idle thread of the Go scheduler: there is no goroutine for it to run.",
    ),
    rule(
        "template-thread",
        true,
        &[FUTEX, &["runtime.templateThread"]],
        "A thread that the runtime keeps to start other threads from in a clean state.",
    ),
    rule(
        "exited-main-m",
        true,
        &[FUTEX, &["runtime.mexit"]],
        "The main thread has nothing left to do, and may not exit before the process.",
    ),
    rule(
        "signal-recv",
        true,
        &[FUTEX, &["os/signal.signal_recv"]],
        "The goroutine of os/signal waits for the next signal.",
    ),
    rule(
        "cpu-profile-reader",
        true,
        &[FUTEX, &["runtime.(*profBuf).read"]],
        "The CPU profiler waits for samples to write out.",
    ),
    rule(
        "sysmon",
        true,
        &[YIELD, &["runtime.sysmon"]],
        "The runtime's monitor thread sleeps between two looks at the scheduler.",
    ),
    // Contention and waits inside the runtime.
    rule(
        "runtime-rwmutex",
        false,
        &[
            FUTEX,
            &["runtime.(*rwmutex).rlock", "runtime.(*rwmutex).lock"],
        ],
        "The thread waits for a runtime lock between starting threads and starting processes.",
    ),
    rule(
        "stw-wait",
        false,
        &[YIELD, STOP_WORLD],
        "The thread stops the world and waits for the last running goroutine to stop.",
    ),
    rule(
        "gc-barrier",
        false,
        &[YIELD, FOR_EACH_P],
        "The garbage collector waits until every processor has passed a safe point.",
    ),
    rule(
        "gc-scan",
        false,
        &[YIELD, &["runtime.suspendG", "runtime.castogscanstatus"]],
        "The garbage collector waits for a goroutine to stop so that it can scan its stack.",
    ),
    rule(
        "needm",
        false,
        &[YIELD, &["runtime.lockextra", "runtime.getExtraM"]],
        "A thread of C calls Go and waits for the bookkeeping that a Go thread needs.",
    ),
    rule(
        "spinning",
        true,
        &[YIELD, &["runtime.runqgrab"]],
        "The thread looks for goroutines to take over from others, with short pauses.",
    ),
    rule(
        "preempt",
        false,
        &[&["runtime.tgkill", "runtime.getpid"], &["runtime.signalM"]],
        "The runtime asks another thread, by a signal, to interrupt its goroutine.",
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
        "The goroutine starts a child process; other goroutines cannot start one meanwhile.",
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
        "A thread of the runtime ends: its goroutine ended while locked to it.",
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
        "The runtime tells the network poller of a new connection, pipe or file.",
    ),
    // The network poller: netpoll-check and netpoll-idle are told apart by the timeout.
    rule(
        "netpoll-idle",
        true,
        &[&["runtime.epollwait"], NETPOLL],
        "An idle thread waits in the network poller, for any connection, pipe or timer.",
    ),
    rule(
        "netpoll-idle",
        true,
        &[SYSCALL6, NETPOLL],
        "An idle thread waits in the network poller, for any connection, pipe or timer.",
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
        "The goroutine starts a child process and waits until the child has called exec.",
    ),
    rule(
        "fork",
        false,
        &[RAW, FORK],
        "The goroutine starts a child process; other goroutines cannot start one meanwhile.",
    ),
    rule(
        "fork",
        false,
        &[SYSCALL6, FORK],
        "The goroutine starts a child process; other goroutines cannot start one meanwhile.",
    ),
    rule(
        "user",
        false,
        &[SYSCALL6, &["syscall.Syscall", "syscall.Syscall6"]],
        "A system call of the program; the scheduler knows and runs other goroutines.",
    ),
    rule(
        "user-raw",
        false,
        &[SYSCALL6, RAW],
        "A raw system call: the scheduler does not know, the goroutine keeps its processor.",
    ),
    rule(
        "user-raw",
        false,
        &[RAW],
        "A raw system call: the scheduler does not know, the goroutine keeps its processor.",
    ),
    // Everything else on a scheduler's stack.
    rule(
        "scheduler",
        false,
        &[YIELD, SCHEDULE],
        "The thread is in the Go scheduler.",
    ),
    rule(
        "runtime-sleep",
        false,
        &[SLEEP],
        "The runtime pauses for some microseconds before it tries again.",
    ),
];

/// The end of a signal handler, told by its number.
pub const SIGNAL_RETURN: Rule = rule(
    "signal-return",
    false,
    &[],
    "The thread leaves a signal handler; the kernel puts back what the signal interrupted.",
);
/// A poll that does not wait.
pub const NETPOLL_CHECK: Rule = rule(
    "netpoll-check",
    true,
    &[],
    "The scheduler looks whether any connection is ready, without waiting.",
);
/// A futex call that is not a wait.
pub const WAKE: Rule = rule(
    "runtime-wake",
    true,
    &[],
    "The thread wakes another one; this call does not wait.",
);
/// In C, called by Go.
pub const CGO: Rule = rule(
    "cgo",
    false,
    &[],
    "The goroutine has called C code, which is in this call.",
);
/// In Go, called by C, called by Go.
pub const CGO_CALLBACK: Rule = rule(
    "cgo-callback",
    false,
    &[],
    "C code has called back into Go, which is in this call.",
);
/// A thread of C's own.
pub const NATIVE: Rule = rule(
    "native",
    false,
    &[],
    "A thread of C code, or a stack of C code that no goroutine has called.",
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
    "A raw system call: the scheduler does not know, the goroutine keeps its processor.",
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
