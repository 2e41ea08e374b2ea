//! Parse, run, exit code.

use gostrace::cli::{self, Config, Invocation};
use gostrace::event::ExitKind;
use gostrace::session::{self, output, tracer::Ended};
use gostrace::sink::Sink;
use gostrace::sys::signals::{self, StopRequests};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(Invocation::Trace(config)) => trace(*config),
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

fn trace(config: Config) -> ExitCode {
    let requests = StopRequests::default();
    if let Err(e) = signals::install(&requests) {
        eprintln!("gostrace: {e}");
        return ExitCode::from(125);
    }
    let opened = match output::open(&config.output) {
        Ok(o) => o,
        Err(e) => {
            eprintln!("gostrace: {e}");
            return ExitCode::from(2);
        }
    };
    let coloured = config
        .look
        .color
        .enabled(opened.terminal, std::env::var_os("NO_COLOR").as_deref());
    let config = Arc::new(config);
    let sink = output::text_sink(&config, opened.writer, coloured, false);
    let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(sink)];
    let result = session::run(&config, &mut sinks, &requests, &mut |_| {});
    drop(sinks);
    output::close(opened.reader);
    match result {
        Ok(report) => {
            if let Some(s) = &report.summary {
                eprint!("{s}");
            }
            match report.ended {
                Ended::NoTracees(Some(ExitKind::Status(s))) => ExitCode::from(s as u8),
                Ended::NoTracees(Some(ExitKind::Killed(s, _))) => ExitCode::from(128 + s.0 as u8),
                _ => ExitCode::SUCCESS,
            }
        }
        Err(e) => {
            eprintln!("gostrace: {e:?}");
            ExitCode::from(77)
        }
    }
}
