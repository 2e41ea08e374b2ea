#include "edge.h"
int main(void) {
    rmdir("dir.tmp/sub");
    rmdir("dir.tmp");
    begin();
    char *name = TAIL_STRING("dir.tmp"), *sub = TAIL_STRING("dir.tmp/sub");
    CALL(SYS_mkdir, name, 0755), CALL(SYS_mkdir, name, WIDE(07777)), CALL(SYS_mkdir, BAD, -1), CALL(SYS_mkdir, NULL, 0), CALL(SYS_mkdir, "", 07);
    CALL(SYS_mkdirat, AT_FDCWD, sub, 0700), CALL(SYS_mkdirat, WIDE(-1), "sub", 0), CALL(SYS_mkdirat, -100, tail("x", 1), 01777);
    int dir = open(name, O_RDONLY | O_DIRECTORY);
    char *room = ROOM(char[1024]);
    CALL(SYS_getdents, dir, room, 1024), CALL(SYS_getdents, dir, room, 1024), CALL(SYS_getdents, WIDE(-1), NULL, -1);
    lseek(dir, 0, SEEK_SET);
    CALL(SYS_getdents64, dir, room, WIDE(1024)), CALL(SYS_getdents64, dir, room, 1024), CALL(SYS_getdents64, dir, BAD, 7), CALL(SYS_getdents64, -1, room, 0);
    lseek(dir, 0, SEEK_SET);
    CALL(SYS_getdents64, dir, room, 10);
    CALL(SYS_fchdir, WIDE(-1)), CALL(SYS_fchdir, 0x7fffffff), CALL(SYS_fchdir, dir), CALL(SYS_chdir, ".."), CALL(SYS_chdir, NULL), CALL(SYS_chdir, BAD), CALL(SYS_chdir, "no\nsuch");
    CALL(SYS_chroot, ""), CALL(SYS_chroot, BAD), CALL(SYS_chroot, "/nonexistent");
    CALL(SYS_getcwd, room, 1), CALL(SYS_getcwd, NULL, 10), CALL(SYS_getcwd, BAD, 1024), CALL(SYS_chdir, "/"), CALL(SYS_getcwd, room, 1024), CALL(SYS_getcwd, room, -1L);
    CALL(SYS_fchdir, dir), CALL(SYS_rmdir, "sub"), CALL(SYS_rmdir, "sub"), CALL(SYS_rmdir, NULL), CALL(SYS_rmdir, "../dir.tmp"), CALL(SYS_unlinkat, -1, "x", AT_REMOVEDIR);
}
