#include "edge.h"
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/vfs.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#define NONE "/nonexistent/file"
int main(void) {
    begin();
    char *none = TAIL_STRING(NONE);
    static const unsigned flags[] = {0, 1, 2, 3, 0x40, 0x41, 0xffffff80, 0xffffffff, 0x410000, 0x10000, 0x200000, O_TMPFILE | O_WRONLY, O_PATH | O_NOFOLLOW | O_CLOEXEC, O_SYNC, O_DSYNC, O_DIRECT, O_LARGEFILE, O_NOATIME, FASYNC, O_NOCTTY | O_EXCL | O_TRUNC | O_APPEND | O_NONBLOCK, 0x08000000, 0x80};
    for (unsigned i = 0; i < COUNT(flags); i++) {
        CALL(SYS_open, none, flags[i], 0xffffffffUL);
        CALL(SYS_openat, AT_FDCWD, none, WIDE(flags[i]), WIDE(0640));
        CALL(SYS_openat, WIDE(-1), "", flags[i], 0);
        struct open_how how = {flags[i] | 0xfacefeed00000000UL * (i & 1), i * 0777, i};
        CALL(SYS_openat2, -100, none, TAIL(how), sizeof how);
    }
    struct open_how how = {0, 0, 0xffffffffffffffe0};
    CALL(SYS_openat2, -1, NULL, NULL, sizeof how);
    CALL(SYS_openat2, -1, none, &how, 23);
    CALL(SYS_openat2, -1, none, (char *)TAIL(how) + 1, 24);
    how.resolve = 0x3f;
    struct { struct open_how how; uint64_t more; } longer = {how, 0}, odd = {how, 5};
    CALL(SYS_openat2, -1, none, TAIL(longer), 32);
    CALL(SYS_openat2, -1, none, TAIL(odd), 32);
    CALL(SYS_openat2, -1, none, TAIL(how), 32);
    CALL(SYS_openat, -1, tail("unterminated", 12), 0);
    CALL(SYS_openat, -1, "esc\"ape\\\n\t\x01" "1\xff", 0);
    static char path[5000];
    memset(path, 'p', 4999), path[4999] = 0;
    CALL(SYS_chdir, path + 4999 - 4096);
    CALL(SYS_chdir, path + 4999 - 4095);
    CALL(SYS_chdir, tail(path, 4095));
    CALL(SYS_chdir, tail(path, 4096));
    CALL(SYS_chdir, tail(path, 4097));
    CALL(SYS_creat, none, 0xffffffff);
    CALL(SYS_mkdir, none, 0600);
    CALL(SYS_mkdir, none, 0), CALL(SYS_mkdir, none, 07), CALL(SYS_mkdirat, WIDE(-100), none, WIDE(017777));
    CALL(SYS_mknod, none, S_IFCHR | 024, 0x12345678deadUL);
    CALL(SYS_mknod, none, S_IFBLK | 07777, 0xdeadbeefbadc0dedUL);
    CALL(SYS_mknod, none, S_IFREG | 06, 5), CALL(SYS_mknod, none, 0xffff, 5), CALL(SYS_mknod, none, 0150000, 5), CALL(SYS_mknod, none, 0, 5);
    CALL(SYS_mknodat, -1, none, S_IFIFO | 0666, 1), CALL(SYS_mknodat, -1, none, S_IFCHR, 0x1fffffffffUL);
    CALL(SYS_access, none, 0), CALL(SYS_access, none, 7), CALL(SYS_access, none, 0xffffffff), CALL(SYS_access, none, 8);
    CALL(SYS_faccessat, -1, none, 6), CALL(SYS_faccessat2, -1, none, 4, 0xffffffff), CALL(SYS_faccessat2, -1, none, 0, 0x1300), CALL(SYS_faccessat2, -1, none, 0, 1);
    CALL(SYS_unlinkat, -1, none, 0), CALL(SYS_unlinkat, -1, none, 0x200), CALL(SYS_unlinkat, -1, none, 0xffffffff), CALL(SYS_unlink, none), CALL(SYS_rmdir, none);
    CALL(SYS_rename, none, "b"), CALL(SYS_renameat, -1, none, -100, "b"), CALL(SYS_renameat2, -1, none, WIDE(-100), "b", 7), CALL(SYS_renameat2, -1, none, -5, "b", 0xffffffff), CALL(SYS_renameat2, -1, none, -5, "b", 8);
    CALL(SYS_link, none, "b"), CALL(SYS_linkat, -1, none, -100, "b", 0x1400), CALL(SYS_linkat, -1, none, -100, "b", 0xffffffff);
    CALL(SYS_symlink, none, none), CALL(SYS_symlinkat, none, -1, none);
    CALL(SYS_readlink, none, path, 10), CALL(SYS_readlinkat, WIDE(-100), "/proc/self/exe/", ROOM(char[8]), WIDE(-1)), CALL(SYS_readlinkat, -100, "/proc/self/fd/", path, 0);
    symlink("target of a link that is longer than what is shown", "link");
    CALL(SYS_readlink, "link", ROOM(char[20]), 20), CALL(SYS_readlink, "link", path, 5000), CALL(SYS_readlinkat, -100, "link", path, 3);
    unlink("link");
    CALL(SYS_chmod, none, 0xffffffff), CALL(SYS_fchmod, -1, 04755), CALL(SYS_fchmodat, -1, none, 01);
    CALL(452, -1, none, 0600, 0x1100), CALL(452, -1, none, 0600, 0xffffffff);
    CALL(SYS_chown, none, -1, 0xdeadbeef), CALL(SYS_fchown, -1, 0, WIDE(-1)), CALL(SYS_lchown, none, 1, 2), CALL(SYS_fchownat, -1, none, -1, -1, 0xffffffff), CALL(SYS_fchownat, -1, none, 1, 2, 0x100);
    CALL(SYS_truncate, none, 0xdeadbeefUL), CALL(SYS_truncate, none, -1L), CALL(SYS_ftruncate, -1, 0xdeadbeefbadc0dedUL);
    CALL(SYS_chdir, none), CALL(SYS_fchdir, -1), CALL(SYS_chroot, none), CALL(SYS_umask, WIDE(0xffff0022)), CALL(SYS_umask, 022);
    CALL(SYS_getcwd, ROOM(char[3]), 3), CALL(SYS_getcwd, path, 0x100000000UL);
    struct stat *st = ROOM(struct stat);
    CALL(SYS_stat, none, st), CALL(SYS_stat, "/dev/full", st), CALL(SYS_lstat, "/dev/full", st), CALL(SYS_fstat, -1, st), CALL(SYS_fstat, 0, st), CALL(SYS_stat, "/dev/full", BAD), CALL(SYS_newfstatat, WIDE(-100), "/dev/zero", st, 0x1900), CALL(SYS_newfstatat, -100, none, st, 0xffffffff), CALL(SYS_newfstatat, -100, "/dev/null", (char *)st + 1, 0);
    struct statx *sx = ROOM(struct statx);
    CALL(SYS_statx, -100, "/dev/full", 0, 0x1, sx);
    CALL(SYS_statx, -100, "/dev/full", 0x2000, 0x7ff, NULL);
    CALL(SYS_statx, -100, "/dev/full", 0xffffffff, 0xffffffff, sx), CALL(SYS_statx, -1, none, 0x6000, 0x80000000, sx), CALL(SYS_statx, -1, none, 0x4900, 0xfff, sx), CALL(SYS_statx, -1, none, 0x900, 0x10000, sx);
    struct statfs *sf = ROOM(struct statfs);
    CALL(SYS_statfs, "/proc", sf), CALL(SYS_statfs, "/sys", sf), CALL(SYS_statfs, "/dev/shm", BAD), CALL(SYS_fstatfs, -1, sf), CALL(SYS_statfs, none, NULL);
    CALL(SYS_memfd_create, TAIL_STRING("name"), 0), CALL(SYS_memfd_create, path, 0xffffffff), CALL(SYS_memfd_create, path + 4999 - 249, 7), CALL(SYS_memfd_create, path + 4999 - 250, 4 | 21u << 26), CALL(SYS_memfd_create, NULL, 30u << 26), CALL(SYS_memfd_create, "x", 8), CALL(SYS_memfd_create, "y", 0x18), CALL(SYS_memfd_create, tail("abc", 3), 1);
    int dir = open("/proc/self/fdinfo", O_DIRECTORY);
    CALL(SYS_getdents64, dir, BAD, 100), CALL(SYS_getdents64, -1, path, WIDE(5)), CALL(SYS_getdents, -1, NULL, 0x7fffffff);
    CALL(SYS_mount, "none", none, "tmpfs", 0xc0ed0000, "size=1"), CALL(SYS_mount, NULL, none, NULL, 0x1000, NULL), CALL(SYS_mount, "a", none, "b", 0x20 | 1 | 2 | 4 | 8, NULL), CALL(SYS_mount, NULL, none, "x", 1 << 18, BAD), CALL(SYS_mount, none, none, none, 0xffffffffffffffff, none), CALL(SYS_mount, none, none, none, 0x2000, none);
    CALL(SYS_umount2, none, 0), CALL(SYS_umount2, none, 0xf), CALL(SYS_umount2, none, 0xffffffff), CALL(SYS_pivot_root, none, none);
    CALL(SYS_getxattr, none, TAIL_STRING("user.a"), ROOM(char[4]), 4), CALL(SYS_lgetxattr, none, "b", NULL, 0), CALL(SYS_fgetxattr, -1, BAD, BAD, 5), CALL(SYS_getxattr, "/", "user.none", path, 50);
    CALL(SYS_setxattr, none, "n", "value\0with", 10, 0), CALL(SYS_lsetxattr, none, "n", "v", 1, 3), CALL(SYS_fsetxattr, -1, "n", BAD, 1, 0xffffffff), CALL(SYS_fsetxattr, -1, "n", "v", -1L, 4), CALL(SYS_setxattr, none, "n", NULL, 0, 1);
    CALL(SYS_listxattr, none, path, 5), CALL(SYS_llistxattr, "/", ROOM(char[4]), 4), CALL(SYS_flistxattr, -1, NULL, 0), CALL(SYS_removexattr, none, "n"), CALL(SYS_lremovexattr, none, BAD), CALL(SYS_fremovexattr, -1, "n");
    CALL(SYS_name_to_handle_at, -1, none, BAD, BAD, 0x1400), CALL(SYS_open_by_handle_at, -1, BAD, 2);
    CALL(SYS_sync_file_range, -1, 0xdeadbeefbadc0dedUL, 5, 7), CALL(SYS_sync_file_range, -1, 1, 2, 0xffffffff), CALL(SYS_sync_file_range, -1, 1, 2, 8);
    CALL(SYS_acct, none), CALL(SYS_swapon, none, 0x10000), CALL(SYS_swapoff, none);
}
