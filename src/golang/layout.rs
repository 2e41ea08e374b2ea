//! Where the fields of `runtime.g`, `runtime.m`, `runtime.p` and `runtime.sched` lie, per Go
//! version. All offsets are in bytes, and are the same on amd64 and arm64 (measured).
//!
//! A row covers the releases named in it. Patch releases move fields too (1.24.3 and 1.24.11
//! differ), so a row says only where to look first: what reads through it is validated
//! (`roots`), and the minor version's other rows are tried before giving up.

use super::version::{GoVersion, Stage};
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError, MemoryErrorKind};

/// Offsets within `runtime.g` (runtime/runtime2.go).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GLayout {
    /// `stack.lo`, `stack.hi` is the next word.
    pub stack: u16,
    /// `m`, the M that runs it, 0 while it waits.
    pub m: u16,
    /// `sched.sp`, where it is parked.
    pub sched_sp: u16,
    /// `sched.pc`.
    pub sched_pc: u16,
    /// `sched.bp`.
    pub sched_bp: u16,
    /// `syscallsp`, not 0 while in a system or cgo call.
    pub syscallsp: u16,
    /// `syscallpc`.
    pub syscallpc: u16,
    /// `syscallbp`, from 1.23.
    pub syscallbp: Option<u16>,
    /// `atomicstatus`, 4 bytes.
    pub atomicstatus: u16,
    /// `goid`.
    pub goid: u16,
    /// `waitsince`, nanoseconds of CLOCK_MONOTONIC; 0 unless a GC has seen it wait.
    pub waitsince: u16,
    /// `waitreason`, 1 byte.
    pub waitreason: u16,
    /// `lockedm`.
    pub lockedm: u16,
    /// `parentGoid`, from 1.21.
    pub parent_goid: Option<u16>,
    /// `gopc`, the PC of its `go` statement.
    pub gopc: u16,
    /// `startpc`, the entry of its function.
    pub startpc: u16,
    /// `waiting`, the sudogs it waits on.
    pub waiting: u16,
    /// `trackingSeq`, 1 byte: counts how often it stopped running. Proves nothing where it is
    /// not quite here, and does no harm then (1.23.1 has it one byte before 1.23.9).
    pub tracking_seq: Option<u16>,
}

/// Offsets within `runtime.m` (runtime/runtime2.go).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MLayout {
    /// `g0`.
    pub g0: u16,
    /// `procid`, the thread id in the process's own PID namespace; 8 bytes.
    pub procid: u16,
    /// `gsignal`.
    pub gsignal: u16,
    /// `curg`.
    pub curg: u16,
    /// `p`.
    pub p: u16,
    /// `oldp`.
    pub oldp: u16,
    /// `id`, 8 bytes.
    pub id: u16,
    /// `incgo`, 1 byte.
    pub incgo: u16,
    /// `isextra`, 1 byte, from 1.21.
    pub isextra: Option<u16>,
    /// `alllink`, the next older M.
    pub alllink: u16,
    /// `lockedg`.
    pub lockedg: u16,
    /// `vdsoSP`.
    pub vdso_sp: u16,
    /// `vdsoPC`.
    pub vdso_pc: u16,
    /// `syscalltick`, 4 bytes: that of its P when it entered a system call.
    pub syscalltick: u16,
}

/// Offsets within `runtime.p` (runtime/runtime2.go).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PLayout {
    /// `id`, 4 bytes.
    pub id: u16,
    /// `status`, 4 bytes.
    pub status: u16,
    /// `m`.
    pub m: u16,
    /// `syscalltick`, 4 bytes: counts the system calls that ended with it or lost it.
    pub syscalltick: u16,
}

/// Offsets within `runtime.sched` (`schedt`, runtime/runtime2.go).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SchedLayout {
    /// `midle`, the idle M's, newest first.
    pub midle: u16,
    /// `nmidle`, 4 bytes.
    pub nmidle: u16,
    /// `mnext`, the number of M's made and the next id; 8 bytes.
    pub mnext: u16,
}

/// Offsets within `runtime.sudog` (runtime/runtime2.go). `g` comes first in every release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SudogLayout {
    /// The address in `elem`: of a semaphore, or of what is sent or received.
    pub elem: u16,
    /// `waitlink`, in a list of channels the next sudog of the same goroutine.
    pub waitlink: u16,
    /// The address in `c`, the channel.
    pub c: u16,
}

