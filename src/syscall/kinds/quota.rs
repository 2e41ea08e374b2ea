//! What quotactl passes (linux/quota.h).

use crate::syscall::cx::Cx;
use crate::syscall::names::file::*;
use crate::value::Value;

/// A command and the sort of quota.
pub(crate) fn command(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    let taken_apart = Value::Conversion(
        "QCMD",
        vec![
            Value::Const(raw >> 8, &QUOTA_COMMANDS),
            Value::Const(raw & 0xff, &QUOTA_TYPES),
        ],
    );
    Value::Spelled(Box::new(Value::Uint(raw)), Box::new(taken_apart))
}

/// The format of the quota files.
pub(crate) fn format(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Const(u64::from(b.u32(0)), &QUOTA_FORMATS))
}

/// struct if_dqblk; `NEXT`: struct if_nextdqblk.
pub(crate) fn limits<const NEXT: bool>(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 8] = [
        "dqb_bhardlimit",
        "dqb_bsoftlimit",
        "dqb_curspace",
        "dqb_ihardlimit",
        "dqb_isoftlimit",
        "dqb_curinodes",
        "dqb_btime",
        "dqb_itime",
    ];
    const ABBREVIATED: usize = 6;
    cx.structure::<72>(addr, |b| {
        let full = cx.context.verbose;
        let count = if full { NAMES.len() } else { ABBREVIATED };
        let mut fields: Vec<_> = NAMES
            .iter()
            .take(count)
            .enumerate()
            .map(|(n, name)| (*name, Value::Uint(b.u64(n * 8))))
            .collect();
        if full {
            let valid = Value::Flags(u64::from(b.u32(64)), &QUOTA_VALID);
            fields.push(("dqb_valid", valid));
        }
        if NEXT {
            fields.push(("dqb_id", Value::Uint(u64::from(b.u32(68)))));
        }
        Value::Struct {
            fields,
            more: !full,
        }
    })
}

/// struct if_dqinfo.
pub(crate) fn info(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<24>(addr, |b| {
        let bits = |at, names| Value::Flags(u64::from(b.u32(at)), names);
        Value::fields(vec![
            ("dqi_bgrace", Value::Uint(b.u64(0))),
            ("dqi_igrace", Value::Uint(b.u64(8))),
            ("dqi_flags", bits(16, &QUOTA_INFO_FLAGS)),
            ("dqi_valid", bits(20, &QUOTA_INFO_VALID)),
        ])
    })
}
