#include "edge.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
int main(void) {
    begin();
    CALL(SYS_epoll_create, WIDE(-1));
    CALL(SYS_epoll_create, 0);
    CALL(SYS_epoll_create1, 0);
    CALL(SYS_epoll_create1, O_NONBLOCK);
    CALL(SYS_epoll_create1, O_CLOEXEC | O_NONBLOCK);
    CALL(SYS_epoll_create1, WIDE(0xdeadbeef));
    int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(7, 0);
    struct epoll_event event = {.events = 0xffffffff, .data.u64 = 0x123456789abcdef0};
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ev, TAIL(event));
    CALL(SYS_epoll_ctl, -1, EPOLL_CTL_MOD, WIDE(-2), TAIL(event));
    event.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLRDHUP;
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_MOD, ev, TAIL(event));
    event.events = EPOLLIN | EPOLLRDHUP;
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ev, &event);
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_MOD, ev, (char *)TAIL(event) + 4);
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_MOD, ev, NULL);
    CALL(SYS_epoll_ctl, ep, WIDE(0xdeadbeef), ev, &event);
    CALL(SYS_epoll_ctl, ep, 0, ev, &event);
    CALL(SYS_epoll_ctl, -1, EPOLL_CTL_DEL, -2, &event);
    struct epoll_event got[3];
    CALL(SYS_epoll_wait, ep, TAIL(got), 3, 0);
    CALL(SYS_epoll_wait, ep, got, 0, WIDE(-2));
    CALL(SYS_epoll_wait, -1, NULL, WIDE(-3), -2);
    CALL(SYS_epoll_wait, ep, BAD, 3, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    CALL(SYS_epoll_pwait, ep, TAIL(got), WIDE(1), WIDE(0), TAIL(set), 8);
    CALL(SYS_epoll_pwait, ep, TAIL(got), 1, 0, (char *)TAIL(set) + 1, 8);
    CALL(SYS_epoll_pwait, ep, TAIL(got), 1, 0, &set, 7);
    CALL(SYS_epoll_pwait, -1, NULL, -2, -3, NULL, 0xfffffff0);
    struct timespec zero = {0}, odd = {-1, -2};
    CALL(SYS_epoll_pwait2, ep, TAIL(got), 3, TAIL(zero), TAIL(set), 8);
    CALL(SYS_epoll_pwait2, ep, TAIL(got), 3, TAIL(odd), NULL, 0);
    CALL(SYS_epoll_pwait2, ep, TAIL(got), 3, BAD, NULL, 8);
    CALL(SYS_eventfd, WIDE(7));
    CALL(SYS_eventfd2, -1, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK);
    CALL(SYS_eventfd2, 1, 0xffffffff);
    CALL(SYS_eventfd2, 1, 0x20);
    CALL(SYS_signalfd, WIDE(-1), TAIL(set), 8);
    CALL(SYS_signalfd4, -1, TAIL(set), 8, O_CLOEXEC | O_NONBLOCK);
    CALL(SYS_signalfd4, -1, &set, 7, 0x4);
    CALL(SYS_signalfd4, WIDE(999), BAD, 8, WIDE(0xffffffff));
    CALL(SYS_inotify_init);
    CALL(SYS_inotify_init1, O_CLOEXEC | O_NONBLOCK);
    int in = CALL(SYS_inotify_init1, 0);
    CALL(SYS_inotify_init1, 0xfffff7ff);
    CALL(SYS_inotify_add_watch, in, "/", 0xffffffff);
    CALL(SYS_inotify_add_watch, in, "/", 0x3 | 0x80000000);
    CALL(SYS_inotify_add_watch, in, TAIL_STRING("/nonexistent"), WIDE(0x1000));
    CALL(SYS_inotify_add_watch, -1, BAD, 0);
    CALL(SYS_inotify_rm_watch, in, WIDE(-3));
}
