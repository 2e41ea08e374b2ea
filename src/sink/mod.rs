//! Events -> text.

pub mod args;
