//! Whether the kernel shows calls at all. A sandbox may say of every thread that it runs.

use super::{Peek, Sight};

/// One look would do but for a thread that is about to sleep: it is said to sleep a little
/// before it does, and is put on no CPU between.
const TRIES: usize = 3;

/// Whether a thread slept all the time and was said to run each time. None: a call of it was
/// shown. `state` is the letter of /proc/TID/stat, `pause` lets a thread that runs get on.
///
/// # Errors
/// The thread is gone.
pub fn sleeps_unseen<P: Peek>(
    thread: &mut P,
    mut state: impl FnMut() -> Option<char>,
    pause: impl Fn(),
) -> Result<Option<bool>, P::Error> {
    let mut asleep = || matches!(state(), Some('S' | 'D'));
    let (counter, mut unseen) = (thread.counter()?, true);
    for _ in 0..TRIES {
        let before = asleep();
        let sight = thread.sight()?;
        if matches!(sight, Sight::In(_)) {
            return Ok(None);
        }
        unseen &= before && sight == Sight::Running && asleep();
        pause();
    }
    Ok(Some(unseen && thread.counter()? == counter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Abi;
    use crate::event::RawCall;
    use crate::ids::Addr;
    use crate::sample::{Counts, Spot};

    /// What is read of a thread, reading by reading; the last stays.
    struct Thread(Vec<u64>, Vec<Sight>);

    fn next<T: Copy>(readings: &mut Vec<T>) -> T {
        match readings.len() {
            1 => readings[0],
            _ => readings.remove(0),
        }
    }

    impl Peek for Thread {
        type Error = ();

        fn counter(&mut self) -> Result<u64, ()> {
            Ok(next(&mut self.0))
        }

        fn sight(&mut self) -> Result<Sight, ()> {
            Ok(next(&mut self.1))
        }

        fn now(&mut self) -> u64 {
            0
        }

        fn counts(&self) -> Counts {
            Counts::Arrivals
        }
    }

    fn unseen(counters: &[u64], sights: &[Sight], states: &str) -> Option<bool> {
        let mut thread = Thread(counters.to_vec(), sights.to_vec());
        let mut states: Vec<char> = states.chars().collect();
        sleeps_unseen(&mut thread, || Some(next(&mut states)), || ()).unwrap()
    }

    #[test]
    fn a_thread_that_sleeps_and_is_said_to_run_is_not_shown() {
        assert_eq!(unseen(&[7], &[Sight::Running], "S"), Some(true));
        assert_eq!(unseen(&[7], &[Sight::Running], "D"), Some(true));
    }

    #[test]
    fn a_thread_that_runs_or_was_about_to_sleep_or_woke_is_no_proof() {
        assert_eq!(unseen(&[7], &[Sight::Running], "R"), Some(false));
        assert_eq!(unseen(&[7], &[Sight::Running], "RS"), Some(false));
        assert_eq!(unseen(&[7], &[Sight::Running], "SSSSR"), Some(false));
        assert_eq!(unseen(&[7, 8], &[Sight::Running], "S"), Some(false));
        let sights = [Sight::Running, Sight::Outside, Sight::Running];
        assert_eq!(unseen(&[7], &sights, "S"), Some(false));
    }

    #[test]
    fn one_call_that_is_shown_settles_it() {
        let (pc, sp) = (Addr(1), Addr(2));
        let call = RawCall {
            abi: Abi::X86_64,
            nr: 0,
            args: [0; 6],
        };
        let sights = [Sight::Running, Sight::In(Spot { call, pc, sp })];
        assert_eq!(unseen(&[7], &sights, "S"), None);
    }
}
