//! What ioctl requests take: terminals, interfaces, inode flags.

use super::socket;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::device::*;
use crate::syscall::names::ioctl::IOCTLS;
use crate::value::Value;

/// A request by name, or taken apart as asm-generic/ioctl.h builds it.
pub(crate) fn request(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    if IOCTLS.name(raw).is_some() {
        return Value::Const(raw, &IOCTLS);
    }
    let direction = match raw >> 30 {
        0 => "_IOC_NONE",
        1 => "_IOC_WRITE",
        2 => "_IOC_READ",
        _ => "_IOC_READ|_IOC_WRITE",
    };
    Value::Conversion(
        "_IOC",
        vec![
            Value::Symbol(direction),
            Value::Hex(raw >> 8 & 0xff),
            Value::Hex(raw & 0xff),
            Value::Hex(raw >> 16 & 0x3fff),
        ],
    )
}

/// A size in memory.
pub(crate) fn size(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Uint(b.u64(0)))
}

/// struct termios (asm-generic/termbits.h), of which the flags are shown.
pub(crate) fn termios(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<36>(addr, |b| {
        let word = |at| u64::from(b.u32(at));
        let bits = |at, names| Value::All(vec![Value::Flags(word(at), names)]);
        let mut fields = vec![
            ("c_iflag", bits(0, &TERMIOS_IFLAGS)),
            ("c_oflag", output_flags(word(4))),
            ("c_cflag", control_flags(word(8))),
            ("c_lflag", bits(12, &TERMIOS_LFLAGS)),
        ];
        if cx.context.verbose {
            fields.push(("c_line", Value::Const(u64::from(b.u8(16)), &TERMIOS_LINES)));
            fields.push(("c_cc", control_characters(b)));
        }
        Value::Struct {
            fields,
            more: !cx.context.verbose,
        }
    })
}

/// Delays, of which each is shown, and bits.
fn output_flags(word: u64) -> Value {
    let delays = [
        (0x100, &TERMIOS_NL),
        (0x600, &TERMIOS_CR),
        (0x1800, &TERMIOS_TAB),
        (0x2000, &TERMIOS_BS),
        (0x4000, &TERMIOS_VT),
        (0x8000, &TERMIOS_FF),
    ];
    let mut parts: Vec<Value> = delays
        .iter()
        .map(|(mask, names)| Value::Const(word & mask, names))
        .collect();
    parts.push(Value::Flags(word & !0xff00, &TERMIOS_OFLAGS));
    Value::All(parts)
}

/// Speed, size of a character, and bits.
fn control_flags(word: u64) -> Value {
    const SPEED: u64 = 0x100f;
    const INPUT_SPEED: u64 = 0x100f_0000;
    const SIZE: u64 = 0x30;
    let mut parts = vec![Value::Const(word & SPEED, &TERMIOS_SPEEDS)];
    match (word & INPUT_SPEED) >> 16 {
        0 => {}
        speed => {
            let speed = Value::Const(speed, &TERMIOS_SPEEDS);
            parts.push(Value::Shifted(Box::new(speed), "IBSHIFT"));
        }
    }
    parts.push(Value::Const(word & SIZE, &TERMIOS_SIZES));
    let bits = word & !SPEED & !INPUT_SPEED & !SIZE;
    parts.push(Value::Flags(bits, &TERMIOS_CFLAGS));
    Value::All(parts)
}

fn control_characters(b: &Bytes<'_>) -> Value {
    Value::Binary {
        bytes: b.data.get(17..36).unwrap_or(&[]).to_vec(),
        truncated: false,
    }
}

/// struct winsize (asm-generic/termios.h).
pub(crate) fn winsize(cx: &Cx<'_>, addr: u64) -> Value {
    const NAMES: [&str; 4] = ["ws_row", "ws_col", "ws_xpixel", "ws_ypixel"];
    cx.structure::<8>(addr, |b| {
        let fields = NAMES.iter().enumerate();
        Value::fields(
            fields
                .map(|(n, name)| (*name, Value::Uint(u64::from(b.u16(n * 2)))))
                .collect(),
        )
    })
}

/// The character that TIOCSTI puts in.
pub(crate) fn one_character(cx: &Cx<'_>, addr: u64) -> Value {
    cx.buffer(addr, 1)
}

