//! What the options for outputs beside the trace mean.

use super::UsageError;
use super::args_outputs::OutputArgs;
use super::config::{Output, Side};
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
    } = args;
    let sides = [
        record.clone().map(Side::Record),
        flamegraph.clone().map(Side::FlameGraph),
        folded.clone().map(Side::Folded),
        pprof.clone().map(Side::Pprof),
        perfetto.clone().map(Side::Perfetto),
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
