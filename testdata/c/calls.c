// Makes each of the calls that can block, with ordinary, boundary and bad arguments, none of which
// waits for long: for comparing what two tracers say of the same run. Everything that it passes is
// the same in each run (addresses too, without ASLR), so it prints nothing of its own.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAD ((void *)0xdeadf000)
#define CALL(...) (void)syscall(__VA_ARGS__)

static char buffer[256];
static uint32_t word = 7;

static void waits(void) {
    struct timespec ms = {.tv_nsec = 1000000}, zero = {0}, odd = {.tv_sec = 1, .tv_nsec = 2000000000};
    struct timespec left;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CALL(SYS_nanosleep, &ms, NULL);
    CALL(SYS_nanosleep, &odd, &left);
    CALL(SYS_nanosleep, BAD, NULL);
    CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &ms, &left);
    CALL(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &zero, NULL);
    CALL(SYS_clock_nanosleep, 77, 3, &ms, NULL);
    CALL(SYS_futex, &word, FUTEX_WAIT, 6, NULL);
    CALL(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, &ms);
    CALL(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, &odd);
    CALL(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
    CALL(SYS_futex, &word, FUTEX_WAKE, 0x7fffffff);
    CALL(SYS_futex, &word, FUTEX_REQUEUE, 1, 2, &word, 0);
    CALL(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, BAD, 7);
    CALL(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, &word, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 3));
    CALL(SYS_futex, BAD, FUTEX_WAIT_PRIVATE, 1, NULL);
    CALL(SYS_futex, &word, 99, 1, NULL);
    CALL(SYS_poll, NULL, 0, 1);
    struct pollfd polled[2] = {{.fd = 1, .events = POLLOUT}, {.fd = -1, .events = POLLIN | POLLPRI}};
    CALL(SYS_poll, polled, 2, 0);
    CALL(SYS_poll, polled, 1, 1);
    CALL(SYS_poll, BAD, 3, 0);
    CALL(SYS_ppoll, polled, 2, &ms, &set, 8);
    ms = (struct timespec){.tv_nsec = 1000000}; // the kernel has written what was left
    CALL(SYS_ppoll, polled + 1, 1, &ms, NULL, 8);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(0, &in);
    FD_SET(1, &out);
    struct timeval us = {.tv_usec = 1000};
    CALL(SYS_select, 2, NULL, &out, NULL, &us);
    us = (struct timeval){.tv_usec = 1000};
    CALL(SYS_select, 0, NULL, NULL, NULL, &us);
    us = (struct timeval){.tv_usec = 1000};
    CALL(SYS_select, -1, &in, NULL, NULL, &us);
    ms = (struct timespec){.tv_nsec = 1000000};
    CALL(SYS_pselect6, 2, NULL, &out, NULL, &ms, NULL);
    int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x1234567890}, got[4];
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ev, &event);
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ev, &event);
    CALL(SYS_epoll_ctl, ep, EPOLL_CTL_DEL, 99, NULL);
    CALL(SYS_epoll_wait, ep, got, 4, 0);
    CALL(SYS_epoll_wait, ep, got, 0, 0);
    CALL(SYS_epoll_pwait, ep, got, 4, 1, NULL, 8);
    CALL(SYS_epoll_pwait, ep, got, 4, 1, &set, 8);
    ms = (struct timespec){.tv_nsec = 1000000};
    CALL(SYS_epoll_pwait2, ep, got, 4, &ms, NULL, 8);
    CALL(SYS_read, ev, buffer, 8);
    CALL(SYS_read, ev, buffer, 8);
    CALL(SYS_write, ev, "\1\0\0\0\0\0\0\0", 8);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct itimerspec soon = {.it_value.tv_sec = 1000};
    CALL(SYS_timerfd_settime, timer, 0, &soon, NULL);
    CALL(SYS_read, timer, buffer, 8);
    CALL(SYS_rt_sigtimedwait, &set, NULL, &ms, 8);
    CALL(SYS_rt_sigtimedwait, &set, NULL, BAD, 8);
    close(timer), close(ev), close(ep);
}

