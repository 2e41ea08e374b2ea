// Goline has goroutines in every relation to thread and P that a call can be shown in, and says
// of each what that is.
//
//	goline        with GOMAXPROCS=1
//
// Prints {"event":"thread","name","goid","tid","p","locked","cgo","state"} for each, of them "p" the
// P that it had just before its call (-1: it says nothing of it). Then {"event":"ready","pid"}:
//
//	locked    in a read, locked to its thread
//	free      in a read
//	inc       in a read made by C that it has called (with cgo)
//	kept      waits on a channel, locked to its thread, which waits for it in a futex
//	holder    (main) in a raw read, of which the scheduler is not told: it has the only P
//
// After a line on standard input the holder goes on: it prints {"event":"stacks","text"}, the runtime's
// own traceback of all goroutines, makes short calls, pread64 with offsets from 0 on, on three P's,
// prints {"event":"short","p"}, the P before and after each of them, and ends.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"gostrace.test/fixtures/goline/pin"
)

// thread is what a goroutine says of itself just before its call.
type thread struct {
	Event  string `json:"event"`
	Name   string `json:"name"`
	Goid   int    `json:"goid"`
	Tid    int    `json:"tid"`
	P      int    `json:"p"`
	Locked bool   `json:"locked"`
	Cgo    bool   `json:"cgo"`
	State  string `json:"state"`
}

func say(what any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

// goid reads it from the runtime's own traceback.
func goid() int {
	var b [64]byte
	word := strings.Fields(string(b[:runtime.Stack(b[:], false)]))[1]
	id, err := strconv.Atoi(word)
	if err != nil {
		panic(err)
	}
	return id
}

func account(name, state string) thread {
	return thread{Event: "thread", Name: name, Goid: goid(), Tid: syscall.Gettid(), P: pin.P(), State: state}
}

// waits tells whether the thread is blocked in the call of this number.
func waits(tid, nr int) bool {
	dir := filepath.Join("/proc/self/task", strconv.Itoa(tid))
	call, err := os.ReadFile(filepath.Join(dir, "syscall"))
	if err != nil {
		panic(err)
	}
	return strings.HasPrefix(string(call), strconv.Itoa(nr)+" ")
}

// start runs f in a goroutine, and returns when its thread is in the call that f is to make after
// it has sent its account.
func start(nr int, f func(ready chan<- thread)) {
	ready := make(chan thread)
	go f(ready)
	t := <-ready
	for !waits(t.Tid, nr) {
		// With one P, it can only have come so far, or get further, while main has none.
		time.Sleep(time.Millisecond)
	}
	say(t)
}

// startInC is set where there is cgo.
var startInC func(fd int)

var never = make(chan int)

func main() {
	// A raw call keeps the world from being stopped.
	debug.SetGCPercent(-1)
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		panic(err)
	}
	read := func(name string, lock bool) func(chan<- thread) {
		return func(ready chan<- thread) {
			if lock {
				runtime.LockOSThread()
			}
			t := account(name, "syscall")
			t.Locked = lock
			ready <- t
			var b [1]byte
			syscall.Read(fds[0], b[:])
		}
	}
	start(syscall.SYS_READ, read("locked", true))
	start(syscall.SYS_READ, read("free", false))
	if startInC != nil {
		startInC(fds[0])
	}
	start(syscall.SYS_FUTEX, func(ready chan<- thread) {
		runtime.LockOSThread()
		t := account("kept", "chan receive")
		t.Locked = true
		ready <- t
		<-never
	})

	// Main's thread shall stay the same.
	runtime.LockOSThread()
	t := account("holder", "running")
	t.Locked = true
	say(t)
	say(map[string]any{"event": "ready", "pid": os.Getpid()})
	rawRead(0)

	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	say(map[string]any{"event": "stacks", "text": string(stacks)})
	runtime.GOMAXPROCS(3)
	runtime.UnlockOSThread()
	// These move it from P to P.
	for i := 0; i < 3; i++ {
		go func() {
			for {
				runtime.Gosched()
			}
		}()
	}
	shortReads()
}

// rawRead is a read of which the scheduler is not told.
//
//go:noinline
func rawRead(fd int) {
	var b [1]byte
	for {
		// A tracer's interruption is not seen: reads of pipes are restarted.
		_, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), 1)
		if errno != syscall.EINTR {
			return
		}
	}
}

// shortReads makes calls that no P is lost for, as a rule: each reads a byte that is there, and its
// offset is its number.
func shortReads() {
	zero, err := syscall.Open("/dev/zero", syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	var ps [reads][2]int
	var b [1]byte
	for i := range ps {
		runtime.Gosched()
		ps[i][0] = pin.P()
		if _, err := syscall.Pread(zero, b[:], int64(i)); err != nil {
			panic(err)
		}
		ps[i][1] = pin.P()
	}
	say(map[string]any{"event": "short", "p": ps})
}

const reads = 300
