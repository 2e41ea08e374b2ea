#include "edge.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
static int fd;
static void control(int level, int type, const void *data, size_t size, long more) {
    union { struct cmsghdr header; char room[200]; } u = {{0}};
    u.header.cmsg_len = CMSG_LEN(size) + more, u.header.cmsg_level = level, u.header.cmsg_type = type;
    memcpy(CMSG_DATA(&u.header), data, size);
    struct msghdr message = {.msg_control = tail(&u, CMSG_SPACE(size)), .msg_controllen = CMSG_SPACE(size)};
    CALL(SYS_sendmsg, -1, TAIL(message), 0);
    message.msg_controllen = CMSG_LEN(size) - 1;
    CALL(SYS_sendmsg, -1, TAIL(message), 0);
}
int main(void) {
    begin();
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    fd = pair[0];
    char text[] = "The quick brown fox jumps over the lazy dog.";
    struct iovec parts[3] = {{text, 10}, {text + 10, 30}, {BAD, 5}};
    struct sockaddr_in in = {AF_INET, htons(5), {1}};
    struct msghdr plain = {.msg_iov = TAIL(parts), .msg_iovlen = 2, .msg_flags = -1}, named = {.msg_name = TAIL(in), .msg_namelen = 16, .msg_iov = parts, .msg_iovlen = 1}, bad = {.msg_name = BAD, .msg_namelen = -5, .msg_iov = BAD, .msg_iovlen = -1, .msg_control = BAD, .msg_controllen = 50, .msg_flags = MSG_OOB}, none = {0}, three = {.msg_iov = TAIL(parts), .msg_iovlen = 4};
    CALL(SYS_sendmsg, fd, TAIL(plain), MSG_DONTWAIT), CALL(SYS_sendmsg, -1, TAIL(named), 0), CALL(SYS_sendmsg, -1, TAIL(bad), -1), CALL(SYS_sendmsg, -1, TAIL(none), MSG_MORE), CALL(SYS_sendmsg, -1, TAIL(three), 0), CALL(SYS_sendmsg, -1, NULL, 0), CALL(SYS_sendmsg, -1, (char *)TAIL(plain) + 1, 0);
    struct msghdr in1 = {.msg_iov = TAIL(parts), .msg_iovlen = 2, .msg_name = ROOM(struct sockaddr_un), .msg_namelen = 110};
    CALL(SYS_recvmsg, pair[1], TAIL(in1), MSG_DONTWAIT), CALL(SYS_recvmsg, pair[1], TAIL(in1), MSG_DONTWAIT), CALL(SYS_recvmsg, -1, TAIL(in1), 0), CALL(SYS_recvmsg, -1, NULL, 0), CALL(SYS_recvmsg, -1, BAD, -1), CALL(SYS_recvmsg, -1, TAIL(none), 0);
    int fds[40];
    for (int i = 0; i < 40; i++) fds[i] = i;
    control(SOL_SOCKET, SCM_RIGHTS, fds, 4, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 8, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 160, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 3, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 6, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 0, 0), control(SOL_SOCKET, SCM_RIGHTS, fds, 8, 100), control(SOL_SOCKET, SCM_RIGHTS, fds, 8, -9), control(SOL_SOCKET, SCM_RIGHTS, fds, 8, -20);
    struct ucred cred = {1, -1, 5};
    control(SOL_SOCKET, SCM_CREDENTIALS, &cred, 12, 0), control(SOL_SOCKET, SCM_CREDENTIALS, &cred, 11, 0), control(SOL_SOCKET, SCM_CREDENTIALS, &cred, 16, 0), control(SOL_SOCKET, 3, "security context", 16, 0), control(SOL_SOCKET, 99, "what", 4, 0), control(77, 88, "else", 4, 0);
    long times[6] = {1, 2, 3, 4, 5, 6};
    for (int type = 29; type < 70; type++) control(SOL_SOCKET, type, times, 16, 0), control(SOL_SOCKET, type, times, 48, 0), control(SOL_SOCKET, type, times, 5, 0);
    for (int type = 0; type < 30; type++) control(SOL_IP, type, &in, 16, 0), control(SOL_IP, type, fds, 4, 0), control(SOL_IP, type, fds, 1, 0), control(SOL_IP, type, fds, 12, 0), control(SOL_IP, type, fds + 1, 32, 0), control(SOL_IPV6, type * 3, fds, 20, 0), control(SOL_IPV6, type, fds, 4, 0), control(17, type, fds, 4, 0), control(6, type, fds, 4, 0);
    union { struct { size_t len; int level, type, fd, pad; } m[3]; char c[72]; } several = {.m = {{20, SOL_SOCKET, SCM_RIGHTS, 1}, {20, SOL_SOCKET, SCM_RIGHTS, 2}, {20, SOL_SOCKET, SCM_RIGHTS, 0}}};
    for (int size = 0; size <= 72; size += 4) {
        struct msghdr message = {.msg_control = tail(&several, size), .msg_controllen = size};
        CALL(SYS_sendmsg, -1, TAIL(message), 0);
    }
    struct msghdr passing = {.msg_iov = parts, .msg_iovlen = 1, .msg_control = tail(&several, 24), .msg_controllen = 24};
    CALL(SYS_sendmsg, fd, TAIL(passing), 0);
    struct msghdr taking = {.msg_iov = parts, .msg_iovlen = 1, .msg_control = ROOM(char[64]), .msg_controllen = 64};
    CALL(SYS_recvmsg, pair[1], TAIL(taking), MSG_CMSG_CLOEXEC), taking.msg_controllen = 8, CALL(SYS_sendmsg, fd, TAIL(passing), 0), CALL(SYS_recvmsg, pair[1], TAIL(taking), 0);
    struct mmsghdr many[3] = {{plain, 0}, {named, 7}, {{.msg_iov = parts, .msg_iovlen = 2}, 9}};
    many[1].msg_hdr.msg_name = NULL, many[1].msg_hdr.msg_namelen = 0;
    CALL(SYS_sendmmsg, fd, TAIL(many), 3, MSG_DONTWAIT), CALL(SYS_sendmmsg, -1, TAIL(many), 4, 0), CALL(SYS_sendmmsg, -1, BAD, 2, 0), CALL(SYS_sendmmsg, -1, NULL, 0, -1), CALL(SYS_sendmmsg, fd, (char *)TAIL(many) + 64, 3, MSG_DONTWAIT);
    struct timespec timeout = {1, 5}, odd = {-1, -1};
    struct mmsghdr *got = TAIL(many);
    CALL(SYS_recvmmsg, pair[1], got, 2, MSG_DONTWAIT, NULL), CALL(SYS_recvmmsg, pair[1], got, 3, MSG_DONTWAIT, TAIL(timeout)), CALL(SYS_recvmmsg, pair[1], got, 3, MSG_DONTWAIT, TAIL(timeout)), CALL(SYS_recvmmsg, -1, got, WIDE(3), -1, BAD), CALL(SYS_recvmmsg, -1, BAD, 3, 0, TAIL(odd)), CALL(SYS_recvmmsg, -1, NULL, 0, 0, NULL);
}
