//! Finding the Go modules (the program and its plugins) of a process: the pclntab header
//! by its magic, then `runtime.moduledata` by its pointers to it. Needs no section or symbol.

use super::module_layout::{Layout, Raw, SIZE, Slice, fixed, for_version, guess};
pub use super::module_scan::Region;
use super::module_scan::{BUDGET, scan, words};
use super::version::GoVersion;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::Memory;
use std::ops::{ControlFlow, Range};
use thiserror::Error;

/// Addresses the caller may know from section headers or symbols. A wrong one does no harm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hints {
    /// `.gopclntab`, `.data.rel.ro.gopclntab` or `runtime.pclntab`.
    pub pclntab: Option<Addr>,
    /// `.go.module` (1.26 on) or `runtime.firstmoduledata`.
    pub moduledata: Option<Addr>,
    /// `.go.buildinfo`.
    pub buildinfo: Option<Addr>,
}

/// Why a process has no Go code that we can read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NotFound {
    /// No pclntab magic anywhere.
    #[error(
        "no Go function table in its {mappings} mappings ({scanned} bytes read): not a Go program, or an obfuscated one"
    )]
    NoTable {
        /// Mappings that were given.
        mappings: usize,
        /// Bytes looked at.
        scanned: u64,
    },
    /// A table, but of a release that is not supported.
    #[error("its function table at {at} is that of Go {release}; Go 1.18 is the oldest supported")]
    TooOld {
        /// Where.
        at: Addr,
        /// The releases that have this table.
        release: &'static str,
    },
    /// A table that no moduledata points at.
    #[error("a Go function table at {at}, but no module data that points at it")]
    NoModuleData {
        /// Where the table is.
        at: Addr,
    },
    /// Module data with impossible contents.
    #[error("Go module data at {at} is damaged: {what}")]
    Damaged {
        /// Where.
        at: Addr,
        /// What is wrong.
        what: &'static str,
    },
}

/// Which pclntab format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableFormat {
    /// 1.18 and 1.19: `_func` of 40 bytes, inline tree entries of 20.
    Go118,
    /// 1.20 on: `_func` of 44 bytes, inline tree entries of 16.
    Go120,
}

/// The pclntab header (`runtime.pcHeader`), once it has been believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Header {
    at: Addr,
    format: TableFormat,
    arch: Arch,
    nfunc: u64,
    text_start: u64,
    /// funcname, cu, filetab, pctab, pcln: offsets from `at`.
    offsets: [u64; 5],
}

/// A Go module: the executable, or a plugin. Everything is an address in the process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Module {
    /// Address of its `runtime.moduledata`.
    pub moduledata: Addr,
    /// Address of its pclntab.
    pub pclntab: Addr,
    /// Format of its pclntab.
    pub format: TableFormat,
    /// Machine it is for, by the instruction quantum in its pclntab.
    pub arch: Arch,
    /// Its code: `minpc..maxpc`.
    pub code: Range<Addr>,
    /// `text`, which function offsets count from.
    pub text: Addr,
    /// `noptrdata..enoptrdata`: initialised variables without pointers.
    pub noptrdata: Range<Addr>,
    /// `data..edata`: initialised variables.
    pub data: Range<Addr>,
    /// `bss..ebss`: zeroed variables.
    pub bss: Range<Addr>,
    /// `noptrbss..enoptrbss`: zeroed variables without pointers.
    pub noptrbss: Range<Addr>,
    /// `types..etypes`: type descriptors.
    pub types: Range<Addr>,
    pub(super) funcnametab: Slice,
    pub(super) cutab: Slice,
    pub(super) filetab: Slice,
    pub(super) pctab: Slice,
    pub(super) pclntable: Slice,
    pub(super) ftab: Slice,
    pub(super) findfunctab: Addr,
    pub(super) gofunc: Addr,
    /// (offset, end offset, address) of each text section, where there is more than one.
    pub(super) sections: Vec<(u64, u64, u64)>,
    /// Where the address of the next module lies.
    next_at: Addr,
}

