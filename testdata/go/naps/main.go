// Naps makes very many slow calls: each of its threads naps for a moment, over and over, below a few
// frames of Go. More calls than a tracer can write, if it is slow at it.
//
//	naps [-threads 64] [-nap 1ms]
//
// Prints {"event":"ready","pid"}; for each line on standard input {"event":"count","count":N,"ns":T}:
// naps that are over, by the monotonic clock; ends at end of file.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

//go:noinline
func below(frames int, nap time.Duration) {
	if frames > 0 {
		below(frames-1, nap)
		return
	}
	time := syscall.NsecToTimespec(nap.Nanoseconds())
	syscall.Nanosleep(&time, nil)
}

func main() {
	threads := flag.Int("threads", 64, "threads")
	nap := flag.Duration("nap", time.Millisecond, "how long each call takes")
	flag.Parse()
	var naps atomic.Int64
	for i := 0; i < *threads; i++ {
		go func() {
			runtime.LockOSThread()
			for {
				below(8, *nap)
				naps.Add(1)
			}
		}()
	}
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	began := time.Now()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Printf("{\"event\":\"count\",\"count\":%d,\"ns\":%d}\n", naps.Load(), time.Since(began).Nanoseconds())
	}
}
