#include "edge.h"
int main(void) {
    begin();
    size_t page = 4096;
    char *at = (char *)CALL(SYS_mmap, NULL, page * 6, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned bit = 1; bit; bit <<= 1) CALL(SYS_mmap, 1, 0, bit, bit, -1, bit);
    CALL(SYS_mmap, NULL, -1L, 0, 0, WIDE(-1), -1L), CALL(SYS_mmap, at, 0, 7, MAP_SHARED_VALIDATE | MAP_SYNC, 99, 0xfffffffffffff000), CALL(SYS_mmap, NULL, 0, 0xffffffff, 0xffffffff, 5, 0), CALL(SYS_mmap, NULL, 0, 1, MAP_PRIVATE | MAP_HUGETLB | 21 << 26, -2, 4096), CALL(SYS_mmap, NULL, 0, 0, 21 << 26, -2, 0), CALL(SYS_mmap, NULL, 0, 0x1000000, MAP_SHARED | 0x4, 0, 0x8000), CALL(SYS_mmap, NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK | MAP_GROWSDOWN, -1, 0);
    CALL(SYS_munmap, at + 1, page), CALL(SYS_munmap, 0xdeadbeefbadc0ded, -1L), CALL(SYS_mprotect, at, page, PROT_READ | PROT_EXEC), CALL(SYS_mprotect, 1, WIDE(5), 0xffffffffffff0000), CALL(SYS_mprotect, 1, 5, 0x3000007), CALL(SYS_pkey_mprotect, at + 1, page, 1, WIDE(-1)), CALL(SYS_pkey_mprotect, NULL, 0, 0xffffffff, 3);
    CALL(SYS_mremap, at + 1, page, page * 2, 0), CALL(SYS_mremap, at + 1, -1L, -2L, 1, 5), CALL(SYS_mremap, at + 1, 2, 3, 3, BAD), CALL(SYS_mremap, at + 1, 2, 3, 0xffffffffffffffff, 4), CALL(SYS_mremap, at + 1, 2, 3, 4, 5), CALL(SYS_mremap, at + 1, 2, 3, 6, 5), CALL(SYS_mremap, at + 1, 2, 3, 8, 5);
    for (int advice = -1; advice < 30; advice++) CALL(SYS_madvise, at + 1, page, advice);
    for (int advice = 97; advice < 104; advice++) CALL(SYS_madvise, 1, -1L, advice);
    CALL(SYS_mincore, at + 1, 1, BAD), CALL(SYS_mincore, at, page * 5 + 1, ROOM(char[6])), CALL(SYS_mincore, at, page, BAD), CALL(SYS_mincore, at, 0, at), CALL(SYS_mincore, NULL, page, ROOM(char)), CALL(SYS_mincore, at, page, ROOM(char)), CALL(SYS_mincore, at, page - 1, ROOM(char));
    CALL(SYS_msync, at + 1, page, 0xffffffff), CALL(SYS_msync, at, page, MS_ASYNC), CALL(SYS_msync, at, -1L, MS_SYNC | MS_INVALIDATE), CALL(SYS_msync, at, page, 0), CALL(SYS_msync, at, page, 8);
    CALL(SYS_mlock, at, WIDE(5)), CALL(SYS_munlock, 1, -1L), CALL(SYS_mlock2, at, page, 0), CALL(SYS_mlock2, at, page, 0xffffffff), CALL(SYS_mlock2, 1, -1L, 1), CALL(SYS_mlockall, 0), CALL(SYS_mlockall, 0xffffffff), CALL(SYS_mlockall, 8), CALL(SYS_munlockall), CALL(SYS_mlockall, 5);
    CALL(SYS_brk, 0), CALL(SYS_brk, -1L), CALL(SYS_pkey_alloc, 0xbadc0dedfacefeed, 0xffffffffffffffff), CALL(SYS_pkey_alloc, 5, 3), CALL(SYS_pkey_free, WIDE(-1)), CALL(SYS_memfd_secret, 0xffffffff), CALL(SYS_memfd_secret, 0x80001), CALL(SYS_remap_file_pages, at + 1, page, 1, -1L, 0x10002), CALL(SYS_process_madvise, -1, NULL, 0, 21, 0), CALL(SYS_process_madvise, -1, BAD, 5, 99, 0xffffffff), CALL(SYS_process_mrelease, -1, 5), CALL(SYS_userfaultfd, 0xffffffff), CALL(SYS_userfaultfd, 0x80001);
    unsigned long nodes[2] = {1, 0x80000000deadUL};
    CALL(SYS_mbind, at + 1, page, 0x8001, TAIL(nodes), 65, 7), CALL(SYS_mbind, 1, 2, 99, NULL, 0, 0xffffffff), CALL(SYS_set_mempolicy, 0xe003, TAIL(nodes), 64), CALL(SYS_set_mempolicy, 9, BAD, 5), CALL(SYS_get_mempolicy, BAD, BAD, 64, 1, 7), CALL(SYS_get_mempolicy, ROOM(int), NULL, 0, NULL, 0), CALL(SYS_migrate_pages, -1, 64, TAIL(nodes), BAD), CALL(SYS_move_pages, 12345678, 0, NULL, NULL, NULL, 6), CALL(SYS_set_mempolicy_home_node, 1, 2, 3, 4);
}
