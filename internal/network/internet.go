package network

import "net/netip"

// Special-purpose blocks that are not globally reachable, from the IANA IPv4
// Special-Purpose Address Registry
// (https://www.iana.org/assignments/iana-ipv4-special-registry) and the IPv4
// Multicast and Address Space registries.
var special4 = prefixes(
	"0.0.0.0/8",       // this network, RFC 791
	"10.0.0.0/8",      // private use, RFC 1918
	"100.64.0.0/10",   // shared address space (CGNAT), RFC 6598
	"127.0.0.0/8",     // loopback, RFC 1122
	"169.254.0.0/16",  // link local, RFC 3927
	"172.16.0.0/12",   // private use, RFC 1918
	"192.0.0.0/24",    // IETF protocol assignments, RFC 6890
	"192.0.2.0/24",    // documentation TEST-NET-1, RFC 5737
	"192.88.99.0/24",  // 6to4 relay anycast, deprecated, RFC 7526
	"192.168.0.0/16",  // private use, RFC 1918
	"198.18.0.0/15",   // benchmarking, RFC 2544
	"198.51.100.0/24", // documentation TEST-NET-2, RFC 5737
	"203.0.113.0/24",  // documentation TEST-NET-3, RFC 5737
	"224.0.0.0/4",     // multicast, RFC 5771
	"240.0.0.0/4",     // reserved and limited broadcast, RFC 1112, RFC 8190
)

// Blocks inside special4 that the registry marks globally reachable.
var special4Global = prefixes(
	"192.0.0.9/32",  // Port Control Protocol anycast, RFC 7723
	"192.0.0.10/32", // TURN anycast, RFC 8155
)

// The IPv6 blocks in global unicast space that are not globally reachable, from
// the IANA IPv6 Special-Purpose Address Registry
// (https://www.iana.org/assignments/iana-ipv6-special-registry). Loopback,
// unique local (fc00::/7), link local (fe80::/10), multicast (ff00::/8), NAT64
// and SRv6 blocks lie outside global6.
var special6 = prefixes(
	"2001::/23",     // IETF protocol assignments (Teredo, ORCHID, benchmarking), RFC 2928
	"2001:db8::/32", // documentation, RFC 3849
	"2002::/16",     // 6to4, RFC 3056
	"3fff::/20",     // documentation, RFC 9637
)

// Blocks inside special6 that the registry marks globally reachable.
var special6Global = prefixes(
	"2001:1::1/128",   // Port Control Protocol anycast, RFC 7723
	"2001:1::2/128",   // TURN anycast, RFC 8155
	"2001:1::3/128",   // DNS-SD service registration anycast, RFC 9665
	"2001:3::/32",     // AMT, RFC 7450
	"2001:4:112::/48", // AS112, RFC 7535
	"2001:20::/28",    // ORCHIDv2, RFC 7343
	"2001:30::/28",    // drone remote identification, RFC 9374
)

// IPv6 addresses are assigned to the public from this block only: IANA IPv6
// Global Unicast Address Space registry, RFC 4291.
var global6 = prefixes("2000::/3")

var (
	internet4 = AllAddrs(IPv4).Subtract(special4).Union(special4Global)
	internet6 = global6.Subtract(special6).Union(special6Global)
	internets = internet4.Union(internet6)
)

// Internet returns the globally routable addresses of the family.
func Internet(f Family) AddrSet { return internets.Only(f) }

// CoversInternet reports whether s holds every globally routable address of the
// family. It is the strict question: one missing /32 makes it false. Controls
// that ask for "open to the internet" use BreadthAny instead.
func CoversInternet(s AddrSet, f Family) bool { return s.Covers(Internet(f)) }

// Breadth is how much of the globally routable space a set of sources covers.
type Breadth uint8

// The breadths. "Open to the internet" means BreadthAny: a filter that admits
// more than one 256th of the IPv4 space cannot know its clients, however it is
// spelt. One /8 (3.0.0.0/8) has 2^24 addresses at most and is wide; two are any.
const (
	BreadthNone   Breadth = iota // no globally routable address
	BreadthNarrow                // at least one
	BreadthWide                  // more than 2^16 IPv4 or 2^80 IPv6 addresses
	BreadthAny                   // more than 2^24 IPv4 or 2^96 IPv6 addresses
)

// String returns "none", "narrow", "wide" or "any".
func (b Breadth) String() string {
	switch b {
	case BreadthNarrow:
		return "narrow"
	case BreadthWide:
		return "wide"
	case BreadthAny:
		return "any"
	}
	return "none"
}

// BreadthOf returns the breadth of the globally routable part of s: that of the
// family, or the larger one of both.
func BreadthOf(s AddrSet, f Family) Breadth {
	g := s.Intersect(Internet(f))
	return max(
		breadth(count(g.v4), u128{0, 1 << 16}, u128{0, 1 << 24}),
		breadth(count(g.v6), u128{1 << 16, 0}, u128{1 << 32, 0}),
	)
}

func breadth(n, wide, anywhere u128) Breadth {
	switch {
	case anywhere.less(n):
		return BreadthAny
	case wide.less(n):
		return BreadthWide
	case n != u128{}:
		return BreadthNarrow
	}
	return BreadthNone
}

// prefixes compiles the tables above; a misspelt one stops the program at start.
func prefixes(list ...string) AddrSet {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return AddrSetOf(out...)
}
