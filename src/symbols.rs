//! Addresses by name, from an executable's symbol table: `runtime.sched+256`.
//!
//! Nothing is read before the first question, and then the symbol table alone: names stay
//! in the file until asked for. A stripped file has no answers.

mod elf;
mod notes;

pub use elf::{ElfError, ElfFacts, Machine, Section, Segment};
pub use notes::DebugLink;

use crate::ids::Addr;
use crate::memory::Memory;
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::Sym;
use std::fmt;

/// Symbols kept of one file; the largest Go programs have some hundred thousand.
const MAX_SYMBOLS: u64 = 1 << 21;
/// Bytes of a name that are read; Go's generic instantiations are long.
const MAX_NAME: u64 = 4096;
/// How many smaller neighbours are stepped over to find one that spans the address.
const MAX_STEPS: usize = 16;
/// A symbol of a 64-bit file.
const SYM_SIZE: u64 = 24;
/// Symbols read at a time.
const CHUNK: u64 = 4096;

/// A name for an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// The symbol's name.
    pub name: String,
    /// How far into it the address lies.
    pub offset: u64,
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            0 => f.write_str(&self.name),
            offset => write!(f, "{}+{offset}", self.name),
        }
    }
}

/// The symbols of one file.
#[derive(Debug)]
pub struct Symbols {
    table: Option<Table>,
    /// By address, once read.
    entries: Option<Vec<Entry>>,
}

/// Where the symbol table and its names lie in the file.
#[derive(Clone, Copy, Debug)]
struct Table {
    offset: u64,
    count: u64,
    names: u64,
    names_size: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    addr: u64,
    /// 0: unknown, the address itself only.
    size: u64,
    name: u32,
}

impl Symbols {
    /// The symbols of the file with these headers: `.symtab`, else `.dynsym`.
    #[must_use]
    pub fn new(facts: &ElfFacts) -> Symbols {
        const SHT_SYMTAB: u32 = 2;
        const SHT_DYNSYM: u32 = 11;
        let find = |kind| facts.sections.iter().find(|s| s.kind == kind && s.size > 0);
        let table = find(SHT_SYMTAB).or_else(|| find(SHT_DYNSYM));
        let table = table.filter(|_| facts.is_64).and_then(|t| {
            let names = facts.sections.get(usize::try_from(t.link).ok()?)?;
            Some(Table {
                offset: t.offset,
                count: (t.size / SYM_SIZE).min(MAX_SYMBOLS),
                names: names.offset,
                names_size: names.size,
            })
        });
        Symbols {
            table,
            entries: None,
        }
    }

    /// Whether the file has a symbol table at all.
    #[must_use]
    pub fn is_stripped(&self) -> bool {
        self.table.is_none()
    }

    /// The function or variable that holds `addr` in a process that has the file loaded
    /// `bias` bytes above where it was linked. `file` is the file of the headers, addressed
    /// by offset; the first call reads the symbol table.
    pub fn lookup(&mut self, file: &dyn Memory, bias: u64, addr: Addr) -> Option<Symbol> {
        let table = self.table?;
        let entries = self.entries.get_or_insert_with(|| read_table(file, table));
        let at = addr.0.checked_sub(bias)?;
        let after = entries.partition_point(|e| e.addr <= at);
        let before = entries[..after].iter().rev().take(MAX_STEPS);
        let entry = before.into_iter().find(|e| at - e.addr < e.size.max(1))?;
        Some(Symbol {
            name: read_name(file, table, entry.name)?,
            offset: at - entry.addr,
        })
    }
}

