package network

import (
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// Family is an address family.
type Family uint8

// The families. AnyFamily, the zero value, means both of them.
const (
	AnyFamily Family = iota
	IPv4
	IPv6
)

// String returns "any", "v4" or "v6".
func (f Family) String() string {
	switch f {
	case IPv4:
		return "v4"
	case IPv6:
		return "v6"
	}
	return "any"
}

// Includes reports whether f is g, or AnyFamily.
func (f Family) Includes(g Family) bool { return f == AnyFamily || f == g }

// AddrSet is an immutable set of IPv4 and IPv6 addresses. The two families are
// separate spaces: an IPv4-mapped IPv6 address is an IPv6 address. The zero
// value is the empty set.
type AddrSet struct {
	v4, v6 []span // sorted, disjoint, not adjacent
}

// span is a closed interval of addresses.
type span struct{ lo, hi u128 }

// AddrSetOf returns the union of prefixes. Host bits are ignored, invalid
// prefixes add nothing.
func AddrSetOf(prefixes ...netip.Prefix) AddrSet {
	var s AddrSet
	for _, p := range prefixes {
		if !p.IsValid() {
			continue
		}
		p = p.Masked()
		lo := numberOf(p.Addr())
		sp := span{lo, lo.add(lowMask(p.Addr().BitLen() - p.Bits()))}
		if p.Addr().Is4() {
			s.v4 = append(s.v4, sp)
		} else {
			s.v6 = append(s.v6, sp)
		}
	}
	return AddrSet{canonical(s.v4), canonical(s.v6)}
}

// AllAddrs returns every address of the family, or of both for AnyFamily.
func AllAddrs(f Family) AddrSet {
	var s AddrSet
	if f.Includes(IPv4) {
		s.v4 = []span{{hi: max4}}
	}
	if f.Includes(IPv6) {
		s.v6 = []span{{hi: max6}}
	}
	return s
}

// Only returns the part of s in the family.
func (s AddrSet) Only(f Family) AddrSet {
	switch f {
	case IPv4:
		return AddrSet{v4: s.v4}
	case IPv6:
		return AddrSet{v6: s.v6}
	}
	return s
}

// IsEmpty reports whether s holds no address.
func (s AddrSet) IsEmpty() bool { return len(s.v4) == 0 && len(s.v6) == 0 }

// Equal reports whether s and t hold the same addresses.
func (s AddrSet) Equal(t AddrSet) bool {
	return slices.Equal(s.v4, t.v4) && slices.Equal(s.v6, t.v6)
}

// Contains reports whether a is in s. Zones are ignored.
func (s AddrSet) Contains(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	spans := s.v6
	if a.Is4() {
		spans = s.v4
	}
	n := numberOf(a)
	_, found := slices.BinarySearchFunc(spans, n, func(sp span, n u128) int {
		switch {
		case sp.hi.less(n):
			return -1
		case n.less(sp.lo):
			return 1
		}
		return 0
	})
	return found
}

// Covers reports whether every address of t is in s.
func (s AddrSet) Covers(t AddrSet) bool { return t.Subtract(s).IsEmpty() }

// Union returns the addresses in s or t.
func (s AddrSet) Union(t AddrSet) AddrSet {
	return AddrSet{unionSpans(s.v4, t.v4), unionSpans(s.v6, t.v6)}
}

// Intersect returns the addresses in both s and t.
func (s AddrSet) Intersect(t AddrSet) AddrSet {
	return AddrSet{intersectSpans(s.v4, t.v4), intersectSpans(s.v6, t.v6)}
}

// Subtract returns the addresses in s that are not in t.
func (s AddrSet) Subtract(t AddrSet) AddrSet {
	return AddrSet{subtractSpans(s.v4, t.v4), subtractSpans(s.v6, t.v6)}
}

// Size returns the number of addresses of the family, the sum for AnyFamily.
func (s AddrSet) Size(f Family) *big.Int {
	n := new(big.Int)
	one := big.NewInt(1)
	for _, sp := range slices.Concat(s.Only(f).v4, s.Only(f).v6) {
		n.Add(n, sp.hi.sub(sp.lo).big())
		n.Add(n, one)
	}
	return n
}

// Prefixes returns the smallest list of prefixes whose union is s: IPv4 before
// IPv6, ascending.
func (s AddrSet) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, sp := range s.v4 {
		out = appendPrefixes(out, sp, IPv4)
	}
	for _, sp := range s.v6 {
		out = appendPrefixes(out, sp, IPv6)
	}
	return out
}

// String returns the prefixes separated by commas, "none" for the empty set.
func (s AddrSet) String() string {
	if s.IsEmpty() {
		return "none"
	}
	var b strings.Builder
	for i, p := range s.Prefixes() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

func appendPrefixes(out []netip.Prefix, sp span, f Family) []netip.Prefix {
	width := 128
	if f == IPv4 {
		width = 32
	}
	for lo := sp.lo; ; {
		// The largest aligned block that starts at lo and ends inside the span.
		n := min(lo.trailingZeros(), width)
		for n > 0 && sp.hi.less(lo.add(lowMask(n))) {
			n--
		}
		out = append(out, netip.PrefixFrom(lo.addr(f), width-n))
		end := lo.add(lowMask(n))
		if end == sp.hi {
			return out
		}
		lo = end.next()
	}
}
