#include "edge.h"
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <linux/close_range.h>
int main(void) {
    begin();
    char text[] = "0123456789abcdef\0\1\2\3\4\5\6\7\x08\t\n\v\f\r\x0e\x0f\x7f\x80\xff\"\\end 0123456789";
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY), file = open("io.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *room = TAIL(text);
    size_t size = sizeof text;
    for (unsigned n = 0; n <= 36; n += 4) CALL(SYS_write, null, room + size - n, n);
    CALL(SYS_write, null, room, size), CALL(SYS_write, null, room, size + 1), CALL(SYS_write, -1, room + 1, size), CALL(SYS_write, null, NULL, 0), CALL(SYS_write, null, NULL, 5), CALL(SYS_write, -1, BAD, -1L), CALL(SYS_write, WIDE(null), room + size, 0), CALL(SYS_write, null, room + size, 1);
    CALL(SYS_write, file, room, size);
    CALL(SYS_lseek, file, 0, SEEK_SET);
    for (unsigned n = 0; n < 40; n += 13) CALL(SYS_read, file, ROOM(char[40]), n);
    CALL(SYS_read, file, ROOM(char[4]), 4096), CALL(SYS_read, zero, NULL, 0), CALL(SYS_read, zero, NULL, 3), CALL(SYS_read, zero, BAD, 1), CALL(SYS_read, -1, room, 0xfacefeedUL), CALL(SYS_read, zero, room, 33), CALL(SYS_read, null, room, 3);
    CALL(SYS_pread64, file, room, 12, 30), CALL(SYS_pread64, file, room, 12, 0xdeadbeefbadc0dedUL), CALL(SYS_pread64, -1, NULL, 0, -2L), CALL(SYS_pwrite64, file, room, 4, 0x7fffffffffffffffL), CALL(SYS_pwrite64, WIDE(null), TAIL("xyz"), 4, 0);
    struct iovec iov[] = {{room, 4}, {room + 4, 0}, {NULL, 0}, {room + 6, 40}, {BAD, 5}, {room, -1L}};
    struct iovec *at = TAIL(iov);
    for (int n = 0; n <= 7; n++) {
        CALL(SYS_writev, null, at, n), CALL(SYS_pwritev, null, at, n, 5, 9);
        CALL(SYS_writev, -1, at + 6 - n, n), CALL(SYS_readv, -1, at, n);
    }
    CALL(SYS_writev, null, at + 6, 1), CALL(SYS_writev, null, at + 5, 2), CALL(SYS_writev, null, NULL, 1), CALL(SYS_writev, null, BAD, -1L), CALL(SYS_writev, null, at, WIDE(3)), CALL(SYS_writev, null, (char *)at + 8 + 16 * 4, 2);
    struct iovec in[] = {{ROOM(char[3]), 3}, {ROOM(char[7]), 7}, {ROOM(char[60]), 60}, {ROOM(char[9]), 9}};
    lseek(file, 0, 0);
    CALL(SYS_readv, file, TAIL(in), 4), CALL(SYS_readv, file, TAIL(in), 4), CALL(SYS_readv, zero, TAIL(in), 3), CALL(SYS_readv, file, BAD, 2), CALL(SYS_readv, file, (struct iovec *)TAIL(in) + 3, 2), CALL(SYS_readv, zero, NULL, 0), CALL(SYS_readv, -1, NULL, -1L);
    CALL(SYS_preadv, file, TAIL(in), 3, 2, 0), CALL(SYS_preadv, file, TAIL(in), 3, -3L, -1L), CALL(SYS_preadv, WIDE(-1), NULL, 2, 0xdeadbeefUL, 0xfacefeedUL), CALL(SYS_pwritev, -1, at, 1, 0xfacefeedffffffffUL, 0x1234);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_preadv2, -1, NULL, 0, -1L, 0, flags);
    CALL(SYS_preadv2, file, TAIL(in), 2, 0, 0, 1), CALL(SYS_pwritev2, null, at, 2, -1L, -1L, 0), CALL(SYS_pwritev2, -1, at, 2, 1, 2, 0xffffffff), CALL(SYS_preadv2, file, TAIL(in), 1, 5, 0, WIDE(0));
    CALL(SYS_lseek, file, -9L, SEEK_CUR);
    for (int whence = -1; whence < 7; whence++) CALL(SYS_lseek, -1, 0xdeadbeefbadc0dedUL, whence);
    CALL(SYS_lseek, file, 10, WIDE(SEEK_SET));
    CALL(SYS_fsync, WIDE(-1)), CALL(SYS_fdatasync, -1), CALL(SYS_sync), CALL(SYS_syncfs, -1);
    for (unsigned mode = 1; mode; mode <<= 1) CALL(SYS_fallocate, -1, mode, 0xdeadbeefbadc0dedUL, 1);
    CALL(SYS_fallocate, WIDE(-1), 0x77, 0, -1L), CALL(SYS_fallocate, -1, 0, 5, 10);
    for (int advice = -1; advice < 9; advice++) CALL(SYS_fadvise64, -1, 0xdeadbeefbadc0dedUL, 0xbeefL, advice);
    CALL(SYS_readahead, -1, -1L, 0xdeadbeefUL);
    long off[] = {5, 0x7fffffffffffffffL, -3};
    int ends[2];
    pipe2(ends, O_NONBLOCK);
    CALL(SYS_splice, WIDE(-1), TAIL(off[0]), WIDE(-2), TAIL(off[2]), 0xdeadbeefbadc0dedUL, 0xf), CALL(SYS_splice, -1, NULL, -1, NULL, 1, 0xffffffff), CALL(SYS_splice, -1, BAD, -1, (char *)TAIL(off[0]) + 4, 1, 0x10), CALL(SYS_splice, file, TAIL(off[0]), ends[1], NULL, 6, 2);
    CALL(SYS_tee, WIDE(-1), -2, -1L, 0xfffffff0), CALL(SYS_tee, ends[0], ends[1], 3, 1), CALL(SYS_vmsplice, ends[1], at, 2, 0xf), CALL(SYS_vmsplice, -1, at, 7, 0xffffffff), CALL(SYS_vmsplice, ends[0], TAIL(in), 2, 2), CALL(SYS_vmsplice, ends[0], TAIL(in), 1, 2);
    CALL(SYS_sendfile, ends[1], file, TAIL(off[0]), 4), CALL(SYS_sendfile, ends[1], file, NULL, 2), CALL(SYS_sendfile, WIDE(-1), -2, BAD, -1L), CALL(SYS_sendfile, ends[1], file, TAIL(off[1]), 4), CALL(SYS_sendfile, 0, 1, (char *)TAIL(off[0]) + 1, 1), CALL(SYS_sendfile, ends[1], file, TAIL((long){500}), 1);
    CALL(SYS_copy_file_range, file, TAIL(off[0]), file, TAIL((long){200}), 8, 0), CALL(SYS_copy_file_range, WIDE(-1), TAIL(off[1]), -1, BAD, -1L, 0xffffffff), CALL(SYS_copy_file_range, -1, NULL, -1, NULL, 0, 0);
    static const unsigned ops[] = {0, 1, 2, 3, 4, 5, 6, 8, 9, 32, 33, 34, 64, 192, 224, 0xffffffff, 0xdeadbeef};
    for (unsigned i = 0; i < COUNT(ops); i++) CALL(SYS_flock, -1, ops[i]);
    CALL(SYS_close_range, -1, -2, 0xffffffff), CALL(SYS_close_range, WIDE(5), 2, 6), CALL(SYS_close_range, 3, 2, 1), CALL(SYS_close_range, 2000, 4000, 4), CALL(SYS_close_range, 2000, 4000, 2);
    CALL(SYS_dup, WIDE(-1)), CALL(SYS_dup, file), CALL(SYS_dup2, -1, WIDE(-2)), CALL(SYS_dup2, file, 77), CALL(SYS_dup3, -1, -2, 0xffffffff), CALL(SYS_dup3, file, 78, O_CLOEXEC), CALL(SYS_dup3, -1, -2, O_NONBLOCK | O_DIRECT | 0x80);
    CALL(SYS_pipe, BAD), CALL(SYS_pipe, ROOM(int[2])), CALL(SYS_pipe2, ROOM(int[2]), O_CLOEXEC | O_DIRECT | O_NONBLOCK), CALL(SYS_pipe2, NULL, 0), CALL(SYS_pipe2, BAD, 0xffffffff), CALL(SYS_pipe2, ROOM(int[2]), 0x80), CALL(SYS_pipe2, (char *)ROOM(int[2]) + 4, 0);
    for (unsigned flags = 0; flags < 16; flags++) CALL(SYS_getrandom, BAD, 3, flags);
    CALL(SYS_getrandom, NULL, 0, 0xffffffff), CALL(SYS_getrandom, BAD, -1L, 1), CALL(SYS_getrandom, room, 0, 0);
    unlink("io.tmp");
}
