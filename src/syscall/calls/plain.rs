//! Calls of which only the parameters' number and sort are described.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::path;

calls! {
    bpf(cmd: Int, attr: Ptr, size: Uint);
    perf_event_open(attr: Ptr, pid: Pid, cpu: Int, group_fd: Fd, flags: Hex) -> Fd;
    fanotify_mark(fd: Fd, flags: Hex32, mask: Hex, dirfd: DirFd, pathname: In(path));
    io_getevents(ctx_id: Hex, min_nr: Long, nr: Long, events: Ptr, timeout: Ptr);
}
