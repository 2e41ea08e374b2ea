//! Which M, P and goroutine a thread is, read from a live process that need not be stopped.
//!
//! A thread is known by `m.procid`. [`Runtime::find`] proves the layout and the roots once;
//! [`Runtime::thread`] then takes two reads: the M (its address is remembered per thread and
//! proven anew each time by its procid) and its current goroutine; in a call that it has let go
//! of its P for, one more for the P, and one for the M that has it. Stacks are read at first
//! sight.

use super::goroutine::{G, HeldP, PNow, StackBounds, Thread, bounds_of, non_null, parse_g};
use super::layout::{LayoutSource, Record, Release, RuntimeLayout, UnknownLayout};
use super::program::Program;
use super::roots::{
    self, AddrRange, AllgsRoot, DwarfRuntime, FoundBy, MAX_MS, ProcId, ROOT_FUNCTIONS, RootError,
    RuntimeImage,
};
use super::wait_reason::WaitReasons;
use crate::event::GoState;
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Why the runtime cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuntimeError {
    /// No layout for this version, and no DWARF.
    #[error(transparent)]
    Layout(#[from] UnknownLayout),
    /// Nothing says which layout to use, and no DWARF does either.
    #[error("Go version unknown; stacks only")]
    NoVersion,
    /// No layout that we know fits this process.
    #[error("go1.{}.{}: {last}", .release.minor, .release.patch)]
    Roots {
        /// Its version.
        release: Release,
        /// What the last layout tried ended with.
        last: RootError,
    },
}

/// What is remembered of an M whose stacks do not move.
#[derive(Clone, Copy, Debug)]
struct KnownM {
    addr: Addr,
    /// (g0, gsignal) pointers with their bounds.
    stacks: Option<(Addr, StackBounds, Addr, Option<StackBounds>)>,
}

/// A process's Go runtime: proven layout and roots, and what is remembered between calls.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// The release that the program was built with.
    pub release: Release,
    /// The offsets, proven against this process.
    pub layout: RuntimeLayout,
    /// The names of its wait reasons.
    pub wait_reasons: Arc<WaitReasons>,
    /// Address of the variable `runtime.allm`, and how it was found.
    pub allm: (Addr, FoundBy),
    /// Where allgs is, and how it was found.
    pub allgs: Result<(AllgsRoot, FoundBy), RootError>,
    by_thread: HashMap<ProcId, KnownM>,
    /// M's that had no thread of their own at the last walk, or may change it (`m.isextra`).
    unsettled: HashSet<Addr>,
    /// The newest M at the last walk.
    walked_from: Addr,
    /// Ids of P's; a P never moves (`runtime.allp` only grows).
    p_ids: HashMap<Addr, i32>,
}

impl Runtime {
    /// Finds the runtime of a program that was found in a live process. `dwarf` reads its debug
    /// information, with the addresses that it has in the process.
    ///
    /// # Errors
    /// As [`Runtime::find`], and when the program does not tell its version.
    pub fn of(
        mem: &dyn Memory,
        program: &Program,
        threads: &[ProcId],
        dwarf: Option<&dyn Fn() -> Option<DwarfRuntime>>,
    ) -> Result<Runtime, RuntimeError> {
        // One pass over the tables finds all the names.
        let entries = program.function_entries(mem, &ROOT_FUNCTIONS);
        let entries = entries.unwrap_or_default();
        let entry_of = |name: &str| {
            let i = ROOT_FUNCTIONS.iter().position(|f| *f == name)?;
            entries.get(i).copied().flatten()
        };
        let function_at = |pc| {
            let found = program.find_func(mem, pc).ok()?;
            found.map(|(_, func)| func.entry)
        };
        let ranges = program.variables().into_iter();
        let version = program.version().ok_or(RuntimeError::NoVersion)?;
        let image = RuntimeImage {
            release: version.into(),
            arch: program.arch,
            ranges: ranges.map(AddrRange::from).collect(),
            entry_of: &entry_of,
            function_at: Some(&function_at),
            dwarf,
        };
        Runtime::find(mem, &image, threads)
    }

