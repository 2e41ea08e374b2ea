//! The release of a program whose build info is gone: `runtime.buildVersion`, a string variable
//! that `schedinit` refers to, in every release, so that it stays in the binary
//! (runtime/proc.go).

use super::buildinfo::BuildInfo;
use super::program::Program;
use super::roots::code::references_of;
use super::version::GoVersion;
use crate::ids::Addr;
use crate::memory::Memory;

/// Longer ones name a branch of somebody's own.
const MAX_VERSION: u64 = 256;

impl Program {
    /// What `runtime.buildVersion` says.
    pub(super) fn read_build_version<M: Memory + ?Sized>(&self, memory: &M) -> Option<BuildInfo> {
        let entry = self.function_entry(memory, "runtime.schedinit").ok()??;
        let variables = self.variables();
        let is_variable = |at: Addr| variables.iter().any(|r| r.contains(&at));
        let references = references_of(&memory, self.arch, entry, &is_variable);
        references.into_iter().find_map(|at| version_at(memory, at))
    }
}

/// The string variable at `at`, if it holds a version.
fn version_at(memory: &(impl Memory + ?Sized), at: Addr) -> Option<BuildInfo> {
    let data = memory.ptr(at).ok()?;
    let len = memory.u64(at.add(8)).ok()?;
    if !(1..=MAX_VERSION).contains(&len) {
        return None;
    }
    let version_text = String::from_utf8(memory.bytes(data, len as usize).ok()?).ok()?;
    Some(BuildInfo {
        version: GoVersion::parse(&version_text)?,
        version_text,
        modules: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    #[test]
    fn a_string_variable_that_holds_a_version_tells_the_release() {
        let mut bytes = vec![0; 64];
        bytes[0..8].copy_from_slice(&0x1020u64.to_le_bytes());
        bytes[8..16].copy_from_slice(&8u64.to_le_bytes());
        bytes[16..24].copy_from_slice(&0x1030u64.to_le_bytes());
        bytes[24..32].copy_from_slice(&7u64.to_le_bytes());
        bytes[32..40].copy_from_slice(b"go1.27.3");
        bytes[48..55].copy_from_slice(b"unknown");
        let mut memory = Segments::new();
        memory.map(Addr(0x1000), bytes);
        let version = |at| version_at(&memory, Addr(at)).map(|b| b.version);
        assert_eq!(version(0x1000), Some(GoVersion::new(1, 27, 3)));
        assert_eq!(version(0x1010), None);
        assert_eq!(version(0x1020), None, "no string at all");
        assert_eq!(version(0x9000), None);
    }
}
