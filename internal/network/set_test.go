package network

import (
	"math/big"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func setOf(tb testing.TB, cidrs ...string) AddrSet {
	tb.Helper()
	s, err := ParseCIDRSet(cidrs)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestAddrSetString(t *testing.T) {
	tests := []struct {
		name string
		in   []string
		want string
	}{
		{"empty", nil, "none"},
		{"halves join", []string{"128.0.0.0/1", "0.0.0.0/1"}, "0.0.0.0/0"},
		{"host bits", []string{"10.1.2.3/8"}, "10.0.0.0/8"},
		{"single address", []string{" 192.0.2.1 "}, "192.0.2.1/32"},
		{"contained", []string{"10.0.0.0/8", "10.2.0.0/16"}, "10.0.0.0/8"},
		{"adjacent, not aligned", []string{"10.0.1.0/24", "10.0.2.0/24"}, "10.0.1.0/24,10.0.2.0/24"},
		{"both families", []string{"::/0", "10.0.0.0/8"}, "10.0.0.0/8,::/0"},
		{"IPv6 halves", []string{"8000::/1", "::/1"}, "::/0"},
		{"mapped is IPv6", []string{"::ffff:10.0.0.0/104"}, "::ffff:10.0.0.0/104"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, setOf(t, tt.in...).String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCIDRSetErrors(t *testing.T) {
	for _, s := range []string{"", "any", "10.0.0.0/33", "10.0.0.0/-1", "300.0.0.0/8", "fe80::1%eth0", "::/129", "10.0.0"} {
		set, err := ParseCIDRSet([]string{s, "10.0.0.0/8"})
		if err == nil {
			t.Errorf("ParseCIDRSet(%q) is valid", s)
		}
		if set.String() != "10.0.0.0/8" {
			t.Errorf("ParseCIDRSet(%q) lost the valid prefix: %s", s, set)
		}
		if _, err := Size([]string{s}, AnyFamily); err == nil {
			t.Errorf("Size(%q) is valid", s)
		}
	}
}

func TestSize(t *testing.T) {
	two := big.NewInt(2)
	tests := []struct {
		in   []string
		f    Family
		want *big.Int
	}{
		{nil, AnyFamily, new(big.Int)},
		{[]string{"0.0.0.0/0"}, IPv4, big.NewInt(1 << 32)},
		{[]string{"::/0"}, IPv6, new(big.Int).Exp(two, big.NewInt(128), nil)},
		{[]string{"10.0.0.0/8", "10.1.0.0/16", "::1"}, AnyFamily, big.NewInt(1<<24 + 1)},
		{[]string{"10.0.0.0/8", "::1"}, IPv6, big.NewInt(1)},
	}
	for _, tt := range tests {
		got, err := Size(tt.in, tt.f)
		if err != nil || got.Cmp(tt.want) != 0 {
			t.Errorf("Size(%v, %s) = %v, %v; want %v", tt.in, tt.f, got, err, tt.want)
		}
	}
}

func TestInternet(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "3.0.0.1": true, "1.1.1.1": true, "192.0.0.9": true, "223.255.255.255": true,
		"100.63.255.255": true, "172.32.0.1": true, "192.175.48.1": true, "169.253.255.255": true,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.255.255": false, "100.64.0.1": false,
		"127.0.0.1": false, "169.254.169.254": false, "0.1.2.3": false, "192.0.2.1": false, "192.0.0.8": false,
		"198.18.0.1": false, "198.51.100.1": false, "203.0.113.9": false, "192.88.99.1": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"2600::1": true, "2001:4860:4860::8888": true, "2001:200::": true, "2001:3::1": true, "2001:20::1": true,
		"::1": false, "fe80::1": false, "fd00::1": false, "ff02::1": false, "2001:db8::1": false, "2001::1": false,
		"2002::1": false, "3fff::1": false, "64:ff9b::1": false, "::ffff:8.8.8.8": false, "4000::": false,
	} {
		if got := Internet(AnyFamily).Contains(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is in the internet: %t, want %t", addr, got, want)
		}
	}
	if Internet(AnyFamily).Contains(netip.Addr{}) {
		t.Error("the zero address is in the internet")
	}
}

func TestIsInternet(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      []string
		want    bool
		breadth Breadth
	}{
		{"nothing", nil, false, BreadthNone},
		{"default route", []string{"0.0.0.0/0"}, true, BreadthAny},
		{"halves", []string{"0.0.0.0/1", "128.0.0.0/1"}, true, BreadthAny},
		{"IPv6", []string{"::/0"}, true, BreadthAny},
		{"IPv6 unicast", []string{"2000::/3"}, true, BreadthAny},
		{"private", []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}, false, BreadthNone},
		{"one /8", []string{"3.0.0.0/8"}, false, BreadthWide},
		{"one /8 and one address", []string{"3.0.0.0/8", "8.8.8.8/32"}, true, BreadthAny},
		{"/16", []string{"8.8.0.0/16"}, false, BreadthNarrow},
		{"more than a /16", []string{"8.8.0.0/15"}, false, BreadthWide},
		{"an IPv6 provider", []string{"2600::/32"}, false, BreadthWide},
		{"an IPv6 site", []string{"2600::/48"}, false, BreadthNarrow},
		{"malformed beside open", []string{"x", "0.0.0.0/0"}, true, BreadthAny},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := IsInternet(tt.in); got != tt.want {
				t.Errorf("IsInternet is %t", got)
			}
			s, _ := ParseCIDRSet(tt.in)
			if got := BreadthOf(s, AnyFamily); got != tt.breadth {
				t.Errorf("breadth is %s, want %s", got, tt.breadth)
			}
		})
	}
}

