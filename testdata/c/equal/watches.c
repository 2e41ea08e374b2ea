#include "edge.h"
#include <sys/inotify.h>
int main(void) {
    begin();
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_inotify_init1, flags & ~0x80800u), CALL(SYS_inotify_add_watch, -1, "none", flags);
    CALL(SYS_inotify_init), CALL(SYS_inotify_init1, IN_CLOEXEC | IN_NONBLOCK), CALL(SYS_inotify_init1, 0xffffffff);
    CALL(SYS_inotify_add_watch, 3, "/", IN_ALL_EVENTS), CALL(SYS_inotify_add_watch, WIDE(-1), BAD, 0), CALL(SYS_inotify_add_watch, 3, NULL, 0xffffffff), CALL(SYS_inotify_rm_watch, 3, 1), CALL(SYS_inotify_rm_watch, WIDE(-1), -7);
    for (unsigned class = 0; class < 16; class += 4) CALL(SYS_fanotify_init, 0x80000000 | class, O_RDWR), CALL(SYS_fanotify_init, 0x80001fff & ~0xc, class);
    CALL(SYS_fanotify_init, 0xffffffff, 0xffffffff), CALL(SYS_fanotify_init, WIDE(0xc), WIDE(1));
    for (unsigned flags = 1; flags < 0x1000; flags <<= 1) CALL(SYS_fanotify_mark, -1, flags, 1, AT_FDCWD, "none");
    for (uint64_t mask = 1; mask; mask <<= 1) if (mask != 0x2000 && (mask < 0x100000 || mask > 0x4000000)) CALL(SYS_fanotify_mark, -1, 1, mask, -1, NULL);
    CALL(SYS_fanotify_mark, WIDE(-2), 0xfffff800, -1UL & ~0x7f82000UL, 5, BAD), CALL(SYS_fanotify_mark, -1, 0, 0, WIDE(-100), "");
    CALL(SYS_lookup_dcookie, 0xf157feeddeadfaceUL, BAD, 0xbadc0dedda7a1057UL), CALL(SYS_lookup_dcookie, 0, NULL, 0);
}
