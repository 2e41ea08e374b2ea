#include "edge.h"
#include <sys/timerfd.h>
int main(void) {
    begin();
    for (int clock = -2; clock < 13; clock++) CALL(SYS_timerfd_create, clock, 0xffffff00 | (clock & 3)), CALL(SYS_timerfd_create, clock, 0x40);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_timerfd_create, 99, flags), CALL(SYS_timerfd_settime, -1, flags, NULL, NULL), CALL(SYS_eventfd2, 7, flags & ~0x80801u), CALL(SYS_signalfd4, -2, NULL, 8, flags);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec later = {{0, 0}, {1000000, 5}}, odd = {{-1, 1000000000}, {0xfacefeedL, -1}}, *old = ROOM(struct itimerspec);
    CALL(SYS_timerfd_settime, timer, 0, TAIL(later), old), CALL(SYS_timerfd_settime, timer, 3, TAIL(odd), old), CALL(SYS_timerfd_settime, timer, 0, (char *)TAIL(later) + 16, NULL), CALL(SYS_timerfd_settime, WIDE(-1), 1, BAD, BAD), CALL(SYS_timerfd_settime, timer, 0, TAIL(((struct itimerspec){0})), BAD);
    CALL(SYS_timerfd_gettime, timer, old), CALL(SYS_timerfd_gettime, -1, old), CALL(SYS_timerfd_gettime, timer, BAD), CALL(SYS_timerfd_gettime, timer, NULL);
    CALL(SYS_eventfd, WIDE(-1)), CALL(SYS_eventfd2, 5, 0x80801), CALL(SYS_eventfd2, 0, 0xffffffff);
    sigset_t set;
    sigfillset(&set);
    CALL(SYS_signalfd4, -1, TAIL(set), 8, 0x80800), CALL(SYS_signalfd4, -1, TAIL(set), 7, 0), CALL(SYS_signalfd, WIDE(-3), BAD, 8), CALL(SYS_signalfd4, timer, (char *)TAIL(set) + 1, 8, 0xffffffff), sigemptyset(&set), sigaddset(&set, SIGRTMAX), CALL(SYS_signalfd, -1, TAIL(set), 8);
}
