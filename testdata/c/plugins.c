// plugins LIB LIB... loads each library, calls its plug_in(), which blocks for a while, and unloads
// it, so that the next may come to lie where it was; asks the vDSO for a clock that it has to ask the
// kernel for. Begins after a line on standard input, prints {"event":"ready"...} before and
// {"event":"done"} after it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline)) static int ask_clock(void) {
    struct timespec t;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) + (t.tv_sec < 0);
}

__attribute__((noinline)) static int call(const char *path) {
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    int (*plug_in)(void) = (int (*)(void))dlsym(library, "plug_in");
    int result = plug_in();
    return dlclose(library) + result;
}

int main(int argc, char **argv) {
    printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
    fflush(stdout);
    getchar();
    int result = ask_clock();
    for (int i = 1; i < argc; i++)
        result |= call(argv[i]);
    printf("{\"event\":\"done\"}\n");
    return result;
}