// genPrefix draws prefixes that often meet and touch the ends of the space.
func genPrefix(t *rapid.T) netip.Prefix {
	b := rapid.SampledFrom([]byte{0, 1, 2, 10, 127, 128, 255}).Draw(t, "byte")
	if rapid.Bool().Draw(t, "v6") {
		a := netip.AddrFrom16([16]byte{0: b, 7: b, 8: b, 15: b})
		return netip.PrefixFrom(a, rapid.SampledFrom([]int{0, 1, 2, 8, 63, 64, 65, 127, 128}).Draw(t, "bits"))
	}
	a := netip.AddrFrom4([4]byte{b, b, 0, b})
	return netip.PrefixFrom(a, rapid.SampledFrom([]int{0, 1, 2, 7, 8, 16, 31, 32}).Draw(t, "bits"))
}

func genAddrs(t *rapid.T) AddrSet {
	var ps []netip.Prefix
	for range rapid.IntRange(0, 5).Draw(t, "prefixes") {
		ps = append(ps, genPrefix(t))
	}
	return AddrSetOf(ps...)
}

// corners are the addresses at which membership can change.
func corners(sets ...AddrSet) []netip.Addr {
	var out []netip.Addr
	add := func(a netip.Addr) {
		out = append(out, a, a.Prev(), a.Next())
	}
	for _, s := range sets {
		for _, sp := range s.v4 {
			add(sp.lo.addr(IPv4))
			add(sp.hi.addr(IPv4))
		}
		for _, sp := range s.v6 {
			add(sp.lo.addr(IPv6))
			add(sp.hi.addr(IPv6))
		}
	}
	return append(out, netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("9::9"))
}

func TestAddrSetAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genAddrs(t), genAddrs(t)
		or, and, not := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, x := range corners(a, b) {
			if !x.IsValid() {
				continue
			}
			inA, inB := a.Contains(x), b.Contains(x)
			if or.Contains(x) != (inA || inB) || and.Contains(x) != (inA && inB) || not.Contains(x) != (inA && !inB) {
				t.Fatalf("%s: a=%s b=%s", x, a, b)
			}
		}
		if !or.Equal(b.Union(a)) || !not.Union(and).Equal(a) || !or.Covers(a) {
			t.Fatalf("laws do not hold: a=%s b=%s", a, b)
		}
		if !AddrSetOf(a.Prefixes()...).Equal(a) {
			t.Fatalf("%s does not survive its prefixes", a)
		}
		sum := new(big.Int).Add(or.Size(AnyFamily), and.Size(AnyFamily))
		if sum.Cmp(new(big.Int).Add(a.Size(AnyFamily), b.Size(AnyFamily))) != 0 {
			t.Fatalf("sizes: a=%s b=%s", a, b)
		}
	})
}

