//! Which of the mapped files Go is in: the executable, else a shared object (`-buildmode=c-shared`).

use super::elf::{Elf, region};
use crate::golang::{Hints, LoadError, NotFound, Program};
use crate::ids::{Pid, Tid};
use crate::sys::memory::ProcessMemory;
use crate::sys::procfs::Mapping;
use std::collections::HashSet;
use std::sync::Arc;

/// A Go program, and the file that it is in.
pub(super) struct Found {
    pub program: Program,
    pub elf: Option<Elf>,
    /// It is in a shared object.
    pub is_library: bool,
}

/// What a search has come to.
#[derive(Debug, Default)]
pub struct Search {
    /// Files without Go, by device and inode.
    without: HashSet<String>,
    /// A file claims to have Go in it that could not be read: the process may be about to
    /// set it up.
    pub is_pending: bool,
}

impl Search {
    /// Looks for a Go program. Of files that were looked at before nothing is read again.
    ///
    /// # Errors
    /// Why there is none that can be read.
    pub(super) fn run(&mut self, tid: Tid, maps: &[Mapping]) -> Result<Found, Arc<str>> {
        self.is_pending = false;
        let pid = Pid::from(tid);
        let live = ProcessMemory::new(pid);
        let mut reason = None;
        let executable = Elf::executable(pid, maps);
        let claims = executable.as_ref().is_none_or(Elf::may_hold_go);
        let is_known = executable
            .as_ref()
            .is_some_and(|e| self.has_looked_at(e, maps));
        if claims && !is_known {
            match load(&live, maps, executable.as_ref()) {
                Ok(program) => {
                    return Ok(Found {
                        program,
                        elf: executable,
                        is_library: false,
                    });
                }
                Err(e) => {
                    self.is_pending = executable.as_ref().is_none_or(Elf::names_go);
                    reason = Some(e.to_string());
                }
            }
        }
        let mut files = 0;
        for mapping in code_by_file(maps) {
            if executable.as_ref().is_some_and(|e| e.is_of(mapping)) {
                continue;
            }
            files += 1;
            if self.without.contains(&mapping.file) {
                continue;
            }
            let Some(elf) = Elf::mapped(tid, mapping).filter(Elf::may_hold_go) else {
                self.without.insert(mapping.file.clone());
                continue;
            };
            match load(&live, maps, Some(&elf)) {
                Ok(program) => {
                    return Ok(Found {
                        program,
                        elf: Some(elf),
                        is_library: true,
                    });
                }
                Err(e) if elf.names_go() => {
                    self.is_pending = true;
                    reason = Some(format!("{}: {e}", elf.path()));
                }
                Err(_) => drop(self.without.insert(mapping.file.clone())),
            }
        }
        Err(match (reason, files) {
            (Some(reason), _) => reason.into(),
            (None, 0) => "no Go code in its executable".into(),
            (None, _) => "no Go code in its executable or its libraries".into(),
        })
    }

    /// Whether an executable that claims nothing was searched before.
    fn has_looked_at(&mut self, elf: &Elf, maps: &[Mapping]) -> bool {
        let mapping = maps.iter().find(|m| elf.is_of(m));
        !elf.names_go() && mapping.is_some_and(|m| !self.without.insert(m.file.clone()))
    }
}

fn load(live: &ProcessMemory, maps: &[Mapping], elf: Option<&Elf>) -> Result<Program, LoadError> {
    let Some(elf) = elf else {
        let named = |m: &&Mapping| m.path.starts_with('[') && m.path != "[heap]";
        let all: Vec<_> = maps.iter().filter(|m| !named(m)).map(region).collect();
        return Program::load(live, &all, &Hints::default());
    };
    let regions = elf.regions(maps);
    if regions.is_empty() {
        return Err(LoadError::NotFound(NotFound::NoTable {
            mappings: 0,
            scanned: 0,
        }));
    }
    Program::load(live, &regions, &elf.hints())
}

/// One mapping with code of each file.
fn code_by_file(maps: &[Mapping]) -> Vec<&Mapping> {
    let mut seen = HashSet::new();
    let files = maps.iter().filter(|m| m.exec && m.path.starts_with('/'));
    files.filter(|m| seen.insert(&m.file)).collect()
}
