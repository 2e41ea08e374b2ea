//go:build cgo

// Nothing of C is used, but the program then is one with C: its start, its threads.

package main

import "C"
