package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"
)

// Numbers that package syscall does not have; the same on amd64 and arm64.
const (
	sysIoUringSetup = 425
	sysIoUringEnter = 426
	sysEpollPwait2  = 441
	sysFutexWaitv   = 449
	sysFutexWait    = 455
)

var ways = map[string]way{
	"read-pipe":     {"read", syscall.SYS_READ, byInput, readPipe},
	"read-never":    {"read", syscall.SYS_READ, never, readNever},
	"read-fifo":     {"read", syscall.SYS_READ, byInput, readFIFO},
	"read-socket":   {"read", syscall.SYS_READ, byInput, readSocketAfterFd},
	"read-eventfd":  {"read", syscall.SYS_READ, byInput, readEventfd},
	"read-timerfd":  {"read", syscall.SYS_READ, byTimer, readTimerfd},
	"read-inotify":  {"read", syscall.SYS_READ, byInput, readInotify},
	"readv-pipe":    {"readv", syscall.SYS_READV, byInput, readvPipe},
	"write-pipe":    {"write", syscall.SYS_WRITE, byInput, writeFullPipe},
	"openat-fifo":   {"openat", syscall.SYS_OPENAT, byInput, openFIFO},
	"flock":         {"flock", syscall.SYS_FLOCK, byInput, flockHeld},
	"fcntl-ofd":     {"fcntl", syscall.SYS_FCNTL, byInput, lockRangeHeld},
	"fsync":         {"fsync", syscall.SYS_FSYNC, byWork, syncFile},
	"splice":        {"splice", syscall.SYS_SPLICE, byInput, splicePipe},
	"sendfile":      {"sendfile", syscall.SYS_SENDFILE, byInput, sendfileFull},
	"accept":        {"accept", syscall.SYS_ACCEPT, byInput, acceptConn},
	"accept4":       {"accept4", syscall.SYS_ACCEPT4, byInput, acceptConn},
	"connect":       {"connect", syscall.SYS_CONNECT, byInput, connectFullBacklog},
	"recvfrom":      {"recvfrom", syscall.SYS_RECVFROM, byInput, receiveFrom},
	"recvmsg":       {"recvmsg", syscall.SYS_RECVMSG, byInput, receiveMessage},
	"recvmmsg":      {"recvmmsg", syscall.SYS_RECVMMSG, byInput, receiveMessages},
	"sendto":        {"sendto", syscall.SYS_SENDTO, byInput, sendToFull},
	"sendmsg":       {"sendmsg", syscall.SYS_SENDMSG, byInput, sendMessageFull},
	"wait4":         {"wait4", syscall.SYS_WAIT4, byInput, waitForChild},
	"waitid":        {"waitid", syscall.SYS_WAITID, byInput, waitidForChild},
	"exec-wait":     {"waitid", syscall.SYS_WAITID, byInput, waitForCommand},
	"nanosleep":     {"nanosleep", syscall.SYS_NANOSLEEP, byTimer, sleepNano},
	"clock-rel":     {"clock_nanosleep", syscall.SYS_CLOCK_NANOSLEEP, byTimer, sleepClock},
	"clock-abs":     {"clock_nanosleep", syscall.SYS_CLOCK_NANOSLEEP, byTimer, sleepUntil},
	"ppoll":         {"ppoll", syscall.SYS_PPOLL, byInput, ppollPipe},
	"ppoll-timeout": {"ppoll", syscall.SYS_PPOLL, byTimer, ppollPipe},
	"pselect6":      {"pselect6", syscall.SYS_PSELECT6, byInput, pselectPipe},
	"epoll-pwait":   {"epoll_pwait", syscall.SYS_EPOLL_PWAIT, byInput, epollPwait},
	"epoll-pwait2":  {"epoll_pwait2", sysEpollPwait2, byInput, epollPwait2},
	"futex-wait":    {"futex", syscall.SYS_FUTEX, byInput, futexForever},
	"futex-rel":     {"futex", syscall.SYS_FUTEX, byTimer, futexRelative},
	"futex-abs":     {"futex", syscall.SYS_FUTEX, byTimer, futexAbsolute},
	"futex-waitv":   {"futex_waitv", sysFutexWaitv, byInput, futexVector},
	"futex2-wait":   {"futex_wait", sysFutexWait, byInput, futex2},
	"semtimedop":    {"semtimedop", syscall.SYS_SEMTIMEDOP, byInput, semaphore},
	"msgrcv":        {"msgrcv", syscall.SYS_MSGRCV, byInput, messageQueue},
	"sigtimedwait":  {"rt_sigtimedwait", syscall.SYS_RT_SIGTIMEDWAIT, byInput, waitForSignal},
	"io-uring":      {"io_uring_enter", sysIoUringEnter, byInput, uringEnter},
}