/// Modules that one `next` chain may have.
const MAX_MODULES: usize = 256;
/// Tables that may be believed before one has module data: programs embed executables.
const MAX_CANDIDATES: usize = 64;
/// Text sections of one module (split on long jumps).
const MAX_SECTIONS: u64 = 256;
/// Header bytes that are read.
const HEADER: usize = 72;

impl Module {
    /// Finds the modules: at the hints, else by scanning the mappings in the order given.
    ///
    /// # Errors
    /// When there is no Go module, or one that cannot be understood; says why.
    pub fn find(
        memory: &(impl Memory + ?Sized),
        regions: &[Region],
        hints: &Hints,
        version: Option<GoVersion>,
    ) -> Result<Vec<Module>, NotFound> {
        let hinted = hints.pclntab.and_then(|at| Header::read(memory, at).ok());
        if let Some(header) = hinted {
            let direct = hints
                .moduledata
                .and_then(|at| Module::read(memory, at, &header, version).ok());
            if let Some(first) = direct {
                return Ok(chain(memory, first, version));
            }
            if let Ok(found) = find_moduledata(memory, regions, &[header], version) {
                return Ok(found);
            }
        }
        let among = |code| {
            let headers = find_tables(memory, regions, code)?;
            find_moduledata(memory, regions, &headers, version)
        };
        // GNU ld for arm64 puts code and constants into one segment.
        among(false).or_else(|why| among(true).map_err(|_| why))
    }

    /// Whether `pc` is in this module's Go code.
    #[must_use]
    pub fn contains(&self, pc: Addr) -> bool {
        self.code.contains(&pc)
    }

    /// The modules that `next` leads to, up to one that is `known`. What cannot be read ends the
    /// chain: the modules in front of it are no worse for it.
    pub(super) fn followers(
        &self,
        memory: &(impl Memory + ?Sized),
        version: Option<GoVersion>,
        known: &[Addr],
    ) -> Vec<Module> {
        let mut modules: Vec<Module> = Vec::new();
        while known.len() + modules.len() < MAX_MODULES {
            let last = modules.last().unwrap_or(self);
            let Some(next) = memory.ptr(last.next_at).ok().filter(|n| !n.is_null()) else {
                break;
            };
            if known.contains(&next) || modules.iter().any(|m| m.moduledata == next) {
                break;
            }
            let module = memory
                .ptr(next)
                .ok()
                .and_then(|table| Header::read(memory, table).ok())
                .and_then(|header| Module::read(memory, next, &header, version).ok());
            let Some(module) = module else { break };
            modules.push(module);
        }
        modules
    }

    /// Reads the module data at `at`, which must belong to `header`.
    fn read(
        memory: &(impl Memory + ?Sized),
        at: Addr,
        header: &Header,
        version: Option<GoVersion>,
    ) -> Result<Module, NotFound> {
        let damaged = |what| NotFound::Damaged { at, what };
        let bytes = memory
            .bytes(at, SIZE)
            .map_err(|_| damaged("it cannot be read"))?;
        let raw = Raw(&bytes);
        let layout = layout_of(header, version, &raw);
        let module = Module::from_raw(memory, at, header, &layout, &raw);
        header.check(&module, &raw).map_err(damaged)?;
        Ok(module)
    }

