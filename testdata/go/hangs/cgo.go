//go:build cgo

package hangs

// #include <unistd.h>
// static void never_returns(void) { for (;;) pause(); }
import "C"

func neverReturns() {
	C.never_returns() // here: TestCgo
}