func ptr(s []byte) uintptr { return uintptr(unsafe.Pointer(&s[0])) }

// Buffers are global: the kernel is given their addresses as numbers, and they must not move.
var (
	buffer  [65536]byte
	vector  [1]syscall.Iovec
	message struct {
		header syscall.Msghdr
		length uint32
		_      uint32
	}
	address [64]byte
	length  uint32
)

func pipe() (r, w int) {
	var p [2]int
	must("pipe2", syscall.Pipe2(p[:], syscall.O_CLOEXEC))
	return p[0], p[1]
}

func put(fd int) func() {
	return func() { syscall.Write(fd, []byte("released")) }
}

// tempPath is in a directory of its own, which goes as soon as the wait begins to end.
func tempPath(name string) (path string, remove func()) {
	dir, err := os.MkdirTemp("", "gostrace-blocks-")
	must("temporary directory", err)
	return filepath.Join(dir, name), func() { os.RemoveAll(dir) }
}

func readPipe(b *blocked) {
	r, w := pipe()
	b.onRelease(put(w))
	b.raw(uintptr(r), ptr(buffer[:]), 512)
}

func readNever(b *blocked) {
	r, _ := pipe()
	b.onRelease(func() { os.Exit(0) })
	b.raw(uintptr(r), ptr(buffer[:]), 512)
}

func readFIFO(b *blocked) {
	path, remove := tempPath("fifo")
	defer remove()
	must("mkfifo", syscall.Mkfifo(path, 0o600))
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	must("open", err)
	b.onRelease(put(fd))
	b.raw(uintptr(fd), ptr(buffer[:]), 512)
}

// readSocketAfterFd reads from a net.Conn that a call of Fd has made blocking.
func readSocketAfterFd(b *blocked) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must("listen", err)
	conn, err := net.Dial("tcp", listener.Addr().String())
	must("dial", err)
	peer, err := listener.Accept()
	must("accept", err)
	file, err := conn.(*net.TCPConn).File()
	must("file", err)
	file.Fd()
	b.onRelease(func() { peer.Write([]byte("released")) })
	b.call(func() error { _, err := conn.Read(buffer[:512]); return err })
}

func readEventfd(b *blocked) {
	fd := sys("eventfd2", syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC)
	b.onRelease(func() { syscall.Write(int(fd), []byte{0: 1, 7: 0}) })
	b.raw(fd, ptr(buffer[:]), 8)
}

func readTimerfd(b *blocked) {
	fd := sys("timerfd_create", syscall.SYS_TIMERFD_CREATE, clockMonotonic, syscall.O_CLOEXEC)
	spec := [2]syscall.Timespec{1: syscall.NsecToTimespec(b.limit.Nanoseconds())}
	sys("timerfd_settime", syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&spec)), 0)
	b.raw(fd, ptr(buffer[:]), 8)
}

