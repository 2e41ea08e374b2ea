//! Where the runtime keeps its lists: `runtime.allm` (every M) and `runtime.allgs` (every G).
//!
//! A stripped program names neither. Two ways lead to them, on both machines: the addresses that
//! the code of a known function refers to (its name and place are in pclntab), and a scan of the
//! data and bss segments. Either only proposes; what is proposed is read and must prove itself
//! by invariants that the runtime keeps (runtime/proc.go, `mcommoninit`, `allgadd`).

use super::layout::{Record, Release, RuntimeLayout};
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::Memory;
use std::collections::HashSet;

pub(super) mod code;
pub(super) mod proof;

/// A half-open range of addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AddrRange {
    /// First address.
    pub start: Addr,
    /// First address beyond.
    pub end: Addr,
}

impl From<std::ops::Range<Addr>> for AddrRange {
    fn from(range: std::ops::Range<Addr>) -> AddrRange {
        AddrRange {
            start: range.start,
            end: range.end,
        }
    }
}

impl AddrRange {
    /// Whether `at` lies within.
    #[must_use]
    pub fn contains(&self, at: Addr) -> bool {
        self.start <= at && at < self.end
    }

    /// Calls `look` with runs of aligned words and the address of their first, until it returns
    /// false, the range ends, or 64 MiB were read. Runs overlap by [`OVERLAP`] words, so that
    /// nothing of that length is cut in two. What cannot be read is skipped.
    pub(super) fn for_each_chunk(
        &self,
        mem: &dyn Memory,
        mut look: impl FnMut(Addr, &[u64]) -> bool,
    ) {
        const CHUNK: u64 = 256 << 10;
        const LIMIT: u64 = 64 << 20;
        let end = self.end.0.min(self.start.0.saturating_add(LIMIT));
        let mut at = self.start.0.saturating_add(7) & !7;
        let mut bytes = vec![0; CHUNK as usize];
        while at < end {
            let want = (end - at).min(CHUNK) as usize;
            if let Ok(n) = mem.read_some(Addr(at), &mut bytes[..want]) {
                let words: Vec<u64> = bytes[..n]
                    .chunks_exact(8)
                    .map(|w| w.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b)))
                    .collect();
                if !look(Addr(at), &words) {
                    return;
                }
            }
            at += CHUNK - OVERLAP as u64 * 8;
        }
    }
}

/// See [`AddrRange::for_each_chunk`].
const OVERLAP: usize = 8;

/// What is known of a Go program's image before its runtime is read.
pub struct RuntimeImage<'a> {
    /// Its Go release.
    pub release: Release,
    /// The machine it is compiled for.
    pub arch: Arch,
    /// Its segments of variables: data, bss, noptrdata, noptrbss of moduledata.
    pub ranges: Vec<AddrRange>,
    /// The entry and length in bytes of a function by name, from pclntab.
    pub entry_of: &'a dyn Fn(&str) -> Option<(Addr, u64)>,
    /// The entry of the Go function that holds an address, from pclntab; without it, what is
    /// said to be code cannot be told from what is.
    pub function_at: Option<&'a dyn Fn(Addr) -> Option<Addr>>,
    /// What its DWARF says, at its run-time addresses. Called at most once, and not at all
    /// while the table serves.
    pub dwarf: Option<&'a dyn Fn() -> Option<DwarfRuntime>>,
}

impl RuntimeImage<'_> {
    fn has(&self, at: Addr) -> bool {
        self.ranges.iter().any(|r| r.contains(at))
    }
}

/// What a program's DWARF says of its runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DwarfRuntime {
    /// Its own offsets.
    pub layout: RuntimeLayout,
    /// `runtime.allm`.
    pub allm: Option<Addr>,
    /// `runtime.allgptr` and `runtime.allglen`.
    pub allgs: Option<AllgsRoot>,
}

/// A thread id as its own PID namespace numbers it: the last number of `NSpid:` in
/// /proc/TID/status. It is what `runtime.m.procid` holds (gettid(2)), and differs from the
/// tracer's own [`crate::ids::Tid`] for the same thread if the target is in a container.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ProcId(pub u64);

