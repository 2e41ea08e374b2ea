// The memory of another process, which is ourselves.
#include "edge.h"
#include <sys/uio.h>
int main(void) {
    begin();
    int self = getpid();
    char *text = TAIL_STRING("The quick brown fox jumps over the lazy dog"), *room = ROOM(char[64]);
    struct iovec from[] = {{text, 3}, {text + 4, 40}, {NULL, 0}, {BAD, 9}}, to[] = {{room, 10}, {room + 10, 54}, {BAD, 1}, {NULL, -1}};
    for (unsigned n = 0; n < 5; n++)
        for (unsigned m = 0; m < 5; m += 2) CALL(SYS_process_vm_readv, self, TAIL(to), n, TAIL(from), m, 0), CALL(SYS_process_vm_writev, self, TAIL(from), n, TAIL(to), m, 0);
    CALL(SYS_process_vm_readv, self, TAIL(to), 5, TAIL(from), 5, 0), CALL(SYS_process_vm_readv, -1, NULL, 0, NULL, 0, 0), CALL(SYS_process_vm_readv, WIDE(0), BAD, -1L, BAD, -1L, -1L), CALL(SYS_process_vm_writev, self, BAD, 1, NULL, 0, 1), CALL(SYS_process_vm_writev, 0, TAIL(from), 1025, TAIL(to), 1025, 0);
    for (int advice = -1; advice < 26; advice++) CALL(SYS_process_madvise, -1, TAIL(from), 2, advice, 0);
    CALL(SYS_process_madvise, -1, BAD, 1, 4, -1), CALL(SYS_process_madvise, 0, NULL, 0, 4, 0), CALL(SYS_process_madvise, 3, TAIL(from), 5, 99, 1);
    CALL(SYS_process_mrelease, -1, 0), CALL(SYS_process_mrelease, WIDE(3), WIDE(-1));
    for (int type = -1; type < 9; type++) CALL(SYS_kcmp, self, self, type, 0, 0), CALL(SYS_kcmp, -1, 0, type, -1, WIDE(-1));
}
