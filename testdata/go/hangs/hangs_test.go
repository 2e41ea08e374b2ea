package hangs

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	// What keeps the runtime's own detector of deadlocks silent in nearly every program.
	go func() {
		for range time.NewTicker(50 * time.Millisecond).C {
		}
	}()
	os.Exit(m.Run())
}

func TestMutexes(t *testing.T) {
	var a, b sync.Mutex
	a.Lock()
	locked := make(chan bool)
	go func() {
		b.Lock()
		close(locked)
		a.Lock()
	}()
	<-locked
	for i := 0; i < 2; i++ {
		go b.Lock()
	}
	b.Lock() // here: TestMutexes
}

func TestChannel(t *testing.T) {
	c := make(chan int)
	t.Run("nobody sends", func(t *testing.T) {
		<-c // here: TestChannel
	})
}

func TestWaitGroup(t *testing.T) {
	var all sync.WaitGroup
	all.Add(2)
	go all.Done()
	all.Wait() // here: TestWaitGroup
}

func TestSilentPeer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := listener.Accept()
		accepted <- conn
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { (<-accepted).Close() }()
	conn.Read(make([]byte, 1)) // here: TestSilentPeer
}

func TestHandler(t *testing.T) {
	done := make(chan bool)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		<-done // here: the handler of TestHandler
	}))
	http.Get(server.URL) // here: TestHandler
	close(done)
}

func TestGrandchild(t *testing.T) {
	out, err := exec.Command("sh", "-c", "sleep 600 & echo started").CombinedOutput() // here: TestGrandchild
	t.Log(string(out), err)
}

func TestChildInput(t *testing.T) {
	cat := exec.Command("cat")
	input, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	cat.Process.Wait() // here: TestChildInput
	input.Close()
}

func TestFullPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	write.Write(make([]byte, 1<<20)) // here: TestFullPipe
	read.Close()
}

func TestFlock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	holder := exec.Command("flock", "-x", path, "sh", "-c", "echo held; exec sleep 600")
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fscanln(out, new(string))
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	syscall.Flock(int(file.Fd()), syscall.LOCK_EX) // here: TestFlock
}

func TestSelect(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	results := make(chan int)
	select { // here: TestSelect
	case <-ctx.Done():
	case <-results:
	}
}

func TestCgo(t *testing.T) {
	neverReturns()
}

var sink int

func spin() {
	for { // here: TestBusy
		sink++
	}
}

func TestBusy(t *testing.T) {
	spin()
}

// A worker gets on while the test itself waits for it.
func TestSlow(t *testing.T) {
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for i := 0; i < 30; i++ {
			time.Sleep(100 * time.Millisecond)
		}
	}()
	all.Wait()
}

func TestQuick(t *testing.T) {
	fmt.Println("quick")
}
