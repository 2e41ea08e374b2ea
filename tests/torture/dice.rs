//! What is left to chance, told by a seed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Random numbers (SplitMix64).
pub struct Dice {
    /// What they follow from.
    pub seed: u64,
    state: u64,
}

impl Dice {
    /// Dice with the seed that is asked for, or that of the moment.
    pub fn seeded(name: &str) -> Dice {
        let asked = std::env::var("GOSTRACE_TORTURE_SEED").ok();
        let seed = asked.map_or_else(
            || {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                u64::from(since.subsec_nanos()) ^ since.as_secs() << 20
            },
            |text| text.parse().expect("GOSTRACE_TORTURE_SEED is a number"),
        );
        eprintln!("{name}: GOSTRACE_TORTURE_SEED={seed}");
        Dice { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `n` - 1.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// From nothing to so long.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.below(u64::try_from(most.as_nanos()).unwrap()))
    }
}