    /// Finds the runtime of a live process. `threads` are all its threads, as it numbers them.
    ///
    /// The table's layouts go first: they were read from the DWARF of the same release, and cost
    /// no inflating and walking of it here. What the
    /// table only infers comes after DWARF. All must prove themselves.
    ///
    /// # Errors
    /// When no layout fits, with the last reason.
    pub fn find(
        mem: &dyn Memory,
        image: &RuntimeImage<'_>,
        threads: &[ProcId],
    ) -> Result<Runtime, RuntimeError> {
        let threads: HashSet<ProcId> = threads.iter().copied().collect();
        let table = RuntimeLayout::candidates(image.release);
        let (sure, inferred): (Vec<_>, Vec<_>) = table
            .iter()
            .flatten()
            .partition(|l| !matches!(l.source, LayoutSource::Inferred(_)));
        let mut last = None;
        for layout in sure {
            match roots::find_allm(mem, image, layout, &threads) {
                Ok(allm) => {
                    let runtime = Runtime::with(mem, image, *layout, allm, None);
                    match runtime.contradiction(mem, image) {
                        None => return Ok(runtime),
                        Some(what) => last = Some(RootError::Contradicted { what }),
                    }
                }
                Err(e) => last = Some(e),
            }
        }
        if let Some(dwarf) = image.dwarf.and_then(|read| read()) {
            match roots::find_allm_with(mem, image, &dwarf, &threads) {
                Ok(allm) => {
                    return Ok(Runtime::with(mem, image, dwarf.layout, allm, Some(&dwarf)));
                }
                Err(e) => last = Some(e),
            }
        }
        for layout in inferred {
            // What was never compared with its release must also lead to the goroutines.
            let proven = roots::find_allm(mem, image, layout, &threads)
                .and_then(|allm| roots::find_allgs(mem, image, layout).map(|_| allm));
            match proven {
                Ok(allm) => {
                    let runtime = Runtime::with(mem, image, *layout, allm, None);
                    match runtime.contradiction(mem, image) {
                        None => return Ok(runtime),
                        Some(what) => last = Some(RootError::Contradicted { what }),
                    }
                }
                Err(e) => last = Some(e),
            }
        }
        let release = image.release;
        Err(match last {
            Some(last) => RuntimeError::Roots { release, last },
            None => UnknownLayout(release).into(),
        })
    }

    fn with(
        mem: &dyn Memory,
        image: &RuntimeImage<'_>,
        layout: RuntimeLayout,
        allm: (Addr, FoundBy),
        dwarf: Option<&DwarfRuntime>,
    ) -> Runtime {
        let named = dwarf
            .and_then(|d| d.allgs)
            .filter(|&root| roots::is_allgs(mem, &layout, root));
        Runtime {
            release: image.release,
            layout,
            wait_reasons: Arc::new(WaitReasons::find(mem, &image.ranges, image.release)),
            allm,
            allgs: match named {
                Some(root) => Ok((root, FoundBy::Dwarf)),
                None => roots::find_allgs(mem, image, &layout),
            },
            by_thread: HashMap::new(),
            unsettled: HashSet::new(),
            walked_from: Addr(0),
            p_ids: HashMap::new(),
        }
    }

    fn contradiction(&self, mem: &dyn Memory, image: &RuntimeImage<'_>) -> Option<&'static str> {
        let allgs = self.allgs.as_ref().ok().map(|(root, _)| *root);
        roots::proof::contradiction(mem, image, &self.layout, self.allm.0, allgs)
    }

    /// Whether the layout is that of the very release, not of its neighbour.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !matches!(self.layout.source, LayoutSource::Inferred(_))
    }

    /// What a goroutine is doing.
    #[must_use]
    pub fn state(&self, g: &G) -> GoState {
        self.wait_reasons.state(g)
    }

    /// The M of a thread and what it runs; `None` for a thread that Go does not know (made by C
    /// and not in a callback, or about to start or end).
    ///
    /// # Errors
    /// When the memory cannot be read.
    pub fn thread(
        &mut self,
        mem: &dyn Memory,
        procid: ProcId,
    ) -> Result<Option<Thread>, MemoryError> {
        if let Some(known) = self.by_thread.get(&procid).copied() {
            match self.read_m(mem, known.addr) {
                Ok(m) if m.u64(self.layout.m.procid) == Ok(procid.0) => {
                    return self.describe(mem, &m).map(Some);
                }
                // The M is gone (mexit), or serves another thread now or later.
                Ok(_) => {
                    self.forget(procid);
                    self.unsettled.insert(known.addr);
                }
                Err(_) => self.forget(procid),
            }
        }
        self.discover(mem)?;
        match self.by_thread.get(&procid).map(|known| known.addr) {
            Some(addr) => {
                let m = self.read_m(mem, addr)?;
                let same = m.u64(self.layout.m.procid)? == procid.0;
                same.then(|| self.describe(mem, &m)).transpose()
            }
            None => Ok(None),
        }
    }

