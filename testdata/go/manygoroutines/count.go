package main

import (
	"fmt"
	"syscall"
	"time"
)

// turnWriter says how often the -work pairs got their turn so far, whatever is written to it:
// {"event":"turns","turns","ns","cpu_ns"}, of CLOCK_MONOTONIC and of the process's CPU time.
type turnWriter struct{ began time.Time }

func (w turnWriter) Write(p []byte) (int, error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	fmt.Printf("{\"event\":\"turns\",\"turns\":%d,\"ns\":%d,\"cpu_ns\":%d}\n",
		turns.Load(), time.Since(w.began).Nanoseconds(), use.Utime.Nano()+use.Stime.Nano())
	return len(p), nil
}
