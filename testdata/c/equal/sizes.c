#include "edge.h"
int main(void) {
    unlink("size.tmp");
    begin();
    int file = open("size.tmp", O_CREAT | O_RDWR, 0600);
    static const long sizes[] = {0, 1, 4096, 0x7fffffff, 0xffffffffL, 0x7fffffffffffffffL, -1, -4096, (long)0x8000000000000000UL};
    for (unsigned i = 0; i < COUNT(sizes); i++) {
        CALL(SYS_truncate, "none", sizes[i]), CALL(SYS_ftruncate, -1, sizes[i]), CALL(SYS_lseek, file, sizes[i], i), CALL(SYS_fallocate, -1, i, sizes[i], sizes[COUNT(sizes) - 1 - i]), CALL(SYS_fadvise64, -1, sizes[i], sizes[i], i), CALL(SYS_readahead, -1, sizes[i], sizes[i]);
        CALL(SYS_sync_file_range, WIDE(-1), sizes[i], sizes[i], 1 << i);
    }
    CALL(SYS_ftruncate, file, 100), CALL(SYS_truncate, "size.tmp", 50), CALL(SYS_truncate, BAD, 0), CALL(SYS_truncate, NULL, -1L), CALL(SYS_lseek, file, 0, SEEK_END), CALL(SYS_lseek, file, 0, SEEK_HOLE), CALL(SYS_lseek, file, WIDE(5), 3);
    CALL(SYS_fsync, file), CALL(SYS_fdatasync, file), CALL(SYS_syncfs, WIDE(-1)), CALL(SYS_sync_file_range, file, 0, 10, 0xffffffff), CALL(SYS_flock, file, 2), CALL(SYS_flock, file, 8), CALL(SYS_flock, -1, 0x17);
    unlink("size.tmp");
}
