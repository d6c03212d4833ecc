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
	// heapMost bounds the growth of a small heap: should it become a large one before
	// the next collection has set the growth anew, memory stays bounded.
	heapMost = 300
)

// paceHeap sets after each garbage collection when the next one is due: when the
// heap has grown by heapGrowth, but not below heapFloor. GOGC in the environment
// takes its place.
func paceHeap() {
	if os.Getenv("GOGC") != "" {
		return
	}
	pace := func() {
		live, roots := scanned()
		debug.SetGCPercent(heapPercent(live, roots))
	}
	pace()
	onCollection(pace)
}

// heapPercent returns the growth that ends at the floor, or heapGrowth where that
// is more, but at most heapMost. The runtime adds so much of what is live in the
// heap and of the roots, stacks and global variables, to what is live in the heap;
// all are in bytes.
// https://go.dev/doc/gc-guide#GOGC
func heapPercent(live, roots uint64) int {
	if live >= heapFloor || live+roots == 0 {
		return heapGrowth
	}
	return min(max(heapGrowth, int((heapFloor-live)*100/(live+roots))), heapMost)
}

// scanned returns the bytes that the last collection found in use in the heap, and
// those of the roots.
func scanned() (live, roots uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64() + samples[2].Value.Uint64()
}

// onCollection calls f after each garbage collection.
func onCollection(f func()) {
	sentinel := new([64]byte) // too large to share its memory with others
	runtime.AddCleanup(sentinel, func(f func()) {
		f()
		onCollection(f)
	}, f)
}
