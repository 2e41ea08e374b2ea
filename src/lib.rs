//! gostrace: a system-call tracer for live Go processes, with ptrace and /proc alone.
//!
//! # Architecture
//! ```text
//! attach -> wait status -> stop::Stop -> tracee (per-thread machine) -> SyscallEvent
//!        -> syscall (decode: bytes -> values) -> golang (goroutine, stack, wait class)
//!        -> filter -> sink (text, ...)
//! ```
//! Direction of dependencies: [`ids`] <- [`value`], [`event`], [`finding`] <- the pure modules
//! ([`arch`], [`stop`], [`tracee`], [`syscall`], [`golang`], [`native`], [`fd`], [`sink`],
//! [`dump`], [`diagnose`]) <- [`session`] -> [`sys`]. `sys` holds the only `unsafe` and makes the only system calls on
//! tracees; no pure module imports it, nix or `std::fs` (a test checks this).
//!
//! Where is the room for a change?
//! * a system call's arguments: `syscall/` (data tables and one description a call)
//! * a Go version's layout: `golang/layout.rs`; a wait class: `golang/class.rs`
//! * what `gostrace dump` shows: `dump/`; what it reads of a live process: `session/dump/`
//! * C frames: `native/`; what is mapped into a live process: `session/native.rs`
//! * what is recognised as wrong, and what to do about it: `diagnose/`; the facts that this takes:
//!   `session/diagnosis/`
//! * what may be printed of names that others chose: `untrusted.rs`
//! * how a line looks: `sink/`; the tables of `-c`: `sink/overview/`; metrics: `sink/metrics/` and
//!   their server, `session/monitor/`; what a flag means: `cli/`
//! * what `gostrace hang` concludes and how it says so: `hang/`; how it watches: `session/hang/`
//! * which calls a name or a group selects: `syscall/groups.rs`; why tracing is refused, and what
//!   `gostrace doctor` says: `permission.rs`; an exit status: `error.rs`
//! * what is concluded from looks alone (`--sample`): `sample/`; who is looked at, and what is read
//!   of them: `session/sampler/`
//! * what happens at a ptrace stop: `tracee.rs` decides, `session/` performs
//! * what tracing may cost: `overhead.rs`
//! * another output: `session/outputs/mod.rs` says how; what a recording holds: `record/`

pub mod app;
pub mod arch;
pub mod cli;
pub mod diagnose;
pub mod dump;
pub mod error;
pub mod event;
pub mod fd;
pub mod finding;
pub mod golang;
pub mod hang;
pub mod ids;
pub mod memory;
pub mod native;
pub mod overhead;
pub mod permission;
pub mod record;
pub mod sample;
pub mod seccomp;
pub mod session;
pub mod sink;
pub mod stop;
pub mod symbols;
#[allow(unsafe_code)]
pub mod sys;
pub mod syscall;
pub mod tracee;
pub mod untrusted;
pub mod value;
