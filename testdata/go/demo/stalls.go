package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// shop is the service. Every method that a handler calls stalls in its own way unless healthy.
type shop struct {
	dir     string
	healthy bool
	started time.Time
	pages   int64

	feed     *os.File      // the partner's FIFO, in blocking mode
	asked    chan struct{} // makes the partner answer
	upstream *upstream
	lockPath string
	audit    *os.File
	wakeups  *eventLoop
	shared   *sharedLock
	prices   *priceCache
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.page)
	handle := func(path string, work func() error) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if !s.healthy {
				if err := work(); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
			}
			fmt.Fprintln(w, "ok", path)
		})
	}
	handle("/stock", s.readPartnerFeed)
	handle("/quote", s.upstream.askForQuote)
	handle("/invoice", s.renderInvoice)
	handle("/order", s.appendToLedger)
	handle("/audit", s.syncAuditLog)
	handle("/retry", s.backOffBeforeRetry)
	handle("/events", s.wakeups.waitForEvent)
	handle("/reserve", s.shared.lockAndReserve)
	handle("/price", s.prices.get)
	return mux
}

func (s *shop) paths() []string {
	return []string{"/stock", "/quote", "/invoice", "/order", "/audit", "/retry", "/events", "/reserve"}
}

// page is what a healthy handler looks like: it computes, allocates and returns.
func (s *shop) page(w http.ResponseWriter, r *http.Request) {
	n := atomic.AddInt64(&s.pages, 1)
	fmt.Fprintf(w, "page %d, up %v, %d goroutines\n", n, time.Since(s.started), runtime.NumGoroutine())
}

func openShop(ctx context.Context, dir string, healthy bool) (*shop, error) {
	s := &shop{dir: dir, healthy: healthy, started: time.Now(), lockPath: filepath.Join(dir, "ledger.lock")}
	var err error
	if s.audit, err = os.Create(filepath.Join(dir, "audit.log")); err != nil {
		return nil, err
	}
	if s.upstream, err = dialUpstream(); err != nil {
		return nil, err
	}
	if s.wakeups, err = newEventLoop(); err != nil {
		return nil, err
	}
	if s.shared, err = newSharedLock(filepath.Join(dir, "stock.shm")); err != nil {
		return nil, err
	}
	s.prices = newPriceCache()
	if healthy {
		return s, nil
	}
	if err := s.openPartnerFeed(ctx, filepath.Join(dir, "partner.fifo")); err != nil {
		return nil, err
	}
	go s.batchJobHoldsLedger(ctx)
	go s.wakeups.raiseEvents(ctx)
	go s.shared.otherProcessHoldsLock(ctx)
	go s.prices.refreshHoldsMutex(ctx)
	return s, nil
}

// every calls f over and over, with a pause, until ctx ends.
func every(ctx context.Context, pause time.Duration, f func()) {
	for ctx.Err() == nil {
		f()
		time.Sleep(pause)
	}
}

// 1. A FIFO opened with syscall.Open is in blocking mode: os.File cannot hand it to the poller, so
// each read keeps a thread until the partner writes.

func (s *shop) openPartnerFeed(ctx context.Context, path string) error {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return err
	}
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	s.feed = os.NewFile(uintptr(fd), path)
	partner, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	s.asked = make(chan struct{}, 1)
	go every(ctx, 0, func() {
		<-s.asked
		time.Sleep(ms(120))
		partner.WriteString("in stock\n")
	})
	return nil
}

func (s *shop) readPartnerFeed() error {
	s.asked <- struct{}{}
	var line [64]byte
	_, err := s.feed.Read(line[:])
	return err
}

// 2. Calling Fd on the File of a net.Conn makes the socket blocking for the Conn too (they share
// one open file description): from then on each Read keeps a thread.

