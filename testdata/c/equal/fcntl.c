#include "edge.h"
#include <sys/file.h>
int main(void) {
    begin();
    int file = open("fcntl.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600), mem = CALL(SYS_memfd_create, "m", 2), ends[2];
    pipe(ends);
    struct flock locks[] = {{F_RDLCK, SEEK_SET, 0, 10, 0}, {F_WRLCK, SEEK_CUR, 5, -3, 7}, {F_UNLCK, SEEK_END, 0, 0, -1}, {99, 77, 0x7fffffffffffffffL, -0x7fffffffffffffffL, 3}, {-1, -1, 0, 0, 0}, {4, 3, 1, 2, 3}, {8, 4, 1, 2, 3}};
    for (int cmd = -1; cmd < 45; cmd++) CALL(SYS_fcntl, -1, WIDE(cmd), 0xbadc0dedfacefeedUL);
    for (int cmd = 1020; cmd < 1045; cmd++) CALL(SYS_fcntl, -1, cmd, 0xbadc0dedfacefeedUL);
    static const int cmds[] = {F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
    for (unsigned c = 0; c < COUNT(cmds); c++) {
        for (unsigned i = 0; i < COUNT(locks); i++) CALL(SYS_fcntl, file, cmds[c], TAIL(locks[i]));
        CALL(SYS_fcntl, file, cmds[c], BAD), CALL(SYS_fcntl, file, cmds[c], NULL), CALL(SYS_fcntl, -1, cmds[c], (char *)TAIL(locks[0]) + 8), CALL(SYS_fcntl, -1, cmds[c], TAIL(locks[1]));
    }
    static const unsigned long args[] = {0, 1, 2, 3, 10, 64, 0x4000, 0x0800, 0xc02, 0xffffffff, 0x80000000, 0x8000003f, 0x1f, 0x20};
    static const int withs[] = {F_SETFD, F_SETFL, F_SETLEASE, F_NOTIFY, F_SETSIG, F_SETOWN, F_DUPFD, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_ADD_SEALS, 1036, 1038, 1027, 1039};
    for (unsigned c = 0; c < COUNT(withs); c++) for (unsigned i = 0; i < COUNT(args); i++) CALL(SYS_fcntl, -1, withs[c], args[i]);
    CALL(SYS_fcntl, file, F_GETFD), CALL(SYS_fcntl, file, F_SETFD, FD_CLOEXEC), CALL(SYS_fcntl, file, F_GETFD), CALL(SYS_fcntl, file, F_GETFL), CALL(SYS_fcntl, file, F_SETFL, O_APPEND | O_NONBLOCK), CALL(SYS_fcntl, file, F_GETFL);
    CALL(SYS_fcntl, file, F_GETSIG), CALL(SYS_fcntl, file, F_SETSIG, SIGRTMIN + 2), CALL(SYS_fcntl, file, F_GETSIG), CALL(SYS_fcntl, file, F_SETSIG, 0);
    CALL(SYS_fcntl, file, F_GETLEASE), CALL(SYS_fcntl, file, F_SETLEASE, F_RDLCK), CALL(SYS_fcntl, file, F_SETLEASE, F_UNLCK), CALL(SYS_fcntl, file, F_GETOWN), CALL(SYS_fcntl, file, F_SETOWN, 1), CALL(SYS_fcntl, file, F_GETOWN);
    CALL(SYS_fcntl, mem, 1034), CALL(SYS_fcntl, mem, 1033, 6), CALL(SYS_fcntl, mem, 1034), CALL(SYS_fcntl, ends[0], 1032), CALL(SYS_fcntl, ends[0], 1031, 8192), CALL(SYS_fcntl, file, F_DUPFD, 90), CALL(SYS_fcntl, file, F_DUPFD_CLOEXEC, 95);
    struct { int type, pid; } owners[] = {{0, 1}, {1, 1}, {2, -3}, {7, 5}};
    for (unsigned i = 0; i < COUNT(owners); i++) CALL(SYS_fcntl, file, 15, TAIL(owners[i])), CALL(SYS_fcntl, file, 16, ROOM(int[2]));
    CALL(SYS_fcntl, file, 15, BAD), CALL(SYS_fcntl, file, 16, BAD), CALL(SYS_fcntl, -1, 16, owners), CALL(SYS_fcntl, file, 17, ROOM(int[2])), CALL(SYS_fcntl, file, 17, BAD);
    uint64_t hints[] = {0, 1, 5, 6, -1UL};
    for (unsigned i = 0; i < COUNT(hints); i++) CALL(SYS_fcntl, file, 1036, TAIL(hints[i])), CALL(SYS_fcntl, file, 1038, TAIL(hints[i]));
    CALL(SYS_fcntl, file, 1035, ROOM(uint64_t)), CALL(SYS_fcntl, file, 1037, ROOM(uint64_t)), CALL(SYS_fcntl, file, 1035, BAD);
    int dir = open("/", O_DIRECTORY);
    CALL(SYS_fcntl, dir, F_NOTIFY, DN_MODIFY | DN_MULTISHOT), CALL(SYS_fcntl, dir, F_NOTIFY, 0);
    unlink("fcntl.tmp");
}
