//! Calls of which only the parameters' number and sort are described.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::path;

calls! {
    uname(buf: Ptr);
    sysinfo(info: Ptr);
    getgroups(size: Int, list: Ptr);
    setgroups(size: Int, list: Ptr);
    personality(persona: Hex32) -> Hex;
    capget(hdrp: Ptr, datap: Ptr);
    capset(hdrp: Ptr, datap: Ptr);
    kcmp(pid1: Pid, pid2: Pid, ty: Int, idx1: Hex, idx2: Hex);
    semget(key: Hex32, nsems: Int, semflg: Hex32);
    semctl(semid: Int, semnum: Int, cmd: Int, arg: Ptr);
    msgget(key: Hex32, msgflg: Hex32);
    msgctl(msqid: Int, cmd: Int, buf: Ptr);
    shmget(key: Hex32, size: Ulong, shmflg: Hex32);
    shmctl(shmid: Int, cmd: Int, buf: Ptr);
    mq_open(name: In(path), oflag: Hex32, mode: Mode, attr: Ptr) -> Fd;
    mq_getsetattr(mqdes: Fd, newattr: Ptr, oldattr: Ptr);
    mq_notify(mqdes: Fd, sevp: Ptr);
    bpf(cmd: Int, attr: Ptr, size: Uint);
    perf_event_open(attr: Ptr, pid: Pid, cpu: Int, group_fd: Fd, flags: Hex) -> Fd;
    seccomp(operation: Uint, flags: Hex32, args: Ptr);
    process_vm_readv(pid: Pid, local_iov: Ptr, liovcnt: Ulong, remote_iov: Ptr, riovcnt: Ulong,
        flags: Hex);
    process_vm_writev(pid: Pid, local_iov: Ptr, liovcnt: Ulong, remote_iov: Ptr, riovcnt: Ulong,
        flags: Hex);
    pkey_alloc(flags: Hex, access_rights: Hex);
    pkey_free(pkey: Int);
    fanotify_mark(fd: Fd, flags: Hex32, mask: Hex, dirfd: DirFd, pathname: In(path));
    io_getevents(ctx_id: Hex, min_nr: Long, nr: Long, events: Ptr, timeout: Ptr);
}
