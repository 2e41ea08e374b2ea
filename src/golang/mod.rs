//! Go from outside: build info, pclntab, struct layouts, goroutines, stacks, wait classes.
//! Pure: everything is read through [`crate::memory::Memory`].

pub mod allgs;
pub mod goroutine;
pub mod layout;
pub mod roots;
pub mod wait_reason;
