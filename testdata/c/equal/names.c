// Names with bytes of each kind: of the process itself, of files and of sockets. What comes before a
// change of the name succeeds: strace 6.1 misses one that follows a failure.
#include "edge.h"
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int main(void) {
    begin();
    CALL(SYS_kill, getpid(), 0);
    const char *names[] = {"plain", "a b(c)", "x\ny\tz", "\033[31mred\033[m", "<q>\"'\\", "\1\2\3""7\0018", "\xff\xfe\x80", "gr\xc3\xbc\xc3\x9f", "1234567890123\xc3\xbc", "\177\r\f\v\a\b", "", "\n", "a\n", "3 > 2"};
    for (unsigned i = 0; i < COUNT(names); i++) {
        prctl(PR_SET_NAME, names[i]);
        CALL(SYS_kill, -getpid(), 0), CALL(SYS_kill, getpid(), 0), CALL(SYS_kill, getpid(), SIGCHLD);
        if (!*names[i])
            continue; // no file's
        int fd = open(names[i], O_RDWR | O_CREAT, 0600);
        CALL(SYS_close, fd), CALL(SYS_unlink, names[i]);
        struct sockaddr_un address = {AF_UNIX};
        int end = socket(AF_UNIX, SOCK_STREAM, 0);
        strcpy(address.sun_path, names[i]);
        // A line break would end its line in /proc/net/unix.
        if (!strchr(names[i], '\n'))
            CALL(SYS_bind, end, &address, sizeof address), CALL(SYS_listen, end, 1);
        CALL(SYS_close, end), CALL(SYS_unlink, names[i]);
        mkdir(names[i], 0700), CALL(SYS_chdir, names[i]), CALL(SYS_openat, AT_FDCWD, "..", O_RDONLY);
        CALL(SYS_chdir, ".."), CALL(SYS_rmdir, names[i]);
    }
}
