package network

import (
	"net/netip"
	"slices"
	"strings"
)

// FlowSet is an immutable set of packet headers (far address, protocol, port):
// the far address is the source of what comes in and the destination of what
// goes out; the port is the destination port, or type x 256 + code for ICMP.
// It is canonical: equal sets have equal representations. The zero value is the
// empty set.
type FlowSet struct{ protocols axis[axis[AddrSet]] }

// Box is the product of a set of addresses, a closed range of protocols and a
// closed range of ports.
type Box struct {
	Addrs     AddrSet
	Protocols [2]Protocol // first and last
	Ports     PortRange
}

var (
	orAddrs  = algebraOf(AddrSet.Union, AddrSet.IsEmpty, AddrSet.Equal)
	andAddrs = algebraOf(AddrSet.Intersect, AddrSet.IsEmpty, AddrSet.Equal)
	notAddrs = algebraOf(AddrSet.Subtract, AddrSet.IsEmpty, AddrSet.Equal)
	orPorts  = nested(orAddrs)
	andPorts = nested(andAddrs)
	notPorts = nested(notAddrs)
)

func algebraOf[V any](combine func(a, b V) V, empty func(V) bool, equal func(a, b V) bool) algebra[V] {
	return algebra[V]{combine, empty, equal}
}

func nested[V any](inner algebra[V]) algebra[axis[V]] {
	return algebraOf(inner.overlay, func(a axis[V]) bool { return len(a) == 0 }, inner.same)
}

// FlowSetOf returns the union of boxes.
func FlowSetOf(boxes ...Box) FlowSet {
	sets := make([]FlowSet, 0, len(boxes))
	for _, b := range boxes {
		sets = append(sets, b.flows())
	}
	return unionFlows(sets)
}

// AllFlows returns every header of the family.
func AllFlows(f Family) FlowSet {
	return FlowSetOf(Box{AllAddrs(f), [2]Protocol{0, 255}, AllPorts})
}

func (b Box) flows() FlowSet {
	if b.Addrs.IsEmpty() || b.Protocols[0] > b.Protocols[1] || b.Ports.From > b.Ports.To {
		return FlowSet{}
	}
	ports := axis[AddrSet]{{int(b.Ports.From), int(b.Ports.To), b.Addrs}}
	return FlowSet{axis[axis[AddrSet]]{{int(b.Protocols[0]), int(b.Protocols[1]), ports}}}
}

// unionFlows joins halves, so that each box takes part in few merges.
func unionFlows(sets []FlowSet) FlowSet {
	switch len(sets) {
	case 0:
		return FlowSet{}
	case 1:
		return sets[0]
	}
	half := len(sets) / 2
	return unionFlows(sets[:half]).Union(unionFlows(sets[half:]))
}

// IsEmpty reports whether s holds no header.
func (s FlowSet) IsEmpty() bool { return len(s.protocols) == 0 }

// Equal reports whether s and t hold the same headers.
func (s FlowSet) Equal(t FlowSet) bool { return orPorts.same(s.protocols, t.protocols) }

// Union returns the headers in s or t.
func (s FlowSet) Union(t FlowSet) FlowSet {
	switch {
	case s.IsEmpty():
		return t
	case t.IsEmpty():
		return s
	}
	return FlowSet{orPorts.overlay(s.protocols, t.protocols)}
}

// Intersect returns the headers in both s and t.
func (s FlowSet) Intersect(t FlowSet) FlowSet {
	return FlowSet{andPorts.overlay(s.protocols, t.protocols)}
}

// Subtract returns the headers in s that are not in t.
func (s FlowSet) Subtract(t FlowSet) FlowSet {
	return FlowSet{notPorts.overlay(s.protocols, t.protocols)}
}

// Covers reports whether every header of t is in s.
func (s FlowSet) Covers(t FlowSet) bool { return t.Subtract(s).IsEmpty() }

// Contains reports whether the header is in s.
func (s FlowSet) Contains(a netip.Addr, p Protocol, port uint16) bool {
	return s.addrsAt(p, port).Contains(a)
}

func (s FlowSet) addrsAt(p Protocol, port uint16) AddrSet {
	for _, pc := range s.protocols {
		if int(p) < pc.lo || int(p) > pc.hi {
			continue
		}
		for _, c := range pc.val {
			if int(port) >= c.lo && int(port) <= c.hi {
				return c.val
			}
		}
	}
	return AddrSet{}
}

// Addrs returns the far addresses of all headers of s.
func (s FlowSet) Addrs() AddrSet {
	var out AddrSet
	for _, pc := range s.protocols {
		for _, c := range pc.val {
			out = out.Union(c.val)
		}
	}
	return out
}

// Ports returns the ports of all headers of s.
func (s FlowSet) Ports() PortSet {
	var out []PortRange
	for _, pc := range s.protocols {
		for _, c := range pc.val {
			out = append(out, PortRange{uint16(c.lo), uint16(c.hi)})
		}
	}
	return PortSetOf(out...)
}

// Boxes returns s as disjoint boxes, sorted by protocol, then port.
func (s FlowSet) Boxes() []Box {
	var out []Box
	for _, pc := range s.protocols {
		for _, c := range pc.val {
			out = append(out, Box{
				Addrs:     c.val,
				Protocols: [2]Protocol{Protocol(pc.lo), Protocol(pc.hi)},
				Ports:     PortRange{uint16(c.lo), uint16(c.hi)},
			})
		}
	}
	return out
}

// Only returns the headers of s with a far address of the family.
func (s FlowSet) Only(f Family) FlowSet {
	if f == AnyFamily {
		return s
	}
	return s.Intersect(AllFlows(f))
}

// String returns the boxes separated by "; ", "none" for the empty set.
func (s FlowSet) String() string {
	if s.IsEmpty() {
		return "none"
	}
	var parts []string
	for _, b := range s.Boxes() {
		parts = append(parts, b.String())
	}
	return strings.Join(parts, "; ")
}

// String returns protocols, ports and addresses: "tcp 22 10.0.0.0/8".
func (b Box) String() string {
	protocols := b.Protocols[0].String()
	switch {
	case b.Protocols == [2]Protocol{0, 255}:
		protocols = "all"
	case b.Protocols[0] != b.Protocols[1]:
		protocols += "-" + b.Protocols[1].String()
	}
	return strings.Join([]string{protocols, b.Ports.String(), b.Addrs.String()}, " ")
}

// product is every header with one of the protocols, ports and addresses.
func product(addrs AddrSet, protocols []Protocol, ports PortSet) FlowSet {
	var boxes []Box
	for _, p := range slices.Compact(slices.Sorted(slices.Values(protocols))) {
		for _, r := range ports.ranges {
			boxes = append(boxes, Box{addrs, [2]Protocol{p, p}, r})
		}
	}
	return FlowSetOf(boxes...)
}
