// Slowcalls makes SLOW slow calls among FAST fast ones on THREADS threads: ground truth for what a
// tracer that does not stop everything must find, and how well it must time it.
//
//	slowcalls THREADS SLOW FAST TRUTH
//
// Prints {"event":"ready"}, starts at a line on standard input, writes TRUTH, prints
// {"event":"done","ns":T} and ends at end of file. A slow call is clock_nanosleep of 12 to 40 ms, no
// two alike, a fast one getppid. TRUTH has a line for each slow call: TID, the time asked for, which
// the kernel keeps to at least, start (since the epoch) and the time that passed from before the call
// to after it, all in ns. The call itself took no less than the one and no more than the other.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX 256

struct truth { long tid, nsec, start, took; };

static pthread_barrier_t start;
static struct truth *truth;
static long threads, slow, fast;

static long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void *run(void *arg) {
    long tid = syscall(SYS_gettid), made = 0;
    pthread_barrier_wait(&start);
    for (long i = (long)arg; i < slow; i += threads) {
        for (long until = (i + threads) * (fast / slow) / threads; made < until; made++)
            syscall(SYS_getppid);
        struct timespec time = {0, 12000000 + i * 7919 % slow * (28000000 / slow)};
        long began = now(CLOCK_MONOTONIC);
        truth[i] = (struct truth){tid, time.tv_nsec, now(CLOCK_REALTIME), 0};
        syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
        truth[i].took = now(CLOCK_MONOTONIC) - began;
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t ids[MAX];
    if (argc != 5)
        return 2;
    threads = atol(argv[1]), slow = atol(argv[2]), fast = atol(argv[3]);
    if (threads < 1 || threads > MAX || slow < 1)
        return 2;
    truth = calloc((size_t)slow, sizeof *truth);
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run, (void *)i) != 0)
            return 1;
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    getchar();
    long began = now(CLOCK_MONOTONIC);
    pthread_barrier_wait(&start);
    for (long i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    long took = now(CLOCK_MONOTONIC) - began;
    FILE *out = fopen(argv[4], "w");
    if (!out)
        return 1;
    for (long i = 0; i < slow; i++)
        fprintf(out, "%ld %ld %ld %ld\n", truth[i].tid, truth[i].nsec, truth[i].start, truth[i].took);
    fclose(out);
    printf("{\"event\":\"done\",\"ns\":%ld}\n", took);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    _exit(0);
}
