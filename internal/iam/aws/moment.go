package aws

import (
	"math/big"
	"slices"
	"strconv"
	"time"
)

// timeKeys are the condition keys that hold the time of a request. Every request
// has them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-currenttime
var timeKeys = map[string]bool{"aws:currenttime": true, "aws:epochtime": true}

// timed is the formula of a condition on the time of a request, for requests from
// now on: what has ended holds for none of them. What begins later, or ends later,
// holds for some, because nobody has to change anything for it.
func (e *env) timed(p *Policy, s *Statement, c *condition) Formula {
	t := *c
	t.since = e.now
	atom := &Atom{Operator: c.operator, Key: c.name, Values: c.values, Class: ClassOf(c.key), Cite: cite(p, s, ""), dim: c.key, cond: &t}
	if _, ok := feasible(c.key, []literal{{atom, true}}, anyDomain); !ok {
		return never
	}
	if _, ok := feasible(c.key, []literal{{atom, false}}, anyDomain); !ok {
		return always
	}
	return atomOf(atom)
}

// since is when requests begin to count for the literals, zero for ever.
func since(lits []literal) time.Time {
	for _, l := range lits {
		if c := l.atom.cond; c != nil && !c.since.IsZero() {
			return c.since
		}
	}
	return time.Time{}
}

// findMoment looks for a time from since on that meets all demands. Between two
// thresholds nothing changes, so those, and the seconds beside them, are enough.
// Comparisons of a time as text are not solved for: they count as possible.
func findMoment(demands []demand, since time.Time) (string, bool) {
	write := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	if demands[0].cond.key == "aws:epochtime" {
		write = func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	}
	since = since.Truncate(time.Second)
	candidates := []time.Time{since}
	for _, dm := range demands {
		m := dm.cond.match
		switch m.op.base() {
		case opDate:
			candidates = append(candidates, m.times...)
		case opNumber:
			for _, n := range m.numbers {
				candidates = append(candidates, time.Unix(floor(n), 0))
			}
		default:
			return write(since), true
		}
	}
	for _, c := range candidates {
		for _, t := range []time.Time{c, c.Add(-time.Second), c.Add(time.Second)} {
			s := write(t)
			if !t.Before(since) && !slices.ContainsFunc(demands, func(dm demand) bool { return dm.cond.one(s) != dm.want }) {
				return s, true
			}
		}
	}
	return "", false
}

// floor is the whole number below; beyond what a date can be it is the nearest
// that can.
func floor(n *big.Rat) int64 {
	const last = 253402300799 // the end of the year 9999
	switch {
	case n.Cmp(big.NewRat(last, 1)) > 0:
		return last
	case n.Sign() < 0:
		return 0
	}
	return new(big.Int).Quo(n.Num(), n.Denom()).Int64()
}
