//! The buffer that lines are built in: reused, and aware of its visible column.

use crate::untrusted;
use owo_colors::Style;
use std::fmt::{self, Write};
use std::time::Duration;

/// The colours of the parts of a line; plain by default.
#[derive(Clone, Copy, Default, Debug)]
pub struct Palette {
    /// Thread and time.
    pub leader: Style,
    /// The call's name.
    pub call: Style,
    /// A failed call's result.
    pub error: Style,
    /// Durations.
    pub time: Style,
    /// Goroutine and wait class.
    pub goroutine: Style,
    /// A function name.
    pub function: Style,
    /// File and line, and other quiet remarks.
    pub quiet: Style,
    /// Signals and exits.
    pub signal: Style,
}

impl Palette {
    /// No colours.
    #[must_use]
    pub fn plain() -> Palette {
        Palette::default()
    }

    /// The terminal's own sixteen colours, so that they suit its background.
    #[must_use]
    pub fn coloured() -> Palette {
        Palette {
            leader: Style::new().dimmed(),
            call: Style::new().bold(),
            error: Style::new().red(),
            time: Style::new().yellow(),
            goroutine: Style::new().green(),
            function: Style::new().cyan(),
            quiet: Style::new().dimmed(),
            signal: Style::new().magenta(),
        }
    }

    /// Colours if `coloured`, none otherwise.
    #[must_use]
    pub fn choose(coloured: bool) -> Palette {
        if coloured {
            Palette::coloured()
        } else {
            Palette::plain()
        }
    }
}

/// Text under construction. Its first line's visible column is known, for alignment.
#[derive(Default, Debug)]
pub(super) struct Line {
    /// What has been written.
    pub text: String,
    /// How many of its bytes are colour codes.
    invisible: usize,
}

impl Line {
    pub fn clear(&mut self) {
        self.text.clear();
        self.invisible = 0;
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writing to a String cannot fail, so there is nothing to report.
    pub fn fmt(&mut self, text: fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
    }

    /// Writes what `write` writes, in a style.
    pub fn paint(&mut self, style: Style, write: impl FnOnce(&mut Line)) {
        self.code(format_args!("{}", style.prefix_formatter()));
        write(self);
        self.code(format_args!("{}", style.suffix_formatter()));
    }

    fn code(&mut self, code: fmt::Arguments<'_>) {
        let before = self.text.len();
        self.fmt(code);
        self.invisible += self.text.len() - before;
    }

    /// Pads with spaces to a visible column, if that is not yet reached.
    pub fn tab_to(&mut self, column: usize) {
        let at = self.text.len().saturating_sub(self.invisible);
        self.spaces(column.saturating_sub(at));
    }

    pub fn spaces(&mut self, count: usize) {
        const SPACES: &str = "                                                                ";
        let mut left = count;
        while left > 0 {
            let n = left.min(SPACES.len());
            self.text.push_str(&SPACES[..n]);
            left -= n;
        }
    }

    /// Text that the target chose: control characters, which could steer a terminal or fake
    /// a line, are escaped.
    pub fn untrusted(&mut self, text: &str) {
        untrusted::push(&mut self.text, text);
    }
}

/// A duration for people, three significant digits: `10.2ms`, `1.50s`, `2m03s`.
pub(super) struct Human(pub Duration);

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        if secs >= 3600 {
            return write!(f, "{}h{:02}m", secs / 3600, secs / 60 % 60);
        }
        if secs >= 60 {
            return write!(f, "{}m{:02}s", secs / 60, secs % 60);
        }
        let ns = u64::from(self.0.subsec_nanos()) + secs * 1_000_000_000;
        let (unit, name) = match ns {
            1_000_000_000.. => (1_000_000_000, "s"),
            1_000_000.. => (1_000_000, "ms"),
            1_000.. => (1_000, "us"),
            _ => return write!(f, "{ns}ns"),
        };
        let (whole, rest) = (ns / unit, ns % unit);
        match whole {
            _ if rest == 0 => write!(f, "{whole}{name}"),
            0..10 => write!(f, "{whole}.{:02}{name}", rest * 100 / unit),
            10..100 => write!(f, "{whole}.{}{name}", rest * 10 / unit),
            _ => write!(f, "{whole}{name}"),
        }
    }
}

impl Human {
    /// The error of a duration that is shown so, give or take `error`: what the duration lost to
    /// its last digit included, and rounded up. What was measured lies within what is shown.
    pub fn error(duration: Duration, error: Duration) -> Human {
        let shown = step(duration);
        let lost = duration.as_nanos() % shown;
        let error = error.as_nanos() + lost;
        let shown = step(Duration::from_nanos(error.try_into().unwrap_or(u64::MAX)));
        let error = error.div_ceil(shown).saturating_mul(shown);
        Human(Duration::from_nanos(error.try_into().unwrap_or(u64::MAX)))
    }
}

/// What a one more in the last digit shown stands for, nanoseconds.
fn step(duration: Duration) -> u128 {
    let ns = duration.as_nanos();
    let (unit, places) = match ns {
        3_600_000_000_000.. => return 60_000_000_000,
        60_000_000_000.. => return 1_000_000_000,
        1_000_000_000.. => (1_000_000_000, ns / 1_000_000_000),
        1_000_000.. => (1_000_000, ns / 1_000_000),
        1_000.. => (1_000, ns / 1_000),
        _ => return 1,
    };
    match places {
        0..10 => unit / 100,
        10..100 => unit / 10,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_lies_within_the_error_that_is_shown() {
        let error = |ns, error| {
            let error = Human::error(Duration::from_nanos(ns), Duration::from_nanos(error));
            error.to_string()
        };
        assert_eq!(error(12_300_000, 1_250_000), "1.25ms");
        assert_eq!(
            error(12_345_678, 1_250_000),
            "1.30ms",
            "45678 ns are not shown"
        );
        assert_eq!(error(999, 1), "1ns");
        assert_eq!(error(61_900_000_000, 1_000_000), "901ms");
        assert_eq!(error(100, 12_301), "12.4us");
    }

    #[test]
    fn colour_codes_do_not_count_as_columns() {
        let mut line = Line::default();
        line.paint(Palette::coloured().call, |l| l.push("read"));
        assert!(line.text.contains('\x1b'));
        line.tab_to(10);
        line.push("=");
        assert!(line.text.ends_with("      ="), "{:?}", line.text);
    }

    #[test]
    fn a_plain_palette_writes_no_code() {
        let mut line = Line::default();
        line.paint(Palette::plain().call, |l| l.push("read"));
        assert_eq!(line.text, "read");
    }

    #[test]
    fn names_chosen_by_the_target_cannot_steer_the_terminal() {
        let mut line = Line::default();
        line.untrusted("main.ok é");
        line.untrusted("a\x1b[2J\nb\u{9b}");
        assert_eq!(line.text, "main.ok éa\\u{1b}[2J\\nb\\u{9b}");
    }

    #[test]
    fn durations_are_short_and_never_rounded_up() {
        let human = |ns| Human(Duration::from_nanos(ns)).to_string();
        assert_eq!(human(999), "999ns");
        assert_eq!(human(1_500), "1.50us");
        assert_eq!(human(10_299_000), "10.2ms");
        assert_eq!(human(999_999_999), "999ms");
        assert_eq!(human(10_000_000), "10ms");
        assert_eq!(human(1_500_000_000), "1.50s");
        assert_eq!(human(123_000_000_000), "2m03s");
        assert_eq!(human(3_720_000_000_000), "1h02m");
    }
}
