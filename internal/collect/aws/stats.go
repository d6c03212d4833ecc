package aws

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Stats counts the calls of a session.
type Stats struct {
	mu    sync.Mutex
	calls map[string]*CallStats
}

// CallStats are the figures of one operation over all regions.
type CallStats struct {
	Operation string        `json:"operation"`
	Calls     int           `json:"calls"`
	Errors    int           `json:"errors"`
	Throttled int           `json:"throttled"`
	Time      time.Duration `json:"time_ns"`
}

func newStats() *Stats { return &Stats{calls: map[string]*CallStats{}} }

func (s *Stats) count(_ string, op operation, took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[op.String()]
	if c == nil {
		c = &CallStats{Operation: op.String()}
		s.calls[op.String()] = c
	}
	c.Calls++
	c.Time += took
	if err != nil {
		c.Errors++
		if isThrottle(err) {
			c.Throttled++
		}
	}
}

// Calls returns the figures, most calls first.
func (s *Session) Calls() []CallStats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	out := make([]CallStats, 0, len(s.stats.calls))
	for _, c := range s.stats.calls {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b CallStats) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}
