//! A mapped file with Go in it: where its sections are in the process, and which of its parts
//! are there as they are in the file.

use super::PCLNTAB_HEADER;
use crate::golang::dwarf::{self, Stored};
use crate::golang::roots::DwarfRuntime;
use crate::golang::{Hints, Module, Region};
use crate::ids::{Addr, Pid, Tid};
use crate::memory::Memory;
use crate::session::files;
use crate::symbols::{ElfFacts, Section, Symbols};
use crate::sys::image::{FileSegment, ImageFile};
use crate::sys::procfs::{self, Mapping};
use std::sync::{Arc, Mutex, PoisonError};

/// Debug information beyond this is not read: a runtime's is a small part of the first unit.
const MAX_DEBUG: u64 = 256 << 20;

/// A mapped file by its headers.
#[derive(Debug)]
pub(super) struct Elf {
    file: ImageFile,
    pub(super) facts: ElfFacts,
    bias: u64,
    /// A mapping of it.
    mapping: Mapping,
    symbols: Mutex<Symbols>,
}

impl Elf {
    /// The executable, which may have been deleted or replaced.
    pub fn executable(pid: Pid, maps: &[Mapping]) -> Option<Elf> {
        let file = ImageFile::open(&procfs::exe(pid)).ok()?.by_offset().ok()?;
        let own = procfs::exe_link(pid)?;
        let is_own = |m: &&Mapping| m.path.as_bytes() == own;
        Elf::of(file, maps.iter().filter(is_own))
    }

    /// The file of a mapping.
    pub fn mapped(tid: Tid, mapping: &Mapping) -> Option<Elf> {
        Elf::of(files::open(tid, mapping)?, std::iter::once(mapping))
    }

    fn of<'a>(file: ImageFile, mut maps: impl Iterator<Item = &'a Mapping>) -> Option<Elf> {
        let facts = ElfFacts::read(&file).ok()?;
        let (mapping, bias) = maps.find_map(|m| {
            let bias = facts.load_bias(Addr(m.range.start), m.offset)?;
            Some((m.clone(), bias))
        })?;
        Some(Elf {
            symbols: Mutex::new(Symbols::new(&facts)),
            file,
            facts,
            bias,
            mapping,
        })
    }

    /// Whether this is a mapping of the same file.
    pub fn is_of(&self, mapping: &Mapping) -> bool {
        (&mapping.file, &mapping.path) == (&self.mapping.file, &self.mapping.path)
    }

    /// Its path, as the process had it.
    pub fn path(&self) -> &str {
        files::path(&self.mapping)
    }

    pub fn names_go(&self) -> bool {
        self.facts.names_go(&self.file)
    }

    pub fn may_hold_go(&self) -> bool {
        self.facts.may_hold_go(&self.file)
    }

    fn address(&self, names: &[&str]) -> Option<Addr> {
        let section = names.iter().find_map(|n| self.facts.section(n))?;
        Some(section.addr.add(self.bias))
    }

    pub fn hints(&self) -> Hints {
        Hints {
            pclntab: self.address(&[".gopclntab", ".data.rel.ro.gopclntab"]),
            moduledata: self.address(&[".go.module"]),
            buildinfo: self.address(&[".go.buildinfo"]),
        }
    }

    /// The mappings that may hold its Go code and data: its own, and the anonymous ones right
    /// behind them (bss).
    pub fn regions(&self, maps: &[Mapping]) -> Vec<Region> {
        let within = |m: &&Mapping| {
            self.facts.segments.iter().any(|s| {
                let start = s.addr.0.wrapping_add(self.bias);
                m.range.start < start.saturating_add(s.size) && start < m.range.end
            })
        };
        maps.iter().filter(within).map(region).collect()
    }

    /// The file as what is in memory just so: what cannot be written and is still mapped from
    /// it, and the function table, of which the loader relocates the header alone.
    pub fn unchanged(&self, maps: &[Mapping], modules: &[Arc<Module>]) -> Option<ImageFile> {
        const WRITABLE: u32 = 2;
        let own: Vec<&Mapping> = maps.iter().filter(|m| self.is_of(m)).collect();
        let fixed = self.facts.segments.iter();
        let fixed = fixed.filter(|s| s.flags & WRITABLE == 0);
        let fixed = fixed.map(|s| (s.addr.add(self.bias), s.offset, s.file_size));
        let fixed = fixed.flat_map(|part| own.iter().filter(|m| !m.write).map(move |m| (part, *m)));
        let table = self.table_behind_header(modules);
        let table = table.into_iter();
        let table = table.flat_map(|part| own.iter().map(move |m| (part, *m)));
        let parts: Vec<FileSegment> = fixed
            .chain(table)
            .filter_map(|((addr, offset, len), m)| common(addr, offset, len, m))
            .collect();
        let mut file = self.file.again().ok()?;
        file.map(parts);
        Some(file)
    }

    /// Address, offset and length of a function table that the loader had to relocate.
    fn table_behind_header(&self, modules: &[Arc<Module>]) -> Option<(Addr, u64, u64)> {
        let table = self.facts.section(".data.rel.ro.gopclntab")?;
        let at = table.addr.add(self.bias);
        let is_known = modules.iter().any(|m| m.pclntab == at);
        (is_known && table.size > PCLNTAB_HEADER).then(|| {
            (
                at.add(PCLNTAB_HEADER),
                table.offset + PCLNTAB_HEADER,
                table.size - PCLNTAB_HEADER,
            )
        })
    }

    /// What its debug information says of the runtime, its own or that which was split from it.
    pub fn dwarf_runtime(&self, tid: Tid) -> Option<DwarfRuntime> {
        let read = |facts: &ElfFacts, file: &ImageFile| {
            let info = debug_section(facts, file, "info")?;
            let abbrev = debug_section(facts, file, "abbrev")?;
            dwarf::read(&info, &abbrev, self.bias).ok()
        };
        read(&self.facts, &self.file).or_else(|| {
            let file = files::open_debug(tid, &self.mapping)?;
            read(&ElfFacts::read(&file).ok()?, &file)
        })
    }

    /// The name of what lies at an address.
    pub fn symbol(&self, addr: Addr) -> Option<Arc<str>> {
        let mut symbols = self.symbols.lock().unwrap_or_else(PoisonError::into_inner);
        let symbol = symbols.lookup(&self.file, self.bias, addr)?;
        Some(symbol.to_string().into())
    }
}

