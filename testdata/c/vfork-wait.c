// A parent in vfork(2): in D state, and out of any tracer's reach, until its child ends.
// The child prints {"event":"ready","pid":PARENT,"child":CHILD} and reads standard input; after a line
// (or end of file) it ends, and the parent prints {"event":"done","pid":PARENT,"ns":N}, N being how
// long it was in vfork.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
    long long began = now();
    int parent = getpid();
    pid_t child = vfork();
    if (child == 0) {
        // The memory is the parent's: nothing but system calls, and dprintf's own stack.
        dprintf(1, "{\"event\":\"ready\",\"pid\":%d,\"child\":%d}\n", parent, getpid());
        char c;
        while (read(0, &c, 1) == 1 && c != '\n')
            ;
        _exit(0);
    }
    long long ns = now() - began;
    if (child < 0 || waitpid(child, NULL, 0) != child)
        return 1;
    printf("{\"event\":\"done\",\"pid\":%d,\"ns\":%lld}\n", parent, ns);
    return 0;
}
