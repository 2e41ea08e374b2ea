//! Files and what is read from and written to them.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, ResultKind, calls, list};
use crate::syscall::kinds::io::*;
use crate::syscall::kinds::mount::*;
use crate::syscall::kinds::stat::*;
use crate::syscall::kinds::time::{file_timevals, utimbuf};
use crate::syscall::names::file::*;
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
    dup3(oldfd: Fd, newfd: Fd, flags: In(descriptor_flags)) -> Fd;
    pipe(pipefd: Out(fd_pair));
    pipe2(pipefd: Out(fd_pair), flags: In(descriptor_flags));
    fcntl(..) = fcntl_params, asides fcntl_asides;
    flock(fd: Fd, operation: Flags(&FLOCK_OPS));
    fsync(fd: Fd);
    fdatasync(fd: Fd);
    sync();
    syncfs(fd: Fd);
    sync_file_range(fd: Fd, offset: Long, nbytes: Long, flags: Flags(&SYNC_RANGE_FLAGS));
    fallocate(fd: Fd, mode: Flags(&FALLOC_FLAGS), offset: Long, len: Long);
    fadvise64(fd: Fd, offset: Long, len: Ulong, advice: Const(&FADVICE));
    readahead(fd: Fd, offset: Long, count: Ulong);
    lseek(fd: Fd, offset: Long, whence: Const(&SEEK_WHENCE));
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
    unlinkat(dirfd: DirFd, pathname: In(path), flags: Flags(&AT_FLAGS));
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
    utimes(filename: In(path), times: In(file_timevals));
    futimesat(dirfd: DirFd, pathname: In(path), times: In(file_timevals));
    utime(filename: In(path), times: In(utimbuf));
    truncate(path: In(path), length: Ulong);
    ftruncate(fd: Fd, length: Ulong);
    getdents(fd: Fd, dirp: Out(dirents), count: Uint);
    getdents64(fd: Fd, dirp: Out(dirents64), count: Uint);
    setxattr(path: In(path), name: In(string), value: In(xattr_value), size: Ulong,
        flags: Flags(&XATTR_FLAGS));
    lsetxattr(path: In(path), name: In(string), value: In(xattr_value), size: Ulong,
        flags: Flags(&XATTR_FLAGS));
    fsetxattr(fd: Fd, name: In(string), value: In(xattr_value), size: Ulong,
        flags: Flags(&XATTR_FLAGS));
    getxattr(path: In(path), name: In(string), value: Out(xattr_value_out), size: Ulong);
    lgetxattr(path: In(path), name: In(string), value: Out(xattr_value_out), size: Ulong);
    fgetxattr(fd: Fd, name: In(string), value: Out(xattr_value_out), size: Ulong);
    listxattr(path: In(path), list: Out(xattr_list), size: Ulong);
    llistxattr(path: In(path), list: Out(xattr_list), size: Ulong);
    flistxattr(fd: Fd, list: Out(xattr_list), size: Ulong);
    removexattr(path: In(path), name: In(string));
    lremovexattr(path: In(path), name: In(string));
    fremovexattr(fd: Fd, name: In(string));
    name_to_handle_at(dirfd: DirFd, pathname: In(path), handle: InOut(handle_size, handle_after),
        mount_id: Out(int), flags: Flags(&HANDLE_FLAGS));
    open_by_handle_at(mount_fd: Fd, handle: In(handle), flags: In(open_flags)) -> Fd;
    acct(filename: In(path));
    swapon(path: In(path), swapflags: In(swap_flags));
    swapoff(path: In(path));
    mount(..) = mount_params;
    umount2(target: In(path), flags: Flags(&UMOUNT_FLAGS));
    pivot_root(new_root: In(path), put_old: In(path));
    fsopen(fsname: In(string), flags: Flags(&FSOPEN_FLAGS)) -> Fd;
    fspick(dirfd: DirFd, pathname: In(path), flags: Flags(&FSPICK_FLAGS)) -> Fd;
    fsconfig(..) = fsconfig_params;
    fsmount(fs_fd: Fd, flags: Flags(&FSMOUNT_FLAGS), attr_flags: Flags(&FSMOUNT_ATTRS)) -> Fd;
    move_mount(from_dfd: DirFd, from_path: In(path), to_dfd: DirFd, to_path: In(path),
        flags: Flags(&MOVE_MOUNT_FLAGS));
    open_tree(dirfd: DirFd, pathname: In(path), flags: Flags(&OPEN_TREE_FLAGS)) -> Fd;
    mount_setattr(dirfd: DirFd, pathname: In(path), flags: Flags(&MOUNT_SETATTR_FLAGS),
        uattr: In(mount_attr), usize: Ulong);
    ustat(dev: In(device_arg), ubuf: Out(ustat));
    lookup_dcookie(cookie: Ulong, buffer: Out(buffer_returned), len: Ulong);
    chdir(path: In(path));
    fchdir(fd: Fd);
    chroot(path: In(path));
    getcwd(buf: Out(path), size: Ulong);
    memfd_create(name: In(memfd_name), flags: In(memfd_flags)) -> Fd;
    splice(fd_in: Fd, off_in: In(offset), fd_out: Fd,
        off_out: In(offset), len: Ulong, flags: Flags(&SPLICE_FLAGS));
    tee(fd_in: Fd, fd_out: Fd, len: Ulong, flags: Flags(&SPLICE_FLAGS));
    vmsplice(fd: Fd, iov: In(vectors_in), nr_segs: Ulong, flags: Flags(&SPLICE_FLAGS));
    sendfile(out_fd: Fd, in_fd: Fd, offset: InOut(size_pointee, sendfile_moved), count: Ulong);
    copy_file_range(fd_in: Fd, off_in: In(offset), fd_out: Fd,
        off_out: In(offset), len: Ulong, flags: Uint);
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
        0 | 1030 | 1031 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Long),
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
        1024 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Const64(&LOCK_TYPES)),
        1026 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Flags64(&NOTIFY_FLAGS)),
        // F_DUPFD_QUERY.
        1027 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Fd),
        1033 => list!(fd: Fd, cmd: Const(&FCNTL_CMDS), arg: Flags64(&SEALS)),
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
        (1025, _) => vec![("", Value::Const(result, &LOCK_TYPES))],
        (1034, _) if result != 0 => vec![("seals", Value::Flags(result, &SEALS))],
        _ => Vec::new(),
    }
}

