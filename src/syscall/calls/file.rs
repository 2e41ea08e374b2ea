//! Files and what is read from and written to them.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, ResultKind, calls, list};
use crate::syscall::kinds::io::*;
use crate::syscall::kinds::stat::*;
use crate::syscall::kinds::time::timeval_pair;
use crate::syscall::names::file::*;
use crate::syscall::names::memory::MEMFD_FLAGS;
use crate::value::Value;

calls! {
    read(fd: Fd, buf: Out(buffer_returned), count: Ulong);
    write(fd: Fd, buf: In(buffer), count: Ulong);
    pread64(fd: Fd, buf: Out(buffer_returned), count: Ulong, offset: Long);
    pwrite64(fd: Fd, buf: In(buffer), count: Ulong, offset: Long);
    readv(fd: Fd, iov: Exit(vectors_out), iovcnt: Ulong);
    writev(fd: Fd, iov: In(vectors_in), iovcnt: Ulong);
    preadv(fd: Fd, iov: Exit(vectors_out), iovcnt: Ulong, offset: Long);
    pwritev(fd: Fd, iov: In(vectors_in), iovcnt: Ulong, offset: Long);
    preadv2(fd: Fd, iov: Exit(vectors_out), iovcnt: Ulong, offset: Long, pos_h: Skip,
        flags: Flags(&RWF_FLAGS));
    pwritev2(fd: Fd, iov: In(vectors_in), iovcnt: Ulong, offset: Long, pos_h: Skip,
        flags: Flags(&RWF_FLAGS));
    open(..) = open_params -> Fd;
    openat(..) = openat_params -> Fd;
    openat2(dirfd: DirFd, pathname: In(path), how: In(open_how), size: Ulong) -> Fd;
    creat(pathname: In(path), mode: Mode) -> Fd;
    close(fd: Fd);
    close_range(first: Uint, last: Uint, flags: Flags(&CLOSE_RANGE_FLAGS));
    dup(oldfd: Fd) -> Fd;
    dup2(oldfd: Fd, newfd: Fd) -> Fd;
    dup3(oldfd: Fd, newfd: Fd, flags: Flags(&PIPE_FLAGS)) -> Fd;
    pipe(pipefd: Out(fd_pair));
    pipe2(pipefd: Out(fd_pair), flags: Flags(&PIPE_FLAGS));
    fcntl(..) = fcntl_params, asides fcntl_asides;
    flock(fd: Fd, operation: Flags(&FLOCK_OPS));
    fsync(fd: Fd);
    fdatasync(fd: Fd);
    sync();
    syncfs(fd: Fd);
    sync_file_range(fd: Fd, offset: Long, nbytes: Long, flags: Flags(&SYNC_RANGE_FLAGS));
    fallocate(fd: Fd, mode: Flags(&FALLOC_FLAGS), offset: Long, len: Long);
    fadvise64(fd: Fd, offset: Long, len: Long, advice: Const(&FADVICE));
    readahead(fd: Fd, offset: Long, count: Ulong);
    lseek(fd: Fd, offset: Long, whence: Const(&SEEK_WHENCE));
    ioctl(..) = ioctl_params;
    stat(pathname: In(path), statbuf: Out(stat));
    lstat(pathname: In(path), statbuf: Out(stat));
    fstat(fd: Fd, statbuf: Out(stat));
    newfstatat(dirfd: DirFd, pathname: In(path), statbuf: Out(stat), flags: Flags(&AT_FLAGS));
    statx(dirfd: DirFd, pathname: In(path), flags: In(statx_flags), mask: Flags(&STATX_MASK),
        statxbuf: Out(statx));
    statfs(path: In(path), buf: Out(statfs));
    fstatfs(fd: Fd, buf: Out(statfs));
    access(pathname: In(path), mode: Flags(&ACCESS_MODES));
    faccessat(dirfd: DirFd, pathname: In(path), mode: Flags(&ACCESS_MODES));
    faccessat2(dirfd: DirFd, pathname: In(path), mode: Flags(&ACCESS_MODES),
        flags: Flags(&FACCESSAT_FLAGS));
    rename(oldpath: In(path), newpath: In(path));
    renameat(olddirfd: DirFd, oldpath: In(path), newdirfd: DirFd, newpath: In(path));
    renameat2(olddirfd: DirFd, oldpath: In(path), newdirfd: DirFd, newpath: In(path),
        flags: Flags(&RENAME_FLAGS));
    unlink(pathname: In(path));
    unlinkat(dirfd: DirFd, pathname: In(path), flags: Flags(&UNLINKAT_FLAGS));
    mkdir(pathname: In(path), mode: Mode);
    mkdirat(dirfd: DirFd, pathname: In(path), mode: Mode);
    rmdir(pathname: In(path));
    mknod(..) = mknod_params;
    mknodat(..) = mknodat_params;
    link(oldpath: In(path), newpath: In(path));
    linkat(olddirfd: DirFd, oldpath: In(path), newdirfd: DirFd, newpath: In(path),
        flags: Flags(&AT_FLAGS));
    symlink(target: In(path), linkpath: In(path));
    symlinkat(target: In(path), newdirfd: DirFd, linkpath: In(path));
    readlink(pathname: In(path), buf: Out(buffer_returned), bufsiz: Ulong);
    readlinkat(dirfd: DirFd, pathname: In(path), buf: Out(buffer_returned), bufsiz: Ulong);
    chmod(pathname: In(path), mode: Mode);
    fchmod(fd: Fd, mode: Mode);
    fchmodat(dirfd: DirFd, pathname: In(path), mode: Mode);
    fchmodat2(dirfd: DirFd, pathname: In(path), mode: Mode, flags: Flags(&AT_FLAGS));
    chown(pathname: In(path), owner: Uid, group: Uid);
    fchown(fd: Fd, owner: Uid, group: Uid);
    lchown(pathname: In(path), owner: Uid, group: Uid);
    fchownat(dirfd: DirFd, pathname: In(path), owner: Uid, group: Uid, flags: Flags(&AT_FLAGS));
    umask(mask: Mode) -> Octal;
    utimensat(dirfd: DirFd, pathname: In(path), times: In(file_times), flags: Flags(&AT_FLAGS));
    utimes(filename: In(path), times: In(timeval_pair));
    truncate(path: In(path), length: Ulong);
    ftruncate(fd: Fd, length: Ulong);
    getdents(fd: Fd, dirp: Out(dirents), count: Uint);
    getdents64(fd: Fd, dirp: Out(dirents), count: Ulong);
    chdir(path: In(path));
    fchdir(fd: Fd);
    chroot(path: In(path));
    getcwd(buf: Out(path), size: Ulong);
    memfd_create(name: In(string), flags: Flags(&MEMFD_FLAGS)) -> Fd;
    splice(fd_in: Fd, off_in: InOut(offset, offset_moved), fd_out: Fd,
        off_out: InOut(offset, offset_moved), len: Ulong, flags: Flags(&SPLICE_FLAGS));
    tee(fd_in: Fd, fd_out: Fd, len: Ulong, flags: Flags(&SPLICE_FLAGS));
    vmsplice(fd: Fd, iov: In(vectors_in), nr_segs: Ulong, flags: Flags(&SPLICE_FLAGS));
    sendfile(out_fd: Fd, in_fd: Fd, offset: InOut(offset, sendfile_moved), count: Ulong);
    copy_file_range(fd_in: Fd, off_in: InOut(offset, offset_moved), fd_out: Fd,
        off_out: InOut(offset, offset_moved), len: Ulong, flags: Hex32);
}

