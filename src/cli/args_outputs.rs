//! The options for outputs beside the trace, any number of them at once.

use clap::Args;

const HEADING: &str = "Other outputs, any number at once";

#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Print the table of counts (-c, -C) every DUR, too; on SIGUSR1 it is printed in any case
    #[arg(long, value_name = "DUR", help_heading = "How to show it")]
    pub interval: Option<String>,

    /// Let these outputs replace files that gostrace did not make
    #[arg(long, help_heading = HEADING)]
    pub force: bool,
}
