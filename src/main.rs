//! Parse, run, exit code.

use gostrace::cli::{self, Invocation};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(Invocation::Trace(_config)) => ExitCode::SUCCESS,
        Ok(Invocation::Print(text)) => {
            // A reader that went away (`| head`) is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "gostrace: {error}");
            ExitCode::from(2)
        }
    }
}
