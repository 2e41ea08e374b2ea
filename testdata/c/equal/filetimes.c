#include "edge.h"
#include <sys/time.h>
#include <utime.h>
int main(void) {
    unlink("time.tmp");
    begin();
    close(open("time.tmp", O_CREAT | O_RDWR, 0600));
    static const struct timespec when[][2] = {
        {{0, 0}, {0, 1}}, {{1, 0}, {1, 999999999}}, {{-1, 0}, {-1, 1000000000}}, {{1700000000, 5}, {0x7fffffffL, 0}}, {{0, UTIME_NOW}, {7, UTIME_OMIT}}, {{0x100000000L, -1}, {67768036191676799L, 0}}, {{67768036191676800L, 0}, {-67768040609740800L, 0}}, {{0x7fffffffffffffffL, 3}, {-0x7fffffffffffffffL - 1, 3}}, {{-62167219200L, 0}, {-62167219201L, 0}},
    };
    for (unsigned i = 0; i < COUNT(when); i++) {
        CALL(SYS_utimensat, -1, "none", TAIL(when[i]), 0), CALL(SYS_utimensat, AT_FDCWD, "time.tmp", TAIL(when[i]), i << 8);
        struct timeval tv[2] = {{when[i][0].tv_sec, when[i][0].tv_nsec / 1000}, {when[i][1].tv_sec, when[i][1].tv_nsec}};
        CALL(SYS_utimes, "none", TAIL(tv)), CALL(SYS_futimesat, -1, "none", TAIL(tv));
        struct utimbuf both = {when[i][0].tv_sec, when[i][1].tv_sec};
        CALL(SYS_utime, "none", TAIL(both));
    }
    CALL(SYS_utimensat, AT_FDCWD, "time.tmp", NULL, 0), CALL(SYS_utimensat, WIDE(-1), NULL, BAD, 0xffffffff), CALL(SYS_utimensat, -1, BAD, (char *)TAIL(when[0]) + 8, 0x100);
    CALL(SYS_utimes, NULL, NULL), CALL(SYS_utimes, "none", BAD), CALL(SYS_utimes, "none", (char *)TAIL(when[0]) + 16), CALL(SYS_futimesat, WIDE(-100), "none", NULL), CALL(SYS_utime, BAD, BAD), CALL(SYS_utime, "none", NULL), CALL(SYS_utime, "none", (char *)TAIL(when[0]) + 24);
    unlink("time.tmp");
}
