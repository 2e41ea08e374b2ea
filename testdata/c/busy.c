// Busy runs THREADS threads that do nothing but call getppid, and says how often each could in
// MILLISECONDS: {"event":"ready"}, a line on standard input starts it, {"event":"done","calls":[...]}.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX 4096

static pthread_barrier_t start;
static volatile int stop;
static struct { volatile long calls; char pad[56]; } counts[MAX];

static void *run(void *arg) {
    long i = (long)arg;
    pthread_barrier_wait(&start);
    while (!stop) {
        syscall(SYS_getppid);
        counts[i].calls++;
    }
    return NULL;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 8;
    int ms = argc > 2 ? atoi(argv[2]) : 1000;
    pthread_attr_t attr;
    pthread_t thread;
    long calls[MAX];
    if (threads < 1 || threads > MAX)
        return 2;
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&thread, &attr, run, (void *)i) != 0)
            return 1;
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    getchar();
    pthread_barrier_wait(&start);
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
    stop = 1;
    for (int i = 0; i < threads; i++)
        calls[i] = counts[i].calls;
    printf("{\"event\":\"done\",\"calls\":[");
    for (int i = 0; i < threads; i++)
        printf("%s%ld", i ? "," : "", calls[i]);
    printf("]}\n");
    fflush(stdout);
    _exit(0);
}
