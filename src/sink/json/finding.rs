//! What is wrong, with its evidence.

use super::emit::{Object, object, push_string};
use super::go::known;
use super::value::signal_name;
use super::{nanos, time, write_errno, write_fd_target};
use crate::diagnose::catalog::entry;
use crate::finding::{Evidence, FdKind, Finding, Severity, Shown, Silence};
use crate::sink::finding::write_evidence;
use std::sync::Arc;

/// What a call shows: in full where it is the first to show it.
pub(super) fn write_shown(out: &mut String, shown: &Shown) {
    object(out, |o| match shown {
        Shown::First(finding) => {
            o.flag("first", true);
            fields(o, finding);
        }
        Shown::Again(id) => {
            o.flag("first", false);
            o.string("id", id.name());
        }
    });
}

pub(in crate::sink) fn fields(o: &mut Object<'_>, f: &Finding) {
    o.string("id", f.id.name());
    o.some("title", entry(f.id).map(|e| e.title));
    o.number("pid", f.pid.0);
    if let Some(tid) = f.tid {
        o.number("tid", tid.0);
    }
    time(o, "at", f.at);
    o.string(
        "severity",
        match f.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
    );
    o.some("func", f.func.as_deref());
    o.list("evidence", &f.evidence, |out, e| {
        object(out, |o| {
            let mut text = String::new();
            write_evidence(&mut text, e);
            o.string("text", &text);
            evidence(o, e);
        });
    });
    o.list("settings", &f.settings, |out, setting| {
        object(out, |o| {
            o.string("name", setting.name);
            known(o, "value", &setting.value, |out, n| super::push(out, n));
        });
    });
    o.string("advice", f.advice);
}

