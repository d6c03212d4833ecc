//go:build unix

package sqlite

import (
	"errors"
	"syscall"
)

// alive reports whether a process with that id exists on this host.
func alive(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