/// The table's functions and variables, sorted. What cannot be read is left out.
fn read_table(file: &dyn Memory, table: Table) -> Vec<Entry> {
    const SHN_UNDEF: usize = 0;
    const SHN_ABS: usize = 0xfff1;
    const NOTYPE_OBJECT_FUNC_IFUNC: [u8; 4] = [0, 1, 2, 10];
    let ctx = Ctx::new(Container::Big, Endian::Little);
    let mut entries = Vec::new();
    let mut done = 0;
    while done < table.count {
        let n = (table.count - done).min(CHUNK);
        let Some(offset) = table.offset.checked_add(done * SYM_SIZE) else {
            break;
        };
        let Ok(bytes) = file.bytes(Addr(offset), (n * SYM_SIZE) as usize) else {
            break;
        };
        let symbols = Sym::parse(&bytes, 0, n as usize, ctx).unwrap_or_default();
        entries.extend(symbols.iter().filter_map(|s| {
            let wanted = NOTYPE_OBJECT_FUNC_IFUNC.contains(&s.st_type())
                && !matches!(s.st_shndx, SHN_UNDEF | SHN_ABS)
                && s.st_name != 0;
            // Labels without type and size mark borders (runtime.text, __bss_start).
            let is_border = s.st_type() == 0 && s.st_size == 0;
            (wanted && !is_border).then_some(Entry {
                addr: s.st_value,
                size: s.st_size,
                name: u32::try_from(s.st_name).ok()?,
            })
        }));
        done += n;
    }
    entries.sort_unstable();
    entries
}

