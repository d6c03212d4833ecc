package aws

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

// number is an address as a 128-bit number; IPv4 uses the low 32 bits.
type number struct{ hi, lo uint64 }

func (a number) compare(b number) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

func (a number) next() number {
	lo, carry := bits.Add64(a.lo, 1, 0)
	return number{a.hi + carry, lo}
}

func (a number) previous() number {
	lo, borrow := bits.Sub64(a.lo, 1, 0)
	return number{a.hi - borrow, lo}
}

type span struct{ from, to number }

// addresses is a set of IP addresses: sorted, disjoint spans per family.
type addresses struct{ v4, v6 []span }

var (
	topV4 = number{0, 1<<32 - 1}
	topV6 = number{^uint64(0), ^uint64(0)}
)

func everyAddress() addresses {
	return addresses{v4: []span{{to: topV4}}, v6: []span{{to: topV6}}}
}

func addressesOf(prefixes []netip.Prefix) addresses {
	var s addresses
	for _, p := range prefixes {
		sp := spanOf(p)
		if p.Addr().Is4() {
			s.v4 = append(s.v4, sp)
		} else {
			s.v6 = append(s.v6, sp)
		}
	}
	s.v4, s.v6 = tidy(s.v4), tidy(s.v6)
	return s
}

func spanOf(p netip.Prefix) span {
	from := numberOf(p.Masked().Addr())
	host := p.Addr().BitLen() - p.Bits()
	to := from
	if host >= 64 {
		to.lo = ^uint64(0)
		to.hi |= 1<<(host-64) - 1
	} else {
		to.lo |= 1<<host - 1
	}
	return span{from, to}
}

func numberOf(a netip.Addr) number {
	var n number
	for i, b := range a.AsSlice() {
		if rest := a.BitLen()/8 - i; rest > 8 {
			n.hi = n.hi<<8 | uint64(b)
		} else {
			n.lo = n.lo<<8 | uint64(b)
		}
	}
	return n
}

// tidy sorts and joins overlapping and adjacent spans.
func tidy(in []span) []span {
	slices.SortFunc(in, func(a, b span) int { return a.from.compare(b.from) })
	var out []span
	for _, s := range in {
		if n := len(out); n > 0 && (s.from.compare(out[n-1].to) <= 0 || s.from == out[n-1].to.next()) {
			if s.to.compare(out[n-1].to) > 0 {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func (s addresses) union(t addresses) addresses {
	return addresses{
		v4: tidy(slices.Concat(s.v4, t.v4)),
		v6: tidy(slices.Concat(s.v6, t.v6)),
	}
}

func (s addresses) complement() addresses {
	return addresses{v4: gaps(s.v4, topV4), v6: gaps(s.v6, topV6)}
}

func gaps(in []span, top number) []span {
	var out []span
	var at number
	for _, s := range in {
		if at.compare(s.from) < 0 {
			out = append(out, span{at, s.from.previous()})
		}
		if s.to == top {
			return out
		}
		at = s.to.next()
	}
	return append(out, span{at, top})
}

func (s addresses) intersect(t addresses) addresses {
	return s.complement().union(t.complement()).complement()
}

func (s addresses) empty() bool { return len(s.v4) == 0 && len(s.v6) == 0 }

// beyond reports whether the set has more than 2^v4 IPv4 or 2^v6 IPv6
// addresses.
func (s addresses) beyond(v4, v6 int) bool {
	return larger(s.v4, v4) || larger(s.v6, v6)
}

// larger reports whether the spans hold more than 2^exponent numbers;
// exponent is below 128.
func larger(spans []span, exponent int) bool {
	limit := number{lo: 1}
	if exponent >= 64 {
		limit = number{hi: 1 << (exponent - 64)}
	} else {
		limit.lo <<= exponent
	}
	var sum number
	for _, s := range spans {
		lo, borrow := bits.Sub64(s.to.lo, s.from.lo, 0)
		hi, _ := bits.Sub64(s.to.hi, s.from.hi, borrow)
		size := number{hi, lo} // one less than the count
		lo, carry := bits.Add64(sum.lo, size.lo, 1)
		hi, carry = bits.Add64(sum.hi, size.hi, carry)
		if carry != 0 {
			return true
		}
		sum = number{hi, lo}
		if sum.compare(limit) > 0 {
			return true
		}
	}
	return false
}

// first is the lowest address of the set.
func (s addresses) first() (netip.Addr, bool) {
	if len(s.v4) > 0 {
		return s.v4[0].from.addr(true), true
	}
	if len(s.v6) > 0 {
		return s.v6[0].from.addr(false), true
	}
	return netip.Addr{}, false
}

func (a number) addr(v4 bool) netip.Addr {
	if v4 {
		return netip.AddrFrom4([4]byte{byte(a.lo >> 24), byte(a.lo >> 16), byte(a.lo >> 8), byte(a.lo)})
	}
	var b [16]byte
	for i := range 8 {
		b[i] = byte(a.hi >> (56 - 8*i))
		b[8+i] = byte(a.lo >> (56 - 8*i))
	}
	return netip.AddrFrom16(b)
}

// prefixes writes the set as the fewest CIDR blocks, IPv4 first.
func (s addresses) prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, sp := range s.v4 {
		out = appendBlocks(out, sp, true)
	}
	for _, sp := range s.v6 {
		out = appendBlocks(out, sp, false)
	}
	return out
}

func appendBlocks(out []netip.Prefix, sp span, v4 bool) []netip.Prefix {
	width := 128
	if v4 {
		width = 32
	}
	for at := sp.from; ; {
		a := at.addr(v4)
		n := width
		for n > 0 {
			p := netip.PrefixFrom(a, n-1)
			if p.Masked().Addr() != a || spanOf(p).to.compare(sp.to) > 0 {
				break
			}
			n--
		}
		p := netip.PrefixFrom(a, n)
		out = append(out, p)
		end := spanOf(p).to
		if end == sp.to {
			return out
		}
		at = end.next()
	}
}

// writtenPrefixes are the addresses that a comparison as text means, where that is
// clear: whole IPv4 addresses, and those that end in a star for their last parts.
// The vendor asks for the operators on addresses; text is compared all the same.
func (m matcher) writtenPrefixes() ([]netip.Prefix, bool) {
	if m.op != opString && m.op != opLike && m.op != opFold {
		return nil, false
	}
	var out []netip.Prefix
	for _, g := range m.globs {
		p, ok := writtenPrefix(g)
		if !ok {
			return nil, false
		}
		out = append(out, p)
	}
	return out, true
}

func writtenPrefix(g glob) (netip.Prefix, bool) {
	switch {
	case g.everything():
		return netip.Prefix{}, false // both families
	case g.literal():
		return parsePrefix(g.text)
	case g.shape != globPrefix || !strings.HasSuffix(g.text, "."):
		return netip.Prefix{}, false
	}
	parts := strings.Count(g.text, ".")
	if parts > 3 {
		return netip.Prefix{}, false
	}
	a, err := netip.ParseAddr(g.text + "0" + strings.Repeat(".0", 3-parts))
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, 8*parts), true
}

// notPublic are the address blocks that no request from the internet has as its
// source: RFC 6890 and its successors.
var notPublic = addressesOf([]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("::/3"), netip.MustParsePrefix("4000::/2"), netip.MustParsePrefix("8000::/1"),
})

// publicAddresses are those that a request from the internet can have.
var publicAddresses = notPublic.complement()
