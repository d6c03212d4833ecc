package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapFloor is the heap below which collecting garbage costs more than it
	// gives back, whatever share of it is garbage.
	heapFloor = 48 << 20
	// heapGrowth is how far, in percent, a larger heap grows between two
	// collections. A scan waits for the network most of the time: less memory is
	// worth more collections.
	heapGrowth = 60
)

// paceHeap sets after each garbage collection when the next one is due: when the
// heap has grown by heapGrowth, but not below heapFloor. GOGC in the environment
// takes its place.
func paceHeap() {
	if os.Getenv("GOGC") != "" {
		return
	}
	// The runtime's own floor is 4 MiB at 100 percent.
	debug.SetGCPercent(heapFloor / (4 << 20) * 100)
	onCollection(func() { debug.SetGCPercent(heapPercent(liveHeap())) })
}

// heapPercent returns the growth that ends at the floor, or heapGrowth where that
// is more; live is in bytes.
func heapPercent(live uint64) int {
	if live == 0 || live >= heapFloor {
		return heapGrowth
	}
	return max(heapGrowth, int((heapFloor-live)*100/live))
}

// liveHeap returns the bytes that the last collection found in use.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// onCollection calls f after each garbage collection.
func onCollection(f func()) {
	sentinel := new([64]byte) // too large to share its memory with others
	runtime.AddCleanup(sentinel, func(f func()) {
		f()
		onCollection(f)
	}, f)
}
