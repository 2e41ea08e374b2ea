//! Goroutine states and wait reasons, as the runtime names them.
//!
//! Wait reasons are renumbered between Go versions (1.25, 1.26), so their names are read from
//! the target's own `runtime.waitReasonStrings`; a table serves where that is not found.

use super::goroutine::G;
use super::layout::Release;
use super::roots::AddrRange;
use crate::event::GoState;
use crate::ids::Addr;
use crate::memory::Memory;
use std::sync::Arc;

/// `runtime.g.atomicstatus` (runtime/runtime2.go, `_Gidle` and on).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GStatus(pub u32);

/// The GC holds the goroutine's stack (`_Gscan`).
const SCAN: u32 = 0x1000;

impl GStatus {
    /// `_Grunnable`.
    pub const RUNNABLE: GStatus = GStatus(1);
    /// `_Grunning`.
    pub const RUNNING: GStatus = GStatus(2);
    /// `_Gsyscall`.
    pub const SYSCALL: GStatus = GStatus(3);
    /// `_Gwaiting`.
    pub const WAITING: GStatus = GStatus(4);
    /// `_Gdead`: not in use, its structure waits for the next `go` statement.
    pub const DEAD: GStatus = GStatus(6);
    /// `_Gcopystack`.
    pub const COPYSTACK: GStatus = GStatus(8);
    /// `_Gpreempted`.
    pub const PREEMPTED: GStatus = GStatus(9);
    /// `_Gleaked`, from 1.26.
    pub const LEAKED: GStatus = GStatus(10);
    /// `_Gdeadextra`, from 1.26: belongs to an M that waits for a callback from C.
    pub const DEAD_EXTRA: GStatus = GStatus(11);

    /// The state without the GC's scan bit.
    #[must_use]
    pub fn base(self) -> GStatus {
        GStatus(self.0 & !SCAN)
    }

    /// Whether the GC is scanning its stack just now.
    #[must_use]
    pub fn is_scanned(self) -> bool {
        self.0 & SCAN != 0
    }

    /// Whether any release has such a state.
    #[must_use]
    pub fn is_known(self) -> bool {
        matches!(self.base().0, 0..=4 | 6 | 8..=11)
    }

    /// Whether there is no goroutine in this g at present (idle, dead).
    #[must_use]
    pub fn is_unused(self) -> bool {
        let base = self.base();
        base.0 == 0 || base == Self::DEAD || base == Self::DEAD_EXTRA
    }
}

/// The names of a target's wait reasons, by number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitReasons {
    names: Vec<Arc<str>>,
    /// Whether they are the target's own words, not our table.
    pub from_target: bool,
}

/// More than any version has (47 in 1.27); the field is one byte.
const MAX_REASONS: usize = 96;
/// Longer than any name (30 in 1.27).
const MAX_NAME: u64 = 64;

impl WaitReasons {
    /// The name of reason `n`; `None` for 0 (no reason) and for numbers beyond the list.
    #[must_use]
    pub fn name(&self, n: u8) -> Option<&Arc<str>> {
        self.names.get(usize::from(n)).filter(|s| !s.is_empty())
    }

    /// What a goroutine is doing.
    #[must_use]
    pub fn state(&self, g: &G) -> GoState {
        let reason = || self.name(g.wait_reason).cloned();
        match g.status.base() {
            GStatus::RUNNABLE => GoState::Runnable,
            GStatus::RUNNING => GoState::Running,
            GStatus::SYSCALL => GoState::Syscall,
            GStatus::WAITING => GoState::Waiting(reason()),
            GStatus::COPYSTACK => GoState::CopyingStack,
            GStatus::PREEMPTED => GoState::Preempted,
            GStatus::LEAKED => GoState::Leaked(reason()),
            GStatus(other) => GoState::Other(other),
        }
    }

    /// Finds the names in the target's data segment, or takes the table's.
    #[must_use]
    pub fn find(mem: &dyn Memory, ranges: &[AddrRange], release: Release) -> Self {
        ranges
            .iter()
            .find_map(|range| in_target(mem, range))
            .map_or_else(
                || by_table(release),
                |names| WaitReasons {
                    names,
                    from_target: true,
                },
            )
    }
}

