//! When to look next: often enough for what is to be found, no more often than it is worth.

/// The share of one CPU that looking may take before it is done less often, in thousandths.
const MAX_PER_MILLE: u64 = 30;
/// The share at which a period that was asked for is remarked upon.
const REMARKABLE_PER_MILLE: u64 = 200;
/// Looks without any thread having run after which a process counts as idle.
const IDLE_LOOKS: u32 = 20;
/// Looks before the cost is believed.
const WARM_UP: u32 = 16;
/// The weight of one look in the mean cost is one part in so many.
const WEIGHT: u64 = 8;
/// The shortest period: a look has its price even with one thread.
const MIN_NS: u64 = 50_000;

/// What there is to say about the pace, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remark {
    /// Looks are made less often, and take this share of a CPU.
    Slower {
        /// From now on, nanoseconds.
        period_ns: u64,
        /// As asked for or by default, nanoseconds.
        wanted_ns: u64,
        /// Cost of a look at all threads, nanoseconds of CPU time.
        cost_ns: u64,
    },
    /// The period that was asked for is kept, and takes this share of a CPU.
    Expensive {
        /// In hundredths.
        percent: u64,
        /// Cost of a look at all threads, nanoseconds of CPU time.
        cost_ns: u64,
    },
}

/// The pace of the looks.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    base_ns: u64,
    longest_ns: u64,
    fixed: bool,
    cost_ns: u64,
    looks: u32,
    idle: u32,
    remarked: bool,
}

impl Pace {
    /// For calls that last at least `wanted_ns`. A period that was asked for is kept; else it is
    /// a quarter of that, and at most the half of it: so at least two looks find each call. A
    /// little less than a quarter: a call of three periods that may, at most, have lasted four
    /// shall not count as long because a look came a little late.
    #[must_use]
    pub fn new(wanted_ns: u64, asked_ns: Option<u64>) -> Pace {
        let base_ns = asked_ns
            .unwrap_or(wanted_ns / 4 - wanted_ns / 80)
            .max(MIN_NS);
        Pace {
            base_ns,
            longest_ns: (wanted_ns / 2).max(base_ns),
            fixed: asked_ns.is_some(),
            cost_ns: 0,
            looks: 0,
            idle: 0,
            remarked: false,
        }
    }

    /// A look has been made: its price, and whether any thread had run since the one before.
    pub fn looked(&mut self, cost_ns: u64, ran: bool) -> Option<Remark> {
        self.looks = self.looks.saturating_add(1);
        self.idle = if ran { 0 } else { self.idle.saturating_add(1) };
        self.cost_ns = match self.looks {
            1 => cost_ns,
            _ => (self.cost_ns * (WEIGHT - 1) + cost_ns) / WEIGHT,
        };
        if self.looks < WARM_UP || self.remarked {
            return None;
        }
        let remark = self.remark();
        self.remarked = remark.is_some();
        remark
    }

    /// From one look to the next, nanoseconds.
    #[must_use]
    pub fn period_ns(&self) -> u64 {
        if self.fixed || self.looks < WARM_UP {
            return self.base_ns;
        }
        if self.idle >= IDLE_LOOKS {
            return self.longest_ns;
        }
        self.busy_ns()
    }

    /// The period while threads run.
    fn busy_ns(&self) -> u64 {
        let affordable = self.cost_ns.saturating_mul(1000) / MAX_PER_MILLE;
        affordable.clamp(self.base_ns, self.longest_ns)
    }

    fn remark(&self) -> Option<Remark> {
        let per_mille = self.cost_ns.saturating_mul(1000) / self.base_ns;
        if self.fixed {
            return (per_mille > REMARKABLE_PER_MILLE).then_some(Remark::Expensive {
                percent: per_mille / 10,
                cost_ns: self.cost_ns,
            });
        }
        // A little more than can be afforded is not worth a word.
        let period_ns = self.busy_ns();
        (period_ns > self.base_ns + self.base_ns / 4).then_some(Remark::Slower {
            period_ns,
            wanted_ns: self.base_ns,
            cost_ns: self.cost_ns,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn paced(pace: &mut Pace, looks: u32, cost: u64, ran: bool) -> Vec<Remark> {
        (0..looks).filter_map(|_| pace.looked(cost, ran)).collect()
    }

    #[test]
    fn a_cheap_look_is_made_four_times_in_the_wanted_time_and_twice_when_nothing_runs() {
        let mut pace = Pace::new(10 * MS, None);
        assert_eq!(paced(&mut pace, 100, 20_000, true), []);
        assert_eq!(pace.period_ns(), 2_375_000);
        paced(&mut pace, IDLE_LOOKS, 10_000, false);
        assert_eq!(pace.period_ns(), 5 * MS);
        paced(&mut pace, 1, 10_000, true);
        assert_eq!(pace.period_ns(), 2_375_000);
    }

    #[test]
    fn an_expensive_look_is_made_less_often_but_twice_in_the_wanted_time_and_said_once() {
        let mut pace = Pace::new(10 * MS, None);
        assert_eq!(paced(&mut pace, 100, 100_000, true).len(), 1);
        assert_eq!(pace.period_ns(), 100_000 * 1000 / 30);
        assert_eq!(paced(&mut pace, 100, 9 * MS, true), []);
        assert_eq!(pace.period_ns(), 5 * MS);
    }

    #[test]
    fn a_period_that_was_asked_for_is_kept_whatever_it_costs() {
        let mut pace = Pace::new(10 * MS, Some(MS));
        assert_eq!(
            paced(&mut pace, 50, 300_000, true),
            [Remark::Expensive {
                percent: 30,
                cost_ns: 300_000
            }]
        );
        paced(&mut pace, 50, 300_000, false);
        assert_eq!(pace.period_ns(), MS);
        assert_eq!(
            paced(&mut Pace::new(10 * MS, Some(MS)), 50, 100_000, true),
            []
        );
    }

    #[test]
    fn extremes_neither_overflow_nor_spin() {
        let mut pace = Pace::new(u64::MAX, None);
        paced(&mut pace, 50, u64::MAX / 8, true);
        assert!(pace.period_ns() >= u64::MAX / 5);
        assert_eq!(Pace::new(1, None).period_ns(), MIN_NS);
    }
}
