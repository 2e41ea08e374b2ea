// Work that a tracer must not spoil, whatever it does and however it ends; the program checks it
// itself.
//
//     torture threads   makes and ends 1,000 threads a second, each with a sum to tell
//     torture exec      executes itself from a thread that is not the leader, having forked and
//                       vforked, again and again
//     torture signals   receives SIGURG, SIGPROF and two realtime signals, 50,000 a second in all, from
//                       a child that counts what it sends
//     torture limits    meets its limits of threads and of memory all the time
//     torture brief MS  makes threads for so long and ends by itself, some of them running
//
// Prints {"event":"ready","pid":P}; after end of file on standard input {"event":"done","units":N,
// "wrong":W,...}: pieces of work, and those with a wrong result. What is wrong is told on standard
// error, too.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned long units, wrong;

static void check(int right, const char *what, long value) {
    units++;
    if (right)
        return;
    wrong++;
    fprintf(stderr, "torture: %s: %ld (errno %d)\n", what, value, errno);
}

static void say_ready(void) {
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
}

static int finish(void) {
    printf("{\"event\":\"done\",\"units\":%lu,\"wrong\":%lu}\n", units, wrong);
    return wrong != 0;
}

static int told_to_stop(void) {
    struct pollfd in = {.fd = 0, .events = POLLIN};
    return poll(&in, 1, 0) > 0;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void pause_us(long us) {
    struct timespec t = {.tv_nsec = us * 1000};
    nanosleep(&t, NULL);
}

// A sum that takes a pipe, a few calls and some computing.
static uint64_t sum(uint64_t seed, int through_kernel) {
    uint64_t hash = 0xcbf29ce484222325u ^ seed;
    int ends[2];
    if (through_kernel && pipe(ends) != 0)
        return 0;
    for (int i = 0; i < 16; i++) {
        hash = (hash ^ (uint64_t)i) * 0x100000001b3u;
        if (through_kernel) {
            uint64_t back = 0;
            if (write(ends[1], &hash, sizeof hash) != sizeof hash ||
                read(ends[0], &back, sizeof back) != sizeof back)
                back = 0;
            hash = back;
        }
    }
    if (through_kernel) {
        close(ends[0]);
        close(ends[1]);
    }
    return hash;
}

static void *sum_up(void *number) { return (void *)sum((uint64_t)number, 1); }

enum { ALIVE = 8 };

static int threads(void) {
    pthread_t alive[ALIVE];
    uint64_t n = 0, start = now_ns();
    say_ready();
    while (!told_to_stop()) {
        pthread_t *place = &alive[n % ALIVE];
        if (n >= ALIVE) {
            void *result;
            pthread_join(*place, &result);
            check((uint64_t)result == sum(n - ALIVE, 0), "sum of thread", (long)(n - ALIVE));
        }
        while (pthread_create(place, NULL, sum_up, (void *)n) != 0)
            pause_us(100);
        n++;
        uint64_t due = start + n * 1000000, now = now_ns();
        if (due > now)
            pause_us((long)((due - now) / 1000));
        else if (now > due + 100000000)
            start += now - due; // held up: what was missed is not made up for
    }
    for (uint64_t i = n < ALIVE ? 0 : n - ALIVE; i < n; i++)
        pthread_join(alive[i % ALIVE], NULL);
    return finish();
}

static char **own_argv;

static void *image(void *number) {
    long n = (long)number;
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit((int)(sum((uint64_t)n, 1) & 0x7f));
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == (int)(sum((uint64_t)n, 0) & 0x7f), "fork", status);
    status = -1;
    child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", "torture", "leaf", NULL);
        _exit(99);
    }
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 42, "vfork", status);
    if (told_to_stop())
        exit(finish());
    char words[3][24];
    snprintf(words[0], sizeof words[0], "%ld", n + 1);
    snprintf(words[1], sizeof words[1], "%lu", units);
    snprintf(words[2], sizeof words[2], "%lu", wrong);
    execl("/proc/self/exe", own_argv[0], "exec", words[0], words[1], words[2], NULL);
    check(0, "execve", n);
    exit(finish());
}

static int execs(int argc) {
    long n = 0;
    if (argc > 4) {
        n = strtol(own_argv[2], NULL, 10);
        units = strtoul(own_argv[3], NULL, 10);
        wrong = strtoul(own_argv[4], NULL, 10);
    } else {
        say_ready();
    }
    pthread_t caller;
    if (pthread_create(&caller, NULL, image, (void *)n) != 0)
        return 1;
    pthread_join(caller, NULL);
    return 1; // the thread ends the process, or replaces it
}

enum { KINDS = 4 };

// What both sides count, in memory that they share.
struct counts {
    atomic_ulong sent[KINDS], values_sent[KINDS];
    atomic_ulong received[KINDS], values_received[KINDS];
    atomic_int stop;
};
static struct counts *counts;

static int kind_of(int number) {
    return number == SIGURG ? 0 : number == SIGPROF ? 1 : number - SIGRTMIN == 3 ? 2 : 3;
}

static void receive(int number, siginfo_t *info, void *unused) {
    (void)unused;
    int kind = kind_of(number);
    counts->values_received[kind] += (unsigned long)info->si_value.sival_int;
    counts->received[kind]++;
}

enum { MOST_WAITING = 5000 };

static unsigned long waiting(int kind) { return counts->sent[kind] - counts->received[kind]; }

