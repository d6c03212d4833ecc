package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The interpreters below walk the documents rule by rule for one packet to one
// interface. They share no code with the chains.

// machineOf is an interface as the interpreters see it.
type machineOf struct {
	addr    netip.Addr
	tags    []string
	account string
}

func (m machineOf) destination() Destination {
	d := Destination{IPv4: m.addr, IPv6: netip.MustParseAddr("fd00::7"), LabelsKnown: true}
	for _, t := range m.tags {
		d.Labels = append(d.Labels, TagLabel+t)
	}
	if m.account != "" {
		d.Labels = append(d.Labels, AccountLabel+m.account)
	}
	return d
}

func naivePorts(items []any, port int64) bool {
	for _, v := range items {
		var from, to int64
		switch s := v.(string); {
		case s == "*":
			return true
		case strings.Contains(s, "-"):
			if _, err := fmt.Sscanf(s, "%d-%d", &from, &to); err != nil {
				panic(err)
			}
		default:
			if _, err := fmt.Sscanf(s, "%d", &from); err != nil {
				panic(err)
			}
			to = from
		}
		if from <= port && port <= to {
			return true
		}
	}
	return false
}

// naiveNSG says whether the group lets the packet in to an address.
func naiveNSG(doc map[string]any, p packet, to netip.Addr) bool {
	rules := doc["properties"].(map[string]any)["securityRules"].([]any)
	byNumber := map[int64]map[string]any{}
	for _, v := range rules {
		r := v.(map[string]any)["properties"].(map[string]any)
		if strings.EqualFold(r["direction"].(string), "inbound") {
			byNumber[r["priority"].(int64)] = r
		}
	}
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		r := byNumber[n]
		protocol := map[string]int64{"*": p.protocol, "tcp": 6, "udp": 17, "icmp": 1, "esp": 50}[strings.ToLower(r["protocol"].(string))]
		ports := slices.Clone(r["destinationPortRanges"].([]any))
		if s := r["destinationPortRange"].(string); s != "" {
			ports = append(ports, s)
		}
		hasPorts := p.protocol == 6 || p.protocol == 17
		if protocol != p.protocol || hasPorts && !naivePorts(ports, p.port) {
			continue
		}
		some := slices.ContainsFunc([]int64{0, 1, 22, 23, 443, 444, 1023, 1024, 65535}, func(n int64) bool { return !naivePorts(ports, n) })
		if !hasPorts && r["protocol"] == "*" && some {
			continue // a rule for some ports and every protocol is for TCP and UDP
		}
		dest := r["destinationAddressPrefix"].(string)
		if dest != "*" && (!to.Is4() || !p.addr.Is4() || !inPrefix(to, dest)) {
			continue
		}
		sources := append(slices.Clone(r["sourceAddressPrefixes"].([]any)), r["sourceAddressPrefix"])
		if slices.ContainsFunc(sources, func(s any) bool {
			switch strings.ToLower(s.(string)) {
			case "*":
				return true
			case "internet":
				return Internet(AnyFamily).Contains(p.addr)
			}
			return inPrefix(p.addr, s)
		}) {
			return strings.EqualFold(r["access"].(string), "allow")
		}
	}
	return false
}

func anyCase(t *rapid.T, s string) string {
	return rapid.SampledFrom([]string{s, strings.ToLower(s), strings.ToUpper(s)}).Draw(t, "case")
}

func genPortText(t *rapid.T) string {
	return rapid.SampledFrom([]string{"*", "22", "0-65535", "1-1023", "23-443", "443", "1024-65535"}).Draw(t, "ports")
}

