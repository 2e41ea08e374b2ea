// Callers records its own stack just before each of its system calls: ground truth for stacks.
//
//	callers [-calls 2000] [-workers 6] [-truth FILE] [-block]
//
// Each call is told by its argument: pread64(fd, buf, 8, SEQUENCE), or with -block
// clock_nanosleep(CLOCK_MONOTONIC, 0, {0, 12000000+SEQUENCE}). Goroutines are not locked to threads,
// and run under garbage collection, preemption and stack growth. Prints {"event":"ready","pid"}, starts
// after a line on standard input, then writes a JSON line a call to FILE (or standard output):
//
//	{"seq","tid","goid","stack":["main.leaf FILE:LINE",...]}
//
// and {"event":"done","calls":N}. The stack is runtime.Callers', from the caller of the function that
// makes the call (its own line differs between the two) down to runtime.goexit, inlined frames
// expanded. tid is of the thread that made the call: each goroutine is locked just for the call.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

type record struct {
	Seq   int64    `json:"seq"`
	Tid   int      `json:"tid"`
	Goid  int      `json:"goid"`
	Stack []string `json:"stack"`
	pcs   []uintptr
}

var (
	calls   = flag.Int64("calls", 2000, "calls in all")
	workers = flag.Int("workers", 6, "goroutines that make them")
	truth   = flag.String("truth", "", "where to list them")
	block   = flag.Bool("block", false, "sleep 12 ms in each call")

	next    int64
	file    *os.File
	mu      sync.Mutex
	records []*record
)

func main() {
	flag.Parse()
	var err error
	if file, err = os.Open("/proc/self/exe"); err != nil {
		log.Fatal(err)
	}
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
	bufio.NewReader(os.Stdin).ReadString('\n')

	stop := make(chan struct{})
	go allocate(stop)
	go compute(stop)
	var done sync.WaitGroup
	for i := 0; i < *workers; i++ {
		done.Add(1)
		index := i
		go func() { work(index, &done) }()
	}
	done.Wait()
	close(stop)
	if err := list(); err != nil {
		log.Fatal(err)
	}
	say(map[string]interface{}{"event": "done", "calls": len(records)})
}

var garbage [][]byte

// allocate keeps the garbage collector at work.
func allocate(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			garbage = garbage[:0]
			for i := 0; i < 64; i++ {
				garbage = append(garbage, make([]byte, 32<<10))
			}
			runtime.Gosched()
		}
	}
}

// compute never yields by itself: it is preempted by signal.
func compute(stop chan struct{}) {
	for n := uint32(0); ; n++ {
		if n == 0 {
			select {
			case <-stop:
				return
			default:
			}
			n = 1 << 31
		}
	}
}

// work makes calls by each shape of stack in turn.
func work(index int, done *sync.WaitGroup) {
	defer done.Done()
	shapes := []func(){plain, inlined, closures, deferred, generic, byInterface, byReflection, recursive, panicking, method}
	for i := index; atomic.LoadInt64(&next) < *calls; i++ {
		shapes[i%len(shapes)]()
	}
}

// act makes the call. Everything from its caller on is as runtime.Callers says.
//
//go:noinline
func act() {
	seq := atomic.AddInt64(&next, 1) - 1
	r := &record{Seq: seq, Goid: goid()}
	pcs := make([]uintptr, 128)
	pcs = pcs[:runtime.Callers(2, pcs)]
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r.Tid = syscall.Gettid()
	if *block {
		pause := syscall.Timespec{Nsec: 12000000 + seq}
		for {
			_, _, errno := syscall.Syscall6(syscall.SYS_CLOCK_NANOSLEEP, 1, 0, uintptr(unsafe.Pointer(&pause)), 0, 0, 0)
			if errno != syscall.EINTR {
				break
			}
		}
	} else {
		var b [8]byte
		syscall.Pread(int(file.Fd()), b[:], seq)
	}
	r.pcs = pcs
	mu.Lock()
	records = append(records, r)
	mu.Unlock()
}

//go:noinline
func plain() { act() }

func small() { smaller() }

func smaller() { act() }

//go:noinline
func inlined() {
	small()
	if atomic.LoadInt64(&next) < 0 {
		small()
	}
}

//go:noinline
func closures() {
	f := func(g func()) { g() }
	f(func() { act() })
}

//go:noinline
func deferred() {
	defer act()
	defer func() { recover() }()
}

type number interface{ ~int | ~string }

//go:noinline
func genericCall[T number](T) { act() }

//go:noinline
func generic() {
	genericCall(1)
	genericCall("one")
}

type actor interface{ do() }

type value struct{ _ [4]int }

//go:noinline
func (value) do() { act() }

//go:noinline
func byInterface() {
	for _, a := range []actor{value{}, &value{}} { // the pointer goes through a wrapper
		a.do()
	}
}

//go:noinline
func byReflection() { reflect.ValueOf(act).Call(nil) }

//go:noinline
func recursive() { recurse(40) }

// recurse uses enough stack to make it grow.
//
//go:noinline
func recurse(depth int) byte {
	var frame [256]byte
	if depth == 0 {
		act()
		return frame[0]
	}
	return recurse(depth-1) + frame[depth]
}

// panicking makes the call while a panic unwinds.
//
//go:noinline
func panicking() {
	defer func() { recover() }()
	defer func() { act() }()
	var p *int
	*p = 1
}

//go:noinline
func method() {
	items := sorted{3, 1}
	sort.Sort(items) // package sort between two frames of main
}

type sorted []int

func (s sorted) Len() int           { return len(s) }
func (s sorted) Less(i, j int) bool { act(); return s[i] < s[j] }
func (s sorted) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

func goid() int {
	var text [64]byte
	fields := bytes.Fields(text[:runtime.Stack(text[:], false)])
	id, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		log.Fatal(err)
	}
	return id
}

func list() error {
	out := os.Stdout
	if *truth != "" {
		var err error
		if out, err = os.Create(*truth); err != nil {
			return err
		}
		defer out.Close()
	}
	sort.Slice(records, func(i, j int) bool { return records[i].Seq < records[j].Seq })
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	for _, r := range records {
		frames := runtime.CallersFrames(r.pcs)
		for more := true; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); frame.Function != "" {
				r.Stack = append(r.Stack, fmt.Sprintf("%s %s:%d", frame.Function, frame.File, frame.Line))
			}
		}
		if err := lines.Encode(r); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
