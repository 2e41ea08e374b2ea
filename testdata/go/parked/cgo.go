//go:build cgo

package main

/*
#include <unistd.h>

extern void goCallback(int fd);

static void c_pause(void) {
	pause();
}

static void c_call_back(int fd) {
	goCallback(fd);
}
*/
import "C"

import "syscall"

//export goCallback
func goCallback(fd C.int) {
	var b [1]byte
	syscall.Read(int(fd), b[:])
}

func init() {
	startC = func() {
		go func() { C.c_pause() }()
		go func() { C.c_call_back(C.int(pipe())) }()
	}
}
