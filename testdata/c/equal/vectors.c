#include "edge.h"
#include <sys/uio.h>
int main(void) {
    begin();
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
    char *text = tail("0123456789abcdefghijklmnopqrstuvwxyz", 36);
    struct iovec all[] = {{text, 36}, {text + 4, 32}, {text + 3, 33}, {text + 35, 1}, {text + 36, 0}, {text + 36, 1}, {NULL, 7}, {BAD, 0}, {text, -1UL}, {text + 20, 17}};
    for (unsigned i = 0; i < COUNT(all); i++) CALL(SYS_writev, null, TAIL(all[i]), 1), CALL(SYS_writev, -1, TAIL(all[i]), 2), CALL(SYS_pwritev2, -1, TAIL(all[i]), 1, i, 0, 1u << i);
    struct iovec many[40], *at;
    for (int i = 0; i < 40; i++) many[i] = (struct iovec){text + i % 37, (36 - i % 37)};
    at = TAIL(many);
    CALL(SYS_writev, null, at, 40), CALL(SYS_writev, null, at + 7, 33), CALL(SYS_writev, null, at + 8, 32), CALL(SYS_writev, null, at + 8, 33), CALL(SYS_writev, null, at, -1L), CALL(SYS_writev, null, at, 1025);
    struct iovec in[] = {{ROOM(char[5]), 5}, {ROOM(char[0]), 0}, {ROOM(char[50]), 50}};
    CALL(SYS_readv, zero, TAIL(in), 3), CALL(SYS_readv, zero, TAIL(in), 4), CALL(SYS_readv, -1, TAIL(in), 3), CALL(SYS_preadv, zero, TAIL(in), 1, 7, 0), CALL(SYS_preadv, -1, TAIL(in), 2, -1L, -1L), CALL(SYS_preadv2, zero, TAIL(in), 3, -1L, 0, 0), CALL(SYS_preadv2, -1, BAD, 1, 0, 0, 0x1f), CALL(SYS_readv, null, TAIL(in), 1), CALL(SYS_readv, zero, NULL, 0), CALL(SYS_readv, WIDE(-1), NULL, 3);
    CALL(SYS_write, -1, text + 4, 32), CALL(SYS_write, -1, text + 4, 33), CALL(SYS_write, -1, text + 3, 33), CALL(SYS_write, null, text, 36), CALL(SYS_pwrite64, -1, text, 37, -1L), CALL(SYS_read, zero, in[2].iov_base, 40), CALL(SYS_read, zero, in[2].iov_base, 33);
}
