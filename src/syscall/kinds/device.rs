//! What ioctl requests take: terminals, interfaces, inode flags.

use super::socket;
use super::storage;
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::device::*;
use crate::syscall::names::ioctl::IOCTLS;
use crate::value::{Note, Value};

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
    let taken_apart = Value::Conversion(
        "_IOC",
        vec![
            Value::Symbol(direction),
            Value::Hex(raw >> 8 & 0xff),
            Value::Hex(raw & 0xff),
            Value::Hex(raw >> 16 & 0x3fff),
        ],
    );
    Value::Spelled(Box::new(Value::Hex(raw)), Box::new(taken_apart))
}

/// A size in memory.
pub(crate) fn size(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Uint(b.u64(0)))
}

/// struct termios of 36 bytes, or struct termios2 of 44, which has speeds (asm-generic/termbits.h);
/// the flags alone are shown without -v.
pub(crate) fn termios<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<N>(addr, |b| {
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
            fields.push(("c_cc", control_characters(b, 17, 19)));
            if N > 36 {
                fields.push(("c_ispeed", Value::Uint(word(36))));
                fields.push(("c_ospeed", Value::Uint(word(40))));
            }
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

/// `count` characters from `at` on, by their places.
fn control_characters(b: &Bytes<'_>, at: usize, count: usize) -> Value {
    let places = CONTROL_CHARACTERS.iter().take(count).enumerate();
    let character = |n| Box::new(Value::Hex(u64::from(b.u8(at + n))));
    Value::array(
        places
            .map(|(n, place)| Value::Labelled(place, character(n)))
            .collect(),
    )
}

/// struct termio (asm-generic/termios.h), of half the words.
pub(crate) fn termio(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<18>(addr, |b| {
        let word = |at| u64::from(b.u16(at));
        let mut fields = vec![
            ("c_iflag", Value::Flags(word(0), &TERMIOS_IFLAGS)),
            ("c_oflag", output_flags(word(2))),
            ("c_cflag", control_flags(word(4))),
            ("c_lflag", Value::Flags(word(6), &TERMIOS_LFLAGS)),
        ];
        if cx.context.verbose {
            fields.push(("c_line", Value::Const(u64::from(b.u8(8)), &TERMIOS_LINES)));
            fields.push(("c_cc", control_characters(b, 9, 8)));
        }
        Value::Struct {
            fields,
            more: !cx.context.verbose,
        }
    })
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
    storage::field(b, 0, IFR)
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
        0x8923 => ("ifr_newname", storage::field(b, IFR, IFR)),
        0x8930 => ("ifr_slave", storage::field(b, IFR, IFR)),
        0x8924 | 0x8927 | 0x8931 | 0x8932 | 0x8937 => {
            // Of other hardware than Ethernet, all that the structure has room for.
            let len = if matches!(b.u16(IFR), 1 | 772) { 6 } else { 14 };
            let octets = b.data.iter().skip(IFR + 2).take(len);
            let hardware = Value::fields(vec![
                (
                    "sa_family",
                    Value::Const(
                        u64::from(b.u16(IFR)),
                        &crate::syscall::names::net::ARP_HARDWARE,
                    ),
                ),
                ("sa_data", Value::Link(octets.copied().collect())),
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

/// The name of a bridge.
pub(crate) fn bridge_name(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<IFR>(addr, |b| match storage::field(b, 0, IFR) {
        // Unlike in a structure, none of it is left out.
        Value::Bytes {
            truncated: true, ..
        } => Value::Bytes {
            bytes: b.data.to_vec(),
            truncated: true,
        },
        name => name,
    })
}

/// The interface that is put on a bridge.
pub(crate) fn interface_of_bridge(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<IFREQ>(addr, |b| {
        Value::fields(vec![("ifr_ifindex", Value::Interface(b.u32(IFR)))])
    })
}

/// struct ifconf as it is passed in: how much room there is.
pub(crate) fn interfaces_room(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<16>(addr, |b| {
        Value::fields(vec![
            ("ifc_len", interfaces_len(b.i32(0))),
            ("ifc_buf", Value::Ptr(Addr(b.u64(8)))),
        ])
    })
}

/// The same with the addresses that there are (SIOCGIFCONF).
pub(crate) fn interfaces(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    if cx.returned().is_none() {
        return entry;
    }
    let Value::Struct { fields, .. } = &entry else {
        return entry;
    };
    let Some((_, before)) = fields.first() else {
        return entry;
    };
    cx.structure::<16>(addr, |b| {
        let len = interfaces_len(b.i32(0));
        let buffer = b.u64(8);
        let count = b.i32(0).max(0) as u64 / IFREQ as u64;
        let all = match buffer {
            0 => Value::Ptr(Addr(0)),
            _ => cx.array::<IFREQ>(buffer, count, |b| {
                Value::fields(vec![("ifr_name", name(b)), field(b, SIOCGIFADDR)])
            }),
        };
        let len = match *before == len || buffer == 0 {
            true => len,
            false => Value::Changed(Box::new(before.clone()), Box::new(len)),
        };
        Value::fields(vec![("ifc_len", len), ("ifc_buf", all)])
    })
}

const SIOCGIFADDR: u64 = 0x8915;

/// A length, and how many struct ifreq that is.
fn interfaces_len(len: i32) -> Value {
    let number = Value::Int(i64::from(len));
    match len {
        1.. if len % IFREQ as i32 == 0 => {
            let count = Note::Interfaces((len / IFREQ as i32) as u64);
            Value::Noted(Box::new(number), count)
        }
        _ => number,
    }
}
