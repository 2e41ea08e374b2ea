//! A target of `targets/`, as libFuzzer runs it: that which this binary is named after.
#![no_main]

use gostrace_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let named = TARGETS.iter().find(|(name, _)| *name == env!("CARGO_BIN_NAME"));
    named.expect("a target of this name").1
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