func genNSG(t *rapid.T) map[string]any {
	numbers := rapid.Permutation([]int64{100, 110, 200, 300, 301, 4096}).Draw(t, "numbers")
	source := func() any {
		if rapid.IntRange(0, 2).Draw(t, "named") == 0 {
			return anyCase(t, rapid.SampledFrom([]string{"*", "Internet"}).Draw(t, "source"))
		}
		return genCIDR.Draw(t, "cidr")
	}
	rules := []any{}
	for i := range rapid.IntRange(0, 6).Draw(t, "rules") {
		r := map[string]any{
			"priority": numbers[i], "direction": anyCase(t, rapid.SampledFrom([]string{"Inbound", "Inbound", "Outbound"}).Draw(t, "direction")),
			"access":              anyCase(t, rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "access")),
			"protocol":            rapid.SampledFrom([]string{"*", "Tcp", "TCP", "udp", "Icmp", "Esp"}).Draw(t, "protocol"),
			"sourceAddressPrefix": source(), "sourceAddressPrefixes": []any{}, "sourcePortRange": "*",
			"destinationAddressPrefix": rapid.SampledFrom([]string{"*", "*", "10.0.0.0/24", "10.0.0.4"}).Draw(t, "to"),
			"destinationPortRange":     genPortText(t), "destinationPortRanges": []any{},
		}
		if r["destinationAddressPrefix"] == "10.0.0.4" {
			r["destinationAddressPrefix"] = "10.0.0.4/32"
		}
		if rapid.Bool().Draw(t, "lists") {
			r["sourceAddressPrefixes"] = []any{source(), source()}
			r["destinationPortRanges"], r["destinationPortRange"] = []any{genPortText(t), genPortText(t)}, ""
		}
		rules = append(rules, map[string]any{"name": fmt.Sprint("r", i), "properties": r})
	}
	return map[string]any{"properties": map[string]any{"securityRules": rules}}
}

var interfaces = []netip.Addr{netip.MustParseAddr("10.0.0.4"), netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.9.9.9")}

func TestSecurityRulesAgreeWithPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genNSG(t)
		chain := SecurityRules(doc, nil)
		somewhere := chain.Somewhere()
		for range 10 {
			p := genPacket(t)
			reached := false
			for _, to := range interfaces {
				want := naiveNSG(doc, p, to)
				reached = reached || want
				f := chain.At(machineOf{addr: to}.destination())
				checkPacket(t, doc, f, p, want)
			}
			checkPacket(t, doc, somewhere, p, reached)
		}
	})
}

// checkPacket compares one answer. Which private addresses the default rule for
// the virtual network admits is not known; everything from the internet is.
func checkPacket(t *rapid.T, doc any, f Filter, p packet, want bool) {
	t.Helper()
	got := f.AdmitsPacket(p.header())
	if got == Unknown && !want && !Internet(AnyFamily).Contains(p.addr) {
		return
	}
	if got != TruthOf(want) {
		t.Fatalf("%+v on %v: %s, want %t", p, doc, got, want)
	}
}

// Breaking a member of one rule only widens the answer to unknown.
func TestBrokenSecurityRulesStayBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genNSG(t)
		rules := doc["properties"].(map[string]any)["securityRules"].([]any)
		if len(rules) == 0 {
			return
		}
		whole := SecurityRules(doc, nil)
		i := rapid.IntRange(0, len(rules)-1).Draw(t, "rule")
		r := maps.Clone(rules[i].(map[string]any)["properties"].(map[string]any))
		r[rapid.SampledFrom([]string{
			"priority", "direction", "access", "protocol", "sourceAddressPrefix", "sourceAddressPrefixes", "sourcePortRange",
			"destinationAddressPrefix", "destinationPortRange", "destinationPortRanges", "destinationApplicationSecurityGroups",
		}).Draw(t, "member")] = map[string]any{"?": "?"}
		broken := slices.Clone(rules)
		broken[i] = map[string]any{"properties": r}
		chain := SecurityRules(map[string]any{"properties": map[string]any{"securityRules": broken}}, nil)
		to := machineOf{addr: interfaces[0]}.destination()
		between(t, broken, whole.At(to), chain.At(to))
		between(t, broken, whole.Somewhere(), chain.Somewhere())
	})
}

func between(t *rapid.T, doc any, whole, part Filter) {
	t.Helper()
	if !part.MayAdmit().Covers(whole.MayAdmit()) || !whole.Admits().Covers(part.Admits()) {
		t.Fatalf("the bounds of %v do not hold those of the whole document", doc)
	}
}

// naiveGoogle walks lists of rules: VPC rules have "allowed" or "denied", policy
// rules an "action".
func naiveGoogle(lists [][]any, p packet, m machineOf) bool {
	for _, list := range lists {
		rules := slices.Clone(list)
		slices.SortStableFunc(rules, func(a, b any) int {
			ra, rb := a.(map[string]any), b.(map[string]any)
			if d := ra["priority"].(int64) - rb["priority"].(int64); d != 0 {
				return int(d)
			}
			_, denyA := ra["denied"]
			_, denyB := rb["denied"]
			switch {
			case denyA && !denyB:
				return -1
			case denyB && !denyA:
				return 1
			}
			return 0
		})
		for _, v := range rules {
			r := v.(map[string]any)
			if r["disabled"] == true || r["direction"] == "EGRESS" || !naiveTarget(r, m) {
				continue
			}
			condition, name := r, "IPProtocol"
			var layers any
			ranges := "sourceRanges"
			if c, ok := r["match"].(map[string]any); ok {
				condition, layers, name, ranges = c, c["layer4Configs"], "ipProtocol", "srcIpRanges"
			} else if layers = r["allowed"]; layers == nil {
				layers = r["denied"]
			}
			if !slices.ContainsFunc(condition[ranges].([]any), func(c any) bool { return inPrefix(p.addr, c) }) ||
				!slices.ContainsFunc(layers.([]any), func(l any) bool { return naiveLayer(l.(map[string]any), name, p) }) {
				continue
			}
			if r["action"] == "goto_next" {
				break
			}
			return r["action"] == "allow" || r["allowed"] != nil
		}
	}
	return false
}

