//! Live Go processes whose file or memory was made to do harm to who reads it: the tables of the
//! program, and the lists of its runtime. Whatever is asked of them ends, in a bounded memory, with
//! what can still be proven and reasons for the rest; and they run on as if nobody had asked.
//!
//! It is this test that writes to their memory, and puts it back; nothing of gostrace ever does.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use goblin::elf::Elf;
use gostrace::golang::layout::{MLayout, RuntimeLayout};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::dump::LIMIT;
use support::run::{Fixture, Output, Running};
use support::variant::patched;
use support::{Go, NEWEST_GO, SOON, go_command, proc, release_of, tool, wait_for};

/// Bytes of data that gostrace may have at once.
const MOST: u64 = 256 << 20;
/// Where nothing is mapped.
const OUTSIDE: u64 = 0x7ead_beef_0000;

fn naps() -> PathBuf {
    Go::of(NEWEST_GO).build("naps")
}

/// A fixture that neither collects nor preempts: what is poked is then read by gostrace alone.
fn start(exe: &Path) -> Fixture {
    let mut command = Command::new(exe);
    command.args(["-threads=4", "-nap=20ms"]);
    command.env("GOGC", "off");
    command.env("GODEBUG", "asyncpreemptoff=1");
    let mut fixture = Fixture::start_command(&mut command);
    // Their stacks have grown, for which they look into their tables.
    while naps_of(&mut fixture) < 16 {}
    wait_for("it to read on", SOON, || {
        let reads = |tid: i32| proc::syscall(tid).is_some_and(|(nr, _)| nr == libc::SYS_read);
        proc::tasks(fixture.pid)
            .into_iter()
            .any(reads)
            .then_some(())
    });
    fixture
}

/// How many naps are over.
fn naps_of(fixture: &mut Fixture) -> u64 {
    fixture.line();
    fixture.until("count")["count"].as_u64().unwrap()
}

/// What gostrace says, which must be well.
fn ask(args: &[&str], what: &str) -> Output {
    let mut command = Command::new(tool("prlimit", "util-linux"));
    command.arg(format!("--data={MOST}"));
    command.arg(env!("CARGO_BIN_EXE_gostrace"));
    command.args(args).env("NO_COLOR", "1");
    let output = Running::start(&mut command).wait(LIMIT);
    assert!(output.status.success(), "{what}: {args:?}: {output:#?}");
    assert!(!output.stderr.contains("panicked"), "{what}: {output:#?}");
    output
}

/// What each way to ask has said.
struct Said {
    dump: String,
    json: Value,
    traced: String,
    sampled: String,
}

impl Said {
    /// Asks in every way.
    fn of(pid: i32, what: &str) -> Said {
        let pid = &*pid.to_string();
        let ask = |args: &[&str]| ask(args, what).stdout;
        let json = ask(&["dump", "-p", pid, "--json"]);
        let of_naps = ["-e", "nanosleep", "--max-events=8", "-p", pid];
        Said {
            dump: ask(&["dump", "-p", pid, "--all"]),
            json: serde_json::from_str(&json).unwrap(),
            traced: ask(&[&["-k", "--slow=15ms"], &of_naps[..]].concat()),
            sampled: ask(&[&["--sample=2ms", "--slow=5ms"], &of_naps[..]].concat()),
        }
    }
}

/// It makes its calls as before, and nobody traces it.
fn is_unharmed(fixture: &mut Fixture, what: &str) {
    let before = naps_of(fixture);
    wait_for("more naps", SOON, || {
        (naps_of(fixture) > before).then_some(())
    });
    for tid in proc::tasks(fixture.pid) {
        assert!(matches!(proc::tracer(tid), None | Some(0)), "{what}: {tid}");
        assert!(
            !matches!(proc::state(tid), Some('T' | 't')),
            "{what}: {tid}"
        );
    }
}

fn ends_well(fixture: Fixture, what: &str) {
    let (status, _) = fixture.finish();
    assert!(status.success(), "{what}: {status}");
}

