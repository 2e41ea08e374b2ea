//! Whether a layout that leads to the lists also makes sense of what is in them: releases differ
//! in fields behind those that the lists are held together by.

use super::{AllgsRoot, MAX_MS, RuntimeImage, array_of, chain, plausible};
use crate::golang::goroutine::{G, parse_g};
use crate::golang::layout::{Record, RuntimeLayout};
use crate::golang::wait_reason::GStatus;
use crate::ids::Addr;
use crate::memory::Memory;
use std::collections::HashSet;

/// Goroutines that are looked at.
const MAX_LOOKED_AT: u64 = 64;
/// Looks at each: it may change under the first.
const LOOKS: usize = 3;

/// What of the goroutines or M's cannot be, if this is the layout of the process.
pub(in crate::golang) fn contradiction(
    mem: &dyn Memory,
    image: &RuntimeImage<'_>,
    layout: &RuntimeLayout,
    allm: Addr,
    allgs: Option<AllgsRoot>,
) -> Option<&'static str> {
    let ms = || -> Option<HashSet<Addr>> {
        let mut budget = MAX_MS;
        let ms = chain(mem, image, layout, mem.ptr(allm).ok()?, &mut budget)?;
        Some(ms.into_iter().map(|m| m.addr).collect())
    };
    for m in ms()? {
        if let Some(what) = lasting(|| m_contradiction(mem, layout, m)) {
            return Some(what);
        }
    }
    let (array, len) = array_of(mem, allgs?)?;
    let mut started = image.function_at.is_none();
    for i in 0..len.min(MAX_LOOKED_AT) {
        let read = || {
            let addr = mem.ptr(array.add(i * 8)).ok()?;
            let record = Record::read(mem, addr, layout.g_span()).ok()?;
            let g = parse_g(&record, layout).ok()?;
            (!g.status.is_unused()).then_some(g)
        };
        let look = || g_contradiction(image, &read()?, &|m| ms().is_none_or(|ms| ms.contains(&m)));
        if let Some(what) = lasting(look) {
            return Some(what);
        }
        started |= read().is_some_and(|g| !g.startpc.is_null());
    }
    (!started).then_some("goroutines without a function")
}

/// What every look finds.
fn lasting(look: impl Fn() -> Option<&'static str>) -> Option<&'static str> {
    let looks: Option<Vec<_>> = (0..LOOKS).map(|_| look()).collect();
    looks?.pop()
}

fn m_contradiction(mem: &dyn Memory, layout: &RuntimeLayout, m: Addr) -> Option<&'static str> {
    let at = &layout.m;
    let m = Record::read(mem, m, layout.m_span()).ok()?;
    let flags = [Some(at.incgo), at.isextra].into_iter().flatten();
    if flags
        .map(|flag| m.u8(flag))
        .any(|flag| flag.is_ok_and(|f| f > 1))
    {
        return Some("an M with a flag that is neither true nor false");
    }
    let pointers = [at.gsignal, at.curg, at.p, at.oldp, at.lockedg];
    let wild = |field| {
        m.ptr(field)
            .is_ok_and(|at| !at.is_null() && !plausible(&at))
    };
    pointers
        .into_iter()
        .any(wild)
        .then_some("an M with a pointer that is none")
}

fn g_contradiction(
    image: &RuntimeImage<'_>,
    g: &G,
    is_m: &dyn Fn(Addr) -> bool,
) -> Option<&'static str> {
    if g.locked_m.is_some_and(|m| !is_m(m)) {
        return Some("a goroutine locked to what is no M");
    }
    if g.waiting.is_some_and(|at| !plausible(&at)) {
        return Some("a goroutine with a pointer that is none");
    }
    let function_at = image.function_at?;
    // Threads of C have goroutines that no `go` statement has begun.
    if !g.startpc.is_null() && function_at(g.startpc) != Some(g.startpc) {
        return Some("a goroutine that begins where no function does");
    }
    // Where it was made is behind a call.
    let is_call = |pc| function_at(pc).is_some_and(|entry| entry != pc);
    if !g.gopc.is_null() && !is_call(g.gopc) {
        return Some("a goroutine made where nothing is called");
    }
    let is_parked = g.status == GStatus::WAITING && g.syscall.is_none();
    (is_parked && function_at(g.sched.pc).is_none()).then_some("a goroutine parked in no function")
}
