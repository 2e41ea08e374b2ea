package main

import (
	"bytes"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type node struct {
	next *node
	_    [6]uintptr
}

// live is what the collector has to mark, all of it each time.
var live []*node

func fill(n int) {
	live = make([]*node, n)
	for i := range live {
		live[i] = &node{}
	}
}

// allocate makes garbage as fast as it can, while the heap may grow by so little that the
// collector never rests.
func allocate(percent int) {
	fill(400_000)
	debug.SetGCPercent(percent)
	for i := 0; i < 4; i++ {
		go makeGarbage(new(*node))
	}
}

func makeGarbage(keep **node) {
	for {
		*keep = &node{}
	}
}

// collect keeps the collector as busy, and allocates nothing.
func collect() {
	fill(400_000)
	go forever(runtime.GC)
}

// rawSleep sleeps in a call that the runtime is not told of, and that goes on when the runtime
// interrupts it: a read of a timer.
func rawSleep() {
	timer, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, 1, syscall.O_CLOEXEC, 0)
	if errno != 0 {
		must(errno)
	}
	times := [2]syscall.Timespec{1: syscall.NsecToTimespec(int64(400 * time.Millisecond))}
	syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, timer, 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	var expired [8]byte
	syscall.RawSyscall(syscall.SYS_READ, timer, uintptr(unsafe.Pointer(&expired)), 8)
	syscall.Close(int(timer))
}

// stopWorld has the world stopped over and over, while a goroutine sleeps.
func stopWorld(sleep func()) {
	go forever(sleep)
	go forever(func() {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	})
}

var table sync.Mutex

// takeTable needs the table for no time at all.
func takeTable() {
	table.Lock()
	table.Unlock()
	time.Sleep(time.Millisecond)
}

// holdTable sleeps while it has the table.
func holdTable() {
	table.Lock()
	time.Sleep(60 * time.Millisecond)
	table.Unlock()
	time.Sleep(20 * time.Millisecond)
}

// shareTable has goroutines take the table over and over.
func shareTable() {
	for i := 0; i < 4; i++ {
		go forever(takeTable)
	}
}

// queueAfterCalls has n goroutines return from calls to find that others keep the CPUs.
func queueAfterCalls(n int) {
	for i := 0; i < n; i++ {
		go forever(sleepRaw)
	}
	for i := 0; i < 8; i++ {
		go busy()
	}
}

// startCommand has os/exec copy what a shell and those that it starts write.
func startCommand(line string) *exec.Cmd {
	command := exec.Command("sh", "-c", line)
	command.Stdout = new(bytes.Buffer)
	must(command.Start())
	children = append(children, command)
	return command
}

func runCommand(line string) {
	startCommand(line).Wait()
}
