/* A C program with Go in it: a thread of its own calls Run, of the shared object it is given the
 * path of, or (built with -DLINKED) linked with it.
 *
 *   gohost PATH        at once
 *   gohost PATH later  prints {"event":"waiting","pid"} and reads a line first
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void (*run)(void);

#ifdef LINKED
extern void Run(void);
#endif

__attribute__((noinline)) static void call_go(void) {
	run();
	__asm__ volatile("");
}

static void *of_c(void *unused) {
	call_go();
	return unused;
}

static void *idle(void *unused) {
	pause();
	return unused;
}

int main(int argc, char **argv) {
	if (argc > 2) {
		char line[16];
		printf("{\"event\":\"waiting\",\"pid\":%d}\n", getpid());
		fflush(stdout);
		if (!fgets(line, sizeof line, stdin))
			return 1;
	}
#ifdef LINKED
	run = Run;
#else
	void *library = dlopen(argv[1], RTLD_NOW);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	run = (void (*)(void))dlsym(library, "Run");
#endif
	pthread_t caller, other;
	pthread_create(&other, 0, idle, 0);
	pthread_create(&caller, 0, of_c, 0);
	pthread_join(caller, 0);
	return 0;
}
