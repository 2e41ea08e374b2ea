//! The name of a test, subtests included, out of its `testing.T`.
//!
//! `go test` links without DWARF, and the layout of `testing.common` is not in the binary. But the
//! structure says what it is: `runner` is the name of the function that runs the test, and from it
//! to `level` and `parent` nothing has moved since Go 1.8. What is read is believed only where it
//! fits what is read of its parents: each is one level up, and its name is the beginning of the
//! next one's.

use crate::ids::Addr;
use crate::memory::Memory;

/// The functions that run tests and fuzz tests; `runner` holds the name (testing.go, fuzz.go).
pub const RUNNERS: [&str; 2] = ["testing.tRunner", "testing.fRunner"];
/// Bytes of the structure in which `runner` is found: at 216 in Go 1.21, at 232 in Go 1.27.
const HEAD: usize = 512;
/// From `runner` to `parent` and `level`.
const PARENT: u64 = 24;
const LEVEL: u64 = 32;
/// From `runner` to `name`: behind `creator`, from Go 1.26 with `modulePath` and `importPath`
/// between them.
const NAMES: [u64; 2] = [96, 64];
/// Levels of subtests that are followed.
const MAX_LEVEL: u64 = 32;
/// Bytes of a name.
const MAX_NAME: u64 = 1024;
/// How the names of what `go test` runs begin.
const PREFIXES: [&str; 3] = ["Test", "Fuzz", "Benchmark"];

/// The whole name of the test whose `*testing.T` this may be: `TestUpload/big_file`; `None` where
/// that is not certain.
#[must_use]
pub fn test_name(mem: &(impl Memory + ?Sized), t: Addr) -> Option<String> {
    let head = mem.bytes(t, HEAD).ok()?;
    let word = |at: usize| {
        let bytes = head.get(at..at.checked_add(8)?)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    let is_runner = |at: &usize| {
        let found = word(*at).zip(word(*at + 8));
        found.is_some_and(|(text, len)| {
            let name = string(mem, Addr(text), len);
            name.is_some_and(|name| RUNNERS.contains(&&*name))
        })
    };
    let runner = (0..HEAD - 8).step_by(8).find(is_runner)? as u64;
    let named = |name: &u64| proven(mem, t.add(runner), runner, *name);
    NAMES.iter().find_map(named)
}

/// The name at this distance from `runner`, if it and its parents' are such names.
fn proven(
    mem: &(impl Memory + ?Sized),
    runner: Addr,
    to_runner: u64,
    to_name: u64,
) -> Option<String> {
    let mut at = runner;
    let name = name_at(mem, at.add(to_name))?;
    let (mut level, mut own) = (mem.u64(at.add(LEVEL)).ok()?, name.clone());
    if level == 0 || level > MAX_LEVEL {
        return None;
    }
    while level > 0 {
        at = Addr(mem.u64(at.add(PARENT)).ok()?).add(to_runner);
        level -= 1;
        if mem.u64(at.add(LEVEL)).ok()? != level {
            return None;
        }
        // The parent of all, of level 0, has no name.
        if level > 0 {
            let parents = name_at(mem, at.add(to_name))?;
            let below = own.strip_prefix(&*parents)?.strip_prefix('/')?;
            if below.is_empty() {
                return None;
            }
            own = parents;
        }
    }
    let is_function = !own.contains('/') && PREFIXES.iter().any(|p| own.starts_with(p));
    is_function.then_some(name)
}

fn name_at(mem: &(impl Memory + ?Sized), at: Addr) -> Option<String> {
    string(mem, Addr(mem.u64(at).ok()?), mem.u64(at.add(8)).ok()?)
}

fn string(mem: &(impl Memory + ?Sized), at: Addr, len: u64) -> Option<String> {
    if len == 0 || len > MAX_NAME || at.is_null() {
        return None;
    }
    String::from_utf8(mem.bytes(at, usize::try_from(len).ok()?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    const RUNNER: usize = 232;
    const TEXTS: u64 = 0x9000;

    /// The memory of a process with these tests, each the parent of the next, at 0x2000, 0x3000...
    fn process(names: &[&str], to_name: usize) -> Segments {
        let mut memory = Segments::new();
        let mut texts = RUNNERS[0].as_bytes().to_vec();
        for (level, name) in [""].iter().chain(names).enumerate() {
            let mut t = vec![0; HEAD];
            let mut put = |at: usize, word: u64| t[at..at + 8].copy_from_slice(&word.to_le_bytes());
            put(RUNNER, TEXTS);
            put(RUNNER + 8, RUNNERS[0].len() as u64);
            put(RUNNER + PARENT as usize, level as u64 * 0x1000);
            put(RUNNER + LEVEL as usize, level as u64);
            put(RUNNER + to_name, TEXTS + texts.len() as u64);
            put(RUNNER + to_name + 8, name.len() as u64);
            texts.extend(name.as_bytes());
            memory.map(Addr((level as u64 + 1) * 0x1000), t);
        }
        memory.map(Addr(TEXTS), texts);
        memory
    }

    #[test]
    fn a_subtest_has_the_name_that_go_test_prints_in_either_layout() {
        for to_name in [64, 96] {
            let names = ["TestUpload", "TestUpload/big", "TestUpload/big/a_b/c"];
            let memory = process(&names, to_name);
            for (level, name) in names.iter().enumerate() {
                let t = Addr((level as u64 + 2) * 0x1000);
                assert_eq!(test_name(&memory, t).as_deref(), Some(*name));
            }
        }
    }

    #[test]
    fn what_does_not_fit_its_parents_is_no_test() {
        for names in [
            &["main", "main/x"][..],
            &["TestA", "TestB/x"],
            &["TestA", "TestA/"],
            &["TestA", "TestA/x", "TestA/y/z"],
        ] {
            let memory = process(names, 64);
            let last = Addr((names.len() as u64 + 1) * 0x1000);
            assert_eq!(test_name(&memory, last), None, "{names:?}");
        }
        let root = test_name(&process(&["TestA"], 64), Addr(0x1000));
        assert_eq!(root, None);
        assert_eq!(test_name(&Segments::new(), Addr(0)), None);
    }
}
