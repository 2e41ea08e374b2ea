#include "edge.h"
struct sched_attr { uint32_t size, sched_policy; uint64_t sched_flags; int32_t sched_nice; uint32_t sched_priority; uint64_t sched_runtime, sched_deadline, sched_period; uint32_t sched_util_min, sched_util_max; };
int main(void) {
    begin();
    cpu_set_t set;
    CPU_ZERO(&set);
    CALL(SYS_sched_yield);
    CALL(SYS_sched_getscheduler, 0), CALL(SYS_sched_getscheduler, WIDE(-1));
    int priority = 0x11111111;
    for (int policy = -1; policy < 9; policy++) CALL(SYS_sched_setscheduler, -1, policy, TAIL(priority)), CALL(SYS_sched_get_priority_max, policy), CALL(SYS_sched_get_priority_min, policy), CALL(SYS_sched_setscheduler, -1, policy | 0x40000000, BAD);
    CALL(SYS_sched_setscheduler, 0, 0, NULL), CALL(SYS_sched_getparam, 0, ROOM(int)), CALL(SYS_sched_getparam, -1, BAD), CALL(SYS_sched_setparam, -1, TAIL(priority)), CALL(SYS_sched_setparam, 0, BAD), CALL(SYS_sched_setparam, 0, NULL);
    struct sched_attr a = {.size = 56, .sched_policy = 6, .sched_flags = 0xffffffffffffffff, .sched_nice = -5, .sched_priority = -1, .sched_runtime = 1, .sched_deadline = -1, .sched_period = 3, .sched_util_min = 4, .sched_util_max = 5}, small = {.size = 47}, mid = {.size = 48, .sched_policy = 99}, big = {.size = 0x90807060}, zero = {.size = 0, .sched_nice = 3}, one = {.size = 57};
    CALL(SYS_sched_setattr, -1, TAIL(a), 0), CALL(SYS_sched_setattr, -1, tail(&small, 48), 0xffffffff), CALL(SYS_sched_setattr, -1, tail(&mid, 48), 1), CALL(SYS_sched_setattr, -1, TAIL(big), 0), CALL(SYS_sched_setattr, -1, tail(&zero, 48), 0), CALL(SYS_sched_setattr, -1, NULL, 0), CALL(SYS_sched_setattr, -1, BAD, 0), CALL(SYS_sched_setattr, -1, TAIL(one), 0), CALL(SYS_sched_setattr, -1, tail(&a, 48), 0), CALL(SYS_sched_setattr, -1, tail(&a, 8), 0);
    CALL(SYS_sched_getattr, 0, ROOM(struct sched_attr), 56, 0), CALL(SYS_sched_getattr, 0, ROOM(char[48]), 48, 0), CALL(SYS_sched_getattr, 0, ROOM(char[200]), 200, 0), CALL(SYS_sched_getattr, 0, ROOM(char[47]), 47, 0), CALL(SYS_sched_getattr, -1, BAD, WIDE(0), 0xffffffff), CALL(SYS_sched_getattr, 0, NULL, 56, 0);
    CALL(SYS_sched_getaffinity, 0, 0, NULL), CALL(SYS_sched_getaffinity, -1, 128, ROOM(cpu_set_t)), CALL(SYS_sched_getaffinity, 0, 8, ROOM(char[8])), CALL(SYS_sched_getaffinity, 0, 128, ROOM(cpu_set_t)), CALL(SYS_sched_getaffinity, 0, 8, BAD), CALL(SYS_sched_getaffinity, 0, WIDE(8), ROOM(char[8]));
    CPU_SET(0, &set), CPU_SET(5, &set), CPU_SET(1000, &set);
    CALL(SYS_sched_setaffinity, -1, 128, TAIL(set)), CALL(SYS_sched_setaffinity, -1, 0, NULL), CALL(SYS_sched_setaffinity, -1, 5, tail(&set, 5)), CALL(SYS_sched_setaffinity, -1, 8, BAD), CALL(SYS_sched_setaffinity, -1, 1, tail(&set, 1)), CALL(SYS_sched_setaffinity, -1, 16, (char *)TAIL(set) + 127);
    CALL(SYS_sched_rr_get_interval, 0, ROOM(struct timespec)), CALL(SYS_sched_rr_get_interval, -1, BAD);
    for (int which = 0; which < 5; which++) CALL(SYS_ioprio_get, which, -1), CALL(SYS_ioprio_set, which, -1, which << 13 | 7);
    CALL(SYS_ioprio_set, -1, 0, 0xffff), CALL(SYS_ioprio_get, 1, 0);
}
