//! A goroutine, its thread and its P in words: a traceback's `goroutine 42 [syscall, locked to
//! thread]`, then what a traceback does not say.
//!
//! ```text
//! goroutine 42 [syscall, locked to thread] in cgo, M 4, P 2 handed off to M 7
//! goroutine 7 [running] M 3, P 1
//! no goroutine (system stack), locked to goroutine 1 [chan receive], M 0
//! ```

use super::push_untrusted;
use crate::event::{GoState, Goroutine, HeldP, PNow};
use crate::ids::Goid;
use std::fmt::Write as _;

/// Goroutine and place.
pub fn push_goroutine(out: &mut String, g: &Goroutine) {
    match &g.state {
        Some(state) => {
            push_header(out, g.goid, state, g.locked);
            out.push(' ');
        }
        None => out.push_str("no goroutine (system stack), "),
    }
    push_place(out, g);
}

/// Where it runs: C, thread, M and P.
pub fn push_place(out: &mut String, g: &Goroutine) {
    if let Some((goid, state)) = &g.kept_for {
        out.push_str("locked to ");
        push_header(out, *goid, state, false);
        out.push_str(", ");
    }
    if g.in_cgo {
        out.push_str("in cgo, ");
    }
    // Writing into a String cannot fail; here and below.
    let _ = write!(out, "M {}", g.m);
    push_p(out, g);
}

fn push_header(out: &mut String, goid: Goid, state: &GoState, locked: bool) {
    let _ = write!(out, "goroutine {goid} [");
    push_untrusted(out, state.name());
    out.push_str(if locked { ", locked to thread]" } else { "]" });
}

fn push_p(out: &mut String, g: &Goroutine) {
    if let Some(id) = g.p.id() {
        let _ = write!(out, ", P {id}");
    }
    match g.p {
        HeldP::Held(_) => {}
        HeldP::Kept(_) => out.push_str(" still its own"),
        HeldP::Left(_, now) => {
            out.push_str(" handed off");
            match now {
                PNow::OfM(m) => {
                    let _ = write!(out, " to M {m}");
                }
                PNow::InCall => out.push_str(", in a call of another thread"),
                PNow::Idle => out.push_str(", idle"),
                PNow::Stopped => out.push_str(", stopped with the world"),
                PNow::Unknown => out.push_str(", on its way to another M"),
            }
        }
        // A thread that works for no goroutine is not expected to have one.
        HeldP::None if g.state.is_none() => {}
        HeldP::None => out.push_str(", no P"),
        HeldP::Unknown(reason) => {
            let _ = write!(out, ", P unknown: {reason}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(g: &Goroutine) -> String {
        let mut out = String::new();
        push_goroutine(&mut out, g);
        out
    }

    fn goroutine(p: HeldP) -> Goroutine {
        Goroutine {
            goid: Goid(42),
            state: Some(GoState::Syscall),
            locked: false,
            kept_for: None,
            in_cgo: false,
            entry: None,
            created_by: None,
            m: 4,
            p,
        }
    }

    #[test]
    fn where_the_p_is_is_said_in_words() {
        let places = [
            (HeldP::Held(2), "P 2"),
            (HeldP::Kept(2), "P 2 still its own"),
            (HeldP::Left(2, PNow::OfM(7)), "P 2 handed off to M 7"),
            (HeldP::Left(2, PNow::Idle), "P 2 handed off, idle"),
            (
                HeldP::Left(2, PNow::InCall),
                "P 2 handed off, in a call of another thread",
            ),
            (
                HeldP::Left(2, PNow::Stopped),
                "P 2 handed off, stopped with the world",
            ),
            (
                HeldP::Left(2, PNow::Unknown),
                "P 2 handed off, on its way to another M",
            ),
            (HeldP::None, "no P"),
            (
                HeldP::Unknown("its P cannot be read"),
                "P unknown: its P cannot be read",
            ),
        ];
        for (p, words) in places {
            let expected = format!("goroutine 42 [syscall] M 4, {words}");
            assert_eq!(text(&goroutine(p)), expected);
        }
    }

    #[test]
    fn the_header_is_that_of_a_traceback() {
        let mut g = goroutine(HeldP::Held(0));
        g.locked = true;
        g.in_cgo = true;
        let expected = "goroutine 42 [syscall, locked to thread] in cgo, M 4, P 0";
        assert_eq!(text(&g), expected);
    }

    #[test]
    fn a_thread_kept_for_a_goroutine_says_what_that_waits_for() {
        let mut g = goroutine(HeldP::None);
        g.goid = Goid(0);
        g.state = None;
        assert_eq!(text(&g), "no goroutine (system stack), M 4");
        g.kept_for = Some((Goid(1), GoState::Waiting(Some("chan receive".into()))));
        let expected = "no goroutine (system stack), locked to goroutine 1 [chan receive], M 4";
        assert_eq!(text(&g), expected);
    }
}