type upstream struct {
	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

func dialUpstream() (*upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		questions := bufio.NewScanner(conn)
		for questions.Scan() {
			time.Sleep(ms(80)) // the slow upstream
			fmt.Fprintln(conn, "42.00 EUR")
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	const tcpUserTimeout = 18
	if err := syscall.SetsockoptInt(int(file.Fd()), syscall.IPPROTO_TCP, tcpUserTimeout, 5000); err != nil {
		return nil, err
	}
	return &upstream{conn: conn, in: bufio.NewReader(conn)}, nil
}

func (u *upstream) askForQuote() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, err := fmt.Fprintln(u.conn, "quote?"); err != nil {
		return err
	}
	_, err := u.in.ReadString('\n')
	return err
}

// 3. A child process is waited for in the request.

func (s *shop) renderInvoice() error {
	return exec.Command("sleep", fmt.Sprint(ms(100).Seconds())).Run()
}

// 4. The ledger's lock file is held by a batch job.

func (s *shop) appendToLedger() error {
	return s.withLedgerLocked(func() error {
		return os.WriteFile(filepath.Join(s.dir, "ledger"), []byte("order\n"), 0o600)
	})
}

func (s *shop) withLedgerLocked(work func() error) error {
	lock, err := os.OpenFile(s.lockPath, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() // which unlocks
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
		if err == nil {
			return work()
		}
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func (s *shop) batchJobHoldsLedger(ctx context.Context) {
	every(ctx, ms(10), func() {
		s.withLedgerLocked(func() error {
			time.Sleep(ms(150))
			return nil
		})
	})
}

// 5. Each audit record is forced to disk. How long that takes is the disk's affair.

func (s *shop) syncAuditLog() error {
	var record [256 << 10]byte
	if _, err := s.audit.WriteAt(record[:], 0); err != nil {
		return err
	}
	return s.audit.Sync()
}

// 6. A pause made with nanosleep(2) in place of time.Sleep keeps a thread.

func (s *shop) backOffBeforeRetry() error {
	pause := syscall.NsecToTimespec(int64(ms(30)))
	for {
		err := syscall.Nanosleep(&pause, &pause)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// 7. A library has its own event loop on epoll, next to the runtime's.

type eventLoop struct {
	epoll, event int
	wanted       chan struct{} // makes somebody raise an event
}

func newEventLoop() (*eventLoop, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	event, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if errno != 0 {
		return nil, errno
	}
	interest := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(event)}
	if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(event), &interest); err != nil {
		return nil, err
	}
	return &eventLoop{epoll: epoll, event: int(event), wanted: make(chan struct{}, 1)}, nil
}

func (l *eventLoop) waitForEvent() error {
	l.wanted <- struct{}{}
	var events [8]syscall.EpollEvent
	for {
		n, err := syscall.EpollWait(l.epoll, events[:], 5000)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if n > 0 {
			var count [8]byte
			syscall.Read(l.event, count[:]) // EAGAIN: another waiter took it
		}
		return nil
	}
}

func (l *eventLoop) raiseEvents(ctx context.Context) {
	one := [8]byte{0: 1}
	every(ctx, 0, func() {
		<-l.wanted
		time.Sleep(ms(70))
		syscall.Write(l.event, one[:])
	})
}

// 8. A lock in shared memory, held by another process (here: by a goroutine that plays it).

type sharedLock struct{ word *uint32 }

const (
	futexWait = 0
	futexWake = 1
)

func newSharedLock(path string) (*sharedLock, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := file.Truncate(4096); err != nil {
		return nil, err
	}
	page, err := syscall.Mmap(int(file.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &sharedLock{word: (*uint32)(unsafe.Pointer(&page[0]))}, nil
}

func (l *sharedLock) lock() {
	for !atomic.CompareAndSwapUint32(l.word, 0, 1) {
		syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(l.word)), futexWait, 1, 0, 0, 0)
	}
}

func (l *sharedLock) unlock() {
	atomic.StoreUint32(l.word, 0)
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(l.word)), futexWake, 1, 0, 0, 0)
}

func (l *sharedLock) lockAndReserve() error {
	l.lock()
	defer l.unlock()
	return nil
}

func (l *sharedLock) otherProcessHoldsLock(ctx context.Context) {
	every(ctx, ms(10), func() {
		l.lock()
		defer l.unlock()
		time.Sleep(ms(110))
	})
}

// 9. A mutex held across a refresh: a stall that makes no system call at all. No thread blocks, only
// goroutines do, so there is no call to show: only looks at the goroutines find it.

type priceCache struct {
	mu      sync.Mutex
	refresh chan struct{}
	price   int
}

func newPriceCache() *priceCache { return &priceCache{refresh: make(chan struct{})} }

func (c *priceCache) get() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.price++
	return nil
}

func (c *priceCache) refreshHoldsMutex(ctx context.Context) {
	go every(ctx, ms(50), func() {
		select {
		case c.refresh <- struct{}{}:
		case <-ctx.Done():
		}
	})
	every(ctx, ms(20), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		select {
		case <-c.refresh:
		case <-ctx.Done():
		}
	})
}
