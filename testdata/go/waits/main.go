// Waits makes calls that wait for a known time, between calls that do not: ground truth for a tracer
// that only looks now and then.
//
//	waits [-threads 4] [-calls 100] [-fast 20] [-longest 40] -truth FILE
//
// It prints {"event":"ready","pid":...,"tids":[...]}, begins after a line on standard input, and prints
// {"event":"done","calls":...,"failed":...}. FILE gets a line for each call that waits, in order per
// thread: "TID TAB EVENTS TAB NS TAB ASKED". The call is an epoll_pwait of up to EVENTS events, a number
// that no other call has; it took NS nanoseconds by the thread's own clock, of which it waited
// ASKED, its timeout: the rest the thread spent on a CPU or in the queue for one.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

const clockMonotonic = 1

type call struct {
	events, ns, asked int64
}

type waiter struct {
	index, tid  int
	epoll, zero int
	calls       []call
	failed      int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("waits: ")
	threads := flag.Int("threads", 4, "threads")
	calls := flag.Int("calls", 100, "calls that wait, on each thread")
	fast := flag.Int("fast", 20, "calls that do not, before each")
	longest := flag.Int("longest", 40, "milliseconds")
	truth := flag.String("truth", "", "where to list the calls")
	flag.Parse()

	all := make([]*waiter, *threads)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range all {
		w := &waiter{index: i}
		all[i] = w
		ready.Add(1)
		done.Add(1)
		go func() {
			runtime.LockOSThread()
			w.open()
			ready.Done()
			<-start
			random := rand.New(rand.NewSource(int64(w.index)))
			for n := 0; n < *calls; n++ {
				for k := 0; k < *fast; k++ {
					w.read()
				}
				w.wait(w.index**calls+n+1, random.Intn(*longest+1))
			}
			done.Done()
		}()
	}
	ready.Wait()
	tids := []int{}
	for _, w := range all {
		tids = append(tids, w.tid)
	}
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid(), "tids": tids})
	bufio.NewReader(os.Stdin).ReadString('\n')
	close(start)
	done.Wait()

	file, err := os.Create(*truth)
	must("truth", err)
	failed := 0
	for _, w := range all {
		for _, c := range w.calls {
			fmt.Fprintf(file, "%d\t%d\t%d\t%d\n", w.tid, c.events, c.ns, c.asked)
		}
		failed += w.failed
	}
	must("truth", file.Close())
	say(map[string]interface{}{"event": "done", "calls": *calls * *threads, "failed": failed})
}

func must(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	must("json", err)
	os.Stdout.Write(append(line, '\n'))
}

func (w *waiter) open() {
	var err error
	w.tid = syscall.Gettid()
	w.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must("epoll_create1", err)
	w.zero, err = syscall.Open("/dev/zero", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	must("/dev/zero", err)
}

func (w *waiter) read() {
	var b [8]byte
	_, err := syscall.Read(w.zero, b[:])
	must("read", err)
}

//go:noinline
func (w *waiter) wait(events, ms int) {
	var space [1]syscall.EpollEvent
	from := now()
	_, _, errno := syscall.Syscall6(syscall.SYS_EPOLL_PWAIT, uintptr(w.epoll),
		uintptr(unsafe.Pointer(&space)), uintptr(events), uintptr(ms), 0, 0)
	ns := now() - from
	if errno != 0 {
		w.failed++
	}
	w.calls = append(w.calls, call{int64(events), ns, int64(ms) * 1e6})
}

func now() int64 {
	var t syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&t)), 0)
	if errno != 0 {
		log.Fatal(errno)
	}
	return t.Nano()
}
