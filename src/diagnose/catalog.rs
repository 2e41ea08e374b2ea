//! The findings as data: what each means, how it is recognised, what to do. `gostrace explain`
//! and the man page are made from this.

use crate::finding::FindingId;

/// One finding, explained.
#[derive(Debug)]
pub struct Entry {
    /// Which.
    pub id: FindingId,
    /// Its stable name, as `--only` takes it.
    pub name: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// On what evidence it is told.
    pub recognised: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl FindingId {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        entry(self).map_or("", |e| e.name)
    }

    /// The finding of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<FindingId> {
        ENTRIES.iter().find(|e| e.name == name).map(|e| e.id)
    }
}

/// The explanation of a finding.
#[must_use]
pub fn entry(id: FindingId) -> Option<&'static Entry> {
    ENTRIES.iter().find(|e| e.id == id)
}

/// What to do in the case at hand, where the remedy speaks of several.
pub mod advice {
    /// `blocking-fd` on a socket.
    pub const BLOCKING_SOCKET: &str = "Do not call Fd() on the File of a connection that is used on: it makes the connection blocking. Use SyscallConn().Control, or syscall.SetNonblock(fd, true) afterwards.";
    /// `blocking-fd` on a pipe, FIFO or terminal.
    pub const BLOCKING_FILE: &str = "Open it with os.OpenFile, make it with os.Pipe, or set O_NONBLOCK before os.NewFile: then Go's poller waits for it, and SetDeadline and Close work.";
    /// `child-wait` for the pipes of a child that has gone.
    pub const HELD_PIPE: &str = "Set Cmd.WaitDelay: Wait then closes the pipes so long after the child's end. Or start the grandchild with its output elsewhere (a file, /dev/null), or give the command an *os.File as Stdout and Stderr, which Wait does not wait for.";
    /// `signal-interruption` of C code that takes the early return for the real one.
    pub const GIVEN_UP: &str = "In C, repeat a wait that returns EINTR: loop around sem_timedwait, nanosleep (with what is left), futex. Or block the signals in threads that wait (pthread_sigmask around the call); SA_RESTART does not help waits with a timeout.";
    /// `thread-held` by nanosleep.
    pub const SLEEP: &str = "Use time.Sleep: it parks the goroutine and keeps no thread.";
    /// `thread-held` by a futex.
    pub const FUTEX: &str = "Use sync.Mutex or a channel, unless another process shares the word: then give the wait a timeout, and bound how many goroutines wait at once.";
    /// `futex-contention` inside the Go runtime.
    pub const RUNTIME_LOCK: &str = "A CPU profile shows under runtime.lock2 who takes the lock: most often one channel, timer heap or map of goroutines that many use at once. Spread it (one per worker, batches), and set GOMAXPROCS to the CPUs that there are.";
    /// `thread-held` by epoll, poll or select.
    pub const POLL: &str = "Give the descriptor to Go's poller (os.NewFile on a non-blocking one, net.FileConn), or keep the loop in one goroutine of its own.";
}

