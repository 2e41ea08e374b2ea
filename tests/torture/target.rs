//! What is tortured, and what must hold of it.

use super::support::run::Fixture;
use super::support::{proc, wait_for};
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

/// How long what a tracer has let go of may take to run on: a stop by somebody else ends meanwhile.
const AT_MOST: Duration = Duration::from_secs(20);

/// A process that checks its own work.
pub struct Target {
    fixture: Fixture,
    client: Option<Fixture>,
    /// The process.
    pub pid: i32,
    /// Its code, as it was.
    code: Vec<u8>,
}

impl Target {
    /// One that says whether it was right.
    pub fn of(fixture: Fixture) -> Target {
        let pid = fixture.pid;
        Target::running(fixture, pid)
    }

    /// The same for one that another program runs, as this process.
    pub fn running(fixture: Fixture, pid: i32) -> Target {
        Target {
            code: code(pid),
            fixture,
            client: None,
            pid,
        }
    }

    /// A server whose client says whether it was right.
    pub fn server(httpd: &Path) -> Target {
        let mut target = Target::of(Fixture::start::<&str>(httpd, &[]));
        let address = target.fixture.ready["addr"].as_str().unwrap().to_owned();
        target.client = Some(Fixture::start(httpd, &["-client", &address, "-conns", "3"]));
        target
    }

    /// It lives, and no thread of it is traced or stopped, now or very soon.
    pub fn assert_free(&self, when: &str) {
        let look = || (proc::state(self.pid), proc::held(self.pid));
        let mut last = look();
        for _ in 0..AT_MOST.as_millis() / 10 {
            // The leader is dead for a moment when another thread executes a program.
            if last.1.is_empty() && !matches!(last.0, None | Some('Z' | 'X')) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
            last = look();
        }
        panic!("{when}: {last:?}");
    }

    /// Ends it: all of its work was right, and its code is what it was.
    pub fn finish(self) {
        let now = wait_for("its code to be there", AT_MOST, || {
            Some(code(self.pid)).filter(|code| code.len() == self.code.len())
        });
        assert!(now == self.code, "its code has changed");
        if let Some(client) = self.client {
            let (status, said) = client.finish();
            let totals = said.last().unwrap();
            assert!(status.success() && totals["failures"] == 0, "{totals}");
            assert!(totals["requests"].as_u64() > Some(20), "{totals}");
        }
        let (status, said) = self.fixture.finish();
        let totals = said.last().expect("its totals");
        assert!(status.success(), "{status}: {totals}");
        assert_ne!(totals["units"], 0, "{totals}");
        assert!(
            matches!(totals["wrong"].as_u64(), None | Some(0)),
            "{totals}"
        );
    }
}

/// The executable code of a process's own program, as it is in its memory.
fn code(pid: i32) -> Vec<u8> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let memory = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let exe = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let mut code = Vec::new();
    for line in maps.lines().filter(|l| l.ends_with(exe.to_str().unwrap())) {
        let mut words = line.split_whitespace();
        let (range, mode) = (words.next().unwrap(), words.next().unwrap());
        if !mode.contains('x') {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|a| u64::from_str_radix(a, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            code.extend(bytes);
        }
    }
    code
}
