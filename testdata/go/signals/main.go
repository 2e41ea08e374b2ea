// Signals counts the signals that reach it, realtime ones included, while one thread computes and one
// is blocked in read(2): nothing may be lost on the way through a tracer.
//
// Prints {"event":"ready","pid"}, a line {"event":"signal","number":N} for each signal, and after a line
// (or end of file) on standard input {"event":"done","counts":{"10":N,...}}. The Go runtime merges
// signals of one number that are pending together, realtime ones too: to count, send the next when
// the last has been reported (testdata/c/signals.c counts what is sent in a burst).
//
// SIGTSTP and SIGCONT are not caught: it can be stopped and continued.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

func main() {
	arrived := make(chan os.Signal, 1024) // Notify never blocks, it drops
	signal.Notify(arrived, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	for n := 35; n <= 64; n++ { // 34 is glibc's, with cgo
		signal.Notify(arrived, syscall.Signal(n))
	}
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		log.Fatal(err)
	}
	go func() {
		var b [1]byte
		for {
			if _, err := syscall.Read(pipe[0], b[:]); err != syscall.EINTR {
				return
			}
		}
	}()
	go func() {
		for n := uint64(1); ; n++ {
			if n%1000003 == 0 {
				syscall.Getppid()
			}
		}
	}()
	say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
	stop := make(chan struct{})
	go func() {
		bufio.NewReader(os.Stdin).ReadString('\n')
		close(stop)
	}()
	counts := map[string]int{}
	for {
		select {
		case s := <-arrived:
			number := int(s.(syscall.Signal))
			counts[strconv.Itoa(number)]++
			say(map[string]interface{}{"event": "signal", "number": number})
		case <-stop:
			say(map[string]interface{}{"event": "done", "counts": counts})
			return
		}
	}
}

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
