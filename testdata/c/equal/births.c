// Children that are not born: clone, clone3, namespaces, pidfds.
#include "edge.h"
#include <linux/sched.h>
int main(void) {
    begin();
    for (uint64_t flag = 1; flag; flag <<= 1) {
        // CLONE_SIGHAND without CLONE_VM is refused, whatever else is asked for.
        struct clone_args args = {.flags = (flag | CLONE_SIGHAND) & ~CLONE_VM, .exit_signal = SIGCHLD};
        CALL(SYS_clone3, TAIL(args), sizeof args);
        if (flag < 1UL << 32) CALL(SYS_clone, (flag | CLONE_SIGHAND) & ~CLONE_VM, 0, BAD, BAD, BAD);
    }
    int ids[] = {1, 2, -3};
    struct clone_args odd = {.flags = CLONE_SIGHAND | CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_SETTLS | CLONE_INTO_CGROUP, .pidfd = 0x1000, .child_tid = 0x2000, .parent_tid = 0x3000, .exit_signal = 64, .stack = 0x4000, .stack_size = 0x5000, .tls = 0x6000, .set_tid = (uint64_t)TAIL(ids), .set_tid_size = 3, .cgroup = -1};
    struct { struct clone_args args; uint64_t more; } longer = {odd, 0}, longest = {odd, 0xff};
    const unsigned long sizes[] = {0, 63, 64, 72, 80, 87, 88};
    for (unsigned n = 0; n < COUNT(sizes); n++) CALL(SYS_clone3, tail(&odd, 88), sizes[n]);
    CALL(SYS_clone3, TAIL(longer), 96), CALL(SYS_clone3, TAIL(longest), 96), CALL(SYS_clone3, TAIL(odd), 96), CALL(SYS_clone3, BAD, 88), CALL(SYS_clone3, NULL, -1L);
    odd.set_tid_size = 33, CALL(SYS_clone3, TAIL(odd), 88), odd.set_tid = 0x7000, odd.set_tid_size = 1, odd.exit_signal = -1, CALL(SYS_clone3, TAIL(odd), 88);
    CALL(SYS_unshare, WIDE(0x7f)), CALL(SYS_unshare, 1), CALL(SYS_setns, -1, 0), CALL(SYS_setns, WIDE(-1), 0x7e020080), CALL(SYS_setns, 0, 1);
    CALL(SYS_pidfd_open, -1, 0), CALL(SYS_pidfd_open, 0, -1), CALL(SYS_pidfd_open, WIDE(1), O_NONBLOCK | 1), CALL(SYS_pidfd_getfd, -1, -1, 0), CALL(SYS_pidfd_getfd, 0, WIDE(3), WIDE(-1));
}
