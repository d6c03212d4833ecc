package network

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"
)

// ParseCIDR reads a prefix or a single address. Host bits are ignored.
func ParseCIDR(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("invalid address %q", s)
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("invalid prefix %q", s)
	}
	return p.Masked(), nil
}

// ParseCIDRSet returns the union of prefixes and addresses of both families.
// The first one that is not valid is the error; the set then holds the others.
func ParseCIDRSet(cidrs []string) (AddrSet, error) {
	var first error
	prefixes := make([]netip.Prefix, 0, len(cidrs))
	for _, c := range cidrs {
		p, err := ParseCIDR(c)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		prefixes = append(prefixes, p)
	}
	return AddrSetOf(prefixes...), first
}

// Size returns how many addresses of the family the union of cidrs holds.
func Size(cidrs []string, f Family) (*big.Int, error) {
	s, err := ParseCIDRSet(cidrs)
	if err != nil {
		return nil, err
	}
	return s.Size(f), nil
}

// IsInternet reports whether the union of cidrs is open to the internet: its
// breadth is BreadthAny. Strings that are no prefix add nothing.
func IsInternet(cidrs []string) bool {
	s, _ := ParseCIDRSet(cidrs)
	return BreadthOf(s, AnyFamily) == BreadthAny
}

// WidestIPv4 returns the number of addresses in the longest row of IPv4 addresses
// of s that has no hole: prefixes that lie side by side are one row.
func WidestIPv4(s AddrSet) uint64 {
	var widest uint64
	for _, sp := range s.v4 {
		widest = max(widest, sp.hi.lo-sp.lo.lo+1)
	}
	return widest
}
