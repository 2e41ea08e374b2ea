//! The headers of an ELF file: enough to find everything else in it, and no more.

use crate::ids::Addr;
use crate::memory::{Memory, MemoryError};
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{ELFCLASS32, ELFDATA2LSB, EM_AARCH64, EM_X86_64, ET_DYN, Header};
use goblin::elf::program_header::{PT_GNU_EH_FRAME, PT_LOAD, PT_NOTE};
use goblin::elf::{Elf, ProgramHeader, SectionHeader};
use std::fmt;

/// More section headers than this are not read: no linker of ours writes as many.
const MAX_SECTIONS: u64 = 1 << 16;
/// More bytes of section names than this are not read.
const MAX_NAMES: u64 = 1 << 20;

/// Why a file's headers could not be understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ElfError {
    /// It could not be read.
    Read(MemoryError),
    /// It does not begin like an ELF file.
    NotElf,
    /// It is for a big-endian machine.
    BigEndian,
    /// Its headers contradict themselves; the text names the part.
    Malformed(&'static str),
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ElfError::Read(e) => e.fmt(f),
            ElfError::NotElf => f.write_str("not an ELF file"),
            ElfError::BigEndian => f.write_str("for a big-endian machine"),
            ElfError::Malformed(part) => write!(f, "malformed {part}"),
        }
    }
}

impl std::error::Error for ElfError {}

impl From<MemoryError> for ElfError {
    fn from(e: MemoryError) -> ElfError {
        ElfError::Read(e)
    }
}

/// The machine an ELF file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    /// EM_X86_64 (with class 32: x32).
    X86_64,
    /// EM_AARCH64.
    Aarch64,
    /// Another one, by its EM_ number.
    Other(u16),
}

/// What the headers of an ELF file say. Nothing in it is more than the file's own claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElfFacts {
    /// 64-bit; otherwise 32-bit.
    pub is_64: bool,
    /// Which machine it is for.
    pub machine: Machine,
    /// ET_DYN: loaded at an address of the kernel's choice (PIE, shared object).
    pub is_pie: bool,
    /// Entry point, as linked.
    pub entry: Addr,
    /// The loadable segments (PT_LOAD), in file order.
    pub segments: Vec<Segment>,
    /// Where `.eh_frame_hdr` lies (PT_GNU_EH_FRAME; LSB Core, "Exception Frame Header").
    pub eh_frame_hdr: Option<Segment>,
    /// The notes (PT_NOTE; elf(5), "Notes").
    pub notes: Vec<Segment>,
    /// The sections; empty where the section headers are missing or unusable.
    pub sections: Vec<Section>,
}

/// A loadable segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Address, as linked.
    pub addr: Addr,
    /// Where it begins in the file.
    pub offset: u64,
    /// Its size in the file.
    pub file_size: u64,
    /// Its size in memory; what lies beyond `file_size` is zero.
    pub size: u64,
    /// PF_X 1, PF_W 2, PF_R 4.
    pub flags: u32,
}

/// A section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// SHT_.
    pub kind: u32,
    /// Address, as linked; 0 where it is not loaded.
    pub addr: Addr,
    /// Where it begins in the file.
    pub offset: u64,
    /// Its size.
    pub size: u64,
    /// SHF_; bit 11 (SHF_COMPRESSED) matters for debug data.
    pub flags: u64,
    /// The section it refers to; a symbol table's strings.
    pub link: u32,
    /// Size of one entry.
    pub entry_size: u64,
}

impl ElfFacts {
    /// Reads the headers of `file`, whose addresses are file offsets.
    ///
    /// # Errors
    /// When it is not an ELF file that we can use at all. Unusable section headers are not
    /// an error: a stripped file may have none.
    pub fn read(file: &dyn Memory) -> Result<ElfFacts, ElfError> {
        let mut head = [0; 64];
        let n = file.read_some(Addr(0), &mut head)?;
        if !head[..n].starts_with(b"\x7fELF") {
            return Err(ElfError::NotElf);
        }
        if head[5] != ELFDATA2LSB {
            return Err(ElfError::BigEndian);
        }
        let header =
            Elf::parse_header(&head[..n]).map_err(|_| ElfError::Malformed("ELF header"))?;
        let is_64 = head[4] != ELFCLASS32;
        let container = if is_64 {
            Container::Big
        } else {
            Container::Little
        };
        let ctx = Ctx::new(container, Endian::Little);
        let headers = program_headers(file, &header, ctx)?;
        Ok(ElfFacts {
            is_64,
            machine: match header.e_machine {
                EM_X86_64 => Machine::X86_64,
                EM_AARCH64 => Machine::Aarch64,
                other => Machine::Other(other),
            },
            is_pie: header.e_type == ET_DYN,
            entry: Addr(header.e_entry),
            segments: of_kind(&headers, PT_LOAD).collect(),
            eh_frame_hdr: of_kind(&headers, PT_GNU_EH_FRAME).next(),
            notes: of_kind(&headers, PT_NOTE).collect(),
            sections: sections(file, &header, ctx).unwrap_or_default(),
        })
    }

