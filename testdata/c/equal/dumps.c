// Buffers for `-e read=` and `-e write=`: longer than a tracer reads at once, that memory ends
// within, and that are not there at all. /dev/null takes any of them without a look at it.
#include "edge.h"
#include <sys/socket.h>
#include <sys/uio.h>

#define PIECE 65536UL

// `size` different bytes at the end of memory.
static char *filled(size_t size) {
    static char bytes[2 * PIECE + 40];
    for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 7 + i / 256);
    return tail(bytes, size);
}

int main(void) {
    begin();
    int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
    char *small = filled(100), *large = filled(2 * PIECE + 40);
    // Whole; and with their ends missing within the first piece, behind it, and by one byte.
    size_t lengths[] = {0, 1, 16, 17, 100, 101, 116, 4196};
    for (unsigned i = 0; i < COUNT(lengths); i++) CALL(SYS_write, null, small, lengths[i]);
    for (unsigned i = 0; i < 3; i++) CALL(SYS_pwrite64, null, large, 2 * PIECE + 39 + i, 0);
    CALL(SYS_write, null, large + 40, 2 * PIECE), CALL(SYS_write, null, large + 40, 2 * PIECE + 1);
    CALL(SYS_write, null, large + 40, PIECE + 1), CALL(SYS_write, null, large + 40 + PIECE, PIECE + 1);
    CALL(SYS_write, null, large + 40 + PIECE, 3 * PIECE);
    // Lengths that take other numbers of digits, and such as no memory has.
    size_t wide[] = {1UL << 20, (1UL << 20) + 1, (1UL << 24) + 1, 0x7fff0000000, -15UL, -16UL, -17UL, -1UL};
    for (unsigned i = 0; i < COUNT(wide); i++) CALL(SYS_write, null, large + 40 + PIECE, wide[i]);
    CALL(SYS_write, null, NULL, 5), CALL(SYS_write, null, NULL, 0), CALL(SYS_write, null, BAD, 5);
    CALL(SYS_write, null, (void *)-8L, 8), CALL(SYS_write, -1, small, 5), CALL(SYS_write, WIDE(null), small, 5);
    CALL(SYS_read, zero, large + 40, 2 * PIECE), CALL(SYS_read, zero, large + 40, 2 * PIECE + 1);
    CALL(SYS_read, null, small, 5), CALL(SYS_read, -1, small, 5), CALL(SYS_pread64, zero, small, 20, 0);
    // Buffers of a vector: one that is not there, an empty one, more than are taken.
    struct iovec vector[] = {{small + 90, 10}, {small + 90, 11}, {BAD, 4}, {large + 40 + PIECE, PIECE + 3}, {small, 0}, {small, 3}};
    CALL(SYS_writev, null, TAIL(vector), 6), CALL(SYS_pwritev, null, TAIL(vector), 4, 0, 0);
    CALL(SYS_writev, null, TAIL(vector), 7), CALL(SYS_writev, null, BAD, 1), CALL(SYS_writev, null, TAIL(vector), 0);
    static struct iovec all[1030], *many;
    for (int i = 0; i < 1030; i++) all[i] = (struct iovec){small + i % 100, 1};
    many = TAIL(all);
    CALL(SYS_writev, null, many, 1024), CALL(SYS_writev, null, many, 1030), CALL(SYS_writev, null, many, -1L);
    struct iovec into[] = {{small, 10}, {small + 50, 0}, {large + 40, PIECE + 40}, {small + 90, 10}};
    CALL(SYS_readv, zero, TAIL(into), 1), CALL(SYS_readv, zero, TAIL(into), 4), CALL(SYS_preadv, zero, TAIL(into), 3, 0, 0);
    // Messages, and what of them arrives.
    int ends[2];
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
    struct iovec text[] = {{small, 5}, {small + 60, 0}, {small + 70, 20}};
    struct msghdr good = {.msg_iov = TAIL(text), .msg_iovlen = 3}, torn = {.msg_iov = TAIL(vector), .msg_iovlen = 2};
    struct msghdr none = {.msg_iov = BAD, .msg_iovlen = 1};
    CALL(SYS_sendmsg, ends[0], TAIL(good), 0), CALL(SYS_sendmsg, ends[0], TAIL(torn), 0);
    CALL(SYS_sendmsg, ends[0], TAIL(none), 0), CALL(SYS_sendmsg, ends[0], BAD, 0);
    struct mmsghdr several[] = {{.msg_hdr = good}, {.msg_hdr = good}, {.msg_hdr = torn}};
    CALL(SYS_sendmmsg, ends[0], TAIL(several), 3, 0), CALL(SYS_sendmmsg, ends[0], TAIL(several), 1, 0);
    CALL(SYS_sendto, ends[0], small, 30, 0, NULL, 0), CALL(SYS_sendto, ends[0], small + 90, 30, 0, NULL, 0);
    struct iovec room[] = {{ROOM(char[3]), 3}, {ROOM(char[40]), 40}};
    struct msghdr in = {.msg_iov = TAIL(room), .msg_iovlen = 2};
    struct mmsghdr ins[] = {{.msg_hdr = in}, {.msg_hdr = in}};
    CALL(SYS_recvmsg, ends[1], TAIL(in), 0), CALL(SYS_recvmmsg, ends[1], TAIL(ins), 2, 0, NULL);
    CALL(SYS_recvfrom, ends[1], room[1].iov_base, 40, 0, NULL, NULL), CALL(SYS_recvmsg, ends[1], TAIL(in), 0);
}
