// Where memory lies: NUMA policies, and pages that are moved or not.
#include "edge.h"
int main(void) {
    begin();
    uint64_t nodes[] = {1, 0, -1};
    char *page = ROOM(char[4096]);
    for (unsigned long mode = 0; mode < 8; mode++) CALL(SYS_mbind, page, 4096, mode == 6 ? 77 : mode, TAIL(nodes), 192, mode), CALL(SYS_set_mempolicy, WIDE(mode == 6 ? 77 : mode | 0x8000), BAD, 9);
    for (unsigned long flag = 0x800; flag < 0x20000; flag <<= 1) CALL(SYS_mbind, BAD, -1L, flag, NULL, 0, -1), CALL(SYS_set_mempolicy, flag | 2, BAD, 0), CALL(SYS_mbind, BAD, 0, flag | 99, NULL, 1, 4);
    const unsigned long sizes[] = {0, 1, 2, 64, 65, 66, 129, 193, 194, 32768, 32769, 32770, -1};
    for (unsigned n = 0; n < COUNT(sizes); n++) CALL(SYS_mbind, BAD, 4096, 2, TAIL(nodes), sizes[n], 0), CALL(SYS_migrate_pages, -1, sizes[n], TAIL(nodes), BAD), CALL(SYS_get_mempolicy, ROOM(int), ROOM(char[4096]), sizes[n], NULL, 0);
    CALL(SYS_get_mempolicy, NULL, NULL, 0, BAD, 7), CALL(SYS_get_mempolicy, ROOM(int), NULL, 0, page, 3), CALL(SYS_get_mempolicy, BAD, BAD, 64, NULL, WIDE(0x10)), CALL(SYS_get_mempolicy, ROOM(int), NULL, 0, NULL, 0);
    void *pages[] = {page, BAD, NULL, (void *)1};
    int to[] = {0, -1, 99, 0};
    page[0] = 1;
    CALL(SYS_move_pages, 0, 4, TAIL(pages), NULL, ROOM(int[4]), 0), CALL(SYS_move_pages, 0, 1, TAIL(pages), TAIL(to), ROOM(int[4]), 2), CALL(SYS_move_pages, 0, 0, BAD, BAD, BAD, -1), CALL(SYS_move_pages, -1, 4, TAIL(pages), TAIL(to), ROOM(int[4]), 4), CALL(SYS_move_pages, 0, 5, TAIL(pages), TAIL(to), ROOM(int[4]), 2), CALL(SYS_move_pages, 0, -1L, NULL, NULL, NULL, 8);
    CALL(SYS_set_mempolicy_home_node, page, 4096, 0, 0), CALL(SYS_set_mempolicy_home_node, NULL, -1L, -1L, -1L), CALL(SYS_set_mempolicy_home_node, BAD, 0, 0, 1);
}
