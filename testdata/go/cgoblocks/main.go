// Cgoblocks blocks in C called from Go, in Go called back from C, in C below that, in threads that
// C has made, and in a signal handler of C. Prints {"event":"thread","name","tid"} for each, and
// {"event":"ready","pid","tid","nr"} when all have; lets them go after a line or end of file on
// standard input, has the vDSO make a call, then prints {"event":"done"}.
package main

/*
#cgo CFLAGS: -O1 -g
#include "blocks.h"
*/
import "C"

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

var fds [2]int

var wait sync.WaitGroup

//export goCallback
func goCallback(what C.int) {
	switch what {
	case C.IN_C:
		callNested()
	case C.IN_THREAD:
		readInGo("pthread-callback")
	default:
		readInGo("callback")
	}
}

//go:noinline
func callNested() { C.nested_read() }

//go:noinline
func readInGo(name string) {
	var b [1]byte
	fmt.Printf("{\"event\":\"thread\",\"name\":%q,\"tid\":%d}\n", name, syscall.Gettid())
	syscall.Read(fds[0], b[:])
}

//go:noinline
func callCond() { C.cond_outer() }

//go:noinline
func callCallback() { C.callback_outer(C.IN_GO) }

//go:noinline
func callNestedCallback() { C.callback_outer(C.IN_C) }

//go:noinline
func callAlloca() { C.alloca_outer(C.int(64 + len(os.Args))) }

//go:noinline
func callHandler() { C.handler_outer() }

//go:noinline
func callClock() { C.clock_outer() }

func start(f func()) {
	wait.Add(1)
	go func() {
		runtime.LockOSThread()
		defer wait.Done()
		f()
	}()
}

func main() {
	if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		panic(err)
	}
	C.use_pipe(C.int(fds[0]))
	for _, f := range []func(){callCond, callCallback, callNestedCallback, callAlloca, callHandler} {
		start(f)
	}
	C.make_threads()
	time.Sleep(300 * time.Millisecond)
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	bufio.NewReader(os.Stdin).ReadString('\n')
	syscall.Close(fds[1])
	C.release()
	wait.Wait()
	callClock()
	fmt.Println("{\"event\":\"done\"}")
}
