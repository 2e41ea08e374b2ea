//! What stands before a line: the time of day, and the time since the line before.

use super::line::Line;
use crate::event::Timestamp;

/// To how many digits a time is shown; the rest is cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// `1`.
    Seconds,
    /// `1.234`.
    Millis,
    /// `1.234567`.
    Micros,
    /// `1.234567891`.
    Nanos,
}

/// How the time of day is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    /// Not.
    #[default]
    None,
    /// -t, -tt: `12:00:01`, `12:00:01.123456`.
    Time(Precision),
    /// -ttt: `1700000000.123456`.
    Epoch(Precision),
}

/// Which times are shown.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// -t.
    pub clock: Clock,
    /// -r: the time since the line before.
    pub relative: Option<Precision>,
    /// Seconds that local time is ahead of UTC at a time given in seconds since the epoch.
    pub utc_offset: fn(u64) -> i64,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            clock: Clock::None,
            relative: None,
            utc_offset: |_| 0,
        }
    }
}

impl Times {
    /// Whether there is anything to show.
    pub(super) fn any(&self) -> bool {
        self.clock != Clock::None || self.relative.is_some()
    }
}

/// The times before a line: strace's printleader().
#[derive(Debug)]
pub(super) struct Leader {
    last: Option<Timestamp>,
    /// The second for which `hms` holds the time of day.
    second: u64,
    hms: String,
}

impl Default for Leader {
    fn default() -> Leader {
        Leader {
            last: None,
            second: u64::MAX,
            hms: String::new(),
        }
    }
}

impl Leader {
    /// Writes the times of a line that tells of `at`, each with a space behind it.
    pub fn write(&mut self, line: &mut Line, at: Timestamp, times: &Times) {
        let since = self
            .last
            .map_or(0, |last| at.mono_ns.saturating_sub(last.mono_ns));
        self.last = Some(at);
        match times.clock {
            Clock::None => {}
            Clock::Time(precision) => {
                self.time_of_day(at.wall_ns / 1_000_000_000, times.utc_offset);
                line.push(&self.hms);
                write_fraction(line, at.wall_ns, precision);
                line.push(" ");
            }
            Clock::Epoch(precision) => {
                line.fmt(format_args!("{}", at.wall_ns / 1_000_000_000));
                write_fraction(line, at.wall_ns, precision);
                line.push(" ");
            }
        }
        let Some(precision) = times.relative else {
            return;
        };
        let parenthesised = times.clock != Clock::None;
        line.push(if parenthesised { "(+" } else { "" });
        line.fmt(format_args!("{:>6}", since / 1_000_000_000));
        write_fraction(line, since, precision);
        line.push(if parenthesised { ") " } else { " " });
    }

    fn time_of_day(&mut self, secs: u64, utc_offset: fn(u64) -> i64) {
        if self.second == secs {
            return;
        }
        let local = secs.saturating_add_signed(utc_offset(secs));
        let (h, m, s) = (local / 3600 % 24, local / 60 % 60, local % 60);
        self.second = secs;
        self.hms = format!("{h:02}:{m:02}:{s:02}");
    }
}

/// The digits of `ns` behind the decimal point, and the point; nothing for whole seconds.
pub(super) fn write_fraction(line: &mut Line, ns: u64, precision: Precision) {
    let ns = ns % 1_000_000_000;
    match precision {
        Precision::Seconds => {}
        Precision::Millis => line.fmt(format_args!(".{:03}", ns / 1_000_000)),
        Precision::Micros => line.fmt(format_args!(".{:06}", ns / 1_000)),
        Precision::Nanos => line.fmt(format_args!(".{ns:09}")),
    }
}
