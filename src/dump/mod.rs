//! `gostrace dump`: every thread's call and every goroutine's stack, once.
//!
//! [`gather`] reads the goroutines of a process that runs on, by looking twice; [`resolve`] gives
//! them names; [`model`] is what it comes to, with the threads that the session adds; [`group`]
//! puts together what is alike; [`text`] and [`json`] write it. All pure: memory is read through
//! a trait, the rest is data.
//!
//! # What is believed
//! * A parked goroutine's stack is read between two looks at its g. If state, saved registers or
//!   thread differ, it moved: it is looked at again, a few times, and at last marked as moved.
//! * A goroutine on a thread has the stack of that thread, if the thread was in the same call
//!   with the same number of context switches before and after; else its stack is not known.
//! * What it waits on is told by sudogs that name this very goroutine ([`crate::golang::sudog`]).

pub mod gather;
pub mod group;

pub mod json;
pub mod model;
mod network;
pub mod resolve;
pub mod text;
pub mod traceback;
