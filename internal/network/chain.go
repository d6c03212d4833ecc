package network

import (
	"cmp"
	"net/netip"
	"slices"
)

// Chain is an ordered packet filter whose rules may hold for some destinations
// only: the inbound rules of a network security group, or the firewall policies
// and rules of a network. It is a sequence of lists. In each the first rule that
// matches decides; what no rule of a list decides, and what a rule passes on,
// goes to the next list; what the last list leaves is denied. The zero value
// denies everything.
type Chain struct {
	lists [][]ordered
	gaps  []string
}

// Destination is what a chain needs to know of the interface that a packet
// arrives at. The zero value is one of which nothing is known.
type Destination struct {
	// IPv4 and IPv6 are the interface's own (private) addresses.
	IPv4, IPv6 netip.Addr
	// Labels are what rules name destinations by: the ids of application
	// security groups in lower case, network tags, service accounts.
	Labels []string
	// LabelsKnown says that there are no others.
	LabelsKnown bool
}

// action is what a rule does with the packets that it matches.
type action uint8

const (
	unsureAction  action = iota // one of the others, nobody knows which
	inspectAction               // allow or deny, as a middlebox decides
	denyAction
	allowAction
	nextAction // leave it to the next list
)

func (a action) String() string {
	return [...]string{"unreadable action", "inspect", "deny", "allow", "goto_next"}[a]
}

// ordered is one rule of a chain.
type ordered struct {
	Rule
	action action
	// floating is a rule whose place in the order is not known, or of which it
	// is not known whether it is in force: it may stand anywhere.
	floating bool
	// lower and upper are what it surely and possibly matches, wherever it
	// applies.
	lower, upper FlowSet
	// aside are the headers that it matches from sources which are not counted,
	// such as those of a service tag.
	aside FlowSet
	to    target
	// doubtful says that not enough is known of a destination to tell whether
	// the rule holds for it.
	doubtful bool
}

const gapDestination = "which rules hold for the destination"

// target says for which packets a rule holds, besides source, protocol and port.
type target struct {
	limited bool    // addrs limits it
	addrs   AddrSet // destination addresses
	labels  []string
	sports  PortSet // source ports; empty means all
	unsure  bool    // some limit could not be read
}

// Then returns the chain in which next decides what c leaves.
func (c Chain) Then(next Chain) Chain {
	return Chain{slices.Concat(c.lists, next.lists), slices.Concat(c.gaps, next.gaps)}
}

// UnknownChain returns a chain that may do anything.
func UnknownChain(why string) Chain {
	return Chain{lists: [][]ordered{{unread(Rule{Text: why})}}, gaps: []string{why}}
}

// unread is a rule of which nothing is known.
func unread(r Rule) ordered {
	r.Allow = true
	return ordered{Rule: r, action: unsureAction, floating: true, upper: AllFlows(AnyFamily)}
}

// At returns what the chain admits to one destination. Of the ports that a
// client sends from it may choose any.
func (c Chain) At(d Destination) Filter {
	var filters []Filter
	for _, from := range c.sourcePorts() {
		filters = append(filters, c.at(d, from, nil))
	}
	return c.join(filters)
}

// Somewhere returns what the chain admits to at least one destination that its
// rules tell apart.
func (c Chain) Somewhere() Filter {
	addrs, labels, sports := c.destinations(), c.labels(), c.sourcePorts()
	if len(addrs)*len(labels)*len(sports) > maxPlaces {
		return c.At(Destination{})
	}
	var places []place
	seen := map[string]bool{}
	for _, a := range addrs {
		for _, l := range labels {
			for _, from := range sports {
				p := place{Destination: Destination{IPv4: a[0], IPv6: a[1], Labels: l, LabelsKnown: true}, sport: from}
				if p.holds = c.signature(p.Destination, from); !seen[p.holds] {
					seen[p.holds] = true
					places = append(places, p)
				}
			}
		}
	}
	// The place with the fewest rules of its own is worked out as a whole; of the
	// others, only the headers that other rules are about.
	base := slices.MinFunc(places, func(a, b place) int { return a.own() - b.own() })
	filters := []Filter{c.at(base.Destination, base.sport, nil)}
	for _, p := range places {
		if p.holds != base.holds {
			differs := c.difference(p.holds, base.holds)
			filters = append(filters, c.at(p.Destination, p.sport, &differs))
		}
	}
	return c.join(filters)
}

// maxPlaces bounds how many destinations are tried one by one. Beyond it, rules
// with a limit are taken for rules that may or may not hold.
const maxPlaces = 4096

func (c Chain) join(filters []Filter) Filter {
	f := AnyOf(filters...)
	slices.Sort(f.gaps)
	f.gaps = append(slices.Clone(c.gaps), slices.Compact(f.gaps)...)
	return f
}

// at is what the chain admits to a destination from one source port; of the
// headers in only, if it is given.
func (c Chain) at(d Destination, sport uint16, only *FlowSet) Filter {
	var f Filter
	exact := true
	lists := make([][]ordered, len(c.lists))
	for i, l := range c.lists {
		lists[i] = make([]ordered, 0, len(l))
		for _, r := range l {
			r = r.at(d, sport)
			if r.doubtful {
				f.gaps = []string{gapDestination}
			}
			if only != nil {
				r.lower, r.upper = r.lower.Intersect(*only), r.upper.Intersect(*only)
			}
			if !r.upper.IsEmpty() || !r.aside.IsEmpty() {
				lists[i] = append(lists[i], r)
				exact = exact && r.action >= denyAction && r.lower.Equal(r.upper)
			}
		}
		inOrder(lists[i])
	}
	f.lower, f.upper = fold(lists, exact)
	f.attribute(lists)
	return f
}

