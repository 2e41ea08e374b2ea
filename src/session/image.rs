//! The Go program in a live process: where its tables are, its runtime, its symbols.

use super::native::{Mapped, NativeImage};
use super::process::Place;
use crate::dump::gather::Source;
use crate::dump::model::StackId;
use crate::dump::resolve::Names;
use crate::event::{Frame, GoContext, Goroutine, Known, RawCall, Stack, StackEnd};
use crate::golang::class::classify;
use crate::golang::dwarf::{self, Stored};
use crate::golang::goroutine::{G, StackOf, Thread};
use crate::golang::roots::{DwarfRuntime, ProcId};
use crate::golang::runtime::Runtime;
use crate::golang::{GoThread, Hints, Program, RawStack, Region, UnwindStart};
use crate::ids::{Addr, Goid, Pid, Tid};
use crate::memory::{Memory, MemoryError};
use crate::symbols::{ElfFacts, Section, Symbols};
use crate::sys::clock;
use crate::sys::image::{FileSegment, ImageFile};
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::{self, Mapping};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Debug information beyond this is not read: a runtime's is a small part of the first unit.
const MAX_DEBUG: u64 = 256 << 20;
/// Bytes of a pclntab header, which the loader may have relocated in memory.
const PCLNTAB_HEADER: u64 = 72;

/// What an address space is read through: the executable file where it tells the truth (code
/// and tables, also when the process is gone), the live process for the rest.
struct Overlay<'a> {
    file: &'a ImageFile,
    live: ProcessMemory,
}

impl Memory for Overlay<'_> {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        match self.file.read_some(addr, buf) {
            Ok(n) if n == buf.len() => Ok(n),
            _ => self.live.read_some(addr, buf),
        }
    }
}

/// A Go program and what has been learnt of it.
#[derive(Debug)]
pub struct GoImage {
    program: Program,
    /// The parts of the file that are in memory as they are.
    tables: ImageFile,
    elf: Option<Elf>,
    runtime: Mutex<Result<Runtime, Arc<str>>>,
    /// Thread ids as the target's own PID namespace numbers them.
    ids: Mutex<HashMap<Tid, ProcId>>,
}

/// The executable file by its headers.
#[derive(Debug)]
struct Elf {
    file: ImageFile,
    facts: ElfFacts,
    bias: u64,
    symbols: Mutex<Symbols>,
}

/// What was read of a thread's stack and goroutine.
#[derive(Debug)]
pub struct GoSnapshot {
    image: Arc<GoImage>,
    stack: RawStack,
    thread: Known<Thread>,
    sp: Addr,
    depth: usize,
    mapped: Mapped,
}

impl GoImage {
    /// Looks for a Go program in the process of `tid`.
    ///
    /// # Errors
    /// Why there is none that can be read.
    pub fn load(tid: Tid) -> Result<GoImage, Arc<str>> {
        let pid = Pid::from(tid);
        let maps = procfs::maps(pid).map_err(|e| Arc::from(format!("its mappings: {e}")))?;
        let elf = Elf::open(pid, &maps);
        if let Some(elf) = &elf
            && !elf.may_be_go()
        {
            return Err("no Go code in its executable".into());
        }
        let regions = regions(&maps, elf.as_ref());
        let hints = elf.as_ref().map_or_else(Hints::default, Elf::hints);
        let mut tables =
            ImageFile::open(&procfs::exe(pid)).map_err(|e| Arc::from(e.to_string()))?;
        let live = ProcessMemory::new(pid);
        let program =
            Program::load(&live, &regions, &hints).map_err(|e| Arc::from(e.to_string()))?;
        if let Some(elf) = &elf {
            tables.map(elf.unchanged(&program));
        }
        let image = GoImage {
            program,
            tables,
            elf,
            runtime: Mutex::new(Err("not looked for yet".into())),
            ids: Mutex::default(),
        };
        image.find_runtime(tid);
        Ok(image)
    }

