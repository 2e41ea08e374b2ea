// Cgolock waits in C: for a mutex that another thread holds while it pauses ("mutex"), or for a
// condition that nobody signals ("condition").
//
//	cgolock mutex|condition
//
// Prints {"event":"ready","pid"}; ends at end of file on standard input.
package main

/*
#include <pthread.h>
#include <unistd.h>

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
	"runtime"
)

//go:noinline
func waitForMutex() { C.take() }

//go:noinline
func waitForCondition() { C.wait_for_condition() }

func main() {
	if os.Args[1] == "mutex" {
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
