// Demo is a small order service that is under load by itself and has the stalls that real services
// have. Each is in a function whose name says what it is (stalls.go), so that a trace can be checked
// at a glance. All traffic is on loopback, all files are in a temporary directory, and it ends by
// itself.
//
//	demo [-for 60s] [-healthy] [-addr 127.0.0.1:0] [-slower 1]
//
// Its first line is "demo: pid=PID addr=ADDR ready", its last "demo: done requests=N failures=N".
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var slower = flag.Int("slower", 1, "so many times as long waits, for a slow machine")

func ms(n int) time.Duration { return time.Duration(n**slower) * time.Millisecond }

func main() {
	log.SetFlags(0)
	log.SetPrefix("demo: ")
	lasts := flag.Duration("for", time.Minute, "how long to run")
	healthy := flag.Bool("healthy", false, "serve without stalls")
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	flag.Parse()
	if err := run(*addr, *lasts, *healthy); err != nil {
		log.Fatal(err)
	}
}

func run(addr string, lasts time.Duration, healthy bool) error {
	dir, err := os.MkdirTemp("", "gostrace-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()

	shop, err := openShop(ctx, dir, healthy)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: shop.routes()}
	go server.Serve(listener)

	fmt.Printf("demo: pid=%d addr=%s ready\n", os.Getpid(), listener.Addr())
	requests, failures := load(ctx, "http://"+listener.Addr().String(), shop.paths())

	// What is in flight may finish; a handler that hangs does not hold up the end.
	grace, cancelGrace := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancelGrace()
	server.Shutdown(grace)
	fmt.Printf("demo: done requests=%d failures=%d\n", requests, failures)
	return nil
}

// load asks for each path, one client a path, for the cheap page at some 200 requests a second, and
// for prices as often as they are had.
func load(ctx context.Context, base string, paths []string) (requests, failures int64) {
	var clients sync.WaitGroup
	client := func(path string, pause time.Duration) {
		defer clients.Done()
		for ctx.Err() == nil {
			atomic.AddInt64(&requests, 1)
			if err := get(ctx, base+path); err != nil && ctx.Err() == nil {
				log.Printf("%s: %v", path, err)
				atomic.AddInt64(&failures, 1)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
	for _, path := range paths {
		clients.Add(1)
		go client(path, ms(400))
	}
	for i := 0; i < 4; i++ {
		clients.Add(2)
		go client("/", ms(20))
		go client("/price", time.Millisecond)
	}
	clients.Wait()
	return requests, failures
}

// get ends with ctx: at the end nobody lets go what handlers wait for.
func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}
