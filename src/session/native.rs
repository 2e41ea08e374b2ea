//! The files with C code that are mapped into a live process, opened when a stack leads there.

use crate::event::{GoContext, Known, Stack};
use crate::ids::{Addr, Pid, Tid};
use crate::memory::{Memory, Segments};
use crate::native::{
    Module, Modules, NativeStack, Process, Registers, SharedMemory, name_frame, walk,
};
use crate::sys::clock;
use crate::sys::image::{FileSegment, ImageFile};
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::{self, Mapping};
use std::path::PathBuf;
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
}

#[derive(Debug, Default)]
struct Maps {
    /// Mappings with code, by address.
    code: Vec<Arc<Code>>,
    read_ns: u64,
    /// How long it took to read them.
    cost_ns: u64,
}

/// A mapping with code, and its file once it was needed.
#[derive(Debug)]
struct Code {
    mapping: Mapping,
    module: OnceLock<Option<Arc<Module>>>,
}

/// The mappings as a thread of the process sees them.
pub struct View<'a> {
    image: &'a NativeImage,
    tid: Tid,
    /// Whether they are those of now; otherwise those that are known.
    live: bool,
}

impl NativeImage {
    /// What is mapped now. `tid` is a thread that is alive.
    #[must_use]
    pub fn live(&self, tid: Tid) -> View<'_> {
        View {
            image: self,
            tid,
            live: true,
        }
    }

    /// What was mapped when this was last asked of the live process, which may run another
    /// program by now, or be gone.
    #[must_use]
    pub fn known(&self, tid: Tid) -> View<'_> {
        View {
            image: self,
            tid,
            live: false,
        }
    }

    /// Reads the stack of a thread that runs no Go and cannot move meanwhile.
    #[must_use]
    pub fn snapshot(self: &Arc<Self>, tid: Tid, start: &Registers, depth: usize) -> NativeSnapshot {
        let process = Process {
            memory: &ProcessMemory::new(Pid::from(tid)),
            modules: &self.live(tid),
            arch: start.arch,
        };
        NativeSnapshot {
            stack: walk(&process, start, depth),
            image: Arc::clone(self),
        }
    }

    fn find(&self, pc: Addr) -> Option<Arc<Code>> {
        let maps = self.maps.read().unwrap_or_else(PoisonError::into_inner);
        maps.find(pc).cloned()
    }

    /// Reads the mappings again where that is due. `missed`: there is none where code runs.
    fn refresh(&self, tid: Tid, missed: bool) {
        let is_due = |maps: &Maps| {
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
        {
            maps.replace(fresh);
        }
        maps.read_ns = clock::mono_ns();
        maps.cost_ns = maps.read_ns.saturating_sub(began);
    }
}

impl Maps {
    fn find(&self, pc: Addr) -> Option<&Arc<Code>> {
        let after = self.code.partition_point(|c| c.mapping.range.start <= pc.0);
        let code = self.code.get(after.checked_sub(1)?)?;
        code.mapping.range.contains(&pc.0).then_some(code)
    }

    /// Keeps what is known of mappings that are as they were.
    fn replace(&mut self, fresh: Vec<Mapping>) {
        let old = std::mem::take(self);
        self.code = fresh
            .into_iter()
            .filter(|m| m.exec)
            .map(|mapping| {
                let before = old.find(Addr(mapping.range.start));
                let same = before.filter(|c| c.mapping == mapping).cloned();
                same.unwrap_or_else(|| {
                    Arc::new(Code {
                        mapping,
                        module: OnceLock::new(),
                    })
                })
            })
            .collect();
    }
}

impl Modules for View<'_> {
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>> {
        if self.live {
            self.image.refresh(self.tid, false);
        }
        let mut code = self.image.find(pc);
        if code.is_none() && self.live {
            self.image.refresh(self.tid, true);
            code = self.image.find(pc);
        }
        let code = code?;
        if !self.live {
            return code.module.get()?.clone();
        }
        let open = || open(self.tid, &code.mapping).map(Arc::new);
        code.module.get_or_init(open).clone()
    }
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
        Box::new(open_file(tid, mapping)?)
    };
    let path = mapping.path.as_str();
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    Module::new(path.into(), file, start, mapping.offset).ok()
}

/// The very file that is mapped: by its mapping, which needs privileges (proc(5),
/// /proc/pid/map_files), or by its path if that still leads to it.
fn open_file(tid: Tid, mapping: &Mapping) -> Option<ImageFile> {
    let inode = mapping.file.split(' ').next_back()?.parse().ok()?;
    if inode == 0 {
        return None;
    }
    let range = &mapping.range;
    let places = [
        format!("/proc/{tid}/map_files/{:x}-{:x}", range.start, range.end),
        format!("/proc/{tid}/root{}", mapping.path),
        format!("/proc/{tid}/exe"),
    ];
    places.into_iter().find_map(|place| {
        let mut file = ImageFile::open(&PathBuf::from(place)).ok()?;
        if file.inode().ok()? != inode {
            return None;
        }
        file.map(vec![FileSegment {
            addr: Addr(0),
            len: file.file_len().ok()?,
            offset: 0,
        }]);
        Some(file)
    })
}

/// What was read of the stack of a thread that runs no Go.
#[derive(Debug)]
pub struct NativeSnapshot {
    image: Arc<NativeImage>,
    stack: NativeStack,
}

impl NativeSnapshot {
    /// Turns addresses into names.
    #[must_use]
    pub fn resolve(&self, tid: Tid) -> GoContext {
        let modules = self.image.known(tid);
        let frames = self.stack.frames.iter();
        GoContext {
            stack: Known::Is(Stack {
                frames: frames.map(|f| name_frame(&modules, f)).collect(),
                end: self.stack.end.clone(),
            }),
            ..GoContext::default()
        }
    }
}
