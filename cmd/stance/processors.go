package main

import (
	"os"
	"runtime"
	"time"
)

const (
	// paceEvery is how often the load is looked at.
	paceEvery = 100 * time.Millisecond
	// idleBelow and busyAbove are the shares of one processor below which a program
	// waits for others, and above which it computes.
	idleBelow, busyAbove = 0.5, 0.75
)

// paceProcessors keeps the program on one processor while it waits for the
// network, and gives it all while it computes. On several, each answer that
// arrives wakes a thread that looks for more work and finds none; that is a fifth
// of what a scan costs. GOMAXPROCS in the environment takes its place. What it
// returns ends the pacing.
func paceProcessors() (stop func()) {
	all := runtime.GOMAXPROCS(0)
	if os.Getenv("GOMAXPROCS") != "" || all == 1 {
		return func() {}
	}
	ticker, done := time.NewTicker(paceEvery), make(chan struct{})
	go func() {
		used, at := processorTime(), time.Now()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			u, now := processorTime(), time.Now()
			have := runtime.GOMAXPROCS(0)
			if want := processors(have, all, float64(u-used)/float64(now.Sub(at))); want != have {
				runtime.GOMAXPROCS(want)
			}
			used, at = u, now
		}
	}()
	return func() { ticker.Stop(); close(done) }
}

// processors returns how many to run on after a time in which load processors
// were in use on average.
func processors(have, all int, load float64) int {
	switch {
	case load < idleBelow:
		return 1
	case load > busyAbove:
		return all
	}
	return have
}

// processorTime is what the process has used so far.
func processorTime() time.Duration {
	user, system := processorTimes()
	return user + system
}
