package main

import (
	"syscall"
	"time"
	"unsafe"
)

// The same numbers on every machine; linux/io_uring.h.
const (
	sysUringSetup = 425
	sysUringEnter = 426
	getEvents     = 1
	opNop         = 0
	opRead        = 22
	sqesOffset    = 0x10000000
)

// uringParams is struct io_uring_params.
type uringParams struct {
	sqEntries, cqEntries, flags, threadCPU, threadIdle, features, wqFd uint32
	_                                                                  [3]uint32
	sq                                                                 struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, cqes, flags, _ uint32
		_                                                   uint64
	}
}

// uringEntry is struct io_uring_sqe.
type uringEntry struct {
	opcode, flags uint8
	_             uint16
	fd            int32
	_             uint64
	addr          uint64
	length        uint32
	_             [36 - 8]byte
}

var readInto [1]byte

// waitForRing submits a read of a pipe to which nobody writes, and waits for it; or, again and
// again, what completes at once.
func waitForRing(waits bool) {
	var params uringParams
	ring, _, errno := syscall.Syscall(sysUringSetup, 8, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		panic("io_uring_setup: " + errno.Error())
	}
	mapped := func(offset int64, size uint32) []byte {
		m, err := syscall.Mmap(int(ring), offset, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		must(err)
		return m
	}
	queue := mapped(0, params.sq.array+4*params.sqEntries)
	entries := mapped(sqesOffset, 64*params.sqEntries)
	entry := (*uringEntry)(unsafe.Pointer(&entries[0]))
	*entry = uringEntry{opcode: opNop, fd: -1}
	if waits {
		buffer := uint64(uintptr(unsafe.Pointer(&readInto)))
		*entry = uringEntry{opcode: opRead, fd: int32(pipe(syscall.O_CLOEXEC)), addr: buffer, length: 1}
	}
	tail := (*uint32)(unsafe.Pointer(&queue[params.sq.tail]))
	*tail++
	submit := uintptr(1)
	go forever(func() {
		// EINTR: a debugger has attached.
		_, _, errno := syscall.Syscall6(sysUringEnter, ring, submit, 1, getEvents, 0, 0)
		if waits || errno != 0 {
			submit = 0
			return
		}
		*tail++
		time.Sleep(2 * time.Millisecond)
	})
}
