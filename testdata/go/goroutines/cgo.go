package main

/*
#include <pthread.h>
#include <unistd.h>

extern void fromC(void);

static void *foreign(void *arg) { fromC(); return 0; }
static void *idle(void *arg) { pause(); return 0; }

static void start(void) {
	pthread_t t;
	pthread_create(&t, 0, foreign, 0);
	pthread_create(&t, 0, idle, 0);
}
static void wait_in_c(void) { pause(); }
*/
import "C"

import (
	"sync"
	"syscall"
)

var inCallback = make(chan struct{})

// fromC runs on a thread that C made, and blocks there in a Go system call.
//
//export fromC
func fromC() {
	say("callback", syscall.Gettid())
	close(inCallback)
	blockInRead()
}

// blockInC: a goroutine in a C function, a thread of C in a callback, and one that never
// calls Go.
func blockInC(started *sync.WaitGroup) {
	locked("inc", started, func() { C.wait_in_c() })
	C.start()
	<-inCallback
}
