//! One run of `gostrace doctor`.

use crate::ids::Pid;
use crate::permission::doctor;
use crate::session::doctor::examine;
use std::io::Write;

/// Writes what tracing (this process) needs here, a line each. Returns the exit status.
pub fn doctor(pid: Option<Pid>, out: &mut dyn Write) -> u8 {
    let facts = examine(pid);
    for line in doctor::report(&facts) {
        // A reader that went away (`| head`) is no failure.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    doctor::exit_code(&facts)
}