    /// All threads that run Go, newest M first. M's without a thread are left out.
    ///
    /// # Errors
    /// When the list itself cannot be read.
    pub fn threads(&mut self, mem: &dyn Memory) -> Result<Vec<Thread>, MemoryError> {
        let mut threads = Vec::new();
        let mut seen = HashSet::new();
        let mut at = mem.ptr(self.allm.0)?;
        while !at.is_null() && seen.insert(at) && seen.len() <= MAX_MS {
            let m = self.read_m(mem, at)?;
            if m.u64(self.layout.m.procid)? != 0 {
                // One M that changes under our eyes is no reason to lose the others.
                if let Ok(thread) = self.describe(mem, &m) {
                    threads.push(thread);
                }
            }
            at = m.ptr(self.layout.m.alllink)?;
        }
        Ok(threads)
    }

    /// Drops what is remembered of a thread that has ended: its number may be used again.
    pub fn forget(&mut self, procid: ProcId) {
        self.by_thread.remove(&procid);
    }

    /// Learns the M's made since the last walk, and the threads of those that had none.
    fn discover(&mut self, mem: &dyn Memory) -> Result<(), MemoryError> {
        let head = mem.ptr(self.allm.0)?;
        let mut seen = HashSet::new();
        let mut at = head;
        while !at.is_null() && at != self.walked_from && seen.len() < MAX_MS && seen.insert(at) {
            let m = self.read_m(mem, at)?;
            self.learn(&m)?;
            at = m.ptr(self.layout.m.alllink)?;
        }
        // The rest of the list was seen before; only these can have got a thread since.
        let unsettled: Vec<Addr> = self.unsettled.difference(&seen).copied().collect();
        for addr in unsettled {
            match self.read_m(mem, addr) {
                Ok(m) => self.learn(&m)?,
                Err(_) => drop(self.unsettled.remove(&addr)),
            }
        }
        self.walked_from = head;
        Ok(())
    }

    fn learn(&mut self, m: &Record) -> Result<(), MemoryError> {
        let procid = ProcId(m.u64(self.layout.m.procid)?);
        // Before 1.21 nothing marks an extra M, but its goroutine is locked to it for good
        // (runtime/proc.go, `oneNewExtraM`).
        let extra = match self.flag(m, self.layout.m.isextra)? {
            Some(extra) => extra,
            None => !m.ptr(self.layout.m.lockedg)?.is_null(),
        };
        if procid.0 == 0 || extra {
            self.unsettled.insert(m.addr);
        } else {
            self.unsettled.remove(&m.addr);
        }
        if procid.0 != 0 {
            let known = KnownM {
                addr: m.addr,
                stacks: None,
            };
            self.by_thread.insert(procid, known);
        }
        Ok(())
    }

    fn read_m(&self, mem: &dyn Memory, addr: Addr) -> Result<Record, MemoryError> {
        Record::read(mem, addr, self.layout.m_span())
    }

    fn flag(&self, m: &Record, offset: Option<u16>) -> Result<Option<bool>, MemoryError> {
        offset.map(|at| Ok(m.u8(at)? != 0)).transpose()
    }

    fn describe(&mut self, mem: &dyn Memory, m: &Record) -> Result<Thread, MemoryError> {
        let at = self.layout.m;
        let procid = ProcId(m.u64(at.procid)?);
        let is_extra = self.flag(m, at.isextra)?;
        let (g0, gsignal) = self.stacks(mem, m, procid, is_extra == Some(true))?;
        let curg = m.ptr(at.curg)?;
        let vdso_sp = m.ptr(at.vdso_sp)?;
        let locked_g = non_null(m.ptr(at.lockedg)?);
        Ok(Thread {
            m: m.addr,
            id: m.u64(at.id)? as i64,
            procid,
            g0,
            gsignal,
            curg: non_null(curg).map(|g| self.goroutine(mem, g)).transpose()?,
            p: self.held_p(mem, m)?,
            in_cgo: m.u8(at.incgo)? != 0,
            is_extra,
            locked_g,
            // It may end meanwhile; that is no reason not to know the thread.
            kept_for: locked_g
                .filter(|_| curg.is_null())
                .and_then(|g| self.goroutine(mem, g).ok()),
            vdso: non_null(vdso_sp)
                .map(|sp| Ok((sp, m.ptr(at.vdso_pc)?)))
                .transpose()?,
            g0_sched_sp: m.ptr(at.g0)?.add(self.layout.g.sched_sp.into()),
        })
    }

