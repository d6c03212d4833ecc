package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestHeapPercent holds that the heap grows to the floor, or by heapGrowth where
// that is more.
func TestHeapPercent(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, heapGrowth},
		{1 << 20, 4700},
		{24 << 20, 100},
		{30 << 20, heapGrowth},
		{heapFloor, heapGrowth},
		{1 << 30, heapGrowth},
	} {
		if got := heapPercent(c.live); got != c.want {
			t.Errorf("heapPercent(%d MiB) = %d, want %d", c.live>>20, got, c.want)
		}
	}
}

// TestPaceHeap holds that the growth is set again after a collection.
func TestPaceHeap(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC takes the place of what is tested")
	}
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	done := make(chan struct{}, 16)
	onCollection(func() {
		select {
		case done <- struct{}{}:
		default:
		}
	})
	for range 2 { // it must go on after the first
		runtime.GC()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was called after a collection")
		}
	}
	if liveHeap() == 0 {
		t.Error("the live heap is 0 after a collection")
	}
}
