//! ptrace, wait, process memory, procfs: the only `unsafe`, the only system calls.