/// The lines of a modem.
pub(crate) fn modem_lines(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Flags(u64::from(b.u32(0)), &MODEM_LINES))
}

/// The flags of an inode.
pub(crate) fn inode_flags(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Flags(u64::from(b.u32(0)), &INODE_FLAGS))
}

/// sizeof(struct ifreq) and where its union begins (linux/if.h).
const IFREQ: usize = 40;
const IFR: usize = 16;

fn name(b: &Bytes<'_>) -> Value {
    let name = b.data.get(..IFR).unwrap_or(&[]);
    let end = name.iter().position(|c| *c == 0).unwrap_or(IFR);
    Value::bytes(name.get(..end).unwrap_or(&[]))
}

/// What a request of struct ifreq sets or returns.
fn field(b: &Bytes<'_>, request: u64) -> (&'static str, Value) {
    let number = || Value::Int(i64::from(b.i32(IFR)));
    let address = || {
        socket::address_fields(&Bytes {
            addr: b.addr.add(IFR as u64),
            data: b.data.get(IFR..IFR + 16).unwrap_or(&[]),
        })
    };
    match request as u32 {
        0x8913 | 0x8914 => (
            "ifr_flags",
            Value::Flags(u64::from(b.u16(IFR)), &INTERFACE_FLAGS),
        ),
        0x8915 | 0x8916 => ("ifr_addr", address()),
        0x8917 | 0x8918 => ("ifr_dstaddr", address()),
        0x8919 | 0x891a => ("ifr_broadaddr", address()),
        0x891b | 0x891c => ("ifr_netmask", address()),
        0x891d | 0x891e => ("ifr_metric", number()),
        0x8921 | 0x8922 => ("ifr_mtu", number()),
        0x8924 | 0x8927 => {
            let octets = b.data.iter().skip(IFR + 2).take(6);
            let mac: Vec<String> = octets.map(|n| format!("{n:02x}")).collect();
            let hardware = Value::fields(vec![
                (
                    "sa_family",
                    Value::Const(
                        u64::from(b.u16(IFR)),
                        &crate::syscall::names::net::ARP_HARDWARE,
                    ),
                ),
                ("sa_data", Value::Name(mac.join(":"))),
            ]);
            ("ifr_hwaddr", hardware)
        }
        0x8933 => ("ifr_ifindex", number()),
        0x8942 | 0x8943 => ("ifr_qlen", number()),
        _ => (
            "ifr_map",
            Value::fields(vec![
                ("mem_start", Value::Hex(b.u64(IFR))),
                ("mem_end", Value::Hex(b.u64(IFR + 8))),
                ("base_addr", Value::Hex(u64::from(b.u16(IFR + 16)))),
                ("irq", Value::Hex(u64::from(b.u8(IFR + 18)))),
                ("dma", Value::Hex(u64::from(b.u8(IFR + 19)))),
                ("port", Value::Hex(u64::from(b.u8(IFR + 20)))),
            ]),
        ),
    }
}

/// The interface that is asked about.
pub(crate) fn interface_asked(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<IFREQ>(addr, |b| Value::fields(vec![("ifr_name", name(b))]))
}

/// What was asked of it.
pub(crate) fn interface_got(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    if cx.returned().is_none() {
        return entry;
    }
    cx.structure::<IFREQ>(addr, |b| {
        Value::fields(vec![("ifr_name", name(b)), field(b, cx.arg(1))])
    })
}

/// The interface and what it is set to.
pub(crate) fn interface_set(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<IFREQ>(addr, |b| {
        Value::fields(vec![("ifr_name", name(b)), field(b, cx.arg(1))])
    })
}

/// The number of the interface whose name is asked for (SIOCGIFNAME).
pub(crate) fn interface_index(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<IFREQ>(addr, |b| {
        Value::fields(vec![("ifr_ifindex", Value::Int(i64::from(b.i32(IFR))))])
    })
}

/// The same with its name.
pub(crate) fn interface_name(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    if cx.returned().is_none() {
        return entry;
    }
    cx.structure::<IFREQ>(addr, |b| {
        Value::fields(vec![
            ("ifr_ifindex", Value::Int(i64::from(b.i32(IFR)))),
            ("ifr_name", name(b)),
        ])
    })
}
