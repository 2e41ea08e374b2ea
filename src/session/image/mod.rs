//! The Go program in a live process: where its tables are, its runtime, its symbols.

mod elf;
mod search;
mod snapshot;

pub use search::Search;
pub use snapshot::GoSnapshot;

use super::native::NativeImage;
use super::process::Place;
use crate::dump::gather::Source;
use crate::dump::model::StackId;
use crate::dump::resolve::Names;
use crate::event::{Known, Stack};
use crate::golang::goroutine::Thread;
use crate::golang::roots::ProcId;
use crate::golang::runtime::Runtime;
use crate::golang::wait_reason::WaitReasons;
use crate::golang::{GoThread, Module, Program, RawKind, RawStack, UnwindStart};
use crate::ids::{Addr, Pid, Tid};
use crate::memory::{Memory, MemoryError};
use crate::native::{self, Modules};
use crate::sys::clock;
use crate::sys::image::ImageFile;
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::{self, Mapping};
use elf::Elf;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Bytes of a pclntab header, which the loader may have relocated in memory.
const PCLNTAB_HEADER: u64 = 72;

/// What an address space is read through: the files with Go in them where they tell the truth
/// (code and tables, also when the process is gone), the live process for the rest.
struct Overlay {
    files: Vec<Arc<ImageFile>>,
    live: ProcessMemory,
}

impl Memory for Overlay {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        for file in &self.files {
            if let Ok(n) = file.read_some(addr, buf)
                && n == buf.len()
            {
                return Ok(n);
            }
        }
        self.live.read_some(addr, buf)
    }
}

/// A Go program and what has been learnt of it.
#[derive(Debug)]
pub struct GoImage {
    program: Program,
    /// The parts of its files that are in memory as they are: that of the runtime, those of
    /// plugins.
    tables: RwLock<Vec<Arc<ImageFile>>>,
    elf: Option<Elf>,
    /// It is in a shared object, of a program that is not Go.
    is_library: bool,
    runtime: Mutex<Result<Runtime, Arc<str>>>,
    /// Thread ids as the target's own PID namespace numbers them.
    ids: Mutex<HashMap<Tid, ProcId>>,
}

impl GoImage {
    /// Looks for a Go program in the process of `tid`.
    ///
    /// # Errors
    /// Why there is none that can be read.
    pub fn load(tid: Tid, search: &mut Search) -> Result<GoImage, Arc<str>> {
        let maps = procfs::maps(Pid::from(tid));
        let maps = maps.map_err(|e| Arc::from(format!("its mappings: {e}")))?;
        let found = search.run(tid, &maps)?;
        let modules = found.program.modules();
        let elf = found.elf.as_ref();
        let tables = elf.and_then(|elf| elf.unchanged(&maps, &modules));
        let image = GoImage {
            program: found.program,
            tables: RwLock::new(tables.into_iter().map(Arc::new).collect()),
            elf: found.elf,
            is_library: found.is_library,
            runtime: Mutex::new(Err("not looked for yet".into())),
            ids: Mutex::default(),
        };
        image.add_plugin_tables(tid, &maps, &modules);
        image.find_runtime(tid);
        Ok(image)
    }

    /// Maps the files that plugins are in.
    fn add_plugin_tables(&self, tid: Tid, maps: &[Mapping], modules: &[Arc<Module>]) {
        let files = modules.iter().skip(1).filter_map(|module| {
            let holds = |m: &&Mapping| m.range.contains(&module.code.start.0);
            let elf = Elf::mapped(tid, maps.iter().find(holds)?)?;
            elf.unchanged(maps, modules).map(Arc::new)
        });
        let files: Vec<_> = files.collect();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.truncate(usize::from(self.elf.is_some()));
        tables.extend(files);
    }

    /// Learns of plugins loaded since; whether there are any.
    fn find_plugins(&self, tid: Tid) -> bool {
        let found = self.program.find_plugins(&self.memory(tid));
        if found && let Ok(maps) = procfs::maps(Pid::from(tid)) {
            self.add_plugin_tables(tid, &maps, &self.program.modules());
        }
        found
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
        let own = |elf: &Elf| elf.facts.eh_frame_hdr.is_some();
        self.is_library || self.elf.as_ref().is_none_or(own)
    }

    /// Whether this is an address of Go code, not of C.
    #[must_use]
    pub fn is_go_code(&self, pc: Addr) -> bool {
        self.program.module_of(pc).is_some()
    }

