#include "edge.h"
#include <linux/mount.h>
int main(void) {
    begin();
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_mount, "/nonexistent/a", "/nonexistent/b", "proc", flags, "data");
    CALL(SYS_mount, "/nonexistent/a", "/nonexistent/b", "proc", 0xc0ed0000UL, NULL), CALL(SYS_mount, NULL, BAD, NULL, 0xc0ed000fUL, BAD), CALL(SYS_mount, "a", "/nonexistent/b", BAD, 0xffffffffffffffffUL, "x");
    for (unsigned flags = 1; flags < 0x40; flags <<= 1) CALL(SYS_umount2, "/nonexistent", flags), CALL(SYS_fsopen, BAD, flags), CALL(SYS_fspick, -1, "x", flags);
    CALL(SYS_umount2, NULL, 0xffffffff), CALL(SYS_pivot_root, "/nonexistent", BAD), CALL(SYS_pivot_root, NULL, ""), CALL(SYS_fspick, AT_FDCWD, BAD, 0xffffffff);
    char *key = TAIL_STRING("key");
    for (int cmd = 0; cmd < 8; cmd++) CALL(SYS_fsconfig, -1, cmd, key, key, -100), CALL(SYS_fsconfig, WIDE(-2), cmd, NULL, BAD, 3), CALL(SYS_fsconfig, -1, cmd, key, NULL, 0);
    CALL(SYS_fsconfig, -1, 2, key, key, 5), CALL(SYS_fsconfig, -1, 2, key, key, 4), CALL(SYS_fsconfig, -1, 99, key, key, 1 << 20), CALL(SYS_fsconfig, -1, 2, key, key, (1 << 20) + 1);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_fsmount, -1, flags & 3, flags), CALL(SYS_open_tree, -1, "x", flags), CALL(SYS_mount_setattr, -1, "x", flags, NULL, 0);
    CALL(SYS_fsmount, -1, 0xffffffff, 0xffffffff), CALL(SYS_fsmount, WIDE(-1), 1, 0x30), CALL(SYS_open_tree, AT_FDCWD, NULL, 0), CALL(SYS_open_tree, -1, BAD, 0xffffffff);
    for (unsigned flags = 1; flags < 0x200; flags <<= 1) CALL(SYS_move_mount, -1, "a", WIDE(-2), "b", flags);
    CALL(SYS_move_mount, AT_FDCWD, NULL, -1, BAD, 0);
    struct mount_attr attr[] = {{1, 2, 0x40000, 9}, {0x1000bf, 0x10, 0x140000, 5}, {-1ULL, -1ULL, 0, -1ULL}};
    for (unsigned i = 0; i < COUNT(attr); i++) CALL(SYS_mount_setattr, -1, "x", 0, TAIL(attr[i]), 32), CALL(SYS_mount_setattr, -1, "x", 0, TAIL(attr[i]), 40), CALL(SYS_mount_setattr, -1, "x", 0, &attr[0], 31);
    CALL(SYS_mount_setattr, -1, "x", 0, tail(attr, 40), 40), CALL(SYS_mount_setattr, -1, "x", 0, BAD, 32);
}
