//! A file that is mapped into a process: its frame descriptions, its functions.

use super::demangle::demangle;
use super::functions::Functions;
use super::index::{Index, Kind};
use super::row::Row;
use super::table::{FrameError, SearchTable};
use super::unwind::is_sigreturn;
use crate::arch::Arch;
use crate::golang::dwarf::{Stored, inflate};
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError, MemoryErrorKind};
use crate::symbols::{ElfError, ElfFacts, Machine, Section};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// A file, addressed by offset.
pub type SharedMemory = Box<dyn Memory + Send + Sync>;

/// The file with the debug data of another, found when it is first needed.
pub type FindDebug = Box<dyn Fn() -> Option<SharedMemory> + Send + Sync>;

/// A section without a search table that is read whole.
const MAX_SECTION: u64 = 32 << 20;
/// Addresses remembered at most.
const MAX_CACHED: usize = 1 << 14;

/// What is remembered of an address.
type Remembered = Result<Arc<Row>, FrameError>;

/// A file that is mapped into a process.
pub struct Module {
    path: Arc<str>,
    arch: Arch,
    bias: u64,
    file: SharedMemory,
    facts: ElfFacts,
    may_hold_go: bool,
    find_debug: Option<FindDebug>,
    debug: OnceLock<Option<DebugFile>>,
    table: Option<SearchTable>,
    sections: OnceLock<Vec<Index>>,
    rows: RwLock<HashMap<u64, Remembered>>,
    functions: OnceLock<Functions>,
    names: Mutex<HashMap<u64, Option<Arc<str>>>>,
}

/// A file with debug data alone: linked at the same addresses.
struct DebugFile {
    file: SharedMemory,
    facts: ElfFacts,
}

/// A file with its headers.
type Parts<'a> = (&'a ElfFacts, &'a dyn Memory);

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("path", &self.path)
            .field("bias", &Addr(self.bias))
            .finish_non_exhaustive()
    }
}

/// A file as it is linked: a read there is one of the file.
struct Linked<'a>(&'a Module);

impl Memory for Linked<'_> {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        match self.0.facts.file_offset(addr) {
            Some(offset) => self.0.file.read_some(Addr(offset), buf),
            None => Err(MemoryError {
                addr,
                len: buf.len(),
                kind: MemoryErrorKind::Unmapped,
            }),
        }
    }
}

impl Module {
    /// The file at `path`, of which the part at `offset` is mapped at `at`. Reads its headers
    /// and no more.
    ///
    /// # Errors
    /// When it is not an ELF file of a machine that we know, or not mapped as it says.
    pub fn new(
        path: Arc<str>,
        file: SharedMemory,
        at: Addr,
        offset: u64,
    ) -> Result<Module, ElfError> {
        let facts = ElfFacts::read(&*file)?;
        let arch = match facts.machine {
            Machine::X86_64 if facts.is_64 => Arch::X86_64,
            Machine::Aarch64 if facts.is_64 => Arch::Aarch64,
            _ => return Err(ElfError::Malformed("machine")),
        };
        let bias = facts
            .load_bias(at, offset)
            .ok_or(ElfError::Malformed("segments"))?;
        let mut module = Module {
            path,
            arch,
            bias,
            may_hold_go: facts.may_hold_go(&*file),
            file,
            facts,
            find_debug: None,
            debug: OnceLock::new(),
            table: None,
            sections: OnceLock::new(),
            rows: RwLock::default(),
            functions: OnceLock::new(),
            names: Mutex::default(),
        };
        let header = module.facts.eh_frame_hdr;
        module.table =
            header.and_then(|h| SearchTable::read(&Linked(&module), h.addr, h.file_size));
        Ok(module)
    }

    /// With a way to the file that has what was stripped from this one.
    #[must_use]
    pub fn with_debug(mut self, find: FindDebug) -> Module {
        self.find_debug = Some(find);
        self
    }

    fn debug(&self) -> Option<&DebugFile> {
        let find = || {
            let file = self.find_debug.as_ref()?()?;
            let facts = ElfFacts::read(&*file).ok()?;
            Some(DebugFile { file, facts })
        };
        self.debug.get_or_init(find).as_ref()
    }

    /// Whether there may be Go in the file, by its headers.
    #[must_use]
    pub fn may_hold_go(&self) -> bool {
        self.may_hold_go
    }

    /// Whether an address of the process lies in what the file is loaded as.
    #[must_use]
    pub fn covers(&self, addr: Addr) -> bool {
        let linked = self.linked(addr);
        let holds = |start: u64, size| (start..start.saturating_add(size)).contains(&linked);
        let mut segments = self.facts.segments.iter();
        segments.any(|s| holds(s.addr.0, s.size))
    }

    /// Its path, as the process has it.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The last part of its path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is the code that the kernel lends (vdso(7)).
    #[must_use]
    pub fn is_vdso(&self) -> bool {
        &*self.path == "[vdso]"
    }

    /// An address of the process, as it is linked.
    #[must_use]
    pub fn linked(&self, addr: Addr) -> u64 {
        addr.0.wrapping_sub(self.bias)
    }

