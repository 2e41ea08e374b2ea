//! The options for outputs beside the trace, any number of them at once.

use clap::Args;

const HEADING: &str = "Other outputs, any number at once";

#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Let these outputs replace files that gostrace did not make
    #[arg(long, help_heading = HEADING)]
    pub force: bool,
}
