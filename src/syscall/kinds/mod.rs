//! What memory holds, made into values: one module for each sort of structure. Every
//! function here has the form [`super::describe::Decode`], so that a call's description can
//! name it.

pub(crate) mod aio;
pub(crate) mod control;
pub(crate) mod device;
pub(crate) mod filter;
pub(crate) mod futex;
pub(crate) mod identity;
pub(crate) mod io;
pub(crate) mod ipc;
pub(crate) mod message;
pub(crate) mod mount;
pub(crate) mod netlink;
pub(crate) mod poll;
pub(crate) mod process;
pub(crate) mod quota;
pub(crate) mod route;
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod sockopt;
pub(crate) mod stat;
pub(crate) mod storage;
pub(crate) mod time;
