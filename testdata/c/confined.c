// Confined installs a seccomp filter of its own, under which getppid fails with EPERM, and calls
// getppid and getpgrp on a thread of its own and in a child. Prints
// {"event":"done","getppid":"EPERM","child":STATUS}, STATUS 7 where the child found the same.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int refused(void) {
    syscall(SYS_getpgid, 0);
    return syscall(SYS_getppid) == -1 && errno == EPERM;
}

static void *thread(void *refusals) {
    *(int *)refusals += refused();
    return NULL;
}

int main(void) {
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    pthread_t id;
    int refusals = 0, status = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 1;
    refusals += refused();
    if (pthread_create(&id, NULL, thread, &refusals) != 0 || pthread_join(id, NULL) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0)
        _exit(refused() ? 7 : 1);
    waitpid(child, &status, 0);
    printf("{\"event\":\"done\",\"getppid\":\"%s\",\"child\":%d}\n",
           refusals == 2 ? "EPERM" : "allowed", WEXITSTATUS(status));
    return 5;
}
