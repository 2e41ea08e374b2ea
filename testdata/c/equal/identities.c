// Users, groups, sessions; all that would change any of them is refused.
#include "edge.h"
int main(void) {
    begin();
    const unsigned groups[] = {0, 1, -1, 65534, 0x80000000};
    CALL(SYS_setgroups, -1, TAIL(groups)), CALL(SYS_setgroups, 65537, TAIL(groups)), CALL(SYS_setgroups, 6, TAIL(groups)), CALL(SYS_setgroups, 5, BAD), CALL(SYS_setgroups, 40, BAD), CALL(SYS_setgroups, 5, (char *)TAIL(groups) + 4);
    CALL(SYS_getgroups, -1, ROOM(unsigned)), CALL(SYS_getgroups, 0, NULL), CALL(SYS_getgroups, 0, BAD), CALL(SYS_getgroups, WIDE(65536), ROOM(unsigned[65536])), CALL(SYS_getgroups, 1 << 20, BAD);
    CALL(SYS_setuid, -1), CALL(SYS_setgid, WIDE(-1)), CALL(SYS_setreuid, -1, -1), CALL(SYS_setregid, -1, WIDE(-1)), CALL(SYS_setresuid, -1, -1, -1), CALL(SYS_setresgid, -1, -1, WIDE(-1)), CALL(SYS_setfsuid, -1), CALL(SYS_setfsgid, WIDE(-1));
    CALL(SYS_getresuid, ROOM(int), ROOM(int), ROOM(int)), CALL(SYS_getresuid, ROOM(int), BAD, NULL), CALL(SYS_getresgid, ROOM(int), ROOM(int), ROOM(int)), CALL(SYS_getresgid, BAD, ROOM(int), ROOM(char[3]));
    CALL(SYS_getpgid, -1), CALL(SYS_getsid, WIDE(-2)), CALL(SYS_setpgid, -1, -1), CALL(SYS_setpgid, 0, WIDE(-3)), CALL(SYS_getuid), CALL(SYS_geteuid), CALL(SYS_getgid), CALL(SYS_getegid);
    CALL(SYS_kill, -1 & 0x7fffffff, 0), CALL(SYS_kill, 0x7fffffff, 99), CALL(SYS_tkill, -1, 9), CALL(SYS_tgkill, -1, -2, 64), CALL(SYS_tgkill, 0x7fffffff, WIDE(0x7ffffffe), WIDE(33)), CALL(SYS_tkill, 0, -1);
    CALL(SYS_sethostname, BAD, 65), CALL(SYS_sethostname, TAIL_STRING("a host"), -1), CALL(SYS_setdomainname, BAD, 3), CALL(SYS_setdomainname, NULL, 100), CALL(SYS_uname, BAD), CALL(SYS_uname, ROOM(char[389])), CALL(SYS_sysinfo, BAD), CALL(SYS_sysinfo, NULL);
}
