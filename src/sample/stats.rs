//! What a run of looks came to.

/// Counts of a whole run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Rounds over all threads.
    pub looks: u64,
    /// Looks at single threads.
    pub thread_looks: u64,
    /// CPU time of the thread that looked, nanoseconds.
    pub cpu_ns: u64,
    /// From the first look to the last, nanoseconds.
    pub span_ns: u64,
    /// Looks that found a thread in the same place though it had run.
    pub same_spot: u64,
    /// Looks at single threads that failed, though the thread was there.
    pub failed: u64,
    /// The longest time between two looks at the same thread, nanoseconds.
    pub longest_gap_ns: u64,
    /// Calls that last at least this long were to be found, nanoseconds.
    pub wanted_ns: u64,
    /// How often some thread had not been looked at for longer than that.
    pub late: u64,
}

impl Stats {
    /// Counts a round that began `since_ns` after the one before, zero for the first; `gap_ns` is
    /// the longest that a thread was out of sight between the two. That can be nearly both rounds
    /// together: who looks may lose the CPU in the middle of each.
    pub fn count_look(&mut self, since_ns: u64, gap_ns: u64) {
        self.looks += 1;
        self.span_ns = self.span_ns.saturating_add(since_ns);
        self.count_gap(gap_ns);
    }

    /// Counts a time for which a thread was out of sight.
    pub fn count_gap(&mut self, gap_ns: u64) {
        self.longest_gap_ns = self.longest_gap_ns.max(gap_ns);
        self.late += u64::from(gap_ns > self.wanted_ns);
    }

    /// Adds what another tracer thread has seen at the same time.
    pub fn join(&mut self, other: &Stats) {
        let most = if other.looks > self.looks {
            *other
        } else {
            *self
        };
        *self = Stats {
            looks: most.looks,
            span_ns: most.span_ns,
            thread_looks: self.thread_looks + other.thread_looks,
            cpu_ns: self.cpu_ns + other.cpu_ns,
            same_spot: self.same_spot + other.same_spot,
            failed: self.failed + other.failed,
            longest_gap_ns: self.longest_gap_ns.max(other.longest_gap_ns),
            wanted_ns: self.wanted_ns.max(other.wanted_ns),
            late: self.late + other.late,
        };
    }

    /// The mean time between two looks, nanoseconds.
    #[must_use]
    pub fn period_ns(&self) -> u64 {
        self.span_ns / self.looks.saturating_sub(1).max(1)
    }

    /// CPU time of one look at one thread, nanoseconds.
    #[must_use]
    pub fn cost_ns(&self) -> u64 {
        self.cpu_ns / self.thread_looks.max(1)
    }

    /// Share of one CPU, in thousandths.
    #[must_use]
    pub fn per_mille(&self) -> u64 {
        self.cpu_ns.saturating_mul(1000) / self.span_ns.max(1)
    }
}
