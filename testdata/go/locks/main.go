// Locks passes tokens round a ring of goroutines by way of unbuffered channels, each hop under one of
// a few mutexes. Every other goroutine is locked to its thread, so that hops wake threads: much futex.
//
//	locks [-ring 8] [-tokens 3]
//
// Prints {"event":"ready","pid"}; for each line on standard input {"event":"count","count":N,"ns":T}:
// hops, by the monotonic clock; ends at end of file.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	ring := flag.Int("ring", 8, "goroutines")
	tokens := flag.Int("tokens", 3, "tokens")
	flag.Parse()
	var hops atomic.Int64
	locks := make([]sync.Mutex, 3)
	links := make([]chan int, *ring)
	for i := range links {
		links[i] = make(chan int)
	}
	for i := range links {
		go func(i int) {
			if i%2 == 0 {
				runtime.LockOSThread()
			}
			for token := range links[i] {
				lock := &locks[(token+i)%len(locks)]
				lock.Lock()
				hops.Add(1)
				lock.Unlock()
				links[(i+1)%len(links)] <- token
			}
		}(i)
	}
	for token := 0; token < *tokens; token++ {
		links[token*len(links) / *tokens] <- token
	}
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	began := time.Now()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Printf("{\"event\":\"count\",\"count\":%d,\"ns\":%d}\n", hops.Load(), time.Since(began).Nanoseconds())
	}
}
