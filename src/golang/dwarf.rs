//! The same offsets from the program's own DWARF, where it has any (`go build` without `-w`).
//!
//! Costs: inflating `.debug_info` dominates (it is zlib-compressed by default). Then only the
//! root entry of each compilation unit is read, until those named `runtime`; the linker puts
//! every type into one of them (cmd/link/internal/ld/dwarf.go). The Go compiler itself (37 MB,
//! 3 MB of compressed `.debug_info`) took 45 ms, a small server 5 ms.

use super::layout::{
    GLayout, LayoutSource, MLayout, PLayout, RuntimeLayout, SchedLayout, SudogLayout,
};
use super::roots::{AllgsRoot, DwarfRuntime};
use crate::ids::Addr;
use flate2::read::ZlibDecoder;
use gimli::{
    Abbreviations, AttributeSpecification, AttributeValue, DebugAbbrev, DebugInfo, EndianSlice,
    EntriesRaw, LittleEndian, UnitHeader, constants as dw,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Why DWARF did not tell the offsets.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DwarfError {
    /// A section's compression is unknown or broken, or it is larger than the limit.
    #[error("debug section cannot be inflated")]
    Compressed,
    /// It is not DWARF as we know it.
    #[error("debug information: {0}")]
    Malformed(gimli::Error),
    /// It says nothing of this type or field.
    #[error("debug information lacks {0}")]
    Missing(&'static str),
}

impl From<gimli::Error> for DwarfError {
    fn from(error: gimli::Error) -> DwarfError {
        DwarfError::Malformed(error)
    }
}

/// How a section is stored in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stored {
    /// As it is.
    Plain,
    /// With SHF_COMPRESSED: begins with an `Elf64_Chdr`.
    ElfCompressed,
    /// Named `.zdebug_*`: begins with "ZLIB" and a big-endian length.
    Zdebug,
}

/// The bytes of a debug section, inflated if need be.
///
/// # Errors
/// When it is compressed with anything but zlib and Zstandard, broken, or larger than `limit`
/// bytes.
pub fn inflate(bytes: &[u8], stored: Stored, limit: usize) -> Result<Cow<'_, [u8]>, DwarfError> {
    const ZLIB: [u8; 4] = 1u32.to_le_bytes();
    const ZSTD: [u8; 4] = 2u32.to_le_bytes();
    let is_zstd = stored == Stored::ElfCompressed && bytes.starts_with(&ZSTD);
    let (size, packed) = match stored {
        Stored::Plain => return Ok(Cow::Borrowed(bytes)),
        Stored::ElfCompressed if is_zstd || bytes.starts_with(&ZLIB) => (
            bytes
                .get(8..16)
                .and_then(|b| b.try_into().ok())
                .map(u64::from_le_bytes),
            bytes.get(24..),
        ),
        Stored::Zdebug if bytes.starts_with(b"ZLIB") => (
            bytes
                .get(4..12)
                .and_then(|b| b.try_into().ok())
                .map(u64::from_be_bytes),
            bytes.get(12..),
        ),
        _ => return Err(DwarfError::Compressed),
    };
    let size = size
        .and_then(|s| usize::try_from(s).ok())
        .filter(|&s| s <= limit);
    let (Some(size), Some(packed)) = (size, packed) else {
        return Err(DwarfError::Compressed);
    };
    // The size is the file's claim: memory grows only with what really comes out.
    let mut out = Vec::with_capacity(size.min(packed.len().saturating_mul(8)));
    let read = match is_zstd {
        true => zstd(packed, size, &mut out),
        false => ZlibDecoder::new(packed)
            .take(size as u64)
            .read_to_end(&mut out)
            .ok(),
    };
    match read {
        Some(n) if n == size => Ok(Cow::Owned(out)),
        _ => Err(DwarfError::Compressed),
    }
}

/// Zstandard (ELFCOMPRESS_ZSTD), at most `size` bytes of it.
fn zstd(packed: &[u8], size: usize, out: &mut Vec<u8>) -> Option<usize> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(packed).ok()?;
    decoder.take(size as u64).read_to_end(out).ok()
}

