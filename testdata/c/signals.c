// Counts signals exactly, on a thread that computes and one that is blocked in read(2) by turns.
// Realtime signals queue, so as many arrive as were sent: a tracer that loses one is found out.
// Prints {"event":"ready","pid":P}; after a line (or end of file) on standard input
// {"event":"done","counts":{"35":N,...}} with the signals that arrived at all.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int counts[65];
static atomic_int stop;

static void count(int signal) { counts[signal]++; }

static void *compute(void *unused) {
    (void)unused;
    for (unsigned long n = 0; !stop; n++)
        if (n % 100000 == 0)
            getppid();
    return NULL;
}

int main(void) {
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    for (int n = SIGRTMIN; n <= SIGRTMAX; n++)
        sigaction(n, &action, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, compute, NULL) != 0)
        return 1;
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    char c;
    while (read(0, &c, 1) == 1 && c != '\n')
        ;
    stop = 1;
    pthread_join(thread, NULL);
    printf("{\"event\":\"done\",\"counts\":{");
    const char *separator = "";
    for (int n = 1; n <= 64; n++)
        if (counts[n] != 0) {
            printf("%s\"%d\":%d", separator, n, counts[n]);
            separator = ",";
        }
    printf("}}\n");
    return 0;
}
