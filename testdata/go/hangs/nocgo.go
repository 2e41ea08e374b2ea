//go:build !cgo

package hangs

func neverReturns() { panic("this test needs cgo") }