/// What fcntl returns, by its command.
pub(crate) fn fcntl_result(cmd: u64) -> ResultKind {
    match cmd as u32 {
        // F_DUPFD, F_DUPFD_CLOEXEC.
        0 | 1030 => ResultKind::Fd,
        // F_GETFD, F_GETFL, F_GETLEASE, F_GET_SEALS.
        1 | 3 | 1025 | 1034 => ResultKind::Hex,
        // F_GETOWN.
        9 => ResultKind::Pid,
        _ => ResultKind::Int,
    }
}

/// Whether mount looks at the file system's name, and at its data, by its flags: not where it
/// changes what is mounted.
fn mount_params(cx: &Cx<'_>) -> &'static [Param] {
    // The magic in the upper half is for kernels before 2.4.
    const MS_MGC: u64 = 0xc0ed_0000;
    let flags = match cx.arg(3) & 0xffff_0000 {
        MS_MGC => cx.arg(3) & 0xffff,
        _ => cx.arg(3),
    };
    const MS_REMOUNT: u64 = 0x20;
    // MS_BIND|MS_MOVE|MS_UNBINDABLE|MS_PRIVATE|MS_SLAVE|MS_SHARED.
    const NO_DATA: u64 = 0x1000 | 0x2000 | 0xf << 17;
    let no_data = match flags & MS_REMOUNT {
        0 => flags & NO_DATA,
        _ => 0,
    };
    match (flags & (MS_REMOUNT | NO_DATA), no_data) {
        (0, _) => list!(source: In(path), target: In(path), filesystemtype: In(string),
            mountflags: In(mount_flags), data: In(string)),
        (_, 0) => list!(source: In(path), target: In(path), filesystemtype: Ptr,
            mountflags: In(mount_flags), data: In(string)),
        _ => list!(source: In(path), target: In(path), filesystemtype: Ptr,
            mountflags: In(mount_flags), data: Ptr),
    }
}

fn fsconfig_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        0 => list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: In(key), value: Ptr, aux: Int),
        1 => {
            list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: In(key), value: In(key), aux: Int)
        }
        2 => {
            list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: In(key), value: In(aux_buffer), aux: Int)
        }
        3 | 4 => {
            list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: In(key), value: In(path), aux: DirFd)
        }
        5 => list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: In(key), value: Ptr, aux: Fd),
        6..=8 => list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: Ptr, value: Ptr, aux: Int),
        _ => list!(fd: Fd, cmd: Const(&FSCONFIG_CMDS), key: Ptr, value: Ptr, aux: Int),
    }
}
