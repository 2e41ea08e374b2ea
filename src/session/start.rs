//! What a command is started with: `-E`, `-u`.

use crate::cli::config::Start;
use crate::sys::spawn::{Setting, SpawnError, User};
use std::collections::BTreeMap;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// The command's environment and user.
///
/// # Errors
/// There is no such user; a variable holds a NUL byte.
pub fn setting(start: &Start) -> Result<Setting, SpawnError> {
    Ok(Setting {
        environment: environment(start)?,
        user: match &start.user {
            None => None,
            Some(name) => Some(
                name.to_str()
                    .and_then(User::find)
                    .ok_or_else(|| SpawnError::NoSuchUser(name.to_string_lossy().into_owned()))?,
            ),
        },
    })
}

fn environment(start: &Start) -> Result<Option<Vec<CString>>, SpawnError> {
    if start.environment.is_empty() {
        return Ok(None);
    }
    let mut all: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    for (name, value) in &start.environment {
        match value {
            Some(value) => all.insert(name.clone(), value.clone()),
            None => all.remove(name),
        };
    }
    let strings = all.into_iter().map(|(name, value)| {
        let bytes = [name.as_bytes(), value.as_bytes()].join(&b'=');
        CString::new(bytes).map_err(|_| SpawnError::NotExecutable(nix::errno::Errno::EINVAL))
    });
    strings.collect::<Result<_, _>>().map(Some)
}