func readInotify(b *blocked) {
	path, remove := tempPath("watched")
	defer remove()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	must("inotify_init1", err)
	_, err = syscall.InotifyAddWatch(fd, filepath.Dir(path), syscall.IN_CREATE)
	must("inotify_add_watch", err)
	b.onRelease(func() { os.WriteFile(path, nil, 0o600) })
	b.raw(uintptr(fd), ptr(buffer[:]), 4096)
}

func readvPipe(b *blocked) {
	r, w := pipe()
	vector[0] = syscall.Iovec{Base: &buffer[0], Len: 512}
	b.onRelease(put(w))
	b.raw(uintptr(r), uintptr(unsafe.Pointer(&vector)), 1)
}

// fill writes until there is no more room.
func fill(fd int) {
	must("nonblocking", syscall.SetNonblock(fd, true))
	for {
		if _, err := syscall.Write(fd, buffer[:4096]); err != nil {
			break
		}
	}
	must("blocking", syscall.SetNonblock(fd, false))
}

// drain reads for as long as there is something.
func drain(fd int) func() {
	return func() {
		must("nonblocking", syscall.SetNonblock(fd, true))
		var sink [65536]byte
		for {
			if n, err := syscall.Read(fd, sink[:]); n <= 0 || err != nil {
				return
			}
		}
	}
}

func writeFullPipe(b *blocked) {
	r, w := pipe()
	fill(w)
	b.onRelease(drain(r))
	b.raw(uintptr(w), ptr(buffer[:]), 512)
}