    /// The Go release it was built with, as `go version` prints it.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.program.build_info().map(|b| b.version_text.clone())
    }

    /// Whether goroutines can be told.
    #[must_use]
    pub fn has_runtime(&self) -> bool {
        self.runtime().is_ok()
    }

    /// Why goroutines cannot be told.
    #[must_use]
    pub fn without_runtime(&self) -> Option<Arc<str>> {
        self.runtime().as_ref().err().cloned()
    }

    /// Whether C code is linked into it, or may be loaded: a Go linker on its own leaves no
    /// unwind tables.
    #[must_use]
    pub fn has_native_code(&self) -> bool {
        self.elf
            .as_ref()
            .is_none_or(|elf| elf.facts.eh_frame_hdr.is_some())
    }

    /// Looks for the runtime's own data, which a program sets up as it starts.
    pub fn find_runtime(&self, tid: Tid) {
        let memory = self.memory(tid);
        let threads: Vec<ProcId> = procfs::tasks(Pid::from(tid))
            .unwrap_or_default()
            .into_iter()
            .filter_map(proc_id)
            .collect();
        let dwarf = || self.elf.as_ref().and_then(Elf::dwarf_runtime);
        let found = Runtime::of(&memory, &self.program, &threads, Some(&dwarf));
        *self.runtime() = found.map_err(|e| Arc::from(e.to_string()));
    }

    /// Runs `f` on what goroutines are read with; `None` where they cannot be told.
    pub fn with_source<T>(&self, tid: Tid, f: impl FnOnce(&Source<'_>) -> T) -> Option<T> {
        // A copy: threads are described meanwhile, which needs the lock.
        let runtime = self.runtime().as_ref().ok()?.clone();
        Some(f(&Source {
            mem: &self.memory(tid),
            program: &self.program,
            runtime: &runtime,
            clock: &clock::mono_ns,
        }))
    }

    /// Adds a stack to others that have names.
    pub fn add_stack(&self, tid: Tid, stack: Stack, names: &mut Names) -> StackId {
        names.add_stack(&self.memory(tid), &self.program, stack)
    }

    fn runtime(&self) -> std::sync::MutexGuard<'_, Result<Runtime, Arc<str>>> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self, tid: Tid) -> Overlay<'_> {
        Overlay {
            file: &self.tables,
            live: ProcessMemory::new(Pid::from(tid)),
        }
    }

    /// Reads stack and goroutine of a thread that cannot move meanwhile.
    #[must_use]
    pub fn snapshot(
        self: &Arc<Self>,
        tid: Tid,
        place: &Place,
        depth: usize,
        native: &NativeImage,
    ) -> GoSnapshot {
        let memory = self.memory(tid);
        let thread = self.thread(tid, &memory);
        let start = UnwindStart {
            pc: place.pc,
            sp: place.sp,
            fp: place.fp,
            lr: place.lr,
            arch: self.program.arch,
        };
        let go_thread = thread.get().map(GoThread::from);
        GoSnapshot {
            image: Arc::clone(self),
            stack: self.program.unwind_all(
                &memory,
                &start,
                go_thread.as_ref(),
                Some(&native.live(tid)),
                place.all.as_ref(),
            ),
            thread,
            sp: place.sp,
            depth,
            mapped: native.mapped(),
        }
    }

    fn thread(&self, tid: Tid, memory: &Overlay<'_>) -> Known<Thread> {
        let mut runtime = self.runtime();
        let runtime = match &mut *runtime {
            Ok(runtime) => runtime,
            Err(reason) => return Known::Unknown(Arc::clone(reason)),
        };
        let Some(id) = self.proc_id(tid) else {
            return Known::Unknown("the thread is gone".into());
        };
        match runtime.thread(memory, id) {
            Ok(Some(thread)) => Known::Is(thread),
            Ok(None) => Known::NotAsked,
            Err(e) => Known::Unknown(e.to_string().into()),
        }
    }

    fn proc_id(&self, tid: Tid) -> Option<ProcId> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = ids.get(&tid) {
            return Some(*id);
        }
        let id = proc_id(tid)?;
        ids.insert(tid, id);
        Some(id)
    }

    /// Drops what is remembered of a thread that has ended: its number may be used again, and
    /// old releases leave its M behind with it.
    pub fn forget(&self, tid: Tid) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = ids.remove(&tid)
            && let Ok(runtime) = &mut *self.runtime()
        {
            runtime.forget(id);
        }
    }

    /// The name of what lies at an address, where the executable has symbols.
    #[must_use]
    pub fn symbol(&self, addr: Addr) -> Option<Arc<str>> {
        let elf = self.elf.as_ref()?;
        let mut symbols = elf.symbols.lock().unwrap_or_else(PoisonError::into_inner);
        let symbol = symbols.lookup(&elf.file, elf.bias, addr)?;
        Some(symbol.to_string().into())
    }
}

