package network

import (
	"net/netip"
	"slices"
	"strings"
)

// each calls do with every rule of the chain.
func (c Chain) each(do func(ordered)) {
	for _, l := range c.lists {
		for _, r := range l {
			do(r)
		}
	}
}

// destinations returns pairs of an IPv4 and an IPv6 address, so that each part
// into which the rules cut the destinations of a family is there at least once.
func (c Chain) destinations() [][2]netip.Addr {
	cuts4, cuts6 := []u128{{}}, []u128{{}}
	c.each(func(r ordered) {
		if r.to.limited {
			cuts4 = appendCuts(cuts4, r.to.addrs.v4, max4)
			cuts6 = appendCuts(cuts6, r.to.addrs.v6, max6)
		}
	})
	for _, cuts := range []*[]u128{&cuts4, &cuts6} {
		slices.SortFunc(*cuts, u128.cmp)
		*cuts = slices.Compact(*cuts)
	}
	out := make([][2]netip.Addr, max(len(cuts4), len(cuts6)))
	for i := range out {
		out[i][0] = cuts4[min(i, len(cuts4)-1)].addr(IPv4)
		out[i][1] = cuts6[min(i, len(cuts6)-1)].addr(IPv6)
	}
	return out
}

func appendCuts(cuts []u128, spans []span, last u128) []u128 {
	for _, s := range spans {
		cuts = append(cuts, s.lo)
		if s.hi.less(last) {
			cuts = append(cuts, s.hi.next())
		}
	}
	return cuts
}

// labels returns the sets of labels that a destination is tried with: none, each
// single one and, as an instance has tags and a service account at the same
// time, each pair of two kinds. A rule that allows needs one label only, and
// each further one could but bring a rule before it, unless a rule of an earlier
// list passes a packet on for the sake of another label.
func (c Chain) labels() [][]string {
	var all []string
	passing := false
	c.each(func(r ordered) {
		all = append(all, r.to.labels...)
		passing = passing || r.action == nextAction && len(r.to.labels) > 0
	})
	slices.Sort(all)
	all = slices.Compact(all)
	out := [][]string{nil}
	for i, a := range all {
		out = append(out, []string{a})
		if !passing {
			continue
		}
		for _, b := range all[i+1:] {
			if kindOf(a) != kindOf(b) {
				out = append(out, []string{a, b})
			}
		}
	}
	return out
}

// kindOf tells tags from service accounts and the like: what stands before the
// first colon.
func kindOf(label string) string {
	kind, _, _ := strings.Cut(label, ":")
	return kind
}

// sourcePorts returns one port of each part into which the rules cut the source
// ports.
func (c Chain) sourcePorts() []uint16 {
	ports := []uint16{0}
	c.each(func(r ordered) {
		for _, p := range r.to.sports.ranges {
			ports = append(ports, p.From)
			if p.To < 65535 {
				ports = append(ports, p.To+1)
			}
		}
	})
	slices.Sort(ports)
	return slices.Compact(ports)
}

// place is a destination that the rules tell from others.
type place struct {
	Destination
	sport uint16
	holds string // the signature
}

// own counts the rules with a limit that hold, or may hold, at the place.
func (p place) own() int {
	return len(p.holds) - strings.Count(p.holds, string('0'+byte(False)))
}

// signature tells destinations apart for which different rules hold: two answers,
// of IPv4 and of IPv6, for each rule with a limit.
func (c Chain) signature(d Destination, sport uint16) string {
	var b strings.Builder
	c.each(func(r ordered) {
		if r.to.limits() {
			b.WriteByte('0' + byte(r.to.holds(d, IPv4, sport)))
			b.WriteByte('0' + byte(r.to.holds(d, IPv6, sport)))
		}
	})
	return b.String()
}

// Alike returns a text that is the same for destinations to which the chain
// admits the same.
func (c Chain) Alike(d Destination) string {
	var b strings.Builder
	for _, from := range c.sourcePorts() {
		b.WriteString(c.signature(d, from))
	}
	return b.String()
}

// difference returns the headers that some rule matches which holds at one of two
// places only, given by their signatures.
func (c Chain) difference(a, b string) FlowSet {
	var out []FlowSet
	i := 0
	c.each(func(r ordered) {
		if r.to.limits() {
			if a[i:i+2] != b[i:i+2] {
				out = append(out, r.upper)
			}
			i += 2
		}
	})
	return unionFlows(out)
}
