//! What a dump of 100,000 goroutines costs: gostrace, and the process that it looks at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

/// `cargo test --release --test dump -- --ignored`: what a dump of 100,000 goroutines costs.
#[test]
#[ignore = "takes a release build to mean anything"]
fn a_hundred_thousand_goroutines_take_less_than_a_second_and_300_megabytes() {
    for version in [NEWEST_GO, OLDEST_GO] {
        let exe = Go::of(version).build("manygoroutines");
        let fixture = Fixture::start::<&str>(&exe, &[]);
        let file = scratch("dump-many").join("out");
        let pid = fixture.pid.to_string();
        let mut times = Vec::new();
        for _ in 0..5 {
            let began = std::time::Instant::now();
            let mut command = gostrace(&["dump", "-p", &pid, "-o", file.to_str().unwrap()]);
            let mut child = command.spawn().unwrap();
            let mut most = 0;
            while child.try_wait().unwrap().is_none() {
                let peak = proc::status(child.id().cast_signed(), "VmHWM").unwrap_or_default();
                let peak = peak.split(' ').next().unwrap().parse().unwrap_or(0);
                most = most.max(peak);
                std::thread::sleep(Duration::from_millis(5));
            }
            times.push(began.elapsed());
            assert!(most < 300 * 1024, "{most} kB");
        }
        let best = times.iter().min().unwrap();
        println!("go{version}: {times:?}");
        assert!(*best < Duration::from_secs(1), "{times:?}");
        let ids = ids_of_groups(&fs::read_to_string(file).unwrap());
        assert!(ids.len() > 100_000, "{}", ids.len());
    }
}
