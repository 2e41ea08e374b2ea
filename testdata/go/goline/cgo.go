//go:build cgo

package main

/*
#include <unistd.h>

static void c_read(int fd) {
	char c;
	if (read(fd, &c, 1) < 0) _exit(1);
}
*/
import "C"

import "syscall"

func init() {
	startInC = func(fd int) {
		start(syscall.SYS_READ, func(ready chan<- thread) {
			t := account("inc", "syscall")
			t.Cgo = true
			ready <- t
			C.c_read(C.int(fd))
		})
	}
}
