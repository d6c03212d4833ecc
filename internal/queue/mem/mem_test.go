package mem_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/queue/mem"
	"github.com/stance-sec/stance/internal/queue/queuetest"
	"github.com/stance-sec/stance/internal/scan"
)

var _ scan.Queue = (*mem.Queue)(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQueue(t *testing.T) {
	queuetest.Run(t, func(*testing.T) scan.Queue {
		return mem.New(mem.Options{FirstPause: time.Millisecond, MaxPause: 4 * time.Millisecond})
	})
}

// A failing job comes at doubling distances, up to the longest.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := mem.New(mem.Options{FirstPause: time.Second, MaxPause: 10 * time.Second, Random: func() float64 { return 0 }})
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var got []time.Duration
		if err := q.Put(ctx, model.Job{ID: "a"}); err != nil {
			t.Fatal(err)
		}
		if err := q.Work(ctx, 3, func(context.Context, model.Job) error {
			if got = append(got, time.Since(start)); len(got) == 7 {
				cancel()
			}
			return errors.New("no")
		}); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, 1, 3, 7, 15, 25, 35}
		for i := range want {
			want[i] *= time.Second
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A pausing job counts as waiting: it is not put twice, and Close ends its pause.
func TestPausingJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := mem.New(mem.Options{FirstPause: time.Hour})
		ran := 0
		group := make(chan error, 1)
		go func() {
			group <- q.Work(t.Context(), 2, func(context.Context, model.Job) error { ran++; return errors.New("no") })
		}()
		for range 3 {
			if err := q.Put(t.Context(), model.Job{ID: "a"}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if ran != 1 {
			t.Errorf("the job ran %d times, want once", ran)
		}
		if err := errors.Join(q.Close(), <-group); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Hour)
		if ran != 1 {
			t.Errorf("the job ran after Close")
		}
	})
}

func TestCapacity(t *testing.T) {
	q := mem.New(mem.Options{Capacity: 2})
	for i := range 3 {
		err := q.Put(t.Context(), model.Job{ID: fmt.Sprint(i)})
		if full := i == 2; errors.Is(err, model.ErrBusy) != full {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
	if err := q.Put(t.Context(), model.Job{ID: "x"}); !errors.Is(err, mem.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// The body belongs to the queue once it is put.
func TestBodyIsCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := mem.New(mem.Options{})
		body := []byte("before")
		if err := q.Put(t.Context(), model.Job{ID: "a", Body: body}); err != nil {
			t.Fatal(err)
		}
		copy(body, "after!")
		ctx, cancel := context.WithCancel(t.Context())
		if err := q.Work(ctx, 1, func(_ context.Context, j model.Job) error {
			if string(j.Body) != "before" {
				t.Errorf("body %q", j.Body)
			}
			cancel()
			return nil
		}); err != nil {
			t.Error(err)
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkQueue(b *testing.B) {
	q := mem.New(mem.Options{})
	defer q.Close()
	done := make(chan struct{}, 1024)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- q.Work(ctx, 2, func(context.Context, model.Job) error { done <- struct{}{}; return nil })
	}()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := q.Put(ctx, model.Job{ID: fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
		<-done
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
