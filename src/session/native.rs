//! The files with C code that are mapped into a live process, opened when a stack leads there.

use super::files;
use crate::arch::Abi;
use crate::event::{Frame, GoContext, Known, RawCall, Stack};
use crate::ids::{Addr, Pid, Tid};
use crate::memory::{Memory, Segments};
use crate::native::{
    Module, Modules, NativeFrame, NativeStack, Process, Registers, SharedMemory, name_frame,
    place_frame, walk,
};
use crate::sys::clock;
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::{self, Mapping};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The mappings are read again when they are so old: a file may be unmapped, and another one
/// be mapped at its place.
const TRUSTED_NS: u64 = 1_000_000_000;
/// For an address where nothing was mapped they are read again no sooner than this,
const RETRY_NS: u64 = 10_000_000;
/// and never more often than to take up one part in so many of the time.
const MAX_SHARE: u64 = 50;
/// The kernel's own code is no larger; vdso(7).
const MAX_VDSO: u64 = 1 << 20;

/// What is mapped into a process, from one exec to the next.
#[derive(Debug, Default)]
pub struct NativeImage {
    maps: RwLock<Maps>,
    /// A call has been seen since that has changed what code is mapped.
    changed: AtomicBool,
    /// How often what is mapped has been found, or seen, to change.
    generation: AtomicU64,
}

#[derive(Debug, Default)]
struct Maps {
    code: Mapped,
    read_ns: u64,
    /// How long it took to read them.
    cost_ns: u64,
}

/// The mappings with code at one moment, by address.
#[derive(Clone, Debug, Default)]
pub struct Mapped(Arc<[Arc<Code>]>);

/// A mapping with code, and its file once it was needed.
#[derive(Debug)]
pub struct Code {
    mapping: Mapping,
    module: OnceLock<Option<Arc<Module>>>,
}

/// The mappings as they are now; the thread is alive.
pub struct Live<'a> {
    image: &'a NativeImage,
    tid: Tid,
}