fn read_name(file: &dyn Memory, table: Table, at: u32) -> Option<String> {
    let left = table.names_size.checked_sub(u64::from(at))?.min(MAX_NAME);
    let mut bytes = vec![0; left as usize];
    let start = Addr(table.names.checked_add(u64::from(at))?);
    let n = file.read_some(start, &mut bytes).ok()?;
    let end = bytes[..n].iter().position(|&c| c == 0).unwrap_or(n);
    (end > 0).then(|| String::from_utf8_lossy(&bytes[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;
    use proptest::prelude::*;

    /// value, size, info, section index, name
    type Row<'a> = (u64, u64, u8, u16, &'a str);

    /// A file with one segment, a symbol table, its names and section names.
    fn file(symbols: &[Row<'_>]) -> Vec<u8> {
        let mut names = vec![0u8];
        let mut table = vec![0u8; 24];
        for (value, size, info, index, name) in symbols {
            table.extend((names.len() as u32).to_le_bytes());
            table.extend([*info, 0]);
            table.extend(index.to_le_bytes());
            table.extend(value.to_le_bytes());
            table.extend(size.to_le_bytes());
            names.extend(name.bytes().chain([0]));
        }
        let section_names = b"\0.symtab\0.strtab\0.shstrtab\0";
        let table_at = 64 + 56;
        let names_at = table_at + table.len();
        let section_names_at = names_at + names.len();
        let headers_at = section_names_at + section_names.len();
        let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        for half in [3u16, 62, 1, 0] {
            out.extend(half.to_le_bytes());
        }
        for word in [0x40_1234u64, 64, headers_at as u64] {
            out.extend(word.to_le_bytes());
        }
        out.extend(0u32.to_le_bytes());
        for half in [64u16, 56, 1, 64, 4, 3] {
            out.extend(half.to_le_bytes());
        }
        for half in [1u32, 5] {
            out.extend(half.to_le_bytes());
        }
        for word in [0x1000u64, 0x40_1000, 0x40_1000, 0x500, 0x900, 0x1000] {
            out.extend(word.to_le_bytes());
        }
        out.extend(&table);
        out.extend(&names);
        out.extend(section_names);
        let section = |name: u32, kind: u32, at: usize, size: usize, link: u32| {
            let mut s = Vec::new();
            s.extend(name.to_le_bytes());
            s.extend(kind.to_le_bytes());
            for word in [0, 0, at as u64, size as u64] {
                s.extend(word.to_le_bytes());
            }
            s.extend(link.to_le_bytes());
            s.extend(0u32.to_le_bytes());
            s.extend([0; 16]);
            s
        };
        out.extend(section(0, 0, 0, 0, 0));
        out.extend(section(1, 2, table_at, table.len(), 2));
        out.extend(section(9, 3, names_at, names.len(), 0));
        out.extend(section(17, 3, section_names_at, section_names.len(), 0));
        out
    }

    fn memory(bytes: Vec<u8>) -> Segments {
        let mut m = Segments::new();
        m.map(Addr(0), bytes);
        m
    }

    const FUNC: u8 = 0x12;
    const OBJECT: u8 = 0x11;
    const ROWS: &[Row<'_>] = &[
        (0x5b0940, 0x300, OBJECT, 2, "runtime.sched"),
        (0x5b0950, 8, OBJECT, 2, "inner"),
        (0x401000, 0x40, FUNC, 1, "main.main"),
        (0x402000, 0, FUNC, 1, "asm_without_size"),
        (0x5b0a00, 0, 0x10, 2, "border"),
        (0x5b0000, 0x10000, FUNC, 0, "undefined"),
        (0x10, 0x100, 0x16, 3, "tls"),
    ];

    #[test]
    fn addresses_are_named_by_the_symbol_that_holds_them() {
        let m = memory(file(ROWS));
        let facts = ElfFacts::read(&m).unwrap();
        let mut symbols = Symbols::new(&facts);
        let mut name = |addr: u64| {
            symbols
                .lookup(&m, 0x1000, Addr(addr + 0x1000))
                .map(|s| s.to_string())
        };
        assert_eq!(name(0x5b0a40).as_deref(), Some("runtime.sched+256"));
        assert_eq!(name(0x5b0940).as_deref(), Some("runtime.sched"));
        assert_eq!(name(0x5b0952).as_deref(), Some("inner+2"));
        assert_eq!(name(0x401000).as_deref(), Some("main.main"));
        assert_eq!(name(0x401040), None);
        assert_eq!(name(0x402000).as_deref(), Some("asm_without_size"));
        assert_eq!(name(0x402001), None);
        assert_eq!(name(0x20), None, "a TLS offset is no address");
        assert_eq!(symbols.lookup(&m, 0x1000, Addr(0x10)), None);
    }

    #[test]
    fn headers_are_read_as_they_are() {
        let m = memory(file(ROWS));
        let facts = ElfFacts::read(&m).unwrap();
        assert!(facts.is_64 && facts.is_pie);
        assert_eq!(facts.machine, Machine::X86_64);
        assert_eq!(facts.entry, Addr(0x401234));
        assert_eq!(facts.segments.len(), 1);
        assert!(facts.section(".strtab").is_some());
        assert_eq!(facts.section(".gopclntab"), None);
        assert_eq!(facts.file_offset(Addr(0x401010)), Some(0x1010));
        assert_eq!(facts.file_offset(Addr(0x401500)), None, "zero-filled part");
        assert_eq!(
            facts.load_bias(Addr(0x7000_0000), 0x1000),
            Some(0x7000_0000 - 0x40_1000)
        );
        assert_eq!(facts.load_bias(Addr(0x7000_0000), 0x9000), None);
    }

    #[test]
    fn a_file_without_section_headers_is_stripped_not_broken() {
        let mut bytes = file(ROWS);
        bytes[40..48].fill(0);
        let m = memory(bytes);
        let facts = ElfFacts::read(&m).unwrap();
        assert_eq!(facts.segments.len(), 1);
        let mut symbols = Symbols::new(&facts);
        assert!(symbols.is_stripped());
        assert_eq!(symbols.lookup(&m, 0, Addr(0x401000)), None);
    }

    #[test]
    fn what_is_not_elf_says_so() {
        let read = |bytes: &[u8]| ElfFacts::read(&memory(bytes.to_vec())).unwrap_err();
        assert_eq!(read(b"#!/bin/sh\n"), ElfError::NotElf);
        assert_eq!(read(b"\x7fELF\x02\x02"), ElfError::BigEndian);
        assert_eq!(read(b"\x7fELF\x02\x01"), ElfError::Malformed("ELF header"));
        assert!(matches!(
            ElfFacts::read(&Segments::new()),
            Err(ElfError::Read(_))
        ));
    }

    proptest! {
        #[test]
        fn hostile_files_never_panic(changes in proptest::collection::vec((0usize..600, any::<u8>()), 0..12), cut in 0usize..800) {
            let mut bytes = file(ROWS);
            for (at, byte) in changes {
                if let Some(b) = bytes.get_mut(at) {
                    *b = byte;
                }
            }
            bytes.truncate(cut);
            let m = memory(bytes);
            if let Ok(facts) = ElfFacts::read(&m) {
                let mut symbols = Symbols::new(&facts);
                for (addr, ..) in ROWS {
                    let _ = symbols.lookup(&m, 0, Addr(*addr));
                    let _ = facts.file_offset(Addr(*addr));
                    let _ = facts.load_bias(Addr(*addr), 0x1000);
                }
            }
        }
    }
}
