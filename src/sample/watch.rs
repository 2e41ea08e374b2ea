//! What looks at one thread prove of the calls that it makes.

use crate::event::RawCall;
use crate::ids::Addr;

/// A thread that runs between the readings of one look is looked at again so often.
const TRIES: usize = 3;

/// Where in a program a call is made. Two blocked threads of sight in the same spot, without the
/// thread having run in between, are one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The call.
    pub call: RawCall,
    /// Behind the system call instruction.
    pub pc: Addr,
    /// Stack pointer.
    pub sp: Addr,
}

/// What a thread was seen doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// It runs, or waits for a CPU; perhaps inside a call.
    Running,
    /// It is blocked outside a call: a page fault, a stop.
    Outside,
    /// It is blocked in a call.
    In(Spot),
}

/// What the counter of a thread counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// How often it was put on a CPU: it moves before anything else happens.
    Arrivals,
    /// How often it was taken off one: it moves only when the thread blocks again, so a sight
    /// is needed too.
    Departures,
}

/// The readings of one thread, each of which may fail because it is gone.
pub trait Peek {
    /// Why there is nothing to read.
    type Error;

    /// The counter.
    ///
    /// # Errors
    /// The thread is gone.
    fn counter(&mut self) -> Result<u64, Self::Error>;

    /// What it is doing.
    ///
    /// # Errors
    /// The thread is gone.
    fn sight(&mut self) -> Result<Sight, Self::Error>;

    /// CLOCK_MONOTONIC, nanoseconds.
    fn now(&mut self) -> u64;

    /// What [`Peek::counter`] counts.
    fn counts(&self) -> Counts;
}

/// A thread's stay in one call, as far as it is proven. Times are CLOCK_MONOTONIC nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stay {
    /// Where.
    pub spot: Spot,
    /// It was not in the call yet at this time; `None`: it was before we came.
    pub earliest: Option<u64>,
    /// It was in the call from this time on, at the latest.
    pub first: u64,
    /// It was in the call until this time, at least; this may be before `first`.
    pub last: u64,
    /// Looks that found it there.
    pub looks: u32,
}

impl Stay {
    /// How long it has lasted so far, at least.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.last.saturating_sub(self.first)
    }

    /// How long it has lasted at most if it ends at `at_ns`: since it began, or since we know
    /// of it.
    #[must_use]
    pub fn at_most(&self, at_ns: u64) -> u64 {
        at_ns.saturating_sub(self.earliest.unwrap_or(self.first))
    }

    /// The middle of the time in which it began, and half the length of that time; `None` if it
    /// was before we came.
    #[must_use]
    pub fn start(&self) -> Option<(u64, u64)> {
        let earliest = self.earliest?;
        let error = self.first.saturating_sub(earliest) / 2;
        Some((earliest + error, error))
    }
}

/// A stay that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// The stay.
    pub stay: Stay,
    /// It was over at this time.
    pub by: u64,
}

impl Ended {
    /// The middle of the time in which it ended, and half the length of that time.
    #[must_use]
    pub fn end(&self) -> (u64, u64) {
        let error = self.by.saturating_sub(self.stay.last) / 2;
        (self.stay.last + error, error)
    }
}

/// What a look brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Looked {
    /// The call that it was in at the look before has ended.
    pub ended: Option<Ended>,
    /// A call has been seen for the first time.
    pub began: bool,
    /// The thread has run since the look before (or runs).
    pub ran: bool,
}

impl Looked {
    /// Whether it was found where it was before, though it had run.
    #[must_use]
    pub fn same_spot(&self, now: Option<&Stay>) -> bool {
        matches!((&self.ended, now), (Some(e), Some(s)) if self.began && e.stay.spot == s.spot)
    }
}

/// What is known of a thread.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The counter as read before the last sight; `None`: nothing is proven by it.
    counter: Option<u64>,
    /// The thread was off the CPU at the last sight.
    blocked: bool,
    /// A call that it is in now began after this time.
    not_before: Option<u64>,
    stay: Option<Stay>,
}

