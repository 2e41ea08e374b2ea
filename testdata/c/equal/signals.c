#include "edge.h"
// More than the kernel reads: strace reads as much as the largest set of signals takes.
struct action { void *handler; unsigned long flags; void *restorer; unsigned long mask, more[16]; };
int main(void) {
    begin();
    struct action acts[] = {{(void *)1, 0, NULL, 0}, {NULL, 0xffffffffffffffff, (void *)5, -1UL}, {(void *)0x1234, 0xdfffffff8, (void *)2, 0xffff}, {(void *)-1L, 0x14000004, (void *)0xdead, 1UL << 33 | 1}, {(void *)5, 0x5c000007, (void *)7, 0x7fffffffffffffff}, {0, 0x1000, 0, 0}};
    for (unsigned i = 0; i < COUNT(acts); i++) CALL(SYS_rt_sigaction, SIGUSR1, TAIL(acts[i]), ROOM(struct action), 8), CALL(SYS_rt_sigaction, SIGKILL, TAIL(acts[i]), NULL, 8);
    CALL(SYS_rt_sigaction, 99, NULL, NULL, 8), CALL(SYS_rt_sigaction, SIGUSR2, BAD, BAD, 8), CALL(SYS_rt_sigaction, SIGUSR2, acts, acts, 16), CALL(SYS_rt_sigaction, WIDE(SIGRTMIN), NULL, ROOM(struct action), 8), CALL(SYS_rt_sigaction, 32, NULL, BAD, 8), CALL(SYS_rt_sigaction, SIGUSR1, (char *)TAIL(acts[0]) + 1, NULL, 8), CALL(SYS_rt_sigaction, SIGUSR1, &acts[5], NULL, 8);
    unsigned long sets[] = {0, -1UL, 1, 0x7fffffff, 0xffffffff00000000, 1UL << 31 | 1UL << 32 | 1UL << 33 | 1UL << 63, 0x0fffffffffffffff, 0xaaaaaaaaaaaaaaaa, 0xfffffffffe, 0x3ffffffffffff, (1UL << 41) - 1, (1UL << 42) - 1, (1UL << 43) - 1};
    for (unsigned i = 0; i < COUNT(sets); i++) CALL(SYS_rt_sigprocmask, SIG_SETMASK, TAIL(sets[i]), ROOM(long), 8), CALL(SYS_rt_sigsuspend, TAIL(sets[i]), 7);
    CALL(SYS_rt_sigprocmask, SIG_SETMASK, TAIL(sets[0]), NULL, 8);
    for (int how = -1; how < 4; how++) CALL(SYS_rt_sigprocmask, how, TAIL(sets[2]), BAD, 8), CALL(SYS_rt_sigprocmask, how, BAD, NULL, 8), CALL(SYS_rt_sigprocmask, how, NULL, ROOM(long), 8), CALL(SYS_rt_sigprocmask, how, TAIL(sets[3]), sets, 9);
    CALL(SYS_rt_sigprocmask, 0, (char *)TAIL(sets[0]) + 1, NULL, 8), CALL(SYS_rt_sigpending, ROOM(long), 8), CALL(SYS_rt_sigpending, BAD, 8), CALL(SYS_rt_sigpending, ROOM(int), 4), CALL(SYS_rt_sigpending, NULL, 0);
    stack_t stacks[] = {{(void *)0xdead, 0xffffffff, -1L}, {NULL, SS_DISABLE, 0}, {BAD, 0x80000001, 65536}, {BAD, 4, 1}};
    for (unsigned i = 0; i < COUNT(stacks); i++) CALL(SYS_sigaltstack, TAIL(stacks[i]), ROOM(stack_t));
    CALL(SYS_sigaltstack, NULL, NULL), CALL(SYS_sigaltstack, BAD, BAD), CALL(SYS_sigaltstack, NULL, ROOM(stack_t)), CALL(SYS_sigaltstack, (char *)TAIL(stacks[0]) + 1, BAD);
    for (int sig = -1; sig < 68; sig += sig < 35 ? 1 : 7) CALL(SYS_kill, 12345678, sig), CALL(SYS_tgkill, WIDE(-1), -2, sig), CALL(SYS_tkill, -1, WIDE(sig));
    CALL(SYS_kill, 0, 0), CALL(SYS_kill, WIDE(-12345678), 9);
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE}, codes = {.si_signo = SIGCHLD, .si_code = CLD_DUMPED};
    info.si_pid = 1, info.si_uid = -1, info.si_value.sival_ptr = (void *)0xdeadbeefbadc0dedUL;
    codes.si_pid = 5, codes.si_status = SIGSEGV, codes.si_utime = 7;
    for (int code = -10; code < 12; code++) info.si_code = code, CALL(SYS_rt_sigqueueinfo, 12345678, SIGUSR1, TAIL(info)), codes.si_code = code, CALL(SYS_rt_tgsigqueueinfo, 1234567, -1, SIGCHLD, TAIL(codes));
    for (int sig = 0; sig < 36; sig++) for (int code = 0; code < 4; code++) info.si_signo = sig, info.si_code = code, CALL(SYS_rt_sigqueueinfo, -1, sig, TAIL(info));
    for (int code = 0; code < 16; code++) info.si_signo = SIGILL, info.si_code = code, CALL(SYS_rt_sigqueueinfo, -1, 4, TAIL(info)), info.si_signo = SIGSEGV, CALL(SYS_rt_sigqueueinfo, -1, 11, TAIL(info)), info.si_signo = SIGFPE, CALL(SYS_rt_sigqueueinfo, -1, 8, TAIL(info)), info.si_signo = SIGTRAP, CALL(SYS_rt_sigqueueinfo, -1, 5, TAIL(info)), info.si_signo = SIGPOLL, CALL(SYS_rt_sigqueueinfo, -1, SIGPOLL, TAIL(info)), info.si_signo = SIGSYS, CALL(SYS_rt_sigqueueinfo, -1, SIGSYS, TAIL(info)), info.si_signo = SIGBUS, CALL(SYS_rt_sigqueueinfo, -1, 7, TAIL(info));
    info.si_signo = 0, CALL(SYS_rt_sigqueueinfo, -1, 0, TAIL(info)), info.si_signo = 5, info.si_code = 0x80, info.si_errno = 7, CALL(SYS_rt_sigqueueinfo, -1, 5, TAIL(info)), info.si_errno = 9999, CALL(SYS_rt_sigqueueinfo, -1, 5, TAIL(info)), CALL(SYS_rt_sigqueueinfo, -1, 5, BAD), CALL(SYS_rt_sigqueueinfo, -1, 5, NULL);
    struct timespec zero = {0, 0}, odd = {-1, 5};
    CALL(SYS_rt_sigtimedwait, TAIL(sets[2]), ROOM(siginfo_t), TAIL(zero), 8), CALL(SYS_rt_sigtimedwait, BAD, NULL, TAIL(odd), 8), CALL(SYS_rt_sigtimedwait, sets, BAD, NULL, 4), CALL(SYS_rt_sigtimedwait, TAIL(sets[1]), NULL, BAD, 8);
    unsigned long usr = 1UL << (SIGUSR2 - 1);
    CALL(SYS_rt_sigprocmask, SIG_BLOCK, TAIL(usr), NULL, 8), CALL(SYS_tgkill, getpid(), getpid(), SIGUSR2), CALL(SYS_rt_sigpending, ROOM(long), 8), CALL(SYS_rt_sigtimedwait, TAIL(usr), ROOM(siginfo_t), TAIL(zero), 8);
    info.si_signo = SIGUSR2, info.si_code = SI_QUEUE, info.si_errno = 3;
    CALL(SYS_rt_sigqueueinfo, getpid(), SIGUSR2, TAIL(info)), CALL(SYS_rt_sigtimedwait, TAIL(usr), NULL, NULL, 8);
}
