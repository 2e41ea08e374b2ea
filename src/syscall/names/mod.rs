//! Names of flags and of values, as data. Each table names the uapi header that it comes
//! from; the order of the rows is the order in which strace prints them.

pub mod device;
pub mod file;
pub mod filter;
pub mod futex;
pub mod ioctl;
pub mod ipc;
pub mod memory;
pub mod net;
pub mod netlink;
pub mod poll;
pub mod prctl;
pub mod process;
pub mod route;
pub mod security;
pub mod signal;
pub mod sockopt;
pub mod time;
