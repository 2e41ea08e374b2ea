//! The options for outputs beside the trace, any number of them at once.

use clap::Args;
use std::ffi::OsString;

const HEADING: &str = "Other outputs, any number at once";

#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Record everything in FILE, for `gostrace report FILE`, on any machine
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub record: Option<OsString>,

    /// Let these outputs replace files that gostrace did not make
    #[arg(long, help_heading = HEADING)]
    pub force: bool,
}
