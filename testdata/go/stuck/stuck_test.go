// Package stuck has tests that hang where no stack tells their name, and tests that end in each
// way. It needs little to be built, so that this can be done with several versions of Go.
package stuck

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// What keeps the runtime's own detector of deadlocks silent in nearly every program.
func init() {
	go func() {
		for range time.NewTicker(50 * time.Millisecond).C {
		}
	}()
}

func TestParallel(t *testing.T) {
	for _, name := range []string{"this one ends", "this one hangs"} {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "this one hangs" {
				<-make(chan int) // here: TestParallel
			}
		})
	}
}

func TestCleanup(t *testing.T) {
	t.Cleanup(func() {
		select {} // here: TestCleanup
	})
}

func TestPasses(t *testing.T) {
	fmt.Println("a line of its own")
}

func TestFails(t *testing.T) {
	fmt.Fprintln(os.Stderr, "a line on standard error")
	t.Run("below", func(t *testing.T) { t.Error("this fails") })
}

func TestPanics(t *testing.T) {
	panic("at once")
}

func TestExits(t *testing.T) {
	os.Exit(7)
}