impl GoSnapshot {
    /// The thread's M, with the goroutine that it runs.
    #[must_use]
    pub fn thread(&self) -> Option<&Thread> {
        self.thread.get()
    }

    /// Whether the thread works for the scheduler, and so has left its goroutine's stack for
    /// good (`mcall`) or not yet gone there: the stack that it is on has an end of its own.
    #[must_use]
    pub fn has_left_goroutine(&self) -> bool {
        let Some(thread) = self.thread.get() else {
            return false;
        };
        let on_own = |g: G| self.stack.frames.iter().any(|f| g.stack.contains(f.sp));
        thread.goroutine_at(self.sp) == StackOf::G0
            && self.stack.end == StackEnd::Root
            && !thread.curg.is_some_and(on_own)
    }

    /// For a thread that is not in a call: its PC is an instruction that it has yet to execute.
    #[must_use]
    pub fn interrupted(mut self) -> GoSnapshot {
        if let Some(leaf) = self.stack.frames.first_mut() {
            leaf.exact = true;
        }
        self
    }

    /// Turns addresses into names: the costly half, done while the thread runs on.
    #[must_use]
    pub fn resolve(&self, tid: Tid, call: &RawCall) -> GoContext {
        let memory = self.image.memory(tid);
        let program = &self.image.program;
        let mut stack = program.symbolize_all(&memory, &self.stack, Some(&self.mapped));
        let class = classify(&stack.frames, call);
        truncate(&mut stack, self.depth);
        GoContext {
            goroutine: self.goroutine(&memory, &stack.frames),
            class: if self.stack.frames.is_empty() {
                Known::Unknown("stack unknown".into())
            } else {
                Known::Is(class)
            },
            stack: Known::Is(stack),
        }
    }

    fn goroutine(&self, memory: &Overlay<'_>, frames: &[Frame]) -> Known<Goroutine> {
        let thread = match &self.thread {
            Known::Is(thread) => thread,
            Known::Unknown(reason) => return Known::Unknown(Arc::clone(reason)),
            Known::NotAsked => return Known::NotAsked,
        };
        // On the system stack it works for its goroutine only if the stack leads back to it.
        let own = match thread.goroutine_at(self.sp) {
            StackOf::Curg => thread.curg.as_ref(),
            _ => thread
                .curg
                .as_ref()
                .filter(|g| self.stack.frames.iter().any(|f| g.stack.contains(f.sp))),
        };
        let state = |g: &G| self.image.runtime().as_ref().ok().map(|r| r.state(g));
        let program = &self.image.program;
        let name = |pc: Addr| program.func_name_at(memory, pc).ok().flatten();
        Known::Is(Goroutine {
            goid: own.map_or(Goid(0), |g| g.goid),
            state: own.and_then(state),
            locked: own.is_some_and(|g| g.locked_m.is_some()),
            kept_for: thread.kept_for.and_then(|g| Some((g.goid, state(&g)?))),
            in_cgo: thread.in_cgo,
            entry: own.and_then(|g| name(g.startpc)),
            created_by: own
                .filter(|g| !g.gopc.is_null() && !frames.is_empty())
                .and_then(|g| name(g.gopc.sub(1))),
            m: thread.id,
            p: thread.p,
        })
    }
}

fn truncate(stack: &mut Stack, depth: usize) {
    if stack.frames.len() > depth {
        stack.frames.truncate(depth);
        stack.end = StackEnd::Depth;
    }
}

impl Elf {
    fn open(pid: Pid, maps: &[Mapping]) -> Option<Elf> {
        let path = procfs::exe(pid);
        let mut file = ImageFile::open(&path).ok()?;
        file.map(vec![FileSegment {
            addr: Addr(0),
            len: file.file_len().ok()?,
            offset: 0,
        }]);
        let facts = ElfFacts::read(&file).ok()?;
        let own = procfs::exe_link(pid)?;
        let bias = maps
            .iter()
            .filter(|m| m.path.as_bytes() == own)
            .find_map(|m| facts.load_bias(Addr(m.range.start), m.offset))?;
        Some(Elf {
            symbols: Mutex::new(Symbols::new(&facts)),
            file,
            facts,
            bias,
        })
    }

