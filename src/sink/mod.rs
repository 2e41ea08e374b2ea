//! Events -> text.
