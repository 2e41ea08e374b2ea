// x86-64 only: a 64-bit process that makes calls through int 0x80, the 32-bit door, where the numbers
// are i386's: getpid is 20 (64-bit: writev), close is 6 (lstat). A tracer that reads only orig_rax
// names them wrongly. On each line of standard input it makes, by int 0x80, getpid and
// close(3000000), and through the 64-bit door close(3000001); at end of file it prints
// {"event":"done","rounds":N,"getpid":PID,"close":-9}.
#include <stdio.h>
#include <unistd.h>

#ifdef __x86_64__
static int int80(int number, int first) {
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

int main(void) {
    int rounds = 0, pid = 0, error = 0;
    char c;
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    while (read(0, &c, 1) == 1)
        if (c == '\n') {
            pid = int80(20, 0);
            error = int80(6, 3000000);
            close(3000001);
            rounds++;
        }
    printf("{\"event\":\"done\",\"rounds\":%d,\"getpid\":%d,\"close\":%d}\n", rounds, pid, error);
    return 0;
}
#else
int main(void) { return 77; }
#endif
