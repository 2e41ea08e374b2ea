//! The options for outputs beside the trace, any number of them at once.

use clap::Args;
use std::path::PathBuf;

const HEADING: &str = "Other outputs, any number at once";

#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Record everything in FILE, for `gostrace report FILE`, on any machine
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub record: Option<PathBuf>,

    /// Print the table of counts (-c, -C) every DUR, too; on SIGUSR1 it is printed in any case
    #[arg(long, value_name = "DUR", help_heading = "How to show it")]
    pub interval: Option<String>,

    /// Blocked time by Go stack as a flame graph, when the trace has ended
    ///
    /// Off-CPU time: its width is the time that calls took, class and call at its root. The
    /// runtime's own parking is left out unless --show-parked asks for it.
    #[arg(long, value_name = "FILE.svg", help_heading = HEADING)]
    pub flamegraph: Option<PathBuf>,

    /// The same as folded stacks, in nanoseconds, for other tools
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub folded: Option<PathBuf>,

    /// The same as a profile for `go tool pprof`, with lines and labels
    ///
    /// Sample types: blocked (nanoseconds) and calls; labels: call, class, fd, goroutine and
    /// process. `go tool pprof -http : FILE.pb.gz`, with -tagleaf call to see the calls in graphs.
    #[arg(long, value_name = "FILE.pb.gz", help_heading = HEADING)]
    pub pprof: Option<PathBuf>,

    /// A timeline of threads and goroutines, for ui.perfetto.dev and chrome://tracing
    #[arg(long, value_name = "FILE.json", help_heading = HEADING)]
    pub perfetto: Option<PathBuf>,

    /// Metrics for Prometheus over HTTP, at /metrics: a PORT of 127.0.0.1, or IP:PORT
    ///
    /// Their names are in gostrace(1), METRICS. An address that others reach has to be written in
    /// full (0.0.0.0:9464): whoever reaches it can read them.
    #[arg(long, value_name = "ADDR", help_heading = HEADING)]
    pub metrics: Option<String>,

    /// The same as a text file, replaced as a whole every 5 seconds (node_exporter reads it)
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub metrics_file: Option<PathBuf>,

    /// Run CMD for each slow call and each finding: facts in GOSTRACE_ variables, JSON on its input
    ///
    /// Its words are split as a shell would, but no shell runs it: write `sh -c '...'` for one. At
    /// most 4 run at once, and one each second after the first 10; see gostrace(1), ON-SLOW.
    #[arg(long, value_name = "CMD", help_heading = "Acting on it")]
    pub on_slow: Option<String>,

    /// Let these outputs replace files that gostrace did not make
    #[arg(long, help_heading = HEADING)]
    pub force: bool,
}
