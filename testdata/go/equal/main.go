// Equal makes calls on its first thread as Go's own packages do and with bad arguments, the same
// in each run, to be traced by two tracers and compared.
//
//	equal files|sockets|waits|process
//
// Runs in an empty directory of its own and begins with close(-77).
package main

import (
	"log"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

func init() { runtime.LockOSThread() } // everything on the leader

func main() {
	programs := map[string]func(){"files": files, "sockets": sockets, "waits": waits, "process": process}
	if len(os.Args) != 2 || programs[os.Args[1]] == nil {
		log.Fatal("usage: equal files|sockets|waits|process")
	}
	syscall.Close(-77)
	programs[os.Args[1]]()
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func files() {
	must(os.Mkdir("d", 0o750))
	must(os.WriteFile("d/a", []byte("twelve bytes\n"), 0o640))
	_, err := os.ReadFile("d/a")
	must(err)
	os.Stat("d/missing")
	os.Lstat("d/a")
	os.Open("")
	os.OpenFile("d/a", os.O_RDWR|os.O_EXCL|os.O_CREATE, 0o600)
	must(os.Symlink("a", "d/link"))
	os.Readlink("d/link")
	os.Readlink("d/a")
	must(os.Link("d/a", "d/other"))
	must(os.Chmod("d/a", 0o4755|os.ModeSticky))
	must(os.Truncate("d/a", 5))
	os.Truncate("d/a", -1)
	must(os.Rename("d/other", "d/\xff\n\"quoted\""))
	os.ReadDir("d")
	fd, err := syscall.Open("d/a", syscall.O_RDWR|syscall.O_CLOEXEC|syscall.O_NOFOLLOW, 0)
	must(err)
	b := make([]byte, 64)
	syscall.Pread(fd, b, 1<<40)
	syscall.Pwrite(fd, b[:3], 7)
	syscall.Seek(fd, -3, 2)
	syscall.Seek(fd, -3, 9)
	syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
	syscall.Flock(fd, -1)
	syscall.Fsync(fd)
	syscall.Fdatasync(-1)
	syscall.Fallocate(fd, 1, 0, 4096)
	syscall.Ftruncate(fd, 2)
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: 0, Start: 1, Len: 2}
	syscall.FcntlFlock(uintptr(fd), syscall.F_SETLK, &lock)
	var st syscall.Stat_t
	syscall.Fstat(-1, &st)
	syscall.RawSyscall(syscall.SYS_FSTAT, uintptr(fd), 8, 0)
	syscall.Close(fd)
	must(os.RemoveAll("d"))
	os.Remove("d")
}

func sockets() {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(err)
	rights := syscall.UnixRights(pair[0], 0)
	must(syscall.Sendmsg(pair[0], []byte("with a descriptor"), rights, nil, syscall.MSG_NOSIGNAL))
	data, control := make([]byte, 32), make([]byte, 64)
	syscall.Recvmsg(pair[1], data, control, syscall.MSG_CMSG_CLOEXEC)
	syscall.Recvmsg(pair[1], data, control, syscall.MSG_DONTWAIT)
	syscall.SetsockoptInt(pair[0], syscall.SOL_SOCKET, syscall.SO_SNDBUF, 4096)
	syscall.GetsockoptInt(pair[0], syscall.SOL_SOCKET, syscall.SO_TYPE)
	timeout := syscall.Timeval{Sec: 1, Usec: 500}
	syscall.SetsockoptTimeval(pair[0], syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout)
	syscall.SetsockoptLinger(pair[0], syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1, Linger: 3})
	syscall.Shutdown(pair[0], syscall.SHUT_WR)
	syscall.Shutdown(pair[0], 77)

	listener, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must(err)
	must(syscall.Bind(listener, &syscall.SockaddrUnix{Name: "listener"}))
	must(syscall.Listen(listener, 5))
	syscall.Accept4(listener, syscall.SOCK_CLOEXEC)
	caller, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	must(err)
	syscall.Connect(caller, &syscall.SockaddrUnix{Name: "nobody"})
	syscall.Connect(caller, &syscall.SockaddrUnix{Name: "listener"})
	syscall.Accept4(listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
	syscall.Getsockname(listener)
	syscall.Getpeername(listener)

	inet, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, syscall.IPPROTO_UDP)
	must(err)
	syscall.Bind(inet, &syscall.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}, Port: 53})
	syscall.Sendto(inet, []byte("x"), syscall.MSG_DONTWAIT, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: 9})
	syscall.Recvfrom(inet, data, syscall.MSG_DONTWAIT|syscall.MSG_PEEK)
	inet6, err := syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM, 0)
	must(err)
	syscall.SetsockoptInt(inet6, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 1)
	syscall.SetsockoptInt(inet6, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	syscall.SetsockoptInt(inet6, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 15)
	syscall.Connect(inet6, &syscall.SockaddrInet6{Addr: [16]byte{15: 1}, Port: 1, ZoneId: 7})
	syscall.Socket(99, 98, 97)
	syscall.Close(pair[0])
}

