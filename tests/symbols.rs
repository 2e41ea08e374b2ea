//! Symbols of a real executable: this test's own.

#![allow(clippy::unwrap_used)]

use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use gostrace::symbols::{ElfFacts, Symbols};
use std::cell::Cell;
use std::fs::File;
use std::os::unix::fs::FileExt;

static GOSTRACE_TEST_WORDS: [u64; 64] = [7; 64];

/// A file as a [`Memory`], counting the bytes that are read.
struct Image {
    file: File,
    read: Cell<usize>,
}

impl Memory for Image {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        self.read.set(self.read.get() + buf.len());
        match self.file.read_at(buf, addr.0) {
            Ok(n) if n > 0 => Ok(n),
            _ => Err(MemoryError {
                addr,
                len: buf.len(),
                kind: MemoryErrorKind::Unmapped,
            }),
        }
    }
}

#[test]
fn a_variable_of_this_process_is_found_by_its_address() {
    let image = Image {
        file: File::open("/proc/self/exe").unwrap(),
        read: Cell::new(0),
    };
    let facts = ElfFacts::read(&image).unwrap();
    assert!(facts.section(".text").is_some());
    let headers = image.read.get();
    assert!(headers < 65_536, "{headers} bytes read for the headers");

    let exe = std::fs::read_link("/proc/self/exe").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let biases: Vec<u64> = maps
        .lines()
        .filter(|l| l.ends_with(exe.to_str().unwrap()))
        .filter_map(|l| {
            let mut words = l.split_whitespace();
            let (start, _) = words.next()?.split_once('-')?;
            let offset = words.nth(1)?;
            let number = |s| u64::from_str_radix(s, 16).ok();
            facts.load_bias(Addr(number(start)?), number(offset)?)
        })
        .collect();
    assert!(!biases.is_empty());
    assert!(biases.iter().all(|b| *b == biases[0]), "{biases:x?}");

    let mut symbols = Symbols::new(&facts);
    let word = Addr(&raw const GOSTRACE_TEST_WORDS[2] as u64);
    let name = symbols.lookup(&image, biases[0], word).unwrap();
    assert!(name.name.contains("GOSTRACE_TEST_WORDS"), "{name}");
    assert_eq!(name.offset, 16);
    assert!(name.to_string().ends_with("+16"));
    let function = Addr(a_variable_of_this_process_is_found_by_its_address as *const () as u64);
    let name = symbols.lookup(&image, biases[0], function).unwrap();
    assert!(name.name.contains("a_variable_of_this_process"), "{name}");
    assert_eq!(name.offset, 0);
    assert_eq!(symbols.lookup(&image, biases[0], Addr(8)), None);
}
