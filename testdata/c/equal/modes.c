#include "edge.h"
int main(void) {
    unlink("mode.tmp");
    begin();
    int file = open("mode.tmp", O_CREAT | O_RDWR, 0600);
    char *name = TAIL_STRING("mode.tmp");
    static const unsigned modes[] = {0, 07, 0644, 0777, 01000, 02000, 04000, 07777, 0100644, 0177777, 0xffff0000, 0xffffffff};
    for (unsigned i = 0; i < COUNT(modes); i++) {
        CALL(SYS_chmod, "none", modes[i]), CALL(SYS_fchmod, -1, WIDE(modes[i])), CALL(SYS_fchmodat, AT_FDCWD, "none", modes[i]), CALL(SYS_umask, modes[i]);
        CALL(SYS_access, "none", modes[i]), CALL(SYS_faccessat, -1, "none", modes[i]);
    }
    CALL(SYS_chmod, name, 0640), CALL(SYS_chmod, BAD, 0), CALL(SYS_chmod, NULL, 0), CALL(SYS_fchmod, file, 0600), CALL(SYS_fchmodat, WIDE(-1), BAD, 0600), CALL(SYS_fchmodat, -100, name, 0600);
    for (int mode = -1; mode < 10; mode++) CALL(SYS_access, name, mode);
    for (unsigned flags = 0x80; flags && flags < 0x8000; flags <<= 1) CALL(SYS_faccessat2, -1, "none", 7, flags);
    CALL(SYS_faccessat2, AT_FDCWD, name, 4, 0), CALL(SYS_faccessat2, AT_FDCWD, NULL, 0xffffffff, 0xffffffff), CALL(SYS_access, BAD, 0), CALL(SYS_faccessat, AT_FDCWD, name, WIDE(6));
    static const unsigned ids[] = {0, 1, 65534, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    for (unsigned i = 0; i < COUNT(ids); i++) {
        CALL(SYS_chown, "none", ids[i], -1), CALL(SYS_lchown, "none", WIDE(-1), ids[i]), CALL(SYS_fchown, -1, ids[i], ids[i]), CALL(SYS_fchownat, -1, "none", ids[i], WIDE(7), 0x100);
    }
    CALL(SYS_chown, NULL, 0, 0), CALL(SYS_lchown, BAD, -1, -1), CALL(SYS_fchown, file, -1, -1), CALL(SYS_fchownat, AT_FDCWD, name, -1, -1, 0xffffffff), CALL(SYS_fchownat, file, "", -1, -1, AT_EMPTY_PATH);
    unlink("mode.tmp");
}
