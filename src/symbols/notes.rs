//! What the notes of an ELF file tell: who built it, and which build it is.

use super::elf::{ElfFacts, Section};
use crate::ids::Addr;
use crate::memory::Memory;
use std::ops::Range;

/// Bytes of notes that are read.
const MAX_NOTES: u64 = 1 << 16;
/// Longest name of a debug file that is believed (NAME_MAX).
const MAX_LINK: u64 = 256 + 8;
/// Where Go's tables and its build info lie; not all linkers name all of them.
const GO_SECTIONS: [&str; 4] = [
    ".gopclntab",
    ".data.rel.ro.gopclntab",
    ".go.buildinfo",
    ".note.go.buildid",
];

/// What a stripped file says of the one with its debug data (`.gnu_debuglink`; GDB manual,
/// "Separate Debug Files").
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DebugLink {
    /// Its name, without directories.
    pub name: String,
    /// The CRC-32 of its contents.
    pub crc: u32,
}

impl ElfFacts {
    /// Whether its headers name anything of Go's: a section, or the note with the Go build id,
    /// which stays where sections are renamed. `file` is the file, addressed by offset.
    #[must_use]
    pub fn names_go(&self, file: &dyn Memory) -> bool {
        const NT_GO_BUILD_ID: u32 = 4;
        GO_SECTIONS.iter().any(|n| self.section(n).is_some())
            || self.note(file, b"Go\0\0", NT_GO_BUILD_ID).is_some()
    }

    /// Whether there may be Go in it: without sections it may be anything, packed things too.
    #[must_use]
    pub fn may_hold_go(&self, file: &dyn Memory) -> bool {
        self.sections.is_empty() || self.names_go(file)
    }

    /// Which build of which program it is: the linker's own number for it; empty is none.
    #[must_use]
    pub fn build_id(&self, file: &dyn Memory) -> Option<Vec<u8>> {
        const NT_GNU_BUILD_ID: u32 = 3;
        let id = self.note(file, b"GNU\0", NT_GNU_BUILD_ID)?;
        (id.len() > 1).then_some(id)
    }

    /// The file with its debug data.
    #[must_use]
    pub fn debug_link(&self, file: &dyn Memory) -> Option<DebugLink> {
        let section = self.section(".gnu_debuglink")?;
        let size = Some(section.size).filter(|size| *size <= MAX_LINK)?;
        let bytes = file.bytes(Addr(section.offset), size as usize).ok()?;
        let end = bytes.iter().position(|b| *b == 0)?;
        let name = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let crc = bytes.get((end + 1).next_multiple_of(4)..)?.first_chunk()?;
        // A name, not a path: it comes from a file that is not ours.
        let is_name = !name.is_empty() && !name.contains('/') && name != "..";
        is_name.then(|| DebugLink {
            name: name.to_owned(),
            crc: u32::from_le_bytes(*crc),
        })
    }

    /// What the note of this owner and type holds. The segments have them where sections are
    /// gone, and the sections where a file of debug data has nothing in its segments.
    fn note(&self, file: &dyn Memory, owner: &[u8; 4], kind: u32) -> Option<Vec<u8>> {
        const SHT_NOTE: u32 = 7;
        let segments = self
            .notes
            .iter()
            .map(|n| n.offset..end(n.offset, n.file_size));
        let of_section = |s: &Section| s.offset..end(s.offset, s.size);
        let sections = self.sections.iter().filter(|s| s.kind == SHT_NOTE);
        segments
            .chain(sections.map(of_section))
            .find_map(|range| find_note(file, range, owner, kind))
    }
}

fn end(offset: u64, size: u64) -> u64 {
    offset.saturating_add(size.min(MAX_NOTES))
}

