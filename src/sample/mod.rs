//! Seeing calls without stopping anybody: what repeated looks at a thread prove. Pure.
//!
//! A look reads two files of /proc/PID/task/TID. `syscall` tells the call that a thread is
//! blocked in: the kernel answers only while the thread is off the CPU (kernel's
//! lib/syscall.c, `task_current_syscall`). `schedstat` counts how often the thread was put on a
//! CPU (kernel/sched/stats.h, `sched_info_arrive`): to leave the call it must be put on one. So
//! if the counter, read before the call was seen, is still the same later, the thread has been
//! in that very call from the sight on until then. A look at a thread that is known to be
//! blocked is therefore the reading of one number.
//!
//! What cannot be seen: a call that begins and ends between two looks; the part of a call
//! that a thread spends on the CPU before it first blocks and after it last wakes; and, where a
//! thread is found in the same place though it has run, whether that is one call that was woken
//! or the next one of the kind. It is taken for the next one, and counted ([`Stats`]).
//!
//! [`watch`] draws the conclusions for one thread, [`pace`] decides when to look next,
//! [`unseen`] whether looking tells anything.

pub mod pace;
pub mod stats;
pub mod unseen;
pub mod watch;

pub use pace::Pace;
pub use stats::Stats;
pub use watch::{Counts, Ended, Looked, Peek, Sight, Spot, Stay, Watch};