    fn from_raw(
        memory: &(impl Memory + ?Sized),
        at: Addr,
        header: &Header,
        layout: &Layout,
        raw: &Raw<'_>,
    ) -> Module {
        let range = |offset| raw.addr(offset)..raw.addr(offset + 8);
        Module {
            moduledata: at,
            pclntab: header.at,
            format: header.format,
            arch: header.arch,
            code: range(fixed::MINPC),
            text: raw.addr(fixed::MINPC + 16),
            noptrdata: range(fixed::NOPTRDATA),
            data: range(fixed::NOPTRDATA + 16),
            bss: range(fixed::NOPTRDATA + 32),
            noptrbss: range(fixed::NOPTRDATA + 48),
            types: raw.addr(layout.types)..raw.addr(layout.etypes),
            funcnametab: raw.slice(fixed::FUNCNAMETAB),
            cutab: raw.slice(fixed::CUTAB),
            filetab: raw.slice(fixed::FILETAB),
            pctab: raw.slice(fixed::PCTAB),
            pclntable: raw.slice(fixed::PCLNTABLE),
            ftab: raw.slice(fixed::FTAB),
            findfunctab: raw.addr(fixed::FINDFUNCTAB),
            gofunc: raw.addr(layout.gofunc),
            sections: sections(memory, raw.slice(layout.textsectmap)),
            next_at: at.add(layout.next as u64),
        }
    }
}

fn layout_of(header: &Header, version: Option<GoVersion>, raw: &Raw<'_>) -> Layout {
    let magic_118 = header.format == TableFormat::Go118;
    version
        // A version that contradicts the table is not the version of this module.
        .filter(|v| v.at_least(1, 20) != magic_118)
        .filter(|v| v.at_least(1, 26) == (header.text_start == 0))
        .and_then(for_version)
        .filter(|layout| layout.fits(raw))
        .unwrap_or_else(|| guess(magic_118, header.text_start == 0, raw))
}

/// The text sections, where they are more than one.
fn sections(memory: &(impl Memory + ?Sized), map: Slice) -> Vec<(u64, u64, u64)> {
    if !(2..=MAX_SECTIONS).contains(&map.len) {
        return Vec::new();
    }
    let bytes = memory.bytes(map.addr, map.len as usize * 24);
    let bytes = bytes.unwrap_or_default();
    let words: Vec<u64> = words(map.addr, &bytes).map(|(_, w)| w).collect();
    words.chunks_exact(3).map(|w| (w[0], w[1], w[2])).collect()
}

impl Header {
    /// The header at `at`, if it is one (`moduledataverify1` in runtime/symtab.go).
    fn read(memory: &(impl Memory + ?Sized), at: Addr) -> Result<Header, NotFound> {
        let damaged = |what| NotFound::Damaged { at, what };
        let bytes = memory
            .bytes(at, HEADER)
            .map_err(|_| damaged("it cannot be read"))?;
        let raw = Raw(&bytes);
        let (magic, arch) = split(raw.word(0)).ok_or(damaged("it has no such magic"))?;
        let format = match magic {
            0xffff_fff0 => TableFormat::Go118,
            0xffff_fff1 => TableFormat::Go120,
            0xffff_fffa => {
                return Err(NotFound::TooOld {
                    at,
                    release: "1.16 or 1.17",
                });
            }
            _ => {
                return Err(NotFound::TooOld {
                    at,
                    release: "1.2 to 1.15",
                });
            }
        };
        let header = Header {
            at,
            format,
            arch,
            nfunc: raw.word(8),
            text_start: raw.word(24),
            offsets: [32, 40, 48, 56, 64].map(|o| raw.word(o)),
        };
        let ordered = header.offsets.windows(2).all(|w| w[0] < w[1])
            && header.offsets[0] >= HEADER as u64
            && header.offsets[4] < 1 << 32;
        // A function takes at least 40 bytes of table, so their number is bounded by it.
        if !ordered || header.nfunc == 0 || header.nfunc > 1 << 26 {
            return Err(damaged("its offsets are out of order"));
        }
        Ok(header)
    }

