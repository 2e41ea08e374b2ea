// Counted makes a known number of system calls on a known number of threads: ground truth for "not
// one lost, doubled or misattributed".
//
//	counted [-calls 100000] [-threads 8] [-truth FILE]
//
// It prints {"event":"ready","pid":...,"tids":[...]}, makes the calls after a line on standard input,
// and prints for each thread {"thread":...,"tid":...,"calls":...}, then {"event":"done","calls":...}.
// FILE gets one line a call, as "TID TAB SEQUENCE TAB CALL", in order per thread, CALL being written
// as strace -s 32 -X abbrev writes it, with the result that the call really had.
//
// Each call names its thread and its place in the sequence in its arguments (or its file descriptor
// and the order), and everything about it is the same in each run: descriptors (200 + 8*thread + n)
// and buffers (a page at 0x1000000000 + 4096*thread) are at fixed places. So two runs can be compared
// too. Calls that the Go runtime makes by itself use neither these descriptors nor these pages.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

const (
	firstFd   = 200
	fdsEach   = 8
	pagesAt   = 0x1000000000
	pageSize  = 4096
	badFd     = 1000000
	fileBytes = 1 << 16

	mapFixedNoreplace = 0x100000
	clockMonotonic    = 1
	timerAbstime      = 1
	futexWaitPrivate  = 128
	atFdcwd           = -100
)

type result struct {
	ret   uintptr
	errno syscall.Errno
}

type thread struct {
	index   int
	tid     int
	page    uintptr
	results []result
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("counted: ")
	calls := flag.Int("calls", 100000, "calls in all")
	threads := flag.Int("threads", 8, "threads")
	truth := flag.String("truth", "", "where to list the calls")
	flag.Parse()
	if *threads < 1 || *threads > 90 || *calls < *threads || *calls / *threads >= 1<<16 {
		log.Fatal("want 1 to 90 threads and at most 65535 calls on each")
	}
	runtime.GOMAXPROCS(*threads + 1)
	debug.SetGCPercent(-1)

	all := make([]*thread, *threads)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range all {
		t := &thread{index: i, page: pagesAt + uintptr(i)*pageSize, results: make([]result, share(*calls, *threads, i))}
		all[i] = t
		ready.Add(1)
		done.Add(1)
		go func() {
			runtime.LockOSThread()
			t.tid = syscall.Gettid()
			t.open()
			ready.Done()
			<-start
			t.run()
			done.Done()
		}()
	}
	ready.Wait()
	tids := make([]int, len(all))
	for i, t := range all {
		tids[i] = t.tid
	}
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid(), "tids": tids})
	bufio.NewReader(os.Stdin).ReadString('\n')
	close(start)
	done.Wait()

	for _, t := range all {
		say(map[string]interface{}{"thread": t.index, "tid": t.tid, "calls": len(t.results)})
	}
	if *truth != "" {
		if err := list(*truth, all); err != nil {
			log.Fatal(err)
		}
	}
	say(map[string]interface{}{"event": "done", "calls": *calls})
}

// share is how many of the calls thread i makes: their sum is calls.
func share(calls, threads, i int) int {
	n := calls / threads
	if i < calls%threads {
		n++
	}
	return n
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

func (t *thread) fd(n int) uintptr { return uintptr(firstFd + t.index*fdsEach + n) }

// The descriptors of a thread.
const (
	fdFile = iota
	fdNull
	fdSocket
	fdEpoll
)

// Offsets in a thread's page.
const (
	offFutex  = 0    // 0
	offIn     = 64   // what is read
	offOut    = 256  // what is written
	offPath   = 512  // what is opened
	offTime   = 768  // a timespec
	offEvents = 1024 // epoll_event
)

func (t *thread) open() {
	check("mmap", func() error {
		_, _, errno := syscall.Syscall6(syscall.SYS_MMAP, t.page, pageSize, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_PRIVATE|syscall.MAP_ANON|mapFixedNoreplace, ^uintptr(0), 0)
		return okay(errno)
	}())
	file, err := os.CreateTemp("", "gostrace-counted-")
	check("temporary file", err)
	os.Remove(file.Name())
	_, err = file.WriteString(strings.Repeat("0123456789abcdef", fileBytes/16))
	check("temporary file", err)
	t.move(int(file.Fd()), fdFile)
	null, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
	check("/dev/null", err)
	t.move(null, fdNull)
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	check("socketpair", err) // the other end stays open
	t.move(pair[0], fdSocket)
	epoll, err := syscall.EpollCreate1(0)
	check("epoll_create1", err)
	t.move(epoll, fdEpoll)
	copy(t.bytes(offOut, 64), fmt.Sprintf("thread %02d ................................", t.index))
	copy(t.bytes(offPath, 64), fmt.Sprintf("/nonexistent/%02d/00000\x00", t.index))
}

func okay(errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}

func check(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func (t *thread) move(fd, n int) {
	check("dup3", syscall.Dup3(fd, int(t.fd(n)), syscall.O_CLOEXEC))
}

func (t *thread) bytes(offset, length uintptr) []byte {
	var s []byte
	base := t.page + offset
	// The page is not Go's: its address never moves.
	s = unsafe.Slice(*(**byte)(unsafe.Pointer(&base)), length)
	return s
}

// call is one system call: its number, its arguments, and how strace writes it but for the result.
type call struct {
	nr   uintptr
	args [6]uintptr
}

const kinds = 10

// call prepares the memory for the call with this sequence number and returns it. It allocates
// nothing: nothing but these calls and the runtime's own happens between start and end.
func (t *thread) call(seq int) call {
	s := uintptr(seq)
	mark := uintptr(t.index)<<16 | s
	switch seq % kinds {
	case 0:
		return call{syscall.SYS_PREAD64, [6]uintptr{t.fd(fdFile), t.page + offIn, 1 + s%31, s}}
	case 1:
		return call{syscall.SYS_LSEEK, [6]uintptr{t.fd(fdFile), mark, 0}}
	case 2:
		return call{syscall.SYS_FCNTL, [6]uintptr{badFd + mark, syscall.F_GETFD}}
	case 3:
		digits(t.bytes(offOut+10, 5), seq)
		return call{syscall.SYS_WRITE, [6]uintptr{t.fd(fdNull), t.page + offOut, 15 + s%10}}
	case 4:
		return call{syscall.SYS_FUTEX, [6]uintptr{t.page + offFutex, futexWaitPrivate, 1<<24 | mark, 0}}
	case 5:
		return call{syscall.SYS_RECVFROM, [6]uintptr{t.fd(fdSocket), t.page + offIn, 1 + s, syscall.MSG_DONTWAIT, 0, 0}}
	case 6:
		*(*syscall.Timespec)(unsafe.Pointer(&t.bytes(offTime, 16)[0])) = syscall.Timespec{Sec: int64(t.index), Nsec: int64(seq)}
		return call{syscall.SYS_CLOCK_NANOSLEEP, [6]uintptr{clockMonotonic, timerAbstime, t.page + offTime, 0}}
	case 7:
		return call{syscall.SYS_EPOLL_PWAIT, [6]uintptr{t.fd(fdEpoll), t.page + offEvents, 1 + mark, 0, 0, 8}}
	case 8:
		digits(t.bytes(offPath+16, 5), seq)
		dir := atFdcwd
		return call{syscall.SYS_OPENAT, [6]uintptr{uintptr(dir), t.page + offPath, syscall.O_RDONLY | syscall.O_CLOEXEC, 0}}
	default:
		return call{syscall.SYS_CLOSE, [6]uintptr{badFd + mark}}
	}
}

func digits(to []byte, n int) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
	}
}

