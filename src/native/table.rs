//! The frame description (FDE) of a PC: by the binary search table of `.eh_frame_hdr`
//! (LSB Core, "DWARF Extensions"), a few bytes of the file a step.

use super::row::Row;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError};
use gimli::{BaseAddresses, EhFrame, EhFrameOffset, EndianSlice, LittleEndian, UnwindContext};
use gimli::{UnwindSection, Vendor};
use std::fmt;

/// Bytes at a place in a section.
pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Bytes of a frame description that are believed; those of the largest functions have some
/// ten thousand.
const MAX_FDE: u32 = 1 << 20;
/// The same for what descriptions have in common (CIE).
const MAX_CIE: u32 = 1 << 12;
/// Entries of the search table that are read at a time.
const CHUNK: u64 = 32;

/// Why there is no row for a PC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// The file cannot be read.
    Read(MemoryError),
    /// It says nothing of this PC.
    Uncovered,
    /// What it says makes no sense.
    Malformed(&'static str),
    /// gimli's word on it.
    Dwarf(gimli::Error),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::Read(e) => e.fmt(f),
            FrameError::Uncovered => f.write_str("no unwind data"),
            FrameError::Malformed(what) => write!(f, "malformed unwind data: {what}"),
            FrameError::Dwarf(e) => write!(f, "malformed unwind data: {e}"),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<MemoryError> for FrameError {
    fn from(e: MemoryError) -> FrameError {
        FrameError::Read(e)
    }
}

impl From<gimli::Error> for FrameError {
    fn from(e: gimli::Error) -> FrameError {
        match e {
            gimli::Error::NoUnwindInfoForAddress => FrameError::Uncovered,
            e => FrameError::Dwarf(e),
        }
    }
}

/// A search table: pairs of 32-bit offsets from `.eh_frame_hdr`, sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SearchTable {
    header: Addr,
    entries: Addr,
    count: u64,
}

impl SearchTable {
    /// Reads the header at `at` of memory as linked; `None` if there is no table in it, or
    /// not one as all linkers write it.
    pub fn read(linked: &dyn Memory, at: Addr, size: u64) -> Option<SearchTable> {
        const VERSION: u8 = 1;
        const UDATA4: u8 = 0x03;
        const DATAREL_SDATA4: u8 = 0x3b;
        let head = linked.bytes(at, 4).ok()?;
        let pointer_size = match head[1] & 0x0f {
            0x03 | 0x0b => 4,
            0x04 | 0x0c | 0x00 => 8,
            _ => return None,
        };
        if head[0] != VERSION || head[2] != UDATA4 || head[3] != DATAREL_SDATA4 {
            return None;
        }
        let count = u64::from(linked.u32(at.add(4 + pointer_size)).ok()?);
        let used = 8 + pointer_size;
        let fits = count.checked_mul(8)?.checked_add(used)? <= size;
        (fits && count > 0).then_some(SearchTable {
            header: at,
            entries: at.add(used),
            count,
        })
    }

    /// Where the last description lies whose code begins at or before `pc`.
    fn find(&self, linked: &dyn Memory, pc: u64) -> Result<Addr, FrameError> {
        let target = i64::try_from(i128::from(pc) - i128::from(self.header.0))
            .map_err(|_| FrameError::Uncovered)?;
        let entry = |bytes: &[u8], i: usize| -> Option<(i64, i64)> {
            let (first, second) = bytes.get(i * 8..i * 8 + 8)?.split_at(4);
            let int = |b: &[u8]| Some(i64::from(i32::from_le_bytes(*b.first_chunk()?)));
            Some((int(first)?, int(second)?))
        };
        // The entry is in `low..high`.
        let (mut low, mut high) = (0, self.count);
        while high - low > CHUNK {
            let middle = low + (high - low) / 2;
            let start = linked.u32(self.entries.add(middle * 8))?.cast_signed();
            match i64::from(start) <= target {
                true => low = middle,
                false => high = middle,
            }
        }
        let bytes = linked.bytes(self.entries.add(low * 8), (high - low) as usize * 8)?;
        let mut candidates = (0..(high - low) as usize).rev();
        let hit = candidates.find_map(|i| entry(&bytes, i).filter(|(start, _)| *start <= target));
        match hit {
            Some((_, fde)) => Ok(Addr(self.header.0.wrapping_add_signed(fde))),
            None => Err(FrameError::Uncovered),
        }
    }

    /// What holds at `pc`, as linked.
    pub fn row(&self, linked: &dyn Memory, arch: Arch, pc: u64) -> Result<Row, FrameError> {
        let fde = self.find(linked, pc)?;
        eh_frame_row(linked, arch, fde, pc)
    }
}

/// The row of the description at `at`, with its CIE: both are copied next to each other, as
/// if they were a section of their own.
fn eh_frame_row(linked: &dyn Memory, arch: Arch, at: Addr, pc: u64) -> Result<Row, FrameError> {
    let fde = entry(linked, at, MAX_FDE)?;
    let id_at = at.add(4);
    let distance: [u8; 4] = *fde
        .get(4..)
        .and_then(|b| b.first_chunk())
        .ok_or(FrameError::Malformed("short description"))?;
    let distance = u32::from_le_bytes(distance);
    if distance == 0 {
        return Err(FrameError::Malformed("not a frame description"));
    }
    let mut bytes = entry(linked, id_at.sub(distance.into()), MAX_CIE)?;
    let cie_len = bytes.len();
    bytes.extend_from_slice(&fde);
    // A pointer to the CIE counts back from itself.
    let back = u32::try_from(cie_len + 4).map_err(|_| FrameError::Malformed("long CIE"))?;
    bytes[cie_len + 4..cie_len + 8].copy_from_slice(&back.to_le_bytes());
    // Addresses in the description are relative to where it really is. (Those in the CIE, of
    // a personality routine, come out wrong; nobody uses them.)
    let base =
        at.0.checked_sub(cie_len as u64)
            .ok_or(FrameError::Malformed("address"))?;
    let bases = BaseAddresses::default().set_eh_frame(base);
    let mut section = EhFrame::new(&bytes, LittleEndian);
    section.set_address_size(8);
    section.set_vendor(vendor(arch));
    row_at(&section, &bases, EhFrameOffset(cie_len), pc)
}

/// The bytes of the entry at `at`, its length field included.
fn entry(linked: &dyn Memory, at: Addr, max: u32) -> Result<Vec<u8>, FrameError> {
    let len = linked.u32(at)?;
    // 0 ends the section, 0xffffffff begins the 64-bit format that nobody uses here.
    if len < 4 || len > max {
        return Err(FrameError::Malformed("length of an entry"));
    }
    Ok(linked.bytes(at, len as usize + 4)?)
}

pub(super) fn vendor(arch: Arch) -> Vendor {
    match arch {
        Arch::X86_64 => Vendor::Default,
        Arch::Aarch64 => Vendor::AArch64,
    }
}

/// The row for `pc` of the description at `offset` of a section.
pub(super) fn row_at<'a, S: UnwindSection<Slice<'a>>>(
    section: &S,
    bases: &BaseAddresses,
    offset: S::Offset,
    pc: u64,
) -> Result<Row, FrameError> {
    let fde = section.fde_from_offset(bases, offset, S::cie_from_offset)?;
    if !fde.contains(pc) {
        return Err(FrameError::Uncovered);
    }
    let mut context = UnwindContext::new();
    let row = fde.unwind_info_for_address(section, bases, &mut context, pc)?;
    Row::of(row, section, &fde)
}
