//! Call numbers and names, both ways, for each ABI. The numbers come from the `syscalls`
//! crate (made from the kernel's own tables); names are those that strace and the man
//! pages use.

use crate::arch::Abi;
use std::collections::HashMap;
use std::sync::OnceLock;
use syscalls::{aarch64, arm, x86, x86_64};

/// Bit 30 marks an x32 number (asm/unistd.h, `__X32_SYSCALL_BIT`).
const X32_BIT: u64 = 0x4000_0000;

/// x32 has numbers of its own from here on (arch/x86/entry/syscalls/syscall_64.tbl).
const X32_OWN: u64 = 512;

struct Table {
    names: Vec<Option<&'static str>>,
    numbers: HashMap<&'static str, u64>,
}

impl Table {
    fn new(rows: impl Iterator<Item = (u64, &'static str)>) -> Table {
        let mut names = Vec::new();
        let mut numbers = HashMap::new();
        for (nr, name) in rows {
            let Ok(at) = usize::try_from(nr) else {
                continue;
            };
            if names.len() <= at {
                names.resize(at + 1, None);
            }
            names[at] = Some(name);
            numbers.insert(name, nr);
        }
        Table { names, numbers }
    }
}

fn row(id: i32, name: &'static str) -> Option<(u64, &'static str)> {
    Some((u64::try_from(id).ok()?, name))
}

fn x86_64_table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        Table::new(
            x86_64::Sysno::iter()
                .chain([x86_64::Sysno::last()])
                .filter_map(|s| row(s.id(), s.name())),
        )
    })
}

fn aarch64_table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = aarch64::Sysno::iter()
            .chain([aarch64::Sysno::last()])
            .filter_map(|s| {
                match s.name() {
                    // The crate lists the 32-bit time64 calls, which no 64-bit kernel has.
                    n if n.ends_with("time64") => None,
                    "clock_adjtime64" => None,
                    "fstatat" => row(s.id(), "newfstatat"),
                    n => row(s.id(), n),
                }
            });
        Table::new(rows)
    })
}

fn i386_table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let ids = x86::Sysno::iter().chain([x86::Sysno::last()]);
        Table::new(ids.filter_map(|s| row(s.id(), s.name())))
    })
}

fn arm_table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let ids = arm::Sysno::iter().chain([arm::Sysno::last()]);
        // Its private calls have numbers far beyond the table.
        let ids = ids.filter(|s| s.id() < 1 << 16);
        Table::new(ids.filter_map(|s| row(s.id(), s.name())))
    })
}

fn table(abi: Abi) -> &'static Table {
    match abi {
        Abi::X86_64 | Abi::X32 => x86_64_table(),
        Abi::Aarch64 => aarch64_table(),
        Abi::I386 => i386_table(),
        Abi::Arm => arm_table(),
    }
}

/// The x86_64 number of the call that has this number in a 32-bit ABI; `None` for calls that
/// 64-bit programs do not have (socketcall, mmap2).
#[must_use]
pub fn counterpart(abi: Abi, nr: u64) -> Option<u64> {
    number(Abi::X86_64, name(abi, nr)?)
}

/// The name of call `nr` of `abi`: one look into a table. `None` for a number that has no
/// name.
#[must_use]
pub fn name(abi: Abi, nr: u64) -> Option<&'static str> {
    let nr = match abi {
        Abi::X32 => Some(nr & !X32_BIT).filter(|n| *n < X32_OWN)?,
        _ => nr,
    };
    *table(abi).names.get(usize::try_from(nr).ok()?)?
}

/// Every named call of `abi`, by ascending number.
pub fn all(abi: Abi) -> impl Iterator<Item = (u64, &'static str)> {
    let names = &table(abi).names[..];
    let (bit, end) = match abi {
        Abi::X32 => (X32_BIT, X32_OWN),
        _ => (0, u64::MAX),
    };
    (0..end)
        .zip(names)
        .filter_map(move |(nr, name)| Some((nr | bit, (*name)?)))
}

/// The number of the call named `name` in `abi`.
#[must_use]
pub fn number(abi: Abi, name: &str) -> Option<u64> {
    let nr = *table(abi).numbers.get(name)?;
    match abi {
        Abi::X32 => (nr < X32_OWN).then_some(nr | X32_BIT),
        _ => Some(nr),
    }
}

/// Where the call named `name` exists: each 64-bit ABI and its number there. Empty for a
/// name that no machine knows, so that a typing error can be told from a call of the other
/// machine.
#[must_use]
pub fn numbers(name: &str) -> Vec<(Abi, u64)> {
    [Abi::X86_64, Abi::Aarch64]
        .into_iter()
        .filter_map(|abi| Some((abi, number(abi, name)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree_in_every_abi() {
        for abi in [Abi::X86_64, Abi::X32, Abi::Aarch64, Abi::I386, Abi::Arm] {
            let mut seen = 0;
            for (nr, n) in all(abi) {
                assert_eq!(name(abi, nr), Some(n));
                assert_eq!(number(abi, n), Some(nr));
                seen += 1;
            }
            assert!(seen > 250, "{abi:?}: {seen}");
        }
    }

    #[test]
    fn a_32_bit_number_leads_to_the_64_bit_call_of_the_same_name() {
        assert_eq!(name(Abi::I386, 20), Some("getpid"));
        assert_eq!(counterpart(Abi::I386, 20), Some(39));
        assert_eq!(name(Abi::I386, 102), Some("socketcall"));
        assert_eq!(counterpart(Abi::I386, 102), None);
        assert_eq!(name(Abi::Arm, 6), Some("close"));
    }

    #[test]
    fn well_known_numbers_have_their_strace_names() {
        assert_eq!(name(Abi::X86_64, 0), Some("read"));
        assert_eq!(name(Abi::X86_64, 262), Some("newfstatat"));
        assert_eq!(name(Abi::X86_64, 469), Some("file_setattr"));
        assert_eq!(name(Abi::Aarch64, 79), Some("newfstatat"));
        assert_eq!(name(Abi::Aarch64, 22), Some("epoll_pwait"));
        assert_eq!(name(Abi::Aarch64, 422), None);
        assert_eq!(name(Abi::X32, 0x4000_0001), Some("write"));
    }

    #[test]
    fn a_number_out_of_range_has_no_name() {
        for abi in [Abi::X86_64, Abi::X32, Abi::Aarch64, Abi::I386, Abi::Arm] {
            assert_eq!(name(abi, u64::MAX), None);
            assert_eq!(name(abi, 100_000), None);
        }
        assert!(numbers("no_such_call").is_empty());
        assert_eq!(numbers("epoll_wait"), [(Abi::X86_64, 232)]);
    }
}
