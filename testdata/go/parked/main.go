// Parked has a goroutine or a thread in every kind of wait that the tests compare with the
// runtime's own tracebacks.
//
//	parked        prints {"event":"ready","pid"} and ends at end of file on standard input
//	parked -stack FILE
//	              the same, and each line there makes it write what runtime.Stack says of all
//	              goroutines to FILE, and print {"event":"stack"}; nobody is in a raw system
//	              call, which would not let it begin
//	parked gc     the same as the first, and then has a garbage collection that cannot begin: it waits for a
//	              goroutine in a raw system call
//
// With cgo there are threads in C, and in Go called back from C, too.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type box[T any] struct{ v T }

//go:noinline
func (b *box[T]) readPipe(fd int) {
	var buf [1]byte
	inlinedRead(fd, buf[:])
}

// Small enough to be inlined, on purpose.
func inlinedRead(fd int, b []byte) { syscall.Read(fd, b) }

//go:noinline
func generic[T any](fd int) { (&box[T]{}).readPipe(fd) }

type reader interface{ readPipe(fd int) }

// The method through an interface and an embedded pointer goes by a wrapper.
type wrapper struct{ *box[string] }

//go:noinline
func deep(n, fd int) {
	var pad [64]byte
	if n > 0 {
		deep(n-1, fd)
		pad[n%64]++
		sink = pad[0]
		return
	}
	var b [1]byte
	syscall.Read(fd, b[:])
}

var sink byte

func pipe() int {
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		panic(err)
	}
	return p[0]
}

//go:noinline
func rawRead(fd int) {
	var b [1]byte
	syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), 1)
}

//go:noinline
func deferred(fd int) {
	defer func() {
		if recover() != nil {
			var b [1]byte
			syscall.Read(fd, b[:])
		}
	}()
	panic("on purpose")
}

//go:noinline
func collect() { runtime.GC() }

// stackWriter writes what runtime.Stack says, the way it does without GOTRACEBACK, whatever is written
// to it. What SIGQUIT prints shows the runtime's own frames from then on.
type stackWriter string

// Not made when it is needed: that could begin a collection.
var stackText []byte

func (file stackWriter) Write(p []byte) (int, error) {
	text := stackText[:runtime.Stack(stackText, true)]
	debug.SetTraceback("system")
	if err := os.WriteFile(string(file), text, 0o666); err != nil {
		panic(err)
	}
	fmt.Println(`{"event":"stack"}`)
	return len(p), nil
}

// Set where cgo is.
var startC = func() {}

func main() {
	runtime.GOMAXPROCS(4)
	go func() { generic[int](pipe()) }()
	go generic[map[string][]int](pipe())
	go func() { var r reader = wrapper{&box[string]{}}; r.readPipe(pipe()) }()
	go deep(20, pipe())
	go deferred(pipe())
	stacks := len(os.Args) > 2 && os.Args[1] == "-stack"
	if !stacks {
		go rawRead(pipe())
	} else {
		stackText = make([]byte, 1<<20)
	}
	go func() {
		runtime.LockOSThread()
		time.Sleep(time.Hour)
	}()
	go func() {
		ts := syscall.Timespec{Sec: 3600}
		syscall.Nanosleep(&ts, nil)
	}()
	go func() {
		var addr uint32
		syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&addr)), 0, 0, 0, 0, 0)
	}()
	startC()
	sigs := make(chan os.Signal, 1)
	signal.Notify(sigs, syscall.SIGUSR1)
	go func() { <-sigs }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go l.Accept()
	var mu sync.Mutex
	mu.Lock()
	go mu.Lock()
	cmd := exec.Command("sleep", "3600")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan bool)
	go func() {
		// Pdeathsig is for the thread's death.
		runtime.LockOSThread()
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		started <- true
		cmd.Wait()
	}()
	<-started
	time.Sleep(300 * time.Millisecond)
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	var lines io.Writer = io.Discard
	switch {
	case stacks:
		lines = stackWriter(os.Args[2])
	case len(os.Args) > 1 && os.Args[1] == "gc":
		go collect()
	}
	io.Copy(lines, os.Stdin)
}