/// Puts a word into a file.
fn put(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// Where a section lies in a file, and its header.
fn section(bytes: &[u8], name: &str) -> (usize, usize) {
    let elf = Elf::parse(bytes).unwrap();
    let named = |s: &goblin::elf::SectionHeader| elf.shdr_strtab.get_at(s.sh_name) == Some(name);
    let index = elf.section_headers.iter().position(named).expect(name);
    let header = elf.header.e_shoff as usize + index * usize::from(elf.header.e_shentsize);
    (elf.section_headers[index].sh_offset as usize, header)
}

/// What is left to be read of a process, and why no more.
#[derive(Clone, Copy)]
enum Left {
    Everything,
    /// Stacks, and the list of goroutines if that is found elsewhere.
    Stacks(&'static str),
    /// Goroutines, but no stack.
    Goroutines(&'static str),
    /// What is not of Go.
    Calls(&'static str),
}

impl Said {
    fn check(&self, left: Left, what: &str) {
        let whole = format!("{what}:\n{}{}{}", self.dump, self.traced, self.sampled);
        let title = self.dump.lines().next().unwrap();
        let has_list = !title.contains("goroutines unknown: ");
        let reason = self.json["missing"]["reason"].as_str();
        // They were asked for one after the other: what one has found may be gone for the other.
        let is_refused =
            |why| (has_list || title.contains(why)) && reason.is_none_or(|r| r.contains(why));
        let main_is_read = self.dump.contains("main.main(...)");
        // What each nap is below. A sample may come too late for its stack: not for all that it says.
        let naps_are_read = |calls: &str| calls.contains("main.below");
        let is_read = main_is_read && naps_are_read(&self.traced);
        let as_left = match left {
            Left::Everything => has_list && reason.is_none() && is_read,
            Left::Stacks(why) => is_read && is_refused(why),
            Left::Goroutines(why) => {
                let all = [&self.traced, &self.sampled];
                let says_why = self.dump.contains(why) && self.traced.contains(why);
                has_list
                    && reason.is_none()
                    && says_why
                    && !main_is_read
                    && !all.iter().any(|s| naps_are_read(s))
            }
            Left::Calls(why) => !has_list && reason.is_some() && is_refused(why),
        };
        assert!(as_left, "{whole}");
        for calls in [&self.traced, &self.sampled] {
            assert!(calls.contains("nanosleep("), "{whole}");
        }
        let listed = self.json["goroutines"].as_array().unwrap();
        let ids: HashSet<u64> = listed.iter().map(|g| g["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), listed.len(), "{whole}");
        assert_eq!(ids.contains(&1), reason.is_none(), "{whole}");
    }
}

/// What is done to a file or to a process, and what is then left.
type Case<T> = (&'static str, Left, fn(&mut T));

/// Changes to a file that neither the kernel nor the Go runtime notices.
const FILES: [Case<[u8]>; 9] = [
    (
        "2-to-the-40-functions",
        Left::Calls("no Go function table"),
        |bytes| {
            let (table, _) = section(bytes, ".gopclntab");
            put(bytes, table + 8, 1 << 40);
        },
    ),
    (
        "tables-outside",
        Left::Calls("its tables are not where the header says"),
        |bytes| {
            let (table, _) = section(bytes, ".gopclntab");
            put(bytes, table + 64, 0xffff_fff0);
        },
    ),
    (
        "tables-backwards",
        Left::Calls("no Go function table"),
        |bytes| {
            let (table, _) = section(bytes, ".gopclntab");
            for (i, at) in [32, 40, 48, 56, 64].into_iter().enumerate() {
                put(bytes, table + at, 0x1000 - 8 * i as u64);
            }
        },
    ),
    ("section-headers-outside", Left::Everything, |bytes| {
        put(bytes, 0x28, 1 << 40)
    }),
    ("endless-section-headers", Left::Everything, |bytes| {
        bytes[0x3c..0x40].copy_from_slice(&[0xff, 0xff, 0xfe, 0xff]);
    }),
    ("sections-outside", Left::Everything, |bytes| {
        let (first, count) = (0x28, 0x3c);
        let at = u64::from_le_bytes(bytes[first..first + 8].try_into().unwrap()) as usize;
        let count = u16::from_le_bytes(bytes[count..count + 2].try_into().unwrap());
        for header in (0..usize::from(count)).map(|i| at + i * 64) {
            put(bytes, header + 24, u64::MAX - 0xfff); // sh_offset
            put(bytes, header + 32, 1 << 62); // sh_size
        }
    }),
    ("endless-symbols", Left::Everything, |bytes| {
        for (name, size) in [(".symtab", 1 << 62), (".strtab", u64::MAX)] {
            let (_, header) = section(bytes, name);
            put(bytes, header + 32, size);
            put(bytes, header + 56, 0); // sh_entsize
        }
    }),
    ("endless-version", Left::Everything, |bytes| {
        let (info, _) = section(bytes, ".go.buildinfo");
        bytes[info + 32..info + 42].fill(0xff);
    }),
    ("version-beyond-all", Left::Everything, |bytes| {
        let (info, _) = section(bytes, ".go.buildinfo");
        let version = &mut bytes[info + 33..info + 33 + NEWEST_GO.len() + 2];
        assert!(version.starts_with(b"go1."));
        version[2..].fill(b'9');
    }),
];

#[test]
fn programs_with_hostile_files_are_read_within_bounds_and_run_on() {
    for (what, left, change) in FILES {
        let exe = patched(&naps(), what, |bytes| change(bytes));
        let mut fixture = start(&exe);
        let said = Said::of(fixture.pid, what);
        said.check(left, what);
        is_unharmed(&mut fixture, what);
        ends_well(fixture, what);
    }
}

/// The fixture with tables that may be written to: those that may not are read from the file.
fn with_writable_tables() -> PathBuf {
    patched(&naps(), "writable-tables", |bytes| {
        let (table, _) = section(bytes, ".gopclntab");
        let elf = Elf::parse(bytes).unwrap();
        let (first, size) = (elf.header.e_phoff, elf.header.e_phentsize);
        let holds = |p: &goblin::elf::ProgramHeader| {
            p.p_type == goblin::elf::program_header::PT_LOAD && p.file_range().contains(&table)
        };
        let index = elf.program_headers.iter().position(holds).unwrap();
        bytes[first as usize + index * usize::from(size) + 4] |= 2; // PF_W
    })
}

/// A process whose memory this test writes to, knowing its variables by their symbols.
struct Target {
    fixture: Fixture,
    memory: File,
    /// Address and size of each symbol.
    symbols: HashMap<String, (u64, u64)>,
    m: MLayout,
    /// What was there before, the latest last.
    before: Vec<(u64, Vec<u8>)>,
}

impl Target {
    fn start() -> Target {
        let exe = with_writable_tables();
        let bytes = fs::read(&exe).unwrap();
        let elf = Elf::parse(&bytes).unwrap();
        let symbols = elf.syms.iter().filter_map(|s| {
            let name = elf.strtab.get_at(s.st_name)?;
            Some((name.to_owned(), (s.st_value, s.st_size)))
        });
        let release = release_of(&go_command(NEWEST_GO));
        let fixture = start(&exe);
        let mem = format!("/proc/{}/mem", fixture.pid);
        Target {
            memory: File::options().read(true).write(true).open(mem).unwrap(),
            symbols: symbols.collect(),
            m: RuntimeLayout::candidates(release).unwrap()[0].m,
            before: Vec::new(),
            fixture,
        }
    }

    fn at(&self, symbol: &str) -> u64 {
        self.symbols[symbol].0
    }

    fn word(&self, at: u64) -> u64 {
        let mut word = [0; 8];
        self.memory.read_exact_at(&mut word, at).unwrap();
        u64::from_le_bytes(word)
    }

    fn poke(&mut self, at: u64, bytes: &[u8]) {
        let mut old = vec![0; bytes.len()];
        self.memory.read_exact_at(&mut old, at).unwrap();
        self.memory.write_all_at(bytes, at).unwrap();
        self.before.push((at, old));
    }

    fn poke_word(&mut self, at: u64, word: u64) {
        self.poke(at, &word.to_le_bytes());
    }

    fn put_back(&mut self) {
        for (at, old) in std::mem::take(&mut self.before).into_iter().rev() {
            self.memory.write_all_at(&old, at).unwrap();
        }
    }

    /// A field of the first module's data.
    fn module(&self, offset: u64) -> u64 {
        self.at("runtime.firstmoduledata") + offset
    }

    /// Where it keeps the next module: last of all.
    fn next_module(&self) -> u64 {
        let (at, size) = self.symbols["runtime.firstmoduledata"];
        assert_eq!(self.word(at + size - 8), 0, "there are no plugins");
        at + size - 8
    }

    /// Address and length of its function table.
    fn functions(&self) -> (u64, u64) {
        let (at, len) = (self.word(self.module(128)), self.word(self.module(136)));
        assert!(at != 0 && len > 1000, "{at:#x}, {len}");
        (at, len)
    }

    /// Every M, newest first.
    fn ms(&self) -> Vec<u64> {
        let mut ms = vec![self.word(self.at("runtime.allm"))];
        while let Some(next) = ms.last().map(|m| self.word(m + u64::from(self.m.alllink)))
            && next != 0
        {
            ms.push(next);
        }
        assert!(ms.len() > 4, "{ms:x?}");
        ms
    }
}

const NO_GS: Left = Left::Stacks("no list of goroutines (runtime.allgs) found");
const NO_MS: Left = Left::Stacks("no list of M's (runtime.allm) found");
const NO_FUNCTION: Left = Left::Goroutines("function table: ");

/// Damages to the memory of a process that the process itself does not come across meanwhile.
const POKES: [Case<Target>; 16] = [
    ("a module that is its own next", Left::Everything, |t| {
        t.poke_word(t.next_module(), t.module(0));
    }),
    ("a next module outside", Left::Everything, |t| {
        t.poke_word(t.next_module(), OUTSIDE)
    }),
    ("2^40 goroutines", NO_GS, |t| {
        t.poke_word(t.at("runtime.allglen"), 1 << 40);
        t.poke_word(t.at("runtime.allgs") + 8, 1 << 40);
    }),
    ("a billion goroutines", NO_GS, |t| {
        t.poke_word(t.at("runtime.allglen"), 1 << 30);
        t.poke_word(t.at("runtime.allgs") + 8, 1 << 30);
    }),
    ("a list of goroutines outside", NO_GS, |t| {
        t.poke_word(t.at("runtime.allgptr"), OUTSIDE);
        t.poke_word(t.at("runtime.allgs"), OUTSIDE);
    }),
    ("a list of goroutines that is itself one", NO_GS, |t| {
        let list = t.at("runtime.allgptr");
        t.poke_word(list, list);
        t.poke_word(t.at("runtime.allgs"), list);
    }),
    ("goroutines outside", Left::Everything, |t| {
        let list = t.word(t.at("runtime.allgptr"));
        for i in 1..t.word(t.at("runtime.allglen")) - 1 {
            t.poke_word(list + 8 * i, OUTSIDE + 512 * i);
        }
    }),
    ("one goroutine in each place", Left::Everything, |t| {
        let list = t.word(t.at("runtime.allgptr"));
        for i in 1..t.word(t.at("runtime.allglen")) {
            t.poke_word(list + 8 * i, t.word(list));
        }
    }),
    ("an M that is its own next", NO_MS, |t| {
        let m = t.ms()[0];
        t.poke_word(m + u64::from(t.m.alllink), m);
    }),
    ("a ring of all M's", NO_MS, |t| {
        let ms = t.ms();
        t.poke_word(ms[ms.len() - 1] + u64::from(t.m.alllink), ms[0]);
    }),
    ("a list of M's outside", NO_MS, |t| {
        t.poke_word(t.at("runtime.allm"), OUTSIDE)
    }),
    ("functions in one place", NO_FUNCTION, |t| {
        let (at, len) = t.functions();
        t.poke(at, &vec![0; 8 * (len as usize - 1)]);
    }),
    ("functions backwards", NO_FUNCTION, |t| {
        let (at, len) = t.functions();
        let mut table = vec![0; 8 * (len as usize - 1)];
        t.memory.read_exact_at(&mut table, at).unwrap();
        let backwards: Vec<u8> = table.rchunks(8).flatten().copied().collect();
        t.poke(at, &backwards);
    }),
    ("functions beyond the table", NO_FUNCTION, |t| {
        let (at, len) = t.functions();
        t.poke(at, &vec![0xff; 8 * (len as usize - 1)]);
    }),
    (
        "records of functions that point outside",
        NO_FUNCTION,
        |t| {
            let (at, len) = t.functions();
            let records = at + 8 * len;
            let end = at + t.word(t.module(112));
            t.poke(records, &vec![0xff; (end - records) as usize]);
        },
    ),
    (
        "a table of functions outside",
        Left::Calls("the number of functions differs from the header's"),
        |t| {
            t.poke_word(t.module(128), OUTSIDE);
            t.poke_word(t.module(136), 1 << 40);
            t.poke_word(t.module(152), OUTSIDE);
        },
    ),
];

#[test]
fn processes_with_hostile_memory_are_read_within_bounds_and_run_on() {
    for (what, left, change) in POKES {
        let mut target = Target::start();
        change(&mut target);
        let said = Said::of(target.fixture.pid, what);
        said.check(left, what);
        target.put_back();
        is_unharmed(&mut target.fixture, what);
        ends_well(target.fixture, what);
    }
}
