#include "edge.h"
int main(void) {
    begin();
    int null = open("/dev/null", O_RDWR);
    CALL(SYS_dup, null), CALL(SYS_dup, -1), CALL(SYS_dup, WIDE(77)), CALL(SYS_dup2, null, 20), CALL(SYS_dup2, null, null), CALL(SYS_dup2, -1, WIDE(-2)), CALL(SYS_dup2, null, 0x7fffffff), CALL(SYS_dup3, null, null, 0);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_dup3, -7, -8, flags), CALL(SYS_pipe2, BAD, flags & ~0x84880u);
    CALL(SYS_dup3, null, 21, O_CLOEXEC), CALL(SYS_dup3, null, 22, 0xffffffff), CALL(SYS_dup3, WIDE(-1), 1, 7);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_close_range, 3, 2, flags), CALL(SYS_fcntl, -1, F_SETFD, flags), CALL(SYS_fcntl, -1, F_SETFL, flags);
    CALL(SYS_close_range, 21, 21, 0), CALL(SYS_close_range, WIDE(-1), -2, 0xffffffff), CALL(SYS_pipe, ROOM(int[2])), CALL(SYS_pipe, NULL), CALL(SYS_pipe2, ROOM(int[2]), O_NONBLOCK | O_CLOEXEC), CALL(SYS_pipe2, (char *)ROOM(int[2]) + 1, 0);
    CALL(SYS_fcntl, null, F_DUPFD, 30), CALL(SYS_fcntl, null, F_DUPFD_CLOEXEC, 30), CALL(SYS_fcntl, null, F_DUPFD, -1L), CALL(SYS_fcntl, null, F_GETFD, 0), CALL(SYS_fcntl, 31, F_GETFD), CALL(SYS_fcntl, null, F_GETFL), CALL(SYS_fcntl, 4, F_GETPIPE_SZ), CALL(SYS_fcntl, null, 0xdead, 0xbeefL), CALL(SYS_close, 31), CALL(SYS_close, WIDE(31));
}
