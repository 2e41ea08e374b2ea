// Spawn makes and ends threads as fast as it is asked to, for attaching to a process whose threads
// come and go.
//
//	spawn [-rate 200] [-standing 8]
//
// Each short-lived thread makes one recognisable call, close(2000000+SEQUENCE), and ends: its
// goroutine returns while locked to it. Prints {"event":"ready","pid"}, and after a line (or end of
// file) on standard input {"event":"done","threads":N,"closed":[[BEFORE,AFTER],...]}, N being the
// sequence numbers used and the times CLOCK_MONOTONIC's, in nanoseconds, around each call.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	rate := flag.Int("rate", 200, "threads a second")
	standing := flag.Int("standing", 8, "threads that stay, blocked in read")
	flag.Parse()
	for i := 0; i < *standing; i++ {
		var pipe [2]int
		if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
			log.Fatal(err)
		}
		go func() {
			runtime.LockOSThread()
			var b [1]byte
			syscall.Read(pipe[0], b[:])
		}()
	}
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
	stop := make(chan struct{})
	go func() {
		bufio.NewReader(os.Stdin).ReadString('\n')
		close(stop)
	}()
	var closed []*[2]int64
	var alive sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(*rate))
	for {
		select {
		case <-stop:
			alive.Wait()
			say(map[string]interface{}{"event": "done", "threads": len(closed), "closed": closed})
			return
		case <-tick.C:
			alive.Add(1)
			times := new([2]int64)
			go shortLived(len(closed), times, alive.Done)
			closed = append(closed, times)
		}
	}
}

// shortLived ends its thread: a goroutine that returns locked takes its thread with it.
func shortLived(sequence int, times *[2]int64, done func()) {
	defer done()
	runtime.LockOSThread()
	times[0] = monotonic()
	syscall.Close(2000000 + sequence)
	times[1] = monotonic()
}

func monotonic() int64 {
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
