#include "edge.h"
int main(void) {
    begin();
    char name[300];
    memset(name, 'n', sizeof name), name[299] = 0;
    CALL(SYS_memfd_create, "equal", 0), CALL(SYS_memfd_create, "", 1), CALL(SYS_memfd_create, "seals", 3), CALL(SYS_memfd_create, TAIL(name), 0), CALL(SYS_memfd_create, tail(name, 250), 1), CALL(SYS_memfd_create, tail(name, 249), 1), CALL(SYS_memfd_create, tail(name, 20), 1), CALL(SYS_memfd_create, NULL, 0), CALL(SYS_memfd_create, BAD, 0);
    for (unsigned flags = 4; flags; flags <<= 1) if (flags != 8 && flags != 16) CALL(SYS_memfd_create, NULL, flags);
    CALL(SYS_memfd_create, NULL, 0x7c000004), CALL(SYS_memfd_create, NULL, 0xffffffe7);
    for (unsigned seals = 1; seals < 0x100; seals <<= 1) CALL(SYS_fcntl, 0, F_ADD_SEALS, seals & ~0x20u);
    CALL(SYS_fcntl, 5, F_ADD_SEALS, 6), CALL(SYS_fcntl, 5, F_GET_SEALS), CALL(SYS_fcntl, 3, F_GET_SEALS), CALL(SYS_fcntl, -1, F_ADD_SEALS, 0xffffffc0), CALL(SYS_ftruncate, 5, 10), CALL(SYS_memfd_secret, 0xde97face), CALL(SYS_memfd_secret, 0xfff7ffff);
}
