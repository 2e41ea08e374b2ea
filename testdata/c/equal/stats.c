#include "edge.h"
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/vfs.h>
int main(void) {
    begin();
    char *null = TAIL_STRING("/dev/null");
    void *room = ROOM(char[256]);
    CALL(SYS_stat, null, room), CALL(SYS_stat, "/", BAD), CALL(SYS_stat, "/nonexistent", room), CALL(SYS_stat, BAD, NULL), CALL(SYS_stat, NULL, room);
    CALL(SYS_lstat, "/proc/self", room), CALL(SYS_lstat, "", room), CALL(SYS_fstat, -1, room), CALL(SYS_fstat, WIDE(-1), BAD);
    int fd = open("/dev/zero", O_RDONLY);
    CALL(SYS_fstat, fd, room), CALL(SYS_fstat, fd, NULL), CALL(SYS_newfstatat, fd, "", room, AT_EMPTY_PATH), CALL(SYS_newfstatat, AT_FDCWD, null, (char *)room + 200, 0), CALL(SYS_newfstatat, -1, "x", room, 0xffffffff);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_statx, -1, "none", flags, 0, NULL), CALL(SYS_newfstatat, -1, "none", NULL, flags);
    for (unsigned mask = 1; mask < 0x8000; mask <<= 1) CALL(SYS_statx, -1, "none", 0, mask, BAD);
    CALL(SYS_statx, AT_FDCWD, null, 0, 0x7ff, room), CALL(SYS_statx, AT_FDCWD, null, AT_STATX_DONT_SYNC, STATX_ALL, room), CALL(SYS_statx, AT_FDCWD, null, 0x6100, WIDE(1), room), CALL(SYS_statx, AT_FDCWD, null, 0, 0, BAD), CALL(SYS_statx, fd, "", AT_EMPTY_PATH, 0, room), CALL(SYS_statx, -1, NULL, 0, 0x800, NULL);
    struct statfs *fs = ROOM(struct statfs);
    CALL(SYS_statfs, "/proc", fs), CALL(SYS_statfs, "/proc", (char *)fs + 1), CALL(SYS_statfs, "/nonexistent", fs), CALL(SYS_statfs, NULL, NULL), CALL(SYS_fstatfs, -1, fs), CALL(SYS_fstatfs, open("/proc", O_RDONLY), fs), CALL(SYS_fstatfs, WIDE(-2), BAD);
    CALL(SYS_ustat, 0xfacefeedffffffffUL, NULL), CALL(SYS_ustat, 0x0103, BAD), CALL(SYS_ustat, 0, ROOM(char[32]));
}
