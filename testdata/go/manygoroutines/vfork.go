package main

import "syscall"

// vfork waits for a child that never executes anything: in D state, and in a call that the scheduler
// does not know of. The child has memory of its own, and dies with its parent.
//
//go:norace
func vfork() {
	const flags = syscall.CLONE_VFORK | uintptr(syscall.SIGCHLD)
	child, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, flags, 0, 0, 0, 0, 0)
	if child != 0 || errno != 0 {
		return
	}
	syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0)
	for {
		syscall.RawSyscall6(syscall.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
	}
}