func naiveTarget(r map[string]any, m machineOf) bool {
	tags, _ := r["targetTags"].([]any)
	accounts, _ := r["targetServiceAccounts"].([]any)
	if len(tags)+len(accounts) == 0 {
		return true
	}
	return slices.Contains(accounts, any(m.account)) || slices.ContainsFunc(m.tags, func(t string) bool { return slices.Contains(tags, any(t)) })
}

func naiveLayer(l map[string]any, name string, p packet) bool {
	ports, _ := l["ports"].([]any)
	protocol := l[name].(string)
	if protocol != "all" && map[string]int64{"tcp": 6, "6": 6, "udp": 17, "icmp": 1, "sctp": 132}[protocol] != p.protocol {
		return false
	}
	return len(ports) == 0 || naivePorts(ports, p.port)
}

func genLayers(t *rapid.T, name string) []any {
	var out []any
	for range rapid.IntRange(1, 2).Draw(t, "layers") {
		l := map[string]any{name: rapid.SampledFrom([]string{"all", "tcp", "6", "udp", "icmp", "sctp"}).Draw(t, "protocol")}
		if p := l[name]; p == "tcp" || p == "6" || p == "udp" {
			if ports := genPortText(t); ports != "*" {
				l["ports"] = []any{ports}
			}
		}
		out = append(out, l)
	}
	return out
}

func genRanges(t *rapid.T) []any {
	var out []any
	for range rapid.IntRange(1, 2).Draw(t, "ranges") {
		out = append(out, genCIDR.Draw(t, "cidr"))
	}
	return out
}

func genVPCRules(t *rapid.T) []any {
	out := []any{}
	for range rapid.IntRange(0, 5).Draw(t, "rules") {
		r := map[string]any{
			"priority": rapid.SampledFrom([]int64{0, 900, 1000, 65535}).Draw(t, "priority"),
			rapid.SampledFrom([]string{"allowed", "denied"}).Draw(t, "kind"): genLayers(t, "IPProtocol"),
			"sourceRanges": genRanges(t), "disabled": rapid.IntRange(0, 4).Draw(t, "off") == 0,
		}
		switch rapid.IntRange(0, 3).Draw(t, "target") {
		case 0:
			r["targetTags"] = []any{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "tag")}
		case 1:
			r["targetServiceAccounts"] = []any{"x"}
		}
		if rapid.IntRange(0, 5).Draw(t, "egress") == 0 {
			r["direction"] = "EGRESS"
		}
		out = append(out, r)
	}
	return out
}

func genPolicy(t *rapid.T) []any {
	numbers := rapid.Permutation([]int64{0, 1, 10, 1000}).Draw(t, "numbers")
	out := []any{}
	for i := range rapid.IntRange(0, 4).Draw(t, "policy rules") {
		r := map[string]any{
			"priority": numbers[i], "direction": "INGRESS",
			"action": rapid.SampledFrom([]string{"allow", "deny", "goto_next"}).Draw(t, "action"),
			"match":  map[string]any{"srcIpRanges": genRanges(t), "layer4Configs": genLayers(t, "ipProtocol")},
		}
		if rapid.Bool().Draw(t, "targeted") {
			r["targetServiceAccounts"] = []any{rapid.SampledFrom([]string{"x", "y"}).Draw(t, "account")}
		}
		out = append(out, r)
	}
	return out
}

func googleChain(lists [][]any) Chain {
	var c Chain
	for i, l := range lists {
		if i == 1 {
			var rules []VPCRule
			for j, r := range l {
				rules = append(rules, VPCRule{ID: fmt.Sprint("rule/", j), Doc: r.(map[string]any)})
			}
			c = c.Then(VPCRules(rules...))
			continue
		}
		c = c.Then(FirewallPolicy("policy", map[string]any{"rules": l}, "projects/p/global/networks/n"))
	}
	return c
}

