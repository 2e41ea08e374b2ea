package main

import (
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	clockMonotonic = 1
	timerAbstime   = 1
)

// Global for the reason that buffer is.
var (
	timeout syscall.Timespec
	word    uint32
	pollfds [1]struct {
		fd              int32
		events, revents int16
	}
	fdset  syscall.FdSet
	events [8]syscall.EpollEvent
	waiter [1]struct {
		value, address  uint64
		flags, reserved uint32
	}
	sigset uint64
)

func timespec(d time.Duration) uintptr {
	timeout = syscall.NsecToTimespec(d.Nanoseconds())
	return uintptr(unsafe.Pointer(&timeout))
}

func sleepNano(b *blocked) { b.raw(timespec(b.limit), 0) }

func sleepClock(b *blocked) { b.raw(clockMonotonic, 0, timespec(b.limit), 0) }

func sleepUntil(b *blocked) {
	b.raw(clockMonotonic, timerAbstime, timespec(now(clockMonotonic)+b.limit), 0)
}

func ppollPipe(b *blocked) {
	r, w := pipe()
	pollfds[0].fd, pollfds[0].events = int32(r), 1 // POLLIN
	if b.way.release == byTimer {
		b.raw(uintptr(unsafe.Pointer(&pollfds)), 1, timespec(b.limit), 0, 8)
		return
	}
	b.onRelease(put(w))
	b.raw(uintptr(unsafe.Pointer(&pollfds)), 1, 0, 0, 8)
}

func pselectPipe(b *blocked) {
	r, w := pipe()
	fdset.Bits[r/64] |= 1 << (uint(r) % 64)
	b.onRelease(put(w))
	b.raw(uintptr(r+1), uintptr(unsafe.Pointer(&fdset)), 0, 0, timespec(time.Hour), 0)
}

func epollOnPipe(b *blocked) uintptr {
	r, w := pipe()
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must("epoll_create1", err)
	interest := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(r)}
	must("epoll_ctl", syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, r, &interest))
	b.onRelease(put(w))
	return uintptr(epoll)
}

func epollPwait(b *blocked) {
	forever := -1
	b.raw(epollOnPipe(b), uintptr(unsafe.Pointer(&events)), uintptr(len(events)), uintptr(forever), 0, 8)
}

func epollPwait2(b *blocked) {
	b.raw(epollOnPipe(b), uintptr(unsafe.Pointer(&events)), uintptr(len(events)), timespec(time.Hour), 0, 8)
}

const (
	futexWake        = 1
	futexWaitBitset  = 9
	futexPrivate     = 128
	futexMatchAny    = 0xffffffff
	futex2Size32     = 2
	futexWaitPrivate = futexPrivate
)

func wake() {
	atomic.StoreUint32(&word, 0)
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&word)), futexWake|futexPrivate, 1, 0, 0, 0)
}

func futexForever(b *blocked) {
	word = 7
	b.onRelease(wake)
	b.raw(uintptr(unsafe.Pointer(&word)), futexWaitPrivate, 7, 0)
}

func futexRelative(b *blocked) {
	word = 7
	b.raw(uintptr(unsafe.Pointer(&word)), futexWaitPrivate, 7, timespec(b.limit))
}

func futexAbsolute(b *blocked) {
	word = 7
	until := timespec(now(clockMonotonic) + b.limit)
	b.raw(uintptr(unsafe.Pointer(&word)), futexWaitBitset|futexPrivate, 7, until, 0, futexMatchAny)
}

func futexVector(b *blocked) {
	word = 7
	waiter[0].value, waiter[0].address = 7, uint64(uintptr(unsafe.Pointer(&word)))
	waiter[0].flags = futex2Size32 | futexPrivate
	b.onRelease(wake)
	b.raw(uintptr(unsafe.Pointer(&waiter)), 1, 0, 0, clockMonotonic)
}

func futex2(b *blocked) {
	word = 7
	b.onRelease(wake)
	b.raw(uintptr(unsafe.Pointer(&word)), 7, futexMatchAny, futex2Size32|futexPrivate, 0, clockMonotonic)
}

// System V objects outlive a process that is killed; these go as soon as the wait has ended.
const ipcRmid = 0

var sembuf [1]struct{ number, operation, flags int16 }

func semaphore(b *blocked) {
	set := sys("semget", syscall.SYS_SEMGET, 0, 1, 0o600)
	defer sys("semctl", syscall.SYS_SEMCTL, set, 0, ipcRmid)
	sembuf[0].operation = -1
	b.onRelease(func() {
		up := [1]struct{ number, operation, flags int16 }{0: {operation: 1}}
		sys("semtimedop", syscall.SYS_SEMTIMEDOP, set, uintptr(unsafe.Pointer(&up)), 1, 0)
	})
	b.raw(set, uintptr(unsafe.Pointer(&sembuf)), 1, timespec(time.Hour))
}

func messageQueue(b *blocked) {
	queue := sys("msgget", syscall.SYS_MSGGET, 0, 0o600)
	defer sys("msgctl", syscall.SYS_MSGCTL, queue, ipcRmid, 0)
	b.onRelease(func() {
		letter := struct {
			kind int64
			text [8]byte
		}{kind: 1}
		sys("msgsnd", syscall.SYS_MSGSND, queue, uintptr(unsafe.Pointer(&letter)), 8, 0)
	})
	b.raw(queue, ptr(buffer[:]), 512, 0, 0)
}

// waitForSignal waits for a realtime signal that is sent to this thread alone, where it is blocked:
// the runtime's handler does not see it.
func waitForSignal(b *blocked) {
	const signal = 40
	sigset = 1 << (signal - 1)
	sys("rt_sigprocmask", syscall.SYS_RT_SIGPROCMASK, 0, uintptr(unsafe.Pointer(&sigset)), 0, 8)
	pid, tid := syscall.Getpid(), syscall.Gettid()
	b.onRelease(func() { sys("tgkill", syscall.SYS_TGKILL, uintptr(pid), uintptr(tid), signal) })
	b.raw(uintptr(unsafe.Pointer(&sigset)), 0, timespec(time.Hour), 8)
}

// uringEnter waits for a completion; a no-op that is submitted on release completes.
func uringEnter(b *blocked) {
	const getEvents, nop, sqRing, sqes = 1, 0, 0, 0x10000000
	var params struct {
		sqEntries, cqEntries, flags, threadCPU, threadIdle, features, wqFd uint32
		reserved                                                           [3]uint32
		head, tail, mask, entries, sqFlags, dropped, array, reserved1      uint32
		userAddress                                                        uint64
		cq                                                                 [10]uint32
	}
	ring := sys("io_uring_setup", sysIoUringSetup, 4, uintptr(unsafe.Pointer(&params)))
	queue, err := syscall.Mmap(int(ring), sqRing, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	must("mmap", err)
	_, err = syscall.Mmap(int(ring), sqes, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	must("mmap", err) // entries are zero: no-ops
	b.onRelease(func() {
		atomic.AddUint32((*uint32)(unsafe.Pointer(&queue[params.tail])), 1)
		sys("io_uring_enter", sysIoUringEnter, ring, 1, 0, 0, 0, 0)
	})
	b.raw(ring, 0, 1, getEvents, 0, 0)
}
