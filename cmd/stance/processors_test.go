package main

import (
	"runtime"
	"testing"
	"time"
)

// TestProcessors holds that a program runs on one processor while it waits, and
// on all while it computes.
func TestProcessors(t *testing.T) {
	for _, c := range []struct {
		have, all int
		load      float64
		want      int
	}{
		{8, 8, 0, 1},
		{8, 8, 0.49, 1},
		{8, 8, 0.6, 8},
		{8, 8, 5, 8},
		{1, 8, 0.6, 1},
		{1, 8, 0.76, 8},
		{1, 8, 0.1, 1},
	} {
		if got := processors(c.have, c.all, c.load); got != c.want {
			t.Errorf("processors(%d, %d, %g) = %d, want %d", c.have, c.all, c.load, got, c.want)
		}
	}
}

// TestPaceProcessors holds that the pacing follows what the process does.
func TestPaceProcessors(t *testing.T) {
	all := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(all)
	t.Setenv("GOMAXPROCS", "")
	stop := paceProcessors()
	defer stop()
	reaches := func(want int, while func()) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); runtime.GOMAXPROCS(0) != want; while() {
			if time.Now().After(end) {
				t.Fatalf("runs on %d processors, want %d", runtime.GOMAXPROCS(0), want)
			}
		}
	}
	reaches(1, func() { time.Sleep(10 * time.Millisecond) })
	if before := processorTime(); before == 0 {
		t.Fatal("no processor time is known")
	}
	reaches(2, func() {
		for end := time.Now().Add(10 * time.Millisecond); time.Now().Before(end); { //nolint:revive // it computes
		}
	})
}
