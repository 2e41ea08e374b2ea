//! What a process may do: seccomp, Landlock, keys.

use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::filter::seccomp_program;
use crate::syscall::kinds::io::string;
use crate::syscall::names::security::*;
use crate::value::Value;

calls! {
    seccomp(..) = seccomp_params;
    landlock_create_ruleset(attr: In(ruleset), size: Ulong, flags: Flags(&RULESET_FLAGS)) -> Fd;
    landlock_add_rule(..) = rule_params;
    landlock_restrict_self(ruleset_fd: Fd, flags: Hex32);
    add_key(ty: In(string), description: In(string), payload: In(payload), plen: Ulong,
        keyring: In(key));
    request_key(ty: In(string), description: In(string), callout_info: In(string),
        dest_keyring: In(key));
}

fn seccomp_params(cx: &Cx<'_>) -> &'static [Param] {
    macro_rules! params {
        ($($rest:tt)*) => { list!(operation: Const(&SECCOMP_OPERATIONS), $($rest)*) };
    }
    match cx.arg(0) as u32 {
        1 => params!(flags: Flags(&SECCOMP_FLAGS), args: In(seccomp_program)),
        2 => params!(flags: Hex32, args: In(action)),
        3 => params!(flags: Hex32, args: Out(notification_sizes)),
        _ => params!(flags: Hex32, args: Ptr),
    }
}

/// The action whose presence SECCOMP_GET_ACTION_AVAIL asks for.
fn action(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| {
        Value::Const(u64::from(b.u32(0)), &SECCOMP_ACTIONS)
    })
}

/// struct seccomp_notif_sizes (linux/seccomp.h).
fn notification_sizes(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<6>(addr, |b| {
        let size = |at| Value::Uint(u64::from(b.u16(at)));
        Value::fields(vec![
            ("seccomp_notif", size(0)),
            ("seccomp_notif_resp", size(2)),
            ("seccomp_data", size(4)),
        ])
    })
}

/// struct landlock_ruleset_attr (linux/landlock.h), of which the first field is shown.
fn ruleset(cx: &Cx<'_>, addr: u64) -> Value {
    const KNOWN: u64 = 8;
    let size = cx.arg(1);
    if size < KNOWN {
        return Value::Ptr(Addr(addr));
    }
    cx.structure::<8>(addr, |b| Value::Struct {
        fields: vec![(
            "handled_access_fs",
            Value::Flags(b.u64(0), &LANDLOCK_FILE_RIGHTS),
        )],
        more: size > KNOWN,
    })
}

fn rule_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        1 => list!(ruleset_fd: Fd, rule_type: Const(&LANDLOCK_RULES), rule_attr: In(path_rule),
            flags: Hex32),
        _ => list!(ruleset_fd: Fd, rule_type: Const(&LANDLOCK_RULES), rule_attr: Ptr, flags: Hex32),
    }
}

/// struct landlock_path_beneath_attr, which is packed.
fn path_rule(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<12>(addr, |b| {
        Value::fields(vec![
            (
                "allowed_access",
                Value::Flags(b.u64(0), &LANDLOCK_FILE_RIGHTS),
            ),
            ("parent_fd", Value::Fd(b.i32(8))),
        ])
    })
}

/// What add_key stores.
fn payload(cx: &Cx<'_>, addr: u64) -> Value {
    cx.buffer(addr, cx.arg(3))
}

/// A key's serial number, or one of the process's own keyrings (linux/keyctl.h).
fn key(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    match KEYRINGS.name(raw) {
        Some(_) => Value::Const(raw, &KEYRINGS),
        None => Value::Int(i64::from(raw as i32)),
    }
}
