package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"unsafe"
)

// Which goroutines park in which way, by number.
var account struct {
	sync.Mutex
	goroutines [9][]int
}

func remember(way int) {
	var text [64]byte
	words := bytes.Fields(text[:runtime.Stack(text[:], false)])
	id, err := strconv.Atoi(string(words[1]))
	if err != nil {
		panic(err)
	}
	account.Lock()
	account.goroutines[way] = append(account.goroutines[way], id)
	account.Unlock()
}

// say prints {"event":"waits","on":[{"kind","address","goroutines"}],"after","before"}: whom the mutex,
// the channels and so on have waiting for them; and between which nanoseconds of CLOCK_MONOTONIC the
// first collection ended. The runtime counts how long they wait from there: the second is the first that
// can note when one before it was.
func say() {
	after := monotonic()
	runtime.GC()
	before := monotonic()
	runtime.GC()
	of := func(ways ...int) (ids []int) {
		for _, way := range ways {
			ids = append(ids, account.goroutines[way]...)
		}
		return ids
	}
	object := func(kind string, at unsafe.Pointer, ids []int) map[string]any {
		return map[string]any{"kind": kind, "address": fmt.Sprintf("%#x", uintptr(at)), "goroutines": ids}
	}
	line, err := json.Marshal(map[string]any{
		"event": "waits", "after": after, "before": before,
		"on": []any{
			object("chan", *(*unsafe.Pointer)(unsafe.Pointer(&never)), of(0, 2, 8)),
			object("chan", *(*unsafe.Pointer)(unsafe.Pointer(&full)), of(1, 2)),
			object("sync.Mutex", unsafe.Pointer(&mu), of(3)),
			object("sync.RWMutex", unsafe.Pointer(&rw), of(4)),
			object("sync.WaitGroup", unsafe.Pointer(&wg), of(5)),
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, string(line))
}

func monotonic() int64 {
	var now syscall.Timespec
	// CLOCK_MONOTONIC
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		panic(errno)
	}
	return now.Nano()
}
