//! What the options for outputs beside the trace mean.

use super::UsageError;
use super::args_outputs::OutputArgs;
use super::config::{Output, Side};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

/// The side outputs, in the order in which they are finished.
pub(super) fn sides(args: &OutputArgs, main: &Output) -> Result<Vec<Side>, UsageError> {
    let OutputArgs {
        record,
        force: _,
        interval: _,
        flamegraph,
        folded,
        pprof,
        perfetto,
        on_slow,
        metrics,
        metrics_file,
    } = args;
    let sides = [
        record.clone().map(Side::Record),
        flamegraph.clone().map(Side::FlameGraph),
        folded.clone().map(Side::Folded),
        pprof.clone().map(Side::Pprof),
        perfetto.clone().map(Side::Perfetto),
        words(on_slow.as_deref())?.map(Side::OnSlow),
        address(metrics.as_deref())?.map(Side::Metrics),
        metrics_file.clone().map(Side::MetricsFile),
    ];
    let sides: Vec<Side> = sides.into_iter().flatten().collect();
    let main = match main {
        Output::File(path) | Output::Append(path) => Some(("-o", path.as_path())),
        _ => None,
    };
    let files = sides
        .iter()
        .filter_map(|side| Some((side.option(), side.path()?)));
    distinct(main.into_iter().chain(files))?;
    Ok(sides)
}

/// The words of a command.
fn words(command: Option<&str>) -> Result<Option<Vec<String>>, UsageError> {
    let Some(command) = command else {
        return Ok(None);
    };
    match shell_words::split(command) {
        Ok(words) if words.first().is_none_or(String::is_empty) => {
            Err(UsageError::new("--on-slow: no command given"))
        }
        Ok(words) => Ok(Some(words)),
        Err(_) => Err(UsageError(format!(
            "--on-slow {command}: a quote is not closed"
        ))),
    }
}

/// `9464`, `:9464`, `localhost:9464`: of this machine alone. Others in full.
fn address(text: Option<&str>) -> Result<Option<SocketAddr>, UsageError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let port = match text.strip_prefix("localhost:") {
        Some(port) => port,
        None => text.strip_prefix(':').unwrap_or(text),
    };
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match (port.parse().map(loopback), text.parse()) {
        (Ok(address), _) | (_, Ok(address)) => Ok(Some(address)),
        _ => Err(UsageError(format!(
            "--metrics {text}: not an address; write a port of this machine alone (9464), or \
                IP:PORT in full (0.0.0.0:9464), for whoever can reach it"
        ))),
    }
}

/// Two outputs in one file would spoil each other.
fn distinct<'a>(files: impl Iterator<Item = (&'static str, &'a Path)>) -> Result<(), UsageError> {
    let mut seen: Vec<(&str, &Path)> = Vec::new();
    for (option, path) in files.filter(|(_, path)| !path.starts_with("/dev")) {
        if path.as_os_str().is_empty() {
            return Err(UsageError(format!("{option}: no file given")));
        }
        if let Some((other, _)) = seen.iter().find(|(_, seen)| *seen == path) {
            return Err(UsageError(format!(
                "{other} and {option} name the same file, {}; give each its own",
                path.display()
            )));
        }
        seen.push((option, path));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_would_and_run_by_none() {
        let split = |text| words(Some(text)).map(Option::unwrap);
        assert_eq!(split("sh -c 'a b' $x").unwrap(), ["sh", "-c", "a b", "$x"]);
        for bad in ["", "  ", "'' x", "a 'b"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_is_one_of_this_machine_alone_and_others_are_written_in_full() {
        let at = |text| address(Some(text)).map(|a| a.unwrap().to_string());
        for loopback in ["9464", ":9464", "localhost:9464", "127.0.0.1:9464"] {
            assert_eq!(at(loopback).unwrap(), "127.0.0.1:9464");
        }
        assert_eq!(at("[::1]:80").unwrap(), "[::1]:80");
        assert_eq!(at("0.0.0.0:80").unwrap(), "0.0.0.0:80");
        for bad in ["", ":", "*:80", "0.0.0.0", "example.org:80", "70000"] {
            assert!(at(bad).unwrap_err().0.contains("0.0.0.0:9464"), "{bad}");
        }
    }

    #[test]
    fn outputs_have_a_file_each() {
        let same = [("-o", Path::new("a")), ("--b", Path::new("a"))];
        let said = distinct(same.into_iter()).unwrap_err().to_string();
        assert!(
            said.starts_with("-o and --b name the same file, a"),
            "{said}"
        );
        let apart = [("-o", Path::new("a")), ("--b", Path::new("b"))];
        assert_eq!(distinct(apart.into_iter()), Ok(()));
        let devices = [
            ("-o", Path::new("/dev/null")),
            ("--b", Path::new("/dev/null")),
        ];
        assert_eq!(distinct(devices.into_iter()), Ok(()));
        assert!(distinct([("--b", Path::new(""))].into_iter()).is_err());
    }
}
