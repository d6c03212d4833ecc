package network

import (
	"fmt"
	"net/netip"
	"strings"
)

// AddrRange returns the addresses from first to last, both included. They must
// be of one family and in order.
func AddrRange(first, last string) (AddrSet, error) {
	a, errA := netip.ParseAddr(strings.TrimSpace(first))
	b, errB := netip.ParseAddr(strings.TrimSpace(last))
	if errA != nil || errB != nil || a.Zone() != "" || b.Zone() != "" || a.Is4() != b.Is4() || b.Less(a) {
		return AddrSet{}, fmt.Errorf("invalid range of addresses %q to %q", first, last)
	}
	s := []span{{numberOf(a), numberOf(b)}}
	if a.Is4() {
		return AddrSet{v4: s}, nil
	}
	return AddrSet{v6: s}, nil
}

// parseAddrs reads a prefix, an address, or a range of them with a hyphen.
func parseAddrs(s string) (AddrSet, error) {
	if first, last, isRange := strings.Cut(s, "-"); isRange {
		return AddrRange(first, last)
	}
	p, err := ParseCIDR(s)
	if err != nil {
		return AddrSet{}, err
	}
	return AddrSetOf(p), nil
}

// internal are the addresses that never arrive from the internet.
var internal = AllAddrs(AnyFamily).Subtract(internets)