fn find_note(file: &dyn Memory, range: Range<u64>, owner: &[u8; 4], kind: u32) -> Option<Vec<u8>> {
    let bytes = file.bytes(Addr(range.start), (range.end - range.start) as usize);
    let bytes = bytes.ok()?;
    let mut rest = bytes.as_slice();
    while let Some((head, after)) = rest.split_first_chunk::<12>() {
        let word = |i: usize| {
            head[i..]
                .first_chunk()
                .map_or(0, |b| u32::from_le_bytes(*b))
        };
        let (name_len, len) = (word(0) as usize, word(4) as usize);
        let name = after.get(..name_len)?;
        let content = after.get(name_len.next_multiple_of(4)..)?;
        if name == owner && word(8) == kind {
            return content.get(..len).map(<[u8]>::to_vec);
        }
        rest = content.get(len.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;
    use crate::symbols::{Machine, Segment};
    use proptest::prelude::*;

    fn note(owner: &[u8], kind: u32, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend((owner.len() as u32).to_le_bytes());
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        for part in [owner, content] {
            bytes.extend(part);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    fn facts(notes: u64, sections: Vec<Section>) -> ElfFacts {
        ElfFacts {
            is_64: true,
            machine: Machine::X86_64,
            is_pie: false,
            entry: Addr(0),
            segments: Vec::new(),
            eh_frame_hdr: None,
            notes: vec![Segment {
                addr: Addr(0),
                offset: 16,
                file_size: notes,
                size: notes,
                flags: 4,
            }],
            sections,
        }
    }

    fn section(name: &str, kind: u32, offset: u64, size: u64) -> Section {
        Section {
            name: name.to_owned(),
            kind,
            addr: Addr(0),
            offset,
            size,
            flags: 0,
            link: 0,
            entry_size: 0,
        }
    }

    fn file(content: &[u8]) -> Segments {
        let mut bytes = vec![0xaa; 16];
        bytes.extend(content);
        let mut file = Segments::new();
        file.map(Addr(0), bytes);
        file
    }

    #[test]
    fn notes_tell_the_build_and_who_built_it() {
        let mut notes = note(b"GNU\0", 3, &[1, 2, 3, 4, 5]);
        let gnu = notes.len() as u64;
        notes.extend(note(b"Go\0\0", 4, b"id/of/go"));
        let file = file(&notes);
        let both = facts(notes.len() as u64, vec![section(".text", 1, 0, 0)]);
        assert_eq!(both.build_id(&file), Some(vec![1, 2, 3, 4, 5]));
        assert!(both.names_go(&file) && both.may_hold_go(&file));
        let c = facts(gnu, vec![section(".text", 1, 0, 0)]);
        assert!(!c.names_go(&file) && !c.may_hold_go(&file));
        let named = facts(gnu, vec![section(".go.buildinfo", 1, 0, 0)]);
        assert!(named.names_go(&file));
        let bare = facts(gnu, Vec::new());
        assert!(!bare.names_go(&file) && bare.may_hold_go(&file));
        let of_section = vec![section(".note.gnu.build-id", 7, 16, gnu)];
        assert_eq!(facts(0, of_section).build_id(&file).unwrap().len(), 5);
    }

    #[test]
    fn a_debug_link_is_a_name_with_a_checksum() {
        let link = |content: &[u8]| {
            let section = section(".gnu_debuglink", 1, 16, content.len() as u64);
            facts(0, vec![section]).debug_link(&file(content))
        };
        let good = link(b"lib.so.debug\0\0\0\0\x78\x56\x34\x12").unwrap();
        assert_eq!((&*good.name, good.crc), ("lib.so.debug", 0x1234_5678));
        for bad in [
            &b""[..],
            b"\0\0\0\0\x78\x56\x34\x12",
            b"../secret\0\0\0\x78\x56\x34\x12",
            b"..\0\0\x78\x56\x34\x12",
            b"no end",
            b"abc\0\x78\x56",
        ] {
            assert_eq!(link(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn hostile_notes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let facts = facts(bytes.len() as u64, Vec::new());
            let file = file(&bytes);
            let _ = (facts.build_id(&file), facts.names_go(&file));
        }
    }
}
