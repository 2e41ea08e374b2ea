// Three processes whose names would steer a terminal and fake lines if they were printed as they are: this
// one traces the second, which sleeps, and never collects the third, which has ended. Prints
// {"event":"ready","tracer":P,"tracee":P,"zombie":P} and ends when standard input does.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int born(const char *name) {
    int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, name);
    }
    return pid;
}

int main(void) {
    char c;
    siginfo_t info;
    prctl(PR_SET_NAME, "\033]0;t\a\nok\033[2J");
    int tracee = born("\033[31mx\033[m\r\n");
    if (tracee == 0)
        for (;;)
            pause();
    int zombie = born("z\n\x7f\033c");
    if (zombie == 0)
        _exit(0);
    waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
    if (ptrace(PTRACE_SEIZE, tracee, 0, 0) != 0)
        return 1;
    printf("{\"event\":\"ready\",\"tracer\":%d,\"tracee\":%d,\"zombie\":%d}\n", getpid(), tracee, zombie);
    fflush(stdout);
    while (read(0, &c, 1) > 0)
        ;
    return 0;
}
