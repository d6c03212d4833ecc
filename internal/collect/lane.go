package collect

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Lane is one adaptive rate of calls: it starts at a documented rate less
// headroom, or without a limit where none is documented, halves when it is
// throttled and grows again while it is not (additive increase, multiplicative
// decrease). It is safe for concurrent use.
type Lane struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	ceiling rate.Limit
	cut     time.Time // of the last decrease
	grown   time.Time
	calls   int // since window
	window  time.Time
}

// headroom is the share of a documented rate that is left to the customer's own
// automation.
const headroom = 0.4

// NewLane returns a lane for a documented rate of calls per second, with a
// burst; perSecond 0 means that no rate is documented.
func NewLane(perSecond float64, burst int) *Lane {
	if perSecond <= 0 {
		return &Lane{limiter: rate.NewLimiter(rate.Inf, 1), ceiling: rate.Inf}
	}
	ceiling := rate.Limit(perSecond * (1 - headroom))
	return &Lane{limiter: rate.NewLimiter(ceiling, burst), ceiling: ceiling}
}

// Wait waits until a call may be made, or ctx ends.
func (l *Lane) Wait(ctx context.Context) error { return l.limiter.Wait(ctx) }

// Succeed tells of a call that was not throttled.
func (l *Lane) Succeed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.window) > time.Second {
		l.window, l.calls = now, 0
	}
	l.calls++
	limit := l.limiter.Limit()
	if limit == rate.Inf || l.cut.IsZero() || now.Sub(l.grown) < 2*time.Second || now.Sub(l.cut) < 2*time.Second {
		return
	}
	l.grown = now
	l.limiter.SetLimit(min(limit+max(1, limit/10), l.ceiling))
}

// Throttle halves the rate, at most once a second: answers to calls that were
// already under way say nothing new.
func (l *Lane) Throttle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.cut) < time.Second {
		return
	}
	l.cut = now
	limit := l.limiter.Limit()
	if limit == rate.Inf {
		limit = rate.Limit(max(2, float64(l.calls)))
		l.limiter.SetBurst(max(1, int(limit)/4))
	}
	l.limiter.SetLimit(max(limit/2, 0.2))
}
