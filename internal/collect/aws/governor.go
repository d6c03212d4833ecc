package aws

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// governor keeps one rate per region, service and class of operation: it starts
// at the documented rate less headroom, or without a limit where the vendor
// documents none, halves when it is throttled and grows again while it is not.
type governor struct {
	documented bool
	mu         sync.Mutex
	lanes      map[string]*lane
}

func newGovernor(documented bool) *governor {
	return &governor{documented: documented, lanes: map[string]*lane{}}
}

// headroom is the share of a documented rate that is left to the customer's own
// automation.
const headroom = 0.4

// documentedRates are calls per second and account and region, after the
// collection specification, section 6; the key is service or service:Operation.
var documentedRates = map[string]struct {
	perSecond float64
	burst     int
}{
	"cloudtrail:LookupEvents": {2, 2},
	"ec2":                     {20, 100},
	"iam":                     {15, 30},
	"lambda":                  {15, 15},
	"lambda:GetPolicy":        {15, 15},
	"organizations":           {5, 10},
}

func (g *governor) lane(region string, op operation) *lane {
	key := region + "/" + op.Service + "/" + class(op.Name)
	if op.Service == "ec2" || op.String() == "lambda:GetPolicy" {
		key = region + "/" + op.String() // EC2 counts each action apart
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lanes[key]
	if l == nil {
		l = &lane{limiter: rate.NewLimiter(rate.Inf, 1), ceiling: rate.Inf}
		r, ok := documentedRates[op.String()]
		if !ok {
			r, ok = documentedRates[op.Service]
		}
		if ok && g.documented {
			l.ceiling = rate.Limit(r.perSecond * (1 - headroom))
			l.limiter = rate.NewLimiter(l.ceiling, r.burst)
		}
		g.lanes[key] = l
	}
	return l
}

// class groups operations that services count together.
func class(name string) string {
	for _, c := range []string{"List", "Describe", "Get"} {
		if strings.HasPrefix(name, c) {
			return c
		}
	}
	return "Other"
}

// lane is one adaptive rate (additive increase, multiplicative decrease).
type lane struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	ceiling rate.Limit
	cut     time.Time // of the last decrease
	grown   time.Time
	calls   int // since window
	window  time.Time
}

func (l *lane) wait(ctx context.Context) error { return l.limiter.Wait(ctx) }

func (l *lane) succeed() {
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

// throttle halves the rate, at most once a second: answers to calls that were
// already under way say nothing new.
func (l *lane) throttle() {
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
