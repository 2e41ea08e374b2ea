// Keys that cannot be added or found.
#include "edge.h"
int main(void) {
    begin();
    char *type = TAIL_STRING("no such type of key"), *name = TAIL_STRING("a name\n\"quoted\""), *lost = TAIL_STRING("x");
    const char payload[] = "0123456789\0\377abcdefghijklmnopqrstuvwxyz";
    lost[1] = 'y';
    for (int key = -10; key < 3; key++) CALL(SYS_add_key, type, name, tail(payload, 12), 12, key), CALL(SYS_request_key, type, name, lost, WIDE(key));
    CALL(SYS_add_key, NULL, NULL, NULL, 0, 0), CALL(SYS_add_key, BAD, BAD, BAD, 1, 0), CALL(SYS_add_key, type, name, NULL, -1L, 0x7fffffff), CALL(SYS_add_key, type, name, BAD, 0, 0x80000000), CALL(SYS_add_key, type, name, tail(payload, 38), 38, -1), CALL(SYS_add_key, type, name, tail(payload, 12), 13, -1), CALL(SYS_add_key, lost, lost, tail(payload, 32), 33, -1);
    CALL(SYS_request_key, NULL, NULL, NULL, 0), CALL(SYS_request_key, BAD, type, name, -1), CALL(SYS_request_key, type, BAD, NULL, 5);
}
