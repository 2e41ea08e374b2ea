//! Durations as people and Go write them: `10ms`, `1.5s`, `1m30s`.

use std::time::Duration;

/// Units, longest spelling first where one begins like another.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Parses a duration. The message of an error is one clause that says what to write.
///
/// # Errors
/// If there is no unit, an unknown unit, no number, or more than 584 years.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("empty duration; write it like `10ms` or `1.5s`".to_owned());
    }
    if text.starts_with('-') {
        return Err(format!(
            "`{text}` is negative; write a duration like `10ms`"
        ));
    }
    let mut rest = text;
    let mut total = 0u64;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit_len = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_len);
        let nanos = scale(number, unit, text)?;
        total = total.checked_add(nanos).ok_or_else(|| too_long(text))?;
        rest = after;
    }
    Ok(Duration::from_nanos(total))
}

/// One `number unit` in nanoseconds; `text` is the whole, for messages.
fn scale(number: &str, unit: &str, text: &str) -> Result<u64, String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err(format!(
            "`{text}` is not a duration; write it like `10ms` or `1.5s`"
        ));
    }
    if unit.is_empty() {
        let example = if number == text {
            format!("`{text}ms`")
        } else {
            "`10ms`".to_owned()
        };
        return Err(format!(
            "`{text}` has no unit; write it like {example} (ns, us, ms, s, m, h)"
        ));
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!(
            "`{text}` has an unknown unit `{unit}`; units are ns, us, ms, s, m, h"
        ));
    };
    let whole = match whole {
        "" => 0,
        digits => digits.parse::<u64>().map_err(|_| too_long(text))?,
    };
    let whole = whole.checked_mul(*factor).ok_or_else(|| too_long(text))?;
    // Digit by digit, so that no float rounds 1.1s; digits below a nanosecond are dropped.
    let mut place = *factor;
    let mut part = 0;
    for digit in fraction.bytes() {
        place /= 10;
        part += u64::from(digit - b'0') * place;
    }
    whole.checked_add(part).ok_or_else(|| too_long(text))
}

fn too_long(text: &str) -> String {
    format!("`{text}` is longer than any trace; write a duration like `10ms`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_understood() {
        for (text, nanos) in [
            ("100ns", 100),
            ("500us", 500_000),
            ("500µs", 500_000),
            ("10ms", 10_000_000),
            ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1m30s", 90_000_000_000),
            (".5ms", 500_000),
            ("1.1s", 1_100_000_000),
            ("0s", 0),
            (" 10ms ", 10_000_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_nanos(nanos)),
                "{text}"
            );
        }
    }

    #[test]
    fn bare_number_says_that_a_unit_is_missing() {
        let error = parse_duration("10").unwrap_err();
        assert!(
            error.contains("no unit") && error.contains("`10ms`"),
            "{error}"
        );
        let error = parse_duration("1m30").unwrap_err();
        assert!(
            error.contains("no unit") && error.contains("`10ms`"),
            "{error}"
        );
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic() {
        for text in [
            "",
            "ms",
            "x",
            "10 ms",
            "1.2.3s",
            "-5ms",
            "10parsecs",
            "1..s",
            ".s",
            "ﬁ5",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        for text in [
            "99999999999999999999s",
            "9999999999h",
            "18446744073709551615ns1ns",
        ] {
            assert!(
                parse_duration(text).unwrap_err().contains("longer"),
                "{text}"
            );
        }
    }
}
