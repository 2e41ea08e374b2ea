// Bare is the least that a tracer of system calls can do: `bare PID THREADS` seizes every thread of
// PID, dealt round-robin to THREADS tracer threads, and for each stop makes three system calls:
// wait4, PTRACE_GET_SYSCALL_INFO, PTRACE_SYSCALL. What it leaves of a program's speed is what
// ptrace itself leaves. Prints {"event":"ready","threads":N}; runs until PID or itself ends.
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define MAX 65536

static int pid, tracers;
static int tids[MAX], found;
static pthread_barrier_t seized;

static void list(void) {
    char path[64];
    struct dirent *entry;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        exit(1);
    }
    while ((entry = readdir(dir)) != NULL && found < MAX)
        if (atoi(entry->d_name) > 0)
            tids[found++] = atoi(entry->d_name);
    closedir(dir);
}

static void handle(int tid, int status) {
    struct __ptrace_syscall_info info;
    int stop = status >> 8, signal = 0;
    if (!WIFSTOPPED(status))
        return;
    if (stop == (SIGTRAP | 0x80)) {
        ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info);
    } else if (stop >> 8 == PTRACE_EVENT_STOP && (stop & 0xff) != SIGTRAP) {
        ptrace(PTRACE_LISTEN, tid, 0, 0);
        return;
    } else if (stop >> 8 == 0) {
        signal = stop;
    }
    ptrace(PTRACE_SYSCALL, tid, 0, signal);
}

static void *trace(void *arg) {
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    int status, tid;
    for (int i = (int)(long)arg; i < found; i += tracers)
        if (ptrace(PTRACE_SEIZE, tids[i], 0, options) == 0)
            ptrace(PTRACE_INTERRUPT, tids[i], 0, 0);
    pthread_barrier_wait(&seized);
    for (;;) {
        tid = wait4(-1, &status, __WALL | __WNOTHREAD, NULL);
        if (tid > 0)
            handle(tid, status);
        else if (errno != EINTR)
            return NULL;
    }
}

int main(int argc, char **argv) {
    pthread_t threads[64];
    if (argc != 3)
        return 2;
    pid = atoi(argv[1]);
    tracers = atoi(argv[2]);
    if (tracers < 1 || tracers > 64)
        return 2;
    list();
    pthread_barrier_init(&seized, NULL, (unsigned)tracers + 1);
    for (long i = 0; i < tracers; i++)
        if (pthread_create(&threads[i], NULL, trace, (void *)i) != 0)
            return 1;
    pthread_barrier_wait(&seized);
    printf("{\"event\":\"ready\",\"threads\":%d}\n", found);
    fflush(stdout);
    for (int i = 0; i < tracers; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
