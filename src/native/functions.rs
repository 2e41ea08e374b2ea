//! Names of functions, from the ELF symbol table or, where that is stripped, the dynamic one
//! (System V gABI, "Symbol Table").

use crate::ids::Addr;
use crate::memory::Memory;
use crate::symbols::ElfFacts;
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::Sym;

/// Symbols of one table that are read.
const MAX_SYMBOLS: u64 = 1 << 21;
/// Bytes of a name that are read.
const MAX_NAME: usize = 1024;
/// Names for the same function that are compared.
const MAX_ALIASES: usize = 16;
/// Assembly without a size is no longer than this.
const MAX_UNSIZED: u64 = 4096;
const SYM_SIZE: u64 = 24;
/// Symbols read at a time.
const CHUNK: u64 = 4096;

/// The functions of a file, by address as linked.
#[derive(Debug, Default)]
pub(super) struct Functions {
    by_addr: Vec<Function>,
    names_at: u64,
    names_len: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Function {
    addr: u64,
    /// 0: not known.
    size: u64,
    name: u32,
}

impl Functions {
    /// Reads the symbol table of `file`, whose addresses are file offsets.
    pub fn read(file: &dyn Memory, facts: &ElfFacts) -> Functions {
        const SHT_SYMTAB: u32 = 2;
        const SHT_DYNSYM: u32 = 11;
        let find = |kind| facts.sections.iter().find(|s| s.kind == kind && s.size > 0);
        let table = find(SHT_SYMTAB).or_else(|| find(SHT_DYNSYM));
        let Some(table) = table.filter(|_| facts.is_64) else {
            return Functions::default();
        };
        let Some(names) = facts.sections.get(table.link as usize) else {
            return Functions::default();
        };
        let count = (table.size / SYM_SIZE).min(MAX_SYMBOLS);
        let mut by_addr = Vec::new();
        let mut done = 0;
        while done < count {
            let n = (count - done).min(CHUNK);
            let at = Addr(table.offset).add(done * SYM_SIZE);
            let Ok(bytes) = file.bytes(at, (n * SYM_SIZE) as usize) else {
                break;
            };
            let ctx = Ctx::new(Container::Big, Endian::Little);
            let symbols = Sym::parse(&bytes, 0, n as usize, ctx).unwrap_or_default();
            by_addr.extend(symbols.iter().filter_map(function));
            done += n;
        }
        by_addr.sort_unstable();
        Functions {
            by_addr,
            names_at: names.offset,
            names_len: names.size,
        }
    }

    /// The name of the function that holds `addr`.
    pub fn name(&self, file: &dyn Memory, addr: u64) -> Option<String> {
        self.find(file, addr).map(|(name, _)| name)
    }

    /// The name of the function that holds `addr`, and where it begins.
    pub fn find(&self, file: &dyn Memory, addr: u64) -> Option<(String, u64)> {
        let after = self.by_addr.partition_point(|f| f.addr <= addr);
        let nearest = self.by_addr.get(..after)?;
        let holds = |f: &&Function| addr - f.addr < f.size;
        let mut backwards = nearest.iter().rev().take(MAX_ALIASES);
        // Assembly without a size reaches up to the next function.
        let found = backwards.find(holds).or_else(|| {
            let last = nearest.last()?;
            (last.size == 0 && addr - last.addr < MAX_UNSIZED).then_some(last)
        })?;
        let aliases = nearest.iter().rev().skip_while(|f| f.addr > found.addr);
        aliases
            .take(MAX_ALIASES)
            .take_while(|f| f.addr == found.addr)
            .filter_map(|f| self.read_name(file, f.name))
            .min_by_key(|name| {
                // The name that programs use, not the library's own: read, not __read.
                let underscores = name.len() - name.trim_start_matches('_').len();
                (underscores, name.len(), name.clone())
            })
            .map(|name| (name, found.addr))
    }

    fn read_name(&self, file: &dyn Memory, at: u32) -> Option<String> {
        let left = self.names_len.checked_sub(at.into())?;
        let mut bytes = vec![0; MAX_NAME.min(usize::try_from(left).ok()?)];
        let n = file
            .read_some(Addr(self.names_at).add(at.into()), &mut bytes)
            .ok()?;
        let end = bytes[..n].iter().position(|&b| b == 0)?;
        let name = String::from_utf8_lossy(&bytes[..end]);
        // Symbol versions: pthread_create@@GLIBC_2.34.
        let name = name.split('@').next().filter(|name| !name.is_empty())?;
        Some(name.to_owned())
    }
}

fn function(symbol: &Sym) -> Option<Function> {
    const SHN_UNDEF: usize = 0;
    const SHN_ABS: usize = 0xfff1;
    const STT_NOTYPE: u8 = 0;
    const STT_FUNC: u8 = 2;
    const STT_GNU_IFUNC: u8 = 10;
    let kind = symbol.st_type();
    let is_code = matches!(kind, STT_NOTYPE | STT_FUNC | STT_GNU_IFUNC);
    // Labels without type and size mark borders (__bss_start, $x), not functions.
    let is_border = kind == STT_NOTYPE && symbol.st_size == 0;
    let defined = !matches!(symbol.st_shndx, SHN_UNDEF | SHN_ABS);
    (is_code && !is_border && defined && symbol.st_name != 0).then(|| {
        Some(Function {
            addr: symbol.st_value,
            size: symbol.st_size,
            name: u32::try_from(symbol.st_name).ok()?,
        })
    })?
}