// attribute gives each rule the headers that reach it and that it matches.
func (f *Filter) attribute(lists [][]ordered) {
	sure, maybe := AllFlows(AnyFamily), AllFlows(AnyFamily)
	for _, l := range lists {
		var passed, mayPass FlowSet
		for _, r := range l {
			lower, upper := sure.Intersect(r.lower), maybe.Intersect(r.upper)
			f.rules = append(f.rules, ruleFlows{r.Rule, lower, upper})
			if r.action != denyAction && !r.aside.IsEmpty() {
				f.asides = append(f.asides, ruleFlows{r.Rule, r.aside, r.aside})
			}
			sure, maybe = sure.Subtract(r.upper), maybe.Subtract(r.lower)
			switch r.action {
			case nextAction:
				passed, mayPass = passed.Union(lower), mayPass.Union(upper)
			case unsureAction:
				mayPass = mayPass.Union(upper)
			}
		}
		sure, maybe = sure.Union(passed), maybe.Union(mayPass)
	}
}

// at limits the rule to what it does at a destination.
func (r ordered) at(d Destination, sport uint16) ordered {
	if r.floating {
		r.lower = FlowSet{}
	}
	if !r.to.limits() {
		return r
	}
	v4, v6 := r.to.holds(d, IPv4, sport), r.to.holds(d, IPv6, sport)
	r.doubtful = v4 == Unknown || v6 == Unknown
	only := func(s FlowSet, want func(Truth) bool) FlowSet {
		switch {
		case want(v4) && want(v6):
			return s
		case want(v4):
			return s.Only(IPv4)
		case want(v6):
			return s.Only(IPv6)
		}
		return FlowSet{}
	}
	r.lower = only(r.lower, func(t Truth) bool { return t == True })
	r.upper = only(r.upper, func(t Truth) bool { return t != False })
	r.aside = only(r.aside, func(t Truth) bool { return t != False })
	return r
}

// limits says whether there is a limit at all.
func (t target) limits() bool {
	return t.limited || len(t.labels) > 0 || !t.sports.IsEmpty() || t.unsure
}

// holds says whether the limits admit a packet of a family to a destination.
func (t target) holds(d Destination, f Family, sport uint16) Truth {
	out := True
	if t.unsure {
		out = Unknown
	}
	if t.limited {
		out = out.And(t.holdsAddr(d, f))
	}
	if len(t.labels) > 0 {
		has := TruthOf(slices.ContainsFunc(t.labels, func(l string) bool { return slices.Contains(d.Labels, l) }))
		if has == False && !d.LabelsKnown {
			has = Unknown
		}
		out = out.And(has)
	}
	if !t.sports.IsEmpty() {
		out = out.And(TruthOf(t.sports.Contains(sport)))
	}
	return out
}

func (t target) holdsAddr(d Destination, f Family) Truth {
	a := d.IPv4
	if f == IPv6 {
		a = d.IPv6
	}
	switch {
	case a.IsValid():
		return TruthOf(t.addrs.Contains(a))
	case t.addrs.Covers(AllAddrs(f)):
		return True
	case t.addrs.Only(f).IsEmpty():
		return False
	}
	return Unknown
}

// inOrder sorts a list: rules that may stand anywhere first, then by number. Of
// one number denials come first, and what may be one before what is none.
func inOrder(list []ordered) {
	slices.SortStableFunc(list, func(a, b ordered) int {
		switch {
		case a.floating && b.floating:
			return 0
		case a.floating:
			return -1
		case b.floating:
			return 1
		}
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.weight(), b.weight()))
	})
}

func (r ordered) weight() int {
	if r.action == denyAction {
		return 0
	}
	return 1 + int(r.action)
}

// fold returns what the lists surely and possibly admit. It goes backwards: what
// a rule does not match has the answer of those behind it, so that each header
// gets the exact answer over everything that the unread parts may stand for.
// When everything is known exactly, both are one.
func fold(lists [][]ordered, exact bool) (lower, upper FlowSet) {
	for _, list := range slices.Backward(lists) {
		nextLower, nextUpper := lower, upper
		for end := len(list); end > 0; {
			// Neighbours that do the same are one rule.
			start := end - 1
			for start > 0 && list[start-1].action == list[start].action {
				start--
			}
			var ms, mays []FlowSet
			for _, r := range list[start:end] {
				ms, mays = append(ms, r.lower), append(mays, r.upper)
			}
			end = start
			m := unionFlows(ms)
			may := m
			if !exact {
				may = unionFlows(mays)
			}
			switch list[start].action {
			case allowAction:
				lower, upper = lower.Union(m), upper.Union(may)
			case denyAction:
				lower, upper = lower.Subtract(may), upper.Subtract(m)
			case nextAction:
				both := lower.Intersect(nextLower).Intersect(may).Subtract(m)
				lower = lower.Subtract(may).Union(m.Intersect(nextLower)).Union(both)
				upper = upper.Subtract(m).Union(may.Intersect(nextUpper))
			default:
				lower, upper = lower.Subtract(may), upper.Union(may)
			}
			if exact {
				upper = lower
			}
		}
	}
	return lower, upper
}
