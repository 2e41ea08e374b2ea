package main

import (
	"reflect"
	"sort"
	"syscall"
)

// mixed calls itself by the kinds of calls that the digits of seed choose, and parks at the end.
func mixed(seed uint64, park func()) {
	if seed%50 == 0 {
		park = readPipe
	}
	// Neighbours are to differ in all digits.
	next(seed*0x9e3779b97f4a7c15>>32, 6, park)
}

type step struct {
	seed uint64
	left int
	park func()
}

func (s *step) do() { next(s.seed, s.left, s.park) }

type doer interface{ do() }

type embeds struct{ *step }

type ints []int

func (v ints) Len() int           { return len(v) }
func (v ints) Less(i, j int) bool { return v[i] < v[j] }
func (v ints) Swap(i, j int)      { v[i], v[j] = v[j], v[i] }

type sorts struct {
	ints
	*step
}

func (s sorts) Less(i, j int) bool { s.do(); return s.ints.Less(i, j) }

//go:noinline
func next(seed uint64, left int, park func()) {
	if left == 0 {
		park()
		return
	}
	s := &step{seed / 10, left - 1, park}
	switch seed % 10 {
	case 0:
		s.do()
	case 1:
		inlinedTwice(s)
	case 2:
		f := func(g func()) { g() }
		f(func() { s.do() })
	case 3:
		byGeneric[int](s)
	case 4:
		byGeneric[map[string][]*step](s)
	case 5:
		var d doer = embeds{s}
		d.do()
	case 6:
		defer s.do()
	case 7:
		reflect.ValueOf(s.do).Call(nil)
	case 8:
		sort.Sort(sorts{ints{2, 1}, s})
	case 9:
		defer func() { recover() }()
		defer func() { s.do() }()
		panic("on purpose")
	}
}

func inlinedTwice(s *step) { inlinedOnce(s) }

func inlinedOnce(s *step) { s.do() }

// A frame larger than the stack that a goroutine begins with.
//
//go:noinline
func byGeneric[T any](s *step) {
	var pad [4096]byte
	s.do()
	sink = pad[s.left]
}

var sink byte

//go:noinline
func readPipe() {
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		panic(err)
	}
	started.Done()
	var b [1]byte
	syscall.Read(p[0], b[:])
}
