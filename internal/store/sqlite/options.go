package sqlite

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// Options configure a store. The zero value is usable.
type Options struct {
	// Lease is how long a scan stays the only one of its accounts after its
	// last Heartbeat or write; 60 s when zero. The lease of a process of this
	// host that no longer exists ends at once.
	Lease time.Duration
	// BusyTimeout is how long a write waits for another process that is
	// writing to the same file; 30 s when zero.
	BusyTimeout time.Duration
	// CacheBytes is the page cache of the writing connection; 16 MiB when
	// zero. Each reading connection has a quarter of it. It takes twice its
	// size, outside Go's heap: the allocator rounds a page and its header up to
	// the next power of two.
	CacheBytes int
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Logger is told when the purge of superseded rows fails, which concerns
	// the size of the file only; nil for none.
	Logger *slog.Logger
}

// Validate says which option cannot be used.
func (o Options) Validate() error {
	for name, bad := range map[string]bool{
		"Lease": o.Lease < 0, "BusyTimeout": o.BusyTimeout < 0, "CacheBytes": o.CacheBytes < 0,
	} {
		if bad {
			return fmt.Errorf("%w store option %s: must not be negative", model.ErrInvalid, name)
		}
	}
	return nil
}

func (o Options) withDefaults() Options {
	if o.Lease == 0 {
		o.Lease = time.Minute
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 30 * time.Second
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 16 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