/// The structures that we want, and how their names end in [`Found`].
const STRUCTS: [&str; 6] = [
    "runtime.g",
    "runtime.m",
    "runtime.p",
    "runtime.gobuf",
    "runtime.schedt",
    "runtime.sudog",
];
/// The variables that we want.
const VARIABLES: [&str; 3] = ["runtime.allm", "runtime.allgptr", "runtime.allglen"];

#[derive(Default)]
struct Found {
    members: HashMap<&'static str, HashMap<Vec<u8>, u64>>,
    variables: HashMap<&'static str, Addr>,
}

impl Found {
    fn complete(&self) -> bool {
        self.members.len() == STRUCTS.len() && self.variables.len() == VARIABLES.len()
    }

    fn offset(&self, of: &'static str, field: &'static str) -> Result<u16, DwarfError> {
        self.optional(of, field).ok_or(DwarfError::Missing(field))
    }

    fn optional(&self, of: &'static str, field: &'static str) -> Option<u16> {
        let offset = *self.members.get(of)?.get(field.as_bytes())?;
        // Structures read whole: an offset beyond this would be no runtime that we know.
        u16::try_from(offset).ok().filter(|&o| o < 1 << 14)
    }
}

/// Reads the runtime's offsets and the link-time addresses of its variables from inflated
/// `.debug_info` and `.debug_abbrev`. `bias` is added to the addresses.
///
/// # Errors
/// When the sections are broken or lack a type.
pub fn read(info: &[u8], abbrev: &[u8], bias: u64) -> Result<DwarfRuntime, DwarfError> {
    let info = DebugInfo::from(EndianSlice::new(info, LittleEndian));
    let abbrevs = DebugAbbrev::from(EndianSlice::new(abbrev, LittleEndian));
    let mut found = Found::default();
    // Go's linker has one table of abbreviations for all its units.
    let mut known: Option<(gimli::DebugAbbrevOffset, Abbreviations)> = None;
    let mut units = info.units();
    while let Some(unit) = units.next()? {
        let at = unit.debug_abbrev_offset();
        if known.as_ref().is_none_or(|k| k.0 != at) {
            known = Some((at, unit.abbreviations(&abbrevs)?));
        }
        let Some((_, table)) = &known else { continue };
        if unit_name(&unit, table)? == Some(b"runtime") {
            walk(&unit, table, &mut found)?;
        }
        if found.complete() {
            break;
        }
    }
    build(&found, bias)
}

/// `DW_AT_name` of a unit's root entry.
fn unit_name<'a>(
    unit: &UnitHeader<Slice<'a>>,
    table: &Abbreviations,
) -> Result<Option<&'a [u8]>, DwarfError> {
    let mut entries = unit.entries_raw(table, None)?;
    let Some(root) = entries.read_abbreviation()? else {
        return Ok(None);
    };
    for &spec in root.attributes() {
        if let Some(name) = name(&mut entries, spec)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Reads an attribute; its value if it is a name within the entry, as Go writes them.
fn name<'a>(
    entries: &mut EntriesRaw<'_, Slice<'a>>,
    spec: AttributeSpecification,
) -> Result<Option<&'a [u8]>, DwarfError> {
    let attr = entries.read_attribute(spec)?;
    Ok(match (spec.name(), attr.raw_value()) {
        (dw::DW_AT_name, AttributeValue::String(s)) => Some(s.slice()),
        _ => None,
    })
}

