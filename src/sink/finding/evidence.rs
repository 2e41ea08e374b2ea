//! What findings rest on, in words.

use crate::diagnose::SocketFacts;
use crate::event::Known;
use crate::finding::{Evidence, FdKind, Silence};
use crate::sink::FdStyle;
use crate::sink::args::write_signal;
use crate::sink::fd_text::write_target;
use crate::sink::line::Human;
use crate::syscall::errno;
use crate::untrusted::push as push_untrusted;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// A fact that a finding rests on, in words.
pub(in crate::sink) fn write_evidence(out: &mut String, evidence: &Evidence) {
    let _ = match evidence {
        Evidence::BlockingMode { fd, target, flags } => {
            let _ = write!(out, "fd {fd}");
            write_target(out, target, FdStyle::Endpoints);
            write!(out, " is in blocking mode (flags 0{flags:o})")
        }
        Evidence::Lasted(time) => write!(out, "it has lasted {}", Human(*time)),
        Evidence::SocketTimeout(timeout) => match timeout {
            Known::Is(None) => write!(out, "the socket has no timeout"),
            Known::Is(Some(t)) => write!(
                out,
                "the socket's own timeout is {}, which Go's deadlines do not know of",
                Human(*t)
            ),
            Known::NotAsked => write!(out, "the socket's timeout is unknown"),
            Known::Unknown(reason) => write!(out, "the socket's timeout is unknown ({reason})"),
        },
        Evidence::Child {
            pid,
            command,
            state,
            call,
        } => {
            let _ = write!(out, "child {pid}");
            write_command(out, command.as_ref());
            if let Some(state) = state {
                let _ = write!(out, " {}", state_text(*state));
            }
            write_call(out, *call);
            Ok(())
        }
        Evidence::Connection {
            why,
            unread,
            unsent,
            silent_for,
            peer_window,
        } => {
            write_connection(out, *why, (*unread, *unsent), *silent_for, *peer_window);
            Ok(())
        }
        Evidence::OpenFiles(count) => write!(out, "{count} descriptors are open"),
        Evidence::Kinds(kinds) => {
            out.push_str("they are ");
            write_list(out, kinds, |out, (kind, n)| {
                let _ = write!(out, "{n} {}", kind_text(*kind));
            });
            Ok(())
        }
        Evidence::Openers(openers) if openers.is_empty() => write!(
            out,
            "who opened them was not seen: they were opened before we watched, or by calls that are not looked at until few descriptors are left (-k -e %desc without --slow shows all)"
        ),
        Evidence::Refused(refused) => {
            out.push_str("refused to ");
            write_list(out, refused, |out, (func, n)| {
                push_untrusted(out, func);
                let _ = write!(out, " {n}");
            });
            Ok(())
        }
        Evidence::GivenUp { call, times, by } => {
            let many = if *times == 1 { "time" } else { "times" };
            let _ = write!(
                out,
                "signals cut {call} short {times} {many}, and C code did not repeat it"
            );
            if !by.is_empty() {
                out.push_str(": in ");
                write_list(out, by, |out, f| push_untrusted(out, f));
            }
            Ok(())
        }
        Evidence::Openers(openers) => {
            out.push_str("most were opened, as far as was seen, by ");
            write_list(out, openers, |out, (func, n)| {
                push_untrusted(out, func);
                let _ = write!(out, " {n}");
            });
            Ok(())
        }
        Evidence::Failures {
            call,
            fd,
            errno: number,
            count,
            succeeded,
            over,
        } => {
            out.push_str(call);
            if let Some(fd) = fd {
                let _ = write!(out, " on fd {fd}");
            }
            let name = errno::name(*number).unwrap_or("an unknown error");
            let _ = write!(out, " failed with {name}");
            if !over.is_zero() {
                let times = if *count == 1 { "time" } else { "times" };
                let _ = write!(out, " {count} {times} in {}", Human(*over));
                if fd.is_some() {
                    let _ = write!(out, " and succeeded {succeeded}");
                }
            }
            Ok(())
        }
        Evidence::Uninterruptible => write!(out, "the thread was in state D, uninterruptible"),
        Evidence::KernelStack(functions) => {
            out.push_str("in the kernel it waited in ");
            write_list(out, functions, |out, f| push_untrusted(out, f));
            Ok(())
        }
        Evidence::FileSystem {
            kind,
            source,
            mounted_at,
        } => {
            out.push_str("the file system is ");
            for (text, before) in [(kind, ""), (source, " of "), (mounted_at, " at ")] {
                out.push_str(before);
                push_untrusted(out, text);
            }
            Ok(())
        }
        Evidence::AlsoWaiting(n) => {
            write!(out, "other threads that waited in the same place: {n}")
        }
        Evidence::Holder {
            pid,
            tid,
            command,
            call,
            own,
        } => {
            match (tid, pid) {
                (Some(tid), _) => {
                    let _ = write!(out, "held by thread {tid}");
                }
                (None, Some(pid)) => {
                    let _ = write!(out, "held by process {pid}");
                }
                (None, None) => out.push_str("held by an open file description"),
            }
            write_command(out, command.as_ref());
            if *own && tid.is_none() {
                out.push_str(", which is the waiting process itself");
            } else {
                write_call(out, *call);
            }
            Ok(())
        }
        Evidence::FutexWord { value } => write!(out, "the futex word is {value:#x}"),
        Evidence::Throttled {
            periods,
            of,
            time,
            over,
        } => write!(
            out,
            "its cgroup was throttled in {periods} of {of} periods, for {} of CPU time in {}",
            Human(*time),
            Human(*over)
        ),
        Evidence::WaitedForCpu { time, over } => write!(
            out,
            "of the last {} of the call the thread was ready to run for {} and waited for a CPU",
            Human(*over),
            Human(*time)
        ),
        Evidence::Starved { calls, time, over } => write!(
            out,
            "slow calls in the last {} that waited for a CPU instead: {calls}, together for {}",
            Human(*over),
            Human(*time)
        ),
        Evidence::AcceptQueue {
            target,
            waiting,
            limit,
        } => {
            out.push_str("socket");
            write_target(out, target, FdStyle::Endpoints);
            write!(
                out,
                " has {waiting} connections to accept, its limit is {limit}"
            )
        }
        Evidence::Overflows(n) => {
            write!(
                out,
                "connections dropped meanwhile in this network namespace: {n}"
            )
        }
        Evidence::Threads {
            all,
            blocked,
            calls,
        } => {
            let _ = write!(out, "{blocked} of {all} threads are blocked at once, in ");
            write_list(out, calls, |out, (call, n)| {
                let _ = write!(out, "{call} {n}");
            });
            Ok(())
        }
        Evidence::KeepsThread => {
            write!(out, "Go code of the program made the call, not the runtime")
        }
        Evidence::Ring {
            fd,
            wanted,
            in_flight,
        } => {
            let _ = write!(
                out,
                "fd {fd} is an io_uring, asked for {wanted} completions; "
            );
            match in_flight {
                Known::Is(0) => write!(out, "nothing is in flight, so nothing will end the wait"),
                Known::Is(n) => write!(out, "requests in flight: {n}"),
                Known::NotAsked => write!(out, "how many requests are in flight is unknown"),
                Known::Unknown(reason) => {
                    write!(out, "how many requests are in flight is unknown ({reason})")
                }
            }
        }
        Evidence::SameWord(n) => {
            write!(out, "other threads that wait on the same futex word: {n}")
        }
        Evidence::RuntimeLock {
            waits,
            threads,
            total,
            longest,
            over,
        } => write!(
            out,
            "{threads} threads waited {waits} times for locks of the Go runtime in {}, together {}, at most {}",
            Human(*over),
            Human(*total),
            Human(*longest)
        ),
        Evidence::Assisting {
            times,
            looks,
            at_once,
        } => write!(
            out,
            "at {times} of {looks} looks goroutines assisted the garbage collector, up to {at_once} at once"
        ),
        Evidence::Stopping {
            times,
            looks,
            longest,
        } => {
            let _ = write!(
                out,
                "at {times} of {looks} looks the world was being stopped"
            );
            match longest.is_zero() {
                true => Ok(()),
                false => write!(out, ", once for {} or more", Human(*longest)),
            }
        }
        Evidence::RunsOn { tid, call } => {
            write!(
                out,
                "thread {tid} ran on meanwhile, in a raw call of {call}"
            )
        }
        Evidence::LockWaits {
            times,
            looks,
            at_once,
        } => write!(
            out,
            "at {times} of {looks} looks goroutines waited for a lock of package sync, up to {at_once} at once"
        ),
        Evidence::WaitedToRun {
            times,
            looks,
            at_once,
            longest,
        } => {
            let _ = write!(
                out,
                "at {times} of {looks} looks goroutines had returned from a call and waited to be run again, up to {at_once} at once"
            );
            match longest.is_zero() {
                true => Ok(()),
                false => write!(out, ", one for {} or more", Human(*longest)),
            }
        }
        Evidence::CopiesFrom { goid, pipe } => write!(
            out,
            "goroutine {} of os/exec waits to read pipe:[{pipe}], whose child has gone",
            goid.0
        ),
        Evidence::PipeHolder {
            pid,
            command,
            parent,
        } => {
            let _ = write!(out, "process {pid}");
            write_command(out, command.as_ref());
            out.push_str(" holds it open for writing");
            match parent {
                Some(parent) => write!(out, ", a child of process {parent}"),
                None => Ok(()),
            }
        }
        Evidence::HandedOff { lost, of } => write!(
            out,
            "{lost} of {of} of them, as far as was seen, had their P handed off to others"
        ),
        Evidence::Signals(signals) => {
            out.push_str("signals delivered meanwhile: ");
            write_list(out, signals, |out, (signal, n)| {
                write_signal(out, *signal);
                let _ = write!(out, " {n}");
            });
            Ok(())
        }
    };
}

