//! Both clocks at once; through the vDSO, so no system call.

use crate::event::Timestamp;
use nix::time::{ClockId, clock_gettime};

/// Now, on both clocks.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp {
        mono_ns: read(ClockId::CLOCK_MONOTONIC),
        wall_ns: read(ClockId::CLOCK_REALTIME),
    }
}

/// Now, CLOCK_MONOTONIC, nanoseconds.
#[must_use]
pub fn mono_ns() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Time since the machine was booted, nanoseconds: what /proc counts from.
#[must_use]
pub fn since_boot_ns() -> u64 {
    read(ClockId::CLOCK_BOOTTIME)
}

fn read(clock: ClockId) -> u64 {
    // These two clocks always exist; a failure would read as the epoch.
    clock_gettime(clock).map_or(0, |t| {
        (t.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(t.tv_nsec() as u64)
    })
}

/// Seconds that local time is ahead of UTC at `epoch_s`, seconds since the epoch.
#[must_use]
pub fn utc_offset(epoch_s: u64) -> i64 {
    let time = epoch_s as libc::time_t;
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call; a zeroed `tm` is a valid value, and reads
    // as UTC if the call fails.
    let local = unsafe {
        libc::localtime_r(&time, local.as_mut_ptr());
        local.assume_init()
    };
    local.tm_gmtoff
}
