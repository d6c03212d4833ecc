package sqlite

import (
	"crypto/rand"
	"fmt"
	"os"
	"sync"
)

// owner is the process that runs a scan.
type owner struct {
	host string
	pid  int
	// process tells processes with the same pid apart: after a restart of a
	// container, pid 1 is another process.
	process string
}

var processName = sync.OnceValue(rand.Text)

func self() (owner, error) {
	host, err := os.Hostname()
	if err != nil {
		return owner{}, fmt.Errorf("ask for the name of this host: %w", err)
	}
	return owner{host: host, pid: os.Getpid(), process: processName()}, nil
}

// dead reports whether o is known to be gone, as seen from self. An owner on
// another host is never known to be.
func (o owner) dead(self owner) bool {
	switch {
	case o.host != self.host || o.process == self.process:
		return false
	case o.pid == self.pid:
		return true
	default:
		return !alive(o.pid)
	}
}
