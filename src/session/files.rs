//! The files that are mapped into a process, and those with their debug data.

use crate::ids::Tid;
use crate::symbols::ElfFacts;
use crate::sys::image::ImageFile;
use crate::sys::procfs::Mapping;
use std::path::{Path, PathBuf};

/// Where distributions put debug data (GDB manual, "Separate Debug Files").
const DEBUG_DIR: &str = "/usr/lib/debug";

/// The path of a mapped file, as the process had it when the file was still there.
pub(super) fn path(mapping: &Mapping) -> &str {
    let path = mapping.path.as_str();
    path.strip_suffix(" (deleted)").unwrap_or(path)
}

/// The very file that is mapped, addressed by offset: by its mapping, which needs privileges
/// (proc(5), /proc/pid/map_files), or by its path if that still leads to it.
pub(super) fn open(tid: Tid, mapping: &Mapping) -> Option<ImageFile> {
    let inode: u64 = mapping.file.split(' ').next_back()?.parse().ok()?;
    if inode == 0 {
        return None;
    }
    let range = &mapping.range;
    let places = [
        format!("/proc/{tid}/map_files/{:x}-{:x}", range.start, range.end),
        format!("/proc/{tid}/root{}", mapping.path),
        format!("/proc/{tid}/exe"),
    ];
    places.into_iter().find_map(|place| {
        let file = ImageFile::open(&PathBuf::from(place)).ok()?;
        (file.inode().ok()? == inode)
            .then(|| file.by_offset())?
            .ok()
    })
}

/// The debug data that was split from a mapped file: where its build id or its debug link leads
/// to, in the process's root directory or in ours, and only if it is of that very build.
pub(super) fn open_debug(tid: Tid, mapping: &Mapping) -> Option<ImageFile> {
    let stripped = open(tid, mapping)?;
    let facts = ElfFacts::read(&stripped).ok()?;
    let build_id = facts.build_id(&stripped);
    let link = facts.debug_link(&stripped);
    let mut places = Vec::new();
    if let Some((first, rest)) = build_id.as_ref().and_then(|id| id.split_first()) {
        let rest: String = rest.iter().map(|b| format!("{b:02x}")).collect();
        places.push(format!("{DEBUG_DIR}/.build-id/{first:02x}/{rest}.debug"));
    }
    if let Some(link) = &link {
        let dir = Path::new(path(mapping)).parent()?.to_str()?;
        let name = &link.name;
        places.push(format!("{dir}/{name}"));
        places.push(format!("{dir}/.debug/{name}"));
        places.push(format!("{DEBUG_DIR}{dir}/{name}"));
    }
    let roots = [format!("/proc/{tid}/root"), String::new()];
    let all = roots
        .iter()
        .flat_map(|root| places.iter().map(move |place| format!("{root}{place}")));
    all.into_iter().find_map(|place| {
        let file = ImageFile::open(Path::new(&place)).ok()?.by_offset().ok()?;
        let found = ElfFacts::read(&file).ok()?;
        let same = match (&build_id, found.build_id(&file)) {
            (Some(ours), Some(theirs)) => *ours == theirs,
            _ => link
                .as_ref()
                .is_some_and(|l| file.crc().ok() == Some(l.crc)),
        };
        same.then_some(file)
    })
}
