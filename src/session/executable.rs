//! Where a process's own file is mapped, for what is looked at away from here.

use crate::event::Executable;
use crate::ids::{Addr, Pid};
use crate::symbols::ElfFacts;
use crate::sys::image::ImageFile;
use crate::sys::procfs;

/// The code of a process's executable; `None`: it could not be read.
pub(super) fn of(pid: Pid) -> Option<Executable> {
    let own = procfs::exe_link(pid)?;
    let maps = procfs::maps(pid).ok()?;
    let code = maps.iter().find(|m| m.exec && m.path.as_bytes() == own)?;
    Some(Executable {
        path: code.path.as_str().into(),
        start: Addr(code.range.start),
        end: Addr(code.range.end),
        offset: code.offset,
        build_id: build_id(pid),
    })
}

fn build_id(pid: Pid) -> Option<std::sync::Arc<str>> {
    let file = ImageFile::open(&procfs::exe(pid)).ok()?.by_offset().ok()?;
    let id = ElfFacts::read(&file).ok()?.build_id(&file)?;
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(digits.into())
}