/// `waitReasonStrings` is an array of string headers that begins "", "GC assist marking",
/// "IO wait" in every version: the two lengths find it, the texts prove it.
fn in_target(mem: &dyn Memory, range: &AddrRange) -> Option<Vec<Arc<str>>> {
    const FIRST: &str = "GC assist marking";
    const SECOND: &str = "IO wait";
    let mut found = None;
    range.for_each_chunk(mem, |base, words| {
        for i in 0..words.len().saturating_sub(5) {
            // words[i..]: {0, 0} {ptr, 17} {ptr, 7}
            let w = |k: usize| words.get(i + k).copied().unwrap_or(0);
            let shape = (w(0), w(1), w(3), w(5)) == (0, 0, FIRST.len() as u64, SECOND.len() as u64);
            if shape
                && text(mem, w(2), w(3)).as_deref() == Some(FIRST)
                && text(mem, w(4), w(5)).as_deref() == Some(SECOND)
            {
                found = Some(base.add(i as u64 * 8));
                return false;
            }
        }
        true
    });
    let start = found?;
    let mut names = vec![Arc::from("")];
    for i in 1..MAX_REASONS as u64 {
        let at = start.add(i * 16);
        let (Ok(ptr), Ok(len)) = (mem.u64(at), mem.u64(at.add(8))) else {
            break;
        };
        let Some(name) = text(mem, ptr, len) else {
            break;
        };
        names.push(name);
    }
    Some(names)
}

/// A short printable string.
fn text(mem: &dyn Memory, ptr: u64, len: u64) -> Option<Arc<str>> {
    if ptr == 0 || len == 0 || len > MAX_NAME {
        return None;
    }
    let bytes = mem.bytes(Addr(ptr), len as usize).ok()?;
    let printable = bytes.iter().all(|b| (0x20..0x7f).contains(b));
    let text = String::from_utf8(bytes).ok()?;
    printable.then(|| Arc::from(text))
}

fn by_table(release: Release) -> WaitReasons {
    let names = match release.minor {
        19 => GO_1_19,
        21..=23 => GO_1_21,
        24 => GO_1_24,
        25 => GO_1_25,
        26 | 27 => GO_1_26,
        _ => &[],
    };
    WaitReasons {
        names: names.iter().map(|&name| Arc::from(name)).collect(),
        from_target: false,
    }
}

#[rustfmt::skip]
/// runtime/runtime2.go of go1.19.8.
const GO_1_19: &[&str] = &[
    "", "GC assist marking", "IO wait", "chan receive (nil chan)", "chan send (nil chan)",
    "dumping heap", "garbage collection", "garbage collection scan", "panicwait", "select",
    "select (no cases)", "GC assist wait", "GC sweep wait", "GC scavenge wait", "chan receive",
    "chan send", "finalizer wait", "force gc (idle)", "semacquire", "sleep", "sync.Cond.Wait",
    "timer goroutine (idle)", "trace reader (blocked)", "wait for GC cycle", "GC worker (idle)",
    "preempted", "debug call",
];

#[rustfmt::skip]
/// runtime/runtime2.go of go1.23.9; 1.21 and 1.22 have the first 32 and 37 of them.
const GO_1_21: &[&str] = &[
    "", "GC assist marking", "IO wait", "chan receive (nil chan)", "chan send (nil chan)",
    "dumping heap", "garbage collection", "garbage collection scan", "panicwait", "select",
    "select (no cases)", "GC assist wait", "GC sweep wait", "GC scavenge wait", "chan receive",
    "chan send", "finalizer wait", "force gc (idle)", "semacquire", "sleep", "sync.Cond.Wait",
    "sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.RWMutex.Lock", "trace reader (blocked)",
    "wait for GC cycle", "GC worker (idle)", "GC worker (active)", "preempted", "debug call",
    "GC mark termination", "stopping the world", "flushing proc caches", "trace goroutine status",
    "trace proc status", "page trace flush", "coroutine", "GC weak to strong wait",
];

#[rustfmt::skip]
/// runtime/runtime2.go of go1.24.11.
const GO_1_24: &[&str] = &[
    "", "GC assist marking", "IO wait", "chan receive (nil chan)", "chan send (nil chan)",
    "dumping heap", "garbage collection", "garbage collection scan", "panicwait", "select",
    "select (no cases)", "GC assist wait", "GC sweep wait", "GC scavenge wait", "chan receive",
    "chan send", "finalizer wait", "force gc (idle)", "semacquire", "sleep", "sync.Cond.Wait",
    "sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.RWMutex.Lock", "sync.WaitGroup.Wait",
    "trace reader (blocked)", "wait for GC cycle", "GC worker (idle)", "GC worker (active)",
    "preempted", "debug call", "GC mark termination", "stopping the world",
    "flushing proc caches", "trace goroutine status", "trace proc status", "page trace flush",
    "coroutine", "GC weak to strong wait", "synctest.Run", "synctest.Wait",
    "chan receive (synctest)", "chan send (synctest)", "select (synctest)",
];

