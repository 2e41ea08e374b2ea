// Paced makes system calls at a steady rate for as long as its standard input is open, and counts
// them: ground truth for a tracer that runs for long.
//
//	paced [-rate 5000] [-threads 4]
//
// It prints {"event":"ready","pid":...}, begins after a line on standard input, and answers each
// further line with {"event":"count",...} and the end of the input with {"event":"done",...}, both
// with how often it made each call.
//
// Nothing about it stands still as it does in a test: each batch of calls is made by a goroutine of
// its own, some of them on threads that end with it, on names that are new each time.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// A batch each, on every thread.
	period = 20 * time.Millisecond
	// One batch in so many takes its thread with it.
	mortal = 50
)

var preads, seeks, opens atomic.Int64

func main() {
	log.SetFlags(0)
	log.SetPrefix("paced: ")
	rate := flag.Int("rate", 5000, "calls a second")
	threads := flag.Int("threads", 4, "batches at once")
	flag.Parse()
	file, err := os.CreateTemp("", "gostrace-paced-")
	if err != nil {
		log.Fatal(err)
	}
	os.Remove(file.Name())
	if _, err := file.Write(make([]byte, 4096)); err != nil {
		log.Fatal(err)
	}
	input := bufio.NewScanner(os.Stdin)
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
	if !input.Scan() {
		return
	}
	each := *rate / *threads * int(period) / int(time.Second)
	end := make(chan struct{})
	var workers sync.WaitGroup
	for i := 0; i < *threads; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			pace(int(file.Fd()), each, end)
		}()
	}
	for input.Scan() {
		count("count")
	}
	close(end)
	workers.Wait()
	count("done")
}

// pace has batches made until the end, each when it is due; one that was late does not delay others.
func pace(fd, each int, end chan struct{}) {
	begin := time.Now()
	for n := 0; ; n++ {
		time.Sleep(time.Until(begin.Add(time.Duration(n) * period)))
		select {
		case <-end:
			return
		default:
		}
		made := make(chan struct{})
		go func() {
			defer close(made)
			if n%mortal == 0 {
				runtime.LockOSThread() // and never unlocked
			}
			batch(fd, each, n)
		}()
		<-made
	}
}

func batch(fd, each, n int) {
	buffer := make([]byte, 64)
	for i := 0; i < each; i++ {
		switch i % 5 {
		case 0, 1:
			preads.Add(1)
			syscall.Pread(fd, buffer, int64(i))
		case 2, 3:
			seeks.Add(1)
			syscall.Seek(fd, int64(n), 0)
		default:
			opens.Add(1)
			syscall.Open(fmt.Sprintf("/nonexistent/%d/%d", n, i), syscall.O_RDONLY, 0)
		}
	}
}

func count(event string) {
	say(map[string]interface{}{
		"event":   event,
		"pread64": preads.Load(), "lseek": seeks.Load(), "openat": opens.Load(),
	})
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
