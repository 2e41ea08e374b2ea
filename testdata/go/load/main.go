// Load keeps an HTTP server busy on a fixed number of keep-alive connections, as fast as it answers.
//
//	load [-conns 16] ADDR
//
// Prints {"event":"ready","pid"} when each connection has had an answer; for each line on standard
// input {"event":"count","count":N,"ns":T}: requests that were answered, by the monotonic clock; ends
// at end of file. An answer that is not 200, or an error, ends it with status 1.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("load: ")
	conns := flag.Int("conns", 16, "connections")
	flag.Parse()
	var answers atomic.Int64
	var first sync.WaitGroup
	for i := 0; i < *conns; i++ {
		first.Add(1)
		go keepBusy(flag.Arg(0), &answers, first.Done)
	}
	first.Wait()
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	began := time.Now()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Printf("{\"event\":\"count\",\"count\":%d,\"ns\":%d}\n", answers.Load(), time.Since(began).Nanoseconds())
	}
}

func keepBusy(addr string, answers *atomic.Int64, afterFirst func()) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	request := []byte("GET / HTTP/1.1\r\nHost: " + addr + "\r\nX-Sequence: 1\r\n\r\n")
	in := bufio.NewReader(conn)
	for {
		if _, err := conn.Write(request); err != nil {
			log.Fatal(err)
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			log.Fatalf("status %d, %v", response.StatusCode, err)
		}
		answers.Add(1)
		if afterFirst != nil {
			afterFirst()
			afterFirst = nil
		}
	}
}
