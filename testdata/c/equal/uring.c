#include "edge.h"
#include <linux/io_uring.h>
#include <sys/uio.h>
int main(void) {
    begin();
    struct io_uring_params p = {.flags = 0xffffffff, .sq_thread_cpu = 0xdeadbeef, .sq_thread_idle = 0xfacefeed, .wq_fd = -1, .resv = {1, 2, 3}}, none = {0}, res = {.resv = {0, 5, 0}};
    CALL(SYS_io_uring_setup, WIDE(-1), NULL), CALL(SYS_io_uring_setup, 1, BAD), CALL(SYS_io_uring_setup, 5, TAIL(p)), CALL(SYS_io_uring_setup, 0, TAIL(none)), CALL(SYS_io_uring_setup, 0, TAIL(res)), CALL(SYS_io_uring_setup, 1, (char *)TAIL(p) + 1), CALL(SYS_io_uring_setup, 4, TAIL(none));
    unsigned long set = 0x101;
    for (unsigned bit = 1; bit < 0x40; bit <<= 1) if (bit != 8) CALL(SYS_io_uring_enter, WIDE(-1), WIDE(-2), -3, bit, TAIL(set), 8);
    CALL(SYS_io_uring_enter, -1, 1, 2, 0xffffffe0, BAD, 8), CALL(SYS_io_uring_enter, -1, 1, 2, 0, NULL, -1L), CALL(SYS_io_uring_enter, -1, 1, 2, 1, &set, 7);
    struct iovec iov[3] = {{&set, 8}, {BAD, -1L}, {NULL, 0}};
    int fds[40] = {-1, 0, 1, 5};
    CALL(SYS_io_uring_register, WIDE(-1), 0, TAIL(iov), 3), CALL(SYS_io_uring_register, -1, 0, TAIL(iov), 4), CALL(SYS_io_uring_register, -1, 0, NULL, 1), CALL(SYS_io_uring_register, -1, 0, BAD, WIDE(-1)), CALL(SYS_io_uring_register, -1, 2, TAIL(fds), 4), CALL(SYS_io_uring_register, -1, 2, TAIL(fds), 40), CALL(SYS_io_uring_register, -1, 4, TAIL(fds[0]), 1), CALL(SYS_io_uring_register, -1, 7, TAIL(fds[3]), 2), CALL(SYS_io_uring_register, -1, 1, BAD, 5), CALL(SYS_io_uring_register, -1, 9, NULL, 7), CALL(SYS_io_uring_register, -1, 12, NULL, 0), CALL(SYS_io_uring_register, -1, 99, BAD, 5), CALL(SYS_io_uring_register, -1, 0xffffffff, NULL, 0), CALL(SYS_io_uring_register, -1, 3, NULL, 0), CALL(SYS_io_uring_register, -1, 5, NULL, 0), CALL(SYS_io_uring_register, -1, 10, BAD, 3);
    struct io_uring_files_update u = {.offset = 5, .fds = (uintptr_t)TAIL(fds)}, bad = {.offset = -1, .resv = 7, .fds = 0xdeadf000};
    CALL(SYS_io_uring_register, -1, 6, TAIL(u), 3), CALL(SYS_io_uring_register, -1, 6, TAIL(bad), 2), CALL(SYS_io_uring_register, -1, 6, BAD, 1), CALL(SYS_io_uring_register, -1, 8, NULL, 0), CALL(SYS_io_uring_register, -1, 8, BAD, 0);
}
