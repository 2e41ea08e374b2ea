// Signals with a siginfo_t of the sender's choice: every code, and what each carries.
#include "edge.h"
int main(void) {
    begin();
    int self = getpid();
    for (int sig = 0; sig < 35; sig++)
        for (int code = 1; code < 9; code++) {
            siginfo_t info = {.si_signo = sig, .si_code = code};
            memset((char *)&info + 16, 0x11 * code, 48);
            CALL(SYS_rt_sigqueueinfo, -1, sig, TAIL(info));
        }
    const int codes[] = {SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, SI_TKILL, -7, -60, -77, INT32_MIN, INT32_MAX};
    const int errors[] = {0, EINTR, 512, 9999, -1};
    for (unsigned n = 0; n < COUNT(codes); n++)
        for (unsigned m = 0; m < COUNT(errors); m++) {
            siginfo_t info = {.si_signo = 0, .si_code = codes[n], .si_errno = errors[m]};
            CALL(SYS_rt_sigqueueinfo, -1, 64, TAIL(info));
            info.si_signo = SIGUSR1, info.si_pid = n, info.si_uid = -m, info.si_value.sival_ptr = (void *)0x123456789aUL;
            CALL(SYS_rt_tgsigqueueinfo, -1, -2, 10, TAIL(info)), CALL(SYS_pidfd_send_signal, -1, 10, TAIL(info), n);
        }
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE, .si_pid = 1, .si_int = 42};
    CALL(SYS_rt_sigqueueinfo, self, 10, NULL), CALL(SYS_rt_sigqueueinfo, 0, 65, BAD), CALL(SYS_rt_sigqueueinfo, 0, 0, (char *)TAIL(info) + 4), CALL(SYS_rt_tgsigqueueinfo, self, self, WIDE(99), NULL), CALL(SYS_pidfd_send_signal, 0, 0, NULL, -1);
    uint64_t usr1 = 1 << 9, none = 0;
    CALL(SYS_rt_sigprocmask, SIG_BLOCK, TAIL(usr1), NULL, 8), CALL(SYS_rt_sigqueueinfo, self, 10, TAIL(info)), CALL(SYS_rt_sigpending, ROOM(char[8]), 8), CALL(SYS_rt_sigpending, ROOM(char[8]), 0), CALL(SYS_rt_sigpending, ROOM(char[4]), 4), CALL(SYS_rt_sigpending, BAD, 8), CALL(SYS_rt_sigpending, ROOM(char[16]), 16);
    struct timespec now = {0, 0}, odd = {-1, -1};
    CALL(SYS_rt_sigtimedwait, TAIL(usr1), ROOM(siginfo_t), TAIL(now), 8), CALL(SYS_rt_sigtimedwait, TAIL(usr1), ROOM(siginfo_t), TAIL(now), 8), CALL(SYS_rt_sigtimedwait, TAIL(none), NULL, TAIL(odd), 8), CALL(SYS_rt_sigtimedwait, BAD, NULL, NULL, 8), CALL(SYS_rt_sigtimedwait, TAIL(none), BAD, BAD, 7);
}
