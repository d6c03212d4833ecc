package aws

import (
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/collect"
)

// governor keeps one rate per region, service and class of operation: it starts
// at the documented rate less headroom, or without a limit where the vendor
// documents none, halves when it is throttled and grows again while it is not.
type governor struct {
	documented bool
	mu         sync.Mutex
	lanes      map[string]*collect.Lane
}

func newGovernor(documented bool) *governor {
	return &governor{documented: documented, lanes: map[string]*collect.Lane{}}
}

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

func (g *governor) lane(region string, op operation) *collect.Lane {
	key := region + "/" + op.Service + "/" + class(op.Name)
	if op.Service == "ec2" || op.String() == "lambda:GetPolicy" {
		key = region + "/" + op.String() // EC2 counts each action apart
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lanes[key]
	if l == nil {
		r, ok := documentedRates[op.String()]
		if !ok {
			r = documentedRates[op.Service]
		}
		if !g.documented {
			r.perSecond = 0
		}
		l = collect.NewLane(r.perSecond, r.burst)
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
