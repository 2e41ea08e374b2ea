#include "edge.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>
static int fd;
static void request(uint16_t type, uint16_t flags, const void *payload, size_t size) {
    char room[200] = {0};
    struct nlmsghdr *h = (void *)room;
    *h = (struct nlmsghdr){NLMSG_LENGTH(size), type, flags, 0xfacefeed, 0};
    memcpy(NLMSG_DATA(h), payload, size);
    CALL(SYS_sendto, fd, tail(room, NLMSG_LENGTH(size)), NLMSG_LENGTH(size), MSG_DONTWAIT, NULL, 0);
}
int main(void) {
    begin();
    fd = CALL(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl any = {AF_NETLINK};
    bind(fd, (void *)&any, sizeof any);
    for (int type = 0; type < 120; type++) request(type, NLM_F_REQUEST, "", 0);
    for (int type = 3; type < 23; type++) if (type != 19) request(type, 0xffff, "\0\1\2\3", 4);
    struct rtgenmsg gen = {AF_INET6};
    struct ifinfomsg link = {AF_UNSPEC, 0, 1, 1, 0x10043, -1};
    struct ifaddrmsg address = {AF_INET, 8, 0x80, 254, 1};
    struct rtmsg route = {AF_INET, 24, 0, 0, 254, 4, 0, 1, 0x100};
    struct ndmsg neigh = {AF_INET, 0, 0, 1, 0x80, 2, 1};
    request(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, &gen, 1), request(RTM_GETLINK, 1, &link, sizeof link), request(RTM_GETADDR, 0x301, &gen, 1), request(RTM_GETADDR, 1, &address, sizeof address), (void)route, (void)neigh;
    struct { struct ifinfomsg info; struct rtattr a; char name[8]; } named = {link, {12, IFLA_IFNAME}, "lo"};
    request(RTM_GETLINK, 1, &named, sizeof named);
    struct { struct ifaddrmsg info; struct rtattr a; char ip[4]; struct rtattr b; char label[4]; } with = {address, {8, IFA_LOCAL}, {127, 0, 0, 1}, {7, IFA_LABEL}, "lo"};
    request(RTM_GETADDR, 1, &with, sizeof with);
    char *room = tail("", 1);
    struct { struct nlmsghdr h; struct ifinfomsg i; } dump = {{32, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
    struct iovec out = {&dump, 32}, in = {ROOM(char[32768]), 32768};
    struct msghdr message = {.msg_name = &any, .msg_namelen = 12, .msg_iov = &out, .msg_iovlen = 1}, got = {.msg_name = ROOM(struct sockaddr_nl), .msg_namelen = 12, .msg_iov = &in, .msg_iovlen = 1};
    CALL(SYS_sendmsg, fd, TAIL(message), 0);
    dump.h.nlmsg_len = 5000, CALL(SYS_sendmsg, -1, TAIL(message), 0), CALL(SYS_sendto, fd, &dump, 32, 0, NULL, 0);
}