    /// Where in the process something lies that is linked at `addr`.
    #[must_use]
    pub fn loaded(&self, addr: u64) -> Addr {
        Addr(addr.wrapping_add(self.bias))
    }

    /// How to get from the frame at `pc` to its caller's. Remembered.
    ///
    /// # Errors
    /// When the file does not tell.
    pub fn row(&self, pc: Addr) -> Result<Arc<Row>, FrameError> {
        let pc = self.linked(pc);
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = rows.get(&pc) {
            return known.clone();
        }
        drop(rows);
        let found = self.find_row(pc).map(Arc::new);
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= MAX_CACHED {
            rows.clear();
        }
        rows.insert(pc, found.clone());
        found
    }

    fn find_row(&self, pc: u64) -> Result<Row, FrameError> {
        let by_table = match &self.table {
            Some(table) => table.row(&Linked(self), self.arch, pc),
            None => Err(FrameError::Uncovered),
        };
        if by_table != Err(FrameError::Uncovered) {
            return by_table;
        }
        let sections = self.sections.get_or_init(|| self.index());
        let rows = sections.iter().map(|s| s.row(pc));
        rows.into_iter()
            .find(|row| *row != Err(FrameError::Uncovered))
            .unwrap_or(by_table)
    }

    /// The sections that have no search table, its own and those of its debug file.
    fn index(&self) -> Vec<Index> {
        let own: Parts<'_> = (&self.facts, &*self.file);
        let eh_frame = match self.table {
            None => self.indexed(Kind::EhFrame, ".eh_frame", own),
            Some(_) => None,
        };
        // With Go's tables there is Go's .debug_frame, which is of Go code, and large.
        let section = |name: &str| self.facts.section(name);
        let is_go = section(".gopclntab").or(section(".data.rel.ro.gopclntab"));
        if is_go.is_some() {
            return eh_frame.into_iter().collect();
        }
        let debug_frame = self.indexed(Kind::DebugFrame, ".debug_frame", own);
        let separate = || {
            let debug = self.debug()?;
            let there: Parts<'_> = (&debug.facts, &*debug.file);
            self.indexed(Kind::DebugFrame, ".debug_frame", there)
        };
        let debug_frame = debug_frame.or_else(separate);
        eh_frame.into_iter().chain(debug_frame).collect()
    }

    fn indexed(&self, kind: Kind, name: &str, (facts, file): Parts<'_>) -> Option<Index> {
        let section = facts.section(name)?;
        let bytes = section_bytes(file, section)?;
        Some(Index::new(kind, self.arch, section.addr.0, bytes))
    }

    /// Whether `pc` is in the code that the file begins with, which is short.
    pub(super) fn is_entry(&self, pc: Addr) -> bool {
        const LEN: u64 = 64;
        let entry = self.facts.entry.0;
        entry != 0 && (entry..entry.saturating_add(LEN)).contains(&self.linked(pc))
    }

    /// Whether the code at `pc` returns from a signal handler.
    pub(super) fn is_sigreturn(&self, pc: Addr) -> bool {
        let linked = Linked(self);
        let pc = Addr(self.linked(pc));
        is_sigreturn(self.arch, pc, &|at, len| linked.bytes(at, len).ok())
    }

    /// The name of the function that holds `pc`, and where it begins as it is linked.
    #[must_use]
    pub fn function_at(&self, pc: Addr) -> Option<(String, u64)> {
        let (functions, file) = self.functions();
        let (name, begin) = functions.find(file, self.linked(pc))?;
        Some((demangle(&name), begin))
    }

    /// The name of the function that holds `pc`. Remembered.
    pub fn function(&self, pc: Addr) -> Option<Arc<str>> {
        let pc = self.linked(pc);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(&pc) {
            return known.clone();
        }
        let (functions, file) = self.functions();
        let name = functions.name(file, pc);
        let name: Option<Arc<str>> = name.map(|name| demangle(&name).into());
        if names.len() >= MAX_CACHED {
            names.clear();
        }
        names.insert(pc, name.clone());
        name
    }

    /// The functions, and the file that has their names: its own if it has all of them.
    fn functions(&self) -> (&Functions, &dyn Memory) {
        let debug = match self.facts.has_symbol_table() {
            true => None,
            false => self.debug().filter(|d| d.facts.has_symbol_table()),
        };
        let (facts, file): Parts<'_> = match debug {
            Some(debug) => (&debug.facts, &*debug.file),
            None => (&self.facts, &*self.file),
        };
        let functions = self.functions.get_or_init(|| Functions::read(file, facts));
        (functions, file)
    }
}

fn section_bytes(file: &dyn Memory, section: &Section) -> Option<Vec<u8>> {
    const SHT_NOBITS: u32 = 8;
    const SHF_COMPRESSED: u64 = 1 << 11;
    if section.kind == SHT_NOBITS || section.size > MAX_SECTION {
        return None;
    }
    let bytes = file.bytes(Addr(section.offset), section.size as usize);
    let bytes = bytes.ok()?;
    if section.flags & SHF_COMPRESSED == 0 {
        return Some(bytes);
    }
    let inflated = inflate(&bytes, Stored::ElfCompressed, MAX_SECTION as usize);
    inflated.ok().map(std::borrow::Cow::into_owned)
}