    /// The bounds of g0 and gsignal; read once for an M of Go's own making, whose stacks are
    /// given to it before its thread starts (runtime/proc.go, `allocm`, `mstart`).
    fn stacks(
        &mut self,
        mem: &dyn Memory,
        m: &Record,
        procid: ProcId,
        extra: bool,
    ) -> Result<(StackBounds, Option<StackBounds>), MemoryError> {
        let g0 = m.ptr(self.layout.m.g0)?;
        let gsignal = m.ptr(self.layout.m.gsignal)?;
        let known = self.by_thread.get(&procid).filter(|k| k.addr == m.addr);
        if let Some((at, bounds, signal_at, signal)) = known.and_then(|k| k.stacks)
            && (at, signal_at) == (g0, gsignal)
        {
            return Ok((bounds, signal));
        }
        let bounds = self.bounds(mem, g0)?;
        let signal = match gsignal.is_null() {
            true => None,
            false => Some(self.bounds(mem, gsignal)?),
        };
        if !extra && let Some(known) = self.by_thread.get_mut(&procid) {
            known.stacks = Some((g0, bounds, gsignal, signal));
        }
        Ok((bounds, signal))
    }

    fn bounds(&self, mem: &dyn Memory, g: Addr) -> Result<StackBounds, MemoryError> {
        let g = Record::read(mem, g, usize::from(self.layout.g.stack) + 16)?;
        bounds_of(&g, &self.layout)
    }

    /// What an M has for a P. Up to 1.25 it lets go of its P as it enters a call (`_Psyscall`),
    /// which only the P's count can tell from one that was taken and entered another call; from
    /// 1.26 it keeps it until it is taken (runtime/proc.go, `reentersyscall`, `retake`).
    fn held_p(&mut self, mem: &dyn Memory, m: &Record) -> Result<HeldP, MemoryError> {
        const UNREADABLE: HeldP = HeldP::Unknown("its P cannot be read");
        let at = self.layout.m;
        let (p, old) = (m.ptr(at.p)?, m.ptr(at.oldp)?);
        Ok(match (p, old) {
            (Addr(0), Addr(0)) => HeldP::None,
            (Addr(0), old) => {
                let tick = m.u32(at.syscalltick)?;
                self.left_p(mem, old, tick).unwrap_or(UNREADABLE)
            }
            (p, old) => match self.p_id(mem, p) {
                Ok(id) if p == old => HeldP::Kept(id),
                Ok(id) => HeldP::Held(id),
                Err(_) => UNREADABLE,
            },
        })
    }

    /// Where the P is that an M has entered a call with, when its count stood at `tick`.
    fn left_p(&self, mem: &dyn Memory, p: Addr, tick: u32) -> Result<HeldP, MemoryError> {
        // `_Pidle` and on (runtime/runtime2.go); the same in every release.
        const IDLE: u32 = 0;
        const RUNNING: u32 = 1;
        const SYSCALL: u32 = 2;
        const GC_STOP: u32 = 3;
        let at = self.layout.p;
        let p = Record::read(mem, p, self.layout.p_span())?;
        let id = p.u32(at.id)? as i32;
        let now = match p.u32(at.status)? {
            SYSCALL if p.u32(at.syscalltick)? == tick => return Ok(HeldP::Kept(id)),
            SYSCALL => PNow::InCall,
            IDLE => PNow::Idle,
            GC_STOP => PNow::Stopped,
            RUNNING => non_null(p.ptr(at.m)?)
                .and_then(|m| mem.u64(m.add(self.layout.m.id.into())).ok())
                .map_or(PNow::Unknown, |id| PNow::OfM(id as i64)),
            _ => PNow::Unknown,
        };
        Ok(HeldP::Left(id, now))
    }

    fn p_id(&mut self, mem: &dyn Memory, p: Addr) -> Result<i32, MemoryError> {
        if let Some(&id) = self.p_ids.get(&p) {
            return Ok(id);
        }
        let id = mem.u32(p.add(self.layout.p.id.into()))? as i32;
        // GOMAXPROCS is at most 1 << 10 or so; a hostile target shall not fill our memory.
        if self.p_ids.len() < 1 << 14 {
            self.p_ids.insert(p, id);
        }
        Ok(id)
    }

    /// The goroutine whose g lies at `addr`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn goroutine(&self, mem: &dyn Memory, addr: Addr) -> Result<G, MemoryError> {
        let record = Record::read(mem, addr, self.layout.g_span())?;
        parse_g(&record, &self.layout)
    }
}