impl SudogLayout {
    /// As compiled with 1.19 to 1.25, and with 1.26 to 1.27, where `elem` and `c` have two words
    /// of which the second counts (`maybeTraceablePtr`).
    const fn of(minor: u16) -> SudogLayout {
        let (elem, waitlink, c) = match minor {
            ..26 => (24, 64, 80),
            _ => (32, 72, 96),
        };
        SudogLayout { elem, waitlink, c }
    }
}

/// Where a layout comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LayoutSource {
    /// Compiled with this release and read from its DWARF.
    Table(&'static str),
    /// Taken from a neighbouring release; never compared with the release itself.
    Inferred(&'static str),
    /// Read from the target's own DWARF.
    Dwarf,
}

/// All the offsets that we use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuntimeLayout {
    /// Where they come from.
    pub source: LayoutSource,
    /// `runtime.g`.
    pub g: GLayout,
    /// `runtime.m`.
    pub m: MLayout,
    /// `runtime.p`.
    pub p: PLayout,
    /// `runtime.sched`.
    pub sched: SchedLayout,
    /// `runtime.sudog`.
    pub sudog: SudogLayout,
}

/// A Go 1 release: minor and patch number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Release {
    /// 27 in go1.27.3.
    pub minor: u16,
    /// 3 in go1.27.3; 0 for go1.27, its betas and release candidates.
    pub patch: u16,
}

impl From<GoVersion> for Release {
    /// What comes before a release (devel, beta, rc) is taken as its first patch.
    fn from(version: GoVersion) -> Release {
        let patch = match version.stage {
            Stage::Release(patch) => patch,
            Stage::Devel | Stage::Beta(_) | Stage::Rc(_) => 0,
        };
        // There is no Go 2; its layout would be unknown.
        let minor = match version.major {
            1 => version.minor,
            _ => u16::MAX,
        };
        Release { minor, patch }
    }
}

/// No row for this version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("go1.{}: layout unknown; stacks only", .0.minor)]
pub struct UnknownLayout(pub Release);

/// One row: the releases from `first` on, up to the next row of the same minor version.
struct Row {
    first: Release,
    layout: RuntimeLayout,
}

impl RuntimeLayout {
    /// The layouts to try for a release, the likeliest first.
    ///
    /// # Errors
    /// When the table has no row of that minor version.
    pub fn candidates(release: Release) -> Result<Vec<RuntimeLayout>, UnknownLayout> {
        let mut rows: Vec<&Row> = ROWS
            .iter()
            .filter(|row| row.first.minor == release.minor)
            .collect();
        // The last row that begins at or before the release leads; the others follow.
        rows.sort_by_key(|row| {
            let before = row.first.patch <= release.patch;
            (!before, release.patch.abs_diff(row.first.patch))
        });
        match rows.is_empty() {
            true => Err(UnknownLayout(release)),
            false => Ok(rows.into_iter().map(|row| row.layout).collect()),
        }
    }

    /// How many leading bytes of a g hold all the fields above.
    #[must_use]
    pub fn g_span(&self) -> usize {
        let g = &self.g;
        let last = [
            g.stack + 8,
            g.m,
            g.sched_sp,
            g.sched_pc,
            g.sched_bp,
            g.syscallsp,
            g.syscallpc,
            g.syscallbp.unwrap_or(0),
            g.atomicstatus,
            g.goid,
            g.waitsince,
            g.waitreason,
            g.lockedm,
            g.parent_goid.unwrap_or(0),
            g.gopc,
            g.startpc,
            g.waiting,
            g.tracking_seq.unwrap_or(0),
        ];
        usize::from(last.into_iter().max().unwrap_or(0)) + 8
    }

    /// How many leading bytes of a p hold all the fields above.
    #[must_use]
    pub fn p_span(&self) -> usize {
        let p = &self.p;
        usize::from(p.id.max(p.status).max(p.m).max(p.syscalltick)) + 8
    }

    /// How many leading bytes of an m hold all the fields above.
    #[must_use]
    pub fn m_span(&self) -> usize {
        let m = &self.m;
        let last = [
            m.g0,
            m.procid,
            m.gsignal,
            m.curg,
            m.p,
            m.oldp,
            m.id,
            m.incgo,
            m.isextra.unwrap_or(0),
            m.alllink,
            m.lockedg,
            m.vdso_sp,
            m.vdso_pc,
            m.syscalltick,
        ];
        usize::from(last.into_iter().max().unwrap_or(0)) + 8
    }
}

/// The leading bytes of a structure in the target, read at once.
#[derive(Clone, Debug)]
pub struct Record {
    /// Where it lies.
    pub addr: Addr,
    bytes: Vec<u8>,
}

