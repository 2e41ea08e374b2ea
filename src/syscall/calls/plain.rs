//! Calls of which only the parameters' number and sort are described.

use crate::syscall::describe::{Kind::*, calls};

calls! {
    bpf(cmd: Int, attr: Ptr, size: Uint);
    perf_event_open(attr: Ptr, pid: Pid, cpu: Int, group_fd: Fd, flags: Hex) -> Fd;
}