fn open_params(cx: &Cx<'_>) -> &'static [Param] {
    match creates(cx.arg(1)) {
        true => list!(pathname: In(path), flags: In(open_flags), mode: Mode),
        false => list!(pathname: In(path), flags: In(open_flags)),
    }
}

fn openat_params(cx: &Cx<'_>) -> &'static [Param] {
    match creates(cx.arg(2)) {
        true => list!(dirfd: DirFd, pathname: In(path), flags: In(open_flags), mode: Mode),
        false => list!(dirfd: DirFd, pathname: In(path), flags: In(open_flags)),
    }
}

/// Whether a mode makes a device node.
fn is_device(mode: u64) -> bool {
    matches!(mode & 0o170_000, 0o020_000 | 0o060_000)
}

fn mknod_params(cx: &Cx<'_>) -> &'static [Param] {
    match is_device(cx.arg(1)) {
        true => list!(pathname: In(path), mode: In(mode_arg), dev: In(device_arg)),
        false => list!(pathname: In(path), mode: In(mode_arg)),
    }
}

fn mknodat_params(cx: &Cx<'_>) -> &'static [Param] {
    match is_device(cx.arg(2)) {
        true => list!(dirfd: DirFd, pathname: In(path), mode: In(mode_arg), dev: In(device_arg)),
        false => list!(dirfd: DirFd, pathname: In(path), mode: In(mode_arg)),
    }
}

fn fcntl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        // F_GETFD, F_GETFL, F_GETOWN, F_GETSIG, F_GETLEASE, F_GETPIPE_SZ, F_GET_SEALS.
        1 | 3 | 9 | 11 | 1025 | 1032 | 1034 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS)),
        // F_DUPFD, F_DUPFD_CLOEXEC, F_SETPIPE_SZ.
        0 | 1030 | 1031 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Int),
        2 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Flags(&FD_FLAGS)),
        4 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: In(open_flags)),
        // F_GETLK, F_OFD_GETLK.
        5 | 36 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Out(flock_out)),
        // F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW.
        6 | 7 | 37 | 38 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: In(flock)),
        8 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Pid),
        10 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Signal),
        15 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: In(owner)),
        16 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Out(owner)),
        17 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Ptr),
        1024 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Const(&LEASE_TYPES)),
        1033 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Flags(&SEALS)),
        _ => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Hex),
    }
}

