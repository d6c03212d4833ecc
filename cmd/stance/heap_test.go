package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestHeapPercent holds that the heap grows to the floor, or by heapGrowth where
// that is more.
func TestHeapPercent(t *testing.T) {
	for _, c := range []struct {
		live, roots uint64
		want        int
	}{
		{0, 0, heapGrowth},
		{1 << 20, 0, heapMost},
		{4 << 20, 4 << 20, heapMost},
		{16 << 20, 0, 200},
		{16 << 20, 16 << 20, 100},
		{24 << 20, 0, 100},
		{30 << 20, 0, heapGrowth},
		{heapFloor, 1 << 20, heapGrowth},
		{1 << 30, 1 << 20, heapGrowth},
	} {
		if got := heapPercent(c.live, c.roots); got != c.want {
			t.Errorf("heapPercent(%d MiB, %d MiB) = %d, want %d", c.live>>20, c.roots>>20, got, c.want)
		}
	}
}

// TestPaceHeap holds that the growth is set again after a collection.
func TestPaceHeap(t *testing.T) {
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
	if live, roots := scanned(); live == 0 || roots == 0 {
		t.Errorf("after a collection %d bytes live and %d of roots", live, roots)
	}
}