func genPorts(t *rapid.T) PortSet {
	var rs []PortRange
	for range rapid.IntRange(0, 4).Draw(t, "ranges") {
		rs = append(rs, genPortRange(t))
	}
	return PortSetOf(rs...)
}

func genPortRange(t *rapid.T) PortRange {
	p := rapid.SampledFrom([]uint16{0, 1, 22, 23, 80, 1023, 1024, 32768, 65534, 65535})
	a, b := p.Draw(t, "from"), p.Draw(t, "to")
	return PortRange{min(a, b), max(a, b)}
}

func TestPortSetAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genPorts(t), genPorts(t)
		or, and, not := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, x := range []uint16{0, 1, 2, 21, 22, 23, 24, 79, 80, 81, 1022, 1023, 1024, 1025, 32767, 32768, 65533, 65534, 65535} {
			inA, inB := a.Contains(x), b.Contains(x)
			if or.Contains(x) != (inA || inB) || and.Contains(x) != (inA && inB) || not.Contains(x) != (inA && !inB) {
				t.Fatalf("%d: a=%s b=%s", x, a, b)
			}
		}
		if !PortSetOf(a.Ranges()...).Equal(a) || or.Size()+and.Size() != a.Size()+b.Size() {
			t.Fatalf("a=%s b=%s", a, b)
		}
	})
	if got := PortSetOf(PortRange{5, 4}); !got.IsEmpty() || got.String() != "none" {
		t.Errorf("a range that ends before it begins is %s", got)
	}
}

func genFlows(t *rapid.T) FlowSet {
	var boxes []Box
	for range rapid.IntRange(0, 4).Draw(t, "boxes") {
		p := rapid.SampledFrom([][2]Protocol{{0, 255}, {6, 6}, {17, 17}, {1, 1}, {50, 60}}).Draw(t, "protocols")
		boxes = append(boxes, Box{genAddrs(t), p, genPortRange(t)})
	}
	return FlowSetOf(boxes...)
}

func TestFlowSetAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genFlows(t), genFlows(t)
		or, and, not := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, x := range corners(a.Addrs(), b.Addrs()) {
			if !x.IsValid() {
				continue
			}
			p := rapid.SampledFrom([]Protocol{0, 1, 5, 6, 7, 17, 50, 60, 61, 255}).Draw(t, "protocol")
			port := rapid.SampledFrom([]uint16{0, 22, 23, 81, 1024, 65535}).Draw(t, "port")
			inA, inB := a.Contains(x, p, port), b.Contains(x, p, port)
			if or.Contains(x, p, port) != (inA || inB) || and.Contains(x, p, port) != (inA && inB) ||
				not.Contains(x, p, port) != (inA && !inB) {
				t.Fatalf("%s %s %d: a=%s b=%s", x, p, port, a, b)
			}
		}
		if !or.Equal(b.Union(a)) || !not.Union(and).Equal(a) || !or.Covers(a) || !FlowSetOf(a.Boxes()...).Equal(a) {
			t.Fatalf("laws do not hold: a=%s b=%s", a, b)
		}
		if !a.Only(IPv4).Union(a.Only(IPv6)).Equal(a) {
			t.Fatalf("families: %s", a)
		}
	})
}

func TestTruth(t *testing.T) {
	all := []Truth{False, Unknown, True}
	rank := map[Truth]int{False: 0, Unknown: 1, True: 2}
	for _, a := range all {
		for _, b := range all {
			if rank[a.And(b)] != min(rank[a], rank[b]) || rank[a.Or(b)] != max(rank[a], rank[b]) {
				t.Errorf("%s and %s: and %s, or %s", a, b, a.And(b), a.Or(b))
			}
		}
	}
	if TruthOf(true) != True || TruthOf(false) != False || Truth(0).String() != "unknown" {
		t.Error("values are not what they are called")
	}
}
