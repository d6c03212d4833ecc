package network

import (
	"cmp"
	"fmt"
	"slices"
)

// ACL is a network ACL: stateless, so each direction is a filter of its own.
// Far addresses are the sources of Ingress and the destinations of Egress.
type ACL struct{ Ingress, Egress Filter }

// UnknownACL returns an ACL that could not be read.
func UnknownACL() ACL {
	return ACL{UnknownFilter("network ACL"), UnknownFilter("network ACL")}
}

// NetworkACL evaluates a network ACL (ec2 DescribeNetworkAcls, member Entries):
// ascending rule number, the first match decides, what no entry matches is
// denied; IPv4 and IPv6 entries do not see each other's packets. A nil document
// is an ACL that could not be read.
func NetworkACL(doc map[string]any) ACL {
	if doc == nil {
		return UnknownACL()
	}
	items, ok := list(doc, "Entries")
	if !ok {
		return ACL{UnknownFilter("Entries"), UnknownFilter("Entries")}
	}
	owner := text(doc["NetworkAclId"])
	var in, out []aclEntry
	for i, item := range items {
		e := readEntry(i, item)
		if e.egress != True {
			in = append(in, e)
		}
		if e.egress != False {
			out = append(out, e)
		}
	}
	return ACL{firstMatch(owner, in, "from"), firstMatch(owner, out, "to")}
}

// aclEntry is one entry as far as it could be read.
type aclEntry struct {
	index  int
	number int64
	order  Truth // whether the number is known
	egress Truth
	allow  Truth
	addrs  AddrSet
	match  match
	far    string
	sure   bool // everything above is known
}

func readEntry(i int, v any) aclEntry {
	e := aclEntry{index: i, sure: true, addrs: AllAddrs(AnyFamily), far: "unreadable"}
	doc, ok := object(v)
	if !ok {
		e.match, e.sure = match{allProtocols, AllPorts, false}, false
		return e
	}
	if n, ok := integer(doc["RuleNumber"]); ok {
		e.number, e.order = n, True
	}
	if b, ok := boolean(doc["Egress"]); ok {
		e.egress = TruthOf(b)
	}
	switch text(doc["RuleAction"]) {
	case "allow":
		e.allow = True
	case "deny":
		e.allow = False
	}
	addrsKnown := e.readAddrs(doc)
	e.match = entryMatch(doc)
	e.sure = addrsKnown && e.match.sure && e.order == True && e.egress != Unknown && e.allow != Unknown
	return e
}

func (e *aclEntry) readAddrs(doc map[string]any) bool {
	four, six := text(doc["CidrBlock"]), text(doc["Ipv6CidrBlock"])
	cidr, f := four, IPv4
	if four == "" {
		cidr, f = six, IPv6
	}
	p, err := ParseCIDR(cidr)
	if err != nil || p.Addr().Is4() != (f == IPv4) || four != "" && six != "" {
		return false
	}
	e.addrs, e.far = AddrSetOf(p), cidr
	return true
}

func entryMatch(doc map[string]any) match {
	protocols, ok := parseProtocol(doc["Protocol"])
	if !ok {
		return match{allProtocols, AllPorts, false}
	}
	if protocols.from == protocols.to && (protocols.from == ICMP || protocols.from == ICMPv6) {
		t, isObject := object(doc["IcmpTypeCode"])
		if !isObject && doc["IcmpTypeCode"] != nil {
			return match{protocols, AllPorts, false}
		}
		return portMatch(protocols, t["Type"], t["Code"])
	}
	r, isObject := object(doc["PortRange"])
	if !isObject && doc["PortRange"] != nil {
		return match{protocols, AllPorts, false}
	}
	return portMatch(protocols, r["From"], r["To"])
}

func (e aclEntry) rule(owner, preposition string) Rule {
	action := map[Truth]string{True: "allow", False: "deny", Unknown: "unreadable action"}[e.allow]
	return Rule{
		Owner:  owner,
		Index:  e.index,
		Number: e.number,
		Allow:  e.allow != False,
		Text:   fmt.Sprintf("Entries[%d]: rule %d %s %s %s %s", e.index, e.number, action, e.match, preposition, e.far),
	}
}

// firstMatch folds entries to what they admit. It follows two bounds of what is
// still undecided: an entry that was not read well may or may not take packets
// from those behind it. Entries without a readable number may stand anywhere,
// which the first place covers.
func firstMatch(owner string, entries []aclEntry, preposition string) Filter {
	slices.SortStableFunc(entries, func(a, b aclEntry) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.number, b.number))
	})
	var f Filter
	left := AllFlows(AnyFamily)
	n := 0
	for ; n < len(entries) && entries[n].sure; n++ { // both bounds are one
		e := entries[n]
		may := e.match.upper(e.addrs)
		took := left.Intersect(may)
		left = left.Subtract(may)
		f.rules = append(f.rules, ruleFlows{e.rule(owner, preposition), took, took})
		if e.allow == True {
			f.lower = f.lower.Union(took)
		}
	}
	f.upper = f.lower
	if n < len(entries) {
		f.unsure(owner, entries[n:], preposition, left)
	}
	return f
}

// unsure goes on from the first entry that was not read well.
func (f *Filter) unsure(owner string, entries []aclEntry, preposition string, left FlowSet) {
	leftSure, leftMaybe := left, left
	for _, e := range entries {
		may := e.match.upper(e.addrs)
		sure := may
		if !e.sure {
			sure = FlowSet{}
			f.gaps = append(f.gaps, fmt.Sprintf("Entries[%d]", e.index))
		}
		r := ruleFlows{e.rule(owner, preposition), leftSure.Intersect(sure), leftMaybe.Intersect(may)}
		f.rules = append(f.rules, r)
		if e.allow == True {
			f.lower = f.lower.Union(r.lower)
		}
		if e.allow != False {
			f.upper = f.upper.Union(r.upper)
		}
		leftSure, leftMaybe = leftSure.Subtract(may), leftMaybe.Subtract(sure)
	}
}
