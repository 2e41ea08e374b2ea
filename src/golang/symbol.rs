//! Addresses to names: functions, files, lines, with inlined calls expanded, as the Go
//! runtime prints them with GOTRACEBACK=system (runtime/traceback.go `traceback2`).

use super::module::Module;
use super::pclntab::{Func, TableError};
use super::program::Program;
use super::unwind::{RawFrame, RawKind, RawStack};
use crate::event::{Frame, FrameKind, Stack};
use crate::ids::Addr;
use crate::memory::Memory;
use crate::native::{Modules, NativeFrame, name_frame};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Inlined calls at one address that are believed.
const MAX_INLINED: usize = 256;
/// Addresses remembered at most.
const MAX_CACHED: usize = 1 << 16;
/// Bytes of names remembered at most: those of all functions of a large program.
const MAX_BYTES: usize = 32 << 20;

/// Logical frames by PC, and whether it is the instruction itself.
type ByPc = HashMap<(Addr, bool), Arc<[Frame]>>;

/// What has been symbolised, and the strings that its frames share.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    by_pc: RwLock<ByPc>,
    /// Names of functions alone, by an address in them.
    names: RwLock<HashMap<Addr, Arc<str>>>,
    strings: Mutex<Strings>,
}

/// The strings that frames share, and how many bytes they have.
type Strings = (HashSet<Arc<str>>, usize);

impl Symbols {
    fn intern(&self, text: &[u8]) -> Arc<str> {
        let text = String::from_utf8_lossy(text);
        let mut strings = self.strings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = strings.0.get(&*text) {
            return Arc::clone(known);
        }
        if strings.1 >= MAX_BYTES {
            *strings = Strings::default();
            // They hold on to strings, too.
            let mut by_pc = self.by_pc.write().unwrap_or_else(PoisonError::into_inner);
            by_pc.clear();
            let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
            names.clear();
        }
        strings.1 += text.len();
        let fresh: Arc<str> = text.into();
        strings.0.insert(Arc::clone(&fresh));
        fresh
    }
}

impl Program {
    /// Names the frames of `raw`, inlined calls expanded. Remembered by address.
    pub fn symbolize(&self, memory: &(impl Memory + ?Sized), raw: &RawStack) -> Stack {
        self.symbolize_all(memory, raw, None)
    }

    /// The same, with the names of C functions.
    pub fn symbolize_all(
        &self,
        memory: &(impl Memory + ?Sized),
        raw: &RawStack,
        modules: Option<&dyn Modules>,
    ) -> Stack {
        let of_c = |frame: &RawFrame| -> Option<Frame> {
            let frame = NativeFrame {
                pc: frame.pc,
                sp: frame.sp,
                exact: frame.exact,
                guessed: frame.kind == RawKind::Guessed,
            };
            Some(name_frame(modules?, &frame))
        };
        let mut frames = Vec::with_capacity(raw.frames.len() + 8);
        for frame in &raw.frames {
            match frame.kind {
                RawKind::Native => frames.push(of_c(frame).unwrap_or_else(|| native(frame.pc))),
                RawKind::Gap => frames.push(native(frame.pc)),
                RawKind::Go => frames.extend(self.frames_at(memory, frame).iter().cloned()),
                RawKind::Guessed if modules.is_some() && self.module_of(frame.pc).is_none() => {
                    frames.extend(of_c(frame));
                }
                RawKind::Guessed => {
                    let named = self.frames_at(memory, frame);
                    frames.extend(named.iter().cloned().map(|f| Frame {
                        kind: FrameKind::Guessed,
                        ..f
                    }));
                }
            }
        }
        Stack {
            frames,
            end: raw.end.clone(),
        }
    }

    /// Name of the function at `pc` as the runtime prints it, for `created by` and the like.
    /// Remembered.
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn func_name_at(
        &self,
        memory: &(impl Memory + ?Sized),
        pc: Addr,
    ) -> Result<Option<Arc<str>>, TableError> {
        let cache = &self.symbols.names;
        let known = cache.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(&pc) {
            return Ok(Some(Arc::clone(name)));
        }
        drop(known);
        let Some((module, f)) = self.find_func(memory, pc)? else {
            return Ok(None);
        };
        let name = module.func_name(memory, f.name)?;
        let name = self.symbols.intern(&name_for_print(&name));
        let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(pc, Arc::clone(&name));
        Ok(Some(name))
    }

