package main

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// elsewhere has another process stall in a network namespace of its own, and ends with it.
func elsewhere(name string) {
	child := exec.Command("/proc/self/exe", name)
	child.Env = append(os.Environ(), "STALLS_ELSEWHERE=1")
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if uid := os.Getuid(); uid != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
	}
	must(child.Run())
	os.Exit(0)
}

// raiseLoopback makes 127.0.0.1 work in a new network namespace (netdevice(7)).
func raiseLoopback() {
	const siocsifflags = 0x8914
	request := struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(request.name[:], "lo")
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	must(err)
	defer syscall.Close(fd)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), siocsifflags, uintptr(unsafe.Pointer(&request))); errno != 0 {
		must(errno)
	}
}