    /// A program with a section table names Go's sections in it. One without, or packed, may be
    /// anything.
    fn may_be_go(&self) -> bool {
        const GO_SECTIONS: [&str; 4] = [
            ".gopclntab",
            ".data.rel.ro.gopclntab",
            ".go.buildinfo",
            ".note.go.buildid",
        ];
        self.facts.sections.is_empty() || GO_SECTIONS.iter().any(|n| self.section(n).is_some())
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.facts.section(name)
    }

    fn address(&self, names: &[&str]) -> Option<Addr> {
        let section = names.iter().find_map(|n| self.section(n))?;
        Some(section.addr.add(self.bias))
    }

    fn hints(&self) -> Hints {
        Hints {
            pclntab: self.address(&[".gopclntab", ".data.rel.ro.gopclntab"]),
            moduledata: self.address(&[".go.module"]),
            buildinfo: self.address(&[".go.buildinfo"]),
        }
    }

    /// The parts of the file that are in memory as they are: what cannot be written, and the
    /// function table, of which the loader relocates the header alone.
    fn unchanged(&self, program: &Program) -> Vec<FileSegment> {
        const WRITABLE: u32 = 2;
        let mut parts: Vec<FileSegment> = self
            .facts
            .segments
            .iter()
            .filter(|s| s.flags & WRITABLE == 0)
            .map(|s| FileSegment {
                addr: s.addr.add(self.bias),
                len: s.file_size,
                offset: s.offset,
            })
            .collect();
        let table = self.section(".data.rel.ro.gopclntab");
        if let (Some(table), Some(module)) = (table, program.modules().first())
            && module.pclntab == table.addr.add(self.bias)
            && table.size > PCLNTAB_HEADER
        {
            parts.push(FileSegment {
                addr: module.pclntab.add(PCLNTAB_HEADER),
                len: table.size - PCLNTAB_HEADER,
                offset: table.offset + PCLNTAB_HEADER,
            });
        }
        parts
    }

    fn dwarf_runtime(&self) -> Option<DwarfRuntime> {
        let info = self.debug_section("info")?;
        let abbrev = self.debug_section("abbrev")?;
        dwarf::read(&info, &abbrev, self.bias).ok()
    }

    fn debug_section(&self, name: &str) -> Option<Vec<u8>> {
        const SHF_COMPRESSED: u64 = 1 << 11;
        let (section, stored) = match self.section(&format!(".debug_{name}")) {
            Some(s) if s.flags & SHF_COMPRESSED != 0 => (s, Stored::ElfCompressed),
            Some(s) => (s, Stored::Plain),
            None => (self.section(&format!(".zdebug_{name}"))?, Stored::Zdebug),
        };
        if section.size > MAX_DEBUG {
            return None;
        }
        let bytes = self.file.bytes(Addr(section.offset), section.size as usize);
        let inflated = dwarf::inflate(&bytes.ok()?, stored, MAX_DEBUG as usize)
            .ok()?
            .into_owned();
        Some(inflated)
    }
}

/// The mappings that may hold Go code and its data: those of the executable, and the
/// anonymous ones right behind them (bss).
fn regions(maps: &[Mapping], elf: Option<&Elf>) -> Vec<Region> {
    let within = |m: &&Mapping| {
        let Some(elf) = elf else {
            return !m.path.starts_with('[') || m.path == "[heap]";
        };
        elf.facts.segments.iter().any(|s| {
            let start = s.addr.0.wrapping_add(elf.bias);
            m.range.start < start.saturating_add(s.size) && start < m.range.end
        })
    };
    maps.iter()
        .filter(within)
        .map(|m| Region {
            start: Addr(m.range.start),
            end: Addr(m.range.end),
            read: m.read,
            write: m.write,
            exec: m.exec,
        })
        .collect()
}

/// A thread's id as its own PID namespace numbers it.
fn proc_id(tid: Tid) -> Option<ProcId> {
    let status = procfs::status(tid).ok()?;
    let ids = procfs::status_field(&status, "NSpid")?;
    ids.split_whitespace().last()?.parse().ok().map(ProcId)
}
