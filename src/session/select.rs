//! Which calls are told, by what is known of them once they are symbolised.

use crate::cli::config::Selection;
use crate::event::{Event, Frame, Hidden, SyscallEvent};

/// Why calls are counted as hidden that showed no finding.
pub(super) const NO_FINDING: &str = "they showed none of the findings asked for";

/// Why the call is not told; `None`: it is.
pub(super) fn hidden(select: &Selection, event: &SyscallEvent) -> Option<Hidden> {
    let go = &event.go;
    let class = go.class.get();
    if class.is_some_and(|class| class.parked) && select.hides_parked() {
        return Some(Hidden::Parked);
    }
    let class = class.map(|c| c.id);
    if !select.classes.is_empty() && !select.classes.iter().any(|c| Some(c.as_str()) == class) {
        return Some(Hidden::NotSelected);
    }
    let goid = go.goroutine.get().map(|g| g.goid);
    if !select.goroutines.is_empty() && !goid.is_some_and(|id| select.goroutines.contains(&id)) {
        return Some(Hidden::NotSelected);
    }
    let frames = go.stack.get().map_or(&[][..], |s| &s.frames);
    let matches = |f: &Frame| select.funcs.iter().any(|regex| regex.is_match(&f.func));
    let missed = !select.funcs.is_empty() && !frames.iter().any(matches);
    missed.then_some(Hidden::NotSelected)
}

/// Whether `--max-events` counts it.
pub(super) fn counts(event: &Event) -> bool {
    matches!(event, Event::Syscall(_) | Event::Signal(_) | Event::Exit(_))
}
