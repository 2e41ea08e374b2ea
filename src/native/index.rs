//! Frame descriptions where there is no search table: `.debug_frame`, and `.eh_frame` of files
//! linked without one. The section is read once, and an index of it is made.

use super::row::Row;
use super::table::{FrameError, Slice, row_at, vendor};
use crate::arch::Arch;
use gimli::{BaseAddresses, CieOrFde, DebugFrame, EhFrame, LittleEndian, UnwindSection};
use std::collections::HashMap;

/// Entries of a section that are read at most.
const MAX_ENTRIES: usize = 1 << 20;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    EhFrame,
    DebugFrame,
}

/// A section with an index.
#[derive(Debug)]
pub(super) struct Index {
    kind: Kind,
    arch: Arch,
    bytes: Vec<u8>,
    addr: u64,
    /// Start and end of code, and where its description lies; sorted.
    ranges: Vec<(u64, u64, usize)>,
}

impl Index {
    /// Indexes a section that is linked at `addr`. What cannot be understood ends the index.
    pub fn new(kind: Kind, arch: Arch, addr: u64, bytes: Vec<u8>) -> Index {
        let mut index = Index {
            kind,
            arch,
            bytes,
            addr,
            ranges: Vec::new(),
        };
        let bases = index.bases();
        let mut ranges = match kind {
            Kind::EhFrame => ranges(&index.eh_frame(), &bases),
            Kind::DebugFrame => ranges(&index.debug_frame(), &bases),
        };
        ranges.sort_unstable();
        index.ranges = ranges;
        index
    }

    fn bases(&self) -> BaseAddresses {
        BaseAddresses::default().set_eh_frame(self.addr)
    }

    fn eh_frame(&self) -> EhFrame<Slice<'_>> {
        let mut section = EhFrame::new(&self.bytes, LittleEndian);
        section.set_address_size(8);
        section.set_vendor(vendor(self.arch));
        section
    }

    fn debug_frame(&self) -> DebugFrame<Slice<'_>> {
        let mut section = DebugFrame::new(&self.bytes, LittleEndian);
        section.set_address_size(8);
        section.set_vendor(vendor(self.arch));
        section
    }

    /// What holds at `pc`, as linked.
    pub fn row(&self, pc: u64) -> Result<Row, FrameError> {
        let after = self.ranges.partition_point(|(start, ..)| *start <= pc);
        let (_, _, offset) = after
            .checked_sub(1)
            .and_then(|i| self.ranges.get(i))
            .filter(|(_, end, _)| pc < *end)
            .ok_or(FrameError::Uncovered)?;
        let bases = self.bases();
        match self.kind {
            Kind::EhFrame => row_at(&self.eh_frame(), &bases, (*offset).into(), pc),
            Kind::DebugFrame => row_at(&self.debug_frame(), &bases, (*offset).into(), pc),
        }
    }
}

fn ranges<'a, S: UnwindSection<Slice<'a>>>(
    section: &S,
    bases: &BaseAddresses,
) -> Vec<(u64, u64, usize)>
where
    S::Offset: std::hash::Hash,
{
    let mut cies = HashMap::new();
    let mut found = Vec::new();
    let mut entries = section.entries(bases);
    while let Ok(Some(entry)) = entries.next() {
        if found.len() >= MAX_ENTRIES {
            break;
        }
        let CieOrFde::Fde(partial) = entry else {
            continue;
        };
        let fde = partial.parse(|section, bases, offset| {
            if let Some(cie) = cies.get(&offset) {
                return Ok(gimli::CommonInformationEntry::clone(cie));
            }
            let cie = section.cie_from_offset(bases, offset)?;
            cies.insert(offset, cie.clone());
            Ok(cie)
        });
        if let Ok(fde) = fde
            && fde.initial_address() != 0
        {
            found.push((fde.initial_address(), fde.end_address(), fde.offset()));
        }
    }
    found
}
