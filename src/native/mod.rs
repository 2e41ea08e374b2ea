//! C frames: unwinding by `.eh_frame` and `.debug_frame`, names from ELF symbol tables.
//! Pure: files and processes are read through [`crate::memory::Memory`], and what is mapped
//! where comes from [`Modules`].
//!
//! A stack is walked by [`step`], which needs the registers of a frame and tells those of its
//! caller. Nothing is parsed ahead: the frame description of a PC is found by the binary
//! search table of `.eh_frame_hdr`, and what it says of that PC is remembered. Where a
//! register that it needs is not known, or there is no description, the caller is looked for
//! on the stack, and is marked as guessed.

mod demangle;
mod functions;
mod guess;
mod index;
mod module;
mod registers;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod unwind;

pub use module::{FindDebug, Module, SharedMemory};
pub use registers::Registers;
pub use row::{CfaRule, Row, Rule};
pub use table::FrameError;
pub use unwind::{
    Caller, Modules, NativeFrame, NativeStack, Process, Step, name_frame, place_frame, walk,
};
