// Makes happen what strace has lines for, one thing a run, in an order that no tracer changes: who
// has to wait for another first sees that it is blocked, by calls that the tests do not select.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static char *self;

static void ignore(int signal) { (void)signal; }
static void leave(int signal) { (void)signal, _exit(1); }

// Reads /proc/PID/task/TID/WHAT by calls that are not selected: open and pread64.
static int look(int pid, int tid, const char *what, char *text, int size) {
    snprintf(text, size, "/proc/%d/task/%d/%s", pid, tid, what);
    int fd = syscall(SYS_open, text, O_RDONLY);
    if (fd < 0)
        return 0;
    int n = syscall(SYS_pread64, fd, text, size - 1, 0);
    syscall(SYS_close_range, fd, fd, 0);
    text[n > 0 ? n : 0] = 0;
    return n > 0;
}

// Waits until the thread sleeps in this call.
static void until_blocked(int pid, int tid, int nr) {
    char call[256], stat[512];
    for (;;) {
        if (look(pid, tid, "syscall", call, sizeof call) && atoi(call) == nr && *call != 'r' &&
            look(pid, tid, "stat", stat, sizeof stat) && strstr(stat, ") S "))
            return;
        sched_yield();
    }
}

static void until_gone(int tid) {
    char text[256];
    while (look(getpid(), tid, "stat", text, sizeof text))
        sched_yield();
}

static volatile int reader_tid;

static void *reader(void *unused) {
    char c;
    reader_tid = gettid();
    syscall(SYS_read, ends[0], &c, 1);
    return unused;
}

// A call of one thread cut in two by those of another.
static void threads(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, reader, NULL);
    while (reader_tid == 0)
        sched_yield();
    until_blocked(getpid(), reader_tid, SYS_read);
    syscall(SYS_close, -1);
    syscall(SYS_chdir, "/nowhere");
    syscall(SYS_writev, ends[1], &(struct iovec){"x", 1}, 1);
    pthread_join(thread, NULL);
    until_gone(reader_tid);
    syscall(SYS_close, -2);
}

static void child_of(int parent, int nr) { until_blocked(parent, parent, nr); }

static void forks(void) {
    int status, parent = getpid();
    if (fork() == 0) {
        child_of(parent, SYS_wait4);
        syscall(SYS_chdir, "/nowhere");
        syscall(SYS_exit_group, 3);
    }
    syscall(SYS_wait4, -1, &status, 0, NULL);
    if (fork() == 0) {
        child_of(parent, SYS_wait4);
        syscall(SYS_kill, getpid(), SIGKILL);
    }
    syscall(SYS_wait4, -1, &status, 0, NULL);
    syscall(SYS_chdir, "/nowhere");
}

static void vforks(void) {
    char pid[16];
    int status;
    snprintf(pid, sizeof pid, "%d", getpid());
    char *argv[] = {self, "late", pid, NULL}, *none[] = {NULL};
    if (vfork() == 0) {
        syscall(SYS_execve, self, argv, none);
        _exit(1);
    }
    syscall(SYS_wait4, -1, &status, 0, NULL);
}

static void *executer(void *unused) {
    char *argv[] = {self, "late", "0", NULL}, *none[] = {NULL};
    reader_tid = gettid();
    until_blocked(getpid(), getpid(), SYS_pause);
    syscall(SYS_execve, self, argv, none);
    return unused;
}

static void exec_by_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, executer, NULL);
    while (reader_tid == 0)
        sched_yield();
    for (;;)
        syscall(SYS_pause);
}

