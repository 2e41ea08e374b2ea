//! A target of `targets/` as libFuzzer runs it: that which the variable `FUZZ_TARGET` names. Each
//! execution is bounded as in `tests/hostile.rs`, by what it allocates; time is libFuzzer's.
#![no_main]

#[path = "../support/counting.rs"]
mod counting;
mod targets;

use counting::Counting;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use targets::{MOST, MOST_WORK, TARGETS, Target};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let named = TARGETS.into_iter().find(|(target, _)| *target == name);
    named.expect("FUZZ_TARGET names a target").1
});

fuzz_target!(|bytes: &[u8]| {
    let target = *TARGET;
    let used = counting::of(|| target(bytes));
    assert!(used.peak <= MOST, "held {} bytes", used.peak);
    assert!(used.total <= MOST_WORK, "took {} bytes", used.total);
});