    /// Whether the module data tells the same as the header.
    fn check(&self, m: &Module, raw: &Raw<'_>) -> Result<(), &'static str> {
        let tables = [m.funcnametab, m.cutab, m.filetab, m.pctab, m.pclntable];
        let agree = raw.word(0) == self.at.0
            && tables
                .iter()
                .zip(self.offsets)
                .all(|(t, offset)| t.addr == self.at.add(offset) && t.len < 1 << 32);
        if !agree {
            return Err("its tables are not where the header says");
        }
        if m.ftab.addr != m.pclntable.addr || m.ftab.len.wrapping_sub(1) != self.nfunc {
            return Err("the number of functions differs from the header's");
        }
        if m.code.start >= m.code.end || m.code.end.0 - m.code.start.0 > 1 << 32 {
            return Err("its code range is empty or huge");
        }
        if m.text > m.code.start || m.findfunctab.is_null() {
            return Err("its text start is not before its code");
        }
        Ok(())
    }
}

/// Magic and machine of the first word of a header: magic, two zero bytes, instruction
/// quantum, pointer size.
fn split(word: u64) -> Option<(u32, Arch)> {
    let arch = match word >> 32 {
        0x0801_0000 => Arch::X86_64,
        0x0804_0000 => Arch::Aarch64,
        _ => return None,
    };
    let magic = word as u32;
    matches!(magic, 0xffff_fff0 | 0xffff_fff1 | 0xffff_fffa | 0xffff_fffb).then_some((magic, arch))
}

/// All tables in the mappings with code, or in those without.
fn find_tables(
    memory: &(impl Memory + ?Sized),
    regions: &[Region],
    code: bool,
) -> Result<Vec<Header>, NotFound> {
    let mut found = Vec::new();
    let mut refused = None;
    let mut budget = BUDGET;
    let mappings = regions.iter().copied().filter(|r| r.exec == code);
    scan(memory, mappings, &mut budget, |base, bytes| {
        for (at, _) in words(base, bytes).filter(|(_, w)| split(*w).is_some()) {
            match Header::read(memory, at) {
                Ok(header) => found.push(header),
                Err(e @ NotFound::TooOld { .. }) => refused = refused.take().or(Some(e)),
                Err(_) => {}
            }
        }
        if found.len() >= MAX_CANDIDATES {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    if found.is_empty() {
        return Err(refused.unwrap_or(NotFound::NoTable {
            mappings: regions.len(),
            scanned: BUDGET - budget,
        }));
    }
    Ok(found)
}

/// The module data that points at one of the tables, and what it leads to. Writable
/// mappings first; a PIE's can have been made read-only after relocation.
fn find_moduledata(
    memory: &(impl Memory + ?Sized),
    regions: &[Region],
    headers: &[Header],
    version: Option<GoVersion>,
) -> Result<Vec<Module>, NotFound> {
    let data = |write: bool| {
        regions
            .iter()
            .copied()
            .filter(move |r| !r.exec && r.write == write)
    };
    let mut reason = None;
    let mut budget = BUDGET;
    let first = scan(
        memory,
        data(true).chain(data(false)),
        &mut budget,
        |base, bytes| {
            for (at, word) in words(base, bytes) {
                let Some(header) = headers.iter().find(|h| h.at.0 == word) else {
                    continue;
                };
                let pair = memory.u64(at.add(8)) == Ok(header.at.0 + header.offsets[0]);
                if !pair {
                    continue;
                }
                match Module::read(memory, at, header, version) {
                    Ok(module) => return ControlFlow::Break(module),
                    Err(e) => reason = Some(e),
                }
            }
            ControlFlow::Continue(())
        },
    );
    match (first, reason, headers.first()) {
        (Some(first), _, _) => Ok(chain(memory, first, version)),
        (None, Some(reason), _) => Err(reason),
        (None, None, header) => Err(NotFound::NoModuleData {
            at: header.map_or(Addr(0), |h| h.at),
        }),
    }
}

/// A module and those that follow it.
fn chain(
    memory: &(impl Memory + ?Sized),
    first: Module,
    version: Option<GoVersion>,
) -> Vec<Module> {
    let followers = first.followers(memory, version, &[first.moduledata]);
    let mut modules = vec![first];
    modules.extend(followers);
    modules
}
