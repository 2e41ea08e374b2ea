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
    request(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, &gen, 1), request(RTM_GETLINK, 1, &link, sizeof link), request(RTM_GETADDR, 0x301, &gen, 1), request(RTM_GETADDR, 1, &address, sizeof address), (void)neigh;
    struct { struct ifinfomsg info; struct rtattr a; char name[8]; } named = {link, {12, IFLA_IFNAME}, "lo"};
    request(RTM_GETLINK, 1, &named, sizeof named);
    struct { struct ifaddrmsg info; struct rtattr a; char ip[4]; struct rtattr b; char label[4]; } with = {address, {8, IFA_LOCAL}, {127, 0, 0, 1}, {7, IFA_LABEL}, "lo"};
    request(RTM_GETADDR, 1, &with, sizeof with);
    // Each attribute that strace 6.1 knows, with the address of a route or with what is too short for it.
    for (unsigned kind = 0; kind < 31; kind++)
        for (unsigned size = 0; size < 40; size += size < 4 ? 1 : 4) {
            struct { struct rtmsg m; struct rtattr a; unsigned char data[40]; } one = {route, {4 + size, kind}, {8, 0, 1, 2, 3, 0, 0, 0, 5, 0, 2, 0, 9}};
            if (kind == RTA_METRICS && size >= 8) memcpy(one.data, &(struct rtattr){8, size % 20}, 4);
            if (kind == RTA_VIA) one.data[0] = size & 16 ? AF_INET6 : AF_INET;
            if (kind == RTA_MULTIPATH && size >= 16) one.data[0] = 16, one.data[8] = 8, one.data[10] = RTA_GATEWAY;
            if (kind & 1) one.m.rtm_family = AF_INET6, one.m.rtm_tos = 0x1e, one.m.rtm_scope = kind, one.m.rtm_protocol = kind, one.m.rtm_type = kind, one.m.rtm_table = size;
            // At a next hop of length 0 strace 6.1 goes on for ever.
            if (kind != RTA_MULTIPATH || size == 8 || size == 16) request(RTM_GETROUTE, 1, &one, sizeof one.m + 4 + size);
        }
    request(RTM_GETROUTE, 1, &gen, 1), request(RTM_GETROUTE, 1, &route, sizeof route), request(RTM_NEWROUTE, 0, &route, 11);
    for (unsigned bit = 0; bit < 32; bit++) route.rtm_flags = 1u << bit, route.rtm_protocol = bit * 7, request(RTM_GETROUTE, 1, &route, sizeof route);
    char *room = tail("", 1);
    struct { struct nlmsghdr h; struct ifinfomsg i; } dump = {{32, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
    struct iovec out = {&dump, 32}, in = {ROOM(char[32768]), 32768};
    struct msghdr message = {.msg_name = &any, .msg_namelen = 12, .msg_iov = &out, .msg_iovlen = 1}, got = {.msg_name = ROOM(struct sockaddr_nl), .msg_namelen = 12, .msg_iov = &in, .msg_iovlen = 1};
    CALL(SYS_sendmsg, fd, TAIL(message), 0);
    dump.h.nlmsg_len = 5000, CALL(SYS_sendmsg, -1, TAIL(message), 0), CALL(SYS_sendto, fd, &dump, 32, 0, NULL, 0);
}
