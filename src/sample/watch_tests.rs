//! Scripted threads: what the looks say of them against what they did.

use super::*;
use proptest::prelude::*;

fn spot(nr: u64) -> Spot {
    Spot {
        call: RawCall {
            abi: crate::arch::Abi::X86_64,
            nr,
            args: [0; 6],
        },
        pc: Addr(0x1000 + nr),
        sp: Addr(0x7000),
    }
}

/// What a thread does until a time.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Doing {
    Run,
    Fault,
    Call(u64),
}

/// A thread that follows a script; reading it takes time.
struct Scripted {
    /// Until when, and what; times ascend.
    script: Vec<(u64, Doing)>,
    counts: Counts,
    now: u64,
    /// What each reading takes, in turn.
    delays: Vec<u64>,
    next: usize,
}

impl Scripted {
    fn phase(&self) -> usize {
        self.script
            .iter()
            .take_while(|(until, _)| *until <= self.now)
            .count()
    }

    fn pass(&mut self) {
        let delay = self.delays[self.next % self.delays.len()];
        self.next += 1;
        self.now += delay;
    }
}

impl Peek for Scripted {
    type Error = ();

    fn counter(&mut self) -> Result<u64, ()> {
        self.pass();
        let phase = self.phase();
        if phase == self.script.len() {
            return Err(());
        }
        // It is put on a CPU when a phase of running begins, and taken off when it ends.
        let arrivals = self.script[..=phase].iter();
        let arrivals = arrivals.filter(|(_, d)| *d == Doing::Run).count() as u64;
        let runs = u64::from(self.script[phase].1 == Doing::Run);
        self.pass();
        Ok(match self.counts {
            Counts::Arrivals => arrivals,
            Counts::Departures => arrivals - runs,
        })
    }

    fn sight(&mut self) -> Result<Sight, ()> {
        self.pass();
        let phase = self.phase();
        let seen = self.script.get(phase).ok_or(())?.1;
        self.pass();
        Ok(match seen {
            Doing::Run => Sight::Running,
            Doing::Fault => Sight::Outside,
            Doing::Call(nr) => Sight::In(spot(nr)),
        })
    }

