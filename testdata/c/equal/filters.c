// seccomp's operations, and what they are given.
#include "edge.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void) {
    begin();
    const unsigned actions[] = {0, 1, 0x30000, 0x50000, 0x50001, 0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000, 0x80000000, -1};
    for (unsigned n = 0; n < COUNT(actions); n++) CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, TAIL(actions[n]));
    CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, WIDE(1), TAIL(actions[2])), CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL), CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, BAD), CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, (char *)TAIL(actions[2]) + 1);
    CALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, ROOM(char[6])), CALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, ROOM(char[5])), CALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 7, ROOM(char[6]));
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 9), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog programs[] = {{4, tail(code, sizeof code)}, {0, NULL}, {0, BAD}, {1, BAD}, {5, tail(code, sizeof code)}, {65535, NULL}};
    for (unsigned n = 0; n < COUNT(programs); n++) CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, -1, TAIL(programs[n]));
    for (unsigned flag = 1; flag; flag <<= 1) CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, BAD);
    CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL), CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (char *)TAIL(programs[0]) + 1);
    CALL(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), CALL(SYS_seccomp, WIDE(SECCOMP_SET_MODE_STRICT), 0, BAD), CALL(SYS_seccomp, 4, 0, NULL), CALL(SYS_seccomp, -1, -1, BAD);
}
