#include "edge.h"
#include <sys/time.h>
int main(void) {
    begin();
    struct { int64_t value; int signo, notify; union { int tid; struct { void *function, *attribute; }; }; char rest[28]; } event = {.value = 0xdeadbeefbadc0dedL, .signo = SIGUSR1, .notify = 0};
    int *id = ROOM(int);
    for (int notify = -1; notify < 6; notify++) {
        event.notify = notify, event.tid = -7;
        CALL(SYS_timer_create, 99, TAIL(event), id), CALL(SYS_timer_create, notify, (char *)TAIL(event) + 8, NULL);
    }
    event.notify = 1;
    CALL(SYS_timer_create, CLOCK_MONOTONIC, TAIL(event), id), CALL(SYS_timer_create, CLOCK_REALTIME, BAD, id), CALL(SYS_timer_create, WIDE(1), TAIL(event), BAD);
    struct itimerspec later = {{0, 0}, {1000000, 5}}, odd = {{-1, 1000000000}, {0xfacefeedL, -1}}, *old = ROOM(struct itimerspec);
    CALL(SYS_timer_settime, *id, 0, TAIL(later), old), CALL(SYS_timer_settime, *id, 1, TAIL(odd), old), CALL(SYS_timer_settime, -1, 0xffffffff, NULL, NULL), CALL(SYS_timer_settime, *id, 2, BAD, BAD), CALL(SYS_timer_settime, *id, 0, TAIL(((struct itimerspec){0})), NULL), CALL(SYS_timer_gettime, -5, BAD), CALL(SYS_timer_getoverrun, *id), CALL(SYS_timer_getoverrun, WIDE(-1)), CALL(SYS_timer_delete, *id), CALL(SYS_timer_delete, -1);
    struct itimerval far = {{0, 0}, {1000000, 0}}, bad = {{-1, -1}, {0, 1000000}}, *was = ROOM(struct itimerval);
    for (int which = -1; which < 5; which++) CALL(SYS_getitimer, which, was), CALL(SYS_setitimer, which, TAIL(bad), NULL);
    CALL(SYS_setitimer, 1, TAIL(far), was), CALL(SYS_setitimer, 1, TAIL(((struct itimerval){0})), NULL), CALL(SYS_setitimer, 0, BAD, BAD), CALL(SYS_getitimer, 0, NULL), CALL(SYS_alarm, 0), CALL(SYS_alarm, WIDE(0));
    struct timespec none = {0, 0}, wrong = {-1, 1000000000}, *rest = ROOM(struct timespec);
    CALL(SYS_nanosleep, TAIL(none), NULL), CALL(SYS_nanosleep, TAIL(wrong), rest), CALL(SYS_nanosleep, NULL, rest), CALL(SYS_nanosleep, (char *)TAIL(none) + 8, BAD);
    for (int clock = -7; clock < 13; clock++) CALL(SYS_clock_nanosleep, clock, clock & 3, TAIL(wrong), rest);
    CALL(SYS_clock_nanosleep, WIDE(1), 0xffffffff, BAD, BAD), CALL(SYS_clock_nanosleep, 1, 0, TAIL(none), rest), CALL(SYS_sched_yield);
}
