// Cgolock waits in C: for a mutex that another thread holds while it pauses ("mutex"), for a
// condition that nobody signals ("condition"); or in a thread that is sent signals, for the time to
// pass or a semaphore, which it gives up when interrupted ("nap", "semaphore") or does not ("not-nap").
//
//	cgolock mutex|condition|nap|not-nap|semaphore
//
// Prints {"event":"ready","pid"}; ends at end of file on standard input.
package main

/*
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

static sem_t semaphore;

static void nap_once(void) {
	struct timespec pause = {0, 300000000};
	nanosleep(&pause, NULL);
}

static void nap_in_full(void) {
	struct timespec pause = {0, 300000000};
	while (nanosleep(&pause, &pause))
		;
}

static void take_semaphore(void) {
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	sem_timedwait(&semaphore, &until);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void hold(void) {
	pthread_mutex_lock(&mutex);
	for (;;)
		pause();
}

static void take(void) {
	pthread_mutex_lock(&mutex);
}

static void wait_for_condition(void) {
	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&condition, &mutex);
}

static int is_held(void) {
	if (pthread_mutex_trylock(&mutex))
		return 1;
	pthread_mutex_unlock(&mutex);
	return 0;
}
*/
import "C"

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

//go:noinline
func waitForMutex() { C.take() }

//go:noinline
func waitForCondition() { C.wait_for_condition() }

//go:noinline
func napOnce() { C.nap_once() }

//go:noinline
func napInFull() { C.nap_in_full() }

//go:noinline
func takeSemaphore() { C.take_semaphore() }

// interrupted has a thread of its own run f over and over, and sends it a signal 50 times a second.
func interrupted(f func()) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- syscall.Gettid()
		for {
			f()
		}
	}()
	target := <-tid
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
			syscall.Tgkill(os.Getpid(), target, syscall.SIGUSR1)
		}
	}()
}

func main() {
	waits := map[string]func(){"nap": napOnce, "not-nap": napInFull, "semaphore": takeSemaphore}
	if wait := waits[os.Args[1]]; wait != nil {
		interrupted(wait)
	} else if os.Args[1] == "mutex" {
		go C.hold()
		for C.is_held() == 0 {
			runtime.Gosched()
		}
		go waitForMutex()
	} else {
		go waitForCondition()
		go waitForCondition()
	}
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	io.Copy(io.Discard, os.Stdin)
}
