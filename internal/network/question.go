package network

import (
	"net/netip"
	"slices"
)

// Query is a question to a filter. The zero value asks: is any port open to the
// internet?
type Query struct {
	// Family restricts the sources; AnyFamily asks for either.
	Family Family
	// Protocols to ask about. Empty means TCP and UDP when ports are given, and
	// every protocol when they are not.
	Protocols []Protocol
	// Ports of which at least one must be open. Empty means every port.
	Ports []PortRange
	// MinBreadth is how much of the globally routable space must be admitted on
	// one port. The zero value means BreadthAny: "open to the internet". With
	// From it means BreadthNarrow: at least one of those addresses.
	MinBreadth Breadth
	// Strict asks that one port admits every globally routable address of a
	// family; MinBreadth is then not looked at.
	Strict bool
	// From replaces the internet by these far addresses.
	From AddrSet
}

// Answer is the answer to a Query.
type Answer struct {
	// Value is Unknown when what could not be read would decide.
	Value Truth
	// Rules that admit what was asked for, in the vendor's order. If the value
	// is Unknown, those that may admit it.
	Rules []Rule
	// Denied are the ACL entries that deny part of what was asked for.
	Denied []Rule
	// Asides are the rules that allow what was asked for from sources which are
	// not counted, such as those of a service tag.
	Asides []Rule
	// Ports of the query that are open (possibly open if Unknown).
	Ports PortSet
	// Sources admitted on those ports, not restricted to routable ones.
	Sources AddrSet
	// Breadth of the routable sources on the widest port of the query, also
	// when it is too small for the value to be True.
	Breadth Breadth
	// Gaps is what could not be read or resolved, if the value is Unknown.
	Gaps []string
}

// Exposed decides q over the union of all rules of f.
func Exposed(f Filter, q Query) Answer {
	q = q.withDefaults()
	scope := q.scope()
	sure := q.measure(f.lower.Intersect(scope))
	if sure.open {
		return f.answer(True, q, sure)
	}
	possible := q.measure(f.upper.Intersect(scope))
	if possible.open {
		a := f.answer(Unknown, q, possible)
		a.Gaps = f.Gaps()
		return a
	}
	return Answer{
		Value:   False,
		Breadth: sure.breadth,
		Denied:  f.decide(scope, false),
		Asides:  f.aside(scope),
	}
}

// OpenToInternet is Exposed with the default meaning of the internet.
func OpenToInternet(f Filter, family Family, ports ...PortRange) Answer {
	return Exposed(f, Query{Family: family, Ports: ports})
}

// AdmitsPacket tells whether f admits one header.
func (f Filter) AdmitsPacket(a netip.Addr, p Protocol, port uint16) Truth {
	return f.state(func(s FlowSet) bool { return s.Contains(a, p, port) })
}

func (q Query) withDefaults() Query {
	if len(q.Protocols) == 0 && len(q.Ports) > 0 {
		q.Protocols = []Protocol{TCP, UDP}
	}
	if q.MinBreadth == BreadthNone {
		q.MinBreadth = BreadthAny
		if !q.From.IsEmpty() {
			q.MinBreadth = BreadthNarrow
		}
	}
	return q
}

// scope is every header that the query asks about, from routable and from other
// addresses.
func (q Query) scope() FlowSet {
	addrs := AllAddrs(q.Family)
	if !q.From.IsEmpty() {
		addrs = q.From.Only(q.Family)
	}
	ports := PortSetOf(q.Ports...)
	if len(q.Ports) == 0 {
		ports = PortSetOf(AllPorts)
	}
	if len(q.Protocols) > 0 {
		return product(addrs, q.Protocols, ports)
	}
	boxes := make([]Box, 0, len(ports.ranges))
	for _, r := range ports.ranges {
		boxes = append(boxes, Box{addrs, [2]Protocol{0, 255}, r})
	}
	return FlowSetOf(boxes...)
}

// measured is what a set of headers answers to a query.
type measured struct {
	open    bool
	breadth Breadth // of the widest port
	flows   FlowSet // on the open ports
}

func (q Query) measure(s FlowSet) measured {
	var m measured
	var open []FlowSet
	for _, b := range s.Boxes() {
		width, ok := q.width(b.Addrs)
		m.breadth = max(m.breadth, width)
		if ok {
			m.open = true
			open = append(open, b.flows())
		}
	}
	m.flows = unionFlows(open)
	return m
}

// width is the breadth of one port's sources and whether it is enough.
func (q Query) width(s AddrSet) (Breadth, bool) {
	if !q.From.IsEmpty() {
		n := max(
			breadth(count(s.v4), u128{0, 1 << 16}, u128{0, 1 << 24}),
			breadth(count(s.v6), u128{1 << 16, 0}, u128{1 << 32, 0}),
		)
		return n, n >= q.MinBreadth
	}
	n := BreadthOf(s, q.Family)
	if !q.Strict {
		return n, n >= q.MinBreadth
	}
	for _, f := range []Family{IPv4, IPv6} {
		if q.Family.Includes(f) && CoversInternet(s, f) {
			return n, true
		}
	}
	return n, false
}

// answer fills an answer that is not False.
func (f Filter) answer(v Truth, q Query, m measured) Answer {
	relevant := m.flows
	if q.From.IsEmpty() {
		relevant = relevant.Intersect(FlowSetOf(Box{Internet(q.Family), [2]Protocol{0, 255}, AllPorts}))
	}
	return Answer{
		Value:   v,
		Rules:   f.decide(relevant, true),
		Denied:  f.decide(q.scope(), false),
		Asides:  f.aside(q.scope()),
		Ports:   m.flows.Ports(),
		Sources: m.flows.Addrs(),
		Breadth: m.breadth,
	}
}

// decide returns the rules that allow, or deny, some header of s.
func (f Filter) decide(s FlowSet, allow bool) []Rule {
	var out []Rule
	for _, r := range f.rules {
		if r.Allow == allow && !r.upper.Intersect(s).IsEmpty() && !slices.Contains(out, r.Rule) {
			out = append(out, r.Rule)
		}
	}
	return out
}

// aside returns the rules that allow some header of s from sources which are not
// counted.
func (f Filter) aside(s FlowSet) []Rule {
	var out []Rule
	for _, r := range f.asides {
		if !r.upper.Intersect(s).IsEmpty() && !slices.Contains(out, r.Rule) {
			out = append(out, r.Rule)
		}
	}
	return out
}

// OpenOnAllPorts decides whether the internet of the family is admitted on every
// port of TCP and on every port of UDP.
func OpenOnAllPorts(f Filter, family Family) Truth {
	all := func(s FlowSet) bool {
		for _, p := range []Protocol{TCP, UDP} {
			q := Query{Family: family, Protocols: []Protocol{p}}.withDefaults()
			if q.measure(s.Intersect(q.scope())).flows.Ports().Size() <= 65535 {
				return false
			}
		}
		return true
	}
	return f.state(all)
}
