//! Parse, run, exit code.

use gostrace::cli::{self, Invocation};
use gostrace::untrusted::clean;
use gostrace::{app, error};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = cli::parse(std::env::args_os())
        .map_err(error::Error::from)
        .and_then(|invocation| match invocation {
            Invocation::Trace(config) => app::run(*config, &mut std::io::stderr()),
            Invocation::Dump(config) => app::dump(&config, &mut std::io::stderr()),
            Invocation::Report(request) => app::report(&request, &mut std::io::stderr()),
            Invocation::Doctor(pid) => Ok(error::Ending::Examined(app::doctor(
                pid,
                &mut std::io::stdout(),
            ))),
            Invocation::Hang(config) => app::hang(&config, &mut std::io::stderr()),
            Invocation::Print(text) => {
                // A reader that went away (`| head`) is no failure.
                let _ = std::io::stdout().write_all(text.as_bytes());
                Ok(error::Ending::Detached)
            }
        });
    ExitCode::from(match result {
        Ok(ending) => ending.exit_code(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "gostrace: {}", clean(&error.to_string()));
            error.exit_code()
        }
    })
}
