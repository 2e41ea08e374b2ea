//! What Go knows about a call.

use super::emit::{Object, object};
use crate::event::{
    Frame, FrameKind, GoContext, GoState, Goroutine, HeldP, Known, PNow, Stack, StackEnd,
};

/// `KEY`: the fact; or `KEY_unknown`: why it is not known; or nothing, if it was not asked for.
pub(super) fn known<T>(
    o: &mut Object<'_>,
    key: &str,
    fact: &Known<T>,
    write: impl FnOnce(&mut String, &T),
) {
    match fact {
        Known::NotAsked => {}
        Known::Is(fact) => write(o.key(key), fact),
        Known::Unknown(reason) => o.string(&format!("{key}_unknown"), reason),
    }
}

/// Goroutine, class and stack, of which `depth` frames are shown at most.
pub(super) fn fields(o: &mut Object<'_>, go: &GoContext, depth: Option<usize>) {
    known(o, "goroutine", &go.goroutine, |out, g| {
        object(out, |o| goroutine(o, g));
    });
    known(o, "class", &go.class, |out, class| {
        object(out, |o| {
            o.string("id", class.id);
            o.flag("parked", class.parked);
            o.string("explanation", class.explanation);
        });
    });
    if let Some(depth) = depth {
        known(o, "stack", &go.stack, |out, s| {
            object(out, |o| stack(o, s, depth));
        });
    }
}

fn goroutine(o: &mut Object<'_>, g: &Goroutine) {
    o.number("id", g.goid.0);
    if let Some(state) = &g.state {
        write_state(o, state);
    }
    o.mark("locked", g.locked);
    if let Some((goid, state)) = &g.kept_for {
        o.object("kept_for", |o| {
            o.number("id", goid.0);
            write_state(o, state);
        });
    }
    o.mark("in_cgo", g.in_cgo);
    o.some("entry", g.entry.as_deref());
    o.some("created_by", g.created_by.as_deref());
    o.number("m", g.m);
    o.object("p", |o| held(o, g.p));
}

fn write_state(o: &mut Object<'_>, state: &GoState) {
    let (name, reason) = match state {
        GoState::Runnable => ("runnable", None),
        GoState::Running => ("running", None),
        GoState::Syscall => ("syscall", None),
        GoState::Waiting(reason) => ("waiting", reason.as_deref()),
        GoState::Preempted => ("preempted", None),
        GoState::CopyingStack => ("copystack", None),
        GoState::Leaked(reason) => ("leaked", reason.as_deref()),
        GoState::Other(number) => {
            o.number("state_number", *number);
            ("other", None)
        }
    };
    o.string("state", name);
    o.some("wait_reason", reason);
}

fn held(o: &mut Object<'_>, p: HeldP) {
    if let Some(id) = p.id() {
        o.number("id", id);
    }
    o.string(
        "how",
        match p {
            HeldP::Held(_) => "held",
            HeldP::Kept(_) => "kept",
            HeldP::Left(..) => "left",
            HeldP::None => "none",
            HeldP::Unknown(_) => "unknown",
        },
    );
    match p {
        HeldP::Left(_, now) => {
            o.string(
                "now",
                match now {
                    PNow::OfM(_) => "of-m",
                    PNow::InCall => "in-call",
                    PNow::Idle => "idle",
                    PNow::Stopped => "stopped",
                    PNow::Unknown => "unknown",
                },
            );
            if let PNow::OfM(m) = now {
                o.number("m", m);
            }
        }
        HeldP::Unknown(reason) => o.string("reason", reason),
        _ => {}
    }
}

fn stack(o: &mut Object<'_>, stack: &Stack, depth: usize) {
    let shown = stack.frames.get(..depth).unwrap_or(&stack.frames);
    o.list("frames", shown, |out, f| object(out, |o| frame(o, f)));
    let end = match shown.len() < stack.frames.len() {
        true => &StackEnd::Depth,
        false => &stack.end,
    };
    match end {
        StackEnd::Root => o.string("end", "root"),
        StackEnd::Depth => o.string("end", "depth"),
        StackEnd::Broken(reason) => {
            o.string("end", "broken");
            o.string("reason", reason);
        }
    }
}

fn frame(o: &mut Object<'_>, frame: &Frame) {
    o.some("func", Some(&*frame.func).filter(|f| !f.is_empty()));
    o.some("file", Some(&*frame.file).filter(|f| !f.is_empty()));
    if frame.line != 0 {
        o.number("line", frame.line);
    }
    o.address("pc", frame.pc.0);
    o.string(
        "kind",
        match frame.kind {
            FrameKind::Go => "go",
            FrameKind::Inlined => "inlined",
            FrameKind::Native => "native",
            FrameKind::Guessed => "guessed",
        },
    );
}
