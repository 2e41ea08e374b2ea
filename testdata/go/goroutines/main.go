// Goroutines in known states. Each says who it is before it blocks:
//
//	g NAME GOID TID
//
// TID is 0 for those that are not locked to their thread. Then "ready PID". It runs until its
// standard input ends or it is killed; "grow N" on standard input makes N more goroutines that
// sleep, and is answered by "grown N"; "threads N" makes N more that each hold a thread; "churn N"
// makes N threads, four at a time, that each sleep for a moment and end, and then says "churned N".
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

var out sync.Mutex

// goid is the id that the runtime itself prints.
func goid() int {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	id, err := strconv.Atoi(strings.Fields(string(buf))[1])
	if err != nil {
		panic(err)
	}
	return id
}

func say(name string, tid int) {
	out.Lock()
	defer out.Unlock()
	fmt.Println("g", name, goid(), tid)
}

// locked runs block on a thread of its own, and says which.
func locked(name string, started *sync.WaitGroup, block func()) {
	started.Add(1)
	go func() {
		runtime.LockOSThread()
		say(name, syscall.Gettid())
		started.Done()
		block()
	}()
}

func free(name string, started *sync.WaitGroup, block func()) {
	started.Add(1)
	go func() {
		say(name, 0)
		started.Done()
		block()
	}()
}

func blockInRead() {
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		panic(err)
	}
	syscall.Read(p[0], make([]byte, 1))
}

// churn ends threads: a goroutine that ends while locked takes its thread along.
func churn(n int) {
	room := make(chan int, 4)
	var all sync.WaitGroup
	all.Add(n)
	for i := 0; i < n; i++ {
		room <- i
		go func() {
			defer all.Done()
			runtime.LockOSThread()
			pause := syscall.NsecToTimespec(5e6)
			syscall.Nanosleep(&pause, nil)
			<-room
		}()
	}
	all.Wait()
	fmt.Println("churned", n)
}

func main() {
	var started sync.WaitGroup
	never := make(chan int)
	var held sync.Mutex
	var rw sync.RWMutex
	held.Lock()
	rw.Lock()
	cond := sync.NewCond(new(sync.Mutex))
	var wg sync.WaitGroup
	wg.Add(1)

	say("main", 0)
	free("recv", &started, func() { <-never })
	free("send", &started, func() { never2 := make(chan int); never2 <- 1 })
	free("nilrecv", &started, func() { var c chan int; <-c })
	free("select", &started, func() {
		select {
		case <-never:
		case <-make(chan string):
		}
	})
	free("noselect", &started, func() { select {} })
	free("sleep", &started, func() { time.Sleep(time.Hour) })
	free("mutex", &started, func() { held.Lock() })
	free("rwmutex", &started, func() { rw.RLock() })
	free("cond", &started, func() { cond.L.Lock(); cond.Wait() })
	free("waitgroup", &started, func() { wg.Wait() })
	free("accept", &started, func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		l.Accept()
	})
	locked("read", &started, blockInRead)
	locked("lockedrecv", &started, func() { <-never })
	locked("epoll", &started, func() {
		fd, err := syscall.EpollCreate1(0)
		if err != nil {
			panic(err)
		}
		syscall.EpollWait(fd, make([]syscall.EpollEvent, 1), -1)
	})
	blockInC(&started)
	started.Wait()
	time.Sleep(200 * time.Millisecond)
	out.Lock()
	fmt.Println("ready", os.Getpid())
	out.Unlock()

	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var n int
		if _, err := fmt.Sscanf(in.Text(), "grow %d", &n); err == nil {
			for i := 0; i < n; i++ {
				go time.Sleep(time.Hour)
			}
			fmt.Println("grown", n)
		}
		if _, err := fmt.Sscanf(in.Text(), "churn %d", &n); err == nil {
			fmt.Println("grown", n)
			go churn(n)
		}
		if _, err := fmt.Sscanf(in.Text(), "threads %d", &n); err == nil {
			var more sync.WaitGroup
			for i := 0; i < n; i++ {
				locked("more", &more, blockInRead)
			}
			more.Wait()
			fmt.Println("grown", n)
		}
	}
	runtime.KeepAlive(never)
}
