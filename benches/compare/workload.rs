//! Workloads that have a rate: programs that run all the time and count what they did themselves.

use crate::support::run::Fixture;
use crate::support::{Go, NEWEST_GO, build_c};

/// A workload with a rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    Http,
    Loop(u32),
    Locks,
    Threads2000,
}

impl Workload {
    pub const ALL: [Workload; 7] = [
        Workload::Http,
        Workload::Loop(1),
        Workload::Loop(2),
        Workload::Loop(4),
        Workload::Loop(8),
        Workload::Locks,
        Workload::Threads2000,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Workload::Http => "http",
            Workload::Loop(1) => "loop-1",
            Workload::Loop(2) => "loop-2",
            Workload::Loop(4) => "loop-4",
            Workload::Loop(_) => "loop-8",
            Workload::Locks => "locks",
            Workload::Threads2000 => "threads-2000",
        }
    }

    /// What it is, and what its rate counts.
    pub fn describe(self) -> (&'static str, &'static str) {
        match self {
            Workload::Http => ("net/http server, 16 keep-alive connections", "requests/s"),
            Workload::Loop(_) => ("nothing but getppid and read of a byte", "calls/s"),
            Workload::Locks => ("tokens by channels and mutexes, much futex", "hops/s"),
            Workload::Threads2000 => ("2,000 threads, each wakes every 500 ms", "turns/s"),
        }
    }

    /// Starts it.
    pub fn start(self) -> Target {
        let go = Go::of(NEWEST_GO);
        match self {
            Workload::Http => {
                let server = Fixture::start::<&str>(&go.build("httpd"), &[]);
                let addr = server.ready["addr"].as_str().unwrap();
                let load = Fixture::start(&go.build("load"), &["-conns", "16", addr]);
                Target::new(server.pid, load, Some(server))
            }
            Workload::Loop(threads) => {
                let threads = threads.to_string();
                Target::counting(Fixture::start(&build_c("rates"), &["loop", &threads]))
            }
            Workload::Locks => Target::counting(Fixture::start::<&str>(&go.build("locks"), &[])),
            Workload::Threads2000 => {
                Target::counting(Fixture::start(&build_c("rates"), &["pause", "2000", "500"]))
            }
        }
    }
}

/// A workload that runs. Killed on drop.
pub struct Target {
    /// The process to trace.
    pub pid: i32,
    counter: Fixture,
    /// Answers that it still owes us.
    owed: usize,
    _server: Option<Fixture>,
}

/// What a target had done by a time of its own clock.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    count: i64,
    ns: i64,
}

impl Count {
    /// How much a second since then.
    pub fn rate_since(self, earlier: Count) -> f64 {
        (self.count - earlier.count) as f64 / ((self.ns - earlier.ns) as f64 / 1e9)
    }

    /// How much since then.
    pub fn since(self, earlier: Count) -> i64 {
        self.count - earlier.count
    }
}

impl Target {
    fn new(pid: i32, counter: Fixture, server: Option<Fixture>) -> Target {
        Target {
            pid,
            counter,
            owed: 0,
            _server: server,
        }
    }

    /// One that counts by itself.
    pub fn counting(fixture: Fixture) -> Target {
        Target::new(fixture.pid, fixture, None)
    }

    /// Asks it what it has done. A tracer can starve the thread that answers: then there is none.
    pub fn count(&mut self) -> Result<Count, String> {
        self.counter.line();
        self.owed += 1;
        loop {
            let Some(said) = self.counter.try_next() else {
                return Err("the target does not answer any more".to_owned());
            };
            if said["event"] != "count" {
                continue;
            }
            self.owed -= 1;
            if self.owed == 0 {
                let number = |field: &str| said[field].as_i64().unwrap();
                return Ok(Count {
                    count: number("count"),
                    ns: number("ns"),
                });
            }
        }
    }

    /// How many threads the traced process has.
    pub fn threads(&self) -> usize {
        crate::support::proc::tasks(self.pid).len()
    }
}