fn write_list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    for (n, item) in items.iter().enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        write(out, item);
    }
}

fn write_command(out: &mut String, command: Option<&Arc<str>>) {
    if let Some(command) = command {
        out.push_str(" \"");
        push_untrusted(out, command);
        out.push('"');
    }
}

fn write_call(out: &mut String, call: Option<&'static str>) {
    if let Some(call) = call {
        let _ = write!(out, ", itself blocked in {call}");
    }
}

fn state_text(state: char) -> &'static str {
    match state {
        'R' => "runs",
        'S' => "sleeps",
        'D' => "is in uninterruptible sleep",
        'T' => "is stopped by a signal",
        't' => "is stopped by a debugger",
        'Z' => "has ended, but not all of it",
        _ => "is in a state unknown here",
    }
}

fn kind_text(kind: FdKind) -> &'static str {
    match kind {
        FdKind::Socket => "sockets",
        FdKind::Pipe => "pipes",
        FdKind::File => "files",
        FdKind::Epoll => "epoll instances",
        FdKind::Other => "others",
    }
}

/// What keeps a wait on a connection waiting.
pub(crate) fn write_peer(out: &mut String, why: Silence, socket: &SocketFacts) {
    let silent_for = socket.tcp.map_or(Duration::ZERO, |tcp| tcp.since_data);
    let peer_window = socket.tcp.and_then(|tcp| tcp.peer_window);
    let queues = (socket.unread, socket.unsent);
    write_connection(out, why, queues, silent_for, peer_window);
}

fn write_connection(
    out: &mut String,
    why: Silence,
    (unread, unsent): (Option<u32>, Option<u32>),
    silent_for: Duration,
    peer_window: Option<u32>,
) {
    let _ = match why {
        Silence::Connecting => write!(out, "the peer does not answer the connection request"),
        Silence::PeerSilent => write!(
            out,
            "the peer has sent nothing for {}, unread bytes: {}",
            Human(silent_for),
            unread.unwrap_or(0)
        ),
        Silence::PeerNotReading => {
            let n = unsent.unwrap_or(0);
            match peer_window {
                Some(0) => write!(
                    out,
                    "the peer does not read: its window is closed, unsent bytes: {n}"
                ),
                _ => write!(out, "the peer has not taken {n} bytes that were written"),
            }
        }
    };
}