/// How a root was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoundBy {
    /// The program's DWARF.
    Dwarf,
    /// References in the code of a function.
    Code,
    /// A scan of the variables.
    Scan,
}

/// The two words from which allgs is read; length first, like `runtime.atomicAllG`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllgsRoot {
    /// Holds the address of the array of pointers.
    pub ptr_at: Addr,
    /// Holds its length.
    pub len_at: Addr,
}

/// Why a root was not found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RootError {
    /// Nothing that proves to be `runtime.allm`.
    #[error("no list of M's (runtime.allm) found; tried {tried} variables")]
    NoAllm {
        /// How many variables were looked at closely.
        tried: usize,
    },
    /// Nothing that proves to be `runtime.allgs`.
    #[error("no list of goroutines (runtime.allgs) found; tried {tried} variables")]
    NoAllgs {
        /// How many variables were looked at closely.
        tried: usize,
    },
    /// They are there, but what is in them makes no sense.
    #[error("layout does not fit: {what}")]
    Contradicted {
        /// What cannot be.
        what: &'static str,
    },
}

/// What of an M identifies it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MLink {
    pub addr: Addr,
    pub id: i64,
    pub procid: ProcId,
}

/// More M's than a process has threads (kernel.pid_max is at most 2^22; Go stops at 10,000
/// unless told otherwise).
pub(super) const MAX_MS: usize = 1 << 17;
/// More goroutines than fit in memory (2 KiB of stack each).
pub(super) const MAX_GS: u64 = 1 << 30;

/// Follows `m.alllink` from `head`: the M's, newest first, if this is what it is. Every M's g0
/// points back at it; ids differ; the last is `runtime.m0`, a variable, with id 0. Takes what it
/// reads from `budget`, the number of M's that may be read.
pub(super) fn chain(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    head: Addr,
    budget: &mut usize,
) -> Option<Vec<MLink>> {
    let mut ms = Vec::new();
    let mut ids = HashSet::new();
    let mut at = head;
    while !at.is_null() {
        let m = Record::read(mem, at, layout.m_span()).ok()?;
        let id = m.u64(layout.m.id).ok()? as i64;
        let owner = mem.ptr(m.ptr(layout.m.g0).ok()?.add(layout.g.m.into()));
        if owner != Ok(at) || id < 0 || !ids.insert(id) {
            return None;
        }
        *budget = budget.checked_sub(1)?;
        ms.push(MLink {
            addr: at,
            id,
            procid: ProcId(m.u64(layout.m.procid).ok()?),
        });
        at = m.ptr(layout.m.alllink).ok()?;
    }
    let m0 = ms.last()?;
    (m0.id == 0 && image.has(m0.addr)).then_some(ms)
}

/// The chain that begins at the variable `at`, if one of its M's is one of the threads.
fn chain_at(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    threads: &HashSet<ProcId>,
    at: Addr,
) -> Option<Vec<MLink>> {
    let head = mem.ptr(at).ok().filter(plausible)?;
    let mut budget = MAX_MS;
    let ms = chain(mem, image, layout, head, &mut budget)?;
    serves(&ms, threads).then_some(ms)
}

/// Whether a chain belongs to a process with these threads. `m0` alone is no list unless there
/// is but one thread: any layout, a wrong one too, ends its chain there (`runtime.g0.m` is such a
/// variable), and a runtime that has started has a second M, sysmon's.
fn serves(ms: &[MLink], threads: &HashSet<ProcId>) -> bool {
    ms.iter().any(|m| threads.contains(&m.procid)) && (ms.len() > 1 || threads.len() == 1)
}

/// Functions that refer to `runtime.allm`, the best first.
const ALLM_FUNCTIONS: [&str; 2] = ["runtime.mcommoninit", "runtime.allocm"];
/// Functions that refer to `runtime.allgs`.
const ALLGS_FUNCTIONS: [&str; 2] = ["runtime.forEachGRace", "runtime.allgadd"];
/// All the functions whose code leads to the roots.
pub const ROOT_FUNCTIONS: [&str; 4] = [
    ALLM_FUNCTIONS[0],
    ALLM_FUNCTIONS[1],
    ALLGS_FUNCTIONS[0],
    ALLGS_FUNCTIONS[1],
];

