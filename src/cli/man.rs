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

Exit status: the command's own (128+N for signal N), 0 when an attach ended normally, 2 bad usage,
77 not permitted, 78 no such process or one that cannot be traced, 125 gostrace failed,
126/127 the command cannot be run / was not found.";

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
    String::from_utf8_lossy(&page).into_owned() + SECTIONS
}

/// What no option says.
const SECTIONS: &str = r#".SH OUTPUT
The trace goes to standard output, everything else (banner, warnings, notes) to standard error.
Under \fB\-\-slow\fR a call is shown when it ends, and while it is still blocked at the threshold
and then at doubling intervals.
Threads that the Go runtime has parked because there is nothing for them to do are hidden, and
counted in the summary; \fB\-\-show\-parked\fR shows them.
Ctrl\-C lets go of the target, prints the summary and exits 0; a second Ctrl\-C lets go at once.
.SH EXPRESSIONS
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
Calls that block for 10 ms or more, their goroutines and Go stacks.
.TP
.B gostrace \-f \-e %network \-\- ./server \-port 8080
Start a command and show its network calls.
.SH SEE ALSO
.BR strace (1),
.BR ptrace (2),
.BR syscalls (2)
"#;
