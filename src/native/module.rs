//! A file that is mapped into a process: its frame descriptions, its functions.

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
    table: Option<SearchTable>,
    sections: OnceLock<Vec<Index>>,
    rows: RwLock<HashMap<u64, Remembered>>,
    functions: OnceLock<Functions>,
    names: Mutex<HashMap<u64, Option<Arc<str>>>>,
}

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
            file,
            facts,
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

    /// The sections that have no search table.
    fn index(&self) -> Vec<Index> {
        let section = |name: &str| self.facts.section(name);
        // With Go's tables there is Go's .debug_frame, which is of Go code, and large.
        let is_go = section(".gopclntab").or(section(".data.rel.ro.gopclntab"));
        let eh_frame = section(".eh_frame").filter(|_| self.table.is_none());
        let debug_frame = section(".debug_frame").filter(|_| is_go.is_none());
        [(Kind::EhFrame, eh_frame), (Kind::DebugFrame, debug_frame)]
            .into_iter()
            .filter_map(|(kind, section)| {
                let section = section?;
                let bytes = self.section_bytes(section)?;
                Some(Index::new(kind, self.arch, section.addr.0, bytes))
            })
            .collect()
    }

    fn section_bytes(&self, section: &Section) -> Option<Vec<u8>> {
        const SHT_NOBITS: u32 = 8;
        const SHF_COMPRESSED: u64 = 1 << 11;
        if section.kind == SHT_NOBITS || section.size > MAX_SECTION {
            return None;
        }
        let bytes = self
            .file
            .bytes(Addr(section.offset), section.size as usize)
            .ok()?;
        if section.flags & SHF_COMPRESSED == 0 {
            return Some(bytes);
        }
        let inflated = inflate(&bytes, Stored::ElfCompressed, MAX_SECTION as usize);
        inflated.ok().map(std::borrow::Cow::into_owned)
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

    /// The name of the function that holds `pc`. Remembered.
    pub fn function(&self, pc: Addr) -> Option<Arc<str>> {
        let pc = self.linked(pc);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(&pc) {
            return known.clone();
        }
        let functions = self
            .functions
            .get_or_init(|| Functions::read(&*self.file, &self.facts));
        let name: Option<Arc<str>> = functions.name(&*self.file, pc).map(Arc::from);
        if names.len() >= MAX_CACHED {
            names.clear();
        }
        names.insert(pc, name.clone());
        name
    }
}