    /// The section of this name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name)
    }

    /// Whether it has its full symbol table: what a dynamic linker needs stays when that is
    /// stripped.
    #[must_use]
    pub fn has_symbol_table(&self) -> bool {
        const SHT_SYMTAB: u32 = 2;
        let mut sections = self.sections.iter();
        sections.any(|s| s.kind == SHT_SYMTAB && s.size > 0)
    }

    /// Where the byte that is linked at `addr` lies in the file.
    #[must_use]
    pub fn file_offset(&self, addr: Addr) -> Option<u64> {
        self.segments.iter().find_map(|s| {
            let within = addr.0.checked_sub(s.addr.0)?;
            (within < s.file_size).then(|| s.offset.checked_add(within))?
        })
    }

    /// By how much the image is shifted when file offset `offset` is mapped at `addr` (a line
    /// of /proc/PID/maps); `None` if no segment holds that offset.
    ///
    /// One page of the file can hold the end of a segment and the beginning of the next. A
    /// mapping that begins with it is taken for the latter's, which it is as the loader maps.
    #[must_use]
    pub fn load_bias(&self, addr: Addr, offset: u64) -> Option<u64> {
        let segments = || self.segments.iter().rev();
        let segment = segments()
            .find(|s| s.first_page() == offset)
            .or_else(|| segments().find(|s| s.holds(offset)))?;
        let linked = segment
            .addr
            .0
            .wrapping_sub(segment.offset)
            .wrapping_add(offset);
        Some(addr.0.wrapping_sub(linked))
    }
}

impl Segment {
    /// The file offset of the page that it begins in: where its mapping begins.
    fn first_page(&self) -> u64 {
        const PAGE: u64 = 4096;
        self.offset - self.offset % PAGE
    }

    fn holds(&self, offset: u64) -> bool {
        (self.first_page()..self.offset.saturating_add(self.file_size)).contains(&offset)
    }
}

fn program_headers(
    file: &dyn Memory,
    header: &Header,
    ctx: Ctx,
) -> Result<Vec<ProgramHeader>, ElfError> {
    let count = usize::from(header.e_phnum);
    if count == 0 {
        return Ok(Vec::new());
    }
    let size = ProgramHeader::size(ctx);
    if usize::from(header.e_phentsize) != size {
        return Err(ElfError::Malformed("program header size"));
    }
    let bytes = file.bytes(Addr(header.e_phoff), count * size)?;
    ProgramHeader::parse(&bytes, 0, count, ctx).map_err(|_| ElfError::Malformed("program headers"))
}

fn of_kind(headers: &[ProgramHeader], kind: u32) -> impl Iterator<Item = Segment> {
    let of_kind = headers.iter().filter(move |p| p.p_type == kind);
    of_kind.map(|p| Segment {
        addr: Addr(p.p_vaddr),
        offset: p.p_offset,
        file_size: p.p_filesz,
        size: p.p_memsz,
        flags: p.p_flags,
    })
}

fn sections(file: &dyn Memory, header: &Header, ctx: Ctx) -> Result<Vec<Section>, ElfError> {
    const BAD: ElfError = ElfError::Malformed("section headers");
    const SHN_XINDEX: u16 = 0xffff;
    let size = SectionHeader::size(ctx);
    if header.e_shoff == 0 || usize::from(header.e_shentsize) != size {
        return Err(BAD);
    }
    let parse = |count: usize| -> Result<Vec<SectionHeader>, ElfError> {
        let bytes = file.bytes(Addr(header.e_shoff), count * size)?;
        SectionHeader::parse_from(&bytes, 0, count, ctx).map_err(|_| BAD)
    };
    // Numbers that do not fit are in the first, otherwise empty, header: elf(5).
    let first = parse(1)?.into_iter().next().ok_or(BAD)?;
    let count = match header.e_shnum {
        0 => first.sh_size,
        n => u64::from(n),
    };
    if count == 0 || count > MAX_SECTIONS {
        return Err(BAD);
    }
    let headers = parse(count as usize)?;
    let names_index = match header.e_shstrndx {
        SHN_XINDEX => first.sh_link as usize,
        n => usize::from(n),
    };
    let names = match headers.get(names_index) {
        Some(s) if s.sh_size <= MAX_NAMES => file
            .bytes(Addr(s.sh_offset), s.sh_size as usize)
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(headers
        .iter()
        .map(|s| Section {
            name: name_at(&names, s.sh_name),
            kind: s.sh_type,
            addr: Addr(s.sh_addr),
            offset: s.sh_offset,
            size: s.sh_size,
            flags: s.sh_flags,
            link: s.sh_link,
            entry_size: s.sh_entsize,
        })
        .collect())
}

fn name_at(names: &[u8], at: usize) -> String {
    let rest = names.get(at..).unwrap_or_default();
    // Section names are short; a table of long ones must not be copied over and over.
    let rest = &rest[..rest.len().min(256)];
    let end = rest.iter().position(|&c| c == 0).unwrap_or(rest.len());
    String::from_utf8_lossy(&rest[..end]).into_owned()
}