impl Record {
    /// Reads `span` bytes at `addr`.
    ///
    /// # Errors
    /// When they cannot all be read.
    pub fn read(mem: &dyn Memory, addr: Addr, span: usize) -> Result<Record, MemoryError> {
        let bytes = mem.bytes(addr, span)?;
        Ok(Record { addr, bytes })
    }

    /// Takes bytes that were read before as the structure at `addr`.
    #[must_use]
    pub fn of(addr: Addr, bytes: &[u8]) -> Record {
        let bytes = bytes.to_vec();
        Record { addr, bytes }
    }

    /// A field of `N` bytes.
    fn field<const N: usize>(&self, offset: u16) -> Result<[u8; N], MemoryError> {
        let at = usize::from(offset);
        self.bytes
            .get(at..at + N)
            .and_then(|b| b.try_into().ok())
            .ok_or(MemoryError {
                addr: self.addr.add(u64::from(offset)),
                len: N,
                kind: MemoryErrorKind::Unmapped,
            })
    }

    /// The byte at `offset`.
    ///
    /// # Errors
    /// When `offset` lies outside what was read; so for all of these.
    pub fn u8(&self, offset: u16) -> Result<u8, MemoryError> {
        Ok(self.field::<1>(offset)?[0])
    }

    /// The 4 bytes at `offset`.
    ///
    /// # Errors
    /// As [`Record::u8`].
    pub fn u32(&self, offset: u16) -> Result<u32, MemoryError> {
        self.field(offset).map(u32::from_le_bytes)
    }

    /// The 8 bytes at `offset`.
    ///
    /// # Errors
    /// As [`Record::u8`].
    pub fn u64(&self, offset: u16) -> Result<u64, MemoryError> {
        self.field(offset).map(u64::from_le_bytes)
    }

    /// The pointer at `offset`.
    ///
    /// # Errors
    /// As [`Record::u8`].
    pub fn ptr(&self, offset: u16) -> Result<Addr, MemoryError> {
        self.u64(offset).map(Addr)
    }
}

/// Rows are written in the order of the fields above.
#[allow(clippy::too_many_arguments)]
const fn row(
    minor: u16,
    patch: u16,
    source: LayoutSource,
    g: [u16; 18],
    m: [u16; 14],
    p: [u16; 4],
    sched: [u16; 3],
) -> Row {
    Row {
        first: Release { minor, patch },
        layout: RuntimeLayout {
            source,
            g: GLayout {
                stack: g[0],
                m: g[1],
                sched_sp: g[2],
                sched_pc: g[3],
                sched_bp: g[4],
                syscallsp: g[5],
                syscallpc: g[6],
                syscallbp: some(g[7]),
                atomicstatus: g[8],
                goid: g[9],
                waitsince: g[10],
                waitreason: g[11],
                lockedm: g[12],
                parent_goid: some(g[13]),
                gopc: g[14],
                startpc: g[15],
                waiting: g[16],
                tracking_seq: some(g[17]),
            },
            m: MLayout {
                g0: m[0],
                procid: m[1],
                gsignal: m[2],
                curg: m[3],
                p: m[4],
                oldp: m[5],
                id: m[6],
                incgo: m[7],
                isextra: some(m[8]),
                alllink: m[9],
                lockedg: m[10],
                vdso_sp: m[11],
                vdso_pc: m[12],
                syscalltick: m[13],
            },
            p: PLayout {
                id: p[0],
                status: p[1],
                m: p[2],
                syscalltick: p[3],
            },
            sched: SchedLayout {
                midle: sched[0],
                nmidle: sched[1],
                mnext: sched[2],
            },
            sudog: SudogLayout::of(minor),
        },
    }
}

/// Marks a field that a release does not have. No optional field lies at offset 0.
const NONE: u16 = 0;

const fn some(offset: u16) -> Option<u16> {
    match offset {
        NONE => None,
        offset => Some(offset),
    }
}

use LayoutSource::{Inferred, Table};