/// What fcntl's result means, where it is more than a number.
fn fcntl_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    let result = cx.count();
    match (cx.arg(1) as u32, cx.returned()) {
        (_, None) => Vec::new(),
        (1, _) if result != 0 => vec![("flags", Value::Flags(result, &FD_FLAGS))],
        (3, _) => vec![("flags", open_flags(cx, result))],
        (11, _) if result != 0 => {
            vec![("", Value::Signal(crate::ids::Signal(result as i32)))]
        }
        (1025, _) => vec![("", Value::Const(result, &LEASE_TYPES))],
        _ => Vec::new(),
    }
}

/// What fcntl returns, by its command.
pub(crate) fn fcntl_result(cmd: u64) -> ResultKind {
    match cmd as u32 {
        // F_DUPFD, F_DUPFD_CLOEXEC.
        0 | 1030 => ResultKind::Fd,
        // F_GETFD, F_GETFL, F_GETLEASE.
        1 | 3 | 1025 => ResultKind::Hex,
        // F_GETOWN.
        9 => ResultKind::Pid,
        _ => ResultKind::Int,
    }
}

fn ioctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        // FIOCLEX, FIONCLEX, TIOCEXCL, TIOCNXCL, TIOCNOTTY.
        0x5450 | 0x5451 | 0x540c | 0x540d | 0x5422 => list!(fd: Fd, request: In(ioctl_request)),
        // FIONBIO, FIOASYNC.
        0x5421 | 0x5452 => list!(fd: Fd, request: In(ioctl_request), argp: In(int)),
        // FIONREAD, TIOCOUTQ, TIOCGPGRP.
        0x541b | 0x5411 | 0x540f => list!(fd: Fd, request: In(ioctl_request), argp: Out(int)),
        _ => list!(fd: Fd, request: In(ioctl_request), argp: In(ioctl_arg)),
    }
}

/// A request by name, or taken apart as asm-generic/ioctl.h builds it.
fn ioctl_request(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    if IOCTLS.name(raw).is_some() {
        return Value::Const(raw, &IOCTLS);
    }
    let direction = match raw >> 30 {
        0 => "_IOC_NONE",
        1 => "_IOC_WRITE",
        2 => "_IOC_READ",
        _ => "_IOC_READ|_IOC_WRITE",
    };
    Value::Conversion(
        "_IOC",
        vec![
            Value::Symbol(direction),
            Value::Hex(raw >> 8 & 0xff),
            Value::Hex(raw & 0xff),
            Value::Hex(raw >> 16 & 0x3fff),
        ],
    )
}

/// An ioctl argument that we know nothing of: a pointer where the request has a name.
fn ioctl_arg(cx: &Cx<'_>, raw: u64) -> Value {
    match IOCTLS.name(cx.arg(1) & 0xffff_ffff) {
        Some(_) => Value::Ptr(crate::ids::Addr(raw)),
        None => Value::Hex(raw),
    }
}