fn evidence(o: &mut Object<'_>, evidence: &Evidence) {
    match evidence {
        Evidence::BlockingMode { fd, target, flags } => {
            o.string("kind", "blocking-mode");
            o.number("fd", *fd);
            o.object("target", |o| write_fd_target(o, target));
            o.number("flags", *flags);
        }
        Evidence::Lasted(time) => {
            o.string("kind", "lasted");
            o.number("ns", nanos(*time));
        }
        Evidence::SocketTimeout(timeout) => {
            o.string("kind", "socket-timeout");
            known(o, "timeout_ns", timeout, |out, t| match t {
                Some(t) => super::push(out, nanos(*t)),
                None => out.push_str("null"),
            });
        }
        Evidence::Child {
            pid,
            command,
            state,
            call,
        } => {
            o.string("kind", "child");
            o.number("pid", pid.0);
            o.some("command", command.as_deref());
            o.some("state", state.map(String::from).as_deref());
            o.some("call", *call);
        }
        Evidence::Connection {
            why,
            unread,
            unsent,
            silent_for,
            peer_window,
        } => {
            o.string("kind", "connection");
            o.string(
                "why",
                match why {
                    Silence::PeerSilent => "peer-silent",
                    Silence::PeerNotReading => "peer-not-reading",
                    Silence::Connecting => "connecting",
                },
            );
            let sizes = [
                ("unread", unread),
                ("unsent", unsent),
                ("peer_window", peer_window),
            ];
            for (key, size) in sizes {
                if let Some(size) = size {
                    o.number(key, *size);
                }
            }
            o.number("silent_ns", nanos(*silent_for));
        }
        Evidence::OpenFiles(count) => counted(o, "open-files", *count),
        Evidence::Kinds(kinds) => {
            o.string("kind", "fd-kinds");
            counts(o, kinds, |kind| fd_kind(*kind).to_owned());
        }
        Evidence::Openers(openers) => {
            o.string("kind", "openers");
            counts(o, openers, |func| func.to_string());
        }
        Evidence::Refused(refused) => {
            o.string("kind", "refused");
            counts(o, refused, |func| func.to_string());
        }
        Evidence::GivenUp { call, times, by } => {
            o.string("kind", "given-up");
            o.string("call", call);
            o.number("times", *times);
            o.list("functions", by.iter().map(Arc::as_ref), push_string);
        }
        Evidence::Failures {
            call,
            fd,
            errno,
            count,
            succeeded,
            over,
        } => {
            o.string("kind", "failures");
            o.string("call", call);
            if let Some(fd) = fd {
                o.number("fd", *fd);
            }
            o.object("errno", |o| write_errno(o, *errno));
            o.number("count", *count);
            o.number("succeeded", *succeeded);
            o.number("over_ns", nanos(*over));
        }
        Evidence::Uninterruptible => o.string("kind", "uninterruptible"),
        Evidence::KernelStack(functions) => {
            o.string("kind", "kernel-stack");
            let functions = functions.iter().map(Arc::as_ref);
            o.list("functions", functions, push_string);
        }
        Evidence::FileSystem {
            kind,
            source,
            mounted_at,
        } => {
            o.string("kind", "file-system");
            o.string("fs_type", kind);
            o.string("source", source);
            o.string("mounted_at", mounted_at);
        }
        Evidence::AlsoWaiting(n) => counted(o, "also-waiting", *n),
        Evidence::Holder {
            pid,
            tid,
            command,
            call,
            own,
        } => {
            o.string("kind", "holder");
            if let Some(pid) = pid {
                o.number("pid", pid.0);
            }
            if let Some(tid) = tid {
                o.number("tid", tid.0);
            }
            o.some("command", command.as_deref());
            o.some("call", *call);
            o.mark("own", *own);
        }
        Evidence::FutexWord { value } => {
            o.string("kind", "futex-word");
            o.number("value", *value);
        }
        Evidence::Throttled {
            periods,
            of,
            time,
            over,
        } => {
            o.string("kind", "throttled");
            o.number("periods", *periods);
            o.number("of", *of);
            o.number("ns", nanos(*time));
            o.number("over_ns", nanos(*over));
        }
        Evidence::WaitedForCpu { time, over } => {
            o.string("kind", "waited-for-cpu");
            o.number("ns", nanos(*time));
            o.number("over_ns", nanos(*over));
        }
        Evidence::Starved { calls, time, over } => {
            o.string("kind", "starved");
            o.number("times", *calls);
            o.number("ns", nanos(*time));
            o.number("over_ns", nanos(*over));
        }
        Evidence::AcceptQueue {
            target,
            waiting,
            limit,
        } => {
            o.string("kind", "accept-queue");
            o.object("target", |o| write_fd_target(o, target));
            o.number("waiting", *waiting);
            o.number("limit", *limit);
        }
        Evidence::Overflows(n) => counted(o, "overflows", *n),
        Evidence::Threads {
            all,
            blocked,
            calls,
        } => {
            o.string("kind", "threads");
            o.number("all", *all);
            o.number("blocked", *blocked);
            counts(o, calls, |call| (*call).to_owned());
        }
        Evidence::KeepsThread => o.string("kind", "keeps-thread"),
        Evidence::Ring {
            fd,
            wanted,
            in_flight,
        } => {
            o.string("kind", "ring");
            o.number("fd", *fd);
            o.number("wanted", *wanted);
            known(o, "in_flight", in_flight, |out, n| super::push(out, n));
        }
        Evidence::SameWord(n) => counted(o, "same-word", *n),
        Evidence::RuntimeLock {
            waits,
            threads,
            total,
            longest,
            over,
        } => {
            o.string("kind", "runtime-lock");
            o.number("waits", *waits);
            o.number("threads", *threads);
            o.number("ns", nanos(*total));
            o.number("longest_ns", nanos(*longest));
            o.number("over_ns", nanos(*over));
        }
        Evidence::Assisting {
            times,
            looks,
            at_once,
        } => {
            looked(o, "assisting", *times, *looks);
            o.number("at_once", *at_once);
        }
        Evidence::Stopping {
            times,
            looks,
            longest,
        } => {
            looked(o, "stopping", *times, *looks);
            o.number("longest_ns", nanos(*longest));
        }
        Evidence::RunsOn { tid, call } => {
            o.string("kind", "runs-on");
            o.number("tid", tid.0);
            o.string("call", call);
        }
        Evidence::LockWaits {
            times,
            looks,
            at_once,
        } => {
            looked(o, "lock-waits", *times, *looks);
            o.number("at_once", *at_once);
        }
        Evidence::WaitedToRun {
            times,
            looks,
            at_once,
            longest,
        } => {
            looked(o, "waited-to-run", *times, *looks);
            o.number("at_once", *at_once);
            o.number("longest_ns", nanos(*longest));
        }
        Evidence::CopiesFrom { goid, pipe } => {
            o.string("kind", "copies-from");
            o.number("goroutine", goid.0);
            o.number("pipe", *pipe);
        }
        Evidence::PipeHolder {
            pid,
            command,
            parent,
        } => {
            o.string("kind", "pipe-holder");
            o.number("pid", pid.0);
            o.some("command", command.as_deref());
            if let Some(parent) = parent {
                o.number("parent", parent.0);
            }
        }
        Evidence::HandedOff { lost, of } => {
            o.string("kind", "handed-off");
            o.number("lost", *lost);
            o.number("of", *of);
        }
        Evidence::Signals(signals) => {
            o.string("kind", "signals");
            counts(o, signals, |signal| signal_name(*signal));
        }
    }
}

fn counted(o: &mut Object<'_>, kind: &str, count: u64) {
    o.string("kind", kind);
    o.number("count", count);
}

/// So it was at so many looks of so many.
fn looked(o: &mut Object<'_>, kind: &str, times: u64, looks: u64) {
    o.string("kind", kind);
    o.number("times", times);
    o.number("looks", looks);
}

/// What there is how often, the most first.
fn counts<T>(o: &mut Object<'_>, items: &[(T, u64)], name: impl Fn(&T) -> String) {
    o.list("counts", items, |out, (item, count)| {
        object(out, |o| {
            o.string("name", &name(item));
            o.number("count", *count);
        });
    });
}

fn fd_kind(kind: FdKind) -> &'static str {
    match kind {
        FdKind::Socket => "socket",
        FdKind::Pipe => "pipe",
        FdKind::File => "file",
        FdKind::Epoll => "epoll",
        FdKind::Other => "other",
    }
}
