// Package queuetest is the suite that every engine of the seam scan.Queue
// passes. It runs in real time, so engines are opened with short pauses.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// patience is how long the suite waits for what must happen.
const patience = 30 * time.Second

// Run runs the suite. Each call of open gives a new, empty queue, with pauses
// between attempts of a few milliseconds; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) scan.Queue) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, scan.Queue)
	}{
		{"each job is done", testEach},
		{"a waiting job is not put twice", testWaiting},
		{"a running job is not put twice", testRunning},
		{"a job that is done can be put again", testAgain},
		{"a failed job comes again", testFailed},
		{"as many at a time as there are workers", testWorkers},
		{"the end of the context ends work", testContext},
		{"an interrupted job is not lost", testInterrupted},
		{"what cannot be put is refused", testRefused},
		{"close ends work", testClose},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := open(t)
			defer func() {
				if err := q.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			test.run(t, q)
		})
	}
}

func job(id string) model.Job {
	return model.Job{ID: id, Kind: "kind of " + id, Body: []byte("body of " + id)}
}

func put(t *testing.T, q scan.Queue, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := q.Put(context.Background(), job(id)); err != nil {
			t.Fatal(err)
		}
	}
}

// work runs Work in the background until the test calls stop, which checks
// that it ends within a second and without an error.
func work(t *testing.T, q scan.Queue, workers int, do func(context.Context, model.Job) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Work(ctx, workers, do) }()
	return sync.OnceFunc(func() {
		t.Helper()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Work: %v", err)
			}
		case <-time.After(time.Second):
			t.Error("Work has not ended a second after its context")
			<-ended
		}
	})
}

func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing happened")
	}
	return v
}

func nothing[T any](t *testing.T, c <-chan T) {
	t.Helper()
	select {
	case v := <-c:
		t.Errorf("got %v, want nothing", v)
	case <-time.After(50 * time.Millisecond):
	}
}

func testEach(t *testing.T, q scan.Queue) {
	const n = 100
	done := make(chan model.Job, n)
	defer work(t, q, 4, func(_ context.Context, j model.Job) error { done <- j; return nil })()
	var want, got []string
	for i := range n {
		id := fmt.Sprintf("job-%03d", i)
		put(t, q, id)
		want = append(want, id)
	}
	for range n {
		j := receive(t, done)
		if diff := cmp.Diff(job(j.ID), j); diff != "" {
			t.Errorf("job (-want +got):\n%s", diff)
		}
		got = append(got, j.ID)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func testWaiting(t *testing.T, q scan.Queue) {
	put(t, q, "a", "b", "a")
	done := make(chan string, 10)
	defer work(t, q, 1, func(_ context.Context, j model.Job) error { done <- j.ID; return nil })()
	got := []string{receive(t, done), receive(t, done)}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	nothing(t, done)
}

func testRunning(t *testing.T, q scan.Queue) {
	started, release := make(chan string, 10), make(chan struct{})
	defer work(t, q, 2, func(ctx context.Context, j model.Job) error {
		started <- j.ID
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})()
	put(t, q, "a")
	receive(t, started)
	put(t, q, "a")
	nothing(t, started)
	close(release)
	nothing(t, started)
}

func testAgain(t *testing.T, q scan.Queue) {
	done := make(chan string, 10)
	defer work(t, q, 1, func(_ context.Context, j model.Job) error { done <- j.ID; return nil })()
	put(t, q, "a")
	receive(t, done)
	// The job has run, but the queue may not have noted it yet.
	for deadline := time.Now().Add(patience); ; {
		put(t, q, "a")
		select {
		case <-done:
			return
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the second job was dropped")
		}
	}
}

func testFailed(t *testing.T, q scan.Queue) {
	attempts := make(chan string, 10)
	n := 0
	defer work(t, q, 1, func(_ context.Context, j model.Job) error {
		attempts <- j.ID
		if j.ID != "bad" {
			return nil
		}
		if n++; n < 4 {
			return errors.New("not yet")
		}
		return nil
	})()
	put(t, q, "bad", "good")
	count := map[string]int{}
	for range 5 {
		count[receive(t, attempts)]++
	}
	if diff := cmp.Diff(map[string]int{"bad": 4, "good": 1}, count); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	nothing(t, attempts)
}

func testWorkers(t *testing.T, q scan.Queue) {
	const workers = 3
	started, release := make(chan string, 10), make(chan struct{})
	defer work(t, q, workers, func(ctx context.Context, j model.Job) error {
		started <- j.ID
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})()
	put(t, q, "a", "b", "c", "d", "e")
	for range workers {
		receive(t, started)
	}
	nothing(t, started)
	close(release)
	receive(t, started)
	receive(t, started)
}

func testContext(t *testing.T, q scan.Queue) {
	stop := work(t, q, 4, func(context.Context, model.Job) error { return nil })
	stop() // with nothing to do

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := q.Work(ended, 1, func(context.Context, model.Job) error { return nil }); err != nil {
		t.Errorf("Work with an ended context: %v", err)
	}
	if err := q.Put(ended, job("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with an ended context: got %v, want context.Canceled", err)
	}
}

func testInterrupted(t *testing.T, q scan.Queue) {
	started := make(chan string, 10)
	stop := work(t, q, 1, func(ctx context.Context, j model.Job) error {
		started <- j.ID
		<-ctx.Done()
		return ctx.Err()
	})
	put(t, q, "a", "b")
	receive(t, started)
	stop()
	done := make(chan string, 10)
	defer work(t, q, 2, func(_ context.Context, j model.Job) error { done <- j.ID; return nil })()
	got := []string{receive(t, done), receive(t, done)}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func testRefused(t *testing.T, q scan.Queue) {
	if err := q.Put(context.Background(), model.Job{Kind: "k"}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("Put without an id: got %v, want ErrInvalid", err)
	}
	if err := q.Work(context.Background(), 0, nil); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("Work without workers: got %v, want ErrInvalid", err)
	}
}

func testClose(t *testing.T, q scan.Queue) {
	started := make(chan string, 10)
	stop := work(t, q, 2, func(ctx context.Context, j model.Job) error {
		started <- j.ID
		<-ctx.Done()
		return ctx.Err()
	})
	put(t, q, "a")
	receive(t, started)
	closed := make(chan error, 1)
	go func() { closed <- q.Close() }()
	if err := receive(t, closed); err != nil {
		t.Errorf("Close: %v", err)
	}
	stop()
	if err := q.Put(context.Background(), job("b")); err == nil {
		t.Error("Put after Close: got no error")
	}
	if err := q.Work(context.Background(), 1, nil); err == nil {
		t.Error("Work after Close: got no error")
	}
}
