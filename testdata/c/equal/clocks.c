#include "edge.h"
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <utime.h>
int main(void) {
    begin();
    struct timespec zero = {0, 0}, soon = {0, 100}, odd = {-1, -2}, huge = {0x7fffffffffffffffL, 1000000000}, wide = {0xdeadbeeffacefeedL, 0xfacefeeddeadbeefL};
    CALL(SYS_nanosleep, TAIL(zero), ROOM(struct timespec));
    CALL(SYS_nanosleep, TAIL(soon), NULL);
    CALL(SYS_nanosleep, TAIL(odd), TAIL(zero));
    CALL(SYS_nanosleep, TAIL(huge), &zero);
    CALL(SYS_nanosleep, TAIL(wide), BAD);
    CALL(SYS_nanosleep, NULL, NULL);
    CALL(SYS_nanosleep, (char *)TAIL(zero) + 8, NULL);
    for (int clock = -20; clock < 14; clock++) {
        CALL(SYS_clock_getres, clock, ROOM(struct timespec));
        CALL(SYS_clock_nanosleep, clock, 0, TAIL(odd), NULL);
        CALL(SYS_clock_nanosleep, clock, 0xffffffff, TAIL(wide), BAD);
    }
    CALL(SYS_clock_getres, 0, NULL);
    CALL(SYS_clock_getres, WIDE(1), BAD);
    CALL(SYS_clock_settime, 1, TAIL(odd));
    CALL(SYS_clock_settime, 1, BAD);
    CALL(SYS_clock_gettime, 99, ROOM(struct timespec));
    CALL(SYS_clock_nanosleep, 0, 1, TAIL(zero), &odd);
    CALL(SYS_clock_nanosleep, 0, 2, TAIL(zero), &odd);
    struct itimerspec both = {{0, 0}, {1000, 1}}, strange = {{0xdeadbeefL, -1}, {-1, 0xffffffffffL}};
    int timer = CALL(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK);
    CALL(SYS_timerfd_create, WIDE(CLOCK_BOOTTIME_ALARM), 0xfffff7ff);
    CALL(SYS_timerfd_create, 99, TFD_CLOEXEC | TFD_NONBLOCK);
    CALL(SYS_timerfd_settime, timer, 0, TAIL(both), ROOM(struct itimerspec));
    CALL(SYS_timerfd_settime, timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, TAIL(strange), NULL);
    CALL(SYS_timerfd_settime, WIDE(-1), 0xffffffff, BAD, BAD);
    CALL(SYS_timerfd_settime, timer, 1, TAIL((struct itimerspec){0}), NULL);
    CALL(SYS_timerfd_gettime, timer, ROOM(struct itimerspec));
    CALL(SYS_timerfd_gettime, timer, BAD);
    CALL(SYS_timerfd_gettime, -1, &both);
    struct itimerval it = {{1, 2}, {3000, 4}}, bad = {{-1, -1}, {5, 10000000}};
    for (int which = -1; which < 4; which++) CALL(SYS_getitimer, which, ROOM(struct itimerval));
    CALL(SYS_setitimer, ITIMER_REAL, TAIL(bad), NULL);
    CALL(SYS_setitimer, ITIMER_PROF, TAIL((struct itimerval){0}), ROOM(struct itimerval));
    CALL(SYS_setitimer, 7, TAIL(it), NULL);
    CALL(SYS_setitimer, 1, BAD, BAD);
    CALL(SYS_setitimer, 1, NULL, BAD);
    CALL(SYS_alarm, WIDE(0));
    sigevent_t none = {.sigev_notify = SIGEV_NONE, .sigev_signo = 0xfacefeed, .sigev_value.sival_ptr = (void *)0xdeadbeefbadc0ded},
               sig = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM, .sigev_value.sival_int = 5},
               thread = {.sigev_notify = SIGEV_THREAD, .sigev_signo = -1, ._sigev_un._sigev_thread = {(void *)0x1234, (void *)0x5678}},
               id = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = 10, ._sigev_un._tid = 1}, what = {.sigev_notify = 0xdefaced};
    int *t = ROOM(int);
    CALL(SYS_timer_create, CLOCK_REALTIME, TAIL(none), t);
    CALL(SYS_timer_settime, *t, 0, TAIL(both), ROOM(struct itimerspec));
    CALL(SYS_timer_settime, *t, 1, TAIL(strange), NULL);
    CALL(SYS_timer_settime, *t, 0xffffffff, BAD, BAD);
    CALL(SYS_timer_settime, *t, 0, TAIL((struct itimerspec){0}), NULL);
    CALL(SYS_timer_gettime, *t, NULL);
    CALL(SYS_timer_gettime, *t, BAD);
    CALL(SYS_timer_getoverrun, *t);
    CALL(SYS_timer_delete, *t);
    CALL(SYS_timer_delete, -1);
    CALL(SYS_timer_create, CLOCK_MONOTONIC, TAIL(sig), t);
    CALL(SYS_timer_create, CLOCK_REALTIME, TAIL(thread), t);
    CALL(SYS_timer_create, CLOCK_REALTIME, TAIL(id), t);
    CALL(SYS_timer_create, CLOCK_REALTIME, TAIL(what), BAD);
    CALL(SYS_timer_create, 99, NULL, NULL);
    CALL(SYS_timer_create, CLOCK_REALTIME, BAD, t);
    CALL(SYS_times, BAD);
    CALL(SYS_times, 8);
    CALL(SYS_gettimeofday, BAD, BAD);
    CALL(SYS_gettimeofday, NULL, ROOM(struct timezone));
    struct timezone zone = {0, 0};
    CALL(SYS_settimeofday, TAIL(bad.it_interval), TAIL(zone));
    CALL(SYS_settimeofday, BAD, BAD);
    struct timex tx = {.modes = 0x8000, .offset = 1};
    CALL(SYS_adjtimex, NULL);
    CALL(SYS_adjtimex, BAD);
    CALL(SYS_clock_adjtime, 99, TAIL(tx));
    tx.modes = 0xffff;
    CALL(SYS_clock_adjtime, -1, TAIL(tx));
    CALL(SYS_clock_adjtime, 0, BAD);
    struct utimbuf ut = {1234567890, -1};
    CALL(SYS_utime, TAIL_STRING("/nonexistent/a"), TAIL(ut));
    CALL(SYS_utime, "/nonexistent/a", NULL);
    CALL(SYS_utime, NULL, (char *)TAIL(ut) + 8);
    struct timeval tvs[2] = {{1492358607, 1000000}, {1492356078, 1000001}}, ok[2] = {{1492358607, 345678}, {-1492356078, 5}};
    CALL(SYS_utimes, "/nonexistent/b", TAIL(tvs));
    CALL(SYS_utimes, "/nonexistent/b", TAIL(ok));
    CALL(SYS_utimes, NULL, (struct timeval *)TAIL(ok) + 1);
    CALL(SYS_utimes, BAD, BAD);
    CALL(SYS_futimesat, AT_FDCWD, "/nonexistent/b", TAIL(ok));
    CALL(SYS_futimesat, WIDE(-1), NULL, NULL);
    struct timespec fts[][2] = {{{0xdeadbeefL, 1073741823}, {0xdeadbeefL, 1073741822}}, {{1492358607, 1000000000}, {-1492356078, 1000000001}}, {{1492358607, 345678912}, {1492356078, 0}}};
    for (unsigned i = 0; i < 3; i++) CALL(SYS_utimensat, AT_FDCWD, "/nonexistent/c", TAIL(fts[i]), i ? 0x100 : 0xffffffff);
    CALL(SYS_utimensat, -1, NULL, NULL, 0);
    CALL(SYS_utimensat, -1, "", (struct timespec *)TAIL(ok) + 1, 0x1000);
    CALL(SYS_utimensat, -1, BAD, BAD, 0);
}
