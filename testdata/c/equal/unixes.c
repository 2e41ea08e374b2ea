// Unix sockets: names in the file system, abstract ones, none; what comes with a message.
#include "edge.h"
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
int main(void) {
    begin();
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "unixes.socket"}, hidden = {.sun_family = AF_UNIX, .sun_path = "\0hidden\0name"}, full = {.sun_family = AF_UNIX};
    memset(full.sun_path, 'x', sizeof full.sun_path);
    CALL(SYS_unlinkat, AT_FDCWD, name.sun_path, 0);
    int server = CALL(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), client = CALL(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, WIDE(0));
    CALL(SYS_bind, server, TAIL(name), 2 + 14), CALL(SYS_bind, client, &hidden, 2 + 12), CALL(SYS_bind, -1, TAIL(full), 110), CALL(SYS_bind, -1, TAIL(full), 111), CALL(SYS_bind, -1, TAIL(full), 3), CALL(SYS_bind, -1, TAIL(full), 2), CALL(SYS_bind, -1, TAIL(full), 1), CALL(SYS_bind, -1, TAIL(full), 0), CALL(SYS_bind, -1, TAIL(full), -1), CALL(SYS_bind, -1, BAD, 110), CALL(SYS_bind, -1, NULL, 2);
    CALL(SYS_listen, server, 5), CALL(SYS_connect, client, TAIL(name), sizeof name), CALL(SYS_connect, client, TAIL(full), 110), CALL(SYS_connect, -1, (char *)TAIL(name) + 1, 110);
    struct sockaddr_un *from = ROOM(struct sockaddr_un);
    int *room = ROOM(int), peer;
    *room = sizeof *from, peer = CALL(SYS_accept4, server, from, room, SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (int size = -1; size < 5; size++) {
        *room = size, CALL(SYS_getsockname, server, from, room);
        *room = size * 4, CALL(SYS_getpeername, peer, from, room), CALL(SYS_accept, server, from, (char *)room + 1);
    }
    *room = sizeof *from, CALL(SYS_getsockname, client, from, room), *room = sizeof *from, CALL(SYS_getpeername, client, from, room), CALL(SYS_getpeername, server, from, room), CALL(SYS_getsockname, -1, BAD, NULL), CALL(SYS_getsockname, server, BAD, room), CALL(SYS_accept4, -1, NULL, NULL, -1), CALL(SYS_accept4, server, NULL, BAD, WIDE(1));
    struct { struct cmsghdr head; int fds[2]; } rights = {{.cmsg_len = 24, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}, {server, peer}};
    struct { struct cmsghdr head; struct ucred who; } who = {{.cmsg_len = 28, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS}, {getpid(), getuid(), getgid()}};
    struct iovec word = {TAIL_STRING("word"), 4}, into = {ROOM(char[8]), 8};
    struct msghdr with = {.msg_iov = &word, .msg_iovlen = 1, .msg_control = TAIL(rights), .msg_controllen = 24}, as = {.msg_iov = &word, .msg_iovlen = 1, .msg_control = TAIL(who), .msg_controllen = 28}, odd = {.msg_iov = &word, .msg_iovlen = 1, .msg_control = TAIL(rights), .msg_controllen = 20};
    int on = 1;
    CALL(SYS_setsockopt, peer, SOL_SOCKET, SO_PASSCRED, TAIL(on), 4);
    CALL(SYS_sendmsg, client, &with, MSG_NOSIGNAL), CALL(SYS_sendmsg, client, TAIL(as), 0), CALL(SYS_sendmsg, -1, TAIL(odd), 0);
    for (int n = 0; n < 3; n++) {
        struct msghdr in = {.msg_name = from, .msg_namelen = 10, .msg_iov = &into, .msg_iovlen = 1, .msg_control = ROOM(char[64]), .msg_controllen = 64 - n};
        CALL(SYS_recvmsg, peer, TAIL(in), MSG_CMSG_CLOEXEC);
    }
    CALL(SYS_sendto, client, TAIL_STRING("some text"), 9, MSG_DONTWAIT | MSG_MORE, NULL, 0), CALL(SYS_sendto, -1, BAD, 9, -1, TAIL(name), 16), CALL(SYS_sendto, -1, NULL, -1L, 0, BAD, 110), *room = 30, CALL(SYS_recvfrom, peer, ROOM(char[4]), 4, MSG_PEEK, from, room), CALL(SYS_recvfrom, peer, ROOM(char[9]), 9, 0, NULL, NULL), CALL(SYS_recvfrom, peer, ROOM(char[4]), 4, MSG_DONTWAIT, BAD, BAD), CALL(SYS_recvfrom, -1, BAD, -1L, 0x7fffffff, from, room);
    for (int how = -1; how < 4; how++) CALL(SYS_shutdown, how < 0 ? -1 : client, how);
    CALL(SYS_shutdown, WIDE(-2), WIDE(1)), CALL(SYS_listen, -1, -1), CALL(SYS_unlinkat, AT_FDCWD, name.sun_path, 0);
}
