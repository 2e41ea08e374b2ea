package main

import (
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// pipe makes a pipe whose write end nobody writes to, and returns its read end.
func pipe(flags int) int {
	var fds [2]int
	must(syscall.Pipe2(fds[:], flags))
	return fds[0]
}

func readRaw(fd int) {
	var b [1]byte
	syscall.Read(fd, b[:])
}

func readParked() {
	in, _, err := os.Pipe()
	must(err)
	var b [1]byte
	in.Read(b[:])
}

// connected returns a connection in blocking mode whose peer says nothing and reads nothing.
func connected() (net.Conn, int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	conn, err := net.Dial("tcp", listener.Addr().String())
	must(err)
	file, err := conn.(*net.TCPConn).File()
	must(err)
	return conn, int(file.Fd())
}

func readSocket(timeout int64) {
	conn, fd := connected()
	if timeout > 0 {
		limit := syscall.Timeval{Sec: timeout}
		must(syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit))
	}
	var b [1]byte
	conn.Read(b[:])
}

func fillSocket() {
	conn, _ := connected()
	b := make([]byte, 1<<20)
	for {
		conn.Write(b)
	}
}

func waitForChild() {
	child := exec.Command("sleep", "600")
	must(child.Start())
	children = append(children, child)
	child.Wait()
}

func pollChild() {
	child := exec.Command("sleep", "600")
	must(child.Start())
	children = append(children, child)
	for {
		syscall.Wait4(child.Process.Pid, nil, syscall.WNOHANG, nil)
		time.Sleep(20 * time.Millisecond)
	}
}

func lockFile() int {
	fd, err := syscall.Open(path("lock"), syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	must(err)
	return fd
}

func holdLock() { must(syscall.Flock(lockFile(), syscall.LOCK_EX)) }

func waitForLock() {
	fd := lockFile()
	for syscall.Flock(fd, syscall.LOCK_EX) != nil {
	}
}

func tryLock() {
	fd := lockFile()
	for syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		time.Sleep(20 * time.Millisecond)
	}
}

func sleepRaw() {
	pause := syscall.NsecToTimespec(int64(40 * time.Millisecond))
	syscall.Nanosleep(&pause, nil)
}

func sleepParked() { time.Sleep(40 * time.Millisecond) }

func epoll() int {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must(err)
	return fd
}

var poller = epoll()

func pollTimed() {
	var events [1]syscall.EpollEvent
	syscall.EpollWait(poller, events[:], 40)
}

func pollIdle() {
	var events [1]syscall.EpollEvent
	for {
		syscall.EpollWait(poller, events[:], -1)
	}
}

func limitFiles(n uint64) {
	time.Sleep(time.Millisecond) // so that the runtime has its own descriptors
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n}))
}

func openAll() {
	for {
		if _, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0); err != nil {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// leak opens files by and by, and closes none.
func leak() {
	for {
		time.Sleep(40 * time.Millisecond)
		syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	}
}

func openHalf() {
	for i := 0; i < 24; i++ {
		syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	}
	for {
		syscall.Open("/nowhere", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		time.Sleep(20 * time.Millisecond)
	}
}

func spin() {
	fd := pipe(syscall.O_NONBLOCK)
	var b [1]byte
	for {
		syscall.Read(fd, b[:])
	}
}

// readAndAgain reads as Go's poller does: until EAGAIN, after something has come.
func readAndAgain() {
	var fds [2]int
	must(syscall.Pipe2(fds[:], syscall.O_NONBLOCK))
	var b [1]byte
	for {
		syscall.Write(fds[1], b[:])
		syscall.Read(fds[0], b[:])
		syscall.Read(fds[0], b[:])
	}
}

// interrupt has a thread run f, and sends it a signal 500 times a second that the program handles.
func interrupt(f func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGUSR1)
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- syscall.Gettid()
		f()
	}()
	target := <-tid
	go forever(func() {
		time.Sleep(2 * time.Millisecond)
		syscall.Tgkill(os.Getpid(), target, syscall.SIGUSR1)
	})
}

func listen(backlog int) int {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(err)
	must(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(syscall.Listen(fd, backlog))
	return fd
}

// connectTo makes connections that nobody accepts, without waiting for them.
func connectTo(listener, n int) {
	addr, err := syscall.Getsockname(listener)
	must(err)
	for i := 0; i < n; i++ {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
		must(err)
		syscall.Connect(fd, addr)
	}
}

func manyThreads(n int) {
	fd := pipe(syscall.O_CLOEXEC)
	for i := 0; i < n; i++ {
		go readRaw(fd)
	}
}

func openFifo() {
	must(syscall.Mkfifo(path("fifo"), 0o600))
	for {
		syscall.Open(path("fifo"), syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	}
}

func create() {
	fd, err := syscall.Open(path("file"), syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|syscall.O_CLOEXEC, 0o600)
	if err == nil {
		syscall.Close(fd)
		syscall.Unlink(path("file"))
	}
	time.Sleep(time.Millisecond)
}

func busy() {
	for {
	}
}

// crowd has n goroutines, on a thread each, pass through one channel: its lock is the runtime's.
// Of many on few CPUs the kernel stops one that holds it, and the others wait.
func crowd(n int) {
	runtime.GOMAXPROCS(n)
	shared := make(chan int, 1)
	for i := 0; i < n; i++ {
		go forever(func() {
			select {
			case shared <- 1:
			default:
			}
			select {
			case <-shared:
			default:
			}
			if n < 4 {
				time.Sleep(time.Millisecond)
			}
		})
	}
}
