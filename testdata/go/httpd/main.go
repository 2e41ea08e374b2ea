// Httpd is a plain HTTP server, and the client that counts what fails, to attach to and detach from
// under load.
//
//	httpd                          prints {"event":"ready","pid":...,"addr":"..."}, serves until a
//	                               line or end of file on standard input, prints totals
//	httpd -client ADDR [-conns N]  keeps N connections busy, prints {"event":"ready"} when each has
//	                               had an answer, stops and prints totals in the same way
//
// The client retries nothing: an error, a wrong answer or a connection closed by the server is one
// failure, where net/http's own client would hide a lost connection behind a retry.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
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
	log.SetPrefix("httpd: ")
	client := flag.String("client", "", "be the client of this address")
	conns := flag.Int("conns", 8, "connections of the client")
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	flag.Parse()
	if *client != "" {
		runClient(*client, *conns)
	} else if err := runServer(*addr); err != nil {
		log.Fatal(err)
	}
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

// toldToStop returns when a line or end of file arrives on standard input.
func toldToStop() { bufio.NewReader(os.Stdin).ReadString('\n') }

func runServer(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	var requests int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		atomic.AddInt64(&requests, 1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if r.URL.Path == "/file" { // a file read, outside the poller
			file, err := os.Open(own)
			if err == nil {
				var head [4096]byte
				_, err = io.ReadFull(file, head[:])
				file.Close()
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		if r.URL.Path == "/slow" { // a timer, so that the poller has a deadline
			time.Sleep(time.Millisecond)
		}
		fmt.Fprintf(w, "%s %d %08x\n", r.Header.Get("X-Sequence"), len(body), crc32.ChecksumIEEE(body))
	})
	go http.Serve(listener, handler)
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid(), "addr": listener.Addr().String()})
	toldToStop()
	say(map[string]interface{}{"event": "done", "requests": atomic.LoadInt64(&requests)})
	return nil
}

type totals struct {
	requests, failures int64
	mu                 sync.Mutex
	firstError         string
	slowest            time.Duration
}

func runClient(addr string, conns int) {
	var t totals
	var stop int32
	var all, first sync.WaitGroup
	for i := 0; i < conns; i++ {
		all.Add(1)
		first.Add(1)
		go func(id int) {
			defer all.Done()
			t.keepBusy(addr, id, &stop, first.Done)
		}(i)
	}
	first.Wait()
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
	toldToStop()
	atomic.StoreInt32(&stop, 1)
	all.Wait()
	say(map[string]interface{}{
		"event": "done", "requests": t.requests, "failures": t.failures,
		"first_error": t.firstError, "slowest_ns": t.slowest.Nanoseconds(),
	})
}

func (t *totals) keepBusy(addr string, id int, stop *int32, afterFirst func()) {
	var conn net.Conn
	var in *bufio.Reader
	for sequence := 0; atomic.LoadInt32(stop) == 0; sequence++ {
		began := time.Now()
		err := func() (err error) {
			if conn == nil {
				if conn, err = net.Dial("tcp", addr); err != nil {
					return err
				}
				in = bufio.NewReader(conn)
			}
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			return exchange(conn, in, id, sequence)
		}()
		t.account(err, time.Since(began))
		if err != nil && conn != nil {
			conn.Close()
			conn = nil
		}
		if sequence == 0 {
			afterFirst()
		}
		time.Sleep(500 * time.Microsecond) // leaves the machine to others
	}
	if conn != nil {
		conn.Close()
	}
}

func (t *totals) account(err error, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
	if took > t.slowest {
		t.slowest = took
	}
	if err != nil {
		t.failures++
		if t.firstError == "" {
			t.firstError = err.Error()
		}
	}
}

// exchange sends one request with a body of its own and checks that the answer is to that request.
func exchange(conn net.Conn, in *bufio.Reader, id, sequence int) error {
	body := bytes.Repeat([]byte{byte(sequence)}, sequence%5000)
	path := []string{"/", "/file", "/slow"}[sequence%3]
	request, err := http.NewRequest("POST", "http://"+conn.RemoteAddr().String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d.%d", id, sequence)
	request.Header.Set("X-Sequence", name)
	if err := request.Write(conn); err != nil {
		return err
	}
	response, err := http.ReadResponse(in, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	want := fmt.Sprintf("%s %d %08x\n", name, len(body), crc32.ChecksumIEEE(body))
	if response.StatusCode != http.StatusOK || string(got) != want {
		return fmt.Errorf("status %d, answer %q, want %q", response.StatusCode, got, want)
	}
	if response.Close {
		return fmt.Errorf("the server closed the connection")
	}
	return nil
}
