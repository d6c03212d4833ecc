package network

import (
	"slices"
	"strconv"
	"strings"
)

// PortRange is a closed interval of ports. For ICMP the number is type x 256 +
// code, so that one type is a range of 256.
type PortRange struct{ From, To uint16 }

// AllPorts is every port.
var AllPorts = PortRange{0, 65535}

// Port returns the range that holds one port.
func Port(p uint16) PortRange { return PortRange{p, p} }

// String returns "22", "20-25" or "all".
func (r PortRange) String() string {
	switch {
	case r == AllPorts:
		return "all"
	case r.From == r.To:
		return strconv.Itoa(int(r.From))
	}
	return strconv.Itoa(int(r.From)) + "-" + strconv.Itoa(int(r.To))
}

// PortSet is an immutable set of ports. The zero value is the empty set.
type PortSet struct{ ranges []PortRange }

// PortSetOf returns the union of ranges. A range that ends before it begins
// adds nothing.
func PortSetOf(ranges ...PortRange) PortSet {
	in := make([]PortRange, 0, len(ranges))
	for _, r := range ranges {
		if r.From <= r.To {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b PortRange) int { return int(a.From) - int(b.From) })
	var out []PortRange
	for _, r := range in {
		if n := len(out) - 1; n >= 0 && int(r.From) <= int(out[n].To)+1 {
			out[n].To = max(out[n].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return PortSet{out}
}

// Ranges returns the maximal ranges of s, ascending. The caller owns the slice.
func (s PortSet) Ranges() []PortRange { return slices.Clone(s.ranges) }

// IsEmpty reports whether s holds no port.
func (s PortSet) IsEmpty() bool { return len(s.ranges) == 0 }

// Size returns the number of ports in s.
func (s PortSet) Size() int {
	n := 0
	for _, r := range s.ranges {
		n += int(r.To) - int(r.From) + 1
	}
	return n
}

// Contains reports whether p is in s.
func (s PortSet) Contains(p uint16) bool {
	return slices.ContainsFunc(s.ranges, func(r PortRange) bool { return r.From <= p && p <= r.To })
}

// Equal reports whether s and t hold the same ports.
func (s PortSet) Equal(t PortSet) bool { return slices.Equal(s.ranges, t.ranges) }

// Union returns the ports in s or t.
func (s PortSet) Union(t PortSet) PortSet {
	return PortSetOf(slices.Concat(s.ranges, t.ranges)...)
}

// Intersect returns the ports in both s and t.
func (s PortSet) Intersect(t PortSet) PortSet {
	var out []PortRange
	for _, a := range s.ranges {
		for _, b := range t.ranges {
			if from, to := max(a.From, b.From), min(a.To, b.To); from <= to {
				out = append(out, PortRange{from, to})
			}
		}
	}
	return PortSetOf(out...)
}

// Subtract returns the ports in s that are not in t.
func (s PortSet) Subtract(t PortSet) PortSet {
	var out []PortRange
	for _, a := range s.ranges {
		from := int(a.From)
		for _, b := range t.ranges {
			if int(b.To) < from || b.From > a.To {
				continue
			}
			if int(b.From) > from {
				out = append(out, PortRange{uint16(from), b.From - 1})
			}
			from = int(b.To) + 1
		}
		if from <= int(a.To) {
			out = append(out, PortRange{uint16(from), a.To})
		}
	}
	return PortSetOf(out...)
}

// String returns the ranges separated by commas, "none" for the empty set.
func (s PortSet) String() string {
	if s.IsEmpty() {
		return "none"
	}
	parts := make([]string, len(s.ranges))
	for i, r := range s.ranges {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}
