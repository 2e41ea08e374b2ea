// Clocks and timers of every kind, set and read.
#include "edge.h"
#include <sys/time.h>
#include <sys/timex.h>
int main(void) {
    begin();
    struct { struct timespec every, first; } spec = {{1, 2}, {3, 4}}, odd = {{-1, -2}, {0, 1000000000}};
    struct itimerval slow = {{0, 0}, {1000, 5}}, bad = {{-1, -1}, {1, 1000000}};
    for (int kind = -1; kind < 4; kind++) CALL(SYS_getitimer, kind, BAD), CALL(SYS_setitimer, kind, TAIL(bad), NULL), CALL(SYS_setitimer, WIDE(kind), BAD, ROOM(struct itimerval));
    CALL(SYS_getitimer, 0, ROOM(struct itimerval)), CALL(SYS_setitimer, 1, NULL, ROOM(struct itimerval)), CALL(SYS_setitimer, 9, TAIL(slow), BAD);
    for (int clock = -3; clock < 13; clock++) CALL(SYS_clock_getres, clock, clock == 0 ? NULL : ROOM(struct timespec)), CALL(SYS_clock_settime, clock, BAD), CALL(SYS_clock_gettime, clock, BAD), CALL(SYS_clock_adjtime, clock == 0 ? 99 : clock, BAD);
    CALL(SYS_clock_settime, -1, TAIL(spec.every)), CALL(SYS_clock_settime, 99, TAIL(odd.every)), CALL(SYS_clock_getres, WIDE(1), NULL);
    struct sigevent events[] = {{.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 10, .sigev_value.sival_int = 7}, {.sigev_notify = SIGEV_NONE}, {.sigev_notify = SIGEV_THREAD, .sigev_signo = 35, .sigev_value.sival_ptr = BAD}, {.sigev_notify = 4, .sigev_signo = 99}, {.sigev_notify = -1, .sigev_signo = -1}};
    int *id = ROOM(int);
    for (unsigned n = 0; n < COUNT(events); n++) CALL(SYS_timer_create, 1, TAIL(events[n]), id), CALL(SYS_timer_create, 77, TAIL(events[n]), BAD), CALL(SYS_mq_notify, -1, TAIL(events[n])), CALL(SYS_mq_notify, -1, tail(&events[n], 32));
    CALL(SYS_timer_create, 0, NULL, ROOM(char[3])), CALL(SYS_timer_create, WIDE(1), BAD, NULL), CALL(SYS_mq_notify, -1, NULL), CALL(SYS_mq_notify, -1, BAD);
    CALL(SYS_timer_settime, -1, 1, TAIL(spec), NULL), CALL(SYS_timer_settime, 0, 0, TAIL(odd), ROOM(struct itimerspec)), CALL(SYS_timer_settime, WIDE(0), -1, BAD, BAD), CALL(SYS_timer_settime, 0, 0, NULL, NULL), CALL(SYS_timer_gettime, 0, ROOM(struct itimerspec)), CALL(SYS_timer_gettime, 0, BAD), CALL(SYS_timer_gettime, -1, NULL), CALL(SYS_timer_getoverrun, 0), CALL(SYS_timer_getoverrun, WIDE(-1)), CALL(SYS_timer_delete, 0), CALL(SYS_timer_delete, -1);
    struct timex none = {.modes = 0xffffffff};
    CALL(SYS_adjtimex, BAD), CALL(SYS_adjtimex, NULL), CALL(SYS_clock_adjtime, 77, TAIL(none));
    CALL(SYS_settimeofday, BAD, NULL), CALL(SYS_settimeofday, TAIL(bad.it_interval), BAD), CALL(SYS_gettimeofday, BAD, BAD), CALL(SYS_gettimeofday, NULL, ROOM(char[8])), CALL(SYS_times, BAD), CALL(SYS_nanosleep, TAIL(odd.every), NULL), CALL(SYS_nanosleep, BAD, BAD), CALL(SYS_clock_nanosleep, 99, -1, TAIL(spec.every), BAD), CALL(SYS_clock_nanosleep, 1, 1, TAIL(odd.first), NULL), CALL(SYS_timerfd_create, -1, -1), CALL(SYS_timerfd_settime, -1, 3, TAIL(spec), ROOM(struct itimerspec)), CALL(SYS_timerfd_gettime, -1, BAD);
}
