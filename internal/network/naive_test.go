package network

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// packet is one header for the interpreters below, which walk the documents
// rule by rule and share no code with the sets.
type packet struct {
	addr     netip.Addr
	protocol int64
	port     int64 // or ICMP type and code
	kind     int64
	code     int64
}

func (p packet) header() (netip.Addr, Protocol, uint16) {
	if p.protocol == 1 {
		return p.addr, ICMP, uint16(p.kind<<8 | p.code)
	}
	return p.addr, Protocol(p.protocol), uint16(p.port)
}

func inPrefix(addr netip.Addr, cidr any) bool {
	s, ok := cidr.(string)
	return ok && s != "" && netip.MustParsePrefix(s).Contains(addr)
}

func (p packet) matches(protocol string, from, to any, kind, code any) bool {
	if protocol == "-1" {
		return true
	}
	if map[string]int64{"tcp": 6, "6": 6, "udp": 17, "17": 17, "icmp": 1, "1": 1, "132": 132}[protocol] != p.protocol {
		return false
	}
	switch p.protocol {
	case 6, 17:
		return from == nil || from.(int64) <= p.port && p.port <= to.(int64)
	case 1:
		t, c := int64(-1), int64(-1)
		if kind != nil {
			t, c = kind.(int64), code.(int64)
		}
		return t == -1 || t == p.kind && (c == -1 || c == p.code)
	}
	return true
}

func naiveGroup(doc map[string]any, p packet) bool {
	for _, v := range doc["IpPermissions"].([]any) {
		m := v.(map[string]any)
		if !p.matches(m["IpProtocol"].(string), m["FromPort"], m["ToPort"], m["FromPort"], m["ToPort"]) {
			continue
		}
		for _, r := range m["IpRanges"].([]any) {
			if inPrefix(p.addr, r.(map[string]any)["CidrIp"]) {
				return true
			}
		}
		for _, r := range m["Ipv6Ranges"].([]any) {
			if inPrefix(p.addr, r.(map[string]any)["CidrIpv6"]) {
				return true
			}
		}
	}
	return false
}

// naiveACL returns whether the packet is allowed and by which rule, 0 if none.
func naiveACL(doc map[string]any, egress bool, p packet) (bool, int64) {
	entries := map[int64]map[string]any{}
	for _, v := range doc["Entries"].([]any) {
		m := v.(map[string]any)
		if m["Egress"] == egress {
			entries[m["RuleNumber"].(int64)] = m
		}
	}
	for _, n := range slices.Sorted(maps.Keys(entries)) {
		m := entries[n]
		ports, _ := m["PortRange"].(map[string]any)
		icmp, _ := m["IcmpTypeCode"].(map[string]any)
		if (inPrefix(p.addr, m["CidrBlock"]) || inPrefix(p.addr, m["Ipv6CidrBlock"])) &&
			p.matches(m["Protocol"].(string), ports["From"], ports["To"], icmp["Type"], icmp["Code"]) {
			return m["RuleAction"] == "allow", n
		}
	}
	return false, 0
}

var genCIDR = rapid.SampledFrom([]string{
	"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "3.0.0.0/8", "8.8.8.8/32", "198.51.100.0/24",
	"::/0", "2000::/3", "2600::/32", "fd00::/8", "::/1",
})

func genProtocol(t *rapid.T) string {
	return rapid.SampledFrom([]string{"-1", "tcp", "6", "udp", "17", "icmp", "132"}).Draw(t, "protocol")
}

func isV4(cidr string) bool { return netip.MustParsePrefix(cidr).Addr().Is4() }

func genPermission(t *rapid.T) map[string]any {
	m := map[string]any{"IpProtocol": genProtocol(t), "IpRanges": []any{}, "Ipv6Ranges": []any{}}
	switch m["IpProtocol"] {
	case "icmp":
		m["FromPort"] = rapid.SampledFrom([]int64{-1, 0, 8}).Draw(t, "type")
		m["ToPort"] = rapid.SampledFrom([]int64{-1, 0, 3}).Draw(t, "code")
	case "-1":
	default:
		if r := genPortRange(t); r.From > 0 {
			m["FromPort"], m["ToPort"] = int64(r.From), int64(r.To)
		}
	}
	for range rapid.IntRange(1, 3).Draw(t, "ranges") {
		if c := genCIDR.Draw(t, "cidr"); isV4(c) {
			m["IpRanges"] = append(m["IpRanges"].([]any), map[string]any{"CidrIp": c})
		} else {
			m["Ipv6Ranges"] = append(m["Ipv6Ranges"].([]any), map[string]any{"CidrIpv6": c})
		}
	}
	return m
}

