// Package mem is the queue of a single process: jobs live in memory and are
// gone with it. It carries each job at least once, drops one whose id is
// waiting or running, and brings a failed one back after a pause that doubles.
// It does not order jobs beyond first come, first served, and never gives up
// on one.
package mem

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// ErrClosed says that the queue was closed.
var ErrClosed = errors.New("queue is closed")

// Options configure a queue. The zero value is usable.
type Options struct {
	// FirstPause is how long a job that failed once waits, 1 s when zero; each
	// further failure doubles it up to MaxPause, 5 min when zero. A quarter of
	// each pause is random.
	FirstPause, MaxPause time.Duration
	// Capacity is how many jobs may wait, pause and run; 1,000,000 when zero.
	Capacity int
	// AfterFunc is the clock: it runs f after d and returns what stops it;
	// time.AfterFunc when nil.
	AfterFunc func(d time.Duration, f func()) (stop func() bool)
	// Random returns numbers from 0 to below 1; math/rand when nil.
	Random func() float64
	// Logger is told of each failed job; nil for none.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.FirstPause <= 0 {
		o.FirstPause = time.Second
	}
	if o.MaxPause <= 0 {
		o.MaxPause = 5 * time.Minute
	}
	if o.Capacity <= 0 {
		o.Capacity = 1_000_000
	}
	if o.AfterFunc == nil {
		o.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Queue is an in-process queue. Its methods may be called from many goroutines.
type Queue struct {
	opts   Options
	ctx    context.Context // ends with Close, and with it all work
	cancel context.CancelFunc
	group  sync.WaitGroup // calls of Work

	mu      sync.Mutex
	jobs    map[string]*entry // waiting, pausing and running
	waiting fifo
	wake    chan struct{} // closed and replaced when a job comes
}

type entry struct {
	job    model.Job
	failed int
	stop   func() bool // ends the pause
}

// New returns an empty queue. The caller calls Close.
func New(opts Options) *Queue {
	ctx, cancel := context.WithCancel(context.Background())
	return &Queue{opts: opts.withDefaults(), ctx: ctx, cancel: cancel, jobs: map[string]*entry{}, wake: make(chan struct{})}
}

// Put adds a job. One whose id is waiting, pausing or running is dropped
// without an error. It fails with model.ErrInvalid when the job has no id,
// with model.ErrBusy when the queue is full, and with ErrClosed after Close.
// The queue keeps a copy of the body.
func (q *Queue) Put(ctx context.Context, job model.Job) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("put job %s: %w", job.ID, err)
	}
	if job.ID == "" {
		return fmt.Errorf("put job of kind %s: %w: it has no id", job.Kind, model.ErrInvalid)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.ctx.Err() != nil:
		return fmt.Errorf("put job %s: %w", job.ID, ErrClosed)
	case q.jobs[job.ID] != nil:
		return nil
	case len(q.jobs) >= q.opts.Capacity:
		return fmt.Errorf("put job %s: %w: %d jobs are waiting: start more workers, or try again later", job.ID, model.ErrBusy, len(q.jobs))
	}
	job.Body = slices.Clone(job.Body)
	e := &entry{job: job}
	q.jobs[job.ID] = e
	q.ready(e)
	return nil
}

// ready makes a job wait for a worker. The caller holds the lock.
func (q *Queue) ready(e *entry) {
	q.waiting.push(e)
	close(q.wake)
	q.wake = make(chan struct{})
}

// Work runs do on jobs, workers at a time, until ctx ends or the queue is
// closed, and then returns nil; fewer than one worker is model.ErrInvalid.
// The context that do gets ends with ctx: Work waits for the calls of do that
// are running, so do must heed it. A job whose do fails comes again after a
// pause, one whose do fails because ctx has ended at once, to whoever works
// next. Several calls of Work share the jobs.
func (q *Queue) Work(ctx context.Context, workers int, do func(context.Context, model.Job) error) error {
	if workers < 1 {
		return fmt.Errorf("work on jobs: %w number of workers %d", model.ErrInvalid, workers)
	}
	q.mu.Lock()
	if q.ctx.Err() != nil {
		q.mu.Unlock()
		return fmt.Errorf("work on jobs: %w", ErrClosed)
	}
	q.group.Add(1) // under the lock, so that Close waits for it
	q.mu.Unlock()
	defer q.group.Done()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(q.ctx, cancel)()
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for e := q.next(ctx); e != nil; e = q.next(ctx) {
				q.done(ctx, e, do(ctx, e.job))
			}
		})
	}
	group.Wait()
	return nil
}

// next waits for a job; it returns nil when ctx has ended.
func (q *Queue) next(ctx context.Context) *entry {
	for {
		q.mu.Lock()
		e, wake := (*entry)(nil), q.wake
		if ctx.Err() == nil {
			e = q.waiting.pop()
		}
		q.mu.Unlock()
		if e != nil {
			return e
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// done ends a job that succeeded and brings one that failed back.
func (q *Queue) done(ctx context.Context, e *entry, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err == nil:
		delete(q.jobs, e.job.ID)
	case ctx.Err() != nil:
		q.ready(e)
	default:
		e.failed++
		pause := q.pause(e.failed)
		q.opts.Logger.Warn("job failed", "job", e.job.ID, "kind", e.job.Kind, "attempt", e.failed, "pause", pause, "error", err)
		e.stop = q.opts.AfterFunc(pause, func() { q.resume(e) })
	}
}

func (q *Queue) resume(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.stop = nil
	if q.ctx.Err() == nil {
		q.ready(e)
	}
}

// pause is how long a job waits after its n-th failure.
func (q *Queue) pause(n int) time.Duration {
	d := q.opts.FirstPause
	for ; n > 1 && d < q.opts.MaxPause; n-- {
		d *= 2
	}
	d = min(d, q.opts.MaxPause)
	return d - time.Duration(q.opts.Random()*float64(d)/4)
}

// Close ends all calls of Work, waits for them and drops the jobs that are
// left. It must not be called by a job.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.cancel()
	for _, e := range q.jobs {
		if e.stop != nil {
			e.stop()
		}
	}
	q.mu.Unlock()
	q.group.Wait()
	return nil
}

// fifo is a queue in a slice whose front is cut off now and then.
type fifo struct {
	list []*entry
	head int
}

func (f *fifo) push(e *entry) { f.list = append(f.list, e) }

func (f *fifo) pop() *entry {
	if f.head == len(f.list) {
		return nil
	}
	e := f.list[f.head]
	f.list[f.head] = nil
	if f.head++; f.head > 1024 && f.head > len(f.list)/2 {
		f.list = append([]*entry(nil), f.list[f.head:]...)
		f.head = 0
	}
	return e
}
