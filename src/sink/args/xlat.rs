//! Named numbers in strace's three styles (`-X`): by name, as numbers, or as numbers with their names.

use super::{Writer, Xlat, write_signal};
use crate::ids::Signal;
use crate::sink::fd_text::write_target;
use crate::sink::quote::hex_into;
use crate::syscall::names::file::OPEN_ACCESS;
use crate::syscall::names::memory::{MAP_TYPES, MPOL_MODES};
use crate::syscall::signal;
use crate::value::{Names, Value};
use std::net::IpAddr;

impl Writer<'_> {
    /// Writes `number`, `name` or both, as the style wants it.
    pub(super) fn styled(&mut self, number: impl FnOnce(&mut Self), name: impl FnOnce(&mut Self)) {
        match self.style.xlat {
            Xlat::Abbrev => name(self),
            Xlat::Raw => number(self),
            Xlat::Verbose => {
                number(self);
                self.out.push_str(" /* ");
                name(self);
                self.out.push_str(" */");
            }
        }
    }

    pub(super) fn flags(&mut self, bits: u64, names: &Names) {
        if self.style.xlat == Xlat::Raw {
            return self.hex(bits);
        }
        let none = names
            .entries
            .iter()
            .all(|(mask, _)| *mask == 0 || bits & mask != *mask);
        match (bits, names.name(0)) {
            (0, None) => self.out.push('0'),
            (0, Some(name)) => self.styled(|w| w.out.push('0'), |w| w.out.push_str(name)),
            _ if none => {
                self.hex(bits);
                if !names.prefix.is_empty() {
                    self.put(format_args!(" /* {} */", names.prefix));
                }
            }
            _ => self.styled(|w| w.hex(bits), |w| w.flag_names(bits, names)),
        }
    }

    /// The names of the bits, and what is left without one.
    fn flag_names(&mut self, bits: u64, names: &Names) {
        let mut left = bits;
        let mut first = true;
        for (mask, name) in names.entries {
            if *mask == 0 || left & mask != *mask {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.out.push('|');
            }
            self.out.push_str(name);
            left &= !mask;
        }
        if left != 0 {
            self.put(format_args!("|{left:#x}"));
        }
    }

    pub(super) fn named(&mut self, value: u64, names: &Names) {
        if let Some(name) = names.name(value) {
            return self.styled(|w| w.hex(value), |w| w.out.push_str(name));
        }
        self.hex(value);
        if !names.prefix.is_empty() && self.style.xlat != Xlat::Raw {
            self.put(format_args!(" /* {} */", names.prefix));
        }
    }

    pub(super) fn decimal(&mut self, value: i64, names: &Names) {
        let number = |w: &mut Self| w.put(format_args!("{value}"));
        match names.name(value.cast_unsigned()) {
            Some(name) => self.styled(number, |w| w.out.push_str(name)),
            None => {
                number(self);
                if !names.prefix.is_empty() && self.style.xlat != Xlat::Raw {
                    self.put(format_args!(" /* {} */", names.prefix));
                }
            }
        }
    }

    pub(super) fn link(&mut self, octets: &[u8]) {
        self.styled(
            |w| w.bytes_in_hex(octets),
            |w| {
                for (n, octet) in octets.iter().enumerate() {
                    let colon = if n > 0 { ":" } else { "" };
                    w.put(format_args!("{colon}{octet:02x}"));
                }
            },
        );
    }

    /// Bits of several kinds in one word: some are one number to strace, some one each.
    pub(super) fn or(&mut self, parts: &[Value]) {
        let number = |value: &Value| match value {
            Value::Flags(n, _) | Value::Const(n, _) | Value::Octal(n) | Value::Hex(n) => *n,
            Value::Shifted(value, "MAP_HUGE_SHIFT" | "MFD_HUGE_SHIFT") => match **value {
                Value::Uint(n) => n << 26,
                _ => 0,
            },
            _ => 0,
        };
        let is_mode = parts.iter().any(|part| matches!(part, Value::Octal(_)));
        let is_one = parts.iter().any(|part| match part {
            Value::Const(_, names) => [&OPEN_ACCESS, &MAP_TYPES, &MPOL_MODES]
                .into_iter()
                .any(|one| *names == one),
            Value::Shifted(..) | Value::Hex(_) => true,
            _ => false,
        });
        if self.style.xlat == Xlat::Abbrev || !(is_mode || is_one) {
            return self.or_parts(parts);
        }
        let word = parts.iter().map(number).fold(0, |word, n| word | n);
        match is_mode {
            true => self.octal(word),
            false => self.hex(word),
        }
        // A number alone says nothing more in words.
        let named = parts
            .iter()
            .any(|part| !matches!(part, Value::Hex(_) | Value::Flags(0, _)));
        if self.style.xlat == Xlat::Verbose && named {
            self.out.push_str(" /* ");
            self.by_name(|w| w.or_parts(parts));
            self.out.push_str(" */");
        }
    }

    fn or_parts(&mut self, parts: &[Value]) {
        let mut first = true;
        for part in parts {
            let empty = match part {
                Value::Flags(0, _) => true,
                Value::Const(0, names) => names.name(0).is_none(),
                _ => false,
            };
            if empty {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.out.push('|');
            }
            self.value(part);
        }
        if first {
            self.out.push('0');
        }
    }

    /// Writes in the plain style, within a comment.
    pub(super) fn by_name(&mut self, write: impl FnOnce(&mut Writer<'_>)) {
        self.in_style(|style| style.xlat = Xlat::Abbrev, write);
    }

    /// Writes descriptors without what they are, and names for numbers.
    pub(super) fn bare(&mut self, write: impl FnOnce(&mut Writer<'_>)) {
        let plain = |style: &mut super::ArgStyle| {
            style.fds = super::FdStyle::Off;
            style.xlat = Xlat::Abbrev;
        };
        self.in_style(plain, write);
    }

    fn in_style(
        &mut self,
        change: impl FnOnce(&mut super::ArgStyle),
        write: impl FnOnce(&mut Writer<'_>),
    ) {
        let mut style = *self.style;
        change(&mut style);
        write(&mut Writer {
            out: self.out,
            names: self.names,
            style: &style,
        });
    }

    /// A signal as a set names it.
    pub(super) fn signal_of_set(&mut self, n: i32) {
        self.styled(
            |w| w.put(format_args!("{n}")),
            |w| match signal::short_name(Signal(n)) {
                Some(name) => w.out.push_str(name),
                None if n == signal::SIGRTMIN => w.out.push_str("RTMIN"),
                None => w.put(format_args!("RT_{}", n - signal::SIGRTMIN)),
            },
        );
    }

    pub(super) fn signal(&mut self, sig: Signal) {
        let named = signal::short_name(sig).is_some() || sig.0 >= signal::SIGRTMIN;
        match named && sig.0 <= signal::SIGMAX {
            true => self.styled(
                |w| w.put(format_args!("{}", sig.0)),
                |w| write_signal(w.out, sig),
            ),
            false => write_signal(self.out, sig),
        }
    }

    pub(super) fn device(&mut self, major: u32, minor: u32) {
        let (wide_major, wide_minor) = (u64::from(major), u64::from(minor));
        // linux/kdev_t.h, as new_encode_dev lays it out.
        let number = (wide_major & 0xfff) << 8
            | wide_minor & 0xff
            | (wide_minor & !0xff) << 12
            | (wide_major & !0xfff) << 32;
        self.styled(
            |w| w.hex(number),
            |w| {
                w.out.push_str("makedev(");
                w.hex(wide_major);
                w.out.push_str(", ");
                w.hex(wide_minor);
                w.out.push(')');
            },
        );
    }

    pub(super) fn dir_fd(&mut self) {
        self.styled(|w| w.out.push_str("-100"), |w| w.out.push_str("AT_FDCWD"));
        if let Some(target) = self.target(-100) {
            write_target(self.out, target, self.style.fds);
        }
    }

    pub(super) fn kilo(&mut self, n: u64) {
        let whole = n.saturating_mul(1024);
        self.styled(
            |w| w.put(format_args!("{whole}")),
            |w| w.put(format_args!("{n}*1024")),
        );
    }

    pub(super) fn spelled(&mut self, plain: &Value, words: &Value) {
        // strace has a priority's class in the style of all, the others' parts never in numbers.
        let by_name = matches!(words, Value::Conversion("QCMD" | "_IOC", _));
        self.styled(
            |w| w.value(plain),
            |w| match by_name {
                true => w.by_name(|w| w.value(words)),
                false => w.value(words),
            },
        );
    }

    /// A name that stands for itself; of some the number is known.
    pub(super) fn symbol(&mut self, name: &str) {
        let number = match name {
            "FUTEX_OP_OPARG_SHIFT" => "0x8".into(),
            "IBSHIFT" => "0x10".into(),
            "RLIM64_INFINITY" => u64::MAX.to_string(),
            "SHM_HUGE_SHIFT" => "26".into(),
            "SKF_AD_OFF" => "0xfffff000".into(),
            "SKF_NET_OFF" => "0xfff00000".into(),
            "SKF_LL_OFF" => "0xffe00000".into(),
            "SIG_DFL" => "0".into(),
            "SIG_IGN" => "0x1".into(),
            "FAN_NOFD" => "-1".into(),
            "IORING_REGISTER_FILES_SKIP" => "-2".into(),
            "SIG_ERR" => "0xffffffffffffffff".into(),
            _ => return self.out.push_str(name),
        };
        self.styled(|w| w.out.push_str(&number), |w| w.out.push_str(name));
    }

    /// A number in network order: its bytes, and the conversion that makes them.
    pub(super) fn network(&mut self, function: &str, value: &Value, size: u8) {
        let number = match value {
            Value::Const(n, _) | Value::Uint(n) | Value::Flags(n, _) => *n,
            _ => 0,
        };
        let bytes = number.to_be_bytes();
        let own = bytes.get(8 - usize::from(size).min(8)..).unwrap_or(&[]);
        self.styled(
            |w| w.bytes_in_hex(own),
            |w| {
                w.by_name(|w| {
                    w.put(format_args!("{function}("));
                    w.value(value);
                    w.out.push(')');
                });
            },
        );
    }

    fn bytes_in_hex(&mut self, bytes: &[u8]) {
        self.out.push('"');
        hex_into(self.out, bytes);
        self.out.push('"');
    }

    /// An address as its bytes, as C makes it, or both; into `place`, where a function fills one.
    pub(super) fn ip(&mut self, ip: IpAddr, place: Option<&str>) {
        let octets = match ip {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        self.styled(|w| w.bytes_in_hex(&octets), |w| w.ip_call(ip, place));
    }
}
