package collect

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Stats counts the calls of a session. It is safe for concurrent use.
type Stats struct {
	mu    sync.Mutex
	calls map[string]*CallStats
}

// CallStats are the figures of one operation over everything that was read.
type CallStats struct {
	Operation string        `json:"operation"`
	Calls     int           `json:"calls"`
	Errors    int           `json:"errors"`
	Throttled int           `json:"throttled"`
	Time      time.Duration `json:"time_ns"`
}

// NewStats returns figures without any call.
func NewStats() *Stats { return &Stats{calls: map[string]*CallStats{}} }

// Count adds one call of an operation.
func (s *Stats) Count(operation string, took time.Duration, failed, throttled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[operation]
	if c == nil {
		c = &CallStats{Operation: operation}
		s.calls[operation] = c
	}
	c.Calls++
	c.Time += took
	if failed {
		c.Errors++
	}
	if throttled {
		c.Throttled++
	}
}

// Calls returns the figures, most calls first.
func (s *Stats) Calls() []CallStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]CallStats, 0, len(s.calls))
	for _, c := range s.calls {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b CallStats) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}
