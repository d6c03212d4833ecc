package main

import (
	"syscall"
	"time"
)

// processorTimes is the processor time that the process has used so far.
func processorTimes() (user, system time.Duration) {
	var created, ended, kernel, own syscall.Filetime
	self, err := syscall.GetCurrentProcess()
	if err != nil || syscall.GetProcessTimes(self, &created, &ended, &kernel, &own) != nil {
		return 0, 0
	}
	return ticks(own), ticks(kernel)
}

// ticks is a time that Windows counts in units of 100 ns.
func ticks(t syscall.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}

// peakResident is the peak of the resident set in bytes, 0 when it is not known.
func peakResident() int64 { return 0 }
