// Rates makes calls on THREADS threads for as long as it runs, and says when asked how many.
//
//	rates loop THREADS [CALLS]	each thread alternates getppid and read of a byte of /dev/zero
//	rates pause THREADS MS		each sleeps MS milliseconds, then calls getppid once
//
// Prints {"event":"ready","pid":...}; for each line on standard input {"event":"count","count":N,
// "ns":T}, T by the monotonic clock; ends at end of file. With CALLS the first line starts the
// threads, each makes so many calls, and {"event":"done"} says that all have.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX 8192

static struct { volatile long calls; char pad[56]; } counts[MAX];
static pthread_barrier_t start;
static long limit, ms;
static int zero;

static void *loop(void *arg) {
    volatile long *calls = &counts[(long)arg].calls;
    char byte;
    pthread_barrier_wait(&start);
    while (limit == 0 || *calls < limit) {
        if (*calls % 2)
            syscall(SYS_read, zero, &byte, 1);
        else
            syscall(SYS_getppid);
        ++*calls;
    }
    return NULL;
}

static void *pauses(void *arg) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    pthread_barrier_wait(&start);
    for (;;) {
        nanosleep(&time, NULL);
        syscall(SYS_getppid);
        counts[(long)arg].calls++;
    }
    return NULL;
}

int main(int argc, char **argv) {
    static pthread_t ids[MAX];
    pthread_attr_t attr;
    char line[64];
    int paused = argc > 1 && strcmp(argv[1], "pause") == 0;
    long threads = argc > 2 ? atol(argv[2]) : 0;
    if (threads < 1 || threads > MAX || (paused && argc < 4))
        return 2;
    if (argc > 3)
        *(paused ? &ms : &limit) = atol(argv[3]);
    zero = open("/dev/zero", O_RDONLY);
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&ids[i], &attr, paused ? pauses : loop, (void *)i) != 0) {
            perror("pthread_create");
            return 1;
        }
    if (!limit)
        pthread_barrier_wait(&start);
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    if (limit) {
        if (!fgets(line, sizeof line, stdin))
            return 0;
        pthread_barrier_wait(&start);
        for (long i = 0; i < threads; i++)
            pthread_join(ids[i], NULL);
        printf("{\"event\":\"done\"}\n");
        fflush(stdout);
    }
    while (fgets(line, sizeof line, stdin)) {
        struct timespec now;
        long sum = 0;
        for (long i = 0; i < threads; i++)
            sum += counts[i].calls;
        clock_gettime(CLOCK_MONOTONIC, &now);
        printf("{\"event\":\"count\",\"count\":%ld,\"ns\":%ld}\n", sum, now.tv_sec * 1000000000L + now.tv_nsec);
        fflush(stdout);
    }
    _exit(0);
}
