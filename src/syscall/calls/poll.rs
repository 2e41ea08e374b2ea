//! Waiting for descriptors to become ready, and descriptors that are made to be waited for.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::path;
use crate::syscall::kinds::poll::*;
use crate::syscall::kinds::signal::{sigset, sigset_and_size};
use crate::syscall::kinds::stat::open_flags;
use crate::syscall::kinds::time::{itimerspec, timespec, timeval};
use crate::syscall::names::poll::*;
use crate::syscall::names::time::CLOCKS;

calls! {
    epoll_create(size: Int) -> Fd;
    epoll_create1(flags: Flags(&EPOLL_FLAGS)) -> Fd;
    epoll_ctl(epfd: Fd, op: Const(&EPOLL_OPS), fd: Fd, event: In(epoll_ctl_event));
    epoll_wait(epfd: Fd, events: Out(epoll_events), maxevents: Int, timeout: Int);
    epoll_pwait(epfd: Fd, events: Out(epoll_events), maxevents: Int, timeout: Int,
        sigmask: Late(sigset::<5>), sigsetsize: Ulong);
    epoll_pwait2(epfd: Fd, events: Out(epoll_events), maxevents: Int, timeout: Late(timespec),
        sigmask: Late(sigset::<5>), sigsetsize: Ulong);
    poll(fds: In(pollfds), nfds: Uint, timeout: Int), asides poll_asides;
    ppoll(fds: In(pollfds), nfds: Uint, tmo_p: Early(timespec), sigmask: In(sigset::<4>),
        sigsetsize: Ulong), asides ppoll_asides;
    select(nfds: Int, readfds: Early(fd_set), writefds: Early(fd_set), exceptfds: Early(fd_set),
        timeout: Early(timeval)), asides select_timeval_asides;
    pselect6(nfds: Int, readfds: Early(fd_set), writefds: Early(fd_set), exceptfds: Early(fd_set),
        timeout: Early(timespec), sigmask: In(sigset_and_size)), asides select_timespec_asides;
    eventfd(initval: Uint) -> Fd;
    eventfd2(initval: Uint, flags: Flags(&EVENTFD_FLAGS)) -> Fd;
    timerfd_create(clockid: Const(&CLOCKS), flags: Flags(&TIMERFD_FLAGS)) -> Fd;
    timerfd_settime(fd: Fd, flags: Flags(&TIMERFD_FLAGS), new_value: In(itimerspec),
        old_value: Out(itimerspec));
    timerfd_gettime(fd: Fd, curr_value: Out(itimerspec));
    signalfd(fd: Fd, mask: In(sigset::<2>), sizemask: Ulong) -> Fd;
    signalfd4(fd: Fd, mask: In(sigset::<2>), sizemask: Ulong, flags: Flags(&SIGNALFD_FLAGS)) -> Fd;
    fanotify_init(flags: In(fanotify_flags), event_f_flags: In(open_flags)) -> Fd;
    fanotify_mark(fd: Fd, flags: Flags(&FAN_MARK_FLAGS), mask: Flags64(&FAN_EVENTS),
        dirfd: In(fanotify_dirfd), pathname: In(path));
    inotify_init() -> Fd;
    inotify_init1(flags: Flags(&INOTIFY_INIT_FLAGS)) -> Fd;
    inotify_add_watch(fd: Fd, pathname: In(path), mask: Flags(&INOTIFY_MASK));
    inotify_rm_watch(fd: Fd, wd: Int);
}
