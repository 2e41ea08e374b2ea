#include "edge.h"
#include <poll.h>
#include <sys/select.h>
int main(void) {
    begin();
    int ends[2];
    pipe2(ends, O_NONBLOCK);
    CALL(SYS_write, ends[1], "x", 1);
    struct pollfd fds[] = {
        {ends[0], POLLIN | POLLPRI | POLLOUT | POLLRDHUP, 0}, {ends[1], POLLOUT | POLLWRNORM, 0}, {-1, POLLIN, 0},
        {999, POLLERR | POLLHUP | POLLNVAL, 0}, {ends[0], 0, 0}, {ends[1], (short)0xffff, 0},
    };
    struct pollfd *at = TAIL(fds);
    CALL(SYS_poll, at, 6, 0);
    CALL(SYS_poll, at, 6, WIDE(1));
    CALL(SYS_poll, at + 5, 2, 0);
    CALL(SYS_poll, at + 6, 1, 0);
    CALL(SYS_poll, NULL, 42, 1);
    CALL(SYS_poll, at, WIDE(0), 1);
    CALL(SYS_poll, at, -1, 1);
    for (int i = 0; i < 6; i++) at[i] = (struct pollfd){ends[0], POLLPRI, 0};
    CALL(SYS_poll, at, 6, 0);
    struct pollfd *many = tail((struct pollfd[40]){{0}}, 40 * sizeof *many);
    for (int i = 0; i < 40; i++) many[i] = (struct pollfd){ends[1], POLLOUT, 0};
    CALL(SYS_poll, many, 40, 0);
    CALL(SYS_poll, many + 5, 36, 0);
    struct timespec zero = {0, 0}, soon = {0, 1000}, odd = {-1, 1000000001}, wide = {0xfacefeedL, 5};
    sigset_t set, full;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigfillset(&full);
    sigdelset(&full, SIGKILL);
    CALL(SYS_ppoll, at, 1, TAIL(zero), TAIL(set), 8);
    CALL(SYS_ppoll, at, WIDE(2), TAIL(soon), TAIL(full), 8);
    CALL(SYS_ppoll, at, 2, TAIL(odd), NULL, 8);
    CALL(SYS_ppoll, at, 2, (char *)TAIL(zero) + 8, NULL, 8);
    CALL(SYS_ppoll, many, 1, TAIL(wide), &set, 16);
    CALL(SYS_ppoll, many, 1, BAD, BAD, 8);
    CALL(SYS_ppoll, BAD, 2, &zero, (char *)TAIL(set) + 4, 8);
    fd_set in, out, except;
    FD_ZERO(&in); FD_ZERO(&out); FD_ZERO(&except);
    FD_SET(ends[0], &in); FD_SET(ends[1], &in); FD_SET(ends[1], &out); FD_SET(ends[0], &except);
    struct timeval tv = {0, 100}, tvodd = {-3, 1000001}, tvbig = {0x7fffffffffffL, 7};
    CALL(SYS_select, 8, TAIL(in), TAIL(out), TAIL(except), TAIL(tv));
    CALL(SYS_select, 8, TAIL(in), NULL, NULL, NULL);
    CALL(SYS_select, ends[1] + 1, &in, &in, NULL, TAIL(tvodd));
    CALL(SYS_select, 8, &in, NULL, NULL, TAIL(tvbig));
    CALL(SYS_select, -1, &in, NULL, &except, TAIL(tv));
    CALL(SYS_select, WIDE(0), NULL, NULL, NULL, TAIL(tv));
    CALL(SYS_select, 1025, &in, BAD, NULL, TAIL(tv));
    FD_ZERO(&in);
    FD_SET(999, &in);
    CALL(SYS_select, 1024, &in, NULL, NULL, TAIL(tv));
    CALL(SYS_select, 64, (char *)TAIL(in) + sizeof in, NULL, NULL, &tv);
    CALL(SYS_select, 1, NULL, NULL, NULL, (char *)TAIL(tv) + 8);
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    struct { sigset_t *set; size_t size; } six = {TAIL(set), 8}, odd6 = {(void *)&set, 16}, bad6 = {BAD, 8}, null6 = {NULL, 8};
    CALL(SYS_pselect6, 8, TAIL(in), NULL, NULL, TAIL(soon), TAIL(six));
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, TAIL(soon), TAIL(six));
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, TAIL(soon), TAIL(odd6));
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, TAIL(soon), TAIL(bad6));
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, TAIL(soon), TAIL(null6));
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, TAIL(odd), NULL);
    CALL(SYS_pselect6, 8, NULL, NULL, NULL, BAD, BAD);
}
