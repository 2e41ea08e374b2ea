//! Where the fields of `runtime.moduledata` lie, per Go release, and the slices it holds.

use super::version::GoVersion;
use crate::ids::Addr;

/// Offsets of the fields that moved; all others are the same from 1.18 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// `end`, end of the data.
    pub end: usize,
    /// `types`.
    pub types: usize,
    /// `etypes`.
    pub etypes: usize,
    /// `gofunc`, what funcdata offsets count from.
    pub gofunc: usize,
    /// `textsectmap`.
    pub textsectmap: usize,
    /// `pluginpath`.
    pub pluginpath: usize,
    /// `next`, the next module; the last field, but for 1.20 and before.
    pub next: usize,
}

/// Rows of (first release, layout), latest first. Source: runtime/symtab.go of each.
const LAYOUTS: [(GoVersion, Layout); 6] = [
    (
        GoVersion::new(1, 27, 0),
        layout(272, 296, 312, 344, 360, 408, 560),
    ),
    (
        GoVersion::new(1, 26, 0),
        layout(272, 296, 304, 320, 336, 432, 584),
    ),
    (
        GoVersion::new(1, 23, 0),
        layout(272, 296, 304, 320, 328, 424, 576),
    ),
    (
        GoVersion::new(1, 21, 0),
        layout(272, 296, 304, 320, 328, 424, 584),
    ),
    (
        GoVersion::new(1, 20, 0),
        layout(272, 296, 304, 320, 328, 424, 560),
    ),
    (
        GoVersion::new(1, 18, 0),
        layout(256, 280, 288, 304, 312, 408, 544),
    ),
];

const fn layout(
    end: usize,
    types: usize,
    etypes: usize,
    gofunc: usize,
    textsectmap: usize,
    pluginpath: usize,
    next: usize,
) -> Layout {
    Layout {
        end,
        types,
        etypes,
        gofunc,
        textsectmap,
        pluginpath,
        next,
    }
}

impl Layout {
    /// Whether the fields that moved can be what they should be, given what is in them.
    #[must_use]
    pub fn fits(&self, raw: &Raw<'_>) -> bool {
        const FIRST_PAGE: u64 = 4096;
        let gofunc = raw.word(self.gofunc);
        raw.word(self.types) <= raw.word(self.etypes) && (gofunc == 0 || gofunc >= FIRST_PAGE)
    }
}

/// Bytes of moduledata that hold every field that is read, in any release.
pub const SIZE: usize = 592;

/// Field offsets that are the same from 1.18 to 1.27 (runtime/symtab.go).
pub mod fixed {
    /// `funcnametab`.
    pub const FUNCNAMETAB: usize = 8;
    /// `cutab`.
    pub const CUTAB: usize = 32;
    /// `filetab`.
    pub const FILETAB: usize = 56;
    /// `pctab`.
    pub const PCTAB: usize = 80;
    /// `pclntable`.
    pub const PCLNTABLE: usize = 104;
    /// `ftab`.
    pub const FTAB: usize = 128;
    /// `findfunctab`.
    pub const FINDFUNCTAB: usize = 152;
    /// `minpc`, then `maxpc`, `text`, `etext`.
    pub const MINPC: usize = 160;
    /// `noptrdata` and the three other data ranges in pairs of start and end.
    pub const NOPTRDATA: usize = 192;
}

/// A Go slice or string header: where and how many elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Slice {
    /// First element.
    pub addr: Addr,
    /// Number of elements.
    pub len: u64,
}

/// The bytes of a moduledata.
pub struct Raw<'a>(pub &'a [u8]);

impl Raw<'_> {
    /// The word at `offset`, 0 beyond the end (such an offset is a bug in the table).
    #[must_use]
    pub fn word(&self, offset: usize) -> u64 {
        self.0
            .get(offset..)
            .and_then(|b| b.first_chunk())
            .map_or(0, |b| u64::from_le_bytes(*b))
    }

    /// The address at `offset`.
    #[must_use]
    pub fn addr(&self, offset: usize) -> Addr {
        Addr(self.word(offset))
    }

    /// The slice header at `offset`.
    #[must_use]
    pub fn slice(&self, offset: usize) -> Slice {
        Slice {
            addr: self.addr(offset),
            len: self.word(offset + 8),
        }
    }
}

/// The layout of this release; `None` before 1.18.
#[must_use]
pub fn for_version(version: GoVersion) -> Option<Layout> {
    let row = LAYOUTS
        .iter()
        .find(|(first, _)| version.at_least(first.major, first.minor));
    row.map(|(_, layout)| *layout)
}

/// The layout of a binary without build info, told from the data: the table's magic parts
/// 1.18 from 1.20, an absent text start tells 1.26, a size where an end would be tells 1.27.
/// From 1.20 to 1.25 only `next` differs.
#[must_use]
pub fn guess(magic_118: bool, text_start_absent: bool, raw: &Raw<'_>) -> Layout {
    let row = if magic_118 {
        5
    } else if !text_start_absent {
        2
    } else if raw.word(304) < raw.word(296) {
        0
    } else {
        1
    };
    LAYOUTS[row].1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `print &'runtime.firstmoduledata'.next` in gdb, of a program of each release.
    #[test]
    fn the_next_module_is_where_each_release_has_it() {
        let measured = [
            (19, 8, 544),
            (21, 13, 584),
            (22, 10, 584),
            (23, 9, 576),
            (24, 11, 576),
            (25, 5, 576),
            (26, 6, 584),
            (27, 3, 560),
        ];
        for (minor, patch, next) in measured {
            let layout = for_version(GoVersion::new(1, minor, patch)).unwrap();
            assert_eq!(layout.next, next, "1.{minor}.{patch}");
            assert!(layout.next + 8 <= SIZE);
        }
        assert_eq!(for_version(GoVersion::new(1, 17, 0)), None);
    }

    #[test]
    fn the_layouts_of_1_26_and_1_27_are_told_apart_by_what_is_in_them() {
        let layout = |minor| for_version(GoVersion::new(1, minor, 0)).unwrap();
        let filled = |fields: &[(usize, u64)]| {
            let mut bytes = vec![0; SIZE];
            for (at, word) in fields {
                bytes[*at..*at + 8].copy_from_slice(&word.to_le_bytes());
            }
            bytes
        };
        // types, typedesclen, etypes; gofunc.
        let of_27 = filled(&[
            (296, 0x50_0000),
            (304, 0x8000),
            (312, 0x51_0000),
            (344, 0x52_0000),
        ]);
        // types, etypes, rodata, gofunc; the length of textsectmap.
        let of_26 = filled(&[
            (296, 0x50_0000),
            (304, 0x51_0000),
            (312, 0x4f_0000),
            (320, 0x52_0000),
            (344, 1),
        ]);
        assert!(layout(27).fits(&Raw(&of_27)) && !layout(26).fits(&Raw(&of_27)));
        assert!(layout(26).fits(&Raw(&of_26)) && !layout(27).fits(&Raw(&of_26)));
    }
}
