//! The longer forms: wait statuses, remarks, points in time.

use super::{Writer, Xlat, write_signal};
use crate::ids::Signal;
use crate::syscall::names;
use crate::value::{Names, Note, Value};
use std::net::IpAddr;

impl Writer<'_> {
    /// wait(2)'s macros, in strace's wording.
    pub(super) fn wait_status(&mut self, status: u32) {
        let signal = (status & 0x7f) as i32;
        let code = status >> 8 & 0xff;
        let mut rest = status & !0xffff;
        match (status & 0xff, signal) {
            (_, 0) => {
                self.put(format_args!("{{WIFEXITED(s) && WEXITSTATUS(s) == {code}}}"));
                rest |= status & 0x80;
            }
            (0x7f, _) => {
                self.out.push_str("{WIFSTOPPED(s) && WSTOPSIG(s) == ");
                self.stop_signal(code);
                self.out.push('}');
                let event = status >> 16;
                if event != 0 {
                    self.out.push_str(" | ");
                    self.event(event);
                    rest = 0;
                }
            }
            (0xff, _) if status == 0xffff => {
                self.out.push_str("{WIFCONTINUED(s)}");
            }
            _ => {
                self.out.push_str("{WIFSIGNALED(s) && WTERMSIG(s) == ");
                write_signal(self.out, Signal(signal));
                if status & 0x80 != 0 {
                    self.out.push_str(" && WCOREDUMP(s)");
                }
                self.out.push('}');
                rest |= status & 0xff00;
            }
        }
        if rest != 0 {
            self.put(format_args!(" | {rest:#x}"));
        }
    }

    /// An address as C makes it: into `place`, where it has a name that a function can fill.
    pub(super) fn ip_call(&mut self, ip: IpAddr, place: Option<&str>) {
        let v6 = match ip {
            IpAddr::V4(v4) => {
                self.out.push_str("inet_addr(");
                self.string(v4.to_string().as_bytes(), false);
                return self.out.push(')');
            }
            IpAddr::V6(v6) => v6,
        };
        self.out.push_str("inet_pton(AF_INET6, ");
        // As inet_ntop(3) does: 96 zero bits and more than 16 others are an IPv4 address.
        let text = match (v6.to_ipv4(), v6.segments()) {
            (Some(v4), [0, 0, 0, 0, 0, 0, high, _]) if high != 0 => format!("::{v4}"),
            _ => v6.to_string(),
        };
        self.string(text.as_bytes(), false);
        if let Some(place) = place {
            self.put(format_args!(", &{place}"));
        }
        self.out.push(')');
    }

    /// Bits by number; the kernel keeps such sets as two words, of which each is shown by itself.
    pub(super) fn bits(&mut self, bits: u64, names: &Names) {
        let (low, high) = (bits & 0xffff_ffff, bits >> 32);
        if low != 0 || high == 0 {
            self.word_of_bits(low, 0, names);
        }
        if low != 0 && high != 0 {
            self.out.push('|');
        }
        if high != 0 {
            self.word_of_bits(high, 32, names);
        }
    }

    /// The names of a word's bits, whose first has the number `from`, and what is left without one.
    fn word_of_bits(&mut self, word: u64, from: u64, names: &Names) {
        let mut left = word;
        let mut first = true;
        for (n, name) in names.entries {
            let Some(bit) = n.checked_sub(from).filter(|n| *n < 32) else {
                continue;
            };
            if word >> bit & 1 == 0 {
                continue;
            }
            left &= !(1 << bit);
            let or = if std::mem::take(&mut first) { "" } else { "|" };
            self.put(format_args!("{or}1<<{name}"));
        }
        match (left, first) {
            (0, true) => self.out.push('0'),
            (0, false) => {}
            (left, true) => self.put(format_args!("{left:#x} /* {} */", names.prefix)),
            (left, false) => self.put(format_args!("|{left:#x}")),
        }
    }

    pub(super) fn interface(&mut self, index: u32) {
        let named = self.names.interfaces.iter().find(|(n, _)| *n == index);
        match named {
            Some((_, name)) => {
                self.out.push_str("if_nametoindex(");
                self.string(name.as_bytes(), false);
                self.out.push(')');
            }
            None => self.put(format_args!("{index}")),
        }
    }

    /// A number and what it would mean.
    pub(super) fn verbose(&mut self, value: &Value) {
        let (Value::Flags(n, _) | Value::Const(n, _)) = value else {
            return self.value(value);
        };
        if self.style.xlat != Xlat::Abbrev {
            return self.value(value);
        }
        self.hex(*n);
        match value {
            Value::Flags(0, _) => {}
            Value::Flags(n, names) if names.entries.iter().all(|e| n & e.0 == 0) => {
                self.put(format_args!(" /* {} */", names.prefix));
            }
            Value::Const(n, names) if names.name(*n).is_none() => match names.prefix {
                "" => {}
                prefix => self.put(format_args!(" /* {prefix} */")),
            },
            value => {
                self.out.push_str(" /* ");
                self.value(value);
                self.out.push_str(" */");
            }
        }
    }

    /// A stop signal; bit 7 marks a system-call stop (PTRACE_O_TRACESYSGOOD).
    fn stop_signal(&mut self, code: u32) {
        write_signal(self.out, Signal((code & 0x7f) as i32));
        if code & 0x80 != 0 {
            self.out.push_str(" | 0x80");
        }
    }

    fn event(&mut self, event: u32) {
        match names::process::PTRACE_EVENTS.name(u64::from(event)) {
            Some(name) => self.put(format_args!("{name} << 16")),
            None => self.put(format_args!("{:#x}", event << 16)),
        }
    }

    pub(super) fn note(&mut self, note: &Note) {
        match note {
            Note::Ticks(_) if self.style.xlat == Xlat::Raw => {}
            Note::TimeLeft(ns) if self.style.notes => {
                let seconds = *ns as f64 / 1e9;
                match ns {
                    0.. => self.put(format_args!(" /* {seconds:.1}s left */")),
                    _ => self.put(format_args!(" /* {:.1}s ago */", -seconds)),
                }
            }
            Note::TimeLeft(_) => {}
            Note::At(seconds, _, _) if i32::try_from(civil(*seconds).0 - 1900).is_err() => {}
            Note::At(seconds, fraction, digits) => {
                self.out.push_str(" /* ");
                self.date(*seconds, *fraction, *digits);
                self.out.push_str(" */");
            }
            Note::Entries(n) => {
                let plural = if *n == 1 { "entry" } else { "entries" };
                self.put(format_args!(" /* {n} {plural} */"));
            }
            Note::Interfaces(n) => {
                self.put(format_args!(" /* {n} * sizeof(struct ifreq) */"));
            }
            Note::Ticks(0) => {}
            Note::Ticks(n) => {
                self.put(format_args!(" /* {}", n / 100));
                match n % 100 {
                    0 => {}
                    hundredths => self.put(format_args!(".{hundredths:02}")),
                }
                self.out.push_str(" s */");
            }
            Note::VarsUnterminated(n) => {
                let plural = if *n == 1 { "" } else { "s" };
                self.put(format_args!(" /* {n} var{plural}, unterminated */"));
            }
            Note::Vars(n) => {
                let plural = if *n == 1 { "" } else { "s" };
                self.put(format_args!(" /* {n} var{plural} */"));
            }
        }
    }

    /// A date, with a fraction of a second of so many digits, unless that is zero.
    pub(super) fn date(&mut self, seconds: i64, fraction: u32, digits: usize) {
        let (year, month, date) = civil(seconds);
        // As strftime(3) has it, the year is an int, counted from 1900.
        let year = year as i32;
        let second = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        self.put(format_args!(
            "{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"
        ));
        if fraction != 0 {
            let digits = digits.min(9);
            self.put(format_args!(".{fraction:0digits$}"));
        }
        self.out.push_str("+0000");
    }
}

/// Year, month and day of a point in time, by the days since 0000-03-01 in eras of 400 years.
fn civil(seconds: i64) -> (i128, i128, i128) {
    let shifted = i128::from(seconds.div_euclid(86_400)) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i128::from(month <= 2), month, date)
}
