//! [`SignalSet`]: which signals are shown (`-e signal=`).

use super::sets::each;
use crate::ids::Signal;
use crate::syscall::set::nearest;
use crate::syscall::signal::{SIGMAX, names, number};

/// A set of signals, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignalSet(u64);

impl SignalSet {
    /// Every signal.
    pub const ALL: SignalSet = SignalSet(u64::MAX);
    /// No signal.
    pub const NONE: SignalSet = SignalSet(0);

    /// One bit for each, from the lowest for 1.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Whether the set holds this signal.
    #[must_use]
    pub fn contains(self, signal: Signal) -> bool {
        bit(signal.0).is_some_and(|bit| self.0 & bit != 0)
    }

    /// Parses strace's `[!]name,name...`, `all` and `none`; names with or without SIG, in any
    /// case, numbers, `SIGRT_n` and `SIGRTMIN+n`.
    ///
    /// # Errors
    /// If a name is unknown; the text says which and what may have been meant.
    pub fn parse(expression: &str) -> Result<SignalSet, String> {
        let mut set = SignalSet::NONE;
        let negated = each(expression, |item| {
            set.0 |= match item {
                "all" => SignalSet::ALL.0,
                "none" => 0,
                _ => number(item)
                    .and_then(|signal| bit(signal.0))
                    .ok_or_else(|| unknown(item))?,
            };
            Ok(())
        })?;
        Ok(if negated { SignalSet(!set.0) } else { set })
    }
}

fn bit(signal: i32) -> Option<u64> {
    (1..=SIGMAX).contains(&signal).then(|| 1 << (signal - 1))
}

fn unknown(item: &str) -> String {
    let lower = item.to_lowercase();
    let known: Vec<String> = names().iter().map(|name| name.to_lowercase()).collect();
    let typed = lower.strip_prefix("sig").unwrap_or(&lower);
    match nearest(typed, known.iter().map(String::as_str)) {
        Some(name) => format!(
            "unknown signal `{item}`; did you mean `SIG{}`?",
            name.to_uppercase()
        ),
        None => format!("unknown signal `{item}`; see signal(7)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_found_by_any_of_their_names() {
        for text in ["SIGURG", "urg", "Urg", "sigurg", "23"] {
            let set = SignalSet::parse(text).unwrap();
            assert!(
                set.contains(Signal(23)) && !set.contains(Signal(17)),
                "{text}"
            );
        }
        assert!(
            SignalSet::parse("SIGRT_2,POLL")
                .unwrap()
                .contains(Signal(34))
        );
        assert!(SignalSet::parse("RTMAX").unwrap().contains(Signal(64)));
    }

    #[test]
    fn exclamation_mark_leaves_the_rest() {
        let set = SignalSet::parse("!urg").unwrap();
        assert!(!set.contains(Signal(23)) && set.contains(Signal(64)) && set.contains(Signal(1)));
        assert_eq!(SignalSet::parse("!all").unwrap(), SignalSet::NONE);
        assert!(!SignalSet::ALL.contains(Signal(0)) && !SignalSet::ALL.contains(Signal(65)));
    }

    #[test]
    fn unknown_signal_gets_the_nearest_one_suggested() {
        assert!(
            SignalSet::parse("SIGCHDL")
                .unwrap_err()
                .contains("`SIGCHLD`")
        );
        assert!(SignalSet::parse("65").unwrap_err().contains("signal(7)"));
        assert!(SignalSet::parse("").is_err());
        assert!(SignalSet::parse("SIGRT_300").is_err());
    }
}
