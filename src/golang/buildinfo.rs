//! The build info that the Go linker puts at the start of the data segment
//! (debug/buildinfo/buildinfo.go, cmd/link/internal/ld/data.go `buildinfo`).

use super::module_scan::{BUDGET, Region, scan};
use super::version::GoVersion;
use crate::ids::Addr;
use crate::memory::Memory;
use std::ops::ControlFlow;

const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
const ALIGN: usize = 16;
const HEADER: u64 = 32;
/// Longest version string that is believed.
const MAX_VERSION: u64 = 256;
/// Longest module information that is believed.
const MAX_MODULES: u64 = 4 << 20;

/// What the linker wrote about the build.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildInfo {
    /// The version as written, experiments included: `go1.24.3 X:foo`.
    pub version_text: String,
    /// The same, understood.
    pub version: GoVersion,
    /// Main module, dependencies and build settings, a line each; empty where absent.
    pub modules: String,
}

impl BuildInfo {
    /// Looks for build info at `hint` (the `.go.buildinfo` section), else in the mappings,
    /// writable ones first: that is where the linker puts it.
    pub fn find(
        memory: &(impl Memory + ?Sized),
        regions: &[Region],
        hint: Option<Addr>,
    ) -> Option<BuildInfo> {
        if let Some(info) = hint.and_then(|at| BuildInfo::read(memory, at)) {
            return Some(info);
        }
        let data = |write: bool| {
            regions
                .iter()
                .copied()
                .filter(move |r| !r.exec && r.write == write)
        };
        let mut budget = BUDGET;
        scan(
            memory,
            data(true).chain(data(false)),
            &mut budget,
            |base, bytes| {
                let hits = bytes.chunks(ALIGN).enumerate();
                for (i, _) in hits.filter(|(_, b)| b.starts_with(MAGIC)) {
                    let at = base.add((i * ALIGN) as u64);
                    if let Some(info) = BuildInfo::read(memory, at) {
                        return ControlFlow::Break(info);
                    }
                }
                ControlFlow::Continue(())
            },
        )
    }

    /// The build info at `at`; `None` where there is none.
    pub fn read(memory: &(impl Memory + ?Sized), at: Addr) -> Option<BuildInfo> {
        let mut header = [0; HEADER as usize];
        memory.read(at, &mut header).ok()?;
        if &header[..14] != MAGIC {
            return None;
        }
        const INLINE: u8 = 2;
        const BIG_ENDIAN: u8 = 1;
        let (version_text, modules) = match header[15] {
            flags if flags & INLINE != 0 => {
                let (version, next) = inline_string(memory, at.add(HEADER), MAX_VERSION)?;
                let modules = inline_string(memory, next, MAX_MODULES);
                (version, modules.map(|m| m.0))
            }
            flags if flags & BIG_ENDIAN != 0 || header[14] != 8 => return None,
            // Before 1.18: two pointers to string headers.
            _ => {
                let version = go_string(memory, memory.ptr(at.add(16)).ok()?, MAX_VERSION)?;
                let modules = memory
                    .ptr(at.add(24))
                    .ok()
                    .and_then(|p| go_string(memory, p, MAX_MODULES));
                (version, modules)
            }
        };
        let version_text = String::from_utf8(version_text).ok()?;
        Some(BuildInfo {
            version: GoVersion::parse(&version_text)?,
            version_text,
            modules: modules.map_or_else(String::new, |m| module_text(&m)),
        })
    }
}

/// The text between the two 16-byte marks around it (cmd/go/internal/modload/build.go).
fn module_text(raw: &[u8]) -> String {
    let inner = match raw.len() {
        33.. if raw[raw.len() - 17] == b'\n' => &raw[16..raw.len() - 16],
        _ => &[],
    };
    String::from_utf8_lossy(inner).into_owned()
}

/// A string behind its length as an unsigned varint, and the address behind it.
fn inline_string(memory: &(impl Memory + ?Sized), at: Addr, max: u64) -> Option<(Vec<u8>, Addr)> {
    let mut len = 0u64;
    for i in 0..5 {
        let byte = memory.u8(at.add(i)).ok()?;
        len |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            let start = at.add(i + 1);
            let text = (len <= max).then(|| memory.bytes(start, len as usize))?;
            return Some((text.ok()?, start.add(len)));
        }
    }
    None
}

/// The string whose header is at `at`.
fn go_string(memory: &(impl Memory + ?Sized), at: Addr, max: u64) -> Option<Vec<u8>> {
    let data = memory.ptr(at).ok()?;
    let len = memory.u64(at.add(8)).ok()?;
    (len <= max).then(|| memory.bytes(data, len as usize).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    fn region(start: u64, len: u64) -> Region {
        Region {
            start: Addr(start),
            end: Addr(start + len),
            read: true,
            write: true,
            exec: false,
        }
    }

    fn inline(version: &[u8]) -> Vec<u8> {
        let mut b = vec![0; 48];
        b.extend_from_slice(MAGIC);
        b.extend_from_slice(&[8, 2]);
        b.extend_from_slice(&[0; 16]);
        b.push(version.len() as u8);
        b.extend_from_slice(version);
        b.push(0);
        b.resize(4096, 0);
        b
    }

    #[test]
    fn inline_build_info_is_found_by_scanning() {
        let mut m = Segments::new();
        m.map(Addr(0x1000), inline(b"go1.27.3"));
        let info = BuildInfo::find(&m, &[region(0x1000, 0x1000)], None);
        assert_eq!(info.map(|i| i.version), Some(GoVersion::new(1, 27, 3)));
    }

    #[test]
    fn pointer_build_info_is_read() {
        let mut b = inline(b"");
        b[48 + 15] = 0;
        b[48 + 16..48 + 24].copy_from_slice(&0x1100u64.to_le_bytes());
        b[0x100..0x108].copy_from_slice(&0x1200u64.to_le_bytes());
        b[0x108..0x110].copy_from_slice(&8u64.to_le_bytes());
        b[0x200..0x208].copy_from_slice(b"go1.16.5");
        let mut m = Segments::new();
        m.map(Addr(0x1000), b);
        let info = BuildInfo::read(&m, Addr(0x1030));
        assert_eq!(info.map(|i| i.version_text).as_deref(), Some("go1.16.5"));
    }

    #[test]
    fn the_magic_alone_is_not_build_info() {
        let mut m = Segments::new();
        m.map(Addr(0x1000), inline(b"hello"));
        assert_eq!(BuildInfo::find(&m, &[region(0x1000, 0x1000)], None), None);
        let mut huge = inline(b"go1.21.0");
        huge[48 + 32..48 + 37].fill(0xff);
        let mut m = Segments::new();
        m.map(Addr(0x1000), huge);
        assert_eq!(BuildInfo::read(&m, Addr(0x1030)), None);
    }
}
