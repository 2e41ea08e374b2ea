package main

import (
	"syscall"
	"unsafe"
)

// What arm64 does not have.
func init() {
	ways["poll"] = way{"poll", syscall.SYS_POLL, byInput, pollPipe}
	ways["poll-timeout"] = way{"poll", syscall.SYS_POLL, byTimer, pollPipe}
	ways["select"] = way{"select", syscall.SYS_SELECT, byInput, selectPipe}
	ways["epoll-wait"] = way{"epoll_wait", syscall.SYS_EPOLL_WAIT, byInput, epollWait}
	ways["pause"] = way{"pause", syscall.SYS_PAUSE, never, pause}
}

func pollPipe(b *blocked) {
	r, w := pipe()
	pollfds[0].fd, pollfds[0].events = int32(r), 1 // POLLIN
	if b.way.release == byTimer {
		b.raw(uintptr(unsafe.Pointer(&pollfds)), 1, uintptr(b.limit.Milliseconds()))
		return
	}
	forever := -1
	b.onRelease(put(w))
	b.raw(uintptr(unsafe.Pointer(&pollfds)), 1, uintptr(forever))
}

func selectPipe(b *blocked) {
	r, w := pipe()
	fdset.Bits[r/64] |= 1 << (uint(r) % 64)
	b.onRelease(put(w))
	b.raw(uintptr(r+1), uintptr(unsafe.Pointer(&fdset)), 0, 0, 0)
}

func epollWait(b *blocked) {
	forever := -1
	b.raw(epollOnPipe(b), uintptr(unsafe.Pointer(&events)), uintptr(len(events)), uintptr(forever))
}

func pause(b *blocked) {
	b.onRelease(func() { syscall.Exit(0) })
	b.raw()
}
