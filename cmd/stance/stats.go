package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// printStats prints what a scan cost: time, processor time, memory and calls.
func printStats(t *terminal, s model.Scan, runs []app.CloudScan, took time.Duration) {
	w := t.err
	user, system := processorTimes()
	fmt.Fprintf(w, "\nTime        %s\n", took.Round(time.Millisecond))
	fmt.Fprintf(w, "Processor   %s (user %s, system %s)\n", (user + system).Round(time.Millisecond), user.Round(time.Millisecond), system.Round(time.Millisecond))
	fmt.Fprintf(w, "Memory      %s at the peak\n", peakMemory())
	fmt.Fprintf(w, "Assets      %d, gaps %d\n", s.Counts.Assets, s.Counts.Gaps)
	var calls []collect.CallStats
	for _, r := range runs {
		if r.Session != nil {
			calls = append(calls, r.Session.Calls()...)
		}
	}
	if len(calls) == 0 {
		return
	}
	total, failed, throttled := 0, 0, 0
	for _, c := range calls {
		total, failed, throttled = total+c.Calls, failed+c.Errors, throttled+c.Throttled
	}
	fmt.Fprintf(w, "Calls       %d (%d with an error code, %d throttled)\n\n", total, failed, throttled)
	fmt.Fprintf(w, "  %-58s %7s %7s %9s\n", "Operation", "calls", "errors", "mean")
	for _, c := range calls {
		mean := (c.Time / time.Duration(max(1, c.Calls))).Round(100 * time.Microsecond)
		fmt.Fprintf(w, "  %-58s %7d %7d %9s\n", c.Operation, c.Calls, c.Errors, mean)
	}
}

// peakMemory is the peak of the resident set, as the kernel counts it.
func peakMemory() string {
	data, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.SplitSeq(string(data), "\n") {
			if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), " kB"))
				if err == nil {
					return fmt.Sprintf("%d MiB", kib/1024)
				}
			}
		}
	}
	if peak := peakResident(); peak > 0 {
		return fmt.Sprintf("%d MiB", peak>>20)
	}
	return "unknown"
}
