package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// profile writes a processor profile while STANCE_CPUPROFILE names a file, for
// measuring what a scan spends its time on.
func profile() func() {
	path := os.Getenv("STANCE_CPUPROFILE")
	if path == "" {
		return func() {}
	}
	f, err := os.Create(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stance: profile:", err)
		return func() {}
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		fmt.Fprintln(os.Stderr, "stance: profile:", err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		if path := os.Getenv("STANCE_HEAPPROFILE"); path != "" {
			if h, err := os.Create(path); err == nil {
				if err := pprof.WriteHeapProfile(h); err != nil {
					fmt.Fprintln(os.Stderr, "stance: profile:", err)
				}
				h.Close()
			}
		}
		f.Close()
	}
}