    /// The logical frames of a physical one, innermost first; never empty.
    fn frames_at(&self, memory: &(impl Memory + ?Sized), at: &RawFrame) -> Arc<[Frame]> {
        let key = (at.pc, at.exact);
        let cache = &self.symbols.by_pc;
        let known = cache.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(frames) = known.get(&key) {
            return Arc::clone(frames);
        }
        drop(known);
        let frames: Arc<[Frame]> = match self.find_func(memory, at.pc) {
            Ok(Some((module, f))) => match self.expand(memory, &module, &f, at) {
                Ok(frames) => frames.into(),
                // Not remembered: the next look may succeed.
                Err(_) => return [unnamed(at.pc)].into(),
            },
            _ => return [unnamed(at.pc)].into(),
        };
        let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(key, Arc::clone(&frames));
        frames
    }

    /// `inlineUnwinder` (runtime/symtabinl.go).
    fn expand(
        &self,
        memory: &(impl Memory + ?Sized),
        module: &Module,
        f: &Func,
        at: &RawFrame,
    ) -> Result<Vec<Frame>, TableError> {
        // A return address belongs to the call before it; `symPC` in runtime/traceback.go.
        let mut pc = match at.exact || at.pc <= f.entry {
            true => at.pc,
            false => at.pc.sub(1),
        };
        let frame = |pc: Addr, name: u32, kind| -> Result<Frame, TableError> {
            // A name without a line is worth more than none.
            let place = module.file_line(memory, f, pc).unwrap_or_default();
            let (file, line) = place.unwrap_or_default();
            let name = module.func_name(memory, name)?;
            Ok(Frame {
                pc: at.pc,
                func: self.symbols.intern(&name_for_print(&name)),
                file: self.symbols.intern(&file),
                line,
                kind,
            })
        };
        let mut frames = Vec::new();
        while let Some(call) = module.inlined_at(memory, f, pc)? {
            if frames.len() >= MAX_INLINED {
                return Err(TableError::Corrupt("inlined calls without end"));
            }
            frames.push(frame(pc, call.name, FrameKind::Inlined)?);
            pc = call.parent_pc;
        }
        frames.push(frame(pc, f.name, FrameKind::Go)?);
        Ok(frames)
    }
}

fn native(pc: Addr) -> Frame {
    Frame {
        pc,
        func: "[C code]".into(),
        file: "".into(),
        line: 0,
        kind: FrameKind::Native,
    }
}

fn unnamed(pc: Addr) -> Frame {
    Frame {
        func: format!("{pc}").into(),
        kind: FrameKind::Go,
        ..native(pc)
    }
}

/// `funcNameForPrint`: type arguments become `[...]`, one pair for a generic function or
/// type, two for a generic method of a generic type (1.27).
fn name_for_print(name: &[u8]) -> Vec<u8> {
    let open = name.iter().position(|b| *b == b'[');
    let close = name.iter().rposition(|b| *b == b']');
    let (Some(open), Some(close)) = (open, close) else {
        return name.to_vec();
    };
    if close <= open {
        return name.to_vec();
    }
    let (head, inner, tail) = (&name[..open], &name[open + 1..close], &name[close + 1..]);
    let middle: &[u8] = match between(inner) {
        Ok(None) => return [head, b"[...]", tail].concat(),
        Ok(Some(middle)) => middle,
        Err(()) => return name.to_vec(),
    };
    [head, b"[...]", middle, b"[...]", tail].concat()
}

/// What stands between two outermost bracket pairs, given what is inside their first and
/// last bracket; nothing if it is one pair. An error if the brackets do not match.
fn between(inner: &[u8]) -> Result<Option<&[u8]>, ()> {
    let mut depth = 1;
    let mut closed = None;
    for (i, b) in inner.iter().enumerate() {
        match b {
            b'[' => {
                depth += 1;
                if let (1, Some(closed)) = (depth, closed) {
                    return Ok(Some(&inner[closed + 1..i]));
                }
            }
            b']' => {
                depth -= 1;
                match depth {
                    0 => closed = Some(i),
                    ..0 => return Err(()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    match (depth, closed) {
        (1, None) => Ok(None),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_arguments_are_printed_as_the_runtime_prints_them() {
        let cases = [
            ("main.f", "main.f"),
            ("main.F[go.shape.int]", "main.F[...]"),
            ("main.(*T[go.shape.[]int]).M", "main.(*T[...]).M"),
            ("main.F[map[int]int].func1", "main.F[...].func1"),
            ("main.(*T[int]).M[go.shape.string]", "main.(*T[...]).M[...]"),
            ("main.a]b", "main.a]b"),
            ("main.a][b", "main.a][b"),
            ("main.a[b", "main.a[b"),
        ];
        for (name, want) in cases {
            let got = name_for_print(name.as_bytes());
            assert_eq!(String::from_utf8_lossy(&got), want);
        }
    }
}
