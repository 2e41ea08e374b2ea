#include "edge.h"
int main(void) {
    begin();
    struct { unsigned size; int type; unsigned char bytes[128]; } handle = {0, 0, {0}}, *at = TAIL(handle);
    int *mount = ROOM(int);
    for (unsigned flags = 1; flags; flags <<= 1) CALL(SYS_name_to_handle_at, -1, "none", NULL, NULL, flags);
    CALL(SYS_name_to_handle_at, AT_FDCWD, "/proc", at, mount, 0), CALL(SYS_name_to_handle_at, AT_FDCWD, "/", at, BAD, 0x400), CALL(SYS_name_to_handle_at, AT_FDCWD, "/", BAD, mount, 0), CALL(SYS_name_to_handle_at, AT_FDCWD, BAD, NULL, mount, 0xffffffff);
    at->size = 4;
    CALL(SYS_name_to_handle_at, -1, "none", at, mount, 0);
    at->size = 129;
    CALL(SYS_name_to_handle_at, AT_FDCWD, "/", at, mount, 0), CALL(SYS_open_by_handle_at, -1, at, O_RDONLY), CALL(SYS_open_by_handle_at, WIDE(-2), NULL, O_WRONLY | O_CREAT), CALL(SYS_open_by_handle_at, -1, BAD, 0xffffffff);
    at->size = 8, at->type = 0x81, memcpy(at->bytes, "\1\2abcdef", 8);
    CALL(SYS_open_by_handle_at, -1, at, O_PATH), CALL(SYS_open_by_handle_at, -1, (char *)at + 132, 0);
}
