//! What a recording says of itself.

use crate::cli::config::Config;
use crate::record::Header;
use crate::sys::clock;

/// How the recording is made that begins now.
pub(super) fn header(config: &Config) -> Header {
    let at = clock::now();
    Header {
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        argv: config
            .argv
            .iter()
            .map(|word| word.as_encoded_bytes().to_vec())
            .collect(),
        at,
        utc_offsets: utc_offsets(at.wall_ns / 1_000_000_000, clock::utc_offset),
    }
}

/// Local time from now on for as long as anybody records: from when on which offset holds.
fn utc_offsets(now_s: u64, utc_offset: fn(u64) -> i64) -> Vec<(u64, i64)> {
    const DAY: u64 = 86_400;
    // What was going on when we came began before.
    let mut day = now_s.saturating_sub(400 * DAY);
    let mut offsets = vec![(day, utc_offset(day))];
    while day < now_s + 400 * DAY {
        let (mut before, mut after) = (day, day + DAY);
        day = after;
        let new = utc_offset(after);
        if utc_offset(before) == new {
            continue;
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match utc_offset(middle) == new {
                true => after = middle,
                false => before = middle,
            }
        }
        offsets.push((after, new));
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_is_recorded_with_its_changes() {
        let offset = |at: u64| match at {
            ..50_000_000 => 3600,
            50_000_000..60_000_001 => 7200,
            _ => 3600,
        };
        let changes = utc_offsets(49_000_000, offset);
        assert_eq!(
            changes[1..],
            [(50_000_000, 7200), (60_000_001, 3600)],
            "{changes:?}"
        );
    }
}