    /// Looks for the runtime's own data, which a program sets up as it starts.
    pub fn find_runtime(&self, tid: Tid) {
        let memory = self.memory(tid);
        let threads: Vec<ProcId> = procfs::tasks(Pid::from(tid))
            .unwrap_or_default()
            .into_iter()
            .filter_map(proc_id)
            .collect();
        let dwarf = || self.elf.as_ref().and_then(|elf| elf.dwarf_runtime(tid));
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

    fn runtime(&self) -> MutexGuard<'_, Result<Runtime, Arc<str>>> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self, tid: Tid) -> Overlay {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        Overlay {
            files: tables.clone(),
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
        let (thread, wait_reasons) = self.thread(tid, &memory);
        let start = UnwindStart {
            pc: place.pc,
            sp: place.sp,
            fp: place.fp,
            lr: place.lr,
            arch: self.program.arch,
        };
        let go_thread = thread.get().map(GoThread::from);
        let unwind = |memory: &Overlay| {
            let (live, all) = (native.live(tid), place.all.as_ref());
            let program = &self.program;
            program.unwind_all(memory, &start, go_thread.as_ref(), Some(&live), all)
        };
        let mut stack = unwind(&memory);
        if self.leads_elsewhere(&stack, thread.get(), native) && self.find_plugins(tid) {
            stack = unwind(&self.memory(tid));
        }
        GoSnapshot {
            image: Arc::clone(self),
            stack,
            thread,
            wait_reasons,
            sp: place.sp,
            depth,
            mapped: native.mapped(),
        }
    }

    /// Whether a stack leads to code that is none of the known modules', and may be Go all the
    /// same: a plugin's that has been loaded meanwhile.
    fn leads_elsewhere(
        &self,
        stack: &RawStack,
        thread: Option<&Thread>,
        native: &NativeImage,
    ) -> bool {
        let is_unknown = |pc: Addr| !pc.is_null() && self.program.module_of(pc).is_none();
        let creator = thread.and_then(|t| t.curg).map(|g| g.gopc);
        if creator.is_some_and(is_unknown) {
            return true;
        }
        let mapped = native.mapped();
        let native = stack.frames.iter();
        let mut native = native.filter(|f| matches!(f.kind, RawKind::Native | RawKind::Guessed));
        native.any(|frame| {
            let file = mapped.module_at(frame.pc).filter(|f| f.may_hold_go());
            let is_other = |file: Arc<native::Module>| {
                let modules = self.program.modules();
                !modules.iter().any(|m| file.covers(m.code.start))
            };
            file.is_some_and(is_other)
        })
    }

    /// A thread, and what the states of its goroutines are called.
    fn thread(&self, tid: Tid, memory: &Overlay) -> (Known<Thread>, Option<Arc<WaitReasons>>) {
        // Before the runtime's lock: no two are ever held together.
        let id = self.proc_id(tid);
        let mut runtime = self.runtime();
        let runtime = match &mut *runtime {
            Ok(runtime) => runtime,
            Err(reason) => return (Known::Unknown(Arc::clone(reason)), None),
        };
        let wait_reasons = Some(Arc::clone(&runtime.wait_reasons));
        let thread = match id.map(|id| runtime.thread(memory, id)) {
            Some(Ok(Some(thread))) => Known::Is(thread),
            Some(Ok(None)) => Known::NotAsked,
            Some(Err(e)) => Known::Unknown(e.to_string().into()),
            None => Known::Unknown("the thread is gone".into()),
        };
        (thread, wait_reasons)
    }

    fn proc_id(&self, tid: Tid) -> Option<ProcId> {
        if let Some(id) = self.ids().get(&tid) {
            return Some(*id);
        }
        let id = proc_id(tid)?;
        self.ids().insert(tid, id);
        Some(id)
    }

    /// Drops what is remembered of a thread that has ended: its number may be used again, and
    /// old releases leave its M behind with it.
    pub fn forget(&self, tid: Tid) {
        let id = self.ids().remove(&tid);
        if let Some(id) = id
            && let Ok(runtime) = &mut *self.runtime()
        {
            runtime.forget(id);
        }
    }

    fn ids(&self) -> MutexGuard<'_, HashMap<Tid, ProcId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of what lies at an address, where the executable has symbols.
    #[must_use]
    pub fn symbol(&self, addr: Addr) -> Option<Arc<str>> {
        self.elf.as_ref()?.symbol(addr)
    }
}

/// A thread's id as its own PID namespace numbers it.
fn proc_id(tid: Tid) -> Option<ProcId> {
    let status = procfs::status(tid).ok()?;
    let ids = procfs::status_field(&status, "NSpid")?;
    ids.split_whitespace().last()?.parse().ok().map(ProcId)
}