// run makes the calls: even threads as user code does, odd ones through RawSyscall6, which keeps the
// P, so that the runtime preempts them with SIGURG in mid-call.
func (t *thread) run() {
	for seq := range t.results {
		c := t.call(seq)
		var r result
		if t.index%2 == 0 {
			r.ret, _, r.errno = syscall.Syscall6(c.nr, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
		} else {
			r.ret, _, r.errno = syscall.RawSyscall6(c.nr, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
		}
		t.results[seq] = r
	}
}

// text is how strace writes the call.
func (t *thread) text(seq int) string {
	c := t.call(seq)
	a := c.args
	switch c.nr {
	case syscall.SYS_PREAD64:
		ring := strings.Repeat("0123456789abcdef", 4)
		return fmt.Sprintf("pread64(%d, %q, %d, %d)", a[0], ring[a[3]%16:][:a[2]], a[2], a[3])
	case syscall.SYS_LSEEK:
		return fmt.Sprintf("lseek(%d, %d, SEEK_SET)", a[0], a[1])
	case syscall.SYS_FCNTL:
		return fmt.Sprintf("fcntl(%d, F_GETFD)", a[0])
	case syscall.SYS_WRITE:
		return fmt.Sprintf("write(%d, %q, %d)", a[0], t.bytes(offOut, a[2]), a[2])
	case syscall.SYS_FUTEX:
		return fmt.Sprintf("futex(%#x, FUTEX_WAIT_PRIVATE, %d, NULL)", a[0], a[2])
	case syscall.SYS_RECVFROM:
		return fmt.Sprintf("recvfrom(%d, %#x, %d, MSG_DONTWAIT, NULL, NULL)", a[0], a[1], a[2])
	case syscall.SYS_CLOCK_NANOSLEEP:
		return fmt.Sprintf("clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=%d, tv_nsec=%d}, NULL)", t.index, seq)
	case syscall.SYS_EPOLL_PWAIT:
		return fmt.Sprintf("epoll_pwait(%d, [], %d, 0, NULL, 8)", a[0], a[2])
	case syscall.SYS_OPENAT:
		return fmt.Sprintf("openat(AT_FDCWD, %q, O_RDONLY|O_CLOEXEC)", t.bytes(offPath, 21))
	default:
		return fmt.Sprintf("close(%d)", a[0])
	}
}

func (r result) text() string {
	switch r.errno {
	case 0:
		return fmt.Sprint(r.ret)
	case syscall.EAGAIN:
		return "-1 EAGAIN (Resource temporarily unavailable)"
	case syscall.EBADF:
		return "-1 EBADF (Bad file descriptor)"
	case syscall.ENOENT:
		return "-1 ENOENT (No such file or directory)"
	default:
		return fmt.Sprintf("-1 errno %d (%v)", int(r.errno), r.errno)
	}
}

func list(path string, all []*thread) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	for _, t := range all {
		for seq, r := range t.results {
			fmt.Fprintf(out, "%d\t%d\t%s = %s\n", t.tid, seq, t.text(seq), r.text())
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}