/// Whether a word can be a pointer to a structure of the runtime.
fn plausible(at: &Addr) -> bool {
    at.0 >= 4096 && at.0.is_multiple_of(8) && at.0 < 1 << 56
}

/// Finds `runtime.allm`.
///
/// # Errors
/// When nothing proves to be it.
pub fn find_allm(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    threads: &HashSet<ProcId>,
) -> Result<(Addr, FoundBy), RootError> {
    let mut tried = 0;
    for name in ALLM_FUNCTIONS {
        let refs = code::references(mem, image, name);
        tried += refs.len();
        let best = refs
            .into_iter()
            .filter_map(|at| Some((chain_at(mem, image, layout, threads, at)?.len(), at)))
            .max_by_key(|&(len, _)| len);
        if let Some((_, at)) = best {
            return Ok((at, FoundBy::Code));
        }
    }
    scan_allm(mem, image, layout, threads, tried)
}

/// Looks at every variable that holds the address of what may be an M. Other lists of
/// M's than allm are shorter or begin at an older M, save one: `sched.midle`, when the newest M
/// is idle. It is told by the fields of `sched` next to it. While there is only m0, several
/// variables look alike, and none is taken.
fn scan_allm(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    threads: &HashSet<ProcId>,
    mut tried: usize,
) -> Result<(Addr, FoundBy), RootError> {
    let mut budget = MAX_MS * 4;
    let mut best: Vec<(usize, i64, Addr, Addr)> = Vec::new();
    for range in &image.ranges {
        range.for_each_chunk(mem, |base, words| {
            for (i, &word) in words.iter().enumerate() {
                let head = Addr(word);
                if !plausible(&head) {
                    continue;
                }
                // The newest M may have no thread: it starts, or waits for a callback from C.
                let procid = mem.u64(head.add(layout.m.procid.into())).map(ProcId);
                if !procid.is_ok_and(|p| p.0 == 0 || threads.contains(&p)) {
                    continue;
                }
                tried += 1;
                let at = base.add(i as u64 * 8);
                if let Some(ms) = chain(mem, image, layout, head, &mut budget)
                    && ms.len() > 1
                    && serves(&ms, threads)
                {
                    let (first, last) = (ms.first(), ms.last());
                    let newest = first.map_or(0, |m| m.id);
                    let m0 = last.map_or(Addr(0), |m| m.addr);
                    best.push((ms.len(), newest, m0, at));
                }
            }
            tried < 1 << 16
        });
    }
    let longest = best.iter().map(|b| b.0).max().unwrap_or(0);
    let is_midle = |newest: i64, at: Addr| {
        let mnext = at.add(u64::from(layout.sched.mnext - layout.sched.midle));
        mem.u64(mnext) == Ok((newest + 1) as u64)
    };
    best.into_iter()
        .find(|&(len, newest, m0, at)| {
            let in_m0 = at >= m0 && at < m0.add(layout.m_span() as u64);
            len == longest && !in_m0 && !is_midle(newest, at)
        })
        .map(|(_, _, _, at)| (at, FoundBy::Scan))
        .ok_or(RootError::NoAllm { tried })
}

/// Finds `runtime.allgptr` and `runtime.allglen`, or the slice `runtime.allgs`.
///
/// # Errors
/// When nothing proves to be it.
pub fn find_allgs(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
) -> Result<(AllgsRoot, FoundBy), RootError> {
    let mut tried = 0;
    for name in ALLGS_FUNCTIONS {
        let refs = code::references(mem, image, name);
        for &ptr_at in &refs {
            for &len_at in refs.iter().filter(|&&at| at != ptr_at) {
                tried += 1;
                let root = AllgsRoot { ptr_at, len_at };
                if is_allgs(mem, layout, root) || is_librarys_allgs(mem, layout, root) {
                    return Ok((root, FoundBy::Code));
                }
            }
        }
    }
    scan_allgs(mem, image, layout, tried)
}

