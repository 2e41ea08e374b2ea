//! What calls of one kind took, together: sums to the nanosecond, quantiles to within a hundredth.

use hdrhistogram::Histogram;

/// Significant digits of the quantiles.
const DIGITS: u8 = 2;

/// What one call adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sample {
    /// How long it lasted, nanoseconds.
    pub ns: u64,
    /// If it was sampled: give or take this, nanoseconds.
    pub error_ns: Option<u64>,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it had not ended when it was last seen: it lasts longer.
    pub unfinished: bool,
    /// Whether its thread was in it already when tracing began: it lasted longer.
    pub before: bool,
}

/// Times of many calls.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// How many.
    pub calls: u64,
    /// Of these, failed.
    pub errors: u64,
    /// Of these, not ended.
    pub unfinished: u64,
    /// Of these, begun before tracing did.
    pub before: u64,
    /// Of these, sampled.
    pub sampled: u64,
    /// By how much their total may be wrong, if all errors had the same sign, nanoseconds.
    pub error_ns: u64,
    /// By how much one of them may be, nanoseconds.
    pub worst_error_ns: u64,
    /// All of them, nanoseconds.
    pub total_ns: u64,
    /// The shortest, nanoseconds.
    pub min_ns: u64,
    /// The longest, nanoseconds.
    pub max_ns: u64,
    /// Made at the first call: most kinds of calls never come.
    histogram: Option<Histogram<u64>>,
}

impl Stats {
    /// Adds a call.
    pub fn add(&mut self, call: Sample) {
        let one = Stats {
            calls: 1,
            errors: u64::from(call.failed),
            unfinished: u64::from(call.unfinished),
            before: u64::from(call.before),
            sampled: u64::from(call.error_ns.is_some()),
            error_ns: call.error_ns.unwrap_or(0),
            worst_error_ns: call.error_ns.unwrap_or(0),
            total_ns: call.ns,
            min_ns: call.ns,
            max_ns: call.ns,
            histogram: None,
        };
        self.add_sums(&one);
        if self.histogram.is_none() {
            self.histogram = Histogram::new(DIGITS).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            // Grows as needed, and holds no more than 73 years.
            let _ = histogram.record(call.ns.min(1 << 61));
        }
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Stats) {
        self.add_sums(other);
        match (&mut self.histogram, &other.histogram) {
            // Both grow, so one always fits into the other.
            (Some(own), Some(other)) => drop(own.add(other)),
            (own @ None, Some(other)) => *own = Some(other.clone()),
            (_, None) => {}
        }
    }

    fn add_sums(&mut self, other: &Stats) {
        self.min_ns = match (self.calls, other.calls) {
            (0, _) => other.min_ns,
            (_, 0) => self.min_ns,
            _ => self.min_ns.min(other.min_ns),
        };
        self.max_ns = self.max_ns.max(other.max_ns);
        self.worst_error_ns = self.worst_error_ns.max(other.worst_error_ns);
        for (sum, more) in [
            (&mut self.calls, other.calls),
            (&mut self.errors, other.errors),
            (&mut self.unfinished, other.unfinished),
            (&mut self.before, other.before),
            (&mut self.sampled, other.sampled),
            (&mut self.error_ns, other.error_ns),
            (&mut self.total_ns, other.total_ns),
        ] {
            *sum = sum.saturating_add(more);
        }
    }

    /// The mean, nanoseconds.
    #[must_use]
    pub fn mean_ns(&self) -> u64 {
        self.total_ns / self.calls.max(1)
    }

    /// What this share (0 to 1) of the calls did not exceed, nanoseconds: at most a hundredth too
    /// much. 0 if there are none.
    #[must_use]
    pub fn quantile_ns(&self, share: f64) -> u64 {
        let found = self.histogram.as_ref();
        let found = found.map_or(0, |h| h.value_at_quantile(share));
        found.clamp(self.min_ns, self.max_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stats(all: &[u64]) -> Stats {
        let mut stats = Stats::default();
        for &ns in all {
            stats.add(Sample {
                ns,
                ..Sample::default()
            });
        }
        stats
    }

    #[test]
    fn nothing_is_all_zero() {
        let none = Stats::default();
        assert_eq!((none.mean_ns(), none.quantile_ns(0.99)), (0, 0));
    }

    #[test]
    fn sums_are_exact_and_what_is_uncertain_is_carried_along() {
        let mut all = stats(&[999, 1_000_000_001]);
        all.add(Sample {
            ns: 5_000_000,
            error_ns: Some(1_250_000),
            failed: true,
            unfinished: true,
            before: true,
        });
        assert_eq!((all.total_ns, all.calls, all.errors), (1_005_001_000, 3, 1));
        assert_eq!((all.min_ns, all.max_ns), (999, 1_000_000_001));
        assert_eq!((all.sampled, all.error_ns), (1, 1_250_000));
        assert_eq!((all.unfinished, all.before), (1, 1));
    }

    #[test]
    fn calls_of_years_are_counted_and_sums_do_not_overflow() {
        let all = stats(&[u64::MAX / 2, u64::MAX, u64::MAX]);
        assert_eq!((all.calls, all.total_ns), (3, u64::MAX));
        assert!(all.quantile_ns(1.0) >= 1 << 61);
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_calls_to_within_a_hundredth(
            mut all in proptest::collection::vec(0u64..4_000_000_000_000, 1..300),
            split in 0usize..300,
        ) {
            let split = split.min(all.len());
            let mut found = stats(&all[..split]);
            found.merge(&stats(&all[split..]));
            all.sort_unstable();
            prop_assert_eq!(found.total_ns, all.iter().sum::<u64>());
            prop_assert_eq!(found.min_ns, all[0]);
            prop_assert_eq!(found.max_ns, all[all.len() - 1]);
            for share in [0.5, 0.95, 0.99] {
                let rank = (share * all.len() as f64).ceil().max(1.0) as usize;
                let truth = all[rank - 1];
                let got = found.quantile_ns(share);
                prop_assert!(got >= truth && got <= truth + truth / 100 + 1, "{}: {} {}", share, got, truth);
            }
        }
    }
}
