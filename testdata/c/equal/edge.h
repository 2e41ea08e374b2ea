// What these programs share. Each makes calls with ordinary, boundary and bad arguments, for comparing
// what two tracers say of the same run: all that it passes is the same in each run (addresses too,
// without ASLR).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define CALL(...) ((long)syscall(__VA_ARGS__))
// Nothing is mapped here.
#define BAD ((void *)0xdeadf000)
// A number whose upper half a 32-bit argument does not see.
#define WIDE(n) (0xbadc0ded00000000UL | (uint32_t)(n))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

// Where the trace that is compared begins.
static inline void begin(void) { CALL(SYS_close, -77); }

// A copy of `size` bytes that ends where memory ends.
static inline void *tail(const void *data, size_t size) {
    size_t page = 4096, room = (size + page - 1) & ~(page - 1);
    char *at = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(at + room, page, PROT_NONE);
    return memcpy(at + room - size, data, size);
}
#define TAIL(object) tail(&(object), sizeof(object))
#define TAIL_STRING(text) ((char *)tail(text, strlen(text) + 1))
// Room for an object, of which nothing is known.
#define ROOM(type) tail(&(type){0}, sizeof(type))
