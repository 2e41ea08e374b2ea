#include "edge.h"
#include <sys/select.h>
int main(void) {
    begin();
    int ends[2];
    pipe2(ends, O_NONBLOCK);
    CALL(SYS_write, ends[1], "x", 1);
    long *set = ROOM(long), *shared = ROOM(long);
    struct timeval zero = {0, 0}, odd = {-1, 1000000}, wide = {0xfacefeedL, 999999};
    for (int n = 0; n < 9; n++) {
        *set = 1 << ends[0] | 1 << ends[1], *shared = *set;
        CALL(SYS_select, n, set, NULL, NULL, TAIL(zero)), *set = *shared;
        CALL(SYS_select, n, shared, shared, shared, TAIL(zero)), *shared = *set;
    }
    *set = -1;
    CALL(SYS_select, 64, set, NULL, NULL, TAIL(zero)), CALL(SYS_select, 65, set, NULL, NULL, TAIL(zero)), CALL(SYS_select, -1, set, set, set, NULL), CALL(SYS_select, WIDE(0), NULL, NULL, NULL, TAIL(zero)), CALL(SYS_select, 5, BAD, NULL, (char *)set + 1, TAIL(odd)), CALL(SYS_select, 0, set, BAD, NULL, TAIL(odd)), CALL(SYS_select, 1, NULL, NULL, NULL, BAD), CALL(SYS_select, -1, NULL, NULL, BAD, TAIL(wide));
    *shared = 1 << ends[1];
    CALL(SYS_select, 16, NULL, shared, NULL, TAIL(wide)), CALL(SYS_select, 16, NULL, shared, NULL, NULL);
    struct timespec none = {0, 0}, late = {5, 999999999};
    sigset_t mask;
    sigemptyset(&mask), sigaddset(&mask, SIGHUP);
    struct { void *set; size_t size; } with = {TAIL(mask), 8}, empty = {NULL, 8}, wrong = {TAIL(mask), 9}, nowhere = {BAD, 8};
    *shared = 1 << ends[0] | 1 << ends[1];
    CALL(SYS_pselect6, 10, shared, NULL, NULL, TAIL(late), TAIL(with)), CALL(SYS_pselect6, 10, NULL, shared, shared, TAIL(none), TAIL(empty)), CALL(SYS_pselect6, 0, NULL, NULL, NULL, TAIL(none), TAIL(wrong)), CALL(SYS_pselect6, 0, NULL, NULL, NULL, TAIL(none), TAIL(nowhere)), CALL(SYS_pselect6, -5, BAD, BAD, BAD, BAD, BAD), CALL(SYS_pselect6, 0, NULL, NULL, NULL, TAIL(none), (char *)TAIL(with) + 8), CALL(SYS_pselect6, 0, NULL, NULL, NULL, (char *)TAIL(none) + 8, NULL);
}