impl NativeImage {
    /// What is mapped now. `tid` is a thread that is alive.
    #[must_use]
    pub fn live(&self, tid: Tid) -> Live<'_> {
        Live { image: self, tid }
    }

    /// What was mapped when that was last asked for.
    #[must_use]
    pub fn mapped(&self) -> Mapped {
        let maps = self.maps.read().unwrap_or_else(PoisonError::into_inner);
        maps.code.clone()
    }

    /// Reads the stack of a thread that runs no Go and cannot move meanwhile.
    #[must_use]
    pub fn snapshot(&self, tid: Tid, start: &Registers, depth: usize) -> NativeSnapshot {
        let process = Process {
            memory: &ProcessMemory::new(Pid::from(tid)),
            modules: &self.live(tid),
            arch: start.arch,
        };
        NativeSnapshot {
            stack: walk(&process, start, depth),
            mapped: self.mapped(),
        }
    }

    /// A call of the process has ended: it may have mapped a file with code, or unmapped one.
    pub fn observe(&self, call: &RawCall) {
        const PROT_EXEC: u64 = 4;
        let [at, len, prot, _, fd, _] = call.args;
        let changes = match map_call(call) {
            Some(MapCall::Mmap) => prot & PROT_EXEC != 0 && (fd as i32) >= 0,
            Some(MapCall::Munmap) => {
                let maps = self.maps.read().unwrap_or_else(PoisonError::into_inner);
                maps.code.overlaps(at, len)
            }
            None => false,
        };
        if changes {
            self.changed.store(true, Ordering::Release);
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Another number than before: other code may be mapped than before.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Reads the mappings again where that is due. `missed`: there is none where code runs.
    fn refresh(&self, tid: Tid, missed: bool) {
        let changed = self.changed.swap(false, Ordering::AcqRel);
        let is_due = |maps: &Maps| {
            if changed {
                return true;
            }
            let wait = if missed { RETRY_NS } else { TRUSTED_NS };
            let wait = wait.max(maps.cost_ns.saturating_mul(MAX_SHARE));
            maps.read_ns == 0 || clock::mono_ns().saturating_sub(maps.read_ns) >= wait
        };
        let maps = self.maps.read().unwrap_or_else(PoisonError::into_inner);
        if !is_due(&maps) {
            return;
        }
        drop(maps);
        let mut maps = self.maps.write().unwrap_or_else(PoisonError::into_inner);
        if !is_due(&maps) {
            return;
        }
        let began = clock::mono_ns();
        // What was there is the best there is of a process that is gone.
        if let Ok(fresh) = procfs::maps(Pid::from(tid))
            && !fresh.is_empty()
            && maps.replace(fresh)
        {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        maps.read_ns = clock::mono_ns();
        maps.cost_ns = maps.read_ns.saturating_sub(began);
    }
}

impl Mapped {
    fn find(&self, pc: Addr) -> Option<&Arc<Code>> {
        let after = self.0.partition_point(|c| c.mapping.range.start <= pc.0);
        let code = self.0.get(after.checked_sub(1)?)?;
        code.mapping.range.contains(&pc.0).then_some(code)
    }

    fn overlaps(&self, at: u64, len: u64) -> bool {
        let end = at.saturating_add(len);
        let first = self.0.partition_point(|c| c.mapping.range.end <= at);
        let code = self.0.get(first);
        code.is_some_and(|c| c.mapping.range.start < end)
    }
}

impl Maps {
    /// Keeps what is known of mappings that are as they were; whether others have come to them.
    fn replace(&mut self, fresh: Vec<Mapping>) -> bool {
        let old = std::mem::take(&mut self.code);
        let mut others = false;
        let code = fresh.into_iter().filter(|m| m.exec).map(|mapping| {
            let before = old.find(Addr(mapping.range.start));
            let same = before.filter(|c| c.mapping == mapping).cloned();
            same.unwrap_or_else(|| {
                others = true;
                Arc::new(Code {
                    mapping,
                    module: OnceLock::new(),
                })
            })
        });
        self.code = Mapped(code.collect());
        others
    }
}

/// Only files that stacks have led to by then.
impl Modules for Mapped {
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>> {
        self.find(pc)?.module.get()?.clone()
    }
}

impl Modules for Live<'_> {
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>> {
        self.image.refresh(self.tid, false);
        let find = || self.image.mapped().find(pc).cloned();
        let code = find().or_else(|| {
            self.image.refresh(self.tid, true);
            find()
        })?;
        code.open(self.tid)
    }

    fn known_at(&self, word: Addr) -> Option<Arc<Module>> {
        self.image.mapped().find(word)?.open(self.tid)
    }
}

impl Code {
    fn open(&self, tid: Tid) -> Option<Arc<Module>> {
        let open = || open(tid, &self.mapping).map(Arc::new);
        self.module.get_or_init(open).clone()
    }
}

enum MapCall {
    Mmap,
    Munmap,
}

/// Calls that change mappings, cheap to tell from the many others.
fn map_call(call: &RawCall) -> Option<MapCall> {
    match (call.abi, call.nr) {
        (Abi::X86_64, 9) | (Abi::Aarch64, 222) => Some(MapCall::Mmap),
        (Abi::X86_64, 11) | (Abi::Aarch64, 215) => Some(MapCall::Munmap),
        _ => None,
    }
}

/// Whether a call may change what code is mapped.
#[must_use]
pub fn may_map_code(call: &RawCall) -> bool {
    map_call(call).is_some()
}

fn open(tid: Tid, mapping: &Mapping) -> Option<Module> {
    let start = Addr(mapping.range.start);
    let file: SharedMemory = if mapping.path == "[vdso]" {
        let len = mapping.range.end - mapping.range.start;
        let memory = ProcessMemory::new(Pid::from(tid));
        let bytes = memory.bytes(start, len.min(MAX_VDSO) as usize).ok()?;
        let mut segments = Segments::new();
        segments.map(Addr(0), bytes);
        Box::new(segments)
    } else {
        Box::new(files::open(tid, mapping)?)
    };
    let module = Module::new(files::path(mapping).into(), file, start, mapping.offset).ok()?;
    let mapping = mapping.clone();
    Some(module.with_debug(Box::new(move || {
        let debug = files::open_debug(tid, &mapping)?;
        Some(Box::new(debug) as SharedMemory)
    })))
}

/// What was read of the stack of a thread that runs no Go.
#[derive(Debug)]
pub struct NativeSnapshot {
    mapped: Mapped,
    stack: NativeStack,
}

impl NativeSnapshot {
    /// Turns addresses into names.
    #[must_use]
    pub fn resolve(&self) -> GoContext {
        self.resolve_by(name_frame)
    }

    /// The same in strace's form.
    #[must_use]
    pub fn resolve_as_strace(&self) -> GoContext {
        self.resolve_by(place_frame)
    }

    fn resolve_by(&self, name: fn(&dyn Modules, &NativeFrame) -> Frame) -> GoContext {
        let frames = self.stack.frames.iter();
        GoContext {
            stack: Known::Is(Stack {
                frames: frames.map(|f| name(&self.mapped, f)).collect(),
                end: self.stack.end.clone(),
            }),
            ..GoContext::default()
        }
    }
}