    fn now(&mut self) -> u64 {
        self.now
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Looks at these times, or as soon after as the look before is over. All that ended.
fn watch(thread: &mut Scripted, looks: impl Iterator<Item = u64>) -> Vec<Ended> {
    let mut watch = Watch::new(Some(0));
    let mut ended = Vec::new();
    for at in looks {
        thread.now = thread.now.max(at);
        match watch.look(thread) {
            Ok(looked) => ended.extend(looked.ended),
            Err(()) => {
                ended.extend(watch.end(thread.now));
                break;
            }
        }
    }
    ended
}

fn thread(script: &[(u64, Doing)], counts: Counts) -> Scripted {
    let mut until = 0;
    Scripted {
        script: script
            .iter()
            .map(|&(lasts, doing)| {
                until += lasts;
                (until, doing)
            })
            .collect(),
        counts,
        now: 0,
        delays: vec![1],
        next: 0,
    }
}

const BOTH: [Counts; 2] = [Counts::Arrivals, Counts::Departures];

#[test]
fn a_call_between_looks_is_bounded_by_them() {
    for counts in BOTH {
        let script = [(150, Doing::Run), (500, Doing::Call(7)), (1000, Doing::Run)];
        let ended = watch(&mut thread(&script, counts), (0..).step_by(100).take(12));
        let [only] = ended[..] else {
            panic!("{ended:?}")
        };
        assert_eq!(only.stay.spot, spot(7));
        assert_eq!(only.stay.looks, 5);
        assert!(only.stay.at_least() <= 500 && only.stay.at_least() >= 390);
        assert!(only.stay.at_most(only.by) >= 500 && only.stay.at_most(only.by) <= 610);
    }
}

#[test]
fn two_calls_of_the_same_spot_are_two_calls_however_short_the_time_between() {
    for counts in BOTH {
        let script = [
            (50, Doing::Run),
            (250, Doing::Call(7)),
            (1, Doing::Run),
            (250, Doing::Call(7)),
            (100, Doing::Run),
        ];
        let mut peek = thread(&script, counts);
        let mut watch = Watch::new(Some(0));
        let mut same = 0;
        let mut ended = Vec::new();
        for at in (0..700).step_by(100) {
            peek.now = peek.now.max(at);
            let looked = watch.look(&mut peek).unwrap();
            same += u32::from(looked.same_spot(watch.stay()));
            ended.extend(looked.ended);
        }
        assert_eq!(ended.len(), 2, "{ended:?}");
        assert_eq!(same, 1);
    }
}

#[test]
fn what_was_there_before_we_came_has_no_start() {
    let script = [(500, Doing::Call(7)), (100, Doing::Run)];
    let mut peek = thread(&script, Counts::Arrivals);
    let mut watch = Watch::new(None);
    watch.look(&mut peek).unwrap();
    let stay = *watch.stay().unwrap();
    assert_eq!((stay.start(), stay.earliest), (None, None));
    assert!(watch.holds(&mut peek));
    peek.now = 510;
    assert!(!watch.holds(&mut peek));
    assert_eq!(watch.look(&mut peek).unwrap().ended.unwrap().stay, stay);
}

#[test]
fn a_page_fault_is_no_call() {
    let script = [(300, Doing::Fault), (300, Doing::Run)];
    for counts in BOTH {
        assert_eq!(
            watch(&mut thread(&script, counts), (0..600).step_by(50)),
            []
        );
    }
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        3 => (0u64..3).prop_map(Doing::Call),
        1 => Just(Doing::Fault),
    ]
}

/// Runs and blocks in turn.
fn scripts() -> impl Strategy<Value = Vec<(u64, Doing)>> {
    let length = prop_oneof![1u64..30, 50u64..400, 400u64..3000];
    let step = (1u64..200, length, doing());
    proptest::collection::vec(step, 1..40).prop_map(|steps| {
        let mut script = Vec::new();
        for (runs, blocks, doing) in steps {
            script.push((runs, Doing::Run));
            script.push((blocks, doing));
        }
        script.push((5000, Doing::Run));
        script
    })
}

proptest! {
    #[test]
    fn each_long_call_is_found_within_its_error_and_no_two_are_merged(
        script in scripts(),
        period in 50u64..250,
        jitter in proptest::collection::vec(0u64..40, 1..20),
        delays in proptest::collection::vec(0u64..4, 1..20),
        departures in any::<bool>(),
    ) {
        let counts = if departures { Counts::Departures } else { Counts::Arrivals };
        let mut peek = Scripted { delays, ..thread(&script, counts) };
        // The calls as they were.
        let mut truth = Vec::new();
        let mut from = 0;
        for &(until, doing) in &peek.script {
            if let Doing::Call(nr) = doing {
                truth.push((nr, from, until));
            }
            from = until;
        }
        let looks = (0..2000u64).map(|n| n * period + jitter[n as usize % jitter.len()]);
        let ended = watch(&mut peek, looks);
        // A look with its readings, and a jitter each way.
        let slow = 2 * period + 2 * 40 + 100;
        let mut next = 0;
        for e in &ended {
            let Stay { spot: at, earliest, first, last, .. } = e.stay;
            // One call, later than the one before, has all that was seen of this one...
            let of = truth.iter().enumerate().skip(next)
                .find(|(_, (nr, from, until))| spot(*nr) == at && *from <= first && last <= *until);
            let Some((n, &(_, from, until))) = of else {
                return Err(TestCaseError::fail(format!("{e:?} is none of {truth:?}")));
            };
            // ...and lies within its bounds.
            prop_assert!(earliest.unwrap() <= from && until <= e.by, "{e:?} {from} {until}");
            let (start, a) = e.stay.start().unwrap();
            let (end, b) = e.end();
            let (estimate, error) = (end - start, a + b);
            // Each half is rounded down.
            prop_assert!(estimate.abs_diff(until - from) <= error + 2);
            prop_assert!(e.stay.at_least() <= until - from);
            prop_assert!(e.stay.at_most(e.by) >= until - from);
            // None that lasted long enough was passed over.
            for (_, from, until) in &truth[next..n] {
                prop_assert!(until - from < slow, "missed {from}..{until}");
            }
            next = n + 1;
        }
        for (_, from, until) in &truth[next..] {
            prop_assert!(until - from < slow, "missed {from}..{until}");
        }
    }
}