static void processes(void) {
    int status;
    struct rusage usage;
    siginfo_t info;
    CALL(SYS_wait4, -1, &status, WNOHANG, NULL);
    CALL(SYS_wait4, 12345678, BAD, WUNTRACED | WCONTINUED, &usage);
    CALL(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL);
    CALL(SYS_waitid, P_PIDFD, 999, NULL, WEXITED, NULL);
    CALL(SYS_waitid, 77, 1, &info, 0, NULL);
}

static void files(void) {
    char text[] = "The quick brown fox\njumps over\tthe \"lazy\" dog \1\2\3 and goes on and on";
    struct iovec parts[3] = {{text, 10}, {text + 10, 0}, {text + 20, 44}};
    int fd = open("calls.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    CALL(SYS_write, fd, text, sizeof text);
    CALL(SYS_write, fd, BAD, 5);
    CALL(SYS_write, fd, text, 0);
    CALL(SYS_writev, fd, parts, 3);
    CALL(SYS_writev, fd, BAD, 3);
    CALL(SYS_pwrite64, fd, text, 5, 3);
    CALL(SYS_pwritev, fd, parts, 2, 100, 0);
    CALL(SYS_pwritev2, fd, parts, 2, 100, 0, RWF_DSYNC);
    CALL(SYS_pread64, fd, buffer, 40, 0);
    CALL(SYS_pread64, fd, buffer, 40, -1);
    CALL(SYS_preadv, fd, parts, 3, 0, 0);
    CALL(SYS_lseek, fd, -5, SEEK_END);
    CALL(SYS_read, fd, buffer, 100);
    CALL(SYS_read, fd, buffer, 100);
    CALL(SYS_read, 999, buffer, 100);
    CALL(SYS_readv, fd, parts, 3);
    CALL(SYS_fsync, fd);
    CALL(SYS_fdatasync, fd);
    CALL(SYS_flock, fd, LOCK_EX | LOCK_NB);
    CALL(SYS_flock, fd, LOCK_UN);
    CALL(SYS_flock, fd, 99);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 10};
    CALL(SYS_fcntl, fd, F_SETLK, &lock);
    CALL(SYS_fcntl, fd, F_GETLK, &lock);
    lock.l_pid = 0;
    CALL(SYS_fcntl, fd, F_OFD_SETLKW, &lock);
    CALL(SYS_fcntl, fd, F_SETLKW, BAD);
    CALL(SYS_fcntl, fd, F_GETFL);
    CALL(SYS_fcntl, fd, F_SETFL, O_RDWR | O_NONBLOCK | O_APPEND);
    CALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 50);
    CALL(SYS_ftruncate, fd, 10);
    CALL(SYS_fallocate, fd, 0, 0, 100);
    CALL(SYS_openat, AT_FDCWD, "/nonexistent/file", O_WRONLY | O_APPEND | O_DIRECTORY, 0);
    CALL(SYS_openat, fd, "", O_PATH);
    CALL(SYS_openat, AT_FDCWD, BAD, O_RDONLY);
    CALL(SYS_openat, AT_FDCWD, NULL, O_RDONLY | O_CREAT, 0777);
    struct stat st;
    CALL(SYS_newfstatat, AT_FDCWD, "/nonexistent", &st, 0);
    CALL(SYS_faccessat, AT_FDCWD, "/", R_OK | X_OK);
    CALL(SYS_mkdirat, AT_FDCWD, "/proc/nonexistent", 0755);
    CALL(SYS_unlinkat, AT_FDCWD, "/nonexistent", AT_REMOVEDIR);
    CALL(SYS_renameat2, AT_FDCWD, "/nonexistent", AT_FDCWD, "/nonexistent2", 1);
    CALL(SYS_linkat, AT_FDCWD, "/nonexistent", AT_FDCWD, "/nonexistent2", 0);
    CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/nonexistent", buffer, 10);
    int ends[2];
    CALL(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK);
    CALL(SYS_splice, fd, NULL, ends[1], NULL, 5, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    CALL(SYS_tee, ends[0], ends[1], 5, SPLICE_F_NONBLOCK);
    CALL(SYS_vmsplice, ends[1], parts, 1, SPLICE_F_NONBLOCK);
    off_t offset = 2;
    CALL(SYS_sendfile, ends[1], fd, &offset, 3);
    CALL(SYS_sendfile, ends[1], fd, NULL, 3);
    CALL(SYS_copy_file_range, fd, NULL, fd, NULL, 0, 0);
    CALL(SYS_close_range, 900, 910, 0);
    CALL(SYS_dup3, fd, 60, O_CLOEXEC);
    CALL(SYS_close, 60);
    CALL(SYS_close, -1);
    close(ends[0]), close(ends[1]), close(fd), close(50);
    CALL(SYS_unlinkat, AT_FDCWD, "calls.tmp", 0);
}

