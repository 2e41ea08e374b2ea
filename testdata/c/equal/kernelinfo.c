// prctl, arch_prctl and personality: what is asked, what is set, what is refused.
#include "edge.h"
#include <linux/prctl.h>
#include <sys/prctl.h>
int main(void) {
    begin();
    char *name = TAIL_STRING("a name"), *long_name = TAIL_STRING("0123456789abcdefghij"), *exact = tail("0123456789abcdef", 16), *open = tail("0123456789abcde", 15);
    CALL(SYS_prctl, PR_SET_NAME, name), CALL(SYS_prctl, PR_GET_NAME, ROOM(char[16])), CALL(SYS_prctl, PR_SET_NAME, long_name), CALL(SYS_prctl, PR_GET_NAME, ROOM(char[16])), CALL(SYS_prctl, PR_SET_NAME, exact), CALL(SYS_prctl, PR_SET_NAME, open), CALL(SYS_prctl, PR_SET_NAME, BAD), CALL(SYS_prctl, PR_GET_NAME, BAD), CALL(SYS_prctl, PR_SET_NAME, NULL), CALL(SYS_prctl, PR_GET_NAME, ROOM(char[15]));
    for (long sig = -1; sig < 67; sig += 3) CALL(SYS_prctl, PR_SET_PDEATHSIG, sig > 31 && sig < 65 ? 999 : sig < 0 ? sig : sig + 65);
    CALL(SYS_prctl, PR_SET_PDEATHSIG, 0), CALL(SYS_prctl, PR_GET_PDEATHSIG, ROOM(int)), CALL(SYS_prctl, PR_GET_PDEATHSIG, BAD), CALL(SYS_prctl, PR_SET_PDEATHSIG, WIDE(9));
    const int plain[] = {PR_GET_DUMPABLE, PR_GET_KEEPCAPS, PR_GET_TIMING, PR_GET_SECCOMP, PR_GET_SECUREBITS, PR_GET_TIMERSLACK, PR_TASK_PERF_EVENTS_DISABLE, PR_MCE_KILL_GET, PR_GET_NO_NEW_PRIVS, PR_GET_THP_DISABLE, PR_GET_SPECULATION_CTRL, PR_GET_CHILD_SUBREAPER, PR_GET_TID_ADDRESS, PR_GET_TSC, PR_GET_IO_FLUSHER};
    for (unsigned n = 0; n < COUNT(plain); n++) CALL(SYS_prctl, plain[n], 0, 0, 0, 0), CALL(SYS_prctl, plain[n], BAD, 1, 2, 3);
    for (unsigned long value = 2; value < 6; value++) CALL(SYS_prctl, PR_SET_DUMPABLE, value), CALL(SYS_prctl, PR_SET_KEEPCAPS, value), CALL(SYS_prctl, PR_SET_TSC, value + 1), CALL(SYS_prctl, PR_CAPBSET_READ, value * 13), CALL(SYS_prctl, PR_SET_SECCOMP, value + 1, BAD), CALL(SYS_prctl, PR_MCE_KILL, value, 1, 0, 0), CALL(SYS_prctl, PR_MCE_KILL, 1, value + 1, 0, 0), CALL(SYS_prctl, PR_SET_MM, value * 3, value, 0, 0), CALL(SYS_prctl, PR_CAP_AMBIENT, value, value * 11, 1, 0), CALL(SYS_prctl, PR_SET_SPECULATION_CTRL, value, value << 1, 1, 0), CALL(SYS_prctl, PR_SCHED_CORE, value - 2, -1, value - 2, BAD), CALL(SYS_prctl, PR_SET_FP_MODE, value), CALL(SYS_prctl, PR_SVE_SET_VL, value << 16 | value), CALL(SYS_prctl, PR_PAC_RESET_KEYS, value, 1, 0, 0), CALL(SYS_prctl, PR_SET_UNALIGN, value);
    CALL(SYS_prctl, PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0), CALL(SYS_prctl, PR_SET_THP_DISABLE, 1, 1, 0, 0), CALL(SYS_prctl, PR_SET_PTRACER, -1L), CALL(SYS_prctl, PR_SET_PTRACER, 0x7fffffff), CALL(SYS_prctl, PR_SET_VMA, 0, BAD, -1L, name), CALL(SYS_prctl, PR_SET_VMA, 1, 2, 3, 4), CALL(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 5, 2, 3, 4), CALL(SYS_prctl, -1, -2, -3, -4, -5), CALL(SYS_prctl, WIDE(9999), 0, 1, 2, 3);
#ifdef SYS_arch_prctl
    for (int code = 0x1000; code < 0x1006; code++) CALL(SYS_arch_prctl, code == 0x1002 ? 0x1006 : code, BAD);
    CALL(SYS_arch_prctl, 0x1003, ROOM(char[7])), CALL(SYS_arch_prctl, 0x1011, 1), CALL(SYS_arch_prctl, 0x1012, 5), CALL(SYS_arch_prctl, 0x1021, ROOM(long)), CALL(SYS_arch_prctl, 0x1023, 99), CALL(SYS_arch_prctl, WIDE(-1), -1L);
#endif
    for (unsigned value = 0; value < 20; value++) CALL(SYS_personality, 0xffffffff);
    CALL(SYS_set_tid_address, BAD + 1), CALL(SYS_set_robust_list, BAD, 23), CALL(SYS_set_robust_list, NULL, -1L), CALL(SYS_get_robust_list, -1, BAD, BAD), CALL(SYS_get_robust_list, 0, BAD, ROOM(long)), CALL(SYS_rseq, BAD, 31, -1, WIDE(0x53053053)), CALL(SYS_rseq, NULL, WIDE(32), 1, 0), CALL(SYS_getcpu, BAD, BAD, BAD), CALL(SYS_membarrier, -1, -1, -1), CALL(SYS_membarrier, 1 << 30, 0, 0), CALL(SYS_membarrier, 4, 1, 7);
}