/// Reads the entries of a unit, stepping over all but the structures and variables we want.
fn walk(
    unit: &UnitHeader<Slice<'_>>,
    table: &Abbreviations,
    found: &mut Found,
) -> Result<(), DwarfError> {
    let mut entries = unit.entries_raw(table, None)?;
    let mut inside: Option<(&'static str, isize)> = None;
    while !entries.is_empty() && (inside.is_some() || !found.complete()) {
        let depth = entries.next_depth();
        if inside.is_some_and(|(_, d)| depth <= d) {
            inside = None;
        }
        let Some(abbrev) = entries.read_abbreviation()? else {
            continue;
        };
        match (abbrev.tag(), inside) {
            (dw::DW_TAG_structure_type, _) => {
                if let (Some(name), _) = attributes(&mut entries, abbrev.attributes())?
                    && let Some(wanted) = wanted(&STRUCTS, name)
                {
                    found.members.entry(wanted).or_default();
                    inside = Some((wanted, depth));
                }
            }
            (dw::DW_TAG_member, Some((of, _))) => {
                if let (Some(name), Some(Value::Offset(at))) =
                    attributes(&mut entries, abbrev.attributes())?
                    && let Some(members) = found.members.get_mut(of)
                {
                    members.insert(name.to_vec(), at);
                }
            }
            (dw::DW_TAG_variable, _) if depth == 1 => {
                if let (Some(name), Some(Value::Address(at))) =
                    attributes(&mut entries, abbrev.attributes())?
                    && let Some(wanted) = wanted(&VARIABLES, name)
                {
                    found.variables.insert(wanted, at);
                }
            }
            _ => entries.skip_attributes(abbrev.attributes())?,
        }
    }
    Ok(())
}

fn wanted<const N: usize>(list: &[&'static str; N], name: &[u8]) -> Option<&'static str> {
    list.iter().find(|w| w.as_bytes() == name).copied()
}

/// Where an entry says that something is.
enum Value {
    Offset(u64),
    Address(Addr),
}

/// The name and place that an entry gives.
fn attributes<'a>(
    entries: &mut EntriesRaw<'_, Slice<'a>>,
    specs: &[AttributeSpecification],
) -> Result<(Option<&'a [u8]>, Option<Value>), DwarfError> {
    const OP_ADDR: u8 = dw::DW_OP_addr.0;
    let (mut name, mut value) = (None, None);
    for &spec in specs {
        let attr = entries.read_attribute(spec)?;
        match (spec.name(), attr.value()) {
            (dw::DW_AT_name, AttributeValue::String(s)) => name = Some(s.slice()),
            (dw::DW_AT_data_member_location, at) => {
                value = at.udata_value().map(Value::Offset);
            }
            (dw::DW_AT_location, AttributeValue::Exprloc(expr)) => {
                if let [OP_ADDR, addr @ ..] = expr.0.slice() {
                    let addr: Option<[u8; 8]> = addr.try_into().ok();
                    value = addr.map(|a| Value::Address(Addr(u64::from_le_bytes(a))));
                }
            }
            _ => {}
        }
    }
    Ok((name, value))
}

fn build(found: &Found, bias: u64) -> Result<DwarfRuntime, DwarfError> {
    let gobuf = |field| found.offset("runtime.gobuf", field);
    let g = |field| found.offset("runtime.g", field);
    let m = |field| found.offset("runtime.m", field);
    let p = |field| found.offset("runtime.p", field);
    let sched = |field| found.offset("runtime.schedt", field);
    let sudog = |field| found.offset("runtime.sudog", field);
    // From 1.26 on the addresses in a sudog have two words, of which the second counts.
    let words = (sudog("acquiretime")?.saturating_sub(sudog("elem")?)) / 8;
    let second = if words == 2 { 8 } else { 0 };
    let variable = |name| found.variables.get(name).map(|at: &Addr| at.add(bias));
    let layout = RuntimeLayout {
        source: LayoutSource::Dwarf,
        g: GLayout {
            stack: g("stack")?,
            m: g("m")?,
            sched_sp: g("sched")? + gobuf("sp")?,
            sched_pc: g("sched")? + gobuf("pc")?,
            sched_bp: g("sched")? + gobuf("bp")?,
            syscallsp: g("syscallsp")?,
            syscallpc: g("syscallpc")?,
            syscallbp: found.optional("runtime.g", "syscallbp"),
            atomicstatus: g("atomicstatus")?,
            goid: g("goid")?,
            waitsince: g("waitsince")?,
            waitreason: g("waitreason")?,
            lockedm: g("lockedm")?,
            parent_goid: found.optional("runtime.g", "parentGoid"),
            gopc: g("gopc")?,
            startpc: g("startpc")?,
            waiting: g("waiting")?,
            tracking_seq: found.optional("runtime.g", "trackingSeq"),
        },
        m: MLayout {
            g0: m("g0")?,
            procid: m("procid")?,
            gsignal: m("gsignal")?,
            curg: m("curg")?,
            p: m("p")?,
            oldp: m("oldp")?,
            id: m("id")?,
            incgo: m("incgo")?,
            isextra: found.optional("runtime.m", "isextra"),
            alllink: m("alllink")?,
            lockedg: m("lockedg")?,
            vdso_sp: m("vdsoSP")?,
            vdso_pc: m("vdsoPC")?,
            syscalltick: m("syscalltick")?,
        },
        p: PLayout {
            id: p("id")?,
            status: p("status")?,
            m: p("m")?,
            syscalltick: p("syscalltick")?,
        },
        sched: SchedLayout {
            midle: sched("midle")?,
            nmidle: sched("nmidle")?,
            mnext: sched("mnext")?,
        },
        sudog: SudogLayout {
            elem: sudog("elem")? + second,
            waitlink: sudog("waitlink")?,
            c: sudog("c")? + second,
        },
    };
    Ok(DwarfRuntime {
        layout,
        allm: variable("runtime.allm"),
        allgs: variable("runtime.allgptr")
            .zip(variable("runtime.allglen"))
            .map(|(ptr_at, len_at)| AllgsRoot { ptr_at, len_at }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_of_zlib_sections_are_inflated_and_no_more_than_the_limit() {
        use std::io::Write;
        let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        z.write_all(&[7; 1000]).unwrap();
        let packed = z.finish().unwrap();
        let mut elf = vec![1, 0, 0, 0, 0, 0, 0, 0];
        elf.extend(1000u64.to_le_bytes());
        elf.extend(1u64.to_le_bytes());
        elf.extend(&packed);
        let mut zdebug = b"ZLIB".to_vec();
        zdebug.extend(1000u64.to_be_bytes());
        zdebug.extend(&packed);
        for (bytes, stored) in [(&elf, Stored::ElfCompressed), (&zdebug, Stored::Zdebug)] {
            assert_eq!(inflate(bytes, stored, 1000).unwrap(), vec![7; 1000]);
            assert_eq!(inflate(bytes, stored, 999), Err(DwarfError::Compressed));
            let cut = &bytes[..bytes.len() - 8];
            assert_eq!(inflate(cut, stored, 1000), Err(DwarfError::Compressed));
        }
        assert_eq!(
            inflate(&[3; 40], Stored::ElfCompressed, 9),
            Err(DwarfError::Compressed)
        );
    }

    #[test]
    fn zstandard_sections_are_inflated_and_no_more_than_the_limit() {
        let content: Vec<u8> = (0..4000u32).map(|i| (i / 50) as u8).collect();
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let mut elf = vec![2, 0, 0, 0, 0, 0, 0, 0];
        elf.extend(4000u64.to_le_bytes());
        elf.extend(1u64.to_le_bytes());
        elf.extend(ruzstd::encoding::compress_to_vec(&*content, level));
        let inflated =
            |bytes: &[u8], limit| inflate(bytes, Stored::ElfCompressed, limit).map(Cow::into_owned);
        assert_eq!(inflated(&elf, 4000).unwrap(), content);
        assert_eq!(inflated(&elf, 3999), Err(DwarfError::Compressed));
        assert_eq!(inflated(&elf[..60], 4000), Err(DwarfError::Compressed));
        assert_eq!(inflated(&[2; 40], 9), Err(DwarfError::Compressed));
    }

    proptest! {
        #[test]
        fn arbitrary_sections_are_refused(
            info in proptest::collection::vec(any::<u8>(), 0..400),
            abbrev in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert!(read(&info, &abbrev, 0).is_err());
        }
    }
}
