// Addresses of each family, whole and cut short.
#include "edge.h"
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
static void all_sizes(const void *address, unsigned size) {
    for (unsigned n = 0; n <= size; n++) CALL(SYS_connect, -1, tail(address, size), n);
    CALL(SYS_bind, -1, (char *)tail(address, size) + 1, size);
}
int main(void) {
    begin();
    struct sockaddr_in four = {AF_INET, 0x5000, {0x0100007f}, {1, 2, 3}};
    struct sockaddr_in6 six = {AF_INET6, 0xbb01, 0x78563412, {{{0xfe, 0x80, [15] = 1}}}, 1}, wide = {AF_INET6, 0, -1, {{{0x20, 1, 0xd, 0xb8, [10] = 0xff, 0xff, 1, 2, 3, 4}}}, -1}, mapped = {AF_INET6, 1, 0, {{{[10] = 0xff, 0xff, 192, 0, 2, 1}}}, 0}, group = {AF_INET6, 1, 0, {{{0xff, 2, [15] = 1}}}, 1}, none = {AF_INET6};
    struct sockaddr_nl netlink = {AF_NETLINK, 0, 77, 0x11}, padded = {AF_NETLINK, 9, -1, -1};
    struct sockaddr_ll link = {AF_PACKET, 0x0008, 1, 1, 0, 6, {2, 0x42, 0, 1, 2, 3}}, other = {AF_PACKET, 0x3412, 0, -1, 99, 9, {1}};
    struct sockaddr_vm vm = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 80}, any = {.svm_family = AF_VSOCK, .svm_reserved1 = 3, .svm_cid = -1, .svm_port = -1, .svm_zero = {1, 2, 3}};
    struct sockaddr_alg cipher = {AF_ALG, "skcipher", 1, 0x1000, "cbc(aes)"};
    all_sizes(&four, sizeof four), all_sizes(&six, sizeof six), all_sizes(&netlink, sizeof netlink), all_sizes(&link, sizeof link), all_sizes(&vm, sizeof vm);
    CALL(SYS_connect, -1, &wide, sizeof wide), CALL(SYS_connect, -1, &mapped, sizeof mapped), CALL(SYS_connect, -1, &group, sizeof group), CALL(SYS_connect, -1, &none, sizeof none), CALL(SYS_connect, -1, &padded, sizeof padded), CALL(SYS_connect, -1, &other, sizeof other), CALL(SYS_connect, -1, &any, sizeof any), CALL(SYS_connect, -1, &cipher, sizeof cipher), CALL(SYS_connect, -1, &cipher, 40);
    const unsigned short others[] = {0, AF_APPLETALK, AF_ROSE, AF_ECONET, AF_ATMSVC, AF_IRDA, AF_LLC, AF_TIPC, AF_CAIF, AF_MAX, 999, -1};
    for (unsigned n = 0; n < COUNT(others); n++) {
        struct sockaddr unknown = {others[n], "\0\1two\377\n\"4567"};
        CALL(SYS_connect, -1, TAIL(unknown), 16), CALL(SYS_connect, -1, TAIL(unknown), 3), CALL(SYS_sendto, -1, "", 0, 0, TAIL(unknown), 2);
    }
    for (int family = -1; family < 48; family++) CALL(SYS_socket, family, -1, family), CALL(SYS_socketpair, family, family | 0x80000, -1, BAD), CALL(SYS_socket, WIDE(family), 99, 3);
}