fn scan_allgs(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    mut tried: usize,
) -> Result<(AllgsRoot, FoundBy), RootError> {
    let mut found = None;
    for range in &image.ranges {
        range.for_each_chunk(mem, |base, words| {
            for (i, w) in words.windows(3).enumerate() {
                let slice = w[1] != 0 && w[1] <= w[2] && w[2] <= MAX_GS && plausible(&Addr(w[0]));
                if !slice {
                    continue;
                }
                tried += 1;
                let ptr_at = base.add(i as u64 * 8);
                let len_at = ptr_at.add(8);
                let root = AllgsRoot { ptr_at, len_at };
                if is_allgs(mem, layout, root) {
                    found = Some(root);
                    return false;
                }
            }
            tried < 1 << 18
        });
        if let Some(root) = found {
            return Ok((root, FoundBy::Scan));
        }
    }
    Err(RootError::NoAllgs { tried })
}

/// The first goroutine is number 1 and never ends; the last one is a goroutine too.
pub(super) fn is_allgs(mem: &dyn Memory, layout: &RuntimeLayout, root: AllgsRoot) -> bool {
    let check = || {
        let (array, len) = array_of(mem, root)?;
        goroutine_at(mem, layout, array.add((len - 1) * 8))?;
        Some(goroutine_at(mem, layout, array)? == 1)
    };
    check().unwrap_or(false)
}

/// Where nobody runs Go's main (-buildmode=c-shared, c-archive), number 1 ends when the packages
/// are set up, and its g becomes another goroutine's (runtime/proc.go, `main`). Then many have to
/// be goroutines, each another one, and the proposal not be chance.
fn is_librarys_allgs(mem: &dyn Memory, layout: &RuntimeLayout, root: AllgsRoot) -> bool {
    const LOOKED_AT: u64 = 256;
    let check = || {
        let (array, len) = array_of(mem, root)?;
        let all = (0..len.min(LOOKED_AT)).map(|i| goroutine_at(mem, layout, array.add(i * 8)));
        let ids: Vec<u64> = all.collect::<Option<_>>()?;
        let different: HashSet<u64> = ids.iter().copied().filter(|id| *id != 0).collect();
        Some(ids.len() > 2 && different.len() == ids.len())
    };
    check().unwrap_or(false)
}

fn array_of(mem: &dyn Memory, root: AllgsRoot) -> Option<(Addr, u64)> {
    let len = mem.u64(root.len_at).ok()?;
    let len = Some(len).filter(|n| (1..=MAX_GS).contains(n))?;
    let array = mem.ptr(root.ptr_at).ok().filter(plausible)?;
    Some((array, len))
}

/// The id of the goroutine whose g the word at `slot` points to, if it does.
fn goroutine_at(mem: &dyn Memory, layout: &RuntimeLayout, slot: Addr) -> Option<u64> {
    let g = mem.ptr(slot).ok().filter(plausible)?;
    let g = Record::read(mem, g, layout.g_span()).ok()?;
    let (lo, hi) = (g.u64(layout.g.stack).ok()?, g.u64(layout.g.stack + 8).ok()?);
    let status = super::wait_reason::GStatus(g.u32(layout.g.atomicstatus).ok()?);
    // A dead goroutine has given its stack back.
    let ok = (lo < hi || status.is_unused()) && status.is_known();
    ok.then(|| g.u64(layout.g.goid).ok())?
}

/// Finds `runtime.allm` where DWARF says it is, or else as [`find_allm`].
///
/// # Errors
/// When nothing proves to be it.
pub(super) fn find_allm_with(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    dwarf: &DwarfRuntime,
    threads: &HashSet<ProcId>,
) -> Result<(Addr, FoundBy), RootError> {
    match dwarf.allm {
        Some(at) if chain_at(mem, image, &dwarf.layout, threads, at).is_some() => {
            Ok((at, FoundBy::Dwarf))
        }
        _ => find_allm(mem, image, &dwarf.layout, threads),
    }
}