func genGroup(t *rapid.T) map[string]any {
	var ps []any
	for range rapid.IntRange(0, 5).Draw(t, "permissions") {
		ps = append(ps, genPermission(t))
	}
	return map[string]any{"IpPermissions": ps}
}

func genACL(t *rapid.T) map[string]any {
	numbers := rapid.Permutation([]int64{10, 20, 30, 40, 50, 60}).Draw(t, "numbers")
	entries := []any{}
	for i := range rapid.IntRange(0, 6).Draw(t, "entries") {
		m := map[string]any{
			"RuleNumber": numbers[i],
			"RuleAction": rapid.SampledFrom([]string{"allow", "deny"}).Draw(t, "action"),
			"Egress":     rapid.Bool().Draw(t, "egress"),
			"Protocol":   rapid.SampledFrom([]string{"-1", "6", "17", "1", "132"}).Draw(t, "protocol"),
		}
		switch m["Protocol"] {
		case "6", "17":
			if r := genPortRange(t); r.From > 0 {
				m["PortRange"] = map[string]any{"From": int64(r.From), "To": int64(r.To)}
			}
		case "1":
			m["IcmpTypeCode"] = map[string]any{
				"Type": rapid.SampledFrom([]int64{-1, 0, 8}).Draw(t, "type"),
				"Code": rapid.SampledFrom([]int64{-1, 0, 3}).Draw(t, "code"),
			}
		}
		if c := genCIDR.Draw(t, "cidr"); isV4(c) {
			m["CidrBlock"] = c
		} else {
			m["Ipv6CidrBlock"] = c
		}
		entries = append(entries, m)
	}
	return map[string]any{"Entries": entries}
}

func genPacket(t *rapid.T) packet {
	return packet{
		addr: netip.MustParseAddr(rapid.SampledFrom([]string{
			"0.0.0.0", "3.255.255.255", "8.8.8.8", "8.8.8.9", "10.1.2.3", "127.255.255.255", "128.0.0.0", "198.51.100.7",
			"255.255.255.255", "::", "2000::", "2600:0:1::", "2600:1::", "3fff::", "7fff::", "8000::", "fd00::1", "ffff::",
		}).Draw(t, "addr")),
		protocol: rapid.SampledFrom([]int64{1, 6, 17, 132, 50}).Draw(t, "packet protocol"),
		port:     rapid.SampledFrom([]int64{0, 1, 2, 22, 23, 24, 80, 443, 1023, 1024, 1025, 32768, 65534, 65535}).Draw(t, "port"),
		kind:     rapid.SampledFrom([]int64{0, 1, 8}).Draw(t, "packet type"),
		code:     rapid.SampledFrom([]int64{0, 3, 4}).Draw(t, "packet code"),
	}
}

func TestGroupAgreesWithPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genGroup(t)
		f := SecurityGroupIngress(doc, nil)
		for range 10 {
			p := genPacket(t)
			if got, want := f.AdmitsPacket(p.header()), TruthOf(naiveGroup(doc, p)); got != want {
				t.Fatalf("%+v on %v: %s, want %s", p, doc, got, want)
			}
		}
	})
}

func TestACLAgreesWithPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genACL(t)
		acl := NetworkACL(doc)
		for range 10 {
			p := genPacket(t)
			for _, egress := range []bool{false, true} {
				f := acl.Ingress
				if egress {
					f = acl.Egress
				}
				want, number := naiveACL(doc, egress, p)
				addr, protocol, port := p.header()
				if got := f.AdmitsPacket(addr, protocol, port); got != TruthOf(want) {
					t.Fatalf("%+v on %v: %s, want %t", p, doc, got, want)
				}
				if want && !decidedBy(f, number, p) {
					t.Fatalf("%+v on %v: rule %d is not named", p, doc, number)
				}
			}
		}
	})
}

// decidedBy reports whether exactly the rule is named for one packet.
func decidedBy(f Filter, number int64, p packet) bool {
	addr, protocol, port := p.header()
	a := Exposed(f, Query{
		Protocols: []Protocol{protocol},
		Ports:     []PortRange{Port(port)},
		From:      AddrSetOf(netip.PrefixFrom(addr, addr.BitLen())),
	})
	return a.Value == True && len(a.Rules) == 1 && a.Rules[0].Number == number
}

func TestNeutralRewrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genGroup(t)
		want := SecurityGroupIngress(doc, nil).Admits()
		if got := SecurityGroupIngress(splitRules(doc), nil).Admits(); !got.Equal(want) {
			t.Fatalf("splitting prefixes and ports changed %s to %s", want, got)
		}
		acl := genACL(t)
		before := NetworkACL(acl)
		shuffled := map[string]any{"Entries": rapid.Permutation(acl["Entries"].([]any)).Draw(t, "order")}
		after := NetworkACL(shuffled)
		if !after.Ingress.Admits().Equal(before.Ingress.Admits()) || !after.Egress.Admits().Equal(before.Egress.Admits()) {
			t.Fatalf("the order of entries matters: %v", acl)
		}
	})
}

// splitRules cuts each IPv4 prefix and each range of ports in two.
func splitRules(doc map[string]any) map[string]any {
	var out []any
	for _, v := range doc["IpPermissions"].([]any) {
		m := maps.Clone(v.(map[string]any))
		var ranges []any
		for _, r := range m["IpRanges"].([]any) {
			p := netip.MustParsePrefix(r.(map[string]any)["CidrIp"].(string))
			if p.Bits() == 32 {
				ranges = append(ranges, r)
				continue
			}
			sp := AddrSetOf(p).v4[0]
			half := sp.lo.add(lowMask(31 - p.Bits()))
			for _, a := range []u128{sp.lo, half.next()} {
				ranges = append(ranges, map[string]any{"CidrIp": netip.PrefixFrom(a.addr(IPv4), p.Bits()+1).String()})
			}
		}
		m["IpRanges"] = ranges
		from, ok := m["FromPort"].(int64)
		to, _ := m["ToPort"].(int64)
		if !ok || m["IpProtocol"] == "icmp" || from == to {
			out = append(out, m)
			continue
		}
		low, high := maps.Clone(m), maps.Clone(m)
		low["ToPort"], high["FromPort"] = (from+to)/2, (from+to)/2+1
		out = append(out, low, high)
	}
	return map[string]any{"IpPermissions": out}
}

func TestMoreRulesNeverSurprise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := genGroup(t)
		more := map[string]any{"IpPermissions": append(slices.Clone(group["IpPermissions"].([]any)), genPermission(t))}
		if !SecurityGroupIngress(more, nil).Admits().Covers(SecurityGroupIngress(group, nil).Admits()) {
			t.Fatalf("a further rule took something away: %v", more)
		}
		acl := genACL(t)
		deny := map[string]any{
			"RuleNumber": rapid.Int64Range(1, 70).Draw(t, "number"), "RuleAction": "deny", "Egress": false,
			"Protocol": rapid.SampledFrom([]string{"-1", "6"}).Draw(t, "protocol"), "CidrBlock": "0.0.0.0/1",
		}
		denied := map[string]any{"Entries": append(slices.Clone(acl["Entries"].([]any)), deny)}
		if !NetworkACL(acl).Ingress.Admits().Covers(NetworkACL(denied).Ingress.Admits()) {
			t.Fatalf("a deny added something: %v", denied)
		}
	})
}

// What could not be read may only widen an answer to unknown: breaking a part
// of a document never turns true or unknown into the opposite certainty.
func TestBrokenDocumentsStayBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acl := genACL(t)
		whole := NetworkACL(acl).Ingress
		entries := acl["Entries"].([]any)
		if len(entries) == 0 {
			return
		}
		broken := slices.Clone(entries)
		i := rapid.IntRange(0, len(entries)-1).Draw(t, "entry")
		m := maps.Clone(broken[i].(map[string]any))
		m[rapid.SampledFrom([]string{"RuleNumber", "RuleAction", "Egress", "Protocol", "CidrBlock", "Ipv6CidrBlock", "PortRange"}).Draw(t, "member")] = "?"
		broken[i] = m
		f := NetworkACL(map[string]any{"Entries": broken}).Ingress
		if !f.MayAdmit().Covers(f.Admits()) {
			t.Fatalf("the bounds of %v are the wrong way round", broken)
		}
		if !f.MayAdmit().Covers(whole.Admits()) || !whole.Admits().Covers(f.Admits()) {
			t.Fatalf("%v\nadmits %s to %s\nwhole %s", broken, f.Admits(), f.MayAdmit(), whole.Admits())
		}
	})
}
