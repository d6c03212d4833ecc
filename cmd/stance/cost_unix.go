//go:build unix

package main

import (
	"runtime"
	"syscall"
	"time"
)

// processorTimes is the processor time that the process has used so far.
func processorTimes() (user, system time.Duration) {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0, 0
	}
	return time.Duration(ru.Utime.Nano()), time.Duration(ru.Stime.Nano())
}

// peakResident is the peak of the resident set in bytes, 0 when it is not known.
func peakResident() int64 {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	peak := int64(ru.Maxrss) //nolint:unconvert // it has 32 bits on some platforms
	if runtime.GOOS != "darwin" {
		peak <<= 10 // others count in KiB
	}
	return peak
}
