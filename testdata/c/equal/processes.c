#include "edge.h"
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
static char stack[65536] __attribute__((aligned(16)));
int main(void) {
    begin();
    char *none = TAIL_STRING("/nonexistent/program");
    char *args[] = {"program", TAIL_STRING("two words"), tail("unterminated", 12), "a long argument that is longer than what is shown of it", NULL}, *many[40];
    for (int i = 0; i < 39; i++) many[i] = "x";
    many[39] = NULL;
    CALL(SYS_execve, none, TAIL(args), TAIL(args)), CALL(SYS_execve, none, NULL, NULL), CALL(SYS_execve, NULL, BAD, BAD), CALL(SYS_execve, none, TAIL(many), TAIL(many)), CALL(SYS_execve, none, (char *)TAIL(args) + 8 * 5, (char *)TAIL(args) + 8 * 4), CALL(SYS_execve, none, (char *)TAIL(args) + 1, (char *)TAIL(args) + 8), CALL(SYS_execve, tail("unterminated", 12), tail(args, 16), tail(args, 16));
    CALL(SYS_execveat, -100, none, TAIL(args), TAIL(many), 0x1100), CALL(SYS_execveat, WIDE(-1), "", NULL, NULL, 0xffffffff);
    CALL(SYS_clone3, NULL, 0), CALL(SYS_clone3, NULL, 64), CALL(SYS_clone3, BAD, 63), CALL(SYS_clone3, BAD, 64);
    struct clone_args c = {.flags = 0xdeadbeeffacefeedUL, .pidfd = 1, .child_tid = 2, .parent_tid = 3, .exit_signal = 0x1ff, .stack = 5, .stack_size = 6, .tls = 7, .set_tid = 8, .set_tid_size = 9, .cgroup = 10}, plain = {.exit_signal = SIGCHLD | 0x80, .stack = 1}, tids = {.flags = CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_SETTLS | 0x200000000UL, .set_tid = (uintptr_t)TAIL(((int[]){5, 6})), .set_tid_size = 2, .cgroup = 0xfacefeeddeadbeef, .exit_signal = 77, .child_tid = 0xdead, .tls = 0xbeef};
    struct { struct clone_args c; uint64_t more; } longer = {plain, 0}, odd = {plain, 0xfaceUL};
    CALL(SYS_clone3, TAIL(c), 64), CALL(SYS_clone3, TAIL(c), sizeof c), CALL(SYS_clone3, TAIL(plain), sizeof plain), CALL(SYS_clone3, TAIL(tids), sizeof tids), CALL(SYS_clone3, TAIL(tids), 80), CALL(SYS_clone3, TAIL(longer), sizeof longer), CALL(SYS_clone3, TAIL(odd), sizeof odd), CALL(SYS_clone3, TAIL(odd), 4096), CALL(SYS_clone3, tail(&c, 64), 88), CALL(SYS_clone3, (char *)TAIL(c) + 1, 64), CALL(SYS_clone3, TAIL(plain), 65);
    CALL(SYS_clone, 0x10000, stack + 60000, 1, 2, 3), CALL(SYS_clone, 0x80000000 | CLONE_NEWNS | CLONE_FS, 0, 0, 0, 0), CALL(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, stack, BAD, BAD, BAD), CALL(SYS_clone, CLONE_SIGHAND | 77, 0, 1, 2, 3), CALL(SYS_clone, CLONE_THREAD | CLONE_SETTLS | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID, stack, BAD, BAD, BAD);
    CALL(SYS_wait4, -1, NULL, 0, NULL), CALL(SYS_wait4, WIDE(-5), BAD, -1, BAD), CALL(SYS_waitid, P_PGID, -1, BAD, 0xffffffff, BAD), CALL(SYS_waitid, 4, 5, NULL, 0x1000000f, NULL), CALL(SYS_waitid, P_PIDFD, -1, NULL, WEXITED, NULL);
    for (unsigned option = 0; option < 75; option++) if (option != 1 && option != 15 && option != 22 && option != 29 && option != 35 && option != 16 && option != 62 && option != 40 && option != 55) CALL(SYS_prctl, option, 0xbadc0dedfacefeedUL, 0xbadc0dedfacefee1UL, 0xbadc0dedfacefee2UL, 0xbadc0dedfacefee3UL);
    CALL(SYS_prctl, 1, SIGUSR1), CALL(SYS_prctl, 2, ROOM(int)), CALL(SYS_prctl, 2, BAD), CALL(SYS_prctl, 1, 0), CALL(SYS_prctl, 15, TAIL_STRING("name")), CALL(SYS_prctl, 15, "a name of over 16 characters"), CALL(SYS_prctl, 16, ROOM(char[16])), CALL(SYS_prctl, 15, tail("0123456789abcdef", 16)), CALL(SYS_prctl, 15, tail("0123456", 7)), CALL(SYS_prctl, 15, BAD), CALL(SYS_prctl, 16, BAD), CALL(SYS_prctl, 15, "processes");
    CALL(SYS_prctl, 3), CALL(SYS_prctl, 4, 1), CALL(SYS_prctl, 4, 7), CALL(SYS_prctl, 23, 0), CALL(SYS_prctl, 23, 21), CALL(SYS_prctl, 23, 99), CALL(SYS_prctl, 24, 99), CALL(SYS_prctl, 47, 1, 5, 0, 0), CALL(SYS_prctl, 47, 2, 40, 0, 0), CALL(SYS_prctl, 47, 9, 99, 0, 0), CALL(SYS_prctl, 27), CALL(SYS_prctl, 28, 0xffffffff), CALL(SYS_prctl, 30), CALL(SYS_prctl, 36, 0), CALL(SYS_prctl, 37, ROOM(int)), CALL(SYS_prctl, 38, 0, 0, 0, 0), CALL(SYS_prctl, 39, 0, 0, 0, 0), CALL(SYS_prctl, 42, 0, 0, 0, 0), CALL(SYS_prctl, 41, 0, 0, 0, 0), CALL(SYS_prctl, 52, 0, 0, 0, 0), CALL(SYS_prctl, 53, 1, 8, 0, 0), CALL(SYS_prctl, 0x59616d61, -1L), CALL(SYS_prctl, 0x59616d61, 1), CALL(SYS_prctl, 0x53564d41, 0, BAD, 5, "vma name"), CALL(SYS_prctl, 0x53564d41, 7, 1, 2, 3), CALL(SYS_prctl, 33, 0, 0, 0, 0), CALL(SYS_prctl, 33, 1, 2, 0, 0), CALL(SYS_prctl, 34, 0, 0, 0, 0), CALL(SYS_prctl, 35, 1, 2, 3, 0), CALL(SYS_prctl, 35, 99, 2, 3, 4), CALL(SYS_prctl, 22, 5, 6), CALL(SYS_prctl, 22, 2, BAD), CALL(SYS_prctl, 25, ROOM(int)), CALL(SYS_prctl, 26, 9), CALL(SYS_prctl, 0xffffffff, 1, 2, 3, 4), CALL(SYS_prctl, 62, 9, 1, 2, 3), CALL(SYS_prctl, 62, 0, 12345678, 0, BAD);
    for (int code = 0x1000; code < 0x1030; code++) if (code != 0x1001 && code != 0x1002 && code != 0x1012) CALL(SYS_arch_prctl, code, BAD);
    CALL(SYS_arch_prctl, 0x1012, 1), CALL(SYS_arch_prctl, 0x1003, ROOM(long)), CALL(SYS_arch_prctl, 0x2001, 5), CALL(SYS_arch_prctl, 0x2003, 5), CALL(SYS_arch_prctl, 0xffffffff, 7), CALL(SYS_arch_prctl, 0x1001, WIDE(0xdeadbeef)), CALL(SYS_arch_prctl, 0x1023, 18), CALL(SYS_arch_prctl, 0x1022, ROOM(long)), CALL(SYS_arch_prctl, 0x1021, ROOM(long)), CALL(SYS_arch_prctl, 0x1011);
    struct rlimit64 l = {8192 * 1024, RLIM64_INFINITY}, k = {123456789012UL, 1024}, m = {1, 1025 * 1024};
    for (int r = -1; r < 18; r++) CALL(SYS_prlimit64, 12345678, r, TAIL(k), ROOM(struct rlimit64));
    CALL(SYS_prlimit64, -1, 3, TAIL(l), BAD), CALL(SYS_prlimit64, 12345678, 1, TAIL(m), NULL), CALL(SYS_prlimit64, 0, 3, NULL, ROOM(struct rlimit64)), CALL(SYS_prlimit64, 0, 3, BAD, NULL), CALL(SYS_getrlimit, 3, ROOM(struct rlimit64)), CALL(SYS_setrlimit, 99, TAIL(l)), CALL(SYS_getrlimit, 99, BAD), CALL(SYS_setrlimit, 1, BAD);
    for (int who = -3; who < 3; who++) CALL(SYS_getpriority, who, 12345678), CALL(SYS_setpriority, who, WIDE(-1), WIDE(-7)), CALL(SYS_getrusage, who, BAD);
    CALL(SYS_setpgid, WIDE(-1), WIDE(-2)), CALL(SYS_getpgid, -1), CALL(SYS_getsid, -1), CALL(SYS_setreuid, -1, -1), CALL(SYS_setresuid, -1, -1, -1), CALL(SYS_setregid, -1, -1), CALL(SYS_setresgid, -1, -1, WIDE(-1)), CALL(SYS_setfsuid, -1), CALL(SYS_setfsgid, WIDE(-1)), CALL(SYS_getresuid, ROOM(int), ROOM(int), ROOM(int)), CALL(SYS_getresuid, BAD, NULL, BAD), CALL(SYS_getresgid, ROOM(int), ROOM(int), ROOM(int));
    int groups[40] = {1, 2, -1, 4};
    CALL(SYS_getgroups, 0, NULL), CALL(SYS_getgroups, -1, BAD), CALL(SYS_getgroups, 0, BAD), CALL(SYS_getgroups, 32, ROOM(int[32])), CALL(SYS_setgroups, 70000, TAIL(groups)), CALL(SYS_setgroups, -1, BAD), CALL(SYS_setgroups, 65537, BAD), CALL(SYS_setgroups, 5, BAD);
    CALL(SYS_unshare, 0), CALL(SYS_unshare, 0xffffffff), CALL(SYS_unshare, 0x80 | 1), CALL(SYS_setns, -1, 0), CALL(SYS_setns, -1, CLONE_NEWNS | CLONE_NEWTIME), CALL(SYS_setns, -1, 0xdeadca75);
    CALL(SYS_pidfd_open, WIDE(-1), 0xffffffff), CALL(SYS_pidfd_open, 0, O_NONBLOCK), CALL(SYS_pidfd_open, 12345678, 0), CALL(SYS_pidfd_getfd, -1, WIDE(-2), 0xffffffff), CALL(SYS_pidfd_getfd, -1, 5, 0), CALL(SYS_pidfd_send_signal, -1, SIGUSR1, NULL, 0), CALL(SYS_pidfd_send_signal, -1, 99, BAD, 0xffffffff);
    for (int type = -1; type < 10; type++) CALL(SYS_kcmp, 12345678, -1, type, 0xdeadbeeffacefeedUL, BAD);
    struct kcmp_epoll_slot slot = {1, 2, 3};
    CALL(SYS_kcmp, 1234567, 7654321, KCMP_EPOLL_TFD, 5, TAIL(slot)), CALL(SYS_kcmp, 1234567, 7654321, KCMP_FILE, 5, 6);
    struct __user_cap_header_struct cap = {0x20080522, 0}, v1 = {0x19980330, 1}, v2 = {0x20071026, -1}, vx = {0xdeadbeef, 5};
    struct __user_cap_data_struct data[2] = {{0xffffffff, 1, 0x80000001}, {0xffffffff, 0xff, 3}};
    CALL(SYS_capget, TAIL(cap), ROOM(struct __user_cap_data_struct[2])), CALL(SYS_capget, TAIL(cap), NULL), CALL(SYS_capget, TAIL(v1), ROOM(struct __user_cap_data_struct)), CALL(SYS_capget, TAIL(vx), BAD), CALL(SYS_capget, BAD, BAD), CALL(SYS_capget, NULL, NULL), CALL(SYS_capset, TAIL(v2), TAIL(data)), CALL(SYS_capset, TAIL(v2), BAD), CALL(SYS_capset, TAIL(vx), TAIL(data));
    CALL(SYS_uname, BAD), CALL(SYS_uname, NULL), CALL(SYS_uname, ROOM(struct utsname)), CALL(SYS_sysinfo, BAD), CALL(SYS_personality, 0xffffffff), CALL(SYS_personality, 0xffffffff), CALL(SYS_sethostname, BAD, 5), CALL(SYS_sethostname, "host name", 0xffffffff), CALL(SYS_setdomainname, "x", -1), CALL(SYS_sethostname, NULL, 65);
    struct iovec local[2] = {{stack, 5}, {BAD, 3}};
    CALL(SYS_process_vm_readv, 12345678, TAIL(local), 2, TAIL(local), 2, 0), CALL(SYS_process_vm_readv, WIDE(-1), NULL, -1L, BAD, 5, 0xfacefeedUL), CALL(SYS_process_vm_writev, 12345678, TAIL(local), 1, TAIL(local), 2, 1), CALL(SYS_process_vm_writev, -1, BAD, 1, TAIL(local), 3, 0);
    for (int cmd = 0; cmd < 10; cmd++) CALL(SYS_membarrier, 1 << cmd | 0x80000000, cmd, 7);
    CALL(SYS_membarrier, 0, 0, 255), CALL(SYS_membarrier, 0xfffffffd, 0xffffffff, -1), CALL(SYS_membarrier, 3, 0, 0), CALL(SYS_getcpu, BAD, BAD, BAD), CALL(SYS_rseq, 0, 1, 2, 3), CALL(SYS_rseq, BAD, 32, 1, 0x53053053), CALL(SYS_rseq, NULL, 0xffffffff, 0xffffffff, 0xffffffff);
}
