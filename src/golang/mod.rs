//! Go from outside: build info, pclntab, struct layouts, goroutines, stacks, wait classes.
//! Pure: everything is read through [`crate::memory::Memory`].

pub mod allgs;
mod build_version;
pub mod buildinfo;
pub mod bulk;
pub mod class;
pub mod class_table;
pub mod dwarf;
pub mod goroutine;
pub mod layout;
pub mod module;
pub mod module_layout;
pub mod module_scan;
pub mod netpoll;
pub mod own;
pub mod pclntab;
pub mod pclntab_names;
#[cfg(test)]
mod pclntab_tests;
pub mod program;
pub mod roots;
pub mod runtime;
pub mod sudog;
pub mod symbol;
pub mod test_name;
pub mod unwind;
pub mod unwind_leaf;
mod unwind_native;
pub mod unwind_types;
pub mod version;
pub mod wait_reason;

pub use module::{Hints, Module, NotFound, Region};
pub use program::{LoadError, Program};
pub use unwind::{GoThread, RawFrame, RawKind, RawStack, UnwindStart, UserStack};
pub use version::GoVersion;
