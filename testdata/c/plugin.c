// A library for plugins.c. PLUG is the name of the function that blocks.
#define _GNU_SOURCE
#include <time.h>

__attribute__((noinline)) int PLUG(long ns) {
    struct timespec t = {.tv_nsec = ns};
    return nanosleep(&t, NULL) != 0;
}

int plug_in(void) { return PLUG(30000000) + PLUG(30000000); }
