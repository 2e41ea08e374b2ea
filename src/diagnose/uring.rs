//! `io_uring`: a thread that waits for completions.

use super::rules::Case;
use crate::finding::{Evidence, Finding, FindingId, Severity};

/// io_uring_enter(2): without it the call submits and does not wait.
const GETEVENTS: u64 = 1;
/// The descriptor is a number of the ring's own table.
const REGISTERED_RING: u64 = 16;

pub(super) fn waits(case: &Case<'_>) -> Option<Finding> {
    let (wanted, flags) = (case.arg(2) as u32, case.arg(3));
    let enters = case.name == "io_uring_enter" && flags & GETEVENTS != 0 && wanted > 0;
    // A loop of C's own thread is no goroutine's wait.
    let by_go = case.by_program() || matches!(case.class(), "cgo" | "cgo-callback");
    if !enters || flags & REGISTERED_RING != 0 || !by_go || !case.is_blocked() {
        return None;
    }
    let (fd, target) = case.fd()?;
    if target.anon_name() != Some("io_uring") {
        return None;
    }
    let in_flight = case.facts.in_flight(case.event.tid, fd);
    if !case.facts.still_in(case.event) {
        return None;
    }
    let severity = match in_flight.get() {
        Some(0) => Severity::Warning,
        _ => Severity::Note,
    };
    let evidence = vec![
        Evidence::Ring {
            fd,
            wanted,
            in_flight,
        },
        case.lasted(),
    ];
    Some(case.finding(FindingId::IoUring, severity, evidence))
}
