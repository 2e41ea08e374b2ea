//go:build library

package main

import "C"

import (
	"os"
	"os/signal"
	"syscall"
)

// Run is parked's main, for a program that is not Go (-buildmode=c-shared, c-archive) or that
// has it as a plugin. In a library Go leaves SIGQUIT alone: here it ends with a traceback, too.
//
//export Run
func Run() {
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		<-quit
		panic("quit")
	}()
	main()
}