static void send_all(pid_t to) {
    int numbers[KINDS] = {SIGURG, SIGPROF, SIGRTMIN + 3, SIGRTMAX};
    int value = 0;
    uint64_t start = now_ns(), sent = 0;
    while (!counts->stop && getppid() == to) {
        for (int i = 0; i < 50; i++) {
            int kind = i % KINDS;
            value = value % 1000000 + 1;
            // The queue belongs to all processes of this user, whose timers need a place in it.
            while (kind >= 2 && !counts->stop && getppid() == to && waiting(kind) > MOST_WAITING)
                pause_us(1000);
            // A full queue refuses it: not sent, not counted.
            if (sigqueue(to, numbers[kind], (union sigval){.sival_int = value}) == 0) {
                counts->values_sent[kind] += (unsigned long)value;
                counts->sent[kind]++;
            }
        }
        sent += 50;
        uint64_t due = start + sent * 20000, now = now_ns();
        if (due > now)
            pause_us((long)((due - now) / 1000));
        else if (now > due + 100000000)
            start += now - due;
    }
    _exit(0);
}

static void *work(void *number) {
    for (uint64_t n = (uint64_t)number; !counts->stop; n++)
        if (sum(n, n % 7 == 0) != sum(n, 0))
            return (void *)1;
    return NULL;
}

static int receives(void) {
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_sigaction = receive, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigaction(SIGURG, &action, NULL);
    sigaction(SIGPROF, &action, NULL);
    sigaction(SIGRTMIN + 3, &action, NULL);
    sigaction(SIGRTMAX, &action, NULL);
    pid_t own = getpid(), sender = fork();
    if (sender == 0)
        send_all(own);
    pthread_t workers[2];
    for (uint64_t i = 0; i < 2; i++)
        if (pthread_create(&workers[i], NULL, work, (void *)(i << 32)) != 0)
            return 1;
    say_ready();
    while (!told_to_stop())
        pause_us(1000);
    counts->stop = 1;
    int status = -1;
    waitpid(sender, &status, 0);
    check(status == 0, "sender", status);
    for (int i = 0; i < 2; i++) {
        void *result;
        pthread_join(workers[i], &result);
        check(result == NULL, "sum of worker", i);
    }
    // What was sent to this process is delivered when none of it is pending any more.
    sigset_t pending;
    do {
        pause_us(1000);
        sigpending(&pending);
    } while (sigismember(&pending, SIGRTMIN + 3) || sigismember(&pending, SIGRTMAX) ||
             sigismember(&pending, SIGURG) || sigismember(&pending, SIGPROF));
    for (int kind = 0; kind < KINDS; kind++) {
        unsigned long sent = counts->sent[kind], received = counts->received[kind];
        int queued = kind >= 2; // the others coalesce
        check(queued ? received == sent : received <= sent, "signals received", (long)received);
        check(queued ? counts->values_received[kind] == counts->values_sent[kind]
                     : (received > 0) == (sent > 0),
              "signals sent", (long)sent);
        fprintf(stderr, "torture: kind %d: %lu sent, %lu received\n", kind, sent, received);
        units += received;
    }
    return finish();
}

static void *wait_for_gate(void *gate) {
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return gate;
}

enum { MOST = 64, UNPRIVILEGED = 54321 };

static int meets_limits(void) {
    // Root has no limit of processes.
    if (getuid() == 0 && (setgid(UNPRIVILEGED) != 0 || setuid(UNPRIVILEGED) != 0))
        return 1;
    prctl(PR_SET_DUMPABLE, 1);
    struct rlimit processes = {24, 24};
    struct rlimit memory = {512ul << 20, 512ul << 20};
    setrlimit(RLIMIT_NPROC, &processes);
    setrlimit(RLIMIT_AS, &memory);
    say_ready();
    while (!told_to_stop()) {
        pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
        pthread_mutex_lock(&gate);
        pthread_t made[MOST];
        int n = 0, error = 0;
        while (n < MOST && (error = pthread_create(&made[n], NULL, wait_for_gate, &gate)) == 0)
            n++;
        check(error == EAGAIN || error == ENOMEM, "limit of threads", n);
        void *blocks[MOST];
        int held = 0;
        while (held < MOST && (blocks[held] = malloc(32u << 20)) != NULL) {
            memset(blocks[held], held, 4096);
            held++;
        }
        check(held < MOST, "limit of memory", held);
        for (int i = 0; i < held; i++) {
            check(((unsigned char *)blocks[i])[4095] == i, "memory", i);
            free(blocks[i]);
        }
        pthread_mutex_unlock(&gate);
        for (int i = 0; i < n; i++) {
            void *result = NULL;
            pthread_join(made[i], &result);
            check(result == &gate, "thread", i);
        }
    }
    return finish();
}

static void *end_somehow(void *number) {
    pause_us((long)number * 50);
    return (void *)sum((uint64_t)number, 1);
}

static int brief(long ms) {
    uint64_t end = now_ns() + (uint64_t)ms * 1000000;
    // pthread_detach after the thread's end may find its memory gone (glibc bug 19951).
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    say_ready();
    for (uint64_t n = 0; now_ns() < end; n++) {
        pthread_t thread;
        pthread_create(&thread, &detached, end_somehow, (void *)(n % 40));
        if (n % 16 == 15)
            pause_us(500);
    }
    if (ms % 3 == 0)
        pthread_exit(NULL); // the leader first
    return 0; // in the middle of whatever the others do
}

int main(int argc, char **argv) {
    own_argv = argv;
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "threads") == 0)
        return threads();
    if (strcmp(what, "exec") == 0)
        return execs(argc);
    if (strcmp(what, "leaf") == 0)
        return 42;
    if (strcmp(what, "signals") == 0)
        return receives();
    if (strcmp(what, "limits") == 0)
        return meets_limits();
    if (strcmp(what, "brief") == 0 && argc > 2)
        return brief(strtol(argv[2], NULL, 10));
    return 2;
}