// machines are all that the rules of the generators tell apart.
func machines() []machineOf {
	var out []machineOf
	for _, tags := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}} {
		for _, account := range []string{"", "x", "y"} {
			out = append(out, machineOf{addr: interfaces[0], tags: tags, account: account})
		}
	}
	return out
}

func TestGoogleRulesAgreeWithPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := [][]any{genPolicy(t), genVPCRules(t), genPolicy(t)}
		chain := googleChain(lists)
		somewhere := chain.Somewhere()
		for range 10 {
			p := genPacket(t)
			reached := false
			for _, m := range machines() {
				want := naiveGoogle(lists, p, m)
				reached = reached || want
				if got := chain.At(m.destination()).AdmitsPacket(p.header()); got != TruthOf(want) {
					t.Fatalf("%+v to %+v on %v: %s, want %t", p, m, lists, got, want)
				}
			}
			if got := somewhere.AdmitsPacket(p.header()); got != TruthOf(reached) {
				t.Fatalf("%+v to some machine on %v: %s, want %t", p, lists, got, reached)
			}
		}
	})
}

// Destinations that are told to be alike are.
func TestAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := googleChain([][]any{genPolicy(t), genVPCRules(t)})
		seen := map[string]Filter{}
		for _, m := range machines() {
			f, key := chain.At(m.destination()), chain.Alike(m.destination())
			if same, ok := seen[key]; ok && !(same.Admits().Equal(f.Admits()) && same.MayAdmit().Equal(f.MayAdmit())) {
				t.Fatalf("%+v is not like another: %s, %s", m, f.Admits(), same.Admits())
			}
			seen[key] = f
		}
	})
}

// A rule contributes what it would let in if it were the only one that allows.
func TestContributionAgreesWithPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := [][]any{genPolicy(t), genVPCRules(t), genPolicy(t)}
		if len(lists[1]) == 0 {
			return
		}
		one := rapid.IntRange(0, len(lists[1])-1).Draw(t, "rule")
		f := googleChain(lists).ContributedBy(fmt.Sprint("rule/", one)).Somewhere()
		alone := [][]any{{}, {}}
		for _, r := range lists[0] {
			if r.(map[string]any)["action"] != "allow" {
				alone[0] = append(alone[0], r)
			}
		}
		for i, r := range lists[1] {
			if i == one || r.(map[string]any)["denied"] != nil {
				alone[1] = append(alone[1], r)
			}
		}
		for range 10 {
			p := genPacket(t)
			want := slices.ContainsFunc(machines(), func(m machineOf) bool { return naiveGoogle(alone, p, m) })
			if got := f.AdmitsPacket(p.header()); got != TruthOf(want) {
				t.Fatalf("%+v by rule %d of %v: %s, want %t", p, one, lists, got, want)
			}
		}
	})
}

func TestBrokenGoogleRulesStayBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := [][]any{genPolicy(t), genVPCRules(t), genPolicy(t)}
		whole := googleChain(lists)
		l := rapid.IntRange(0, 1).Draw(t, "list")
		if len(lists[l]) == 0 {
			return
		}
		i := rapid.IntRange(0, len(lists[l])-1).Draw(t, "rule")
		r := maps.Clone(lists[l][i].(map[string]any))
		r[rapid.SampledFrom([]string{
			"priority", "direction", "disabled", "action", "allowed", "denied", "match", "sourceRanges", "sourceTags", "targetTags", "targetServiceAccounts", "targetSecureTags",
		}).Draw(t, "member")] = map[string]any{"?": "?"}
		lists[l] = slices.Clone(lists[l])
		lists[l][i] = r
		broken := googleChain(lists)
		for _, m := range machines() {
			between(t, lists, whole.At(m.destination()), broken.At(m.destination()))
		}
		between(t, lists, whole.Somewhere(), broken.Somewhere())
	})
}

func TestRewritesOfSecurityRulesAreNeutral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genNSG(t)
		properties := doc["properties"].(map[string]any)
		want := SecurityRules(doc, nil).Somewhere()
		properties["securityRules"] = rapid.Permutation(properties["securityRules"].([]any)).Draw(t, "order")
		got := SecurityRules(doc, nil).Somewhere()
		if !got.Admits().Equal(want.Admits()) || !got.MayAdmit().Equal(want.MayAdmit()) {
			t.Fatalf("the order of rules in the document matters: %v", doc)
		}
	})
}
