//! What a profile says once and samples point at: strings, functions, locations, mappings.

use super::proto;
use crate::event::{Executable, Frame, FrameKind};
use crate::ids::Pid;
use crate::sink::blocked::{Atom, Stacks};
use crate::sink::folded::mark;
use crate::untrusted::push as push_untrusted;
use std::collections::{BTreeMap, HashMap};

#[derive(Default)]
pub(super) struct Tables {
    pub strings: Strings,
    pub functions: Vec<proto::Function>,
    pub locations: Vec<proto::Location>,
    pub mappings: Vec<proto::Mapping>,
    /// By name and file, as places in the string table.
    function_ids: HashMap<(i64, i64), u64>,
    /// By mapping, atoms and whether it is the innermost.
    location_ids: HashMap<(u64, Vec<u32>, bool), u64>,
    mapping_ids: BTreeMap<Pid, u64>,
}

/// The string table; the first is empty.
pub(super) struct Strings {
    pub all: Vec<String>,
    index: HashMap<String, i64>,
}

impl Default for Strings {
    fn default() -> Strings {
        Strings {
            all: vec![String::new()],
            index: HashMap::from([(String::new(), 0)]),
        }
    }
}

impl Strings {
    /// The place of a string.
    pub fn place(&mut self, text: &str) -> i64 {
        if let Some(place) = self.index.get(text) {
            return *place;
        }
        let place = i64::try_from(self.all.len()).unwrap_or(i64::MAX);
        self.all.push(text.to_owned());
        self.index.insert(text.to_owned(), place);
        place
    }
}

impl Tables {
    pub fn add_mapping(&mut self, pid: Pid, file: &Executable) {
        let id = self.mappings.len() as u64 + 1;
        self.mappings.push(proto::Mapping {
            id,
            memory_start: file.start.0,
            memory_limit: file.end.0,
            file_offset: file.offset,
            filename: self.strings.place(&file.path),
            build_id: self.strings.place(file.build_id.as_deref().unwrap_or("")),
            // What could be named has been: the tool need not look for the file.
            has_functions: true,
            has_filenames: true,
            has_line_numbers: true,
            has_inline_frames: true,
        });
        self.mapping_ids.insert(pid, id);
    }

    /// The locations of a stack: frames that are inlined belong to the one that holds them.
    pub fn stack(&mut self, pid: Option<Pid>, stack: &[u32], stacks: &Stacks<'_>) -> Vec<u64> {
        let mut ids = Vec::with_capacity(stack.len());
        let mut group = Vec::new();
        for (place, index) in stack.iter().enumerate() {
            group.push(*index);
            let inlined =
                |atom: &Atom| matches!(atom, Atom::Frame(f) if f.kind == FrameKind::Inlined);
            let next_is_frame = stack
                .get(place + 1)
                .and_then(|next| stacks.atom(*next))
                .is_some_and(|atom| matches!(atom, Atom::Frame(_)));
            if !(next_is_frame && stacks.atom(*index).is_some_and(inlined)) {
                let group = std::mem::take(&mut group);
                ids.push(self.location(pid, group, ids.is_empty(), stacks));
            }
        }
        ids
    }

    fn location(
        &mut self,
        pid: Option<Pid>,
        group: Vec<u32>,
        innermost: bool,
        stacks: &Stacks<'_>,
    ) -> u64 {
        let atoms: Vec<&Atom> = group.iter().filter_map(|i| stacks.atom(*i)).collect();
        let address = atoms.iter().rev().find_map(|atom| match atom {
            // Of a caller, the call instruction and not the one behind it (as runtime/pprof does).
            Atom::Frame(frame) if innermost => Some(frame.pc.0),
            Atom::Frame(frame) => Some(frame.pc.0.saturating_sub(1)),
            Atom::Gap(_) | Atom::Name(_) => None,
        });
        let address = address.unwrap_or(0);
        let mapping_id = self.mapping_of(pid, address);
        let key = (mapping_id, group, innermost);
        if let Some(id) = self.location_ids.get(&key) {
            return *id;
        }
        let line = atoms.iter().map(|atom| self.line(atom)).collect();
        let id = self.locations.len() as u64 + 1;
        self.locations.push(proto::Location {
            id,
            mapping_id,
            address,
            line,
        });
        self.location_ids.insert(key, id);
        id
    }

    /// 0: in none that we know.
    fn mapping_of(&self, pid: Option<Pid>, address: u64) -> u64 {
        let id = pid.and_then(|pid| self.mapping_ids.get(&pid));
        let found = id.and_then(|id| self.mappings.iter().find(|m| m.id == *id));
        let found = found.filter(|m| (m.memory_start..m.memory_limit).contains(&address));
        found.map_or(0, |m| m.id)
    }

    fn line(&mut self, atom: &Atom) -> proto::Line {
        match atom {
            Atom::Frame(frame) => proto::Line {
                function_id: self.function_of(frame),
                line: i64::from(frame.line),
            },
            Atom::Gap(text) | Atom::Name(text) => proto::Line {
                function_id: self.function(text, text, ""),
                line: 0,
            },
        }
    }

    fn function_of(&mut self, frame: &Frame) -> u64 {
        let mut name = String::new();
        match frame.func.is_empty() {
            true => name.push_str(&frame.pc.to_string()),
            false => push_untrusted(&mut name, &frame.func),
        }
        name.push_str(mark(frame.kind));
        self.function(&name, &frame.func, &frame.file)
    }

    fn function(&mut self, name: &str, system_name: &str, file: &str) -> u64 {
        let key = (self.strings.place(name), self.strings.place(file));
        if let Some(id) = self.function_ids.get(&key) {
            return *id;
        }
        let id = self.functions.len() as u64 + 1;
        self.functions.push(proto::Function {
            id,
            name: key.0,
            system_name: self.strings.place(system_name),
            filename: key.1,
        });
        self.function_ids.insert(key, id);
        id
    }
}
