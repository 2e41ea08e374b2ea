#include "edge.h"
#include <arpa/inet.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
static void address(int fd, const void *address, size_t size) {
    char *at = tail(address, size);
    for (int less = -1; less < 3; less++) CALL(SYS_connect, fd, at, size - less);
    CALL(SYS_connect, fd, at + 1, size);
}
int main(void) {
    begin();
    static const int types[] = {0, 1, 2, 3, 5, 6, 10, 0x80001, 0x80802, 0x800, 0xffffffff, 0xfacefe0, 4, 9};
    for (unsigned i = 0; i < COUNT(types); i++) CALL(SYS_socket, 99, types[i], 0), CALL(SYS_socket, WIDE(AF_INET), types[i], 300);
    for (int family = -1; family < 48; family++) if (family != AF_IRDA) CALL(SYS_socket, family, 77, family * 3);
    for (int protocol = 0; protocol < 25; protocol++) CALL(SYS_socket, AF_NETLINK, 77, protocol), CALL(SYS_socket, AF_INET6, 77, protocol * 11), CALL(SYS_socket, AF_UNIX, 77, protocol);
    CALL(SYS_socket, AF_PACKET, 77, htons(3)), CALL(SYS_socket, AF_PACKET, 77, 0x888e), CALL(SYS_socket, AF_BLUETOOTH, 77, 3), CALL(SYS_socket, AF_CAN, 77, 1), CALL(SYS_socket, AF_INET, 77, 262), CALL(SYS_socket, AF_KEY, 77, 2), CALL(SYS_socket, AF_INET, 77, 143);
    CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ROOM(int[2])), CALL(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 5, BAD), CALL(SYS_socketpair, AF_INET, SOCK_STREAM, 6, NULL);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in in = {AF_INET, htons(12345), {htonl(0x7f000001)}};
    struct sockaddr_in6 in6 = {AF_INET6, htons(12345), htonl(0x12345678), {{{0}}}, 0xfacefeed}, ll = {AF_INET6, 0, 0, {{{0xfe, 0x80, [15] = 1}}}, 1}, v4 = {AF_INET6, 0, 0, {{{[10] = 0xff, 0xff, 10, 11, 12, 13}}}, 0}, comp = {AF_INET6, 0, 0, {{{[12] = 10, 11, 12, 13}}}, 0}, mid = {AF_INET6, 0, 0, {{{1, 2, [8] = 3, [15] = 4}}}, 0}, mc = {AF_INET6, 0, 0, {{{0xff, 2, [15] = 9}}}, 3};
    struct sockaddr_un un = {AF_UNIX, "/tmp/a \"path\"\n"}, hidden = {AF_UNIX, "\0hidden\0\1name"}, empty = {AF_UNIX, ""}, full = {AF_UNIX, ""};
    memset(full.sun_path, 'f', sizeof full.sun_path);
    struct sockaddr_nl nl = {AF_NETLINK, 0, -1, 0xfacefeed}, nlpad = {AF_NETLINK, 7, 5, 1};
    struct sockaddr_ll packet = {AF_PACKET, htons(3), 1, 1, PACKET_HOST, 6, {1, 2, 3, 4, 5, 6}}, oddpacket = {AF_PACKET, 0xdead, -1, 0xbeef, 0xce, 10, "ABCDEFGH"}, ip = {AF_PACKET, htons(0x800), 1, 772, PACKET_OUTGOING, 0};
    struct sockaddr_vm vm = {AF_VSOCK, 0, 1234, 3}, any = {AF_VSOCK, 5, -1, -1};
    struct sockaddr_alg alg = {AF_ALG, "hash", 0xfacefeed, 0xdeadbeef, "sha256"};
    memset(alg.salg_name + 6, 'x', 40);
    struct { uint16_t family; char data[30]; } other = {AF_NFC, "0123456789"}, unknown = {0xfa, "\0\1\2\3 ABC"}, unspec = {0, "abc"};
    address(fd, &in, sizeof in), address(fd, &in6, sizeof in6), address(fd, &ll, sizeof ll), address(fd, &v4, 28), address(fd, &comp, 28), address(fd, &mid, 28), address(fd, &mc, 28), address(fd, &in6, 24);
    address(fd, &un, sizeof un), address(fd, &hidden, 14), address(fd, &hidden, sizeof hidden), address(fd, &empty, 3), address(fd, &full, sizeof full), address(fd, &un, 6), address(fd, &un, 2), address(fd, &un, 1);
    address(fd, &nl, sizeof nl), address(fd, &nlpad, sizeof nlpad), address(fd, &packet, sizeof packet), address(fd, &oddpacket, sizeof oddpacket), address(fd, &ip, 18), address(fd, &packet, 12), address(fd, &vm, sizeof vm), address(fd, &any, sizeof any), address(fd, &alg, sizeof alg), address(fd, &unknown, 12), address(fd, &unspec, 5), address(fd, &unspec, 16);
    CALL(SYS_connect, -1, NULL, 16), CALL(SYS_connect, WIDE(-1), BAD, WIDE(-5)), CALL(SYS_connect, fd, &in, 0), CALL(SYS_connect, fd, &in, 1), CALL(SYS_connect, fd, &in, 4096), CALL(SYS_connect, fd, &un, 200);
    CALL(SYS_bind, fd, TAIL(in), sizeof in), CALL(SYS_bind, -1, NULL, -1), CALL(SYS_listen, WIDE(-1), WIDE(-2));
    int len = 100, *length = TAIL(len);
    char *room = tail("unused", 128);
    for (int size = 0; size < 20; size += 3) {
        *length = size;
        CALL(SYS_getsockname, fd, room, length);
    }
    *length = 100, CALL(SYS_getsockname, fd, room, length), *length = -1, CALL(SYS_getsockname, fd, room, length), *length = 16, CALL(SYS_getpeername, fd, room, length), CALL(SYS_getsockname, fd, NULL, length), CALL(SYS_getsockname, fd, room, NULL), CALL(SYS_getsockname, fd, BAD, BAD), CALL(SYS_getsockname, -1, room, length), CALL(SYS_getsockname, fd, room + 120, length);
    int local = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), peer = socket(AF_UNIX, SOCK_STREAM, 0), third = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(local, (void *)&hidden, 9), listen(local, 5), connect(peer, (void *)&hidden, 9), connect(third, (void *)&hidden, 9);
    *length = 20, CALL(SYS_getpeername, peer, room, length), *length = 4, CALL(SYS_getpeername, peer, room, length), *length = 5, CALL(SYS_accept, local, room, length), *length = 0, CALL(SYS_accept4, local, room, length, SOCK_CLOEXEC), CALL(SYS_accept4, local, room, length, SOCK_NONBLOCK | 0x1), CALL(SYS_accept4, WIDE(-1), BAD, BAD, -1), CALL(SYS_accept, local, NULL, NULL), CALL(SYS_accept, local, NULL, BAD), CALL(SYS_accept, -1, room, length);
    CALL(SYS_sendto, fd, "data \1\2", 7, MSG_CONFIRM | MSG_DONTWAIT | MSG_NOSIGNAL, TAIL(in6), 28), CALL(SYS_sendto, -1, BAD, -1L, -1, NULL, 5), CALL(SYS_sendto, -1, NULL, 0, 0, BAD, 16), CALL(SYS_sendto, fd, room, 60, 0, TAIL(in), 16);
    *length = 100;
    CALL(SYS_recvfrom, fd, room, 128, MSG_DONTWAIT | MSG_TRUNC | MSG_PEEK, room, length), CALL(SYS_recvfrom, fd, ROOM(char[10]), 10, MSG_DONTWAIT | MSG_TRUNC, room, length), CALL(SYS_recvfrom, fd, room, 128, MSG_DONTWAIT, room, length), CALL(SYS_recvfrom, WIDE(-1), BAD, -1L, WIDE(0xdeadbeef), BAD, BAD), CALL(SYS_recvfrom, fd, NULL, 0, MSG_DONTWAIT, NULL, length);
    for (int how = -1; how < 4; how++) CALL(SYS_shutdown, -1, how);
    for (unsigned flag = 1; flag; flag <<= 1) CALL(SYS_recvfrom, -1, NULL, 0, flag, NULL, NULL);
}
