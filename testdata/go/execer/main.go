// Execer replaces itself by way of a thread that is not the leader, again and again: the leader's
// thread id then goes to the thread that called execve.
//
//	execer [-times 3] [-fork]
//
// The first image prints {"event":"ready","pid"}; each prints {"event":"image","n":N,"pid","tid"} (tid: of the thread about to call execve),
// waits for a line on standard input, and goes on; the last prints {"event":"done","n":N} after its
// line. With -fork each image also runs a child, `true`, and waits for it.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

func init() { runtime.LockOSThread() } // main keeps the leader thread

func main() {
	times := flag.Int("times", 3, "how many times to call execve")
	fork := flag.Bool("fork", false, "run a child in each image")
	n := flag.Int("image", 0, "which image this is")
	flag.Parse()
	if *fork {
		if err := exec.Command("true").Run(); err != nil {
			log.Fatal(err)
		}
	}
	own, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	next := []string{os.Args[0], "-times", strconv.Itoa(*times), "-fork=" + strconv.FormatBool(*fork), "-image", strconv.Itoa(*n + 1)}
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // not the leader, which main holds
		if *n == 0 {
			say(map[string]interface{}{"event": "ready", "pid": os.Getpid()})
		}
		say(map[string]interface{}{"event": "image", "n": *n, "pid": os.Getpid(), "tid": syscall.Gettid()})
		readLine()
		if *n < *times {
			log.Fatal(syscall.Exec(own, next, os.Environ()))
		}
		close(done)
	}()
	<-done
	say(map[string]interface{}{"event": "done", "n": *n})
}

// readLine takes a byte at a time: what a buffer had read ahead would be lost to the next image.
func readLine() {
	var b [1]byte
	for b[0] != '\n' {
		if n, err := os.Stdin.Read(b[:]); n == 0 || err != nil {
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
