//! An allocator that counts what each thread holds and takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a thread allocates.
#[derive(Clone, Copy, Default, Debug)]
pub struct Used {
    /// Bytes held now; freed here what another thread took counts as nothing.
    held: usize,
    /// As many at most.
    pub peak: usize,
    /// Bytes taken in all.
    pub total: usize,
}

thread_local! {
    static USED: Cell<Used> = const {
        Cell::new(Used {
            held: 0,
            peak: 0,
            total: 0,
        })
    };
}

/// What `work` uses on this thread.
pub fn of(work: impl FnOnce()) -> Used {
    USED.set(Used::default());
    work();
    USED.get()
}

pub struct Counting;

impl Counting {
    fn taken(size: usize) {
        // A thread that ends has no counter any more.
        let _ = USED.try_with(|used| {
            let mut now = used.get();
            now.held += size;
            now.total += size;
            now.peak = now.peak.max(now.held);
            used.set(now);
        });
    }

    fn freed(size: usize) {
        let _ = USED.try_with(|used| {
            let mut now = used.get();
            now.held = now.held.saturating_sub(size);
            used.set(now);
        });
    }
}

// SAFETY: all is passed on to the system's allocator, as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Counting::taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counting::freed(layout.size());
        Counting::taken(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        Counting::freed(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}
