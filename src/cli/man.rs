//! The man page, generated from the options; `man/gostrace.1` is its checked-in copy.

use super::args::Args;
use clap::CommandFactory;

/// What stands below the options in `--help`.
pub(super) const AFTER_HELP: &str = "\
Examples:
  gostrace -p PID -e futex,epoll_wait --slow 10ms   calls that block for 10ms or more, and why
  gostrace -p PID --slow 100ms -d 30s               every kind of blocking call, for 30 seconds
  gostrace -f -e %network -- ./server -port 8080    start a command, show its network calls
  gostrace -p \"$(pidof server)\" --slow 1s -o slow.txt
  gostrace --format strace -f -o log ./server       strace's own lines and options
  gostrace dump -p PID                              all goroutines and threads, once (dump --help)
  gostrace hang --after 30s -- go test ./...        run it; if it hangs, say why (hang --help)
  gostrace report FILE --format json                a recording (--record FILE) in another form
  gostrace doctor -p PID                            whether it can be traced, and if not, why
  gostrace explain blocking-fd                      what a finding means and what to do

Exit status: the command's own (128+N for signal N), 0 when an attach ended normally, 2 bad usage,
77 not permitted, 78 no such process or one that cannot be traced, 123 --fail-on-slow, 124 a hang,
125 gostrace failed, 126/127 the command cannot be run / was not found.";

/// The man page in roff.
#[must_use]
pub fn man_page() -> String {
    let man = clap_mangen::Man::new(Args::command())
        .source(concat!("gostrace ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands");
    let mut page = Vec::new();
    // Writing to a Vec cannot fail; a page cut short would not pass the test that compares it.
    let _ = man
        .render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page));
    let options = String::from_utf8_lossy(&page).into_owned();
    let (before, after) = SECTIONS
        .split_once(".SH DURATIONS")
        .unwrap_or((SECTIONS, ""));
    let sections = format!("{before}{HANG}.SH DURATIONS{after}");
    options + OUTPUT + &super::classes::man_section() + &super::explain::man_section() + &sections
}

/// `gostrace hang`.
const HANG: &str = include_str!("man_hang.roff");

/// What no option says: before the wait classes,
const OUTPUT: &str = r#".SH OUTPUT
The trace goes to standard output, everything else (banner, warnings, notes) to standard error.
Under \fB\-\-slow\fR a call is shown when it ends, and while it is still blocked at the threshold
and then at doubling intervals.
Threads that the Go runtime has parked because there is nothing for them to do are hidden, and
counted in the summary; \fB\-\-show\-parked\fR shows them.
Ctrl\-C lets go of the target, prints the summary and exits 0; a second Ctrl\-C lets go at once.
\fB\-c\fR and \fB\-C\fR print a table of calls by wait class, one by place in the program (the innermost
function that is the program's, and the one that created its goroutine; 400 places, then one row for
all others), and one of what the runtime has parked. Times are by the clock, sums exact to the
nanosecond, quantiles at most a hundredth too large; what was sampled says by how much it may be wrong
(\fB± seconds\fR). On SIGUSR1 the table so far is printed: where the trace goes if \fB\-c\fR,
\fB\-C\fR or \fB\-\-interval\fR asked for it, else to standard error.
Beside \fB\-\-format json\fR tables go to standard error, too.
A call's goroutine stands under it, with the bracket of Go's own traceback and its wait class:
.PP
.EX
goroutine 42 [syscall, locked to thread] M 4, P 2 handed off to M 7 [user]
.EE
.PP
First its id and state, the runtime's own reason if it waits, and whether it is locked to its
thread. Then the thread as the runtime numbers it (M), \fBin cgo\fR if it is in C code called from
Go, and its processor (P), of which there are GOMAXPROCS: \fBP 2\fR is held throughout, so that no
other goroutine can run on it; \fBstill its own\fR, nobody has taken it so far; \fBhanded off\fR, the
runtime has taken it for others during the call, and now it is idle or another M's. A thread that
works for the runtime has \fBno goroutine (system stack)\fR.
"#;

