//! Files and what is read from and written to them.

use crate::syscall::describe::{Kind::*, ResultKind, calls};
use crate::syscall::kinds::io::*;
use crate::syscall::names::file::*;

calls! {
    read(fd: Fd, buf: Out(buffer_returned), count: Ulong);
    write(fd: Fd, buf: In(buffer), count: Ulong);
    pread64(fd: Fd, buf: Out(buffer_returned), count: Ulong, offset: Long);
    pwrite64(fd: Fd, buf: In(buffer), count: Ulong, offset: Long);
    readv(fd: Fd, iov: Exit(vectors_out), iovcnt: Ulong);
    writev(fd: Fd, iov: In(vectors_in), iovcnt: Ulong);
    flock(fd: Fd, operation: Flags(&FLOCK_OPS));
}

/// What fcntl returns, by its command.
pub(crate) fn fcntl_result(cmd: u64) -> ResultKind {
    match cmd as u32 {
        // F_DUPFD, F_DUPFD_CLOEXEC.
        0 | 1030 => ResultKind::Fd,
        _ => ResultKind::Int,
    }
}
