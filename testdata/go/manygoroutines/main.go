// Manygoroutines has very many goroutines, parked in a few different ways.
//
//	manygoroutines [-n 100000] [-mix] [-account] [-work 0] [-write FILE] [-vfork] [-stack FILE] [-count]
//
// With -mix each is parked under calls of many kinds, no two alike (mix.go). With -account what it
// prints first says who waits on what (account.go). With -vfork a thread waits in D state for a child.
// With -stack each line on standard input makes it write what runtime.Stack says of all goroutines to
// FILE and print {"event":"stack"}, until end of file. With -count each makes it say how much the -work
// pairs have done (count.go).
//
// Prints {"event":"ready","pid","n"}, and after a line (or end of file) on standard input
// {"event":"done","turns":N,"ns":T}: how often the -work pairs got their turn in how long.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

var (
	started sync.WaitGroup
	mu      sync.Mutex
	rw      sync.RWMutex
	never   = make(chan int)
	full    = make(chan int, 3)
	wg      sync.WaitGroup
	cond    = sync.NewCond(new(sync.Mutex))
	turns   atomic.Int64
)

//go:noinline
func receive() { started.Done(); <-never }

//go:noinline
func send() { started.Done(); full <- 1 }

//go:noinline
func choose() {
	started.Done()
	select {
	case <-never:
	case full <- 1:
	case <-time.After(24 * time.Hour):
	}
}

//go:noinline
func lock() { started.Done(); mu.Lock() }

//go:noinline
func readLock() { started.Done(); rw.RLock() }

//go:noinline
func waitGroup() { started.Done(); wg.Wait() }

//go:noinline
func condition() {
	cond.L.Lock()
	started.Done()
	cond.Wait()
}

//go:noinline
func sleep() { started.Done(); time.Sleep(24 * time.Hour) }

//go:noinline
func deep(n int) {
	if n > 0 {
		deep(n - 1)
		return
	}
	started.Done()
	<-never
}

// Two goroutines that pass a token for ever.
func work(in, out chan int) {
	for v := range in {
		turns.Add(1)
		out <- v + 1
	}
}

func write(f *os.File) {
	for {
		if _, err := f.Write([]byte("x")); err != nil {
			panic(err)
		}
		turns.Add(1)
		time.Sleep(time.Millisecond)
	}
}

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

func main() {
	n := flag.Int("n", 100000, "goroutines")
	workers := flag.Int("work", 0, "pairs of goroutines that keep running")
	file := flag.String("write", "", "a file that a goroutine writes to all the time")
	mix := flag.Bool("mix", false, "park each under calls of many kinds")
	account := flag.Bool("account", false, "say who waits on what")
	vforks := flag.Bool("vfork", false, "have a thread that waits for its child in D state")
	count := flag.Bool("count", false, "say at each line how much is done")
	stacks := flag.String("stack", "", "where to write what runtime.Stack says")
	flag.Parse()
	if *account {
		debug.SetGCPercent(-1)
	}
	mu.Lock()
	rw.Lock()
	wg.Add(1)
	for len(full) < cap(full) {
		full <- 0
	}
	started.Add(*n)
	ways := []func(){
		receive, send, choose, lock, readLock, waitGroup, condition, sleep, func() { deep(12) },
	}
	for i := 0; i < *n; i++ {
		switch way := ways[i%len(ways)]; {
		case *mix:
			seed := uint64(i)
			go func() { mixed(seed, way) }()
		case *account:
			number := i % len(ways)
			go func() { remember(number); way() }()
		default:
			go way()
		}
	}
	started.Wait()
	if *vforks {
		go vfork()
	}
	for i := 0; i < *workers; i++ {
		a, b := make(chan int), make(chan int)
		go work(a, b)
		go work(b, a)
		a <- 0
	}
	if *stacks != "" {
		stackText = make([]byte, 64<<20)
	}
	if *file != "" {
		f, err := os.Create(*file)
		if err != nil {
			panic(err)
		}
		go write(f)
	}
	// The last of them are on their way to where they park.
	time.Sleep(500 * time.Millisecond)
	if *account {
		say()
	}
	began := time.Now()
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d,\"n\":%d}\n", os.Getpid(), *n)
	if *count {
		io.Copy(turnWriter{began}, os.Stdin)
	}
	if *stacks != "" {
		io.Copy(stackWriter(*stacks), os.Stdin)
	}
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Printf("{\"event\":\"done\",\"turns\":%d,\"ns\":%d}\n", turns.Load(), time.Since(began).Nanoseconds())
	os.Exit(0)
}