/// and after them.
const SECTIONS: &str = r#".SH EXPRESSIONS
\fB\-e\fR takes strace's expressions, [\fIqualifier\fR=][!]\fIvalue\fR[,\fIvalue\fR...].
Without a qualifier it is \fBtrace=\fR.
.TP
.B trace=
A call's name, which stands for its family (\fBepoll_wait\fR for \fBepoll_pwait\fR and
\fBepoll_pwait2\fR too); \fB=\fR\fIname\fR, that one alone; a number; \fB/\fR\fIregex\fR;
\fBall\fR; \fBnone\fR; or a group:
%file %desc %network %process %signal %ipc %memory %creds %clock %pure %stat %lstat %fstat %%stat
%statfs %fstatfs %%statfs as in strace, and %blocking, the calls that can make a thread wait.
\fB?\fR before a value: it may match nothing.
.TP
.B signal=
The signals to show: names with or without SIG, numbers, \fBall\fR, \fBnone\fR.
.TP
.B quiet=
Messages to leave out: attach, exit, path\-resolution, personality, thread\-execve, all, none.
.TP
.B decode\-fds=
What to say of a descriptor: path, socket, dev, pidfd, all, none.
.TP
.B status=
How the calls that are shown may have ended: successful, failed, unfinished, unavailable, detached,
all, none. \fB\-z\fR is \fBstatus=successful\fR, \fB\-Z\fR is \fBstatus=failed\fR.
.TP
.B fd=
Only calls that have to do with these descriptors; together with \fB\-P\fR, with either.
.TP
.BR read= ", " write=
The descriptors of which everything read or written is shown in hex below the call
(\fB\-\-format strace\fR).
.TP
.BR abbrev= ", " verbose= ", " raw=
The calls whose structures are abbreviated (all or none), shown at all, or whose arguments are shown as numbers.
.TP
.B decode\-pids=
What to say of a process id: comm.
.SH STRACE'S OWN FORMAT
\fB\-\-format strace\fR writes strace's lines and nothing else, to standard error or to
\fB\-o\fR \fIFILE\fR, and gives all options strace's meaning: without \fB\-f\fR one thread
alone is traced, a call's name selects that call alone, descriptors are bare without
\fB\-y\fR, and what strace says of attaching (\fBstrace: Process\fR \fIN\fR
\fBattached\fR) is said in its name. Options of our own (\fB\-\-slow\fR,
\fB\-\-goroutine\fR, \fB\-\-func\fR, \fB\-\-class\fR, \fB\-\-sample\fR) are
refused with it.
.PP
The measure is strace 6.1. Newer options that it lacks are those of strace 7:
\fB\-N\fR (\fB\-\-arg\-names\fR), \fB\-e fd=\fR, \fB\-\-argv0\fR,
\fB\-\-always\-show\-pid\fR, \fB\-\-syscall\-limit\fR,
\fB\-\-stack\-trace\-frame\-limit\fR, \fB\-\-kill\-on\-exit\fR, \fB\-\-strings\-in\-hex=non\-ascii\-chars\fR,
\fB\-u\fR \fIUID\fR\fB:\fR\fIGID\fR, and \fB\-U\fR wall\-total, wall\-min, wall\-max,
wall\-avg.
.PP
What differs from strace: \fB\-d\fR is \fB\-\-duration\fR; a value of \fB\-k\fR is a depth;
Ctrl\-C and SIGTERM let go of a started command, which strace kills; with \fB\-z\fR and its like a
call that another thread's line cuts is shown whole. Refused are \fB\-D\fR, \fB\-\-tips\fR, \fB\-\-debug\fR,
\fB\-e kvm=\fR, \fB\-e namespace=\fR, \fB\-\-secontext\fR and \fB\-\-decode\-pids=pidns\fR.
.SH METRICS
\fB\-\-metrics\fR serves them at \fB/metrics\fR, in OpenMetrics where that is accepted, else as text;
\fB\-\-metrics\-file\fR replaces a text file as a whole every 5 seconds and at the end. These names are
stable. 64 processes have series of their own; further ones share \fBpid="other"\fR.
.TP
.B syscall_blocked_duration_seconds_total{syscall,pid,comm}
Time in traced calls without the runtime's parking; of a call that still blocks, what it had lasted when
it was last told (\fB\-\-slow\fR). Its rate is how many threads are blocked.
.TP
.B syscall_blocked_count_total{syscall,state}
These calls by the state of their thread when they were found blocked: RUNNABLE, INTERRUPTIBLE,
UNINTERRUPTIBLE; UNKNOWN where they ended before (always without \fB\-\-slow\fR).
.TP
.B gostrace_parked_duration_seconds_total{class}
Time that the runtime was parked.
.TP
.B gostrace_syscall_duration_seconds{syscall,class}
A histogram of the calls that have ended, those of the runtime's parking included.
.TP
.BR gostrace_calls_in_flight{class} ", " gostrace_oldest_call_in_flight_seconds{class}
Calls that have lasted as long as \fB\-\-slow\fR says and go on; nothing without it.
.TP
.B gostrace_findings_total{id}
Findings, each again for each call that shows it, or each look at the process that no call shows it at.
.TP
.BR gostrace_open_fds{pid,comm} ", " gostrace_max_fds{pid,comm}
Descriptors that are open, and that may be.
.TP
.BR gostrace_tracer_cpu_seconds_total ", " gostrace_tracer_resident_memory_bytes
What gostrace itself takes.
.TP
.BR gostrace_events_total ", " gostrace_events_dropped_total
Events of the trace, and those that were lost.
.SH ON-SLOW
\fB\-\-on\-slow\fR runs its command once for a call that is slow (\fB\-\-slow\fR; not for parking) and for
each finding, with \fBGOSTRACE_EVENT\fR (slow, finding), \fBFINDINGS\fR, \fBPID\fR, \fBTID\fR,
\fBSYSCALL\fR, \fBRESULT\fR, \fBDURATION_NS\fR, \fBERROR_NS\fR (of a sampled one), \fBTIME_NS\fR (since the
epoch), \fBCLASS\fR, \fBGOROUTINE\fR, \fBCREATED_BY\fR, \fBCALLER\fR and \fBLINE\fR, as far as known, all
with \fBGOSTRACE_\fR before them; and on standard input the event as a line of \fB\-\-format json\fR. They
hold what the target chose: quote them. Its output goes to standard error. Its failure is reported; it is
killed after a minute; runs that are dropped are counted and said.
.PP
.EX
\-\-on\-slow 'curl \-sf \-m 5 \-H Content\-Type:application/json \-d @\- https://example.org/hook'
\-\-on\-slow "sh \-c 'echo 1 >/sys/fs/cgroup/app.slice/cgroup.freeze'"
\-\-on\-slow "sh \-c 'echo disable server web/1 | socat stdio /run/haproxy.sock'"
.EE
.SH REPORT
\fBgostrace report\fR \fIFILE\fR [\fIOPTIONS\fR]
shows again what \fB\-\-record\fR \fIFILE\fR has recorded, on any machine, without the process
and its binary. Without options it prints what the run printed, byte for byte and in the run's local
time, to standard output. All options that select and show have their meaning; each replaces the
same option of the run: \fB\-\-format\fR, \fB\-e\fR, \fB\-\-slow\fR,
\fB\-\-show\-parked\fR, \fB\-\-goroutine\fR, \fB\-\-func\fR, \fB\-\-class\fR,
\fB\-\-only\fR, \fB\-\-ignore\fR, \fB\-p\fR, \fB\-k\fR, \fB\-c\fR, \fB\-o\fR, and the other
outputs. What was not captured cannot be shown: calls that \fB\-e\fR or \fB\-\-slow\fR of the run
left out, more of a string than its \fB\-s\fR. Calls that were hidden as parked were recorded, and
stacks, whether the run showed them or not.
.PP
A recording is written as it grows, twice a second. If gostrace was killed or the disk was full, it is
good up to its last whole block, and \fBreport\fR says on standard error that it breaks off.
.SH DUMP
\fBgostrace dump \-p\fR \fIPID\fR [\fB\-\-all\fR] [\fB\-\-json\fR] [\fB\-\-freeze\fR]
[\fB\-o\fR \fIFILE\fR]
shows once what every thread and every goroutine is doing. No thread is stopped and no signal is
sent; a thread in D state cannot hold it up, and it works on a process that is stopped or traced by
another.
.PP
First the threads: id, name, state, the kernel function that each waits in, the call that it is
blocked in, its goroutine, M, P and wait class. Then the goroutines in the form of the Go runtime's
own traceback, for people and for tools that read it; arguments are not known from outside, so all
are \fB(...)\fR. Goroutines with the same state, stack and creator are shown once, under a line
\fB# N goroutines with this stack:\fR with their ids. Then the locks and channels that goroutines
wait on, with the ids of their waiters. Last, what goroutines wait for in Go's network poller:
\fBno\-deadline\fR names each that waits for a connection without a deadline, with peer and unread
or unsent bytes; the others are counted. All lines that a traceback does not have begin with \fB#\fR
or \fBthread\fR.
.PP
The process runs on meanwhile. A goroutine's stack is shown if two looks, before and after it was
read, found it in the same place; if not even the last of several did, its state has the remark
\fBmoved while it was read\fR. One that runs has no stack that could be read. How long a
goroutine has been waiting is known once a garbage collection has seen it wait.
.TP
.B \-\-all
Each goroutine by itself.
.TP
.B \-\-json
One JSON document, schema \fBgostrace\-dump/1\fR: \fBprocess\fR, \fBfrozen\fR, \fBthreads\fR,
\fBgoroutines\fR, \fBstacks\fR, \fBcreated_by\fR, \fBwaited_on\fR, \fBmissing\fR. Threads and
goroutines name a stack by its place in the list \fBstacks\fR, counted from 0, and a go statement
by that in \fBcreated_by\fR; what is not known is absent. Fields may be added, none will change its
meaning.
.TP
.B \-\-freeze
Stop all threads for the look, so that all of it is of one moment, running goroutines too; says for
how long. A blocked call that the kernel does not restart by itself fails with EINTR, as it does
whenever a debugger attaches.
.SH DOCTOR
\fBgostrace doctor\fR [\fB\-p\fR \fIPID\fR]
says what tracing needs here, of the process if one is named, a line for each check, those first that
count first: \fBok\fR, \fBNO\fR with the cause and the remedy, or \fB\-\fR for what only
limits what can be shown. The words are those of the error that an attach would end with, and so is the
exit status. The process is neither stopped nor changed: it is seized and let go of at once, to see
whether the kernel permits it.
.SH WHEN EVENTS ARE LOST
A loss is counted, and the last line says how many. Events are dropped only where nobody takes them: an
attached process waits for a reader (a slow terminal, a full pipe) for two seconds at most. A file that
cannot be written to its end (a full disk, a limit of its size) ends the trace with an error and exit
status 125; what had been written stays. A pipe that is closed ends the trace quietly.
.PP
While gostrace itself is stopped (SIGSTOP, Ctrl\-Z) the threads that it traces stop at their next system
call or signal, and wait until it is continued (SIGCONT) or ends: nothing is lost, and nothing happens. A
process that must not wait is let go of by \fBkill \-9\fR, which works on a stopped gostrace, too, or is
watched with \fB\-\-sample\fR, which stops nobody, and says at the end how long a call may have been missed.
.SH DURATIONS
A number and a unit: \fB100ns\fR, \fB500us\fR, \fB10ms\fR, \fB1.5s\fR, \fB2m\fR, \fB1h\fR,
\fB1m30s\fR. A number without a unit is an error.
.SH EXIT STATUS
.TP
.B 0
An attach ended normally.
.TP
.B N, 128+N
The started command's own status, or it died of signal N.
.TP
.B 2
Bad usage.
.TP
.B 77
Not permitted: the message names the cause and the remedy.
.TP
.B 78
Target unsuitable: no such process, a kernel thread, a foreign architecture.
.TP
.B 123
\fB\-\-fail\-on\-slow\fR saw as many slow calls as it was told to.
.TP
.B 124
\fBgostrace hang\fR: the command hung, or took longer than \fB\-\-deadline\fR.
.TP
.B 125
gostrace itself failed.
.TP
.B 126
The command cannot be run.
.TP
.B 127
The command was not found.
.SH ENVIRONMENT
.TP
.B NO_COLOR
If set and not empty, no colour with \fB\-\-color auto\fR.
.SH EXAMPLES
.TP
.B gostrace \-p PID \-e futex,epoll_wait \-\-slow 10ms
Attach to a live process: its futex and epoll calls that block for 10 ms or more, each with its
goroutine, its Go stack and what is wrong about it. Threads that the Go runtime has parked are hidden.
.TP
.B gostrace \-p PID \-\-slow 50ms \-\-class user \-\-func \(aq^main\e.\(aq \-d 30s \-o slow.txt
For 30 seconds, the calls of the program's own that block for 50 ms or more with a function of package
main on their stack.
.TP
.B gostrace \-f \-T \-e trace=%network \-e status=failed \-\- ./server \-port 8080
Start a command and show its network calls, and those of its children, that failed, and how long each
took.
.TP
.B gostrace \-f \-\-format strace \-o log \-e trace=%file \-e \(aqsignal=!chld,urg\(aq \-\- make
strace's own lines, to be read by whatever reads those; without the signals SIGCHLD and SIGURG.
.TP
.B gostrace \-c \-S max_time \-p PID \-d 10s
Only a table: each call by wait class, with its quantiles, the longest first.
.TP
.B gostrace \-p PID \-\-sample \-\-slow 100ms \-d 1m \-\-flamegraph blocked.svg \-o slow.txt
Where the program waits, as a flame graph, without ever stopping the process.
.TP
.B gostrace \-p PID \-\-overhead 5% \-\-slow 20ms
Every call exactly while that costs no thread more than a twentieth of its time; those that would lose
more are sampled.
.TP
.B gostrace \-p PID \-\-slow 20ms \-d 1m \-\-record slow.rec \-o /dev/null
Keep everything of a minute, to look at it later or elsewhere:
.B gostrace report slow.rec
shows it as the run would have,
.B gostrace report slow.rec \-\-pprof slow.pb.gz \-o /dev/null
makes a profile of it for
.BR "go tool pprof" ,
and
.B gostrace report slow.rec \-\-format json
one event a line.
.TP
.B gostrace dump \-p PID
Every thread's call and every goroutine's stack, once, stopping nothing.
.TP
.B gostrace hang \-\-after 30s \-\-report hang \-\-junit hang.xml \-\- go test ./...
Run tests as they would run without it. If nothing gets on for 30 seconds, say which test waits for
what at which line, leave the report in the directory
.BR hang ,
and end them, with the exit status 124.
.TP
.B gostrace doctor \-p PID
Whether this process can be traced from here, and if not, what is in the way and what helps.
.TP
.B gostrace explain blocking\-fd
What a finding means, how it is recognised and what to do.
.SH SEE ALSO
.BR gostrace\-json (5),
.BR strace (1),
.BR ptrace (2),
.BR syscalls (2)
"#;
