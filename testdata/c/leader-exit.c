// The leader thread ends (a zombie in /proc until the process ends) while two others go on: one
// sleeps 20 ms at a time, one is blocked in read(2) on standard input.
// Prints {"event":"ready","pid":P,"tids":[A,B]} when the leader is about to go; after a line (or end
// of file) on standard input {"event":"done","sleeps":N}.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static atomic_int sleeper_tid, reader_tid, sleeps;

static void *sleeper(void *unused) {
    (void)unused;
    sleeper_tid = gettid();
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        sleeps++;
    }
    return NULL;
}

static void *reader(void *unused) {
    (void)unused;
    reader_tid = gettid();
    char c;
    while (read(0, &c, 1) == 1 && c != '\n')
        ;
    printf("{\"event\":\"done\",\"sleeps\":%d}\n", sleeps);
    fflush(stdout);
    exit(0);
}

int main(void) {
    pthread_t a, b;
    if (pthread_create(&a, NULL, sleeper, NULL) != 0 || pthread_create(&b, NULL, reader, NULL) != 0)
        return 1;
    while (sleeper_tid == 0 || reader_tid == 0)
        sched_yield();
    printf("{\"event\":\"ready\",\"pid\":%d,\"tids\":[%d,%d]}\n", getpid(), sleeper_tid, reader_tid);
    fflush(stdout);
    pthread_exit(NULL);
}
