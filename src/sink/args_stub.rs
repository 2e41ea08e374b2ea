//! Stand-in until `args.rs` is here: raw values.

use super::fd_text::write_fd;
use super::text::TextStyle;
use crate::event::{Outcome, SyscallEvent};
use crate::value::Value;
use std::fmt::Write;

pub fn write_args(out: &mut String, e: &SyscallEvent, style: &TextStyle) {
    for (i, arg) in e.args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        let _ = match &arg.value {
            Value::Fd(fd) => {
                let target = e.names.fds.iter().find(|(n, _)| n == fd).map(|(_, t)| t);
                write_fd(out, *fd, target, style.fd);
                Ok(())
            }
            Value::Int(n) => write!(out, "{n}"),
            Value::Uint(n) => write!(out, "{n}"),
            Value::Pending(_) => break,
            other => write!(out, "{other:?}"),
        };
    }
}

pub fn write_result(out: &mut String, e: &SyscallEvent, _style: &TextStyle) {
    let _ = match e.outcome {
        Outcome::Returned(n) => write!(out, "{n}"),
        Outcome::Failed(errno) => write!(out, "-1 E{}", errno.0),
        _ => write!(out, "?"),
    };
}
