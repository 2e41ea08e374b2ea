//! How the kernel shares its CPUs between us and what we trace (sched(7)). What cannot be had is
//! done without; a policy that the user has chosen for us stays. Processes that a thread starts
//! afterwards would inherit what it has.

/// Lets the calling thread be put on a CPU soon after it wakes up, where busy threads leave none
/// idle: a look that comes late misses calls. Its share is asked for in small slices, which are
/// due earlier (Linux 6.12 and later, kernel/sched/syscalls.c `__setscheduler_params`); where we
/// may, it gets a higher priority as well.
pub fn be_prompt() {
    const SLICE_NS: u64 = 100_000;
    const PRIORITY: i32 = 10;
    let nice = nice();
    let higher = (nice - PRIORITY).max(-20);
    let _ = set(libc::SCHED_OTHER, higher, SLICE_NS) || set(libc::SCHED_OTHER, nice, SLICE_NS);
}

/// Keeps the calling thread from interrupting another when it wakes up: a tracee that stops gives
/// up its CPU anyway, in the next moment, and one that was interrupted instead is in the middle of
/// its work. By that more stops are handled each time (kernel/sched/fair.c,
/// `check_preempt_wakeup_fair`).
pub fn be_patient() {
    const DEFAULT_SLICE: u64 = 0;
    set(libc::SCHED_BATCH, nice(), DEFAULT_SLICE);
}

fn nice() -> i32 {
    // SAFETY: no memory is involved.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

/// Asked of the kernel itself: musl answers ENOSYS.
fn current() -> Option<i32> {
    // SAFETY: no memory is involved.
    let policy = unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) };
    i32::try_from(policy).ok()
}

/// Whether it was done.
fn set(policy: i32, nice: i32, slice_ns: u64) -> bool {
    if current() != Some(libc::SCHED_OTHER) {
        return false;
    }
    let attr = libc::sched_attr {
        size: size_of::<libc::sched_attr>() as u32,
        sched_policy: policy.cast_unsigned(),
        sched_flags: 0,
        sched_nice: nice,
        sched_priority: 0,
        sched_runtime: slice_ns,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the kernel reads `attr`, which is as long as it says.
    unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attr, 0) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_becomes_patient_and_stays_as_nice_and_another_does_not() {
        let patient = std::thread::spawn(|| {
            let before = nice();
            be_patient();
            (current(), before == nice())
        });
        assert_eq!(patient.join().unwrap(), (Some(libc::SCHED_BATCH), true));
        assert_eq!(current(), Some(libc::SCHED_OTHER));
    }

    #[test]
    fn a_policy_that_was_chosen_stays() {
        let chosen = std::thread::spawn(|| {
            be_patient();
            be_prompt();
            current()
        });
        assert_eq!(chosen.join().unwrap(), Some(libc::SCHED_BATCH));
    }
}
