//! The per-thread machine.
