//! Signal names (asm-generic/signal.h, the same on both machines).

use crate::ids::Signal;

/// Names of the signals 1 to 31, without `SIG`.
static NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Other names of the same signals.
const ALIASES: [(&str, &str); 3] = [("IOT", "ABRT"), ("CLD", "CHLD"), ("POLL", "IO")];

/// The names of the standard signals, without `SIG`, by number from 1 on.
#[must_use]
pub fn names() -> &'static [&'static str] {
    &NAMES
}

/// The first realtime signal as the kernel counts (glibc and Go keep 32 and 33 for themselves).
pub const SIGRTMIN: i32 = 32;

/// The last signal.
pub const SIGMAX: i32 = 64;

/// The name of a standard signal without `SIG`: `INT`. Realtime signals have none.
#[must_use]
pub fn short_name(signal: Signal) -> Option<&'static str> {
    let at = usize::try_from(signal.0).ok()?.checked_sub(1)?;
    NAMES.get(at).copied()
}

/// The number of a signal named with or without `SIG`, or given as a number;
/// `RTMIN+3`, `SIGRT_3` included.
#[must_use]
pub fn number(name: &str) -> Option<Signal> {
    if let Ok(n) = name.parse::<i32>() {
        return (1..=SIGMAX).contains(&n).then_some(Signal(n));
    }
    let upper = name.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == short);
    let short = alias.map_or(short, |(_, name)| name);
    if let Some(at) = NAMES.iter().position(|n| *n == short) {
        return i32::try_from(at + 1).ok().map(Signal);
    }
    let offset = match short {
        "RTMIN" => 0,
        "RTMAX" => SIGMAX - SIGRTMIN,
        _ => short
            .strip_prefix("RT_")
            .or_else(|| short.strip_prefix("RTMIN+"))?
            .parse::<i32>()
            .ok()?,
    };
    let n = SIGRTMIN.checked_add(offset)?;
    (SIGRTMIN..=SIGMAX).contains(&n).then_some(Signal(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_numbers() {
        for n in 1..32 {
            let short = short_name(Signal(n)).unwrap();
            assert_eq!(number(short), Some(Signal(n)));
            assert_eq!(number(&format!("SIG{short}")), Some(Signal(n)));
        }
        assert_eq!(short_name(Signal(23)), Some("URG"));
        assert_eq!(number("SIGRT_2"), Some(Signal(34)));
        assert_eq!(number("rtmin+1"), Some(Signal(33)));
    }

    #[test]
    fn numbers_that_are_no_signal_have_no_name() {
        for n in [0, 32, 65, -1, i32::MAX, i32::MIN] {
            assert_eq!(short_name(Signal(n)), None);
        }
        assert_eq!(number("SIGRT_99"), None);
        assert_eq!(number("0"), None);
        assert_eq!(number("NOPE"), None);
    }
}
