#include "edge.h"
int main(void) {
    begin();
    char *name = TAIL_STRING("user.equal"), *value = TAIL("foo\0bar");
    for (unsigned flags = 0; flags < 5; flags++) CALL(SYS_setxattr, "none", name, value, 8, flags), CALL(SYS_fsetxattr, -1, name, value, 7, WIDE(flags));
    CALL(SYS_setxattr, "none", name, value, 9, 0), CALL(SYS_setxattr, "none", NULL, NULL, 0, 0xffffffff), CALL(SYS_setxattr, BAD, BAD, BAD, 1, 0), CALL(SYS_setxattr, "none", name, value, 0, 0), CALL(SYS_setxattr, "none", name, value, 65537, 0), CALL(SYS_setxattr, "none", name, value, -1L, 0), CALL(SYS_lsetxattr, "none", name, value, 4, 1), CALL(SYS_lsetxattr, "none", "\n", tail("0123456789012345678901234567890123456789", 40), 40, 2), CALL(SYS_fsetxattr, WIDE(-2), name, tail("01234567890123456789012345678901", 32), 33, 0);
    char *room = ROOM(char[64]);
    CALL(SYS_getxattr, "none", name, room, 64), CALL(SYS_getxattr, "/dev/null", name, room, 0), CALL(SYS_getxattr, NULL, BAD, NULL, -1L), CALL(SYS_lgetxattr, "none", name, BAD, 4), CALL(SYS_fgetxattr, -1, name, room, 65537);
    CALL(SYS_listxattr, "none", room, 64), CALL(SYS_listxattr, "/proc/self", room, 0), CALL(SYS_llistxattr, BAD, NULL, 7), CALL(SYS_flistxattr, WIDE(-1), room, -1L), CALL(SYS_flistxattr, open("/proc", O_RDONLY), room, 64);
    CALL(SYS_removexattr, "none", name), CALL(SYS_lremovexattr, NULL, NULL), CALL(SYS_fremovexattr, -1, tail("user", 4)), CALL(SYS_removexattr, "none", "0123456789012345678901234567890123456789");
}