func waits() {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must(err)
	var pipe [2]int
	must(syscall.Pipe2(pipe[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK))
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: 7}
	syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, pipe[0], &event)
	syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, pipe[0], &event)
	syscall.EpollCtl(epoll, syscall.EPOLL_CTL_MOD, -1, &event)
	syscall.EpollCtl(epoll, 9, pipe[0], nil)
	events := make([]syscall.EpollEvent, 4)
	syscall.EpollWait(epoll, events, 0)
	syscall.EpollWait(epoll, events, 1)
	syscall.Write(pipe[1], []byte("wake"))
	syscall.EpollWait(epoll, events, -1)
	syscall.EpollWait(-1, events, 0)
	b := make([]byte, 8)
	syscall.Read(pipe[0], b)
	syscall.Read(pipe[0], b)
	nap := syscall.Timespec{Nsec: 1}
	syscall.Nanosleep(&nap, nil)
	nap.Nsec = 1 << 30
	syscall.Nanosleep(&nap, nil)
	syscall.RawSyscall(syscall.SYS_NANOSLEEP, 8, 0, 0)
	for _, fd := range []uintptr{uintptr(pipe[0]), 1 << 20} {
		poll := struct {
			fd              int32
			events, revents int16
		}{int32(fd), 1, 0}
		ts := syscall.Timespec{Nsec: 1000}
		syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, uintptr(unsafe.Pointer(&ts)), 0, 8, 0)
	}
	var status syscall.WaitStatus
	syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	syscall.Wait4(1<<30, &status, syscall.WNOHANG|syscall.WUNTRACED, nil)
	syscall.Kill(-1<<31, 99)
}

func process() {
	var limit syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_CORE, &limit)
	limit = syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	syscall.Getrlimit(99, &limit)
	syscall.Setrlimit(99, &limit)
	syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	syscall.Getpriority(77, -1)
	syscall.Umask(0o27)
	syscall.Getpgid(1 << 30)
	syscall.Setpgid(1<<30, 1)
	syscall.Chdir("/nonexistent")
	must(os.Mkdir("cwd", 0o700))
	must(syscall.Chdir("cwd"))
	syscall.Kill(0, 0)
	syscall.Kill(1<<30, syscall.SIGUSR1)
	syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_NAME, uintptr(unsafe.Pointer(&[]byte("renamed\x00")[0])), 0, 0, 0, 0)
	syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 3, 0, 0, 0, 0)
	syscall.RawSyscall6(syscall.SYS_PRCTL, 9999, 1, 2, 3, 4, 0)
	syscall.RawSyscall(syscall.SYS_SYSINFO, 8, 0, 0)
	syscall.Exec("/nonexistent", []string{"argument", "two words"}, []string{"VAR=1"})
	syscall.Exec("", nil, nil)
	must(os.Remove("../cwd"))
}
