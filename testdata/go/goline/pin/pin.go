// Package pin tells the number of the P that a goroutine runs on.
package pin

import _ "unsafe" // for linkname

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// P is of the moment: the next statement may run on another.
func P() int {
	p := procPin()
	procUnpin()
	return p
}
