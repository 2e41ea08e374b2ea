#include "edge.h"
int main(void) {
    unlink("old.tmp"), unlink("new.tmp");
    begin();
    char *old = TAIL_STRING("old.tmp"), *new = TAIL_STRING("new.tmp");
    close(open(old, O_CREAT | O_WRONLY, 0600));
    CALL(SYS_rename, old, new), CALL(SYS_rename, old, new), CALL(SYS_rename, BAD, NULL), CALL(SYS_rename, "", "\t"), CALL(SYS_rename, tail("un", 2), "terminated");
    CALL(SYS_renameat, AT_FDCWD, new, AT_FDCWD, old), CALL(SYS_renameat, WIDE(-1), "a", 0x7fffffff, "b"), CALL(SYS_renameat, -100, NULL, -100, BAD);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_renameat2, AT_FDCWD, "none", -1, "nowhere", flags);
    CALL(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0), CALL(SYS_renameat2, AT_FDCWD, new, AT_FDCWD, new, 1), CALL(SYS_renameat2, WIDE(-7), BAD, -8, BAD, 0xffffffff), CALL(SYS_renameat2, -1, old, -1, old, WIDE(3));
    CALL(SYS_mknod, "/proc/x", 0644, 0), CALL(SYS_mknod, "/proc/x", 0020644, 0x0103), CALL(SYS_mknod, "/proc/x", 0060000, 0xfffffffff), CALL(SYS_mknod, BAD, 0010600, -1), CALL(SYS_mknod, NULL, 0177777, 7), CALL(SYS_mknod, "/proc/x", WIDE(0140007), 7);
    CALL(SYS_mknodat, AT_FDCWD, "/proc/x", 0100755, 5), CALL(SYS_mknodat, -1, "x", 0120000, 0), CALL(SYS_mknodat, -1, "x", 0020000, 0xdeadbeefUL), CALL(SYS_mknodat, WIDE(-2), NULL, 0, -1), CALL(SYS_mknodat, -1, BAD, 07777, 0);
    unlink("new.tmp");
}
