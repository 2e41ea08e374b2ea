//! Complaints about the command line, one line each.

use super::UsageError;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// First words with a meaning of their own; of these, `top` does not work yet.
const VERBS: &[&str] = &["dump", "explain", "top", "hang", "report", "doctor"];

/// "Not in this version", the same way everywhere.
pub(super) fn later(what: &str) -> UsageError {
    UsageError(format!(
        "{what} is not in this version ({}); see `gostrace --help` for what is",
        env!("CARGO_PKG_VERSION")
    ))
}

/// Refuses a reserved verb as the first word, unless `--` says that it is a command.
pub(super) fn check_verb(argv: &[OsString], command: &[OsString]) -> Result<(), UsageError> {
    let Some(verb) = command.first().and_then(|word| word.to_str()) else {
        return Ok(());
    };
    let escaped = argv
        .len()
        .checked_sub(command.len() + 1)
        .and_then(|before| argv.get(before))
        .is_some_and(|word| word == "--");
    if escaped || !VERBS.contains(&verb) {
        return Ok(());
    }
    if verb == "dump" {
        return Err(UsageError::new(
            "options of `gostrace dump` stand behind the verb: `gostrace dump -p PID`; to trace a \
                command called dump, write `gostrace -- dump`",
        ));
    }
    if verb == "report" {
        return Err(UsageError::new(
            "options of `gostrace report` stand behind the verb: `gostrace report FILE`; to trace a \
                command called report, write `gostrace -- report`",
        ));
    }
    if verb == "doctor" {
        return Err(UsageError::new(
            "options of `gostrace doctor` stand behind the verb: `gostrace doctor -p PID`; to trace a \
                command called doctor, write `gostrace -- doctor`",
        ));
    }
    if verb == "hang" {
        return Err(UsageError::new(
            "options of `gostrace hang` stand behind the verb: `gostrace hang --after 30s -- \
                COMMAND`; to trace a command called hang, write `gostrace -- hang`",
        ));
    }
    if verb == "explain" {
        return Err(UsageError::new(
            "`gostrace explain` takes no options; to trace a command called explain, write \
                `gostrace -- explain`",
        ));
    }
    Err(UsageError(format!(
        "`gostrace {verb}` is not in this version ({}); to trace a command called {verb}, write \
            `gostrace -- {verb}`",
        env!("CARGO_PKG_VERSION")
    )))
}

/// Puts clap's complaint into one line.
pub(super) fn explain(error: &clap::Error) -> UsageError {
    let arg = context(error, ContextKind::InvalidArg);
    let value = context(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let arg = arg.unwrap_or_default();
            let hint = match context(error, ContextKind::SuggestedArg) {
                Some(near) => format!("did you mean `{near}`?"),
                None if arg.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
                    "values are not negative".to_owned()
                }
                None => "see `gostrace --help`".to_owned(),
            };
            UsageError(format!("unknown option `{arg}`; {hint}"))
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues => {
            let arg = arg.unwrap_or_default();
            let valid = context(error, ContextKind::ValidValue).unwrap_or_default();
            match value.unwrap_or_default() {
                empty if empty.is_empty() && valid.is_empty() => {
                    UsageError(format!("option {arg} needs a value"))
                }
                empty if empty.is_empty() => {
                    UsageError(format!("option {arg} needs a value: one of {valid}"))
                }
                value => UsageError(format!("{arg}: no such value `{value}`; one of {valid}")),
            }
        }
        ErrorKind::MissingRequiredArgument if missing_slow(error) => UsageError::new(
            "--fail-on-slow needs --slow, which says what is slow: `--slow 5s --fail-on-slow`",
        ),
        ErrorKind::ArgumentConflict => {
            let arg = arg.unwrap_or_default();
            match context(error, ContextKind::PriorArg) {
                Some(prior) => {
                    UsageError(format!("{arg} and {prior} exclude each other; drop one"))
                }
                None => UsageError(format!("{arg} cannot be used with other options")),
            }
        }
        ErrorKind::TooManyValues => UsageError(format!(
            "option {} takes no value here",
            arg.unwrap_or_default()
        )),
        ErrorKind::InvalidUtf8 => {
            UsageError::new("an option's value is not UTF-8; only COMMAND and -o FILE may be")
        }
        _ => UsageError(first_line(&error.to_string())),
    }
}

/// Whether it is `--slow` that is missing, which only `--fail-on-slow` asks for.
fn missing_slow(error: &clap::Error) -> bool {
    context(error, ContextKind::InvalidArg).is_some_and(|args| args.contains("--slow"))
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => Some(
            texts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn first_line(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("unknown mistake");
    line.trim_start_matches("error: ").to_owned()
}