func openFIFO(b *blocked) {
	path, remove := tempPath("fifo")
	defer remove()
	must("mkfifo", syscall.Mkfifo(path, 0o600))
	b.onRelease(func() {
		_, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		must("open", err)
	})
	copy(buffer[:], path+"\x00")
	dir := -100 // AT_FDCWD
	b.raw(uintptr(dir), ptr(buffer[:]), syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
}

func twoDescriptors() (held, wanted int, remove func()) {
	path, remove := tempPath("lock")
	var fds [2]int
	for i := range fds {
		var err error
		fds[i], err = syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
		must("open", err)
	}
	return fds[0], fds[1], remove
}

func flockHeld(b *blocked) {
	held, wanted, remove := twoDescriptors()
	defer remove()
	must("flock", syscall.Flock(held, syscall.LOCK_EX))
	b.onRelease(func() { syscall.Flock(held, syscall.LOCK_UN) })
	b.raw(uintptr(wanted), syscall.LOCK_EX)
}

var rangeLock = syscall.Flock_t{Type: syscall.F_WRLCK, Start: 100, Len: 10}

func lockRangeHeld(b *blocked) {
	const ofdSetlk, ofdSetlkw = 37, 38
	held, wanted, remove := twoDescriptors()
	defer remove()
	sys("fcntl", syscall.SYS_FCNTL, uintptr(held), ofdSetlk, uintptr(unsafe.Pointer(&rangeLock)))
	b.onRelease(func() { syscall.Close(held) })
	b.raw(uintptr(wanted), ofdSetlkw, uintptr(unsafe.Pointer(&rangeLock)))
}

func syncFile(b *blocked) {
	path, remove := tempPath("file")
	defer remove()
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	must("open", err)
	for i := 0; i < 256; i++ {
		_, err := syscall.Write(fd, buffer[:])
		must("write", err)
	}
	b.raw(uintptr(fd))
}

func splicePipe(b *blocked) {
	r, w := pipe()
	_, out := pipe()
	b.onRelease(put(w))
	b.raw(uintptr(r), 0, uintptr(out), 0, 4096, 0)
}

func sendfileFull(b *blocked) {
	path, remove := tempPath("file")
	defer remove()
	must("write", os.WriteFile(path, buffer[:], 0o600))
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	must("open", err)
	// Older kernels do not wait for room in a socket here.
	r, w := pipe()
	fill(w)
	b.onRelease(drain(r))
	b.raw(uintptr(w), uintptr(fd), 0, 512)
}

func pair() (near, far int) {
	p, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must("socketpair", err)
	return p[0], p[1]
}

func acceptConn(b *blocked) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must("socket", err)
	must("bind", syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must("listen", syscall.Listen(fd, 1))
	name, err := syscall.Getsockname(fd)
	must("getsockname", err)
	b.onRelease(func() {
		client, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		must("socket", err)
		must("connect", syscall.Connect(client, name))
	})
	length = uint32(len(address))
	b.raw(uintptr(fd), ptr(address[:]), uintptr(unsafe.Pointer(&length)), 0)
}

// connectFullBacklog connects to a Unix socket whose queue is full: on TCP the kernel would drop the
// SYN, and the call would end with the retransmission.
func connectFullBacklog(b *blocked) {
	path, remove := tempPath("socket")
	defer remove()
	name := &syscall.SockaddrUnix{Name: path}
	listener := unixSocket()
	must("bind", syscall.Bind(listener, name))
	must("listen", syscall.Listen(listener, 0))
	for {
		fd := unixSocket()
		must("nonblocking", syscall.SetNonblock(fd, true))
		if err := syscall.Connect(fd, name); err == syscall.EAGAIN {
			break
		} else {
			must("connect", err)
		}
	}
	b.onRelease(func() {
		_, _, err := syscall.Accept(listener)
		must("accept", err)
	})
	*(*uint16)(unsafe.Pointer(&buffer[0])) = syscall.AF_UNIX
	n := copy(buffer[2:], path+"\x00")
	b.raw(uintptr(unixSocket()), ptr(buffer[:]), uintptr(2+n))
}

func unixSocket() int {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must("socket", err)
	return fd
}

func receiveFrom(b *blocked) {
	near, far := pair()
	b.onRelease(put(far))
	b.raw(uintptr(near), ptr(buffer[:]), 512, 0, 0, 0)
}

func oneMessage(n uint64) uintptr {
	vector[0] = syscall.Iovec{Base: &buffer[0], Len: n}
	message.header = syscall.Msghdr{Iov: &vector[0], Iovlen: 1}
	return uintptr(unsafe.Pointer(&message))
}

func receiveMessage(b *blocked) {
	near, far := pair()
	b.onRelease(put(far))
	b.raw(uintptr(near), oneMessage(512), 0)
}

func receiveMessages(b *blocked) {
	near, far := pair()
	b.onRelease(put(far))
	b.raw(uintptr(near), oneMessage(512), 1, 0, 0)
}

func sendToFull(b *blocked) {
	near, far := pair()
	fill(near)
	b.onRelease(drain(far))
	b.raw(uintptr(near), ptr(buffer[:]), 512, syscall.MSG_NOSIGNAL, 0, 0)
}

func sendMessageFull(b *blocked) {
	near, far := pair()
	fill(near)
	b.onRelease(drain(far))
	b.raw(uintptr(near), oneMessage(512), syscall.MSG_NOSIGNAL)
}

func child() (cmd *exec.Cmd, release func()) {
	cmd = exec.Command("/proc/self/exe", "hold-child")
	hold, err := cmd.StdinPipe()
	must("pipe", err)
	must("start", cmd.Start())
	return cmd, func() { hold.Close() }
}

func waitForCommand(b *blocked) {
	cmd, release := child()
	b.onRelease(release)
	b.call(func() error { return cmd.Wait() })
}

func waitForChild(b *blocked) {
	cmd, release := child()
	b.onRelease(release)
	b.raw(uintptr(cmd.Process.Pid), ptr(buffer[:]), 0, 0)
}

func waitidForChild(b *blocked) {
	const pPid, wexited = 1, 4
	cmd, release := child()
	b.onRelease(release)
	b.raw(pPid, uintptr(cmd.Process.Pid), ptr(buffer[:]), wexited, 0)
}

func now(clock uintptr) time.Duration {
	var t syscall.Timespec
	sys("clock_gettime", syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)))
	return time.Duration(t.Nano())
}
