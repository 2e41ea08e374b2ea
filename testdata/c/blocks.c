// A C program with a thread for each of many ways to block, all at once, as a process that is not Go.
// Prints {"event":"thread","name":...,"nr":N,"tid":T} for each thread, then {"event":"ready","pid":P};
// after a line (or end of file) on standard input each is released, and prints
// {"event":"returned","name":...,"tid":T,"ret":N,"errno":N,"ns":N} before {"event":"done"}.
// Each call is in a function of its own: block_read and so on.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct way {
    const char *name;
    long nr;
    long (*block)(void);
    pthread_t thread;
};

// On release this pipe is closed for writing, and what else is waited for is let go in main.
static int released[2];
static int listener, event, locked, child;
static uint32_t word;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, printing = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t announced;

static long block_read(void) {
    char c;
    return read(released[0], &c, 1);
}

static long block_eventfd(void) {
    uint64_t n;
    return read(event, &n, sizeof n);
}

static long block_poll(void) {
    struct pollfd p = {.fd = released[0], .events = POLLIN};
    return syscall(SYS_ppoll, &p, 1, NULL, NULL, 8);
}

static long block_select(void) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(released[0], &set);
    return syscall(SYS_pselect6, released[0] + 1, &set, NULL, NULL, NULL, NULL);
}

static long block_epoll(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = released[0]}, got;
    epoll_ctl(epoll, EPOLL_CTL_ADD, released[0], &interest);
    long result;
    do // the kernel does not restart it when a tracer attaches
        result = syscall(SYS_epoll_pwait, epoll, &got, 1, -1, NULL, 8);
    while (result < 0 && errno == EINTR);
    return result;
}

static long block_accept(void) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

static long block_futex(void) { return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, NULL); }

static long block_mutex(void) { return pthread_mutex_lock(&mutex); }

static long block_flock(void) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", locked);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    return fd < 0 ? fd : flock(fd, LOCK_EX);
}

static long block_waitid(void) {
    siginfo_t info;
    return waitid(P_PID, (id_t)child, &info, WEXITED);
}

static long block_nanosleep(void) {
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 400000000}, NULL);
}

static struct way ways[] = {
    {.name = "read", .nr = SYS_read, .block = block_read},
    {.name = "eventfd", .nr = SYS_read, .block = block_eventfd},
    {.name = "poll", .nr = SYS_ppoll, .block = block_poll},
    {.name = "select", .nr = SYS_pselect6, .block = block_select},
    {.name = "epoll", .nr = SYS_epoll_pwait, .block = block_epoll},
    {.name = "accept", .nr = SYS_accept4, .block = block_accept},
    {.name = "futex", .nr = SYS_futex, .block = block_futex},
    {.name = "mutex", .nr = SYS_futex, .block = block_mutex},
    {.name = "flock", .nr = SYS_flock, .block = block_flock},
    {.name = "waitid", .nr = SYS_waitid, .block = block_waitid},
    {.name = "nanosleep", .nr = SYS_clock_nanosleep, .block = block_nanosleep},
};
#define WAYS (sizeof ways / sizeof *ways)

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *run(void *argument) {
    struct way *way = argument;
    pthread_mutex_lock(&printing);
    printf("{\"event\":\"thread\",\"name\":\"%s\",\"nr\":%ld,\"tid\":%d}\n", way->name, way->nr, gettid());
    pthread_mutex_unlock(&printing);
    pthread_barrier_wait(&announced);
    long long began = now();
    errno = 0;
    long result = way->block();
    int error = errno;
    long long ns = now() - began;
    if (way->block == block_mutex)
        pthread_mutex_unlock(&mutex);
    pthread_mutex_lock(&printing);
    printf("{\"event\":\"returned\",\"name\":\"%s\",\"tid\":%d,\"ret\":%ld,\"errno\":%d,\"ns\":%lld}\n", way->name,
           gettid(), result, error, ns);
    pthread_mutex_unlock(&printing);
    return NULL;
}

static void check(const char *what, int result) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

int main(void) {
    check("pipe2", pipe2(released, O_CLOEXEC));
    check("eventfd", event = eventfd(0, EFD_CLOEXEC));
    check("socket", listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    check("bind", bind(listener, (struct sockaddr *)&name, sizeof name));
    check("getsockname", getsockname(listener, (struct sockaddr *)&name, &length));
    check("listen", listen(listener, 1));
    char path[] = "/tmp/gostrace-cblocks-XXXXXX";
    check("mkstemp", locked = mkstemp(path));
    unlink(path);
    check("flock", flock(locked, LOCK_EX));
    pthread_mutex_lock(&mutex);
    word = 7;
    check("fork", child = fork());
    if (child == 0) {
        char c;
        close(released[1]);
        _exit((int)read(released[0], &c, 1));
    }
    pthread_barrier_init(&announced, NULL, WAYS + 1);
    for (size_t i = 0; i < WAYS; i++)
        if (pthread_create(&ways[i].thread, NULL, run, &ways[i]) != 0)
            return 1;
    pthread_barrier_wait(&announced);
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    int c;
    while ((c = getchar()) != EOF && c != '\n')
        ;
    close(released[1]);
    eventfd_write(event, 1);
    flock(locked, LOCK_UN);
    word = 0;
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
    pthread_mutex_unlock(&mutex);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check("connect", connect(client, (struct sockaddr *)&name, sizeof name));
    for (size_t i = 0; i < WAYS; i++)
        pthread_join(ways[i].thread, NULL);
    printf("{\"event\":\"done\"}\n");
    return 0;
}
