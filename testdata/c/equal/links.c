#include "edge.h"
int main(void) {
    unlink("one.tmp"), unlink("two.tmp"), unlink("sym.tmp"), unlink("far.tmp");
    begin();
    char *one = TAIL_STRING("one.tmp"), *two = TAIL_STRING("two.tmp");
    close(open(one, O_CREAT | O_WRONLY, 0600));
    CALL(SYS_link, one, two), CALL(SYS_link, one, two), CALL(SYS_link, NULL, BAD), CALL(SYS_link, "", ""), CALL(SYS_link, tail("abc", 3), "x\"y");
    for (unsigned flags = 0x80; flags && flags < 0x40000; flags <<= 1) CALL(SYS_linkat, -1, "from", WIDE(-2), "to", flags);
    CALL(SYS_linkat, AT_FDCWD, BAD, AT_FDCWD, NULL, 0xffffffff), CALL(SYS_linkat, AT_FDCWD, one, AT_FDCWD, two, 0);
    CALL(SYS_symlink, "somewhere/else", "sym.tmp"), CALL(SYS_symlink, "", "x"), CALL(SYS_symlink, BAD, NULL), CALL(SYS_symlinkat, "\1\2\3", AT_FDCWD, "far.tmp"), CALL(SYS_symlinkat, "a", WIDE(-1), "b"), CALL(SYS_symlinkat, NULL, -100, BAD);
    for (int size = -1; size < 18; size += 3) CALL(SYS_readlink, "sym.tmp", ROOM(char[16]), size);
    CALL(SYS_readlink, "far.tmp", ROOM(char[3]), 3), CALL(SYS_readlink, one, ROOM(char[3]), 3), CALL(SYS_readlink, "sym.tmp", BAD, 9), CALL(SYS_readlink, NULL, NULL, 0);
    CALL(SYS_readlinkat, AT_FDCWD, "sym.tmp", ROOM(char[40]), 40), CALL(SYS_readlinkat, WIDE(-1), "sym.tmp", NULL, -1L), CALL(SYS_readlinkat, -5, "", BAD, 1);
    for (unsigned flags = 0x80; flags && flags < 0x40000; flags <<= 1) CALL(SYS_unlinkat, -1, "x", flags);
    CALL(SYS_unlinkat, AT_FDCWD, two, 0), CALL(SYS_unlinkat, AT_FDCWD, BAD, 0xffffffff), CALL(SYS_unlink, one), CALL(SYS_unlink, one), CALL(SYS_unlink, NULL), CALL(SYS_unlink, "sym.tmp"), CALL(SYS_unlink, "far.tmp"), CALL(SYS_unlink, tail("12345678901234567890123456789012345", 35));
}
