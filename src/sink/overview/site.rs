//! A place in the program: which function called, on a goroutine that was created where.

use super::column::Labels;
use crate::event::{GoContext, Known};
use crate::golang::own;
use crate::ids::Goid;
use crate::sink::push_untrusted;
use std::sync::Arc;

/// The goroutine that runs `main.main`.
const MAIN: Goid = Goid(1);

/// A place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Site {
    caller: Caller,
    origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Caller {
    /// The innermost frame that is the program's: function, file, line.
    At(Arc<str>, Arc<str>, u32),
    /// There is none on the stack.
    None,
    Unknown,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Origin {
    CreatedBy(Arc<str>),
    Main,
    /// The thread works for no goroutine.
    System,
    Unknown,
}

impl Site {
    /// Where a call was made; `None` where stacks are not looked at.
    pub fn of(go: &GoContext) -> Option<Site> {
        let caller = match &go.stack {
            Known::NotAsked => return None,
            Known::Unknown(_) => Caller::Unknown,
            Known::Is(stack) => match own::caller(&stack.frames) {
                Some(f) => Caller::At(Arc::clone(&f.func), Arc::clone(&f.file), f.line),
                None => Caller::None,
            },
        };
        let origin = match go.goroutine.get() {
            None => Origin::Unknown,
            Some(g) => match &g.created_by {
                Some(func) => Origin::CreatedBy(Arc::clone(func)),
                None if g.goid == Goid(0) => Origin::System,
                None if g.goid == MAIN => Origin::Main,
                None => Origin::Unknown,
            },
        };
        Some(Site { caller, origin })
    }

    /// `main.fetch main.go:42 < main.serve`.
    pub fn labels(&self) -> Labels {
        let mut name = String::new();
        match &self.caller {
            Caller::At(func, file, line) => {
                push_untrusted(&mut name, func);
                let file = file.rsplit('/').next().unwrap_or_default();
                if !file.is_empty() {
                    name.push(' ');
                    push_untrusted(&mut name, file);
                    name.push_str(&format!(":{line}"));
                }
            }
            Caller::None => name.push_str("(none of the program's functions)"),
            Caller::Unknown => name.push_str("(unknown)"),
        }
        name.push_str(" < ");
        match &self.origin {
            Origin::CreatedBy(func) => push_untrusted(&mut name, func),
            Origin::Main => name.push_str("(main goroutine)"),
            Origin::System => name.push_str("(no goroutine)"),
            Origin::Unknown => name.push_str("(unknown)"),
        }
        Labels {
            name,
            ..Labels::default()
        }
    }
}
