// Blocks blocks in one system call, in one way of many, and gives its own account of it.
//
//	blocks list          one JSON line a way: {"name","call","nr","release"}
//	blocks NAME [MS]     block in that way until a line (or end of file) on standard input, or until
//	                     MS milliseconds have passed (0: no limit, the default)
//
// "release" says what ends the wait: "input" (as above), "timer" (the call's own timeout: MS, by
// default 300), "work" (it takes what it takes), "never" (the process ends instead).
//
// Output, when about to block and afterwards:
//
//	{"event":"ready","name","call","nr","args","pid","tid","goid","func","line"}
//	{"event":"done",... the same ...,"ns","ret","errno","interrupted"}
//
// A call that fails with EINTR (a tracer that attaches may do that to some) is made again, as Go's own
// packages do; interrupted says how often. func and line are of the user's function nearest to the
// call and of the line in it that makes it; ns is the time around the call, so never less than the
// call's own.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log"
	"os"
	"runtime"
	"sort"
	"strconv"
	"syscall"
	"time"
)

// way is one way to block. run arranges everything, calls b.raw or b.call once, and is given what to
// do on release through b.onRelease.
type way struct {
	call    string
	nr      int
	release string
	run     func(b *blocked)
}

const (
	byInput = "input"
	byTimer = "timer"
	byWork  = "work"
	never   = "never"
)

type blocked struct {
	name    string
	way     way
	limit   time.Duration
	account account
}

type account struct {
	Event string   `json:"event"`
	Name  string   `json:"name"`
	Call  string   `json:"call"`
	Nr    int      `json:"nr"`
	Args  []uint64 `json:"args,omitempty"`
	Pid   int      `json:"pid"`
	Tid   int      `json:"tid"`
	Goid  int      `json:"goid"`
	Func  string   `json:"func"`
	Line  int      `json:"line"`
	Ns    int64    `json:"ns"`
	Ret   int64    `json:"ret"`
	Errno int      `json:"errno"`

	Interrupted int `json:"interrupted"`
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("blocks: ")
	if len(os.Args) < 2 {
		log.Fatal("usage: blocks list | blocks NAME [MS]")
	}
	name := os.Args[1]
	switch name {
	case "list":
		list()
		return
	case "hold-child": // what exec-wait, wait4 and waitid wait for: it ends with its standard input
		bufio.NewReader(os.Stdin).ReadString('\n')
		return
	}
	w, ok := ways[name]
	if !ok {
		log.Fatalf("no such way: %s (see blocks list)", name)
	}
	b := &blocked{name: name, way: w}
	if len(os.Args) > 2 {
		ms, err := strconv.Atoi(os.Args[2])
		if err != nil {
			log.Fatalf("milliseconds: %v", err)
		}
		b.limit = time.Duration(ms) * time.Millisecond
	}
	if w.release == byTimer && b.limit == 0 {
		b.limit = 300 * time.Millisecond
	}
	go b.waitForRelease()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		w.run(b)
	}()
	<-done
}

func list() {
	var names []string
	for name, w := range ways {
		if isThere(w.nr) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		w := ways[name]
		print1(map[string]interface{}{"name": name, "call": w.call, "nr": w.nr, "release": w.release})
	}
}

// isThere says whether the kernel has a call, of those that not all have: what it is asked for here
// makes no sense to it.
func isThere(nr int) bool {
	switch nr {
	case sysIoUringEnter, sysEpollPwait2, sysFutexWaitv, sysFutexWait:
		const none = ^uintptr(0) // no descriptor has this number
		_, _, err := syscall.Syscall6(uintptr(nr), none, 0, 0, 0, 0, 0)
		return err != syscall.ENOSYS
	}
	return true
}

func print1(fact interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

// releases carries what ends the wait from the goroutine that is about to block.
var releases = make(chan func(), 1)

func (b *blocked) waitForRelease() {
	if b.way.release == byTimer || b.way.release == byWork {
		return
	}
	release := <-releases
	input := make(chan struct{})
	go func() {
		bufio.NewReader(os.Stdin).ReadString('\n')
		close(input)
	}()
	var limit <-chan time.Time
	if b.limit > 0 {
		limit = time.After(b.limit)
	}
	select {
	case <-input:
	case <-limit:
	}
	release()
}

// onRelease says how the wait is ended, just before it begins.
func (b *blocked) onRelease(f func()) { releases <- f }

// raw makes the system call by number. Its caller is the function that the account names.
//
//go:noinline
func (b *blocked) raw(args ...uintptr) {
	var a [6]uintptr
	copy(a[:], args)
	b.about()
	for _, arg := range a {
		b.account.Args = append(b.account.Args, uint64(arg))
	}
	print1(b.account)
	began := time.Now()
	for {
		r, _, errno := syscall.Syscall6(uintptr(b.way.nr), a[0], a[1], a[2], a[3], a[4], a[5])
		if errno != syscall.EINTR {
			b.done(began, int64(r), errno)
			return
		}
		b.account.Interrupted++
	}
}

// call makes the call by way of the standard library, on the line that calls it.
//
//go:noinline
func (b *blocked) call(f func() error) {
	b.about()
	print1(b.account)
	began := time.Now()
	err := f()
	errno, _ := err.(syscall.Errno)
	if err != nil && errno == 0 {
		log.Fatalf("%s: %v", b.name, err)
	}
	b.done(began, 0, errno)
}

//go:noinline
func (b *blocked) about() {
	pc, _, line, _ := runtime.Caller(2)
	b.account = account{
		Event: "ready", Name: b.name, Call: b.way.call, Nr: b.way.nr,
		Pid: os.Getpid(), Tid: syscall.Gettid(), Goid: goid(),
		Func: runtime.FuncForPC(pc).Name(), Line: line,
	}
}

func (b *blocked) done(began time.Time, ret int64, errno syscall.Errno) {
	b.account.Ns = time.Since(began).Nanoseconds()
	b.account.Event, b.account.Ret, b.account.Errno = "done", ret, int(errno)
	print1(b.account)
}

// goid is the number in the first line of the goroutine's own traceback.
func goid() int {
	var text [64]byte
	fields := bytes.Fields(text[:runtime.Stack(text[:], false)])
	id, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		log.Fatal(err)
	}
	return id
}

// must ends the program if setting up a wait failed.
func must(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

// sys makes a system call that must succeed, for the setting up.
func sys(what string, nr int, args ...uintptr) uintptr {
	var a [6]uintptr
	copy(a[:], args)
	r, _, errno := syscall.Syscall6(uintptr(nr), a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		log.Fatalf("%s: %v", what, errno)
	}
	return r
}