/// A mapping as the search for Go takes it.
pub(super) fn region(m: &Mapping) -> Region {
    Region {
        start: Addr(m.range.start),
        end: Addr(m.range.end),
        read: m.read,
        write: m.write,
        exec: m.exec,
    }
}

/// The part of a file's segment that a mapping shows.
fn common(addr: Addr, offset: u64, len: u64, m: &Mapping) -> Option<FileSegment> {
    let start = addr.0.max(m.range.start);
    let end = addr.0.saturating_add(len).min(m.range.end);
    let at = offset.checked_add(start.checked_sub(addr.0)?)?;
    // Elsewhere than the loader puts it, it is something else.
    let shown = m.offset.checked_add(start - m.range.start)? == at;
    (start < end && shown).then(|| FileSegment {
        addr: Addr(start),
        len: end - start,
        offset: at,
    })
}

fn debug_section(facts: &ElfFacts, file: &ImageFile, name: &str) -> Option<Vec<u8>> {
    const SHF_COMPRESSED: u64 = 1 << 11;
    const SHT_NOBITS: u32 = 8;
    let (section, stored): (&Section, _) = match facts.section(&format!(".debug_{name}")) {
        Some(s) if s.flags & SHF_COMPRESSED != 0 => (s, Stored::ElfCompressed),
        Some(s) => (s, Stored::Plain),
        None => (facts.section(&format!(".zdebug_{name}"))?, Stored::Zdebug),
    };
    if section.size > MAX_DEBUG || section.kind == SHT_NOBITS {
        return None;
    }
    let bytes = file.bytes(Addr(section.offset), section.size as usize);
    let bytes = bytes.ok()?;
    let inflated = dwarf::inflate(&bytes, stored, MAX_DEBUG as usize);
    Some(inflated.ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(range: std::ops::Range<u64>, offset: u64) -> Mapping {
        Mapping {
            range,
            read: true,
            write: false,
            exec: true,
            offset,
            file: "fe:00 7".to_owned(),
            path: "/bin/x".to_owned(),
        }
    }

    #[test]
    fn only_what_is_mapped_from_the_segments_own_place_is_read_from_the_file() {
        let seen = |m: &Mapping| common(Addr(0x40_1100), 0x1100, 0x2000, m);
        let whole = seen(&mapping(0x40_1000..0x40_4000, 0x1000)).unwrap();
        assert_eq!(
            (whole.addr, whole.len, whole.offset),
            (Addr(0x40_1100), 0x2000, 0x1100)
        );
        let half = seen(&mapping(0x40_2000..0x40_4000, 0x2000)).unwrap();
        assert_eq!(
            (half.addr, half.len, half.offset),
            (Addr(0x40_2000), 0x1100, 0x2000)
        );
        assert_eq!(seen(&mapping(0x40_1000..0x40_4000, 0x9000)), None, "moved");
        assert_eq!(
            seen(&mapping(0x50_0000..0x50_1000, 0x1000)),
            None,
            "elsewhere"
        );
    }
}