impl Watch {
    /// A thread that did not exist yet, or was in no call, at `not_before`.
    #[must_use]
    pub fn new(not_before: Option<u64>) -> Watch {
        Watch {
            counter: None,
            blocked: false,
            not_before,
            stay: None,
        }
    }

    /// The call that it was in at the last look.
    #[must_use]
    pub fn stay(&self) -> Option<&Stay> {
        self.stay.as_ref()
    }

    /// Looks at the thread.
    ///
    /// # Errors
    /// It is gone.
    pub fn look<P: Peek>(&mut self, thread: &mut P) -> Result<Looked, P::Error> {
        let before = thread.now();
        let mut counter = thread.counter()?;
        let unchanged = self.counter == Some(counter);
        if unchanged && self.blocked && thread.counts() == Counts::Arrivals {
            match &mut self.stay {
                Some(stay) => stay.seen_until(before),
                None => self.not_before = Some(before),
            }
            return Ok(Looked::default());
        }
        let mut looked = Looked {
            ran: !unchanged || !self.blocked,
            ..Looked::default()
        };
        if !unchanged {
            looked.ended = self.end(thread.now());
        }
        for _ in 0..TRIES {
            let from = thread.now();
            let sight = thread.sight()?;
            let to = thread.now();
            let spot = match sight {
                Sight::In(spot) => Some(spot),
                Sight::Outside => None,
                Sight::Running => {
                    looked.ran = true;
                    looked.ended = looked.ended.or_else(|| self.end(to));
                    self.not_before = Some(from);
                    self.settle(Some(counter), false);
                    return Ok(looked);
                }
            };
            let again = thread.counter()?;
            if again == counter {
                // An arrival would have shown: it was blocked at `to` still.
                let last = match thread.counts() {
                    Counts::Arrivals => to,
                    Counts::Departures => from,
                };
                looked.began = self.blocked_in(spot, last, to, &mut looked.ended);
                self.settle(Some(counter), true);
                return Ok(looked);
            }
            // It ran meanwhile: before the sight, or after it.
            counter = again;
            looked.ran = true;
            looked.ended = looked.ended.or_else(|| self.end(thread.now()));
        }
        self.settle(None, false);
        Ok(looked)
    }

    /// Whether the thread is still in the call in which the last look found it.
    pub fn holds<P: Peek>(&self, thread: &mut P) -> bool {
        let unchanged = |thread: &mut P| thread.counter().ok().is_some_and(|c| self.is_at(c));
        match thread.counts() {
            Counts::Arrivals => self.blocked && unchanged(thread),
            Counts::Departures => {
                let spot = self.stay.map(|s| Sight::In(s.spot));
                spot.is_some() && thread.sight().ok() == spot && unchanged(thread)
            }
        }
    }

    /// The thread is gone: the call that it was in, over by `at_ns`.
    pub fn end(&mut self, at_ns: u64) -> Option<Ended> {
        let stay = self.stay.take()?;
        self.not_before = Some(stay.last);
        Some(Ended { stay, by: at_ns })
    }

    fn is_at(&self, counter: u64) -> bool {
        self.counter == Some(counter)
    }

    fn settle(&mut self, counter: Option<u64>, blocked: bool) {
        (self.counter, self.blocked) = (counter, blocked);
    }

    /// It was off the CPU, there or outside a call, at some time before `to` and until `last` at
    /// least. Whether that is another call than before.
    fn blocked_in(
        &mut self,
        spot: Option<Spot>,
        last: u64,
        to: u64,
        ended: &mut Option<Ended>,
    ) -> bool {
        if let Some(stay) = &mut self.stay
            && spot == Some(stay.spot)
        {
            stay.seen_until(last);
            return false;
        }
        *ended = ended.or_else(|| self.end(to));
        match spot {
            None => self.not_before = Some(last),
            Some(spot) => {
                self.stay = Some(Stay {
                    spot,
                    earliest: self.not_before,
                    first: to,
                    last,
                    looks: 1,
                });
            }
        }
        spot.is_some()
    }
}

impl Stay {
    fn seen_until(&mut self, at_ns: u64) {
        self.last = self.last.max(at_ns);
        self.looks = self.looks.saturating_add(1);
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