// Each signal with what its siginfo holds.
static void signals(void) {
    siginfo_t info;
    int status;
    sigset_t timers, none;
    for (int i = 1; i <= 64; i++)
        signal(i, ignore);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_ptr = NULL});
    raise(SIGRTMAX);
    kill(getpid(), SIGUSR2);
    sigemptyset(&none), sigemptyset(&timers);
    sigaddset(&timers, SIGRTMIN), sigaddset(&timers, SIGALRM);
    sigprocmask(SIG_BLOCK, &timers, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    timer_t timer;
    event.sigev_value.sival_int = 7;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &(struct itimerspec){.it_value.tv_nsec = 1000}, NULL);
    sigsuspend(&none);
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 1000}, NULL);
    sigsuspend(&none);
    sigprocmask(SIG_UNBLOCK, &timers, NULL);
    memset(&info, 0, sizeof info);
    info.si_signo = SIGUSR1, info.si_code = -77, info.si_pid = getpid(), info.si_uid = 5;
    syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info);
    info.si_errno = 2, info.si_code = -3;
    syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info);
    for (int i = 0; i < 6; i++) {
        if (fork() == 0) {
            signal(SIGSEGV, leave), signal(SIGFPE, leave), signal(SIGSYS, leave);
            volatile int zero = 0;
            if (i == 0)
                abort();
            if (i == 1)
                prctl(PR_SET_NAME, "renamed"), syscall(SYS_chdir, "/nowhere"), _exit(3);
            if (i == 2)
                *(volatile int *)signals = 1;
            if (i == 3)
                *(volatile int *)NULL = 1;
            if (i == 4)
                _exit(1 / zero);
            struct sock_filter deny[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 5),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            prctl(PR_SET_SECCOMP, 2, &(struct sock_fprog){4, deny});
            getppid();
        }
        while (waitpid(-1, &status, 0) < 0 && errno == EINTR)
            ;
    }
}

// Stops, goes on, and calls that are restarted after.
static void stops(void) {
    int status, parent = getpid();
    sigset_t children;
    sigemptyset(&children), sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    int child = fork();
    if (child == 0) {
        struct timespec long_enough = {0, 300000000};
        syscall(SYS_nanosleep, &long_enough, NULL);
        child_of(parent, SYS_wait4);
        syscall(SYS_kill, getpid(), SIGTSTP);
        syscall(SYS_exit_group, 5);
    }
    until_blocked(child, child, SYS_nanosleep);
    kill(child, SIGSTOP);
    syscall(SYS_wait4, child, &status, WUNTRACED, NULL);
    kill(child, SIGCONT);
    syscall(SYS_wait4, child, &status, WUNTRACED, NULL);
    kill(child, SIGCONT);
    syscall(SYS_wait4, child, &status, 0, NULL);
}

// A call that a signal without a handler interrupts, which the kernel then goes on with.
static void restart(void) {
    int parent = getpid();
    if (fork() == 0) {
        child_of(parent, SYS_nanosleep);
        _exit(0);
    }
    syscall(SYS_nanosleep, &(struct timespec){0, 300000000}, NULL);
    syscall(SYS_chdir, "/nowhere");
}

// Calls with results of every kind, on files.
static void plain(void) {
    char text[64], more[8];
    struct iovec out[] = {{"abc", 3}, {"defghijklmnopqrstu", 18}}, in[] = {{text, 5}, {more, 8}};
    struct msghdr message = {.msg_iov = out, .msg_iovlen = 2};
    int fd = syscall(SYS_openat, AT_FDCWD, "/dev/zero", O_RDONLY);
    syscall(SYS_read, fd, text, 20);
    syscall(SYS_close, fd);
    fd = syscall(SYS_openat, AT_FDCWD, "sample", O_RDWR | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, fd, "hello, world\n\001\377 and more than sixteen bytes", 43);
    syscall(SYS_lseek, fd, 0, SEEK_SET);
    syscall(SYS_read, fd, text, 64);
    syscall(SYS_read, fd, (void *)8, 64);
    syscall(SYS_write, fd, (void *)8, 64);
    syscall(SYS_close, fd);
    syscall(SYS_chdir, "/nowhere");
    syscall(SYS_fchdir, -1);
    syscall(SYS_writev, ends[1], out, 2);
    syscall(SYS_readv, ends[0], in, 2);
    syscall(SYS_sendmsg, ends[1], &message, 0);
    syscall(SYS_umask, 022);
    syscall(SYS_unlink, "sample");
    syscall(0xbad, 1, 2, 3, 4, 5, 6);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    self = argv[0];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (strcmp(what, "plain") == 0)
        plain();
    else if (strcmp(what, "threads") == 0)
        threads();
    else if (strcmp(what, "forks") == 0)
        forks();
    else if (strcmp(what, "vforks") == 0)
        vforks();
    else if (strcmp(what, "exec") == 0)
        exec_by_thread();
    else if (strcmp(what, "signals") == 0)
        signals();
    else if (strcmp(what, "stops") == 0)
        stops();
    else if (strcmp(what, "restart") == 0)
        restart();
    else if (strcmp(what, "pause") == 0)
        syscall(SYS_pause);
    else if (strcmp(what, "late") == 0 && atoi(argv[2]) != 0)
        child_of(atoi(argv[2]), SYS_wait4);
    return 7;
}
