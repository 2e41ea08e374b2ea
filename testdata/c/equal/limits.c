// Limits, priorities and what has been used.
#include "edge.h"
#include <sys/resource.h>
int main(void) {
    begin();
    const struct rlimit64 limits[] = {{0, 1}, {1024, 1025}, {2048, -1}, {1UL << 62, 1UL << 63}, {-2, -1024}, {-1, 3 * 1024}};
    for (int what = -1; what < 17; what++) CALL(SYS_prlimit64, -1, what, TAIL(limits[(what + 1) % COUNT(limits)]), ROOM(struct rlimit64)), CALL(SYS_setrlimit, WIDE(what), BAD), CALL(SYS_getrlimit, what, NULL);
    for (unsigned n = 0; n < COUNT(limits); n++) CALL(SYS_prlimit64, -1, RLIMIT_NOFILE, TAIL(limits[n]), NULL), CALL(SYS_setrlimit, 99, TAIL(limits[n]));
    CALL(SYS_prlimit64, 0, RLIMIT_CORE, NULL, ROOM(struct rlimit64)), CALL(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, ROOM(char[15])), CALL(SYS_getrlimit, RLIMIT_STACK, ROOM(struct rlimit64)), CALL(SYS_prlimit64, 0, 0, BAD, BAD), CALL(SYS_setrlimit, 0, (char *)TAIL(limits[0]) + 1);
    for (int who = -3; who < 3; who++) CALL(SYS_getrusage, who, BAD), CALL(SYS_getpriority, who, -1), CALL(SYS_setpriority, WIDE(who), WIDE(-1), -21);
    CALL(SYS_getrusage, 0, NULL), CALL(SYS_getpriority, PRIO_PROCESS, 0), CALL(SYS_setpriority, 9, 0, 20);
}
