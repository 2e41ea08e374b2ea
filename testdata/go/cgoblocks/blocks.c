// What blocks in C; each function is there to be seen on a stack.
#define _GNU_SOURCE
#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "_cgo_export.h"
#include "blocks.h"

#define SEEN __attribute__((noinline, noclone))
// No call is the last thing that a function does: its frame would be gone.
#define STAYS __asm__ volatile("")

static int pipe_fd;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int done;

static void say(const char *name) {
    char line[128];
    int n = snprintf(line, sizeof line, "{\"event\":\"thread\",\"name\":\"%s\",\"tid\":%d}\n", name, gettid());
    if (write(1, line, (size_t)n) != n)
        _exit(3);
}

SEEN static void read_inner(const char *name) {
    char c;
    say(name);
    if (read(pipe_fd, &c, 1) < 0)
        perror(name);
    STAYS;
}

void use_pipe(int fd) { pipe_fd = fd; }

SEEN static void cond_inner(void) {
    say("cond");
    pthread_mutex_lock(&mutex);
    while (!done)
        pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
    STAYS;
}

SEEN void cond_outer(void) {
    cond_inner();
    STAYS;
}

void release(void) {
    pthread_mutex_lock(&mutex);
    done = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
}

SEEN static void callback_inner(int what) {
    goCallback(what);
    STAYS;
}

SEEN void callback_outer(int what) {
    callback_inner(what);
    STAYS;
}

SEEN void nested_read(void) {
    read_inner("nested");
    STAYS;
}

// Its frame hangs on the frame pointer.
SEEN void alloca_outer(int n) {
    volatile char *space = alloca((size_t)n);
    space[0] = 1;
    read_inner("alloca");
    space[n - 1] = 2;
    STAYS;
}

SEEN static void *thread_main(void *name) {
    read_inner(name);
    STAYS;
    return NULL;
}

SEEN static void *thread_calls_go(void *unused) {
    (void)unused;
    callback_inner(IN_THREAD);
    STAYS;
    return NULL;
}

void make_threads(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, thread_main, "pthread");
    pthread_create(&thread, NULL, thread_calls_go, NULL);
}

static void on_signal(int number) {
    (void)number;
    read_inner("handler");
    STAYS;
}

SEEN void handler_outer(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    sigaction(SIGUSR2, &action, NULL);
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2);
    STAYS;
}

// A clock that the vDSO has to ask the kernel for.
SEEN void clock_outer(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
        perror("clock");
    STAYS;
}
