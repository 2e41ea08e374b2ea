#include "edge.h"
#include <sys/uio.h>
int main(void) {
    unlink("copy.tmp");
    begin();
    int file = open("copy.tmp", O_CREAT | O_RDWR, 0600), ends[2];
    pipe2(ends, O_NONBLOCK);
    CALL(SYS_write, file, "some text to be copied", 22);
    long *at = TAIL(((long){3})), *odd = TAIL(((long){-7}));
    CALL(SYS_sendfile, ends[1], file, at, 5), CALL(SYS_sendfile, ends[1], file, at, 0), CALL(SYS_sendfile, ends[1], file, odd, 1), CALL(SYS_sendfile, ends[1], file, NULL, 5), CALL(SYS_sendfile, ends[1], file, BAD, 5), CALL(SYS_sendfile, WIDE(-1), WIDE(-2), (char *)at + 1, -1L), *at = 1000, CALL(SYS_sendfile, ends[1], file, at, 7);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_splice, -1, NULL, -2, NULL, 1, flags), CALL(SYS_tee, -1, -2, 1, flags), CALL(SYS_vmsplice, -1, NULL, 0, flags);
    *at = 2;
    CALL(SYS_splice, file, at, ends[1], NULL, 4, 0), CALL(SYS_splice, file, BAD, ends[1], NULL, 4, 0), CALL(SYS_splice, WIDE(-1), odd, -1, (char *)odd + 4, -1L, 0xffffffff), CALL(SYS_splice, ends[0], at, ends[1], odd, 0, 0);
    struct iovec out[] = {{"abc", 3}, {"defg", 4}};
    CALL(SYS_vmsplice, ends[1], TAIL(out), 2, 0), CALL(SYS_vmsplice, ends[1], TAIL(out), 3, 2), CALL(SYS_vmsplice, WIDE(-1), BAD, -1L, 0xf), CALL(SYS_tee, ends[0], ends[1], 0, 0);
    long *to = TAIL(((long){40}));
    CALL(SYS_copy_file_range, file, at, file, to, 5, 0), CALL(SYS_copy_file_range, file, odd, file, to, 5, 0), CALL(SYS_copy_file_range, file, NULL, file, NULL, 5, 1), CALL(SYS_copy_file_range, WIDE(-1), BAD, WIDE(-2), (char *)to + 2, -1L, 0xffffffff);
    unlink("copy.tmp");
}
