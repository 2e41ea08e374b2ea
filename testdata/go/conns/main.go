// Conns has goroutines that wait for connections in Go's poller, each in a function whose name says
// how.
//
//	conns
//
// Prints {"event":"ready","pid"}; ends at end of file on standard input.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// accepted keeps the other ends, which say nothing and read nothing.
var accepted = make(chan net.Conn, 16)

//go:noinline
func accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		must(err)
		accepted <- conn
	}
}

//go:noinline
func readForEver(conn net.Conn) {
	var b [1]byte
	conn.Read(b[:])
}

//go:noinline
func readForAnHour(conn net.Conn) {
	must(conn.SetDeadline(time.Now().Add(time.Hour)))
	var b [1]byte
	conn.Read(b[:])
}

//go:noinline
func writeForEver(conn net.Conn) {
	// A deadline for reading is none for writing.
	must(conn.SetReadDeadline(time.Now().Add(time.Hour)))
	for {
		conn.Write(make([]byte, 1<<20))
	}
}

//go:noinline
func readPipe() {
	in, out, err := os.Pipe()
	must(err)
	defer out.Close() // else the collector closes it
	var b [1]byte
	in.Read(b[:])
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go accept(listener)
	for _, wait := range []func(net.Conn){readForEver, readForAnHour, writeForEver} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		must(err)
		go wait(conn)
	}
	go readPipe()
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	io.Copy(io.Discard, os.Stdin)
}