/// All findings, by name.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: FindingId::Backlog,
        name: "backlog",
        title: "connections wait to be accepted, and more are turned away",
        meaning: "The queue of connections that the program has not yet accepted is full. New clients get no answer: their SYNs are dropped, and they try again after one second, then three.",
        recognised: "The kernel's socket diagnostics show a listening socket of the process with more connections in its accept queue than it may hold, twice, half a second or more apart. Connections dropped meanwhile are counted from ListenOverflows of the network namespace.",
        remedy: "Find out why Accept is not called (a handler that runs in the accept loop, fd-exhaustion, want of CPU). Go takes its backlog from net.core.somaxconn when it listens: raise that and restart for bursts.",
    },
    Entry {
        id: FindingId::BlockingFd,
        name: "blocking-fd",
        title: "a descriptor in blocking mode keeps a thread waiting",
        meaning: "The descriptor is in blocking mode, so Go's network poller does not watch it: each goroutine that waits on it keeps a thread of its own, and SetDeadline and Close do not end the wait.",
        recognised: "A call of Go code waited on a pipe, FIFO, terminal or socket whose flags in /proc/PID/fdinfo lack O_NONBLOCK. SO_RCVTIMEO and SO_SNDTIMEO are read from the socket through pidfd_getfd; Go's own deadlines are not these. Reading standard input is not reported.",
        remedy: "Do not call Fd() on a File of a connection that is used on: it makes the connection blocking; use SyscallConn().Control, or syscall.SetNonblock(fd, true) afterwards. Open FIFOs and devices with os.OpenFile, or with O_NONBLOCK before os.NewFile.",
    },
    Entry {
        id: FindingId::ChildWait,
        name: "child-wait",
        title: "a goroutine waits for a child, or for what it left behind",
        meaning: "The call lasts as long as the child runs: what the child is waiting for is what the request is waiting for. Or the child has ended, but a process that it started holds its output pipe open: Cmd.Wait waits for that one, too.",
        recognised: "wait4 or waitid, without WNOHANG, lasted; the child is the one that the call names, and its state and its own call are read from /proc while it runs. Or a goroutine that os/exec has started waits, for a second or more, to read a pipe whose writing end is open in other processes only, none of which is a child of ours (found through /proc/PID/fd, as far as it may be read).",
        remedy: "Give the command an end: exec.CommandContext with a timeout, and Cmd.WaitDelay for children of the child that keep its pipes open. Keep child processes out of requests where a library can do the work.",
    },
    Entry {
        id: FindingId::CpuThrottled,
        name: "cpu-throttled",
        title: "the process is short of CPU; its calls only look slow",
        meaning: "Threads that are ready to run wait for a CPU, because the cgroup has used up its quota or the machine is busy. A call then lasts until its thread is run again, whatever the call is.",
        recognised: "The cgroup's cpu.stat counts throttled periods while we watch (a tenth of the time or more); or threads' schedstat shows that they were ready to run, and waited, for most of the rest of slow calls, together for a tenth of two seconds or more. Such a call itself is not blamed, be it one or many.",
        remedy: "Raise the cgroup's CPU limit (cpu.max, cpu.cfs_quota_us), or set GOMAXPROCS to what the limit allows (Go 1.25 and later do so themselves). Otherwise find what else keeps the machine busy.",
    },
    Entry {
        id: FindingId::EagainSpin,
        name: "eagain-spin",
        title: "a call is made over and over that says EAGAIN each time",
        meaning: "The program polls a non-blocking descriptor in a loop and burns CPU while nothing happens.",
        recognised: "The same call on the same descriptor failed with EAGAIN at least 500 times a second for a second, and succeeded less than once in a hundred times. The descriptor must be among the calls that are traced.",
        remedy: "Wait for the descriptor instead: use os.File or net.Conn, whose methods park the goroutine in Go's poller; with RawConn, return false from the callback of Read or Write and Go waits.",
    },
    Entry {
        id: FindingId::FdExhaustion,
        name: "fd-exhaustion",
        title: "no descriptors are left, or hardly any",
        meaning: "Calls that make a descriptor fail with EMFILE (the process's limit) or ENFILE (the machine's): connections cannot be accepted, files not opened.",
        recognised: "Such a call failed while we watched; or nine tenths of RLIMIT_NOFILE are open. What the descriptors are is counted from /proc/PID/fd, and who opened them from the stacks of traced calls; with --slow, from those that make the last fifth of the descriptors that there may be, or are refused one (not with --sample).",
        remedy: "Look for what is not closed: response bodies, rows, files; the kind of descriptor that there is most of tells where. If all are needed, raise the hard limit (LimitNOFILE=, ulimit -Hn); Go raises the soft limit to it by itself.",
    },
    Entry {
        id: FindingId::FileLock,
        name: "file-lock",
        title: "a call waits for a file lock that another holds",
        meaning: "flock or fcntl(F_SETLKW) waits until the holder unlocks or ends, without a timeout, and keeps a thread meanwhile.",
        recognised: "The call lasted, and /proc/locks shows the waiting lock and the processes that hold it.",
        remedy: "Hold the lock for shorter, or try with LOCK_NB and back off under a deadline. Between goroutines of one process use sync.Mutex.",
    },
    Entry {
        id: FindingId::FsStall,
        name: "fs-stall",
        title: "the file system takes its time",
        meaning: "A call on a file or directory waits for the disk, the server behind the mount, or another thread that holds the directory. No signal ends it and Go cannot cancel it; each keeps a thread.",
        recognised: "The thread was in uninterruptible sleep (state D) in such a call for 100 ms or more, 500 ms for fsync and its kin; or the call is on NFS, FUSE or another file system with a server. Wait channel and kernel stack are shown where readable.",
        remedy: "Look at the device or server that is named (iostat, dmesg, the NFS or FUSE server). Keep such calls out of requests, bound how many run at once, and batch syncs.",
    },
    Entry {
        id: FindingId::FutexContention,
        name: "futex-contention",
        title: "threads wait for a C mutex, or a lock of the Go runtime",
        meaning: "C code called through cgo waits for a mutex that another thread holds: the goroutine keeps a thread meanwhile, and Go's own profiles do not show it. Or threads wait for an internal lock of the Go runtime (of a channel, the scheduler, the heap), and run no goroutine meanwhile.",
        recognised: "In C: a futex wait whose word is that of a pthread mutex: a live thread of the process is named as its owner, in the word itself (PI mutex) or behind it where glibc keeps it, and is not the one that waits; other threads that wait on the same word are counted. In the runtime: waits below runtime.lock2, which parking does not take, at least 5 slow ones of 2 threads or more between two looks, together half of the time or more.",
        remedy: "In C: look at what the owner does while it holds the mutex (its own call is named), hold it for shorter, or let fewer goroutines into the library at once. In the runtime: a CPU profile shows who takes the lock; spread what many goroutines use at once, and set GOMAXPROCS to the CPUs that there are.",
    },
    Entry {
        id: FindingId::GcAssist,
        name: "gc-assist",
        title: "goroutines must mark before they are given memory",
        meaning: "The program allocates faster than the collector's own threads can keep up: whoever allocates is made to mark first (GC assist), or waits until others have. Requests take longer for it, and no call shows why.",
        recognised: "About ten times a second all goroutines are looked at, without stopping them: at three looks of ten or more, of 20 to 40 in a row, the runtime had goroutines marked as assisting (\"GC assist marking\", \"GC assist wait\"). Of more than 4096 goroutines, that many are looked at.",
        remedy: "Allocate less where it is hot (go tool pprof -sample_index=alloc_space), raise GOGC, and GOMEMLIMIT if it is set; on few CPUs the collector has few threads. A heap close to its limit collects all the time.",
    },
    Entry {
        id: FindingId::IoUring,
        name: "io_uring",
        title: "a thread waits for the completions of an io_uring",
        meaning: "The call lasts until the kernel has completed as many requests as it asks for. Go's poller does not know of the ring: the goroutine keeps a thread, and no deadline ends the wait. If nothing is in flight, nothing ever will.",
        recognised: "io_uring_enter with IORING_ENTER_GETEVENTS and completions asked for, made by Go code or by C code that Go has called, lasted. How many requests are in flight is reckoned from the ring's fdinfo (Linux 6.1 and later: taken less completed), and is unknown where the kernel does not tell.",
        remedy: "Register an eventfd with the ring (IORING_REGISTER_EVENTFD) and wait for that through os.NewFile on it, non-blocking; or give the wait an end (IORING_ENTER_EXT_ARG, or a timeout request) and keep it in one goroutine of its own.",
    },
    Entry {
        id: FindingId::LockContention,
        name: "lock-contention",
        title: "goroutines wait for a Go lock much of the time",
        meaning: "Goroutines queue for a sync.Mutex or sync.RWMutex that another holds, most likely across something that waits itself. No thread is blocked, so no call shows it; requests take as long as all holders before them.",
        recognised: "About ten times a second all goroutines are looked at, without stopping them: at three looks of ten or more, of 20 to 40 in a row, some were parked in Lock or RLock (\"sync.Mutex.Lock\" and its kin, Go 1.20 and later), at half of these in the function that is named. Of more than 4096 goroutines, that many are looked at.",
        remedy: "See what the holder does meanwhile (gostrace dump lists the waiters by lock; a mutex profile, the holders): do not call, send or receive while holding it, copy what is needed and unlock, or split the lock.",
    },
    Entry {
        id: FindingId::NoDeadline,
        name: "no-deadline",
        title: "a call on a connection has no end of its own",
        meaning: "The peer is silent, does not read, or does not answer, and nothing ends the wait: no timeout of the call, none of the socket.",
        recognised: "A call on a TCP socket is blocked for a second or more, has no timeout, and the socket has neither SO_RCVTIMEO nor SO_SNDTIMEO (read through pidfd_getfd). TCP_INFO and the queues say which of the three it is. Waits in Go's poller make no call: `gostrace dump` names those whose connection has no deadline by the poller's own record, found through its epoll registrations.",
        remedy: "Set a deadline: SetReadDeadline and SetWriteDeadline on the connection, timeouts on http.Server and http.Client, a context for dialling; in C, SO_RCVTIMEO or poll.",
    },
    Entry {
        id: FindingId::SignalInterruption,
        name: "signal-interruption",
        title: "signals interrupt calls all the time, or C gives up a wait",
        meaning: "Calls fail with EINTR over and over. Go's packages repeat them, at a cost; C code often takes the early return for the real one: it has slept too little, or goes on without what it waited for.",
        recognised: "Calls of one kind failed with EINTR at least 50 times a second for a second. Polls for 128 events without a mask are not counted: Go's poller makes them, and Go's preemption interrupts them. Or a signal cut short a futex wait or nanosleep of C code, and after the signal's handler the thread went back to Go, or made 8 other calls, without waiting again: three times in one function (not seen with --sample). The signals delivered meanwhile are counted: SIGURG is Go's own preemption, SIGPROF a CPU profile, SIGCHLD the end of children.",
        remedy: "Stop the source of the signal that is named, or install its C handler with SA_RESTART. In C, repeat waits that return EINTR. GODEBUG=asyncpreemptoff=1 tells whether SIGURG is to blame.",
    },
    Entry {
        id: FindingId::StopTheWorld,
        name: "stop-the-world",
        title: "all goroutines are kept waiting until one has stopped",
        meaning: "The garbage collector (or runtime.ReadMemStats, a profile, GOMAXPROCS) stops all goroutines for a moment. One that cannot be stopped keeps all the others waiting: mostly one in a raw system call, of which the runtime is not told.",
        recognised: "About ten times a second all goroutines are looked at, without stopping them: at one look of ten or more, and three at least, one of them was \"stopping the world\", which takes microseconds. Stops by the collector are so marked from Go 1.24 on; before, only the others. A thread found in a raw call meanwhile is named.",
        remedy: "Make calls that may wait with syscall.Syscall (or the functions of syscall and x/sys/unix), not RawSyscall: the runtime then stops the world without them. If no call is named, look for long loops in assembly, or for want of CPU.",
    },
    Entry {
        id: FindingId::ThreadExplosion,
        name: "thread-explosion",
        title: "very many threads are blocked in calls",
        meaning: "Each goroutine in a blocking call keeps a thread. Go makes as many as it takes, never ends them, and crashes the program at 10,000.",
        recognised: "At least 64 threads, and four for each P (GOMAXPROCS), were blocked at once in slow calls that the program itself made. How many of them the runtime had taken their P from meanwhile, and how many goroutines had returned from a call and waited to be run again, is read from its own records.",
        remedy: "Bound how many goroutines make the call that is named at once (a semaphore, a worker pool), or make it non-blocking.",
    },
    Entry {
        id: FindingId::ThreadHeld,
        name: "thread-held",
        title: "a wait of the program's own keeps a thread",
        meaning: "Go code waits by a system call (nanosleep, epoll_wait, poll, select, futex) for what Go can wait for without a thread.",
        recognised: "Such a call, made by the program and not by the Go runtime, lasted; its stack shows that Go code made it.",
        remedy: "time.Sleep in place of nanosleep; os.NewFile on a non-blocking descriptor in place of a poll loop; sync or channels in place of a futex, unless other processes share it: then bound the wait and how many wait.",
    },
];