/// Every row was taken from the DWARF of a program built with the release named, where
/// `runtime/runtime2.go` declares the types. That file is the same in 1.25.0 and 1.25.5, 1.26.0
/// and 1.26.6, 1.27.0 and 1.27.3; from 1.23.1 to 1.23.9 it gained one bool, in padding. 1.20
/// stands between 1.19 and 1.21, whose leading fields agree, and is unproven.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(19, 0, Table("go1.19.8 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, NONE, 144, 152, 168, 176, 232, NONE, 296, 312, 328, 189],
        [0, 72, 80, 192, 208, 224, 232, 280, NONE, 336, 352, 800, 808, 668], [0, 4, 56, 20], [32, 40, 48]),
    row(20, 0, Inferred("go1.19.8 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, NONE, 144, 152, 168, 176, 232, NONE, 296, 312, 328, 189],
        [0, 72, 80, 192, 208, 224, 232, 280, NONE, 336, 352, 800, 808, 668], [0, 4, 56, 20], [32, 40, 48]),
    row(21, 0, Table("go1.21.13 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, NONE, 144, 152, 168, 176, 208, 272, 280, 296, 312, 188],
        [0, 72, 80, 192, 208, 224, 232, 280, 281, 336, 352, 808, 816, 664], [0, 4, 56, 20], [32, 40, 48]),
    row(22, 0, Table("go1.22.10 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, NONE, 144, 152, 168, 176, 208, 272, 280, 296, 312, 191],
        [0, 72, 80, 192, 208, 224, 232, 280, 281, 328, 344, 1120, 1128, 952], [0, 4, 56, 20], [32, 40, 48]),
    row(23, 0, Table("go1.23.1 and go1.23.9 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, 128, 152, 160, 176, 184, 216, 280, 288, 304, 320, 199],
        [0, 72, 80, 192, 208, 224, 232, 280, 281, 328, 344, 856, 864, 740], [0, 4, 48, 20], [32, 40, 48]),
    row(24, 0, Table("go1.24.3 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, 128, 152, 160, 176, 184, 216, 280, 288, 304, 320, 199],
        [0, 72, 80, 192, 208, 224, 232, 280, 281, 328, 344, 880, 888, 740], [0, 4, 48, 20], [32, 40, 48]),
    // m.allpSnapshot came after 1.24.3 and no later than 1.24.11: validation decides in between.
    row(24, 4, Table("go1.24.11 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 104, 112, 120, 128, 152, 160, 176, 184, 216, 280, 288, 304, 320, 199],
        [0, 72, 80, 192, 208, 224, 232, 280, 281, 352, 368, 904, 912, 764], [0, 4, 48, 20], [32, 40, 48]),
    row(25, 0, Table("go1.25.5 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 96, 104, 112, 120, 144, 152, 168, 176, 208, 272, 280, 296, 312, 191],
        [0, 64, 72, 184, 200, 216, 224, 272, 273, 344, 360, 896, 904, 756], [0, 4, 48, 20], [40, 48, 56]),
    row(26, 0, Table("go1.26.6 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 96, 104, 112, 120, 144, 152, 168, 176, 208, 280, 288, 304, 320, 191],
        [0, 64, 72, 184, 208, 224, 232, 280, 281, 352, 384, 896, 904, 788], [0, 4, 48, 20], [40, 64, 72]),
    row(27, 0, Table("go1.27.3 src/runtime/runtime2.go"),
        [0, 48, 56, 64, 96, 104, 112, 120, 144, 152, 168, 176, 208, 280, 288, 304, 320, 191],
        [0, 64, 72, 184, 208, 224, 232, 280, 281, 352, 384, 896, 904, 788], [0, 4, 48, 20], [40, 64, 72]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn alllinks(minor: u16, patch: u16) -> Vec<u16> {
        RuntimeLayout::candidates(Release { minor, patch })
            .unwrap()
            .iter()
            .map(|l| l.m.alllink)
            .collect()
    }

    #[test]
    fn a_patch_release_tries_its_own_row_first_and_the_others_after() {
        assert_eq!(alllinks(24, 3), [328, 352]);
        assert_eq!(alllinks(24, 11), [352, 328]);
        assert_eq!(alllinks(27, 3), [352]);
    }

    #[test]
    fn a_version_without_a_row_says_so() {
        let release = Release {
            minor: 28,
            patch: 0,
        };
        let err = RuntimeLayout::candidates(release).unwrap_err();
        assert_eq!(err.to_string(), "go1.28: layout unknown; stacks only");
        assert!(
            RuntimeLayout::candidates(Release {
                minor: 18,
                patch: 9
            })
            .is_err()
        );
    }

    #[test]
    fn spans_hold_the_last_field_and_stay_within_one_small_read() {
        for row in ROWS {
            assert!(row.layout.g_span() > usize::from(row.layout.g.waiting));
            assert!(row.layout.g_span() <= 456);
            assert!(row.layout.m_span() <= 2048);
            assert!(row.layout.g.stack == 0 && row.layout.m.g0 == 0);
        }
    }
}
