// Memory that is mapped, changed, advised on and unmapped, and what cannot be.
#include "edge.h"
int main(void) {
    begin();
    char *at = mmap((void *)0x70000000, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (unsigned long flag = 1; flag < 1UL << 33; flag <<= 1) CALL(SYS_mmap, NULL, 0, flag, flag, -1, flag), CALL(SYS_mprotect, BAD - 1, 4096, flag), CALL(SYS_mremap, BAD, 1, -1L, flag, 3), CALL(SYS_msync, BAD, flag, WIDE(flag)), CALL(SYS_mlock2, (void *)-4096, 1, flag << 1), CALL(SYS_mlockall, flag & ~7);
    CALL(SYS_mmap, BAD, -1L, 0, 0, WIDE(-1), 1), CALL(SYS_mmap, NULL, 4096, WIDE(7), MAP_SHARED_VALIDATE | MAP_SYNC | 0x80000000, 0, -4096L), CALL(SYS_mmap, NULL, 4096, -1L, MAP_PRIVATE | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT, -1, 1), CALL(SYS_mmap, 1, 0, 3, 0xffffffff, 3, 0);
    for (int advice = -1; advice < 26; advice++) CALL(SYS_madvise, BAD + 1, 4096, advice);
    for (int advice = 100; advice < 103; advice++) CALL(SYS_madvise, BAD + 1, 4096, advice);
    at[0] = at[4096] = 1;
    CALL(SYS_mincore, at, 4 * 4096, ROOM(char[4])), CALL(SYS_mincore, at, 3 * 4096 + 1, ROOM(char[3])), CALL(SYS_mincore, at, 0, BAD), CALL(SYS_mincore, at + 1, 1, ROOM(char)), CALL(SYS_mincore, BAD, 4096, ROOM(char)), CALL(SYS_mincore, at, 4096, NULL);
    CALL(SYS_mprotect, at, 4096, PROT_NONE), CALL(SYS_mprotect, at, 4096, PROT_READ | PROT_WRITE), CALL(SYS_madvise, at, 8192, 4), CALL(SYS_msync, at, 4096, 4), CALL(SYS_mlock, at, 1), CALL(SYS_munlock, at, 4096), CALL(SYS_mremap, at, 16 * 4096, 8 * 4096, 0), CALL(SYS_mremap, at, 8 * 4096, 4 * 4096, 3, at + (1 << 20)), CALL(SYS_munmap, at + (1 << 20), 4 * 4096), CALL(SYS_munmap, at, 0), CALL(SYS_munmap, BAD + 1, 4096), CALL(SYS_mlock, BAD, -1L), CALL(SYS_munlock, (void *)-4096, 4096), CALL(SYS_munlockall), CALL(SYS_brk, NULL), CALL(SYS_brk, 1);
    CALL(SYS_remap_file_pages, BAD, 4096, 1, -1L, MAP_NONBLOCK), CALL(SYS_memfd_secret, -1), CALL(SYS_memfd_secret, WIDE(2)), CALL(SYS_pkey_mprotect, BAD, 1, 7, -1), CALL(SYS_pkey_alloc, 1, 3), CALL(SYS_pkey_alloc, 0, 0x1000), CALL(SYS_pkey_free, -1), CALL(SYS_userfaultfd, 2), CALL(SYS_userfaultfd, -1);
}