#[rustfmt::skip]
/// runtime/runtime2.go of go1.25.5.
const GO_1_25: &[&str] = &[
    "", "GC assist marking", "IO wait", "chan receive (nil chan)", "chan send (nil chan)",
    "dumping heap", "garbage collection", "garbage collection scan", "panicwait", "select",
    "select (no cases)", "GC assist wait", "GC sweep wait", "GC scavenge wait", "chan receive",
    "chan send", "finalizer wait", "force gc (idle)", "GOMAXPROCS updater (idle)", "semacquire",
    "sleep", "sync.Cond.Wait", "sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.RWMutex.Lock",
    "sync.WaitGroup.Wait", "trace reader (blocked)", "wait for GC cycle", "GC worker (idle)",
    "GC worker (active)", "preempted", "debug call", "GC mark termination", "stopping the world",
    "flushing proc caches", "trace goroutine status", "trace proc status", "page trace flush",
    "coroutine", "GC weak to strong wait", "synctest.Run", "synctest.Wait",
    "chan receive (durable)", "chan send (durable)", "select (durable)",
    "sync.WaitGroup.Wait (durable)", "cleanup wait",
];

#[rustfmt::skip]
/// runtime/runtime2.go of go1.26.6 and go1.27.3.
const GO_1_26: &[&str] = &[
    "", "GC assist marking", "IO wait", "dumping heap", "garbage collection",
    "garbage collection scan", "panicwait", "GC assist wait", "GC sweep wait", "GC scavenge wait",
    "finalizer wait", "force gc (idle)", "GOMAXPROCS updater (idle)", "semacquire", "sleep",
    "chan receive (nil chan)", "chan send (nil chan)", "select (no cases)", "select",
    "chan receive", "chan send", "sync.Cond.Wait", "sync.Mutex.Lock", "sync.RWMutex.RLock",
    "sync.RWMutex.Lock", "sync.WaitGroup.Wait", "trace reader (blocked)", "wait for GC cycle",
    "GC worker (idle)", "GC worker (active)", "preempted", "debug call", "GC mark termination",
    "stopping the world", "flushing proc caches", "trace goroutine status", "trace proc status",
    "page trace flush", "coroutine", "GC weak to strong wait", "synctest.Run", "synctest.Wait",
    "chan receive (durable)", "chan send (durable)", "select (durable)",
    "sync.WaitGroup.Wait (durable)", "cleanup wait",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    /// The array as the linker lays it out: headers in data, texts elsewhere.
    fn target(names: &[&str]) -> (Segments, AddrRange) {
        let mut headers = vec![0u8; 48];
        let mut texts = Vec::new();
        for name in names {
            let at = match name.len() {
                0 => 0,
                _ => 0x9000 + texts.len() as u64,
            };
            headers.extend(at.to_le_bytes());
            headers.extend((name.len() as u64).to_le_bytes());
            texts.extend(name.as_bytes());
        }
        headers.extend([0xff; 32]);
        let range = AddrRange {
            start: Addr(0x1000),
            end: Addr(0x1000 + headers.len() as u64),
        };
        let mut mem = Segments::new();
        mem.map(Addr(0x1000), headers).map(Addr(0x9000), texts);
        (mem, range)
    }

    const GO1_27: Release = Release {
        minor: 27,
        patch: 3,
    };

    #[test]
    fn the_targets_own_names_win_over_the_table() {
        let (mem, range) = target(&["", "GC assist marking", "IO wait", "my own reason"]);
        let found = WaitReasons::find(&mem, &[range], GO1_27);
        assert!(found.from_target);
        assert_eq!(found.name(2).map(|s| &**s), Some("IO wait"));
        assert_eq!(found.name(3).map(|s| &**s), Some("my own reason"));
        assert_eq!((found.name(0), found.name(4)), (None, None));
    }

    #[test]
    fn without_them_the_table_of_the_version_serves() {
        let (mem, range) = target(&["", "GC assist marking", "IO WAIT"]);
        let found = WaitReasons::find(&mem, &[range], GO1_27);
        assert!(!found.from_target);
        assert_eq!(found.name(19).map(|s| &**s), Some("chan receive"));
        let old = Release {
            minor: 21,
            ..GO1_27
        };
        let found = WaitReasons::find(&mem, &[range], old);
        assert_eq!(found.name(14).map(|s| &**s), Some("chan receive"));
    }

    #[test]
    fn the_scan_bit_does_not_hide_the_state() {
        assert_eq!(GStatus(0x1004).base(), GStatus::WAITING);
        assert!(GStatus(0x1004).is_scanned() && !GStatus(4).is_scanned());
        assert!(GStatus(0x1004).is_known() && !GStatus(7).is_known());
        assert!(GStatus(6).is_unused() && GStatus(11).is_unused() && !GStatus(3).is_unused());
    }
}
