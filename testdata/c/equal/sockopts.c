#include "edge.h"
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
int main(void) {
    begin();
    int one = 1, *value = TAIL(one), *length = ROOM(int);
    static const int levels[] = {0, 1, 6, 17, 41, 58, 255, 263, 270, 132, 136, 261, 262, 264, 265, 266, 267, 268, 269, 271, 272, 273, 274, 275, 276, 277, 278, 279, 280, 281, 282, 283, 2, 99, -1};
    for (unsigned l = 0; l < COUNT(levels); l++)
        for (int option = 0; option < (levels[l] == 6 ? 38 : levels[l] == 279 ? 7 : levels[l] == 0 ? 51 : 76); option += l < 9 ? 1 : 7) {
            CALL(SYS_setsockopt, -1, levels[l], option, value, 4);
            *length = 4;
            CALL(SYS_getsockopt, -1, levels[l], option, value, length);
        }
    for (int option = 98; option < 110; option++) CALL(SYS_setsockopt, -1, 17, option, value, 4), CALL(SYS_setsockopt, -1, 41, option, value, 4);
    int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0), nl = socket(AF_NETLINK, SOCK_RAW, 0), un[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, un);
    struct linger linger = {1, -5};
    struct ucred cred;
    struct timeval tv = {5, 123456}, odd = {-1, 10000000};
    char name[20] = "lo";
    static const int sizes[] = {-1, 0, 1, 3, 4, 5, 8, 12, 16, 100};
    static const int options[] = {SO_LINGER, SO_PEERCRED, SO_RCVTIMEO, SO_SNDTIMEO, SO_BINDTODEVICE, SO_TYPE, SO_ERROR, SO_RCVBUF, SO_KEEPALIVE, SO_DOMAIN, SO_PROTOCOL, SO_PEERSEC, SO_ACCEPTCONN, SO_MEMINFO, SO_COOKIE, SO_TXTIME, 77};
    char *room = tail("", 1), *big = tail((char[104]){"0123456789"}, 104);
    for (unsigned o = 0; o < COUNT(options); o++)
        for (unsigned s = 0; s < COUNT(sizes); s++) {
            if (options[o] == SO_MEMINFO || options[o] == SO_COOKIE) continue;
            *length = sizes[s];
            if (options[o] != SO_PEERCRED) CALL(SYS_getsockopt, un[0], SOL_SOCKET, options[o], big, length);
            CALL(SYS_setsockopt, -1, SOL_SOCKET, options[o], big, sizes[s]);
        }
    CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_LINGER, TAIL(linger), 8), CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_LINGER, (char *)TAIL(linger) + 1, 8), *length = 8, CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_LINGER, TAIL(linger), length), CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_LINGER, BAD, length), CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_LINGER, NULL, BAD);
    CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_RCVTIMEO, TAIL(tv), 16), CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_SNDTIMEO, TAIL(odd), 16), *length = 16, CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_RCVTIMEO, TAIL(odd), length);
    CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_BINDTODEVICE, name, 2), CALL(SYS_setsockopt, tcp, SOL_SOCKET, SO_BINDTODEVICE, name, 20), CALL(SYS_setsockopt, tcp, SOL_TCP, TCP_CONGESTION, "cubic", 5), *length = 16, CALL(SYS_getsockopt, tcp, SOL_TCP, TCP_CONGESTION, big, length), *length = 3, CALL(SYS_getsockopt, tcp, SOL_TCP, TCP_CONGESTION, big, length);
    struct sock_filter code[] = {{0x28, 0, 0, 0xfffff00c}, {0x15, 0, 3, 0x800}, {0x30, 0, 0, 0x17}, {0x6, 0, 0, 0xffff}, {0x6, 0, 0, 0}, {0xffff, 1, 2, 3}};
    struct sock_fprog prog = {4, TAIL(code)}, long_prog = {6, TAIL(code)}, bad = {3, BAD}, none = {0, NULL};
    CALL(SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, TAIL(prog), sizeof prog), CALL(SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, TAIL(long_prog), sizeof prog), CALL(SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, TAIL(bad), 16), CALL(SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, TAIL(none), 15), CALL(SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, TAIL(prog), 16), *length = 4, CALL(SYS_getsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, big, length), *length = 0, CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_ATTACH_FILTER, NULL, length), *length = 2, CALL(SYS_getsockopt, tcp, SOL_SOCKET, SO_ATTACH_FILTER, big, length);
    struct ip_mreq mreq = {{htonl(0xe0000001)}, {htonl(0x7f000001)}};
    struct ip_mreqn mreqn = {{htonl(0xe0000001)}, {htonl(0x7f000001)}, 1};
    struct ip_mreq_source source = {{htonl(0xe0000001)}, {htonl(0x7f000001)}, {htonl(0x7f000002)}};
    struct ipv6_mreq mreq6 = {{{{0xff, 2, [15] = 1}}}, 1};
    struct group_req group = {1, {AF_INET, "\0\5\1\2\3\4"}};
    for (int option = 32; option < 48; option++) CALL(SYS_setsockopt, -1, SOL_IP, option, TAIL(mreq), 8), CALL(SYS_setsockopt, -1, SOL_IP, option, TAIL(mreqn), 12), CALL(SYS_setsockopt, -1, SOL_IP, option, TAIL(source), 12), CALL(SYS_setsockopt, -1, SOL_IP, option, TAIL(group), sizeof group), CALL(SYS_setsockopt, -1, SOL_IP, option, TAIL(mreq), 7), CALL(SYS_setsockopt, -1, SOL_IPV6, option, TAIL(group), sizeof group);
    for (int option = 17; option < 30; option++) CALL(SYS_setsockopt, -1, SOL_IPV6, option, TAIL(mreq6), 20), CALL(SYS_setsockopt, -1, SOL_IPV6, option, TAIL(mreq6), 19), CALL(SYS_setsockopt, -1, SOL_IPV6, option, TAIL(mreq6), 22);
    for (int option = 1; option < 13; option++) { *length = 8; CALL(SYS_getsockopt, nl, 270, option, big, length); *length = 4; CALL(SYS_getsockopt, nl, 270, option, big, length); CALL(SYS_setsockopt, nl, 270, option, value, 4); }
    for (int option = 1; option < 38; option++) { if (option == TCP_INFO || option == 24 || option == 35 || option == 29 || option == 12) continue; *length = 4; CALL(SYS_getsockopt, tcp, 6, option, big, length); }
    for (int option = 1; option < 51; option++) { *length = 4; CALL(SYS_getsockopt, udp, 0, option, big, length); *length = 1; CALL(SYS_getsockopt, udp, 0, option, big, length); }
    for (int option = 1; option < 80; option++) { *length = 4; CALL(SYS_getsockopt, six, 41, option, big, length); }
}
