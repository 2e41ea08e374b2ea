// Several messages at once, from a socket to another.
#include "edge.h"
#include <sys/socket.h>
#include <sys/un.h>
int main(void) {
    int fds[2];
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds);
    begin();
    char *text = TAIL_STRING("The quick brown fox jumps over the lazy dog");
    struct iovec parts[] = {{text, 9}, {text + 9, 34}, {NULL, 0}};
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};
    struct mmsghdr out[] = {{.msg_hdr = {.msg_iov = tail(parts, sizeof parts), .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = tail(parts, sizeof parts), .msg_iovlen = 3, .msg_flags = MSG_TRUNC}}, {.msg_hdr = {.msg_name = TAIL(to), .msg_namelen = sizeof to, .msg_iov = BAD, .msg_iovlen = 1}}};
    for (unsigned n = 0; n < 4; n++) CALL(SYS_sendmmsg, fds[0], TAIL(out), n, MSG_DONTWAIT);
    CALL(SYS_sendmmsg, -1, TAIL(out), 4, -1), CALL(SYS_sendmmsg, fds[0], BAD, 1, 0), CALL(SYS_sendmmsg, fds[0], NULL, WIDE(-1), 0), CALL(SYS_sendmsg, fds[0], out, 0), CALL(SYS_sendmsg, -1, BAD, 0), CALL(SYS_sendmsg, fds[0], (char *)TAIL(out[1]) + 16, 0);
    for (unsigned room = 0; room < 64; room += 9) {
        struct iovec into[] = {{ROOM(char[9]), 9 < room ? 9 : room}, {ROOM(char[64]), room}};
        struct mmsghdr in[] = {{.msg_hdr = {.msg_name = ROOM(struct sockaddr_un), .msg_namelen = room, .msg_iov = TAIL(into), .msg_iovlen = 2}}, {.msg_hdr = {.msg_iov = TAIL(into), .msg_iovlen = 1, .msg_control = ROOM(char[64]), .msg_controllen = 64}}};
        struct timespec once = {0, 1};
        CALL(SYS_recvmmsg, fds[1], TAIL(in), 1, room % 2 ? MSG_DONTWAIT : MSG_TRUNC, NULL), CALL(SYS_recvmmsg, fds[1], TAIL(in), 2, MSG_DONTWAIT, room ? NULL : TAIL(once)), CALL(SYS_recvmsg, fds[1], TAIL(in[1]), MSG_DONTWAIT);
        CALL(SYS_sendmmsg, fds[0], TAIL(out), 2, MSG_DONTWAIT);
    }
    CALL(SYS_recvmmsg, -1, BAD, 3, -1, BAD), CALL(SYS_recvmmsg, -1, TAIL(out), 2, 0, NULL), CALL(SYS_recvmsg, -1, TAIL(out), 0), CALL(SYS_recvmsg, fds[1], BAD, 0), CALL(SYS_recvmsg, -1, NULL, -1), CALL(SYS_recvmmsg, fds[1], TAIL(out), 4, MSG_DONTWAIT, NULL);
}
