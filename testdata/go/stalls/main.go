// Stalls stalls in one of the ways that gostrace has a finding for, or, under a name that begins with
// "not-", does what looks like it and is none.
//
//	stalls NAME [DIR]
//	stalls elsewhere NAME: in a network namespace of its own
//
// Prints {"event":"ready","pid"} when the stall is under way; ends at end of file on standard input,
// whose reading is a near miss itself: a blocking read that is meant to wait.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

var dir = os.TempDir()

func main() {
	if os.Args[1] == "elsewhere" {
		elsewhere(os.Args[2])
	}
	if os.Getenv("STALLS_ELSEWHERE") != "" {
		raiseLoopback()
	}
	if len(os.Args) > 2 {
		dir = os.Args[2]
	}
	stall, known := stalls[os.Args[1]]
	if !known {
		log.Fatal("no such stall")
	}
	stall()
	fmt.Printf("{\"event\":\"ready\",\"pid\":%d}\n", os.Getpid())
	io.Copy(io.Discard, blockingStdin{})
	for _, child := range children {
		child.Process.Kill()
	}
	os.Exit(0)
}

// blockingStdin is read by plain read(2), whatever os.Stdin would do.
type blockingStdin struct{}

func (blockingStdin) Read(b []byte) (int, error) {
	n, err := syscall.Read(0, b)
	if n == 0 && err == nil {
		err = io.EOF
	}
	if n < 0 {
		n = 0
	}
	return n, err
}

var children []*exec.Cmd

var stalls = map[string]func(){
	"blocking-pipe":     func() { go readRaw(pipe(syscall.O_CLOEXEC)) },
	"not-blocking-pipe": func() { go readParked() },
	"blocking-socket":   func() { go readSocket(0) },
	"timed-socket":      func() { go readSocket(30) },
	"full-socket":       func() { go fillSocket() },
	"child":             func() { go waitForChild() },
	"not-child":         func() { go pollChild() },
	"lock":              func() { holdLock(); go waitForLock() },
	"not-lock":          func() { holdLock(); go tryLock() },
	"sleep":             func() { go forever(sleepRaw) },
	"not-sleep":         func() { go forever(sleepParked) },
	"poll":              func() { go forever(pollTimed) },
	"not-poll":          func() { go pollIdle() },
	"files":             func() { limitFiles(64); go openAll() },
	"leak":              func() { limitFiles(64); go leak() },
	"not-files":         func() { limitFiles(64); go openHalf() },
	"spin":              func() { go spin() },
	"not-spin":          func() { go readAndAgain() },
	"interrupted":       func() { interrupt(pollIdle) },
	"not-interrupted":   func() { interrupt(func() { readRaw(pipe(0)) }) },
	"ring":              func() { waitForRing(true) },
	"not-ring":          func() { waitForRing(false) },
	"runtime-lock":      func() { crowd(64) },
	"not-runtime-lock":  func() { crowd(2) },
	"backlog":           func() { connectTo(listen(1), 4) },
	"not-backlog":       func() { connectTo(listen(64), 4) },
	"threads":           func() { manyThreads(96) },
	"not-threads":       func() { manyThreads(24) },
	"threads-and-busy":  func() { queueAfterCalls(320) },
	"assist":            func() { allocate(5) },
	"not-assist":        func() { collect() },
	"stop":              func() { stopWorld(rawSleep) },
	"not-stop":          func() { stopWorld(sleepRaw) },
	"table":             func() { go forever(holdTable); shareTable() },
	"not-table":         func() { shareTable() },
	"pipe-holder":       func() { go runCommand("sleep 30 &") },
	"not-pipe-holder":   func() { startCommand("exec sleep 30") },
	"create":            func() { go forever(create) },
	"busy":              func() { go forever(pollTimed); go busy() },
	"not-file-system":   func() { go openFifo() },
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func forever(f func()) {
	for {
		f()
	}
}

func path(name string) string { return filepath.Join(dir, name) }
