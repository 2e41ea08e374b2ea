// Capabilities, of each version of their header.
#include "edge.h"
#include <linux/capability.h>
int main(void) {
    begin();
    const unsigned versions[] = {_LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3, 0, -1};
    struct __user_cap_data_struct data[2] = {{1, 2, -1}, {0, -1, 1 << 9}}, none[2] = {0};
    for (unsigned n = 0; n < COUNT(versions); n++) {
        struct __user_cap_header_struct header = {versions[n], -1}, own = {versions[n], 0};
        CALL(SYS_capset, TAIL(header), TAIL(data)), CALL(SYS_capset, TAIL(header), tail(data, 12)), CALL(SYS_capset, TAIL(header), TAIL(none)), CALL(SYS_capset, TAIL(header), NULL), CALL(SYS_capset, TAIL(header), BAD);
        CALL(SYS_capget, TAIL(own), ROOM(char[24])), CALL(SYS_capget, TAIL(own), ROOM(char[12])), CALL(SYS_capget, TAIL(own), NULL), CALL(SYS_capget, TAIL(header), BAD);
    }
    CALL(SYS_capset, BAD, TAIL(data)), CALL(SYS_capset, NULL, NULL), CALL(SYS_capget, NULL, BAD), CALL(SYS_capget, BAD, ROOM(char[24])), CALL(SYS_capset, ROOM(char[4]), TAIL(data));
}
