#include "edge.h"
static uint32_t word = 0x1badda7a;
int main(void) {
    begin();
    static const struct timespec times[] = {{0, 0}, {123, 0xbadfacedfeedL}, {-5, 999999999}, {0, 1000}};
    void *late = TAIL(times[1]), *bad = (char *)TAIL(times[0]) + 8;
    for (unsigned op = 0; op < 16; op++)
        for (unsigned flags = 0; flags < 4; flags++) {
            unsigned long with = WIDE(op | flags << 7);
            CALL(SYS_futex, NULL, with, 7, late, 0xdeadbeef, 0xbadc0de);
            CALL(SYS_futex, &word, with, 1, 0, &word, 0xffffffff);
            CALL(SYS_futex, &word, with, 0xffffffff, bad, &word, 0);
            CALL(SYS_futex, BAD, with, WIDE(3), WIDE(5), BAD, WIDE(9));
        }
    CALL(SYS_futex, &word, 0x200, 1, 2, 3, 4);
    CALL(SYS_futex, &word, 0xffffffff, 1, 2, 3, 4);
    CALL(SYS_futex, &word, 0, 1, &times[1]);
    CALL(SYS_futex, &word, 0, 1, &times[2]);
    CALL(SYS_futex, &word, 9, 1, &times[2], NULL, 5);
    for (unsigned op = 0; op < 16; op++)
        for (unsigned cmp = 0; cmp < 16; cmp += 3)
            CALL(SYS_futex, &word, 5, 1, 1, &word, op << 28 | cmp << 24 | 0xfff << 12 | (op * cmp & 0xfff));
    struct { uint64_t val, addr; uint32_t flags, reserved; } waiters[3] = {{1, (uintptr_t)&word, 2, 0}, {0xfacefeedfffffff1, 0, 0xffffffff, 7}, {0, 1, 0x82, 0}};
    CALL(SYS_futex_waitv, TAIL(waiters), 3, 0, &times[0], CLOCK_MONOTONIC);
    CALL(SYS_futex_waitv, TAIL(waiters), WIDE(4), 0xffffffff, BAD, CLOCK_REALTIME);
    CALL(SYS_futex_waitv, (char *)TAIL(waiters) + 8, 3, 1, late, 0xdeadbeef);
    CALL(SYS_futex_waitv, NULL, 0, 0, NULL, CLOCK_TAI);
    CALL(SYS_get_robust_list, 0, ROOM(void *), ROOM(size_t));
    CALL(SYS_get_robust_list, WIDE(1234567), BAD, BAD);
    CALL(SYS_set_robust_list, 0xdeadfacefeedL, 24);
    CALL(SYS_set_robust_list, NULL, 0);
    CALL(SYS_set_tid_address, NULL);
}