static void sockets(void) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(2), .sin6_addr.s6_addr[15] = 1};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0calls"};
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    CALL(SYS_connect, tcp, &in, sizeof in);
    CALL(SYS_connect, tcp, &in6, sizeof in6);
    CALL(SYS_connect, tcp, BAD, 16);
    CALL(SYS_connect, tcp, &in, 2);
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(SYS_connect, local, &un, sizeof un);
    CALL(SYS_connect, local, &hidden, 8);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CALL(SYS_bind, server, &hidden, 8);
    CALL(SYS_listen, server, 5);
    CALL(SYS_accept, server, NULL, NULL);
    CALL(SYS_connect, local, &hidden, 8);
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int accepted = (int)syscall(SYS_accept4, server, &peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    length = 3;
    CALL(SYS_getsockname, server, &peer, &length);
    CALL(SYS_accept4, server, &peer, &length, 0x7);
    CALL(SYS_sendto, local, "hello\0world", 11, MSG_NOSIGNAL, NULL, 0);
    CALL(SYS_recvfrom, accepted, buffer, sizeof buffer, MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
    length = sizeof peer;
    CALL(SYS_recvfrom, accepted, buffer, 5, 0, &peer, &length);
    struct iovec parts[2] = {{buffer, 3}, {buffer + 100, 100}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    CALL(SYS_recvmsg, accepted, &message, MSG_TRUNC);
    CALL(SYS_recvmsg, accepted, &message, MSG_DONTWAIT);
    message.msg_name = &in, message.msg_namelen = sizeof in;
    CALL(SYS_sendmsg, local, &message, MSG_MORE | MSG_NOSIGNAL);
    CALL(SYS_sendmsg, local, BAD, 0);
    struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = parts, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = parts, .msg_iovlen = 2}}};
    CALL(SYS_sendmmsg, local, many, 2, MSG_DONTWAIT);
    CALL(SYS_recvmmsg, accepted, many, 2, MSG_DONTWAIT, NULL);
    CALL(SYS_shutdown, local, SHUT_WR);
    CALL(SYS_recvfrom, accepted, buffer, 5, 0, NULL, NULL);
    CALL(SYS_recvfrom, 999, buffer, 5, MSG_OOB | MSG_WAITALL, NULL, NULL);
    close(tcp), close(local), close(server), close(accepted);
}

static void queues(void) {
    struct sembuf operations[2] = {{0, -1, IPC_NOWAIT | SEM_UNDO}, {1, 1, 0}};
    struct timespec ms = {.tv_nsec = 1000000};
    CALL(SYS_semop, 999999, operations, 2);
    CALL(SYS_semtimedop, 999999, operations, 1, &ms);
    CALL(SYS_semtimedop, 999999, BAD, 1, NULL);
    CALL(SYS_msgrcv, 999999, buffer, 100, -3, IPC_NOWAIT | MSG_NOERROR);
    CALL(SYS_io_uring_enter, 999, 1, 2, 1, NULL, 8);
}

int main(void) {
    waits();
    processes();
    files();
    sockets();
    queues();
    return 0;
}
