//! Go from outside: build info, pclntab, struct layouts, goroutines, stacks, wait classes.
//! Pure: everything is read through [`crate::memory::Memory`].
