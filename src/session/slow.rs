//! When a call that is still blocked is due to be reported. Pure.

use crate::event::Start;
use std::time::Duration;

/// When to look at a blocked call next: at the threshold, then at doubling intervals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    since_ns: u64,
    interval_ns: u64,
}

impl Due {
    /// The first look at a call that began at `start`.
    #[must_use]
    pub fn first(start: Start, threshold: Duration) -> Due {
        let interval_ns = u64::try_from(threshold.as_nanos()).unwrap_or(u64::MAX);
        Due {
            since_ns: start.known().mono_ns,
            interval_ns: interval_ns.max(1),
        }
    }

    /// CLOCK_MONOTONIC nanoseconds of the next look.
    #[must_use]
    pub fn at_ns(self) -> u64 {
        self.since_ns.saturating_add(self.interval_ns)
    }

    /// After a look at `now_ns`: the next, at the next doubling that lies ahead.
    #[must_use]
    pub fn after(self, now_ns: u64) -> Due {
        let mut next = self;
        while next.at_ns() <= now_ns {
            next.interval_ns = next.interval_ns.saturating_mul(2);
            if next.interval_ns == u64::MAX {
                break;
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    #[test]
    fn a_call_is_due_at_the_threshold_and_at_each_doubling() {
        let start = Start::Seen(Timestamp {
            mono_ns: 1_000,
            wall_ns: 0,
        });
        let due = Due::first(start, Duration::from_nanos(10));
        assert_eq!(due.at_ns(), 1_010);
        let due = due.after(1_010);
        assert_eq!(due.at_ns(), 1_020);
        // A late look skips the doublings that have passed.
        assert_eq!(due.after(1_050).at_ns(), 1_080);
    }

    #[test]
    fn a_threshold_beyond_all_time_never_comes_and_never_loops() {
        let start = Start::Seen(Timestamp {
            mono_ns: 5,
            wall_ns: 0,
        });
        let due = Due::first(start, Duration::from_secs(u64::MAX));
        assert_eq!(due.at_ns(), u64::MAX);
        assert_eq!(due.after(u64::MAX).at_ns(), u64::MAX);
        assert_eq!(Due::first(start, Duration::ZERO).at_ns(), 6);
    }
}
