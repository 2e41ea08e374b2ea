//! The descriptions of the calls, by subject. To add one, write a line into a table.

mod aio;
pub(crate) mod file;
mod futex;
mod ioctl;
mod ipc;
mod memory;
mod net;
mod plain;
mod poll;
pub(crate) mod prctl;
mod process;
mod ptrace;
mod quota;
mod security;
mod signal;
mod time;

use super::describe::Call;

/// Every described call.
pub(crate) fn all() -> impl Iterator<Item = &'static Call> {
    [
        aio::CALLS,
        futex::CALLS,
        poll::CALLS,
        net::CALLS,
        time::CALLS,
        file::CALLS,
        prctl::CALLS,
        quota::CALLS,
        process::CALLS,
        ptrace::CALLS,
        security::CALLS,
        signal::CALLS,
        memory::CALLS,
        ioctl::CALLS,
        ipc::CALLS,
        plain::CALLS,
    ]
    .into_iter()
    .flatten()
}
