//! From addresses to names: each stack once, however many goroutines have it.

use super::gather::Gathered;
use super::model::{
    Creator, Goroutine, NamedStack, PlacedFrame, RawGoroutine, StackId, StackState, WaitsOn,
};
use crate::event::{Frame, FrameKind, Stack, StackEnd};
use crate::golang::Program;
use crate::golang::goroutine::Runtime;
use crate::golang::sudog::{self, Channel};
use crate::golang::unwind::{RawFrame, RawKind, RawStack};
use crate::golang::wait_reason::GStatus;
use crate::ids::{Addr, Goid};
use crate::memory::Memory;
use std::collections::HashMap;
use std::sync::Arc;

/// Collects stacks and `go` statements with their names.
#[derive(Debug, Default)]
pub struct Names {
    /// Stacks, by number.
    pub stacks: Vec<NamedStack>,
    /// `go` statements, by number.
    pub creators: Vec<Creator>,
    by_gopc: HashMap<Addr, Option<u32>>,
    by_frames: HashMap<Vec<(Addr, FrameKind)>, Vec<StackId>>,
    states: HashMap<String, Arc<str>>,
}

impl Names {
    /// Names the stacks that were gathered: they keep their numbers, so this comes first.
    pub fn add_gathered(&mut self, mem: &dyn Memory, program: &Program, gathered: &Gathered) {
        for raw in gathered.stacks.list() {
            let stack = program.symbolize(mem, raw);
            self.stacks.push(place(mem, program, stack));
        }
    }

    /// Adds the stack of a thread.
    pub fn add_stack(&mut self, mem: &dyn Memory, program: &Program, stack: Stack) -> StackId {
        self.add(place(mem, program, stack))
    }

    /// Adds the stack of a thread of a program that is not Go.
    pub fn add_native(&mut self, stack: Stack) -> StackId {
        let frames = stack.frames.into_iter();
        let plain = |frame| PlacedFrame {
            frame,
            offset: None,
        };
        self.add(NamedStack {
            frames: frames.map(plain).collect(),
            end: stack.end,
        })
    }

    fn add(&mut self, named: NamedStack) -> StackId {
        let frames = named.frames.iter().map(|f| (f.frame.pc, f.frame.kind));
        let known = self.by_frames.entry(frames.collect()).or_default();
        let same = |id: &&StackId| self.stacks.get(id.0 as usize) == Some(&named);
        if let Some(id) = known.iter().find(same) {
            return *id;
        }
        let id = StackId(u32::try_from(self.stacks.len()).unwrap_or(u32::MAX));
        known.push(id);
        self.stacks.push(named);
        id
    }

    /// Names what a goroutine has besides its stack.
    pub fn goroutine(
        &mut self,
        mem: &dyn Memory,
        program: &Program,
        runtime: &Runtime,
        raw: RawGoroutine,
    ) -> Goroutine {
        let g = raw.g;
        let waits = matches!(g.status.base(), GStatus::WAITING | GStatus::SYSCALL);
        Goroutine {
            goid: g.goid,
            state: self.state(runtime.state(&g).name()),
            wait_since: (waits && g.wait_since != 0).then_some(g.wait_since),
            scanned: g.status.is_scanned(),
            locked: g.locked_m.is_some(),
            stack: raw.stack,
            waits_on: self.waits_on(raw.stack, &raw.waits_on),
            polls: None,
            thread: raw.thread,
            // As `printcreatedby`: what starts the first is not the program's.
            creator: match g.goid {
                Goid(1) => None,
                _ => self.creator(mem, program, g.gopc),
            },
            parent: g.parent.filter(|parent| parent.0 != 0),
        }
    }

    fn waits_on(&self, stack: StackState, on: &[WaitsOn]) -> Vec<WaitsOn> {
        let stack = match stack {
            StackState::Known(id) => self.stacks.get(id.0 as usize),
            _ => None,
        };
        let frames = stack.map_or([].as_slice(), |stack| &stack.frames);
        let functions = frames.iter().map(|f| &*f.frame.func);
        on.iter().map(|on| on.named_by(functions.clone())).collect()
    }

    fn state(&mut self, name: &str) -> Arc<str> {
        match self.states.get(name) {
            Some(known) => Arc::clone(known),
            None => {
                let state: Arc<str> = name.into();
                self.states.insert(name.to_owned(), Arc::clone(&state));
                state
            }
        }
    }

    fn creator(&mut self, mem: &dyn Memory, program: &Program, gopc: Addr) -> Option<u32> {
        if gopc.is_null() {
            return None;
        }
        if let Some(known) = self.by_gopc.get(&gopc) {
            return *known;
        }
        let raw = RawStack {
            frames: vec![RawFrame {
                pc: gopc,
                sp: Addr(0),
                exact: false,
                kind: RawKind::Go,
            }],
            end: StackEnd::Root,
        };
        // The runtime names the physical function (`printcreatedby`), and the line of the
        // innermost.
        let frames = program.symbolize(mem, &raw).frames;
        let known = match (frames.first(), frames.last()) {
            (Some(inner), Some(outer)) if entry(mem, program, gopc).is_some() => {
                let frame = Frame {
                    file: Arc::clone(&inner.file),
                    line: inner.line,
                    ..outer.clone()
                };
                self.creators.push(Creator {
                    frame: placed(mem, program, frame),
                });
                u32::try_from(self.creators.len() - 1).ok()
            }
            _ => None,
        };
        self.by_gopc.insert(gopc, known);
        known
    }
}

/// The states of the channels that these goroutines wait on.
#[must_use]
pub fn channels(mem: &dyn Memory, goroutines: &[RawGoroutine]) -> HashMap<Addr, Channel> {
    let of = |on: &WaitsOn| match on {
        WaitsOn::Channel(at) => Some(*at),
        _ => None,
    };
    let all = goroutines.iter().flat_map(|g| g.waits_on.iter());
    let mut at: Vec<Addr> = all.filter_map(of).collect();
    at.sort_unstable();
    at.dedup();
    let states = sudog::channel_states(mem, &at);
    let known = at.into_iter().zip(states);
    known.filter_map(|(at, state)| Some((at, state?))).collect()
}

fn entry(mem: &dyn Memory, program: &Program, pc: Addr) -> Option<Addr> {
    let info = program.pc_info(mem, pc).ok().flatten()?;
    Some(info.entry)
}

fn placed(mem: &dyn Memory, program: &Program, frame: Frame) -> PlacedFrame {
    let entry = match frame.kind {
        FrameKind::Go | FrameKind::Guessed => entry(mem, program, frame.pc),
        FrameKind::Inlined | FrameKind::Native => None,
    };
    let offset = entry.map(|entry| frame.pc.0.wrapping_sub(entry.0));
    PlacedFrame {
        offset: offset.filter(|n| *n > 0),
        frame,
    }
}

fn place(mem: &dyn Memory, program: &Program, stack: Stack) -> NamedStack {
    let frames = stack.frames.into_iter();
    NamedStack {
        frames: frames.map(|f| placed(mem, program, f)).collect(),
        end: stack.end,
    }
}
