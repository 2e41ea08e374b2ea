//! Classic BPF programs: struct sock_fprog, struct sock_filter (linux/filter.h).

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::filter::*;
use crate::value::{Names, Value};

/// struct sock_fprog: the address of instructions, which are shown with -v.
pub(crate) fn program(cx: &Cx<'_>, addr: u64) -> Value {
    program_of(cx, addr, None)
}

/// seccomp's struct sock_fprog, whose results are actions.
pub(crate) fn seccomp_program(cx: &Cx<'_>, addr: u64) -> Value {
    program_of(cx, addr, Some(&SECCOMP_RETURNS))
}

fn program_of(cx: &Cx<'_>, addr: u64, returns: Option<&'static Names>) -> Value {
    cx.structure::<16>(addr, |b| {
        let count = u64::from(b.u16(0));
        let code = match cx.context.verbose {
            true => instructions_of(cx, b.u64(8), count, returns),
            false => Value::Ptr(Addr(b.u64(8))),
        };
        Value::fields(vec![("len", Value::Uint(count)), ("filter", code)])
    })
}

/// `count` instructions, in full with -v.
pub(crate) fn instructions(cx: &Cx<'_>, addr: u64, count: u64) -> Value {
    match cx.context.verbose {
        true => instructions_of(cx, addr, count, None),
        false => Value::Ptr(Addr(addr)),
    }
}

fn instructions_of(cx: &Cx<'_>, addr: u64, count: u64, returns: Option<&'static Names>) -> Value {
    // BPF_MAXINSNS (linux/bpf_common.h).
    const MOST: usize = 4096;
    if count == 0 {
        return match addr {
            0 => Value::Ptr(Addr(0)),
            _ => Value::array(Vec::new()),
        };
    }
    cx.array_of::<8>(addr, count, MOST, |b| instruction(b, returns))
}

/// An instruction as the macros BPF_STMT and BPF_JUMP make it.
fn instruction(b: &Bytes<'_>, returns: Option<&'static Names>) -> Value {
    const BPF_RET: u64 = 6;
    let code = u64::from(b.u16(0));
    let (jt, jf, k) = (b.u8(2), b.u8(3), u64::from(b.u32(4)));
    let k = match (code & 7, returns) {
        (BPF_RET, Some(names)) => action(k, names),
        _ => offset(code, k),
    };
    match (jt, jf) {
        (0, 0) => Value::Conversion("BPF_STMT", vec![opcode(code), k]),
        _ => Value::Conversion(
            "BPF_JUMP",
            vec![
                opcode(code),
                k,
                Value::Hex(u64::from(jt)),
                Value::Hex(u64::from(jf)),
            ],
        ),
    }
}

/// A seccomp result: the action, and its data where there is any.
fn action(k: u64, names: &'static Names) -> Value {
    let action = k & 0xffff_0000;
    let action = Value::Const(action, names);
    match k & 0xffff {
        0 => action,
        data => Value::Or(vec![action, Value::Hex(data)]),
    }
}

/// Loads from beyond what a packet may have are of its headers, or of what the kernel knows of it.
fn offset(code: u64, k: u64) -> Value {
    const LINK: u64 = 0xffe0_0000;
    const NET: u64 = 0xfff0_0000;
    const AD: u64 = 0xffff_f000;
    const BPF_LD: u64 = 0;
    const BPF_ABS: u64 = 0x20;
    if code & 7 != BPF_LD || code & 0xe0 != BPF_ABS {
        return Value::Hex(k);
    }
    let from = |base, offset| Value::Sum(base, Box::new(offset));
    match k {
        AD.. => from("SKF_AD_OFF", Value::Const(k - AD, &SKF_AD)),
        NET.. => from("SKF_NET_OFF", Value::Uint(k - NET)),
        LINK.. => from("SKF_LL_OFF", Value::Uint(k - LINK)),
        _ => Value::Hex(k),
    }
}

/// The parts of an opcode, by its class.
fn opcode(code: u64) -> Value {
    let class = Value::Const(code & 7, &BPF_CLASS);
    let part = |mask: u64, names: &'static Names| Value::Const(code & mask, names);
    let mut parts = vec![class];
    match code & 7 {
        // BPF_LD, BPF_LDX.
        0 | 1 => parts.extend([part(0x18, &BPF_SIZE), part(0xe0, &BPF_MODE)]),
        // BPF_ALU.
        4 => parts.extend([part(0x08, &BPF_SRC), part(0xf0, &BPF_ALU_OP)]),
        // BPF_JMP.
        5 => parts.extend([part(0x08, &BPF_SRC), part(0xf0, &BPF_JMP_OP)]),
        // BPF_RET.
        6 => parts.push(part(0x18, &BPF_RVAL)),
        // BPF_MISC.
        7 => parts.push(part(0xf8, &BPF_MISC_OP)),
        // BPF_ST, BPF_STX.
        _ => {
            if code & !7 != 0 {
                parts.push(Value::Verbose(Box::new(Value::Flags(
                    code & !7,
                    &BPF_CODE_REST,
                ))));
            }
        }
    }
    if code >> 8 != 0 {
        parts.push(Value::Verbose(Box::new(Value::Flags(
            code & 0xff00,
            &BPF_CODE_REST,
        ))));
    }
    Value::All(parts)
}
