package network

import (
	"fmt"
	"slices"
	"strings"
)

// The kinds of labels by which Google rules name their targets.
const (
	TagLabel     = "tag:"
	AccountLabel = "account:"
)

// VPCRule is a firewall rule of a Google VPC network.
type VPCRule struct {
	// ID is the asset's id; it becomes the owner of the rule.
	ID string
	// Doc is the document (compute v1 Firewall). Nil is a rule that could not be
	// read: it may be anything.
	Doc map[string]any
}

// VPCRules evaluates the ingress rules of one network: the lowest priority first,
// of equal ones the denials, the first match decides. It leaves what no rule
// matches, so that policies can follow.
// https://cloud.google.com/firewall/docs/firewalls
func VPCRules(rules ...VPCRule) Chain {
	var c Chain
	var list []ordered
	for i, r := range rules {
		rule, gaps := vpcRule(i, r)
		c.gaps = append(c.gaps, gaps...)
		if rule != nil {
			list = append(list, *rule)
		}
	}
	c.lists = [][]ordered{list}
	return c
}

// ContributedBy returns the chain in which the VPC rule of the owner is the only
// one that lets anything in: what it admits is what is let in because of it.
// Denials before it count, as does what policies before it pass on; that another
// rule admits the same takes nothing away.
func (c Chain) ContributedBy(owner string) Chain {
	out := Chain{gaps: c.gaps}
	for _, l := range c.lists {
		i := slices.IndexFunc(l, func(r ordered) bool { return r.Owner == owner })
		kept := make([]ordered, 0, len(l))
		for j, r := range l {
			late := i >= 0 && !r.floating && !l[i].floating && r.Number > l[i].Number
			switch {
			case j == i || (r.action == denyAction || r.action == nextAction) && !late:
				kept = append(kept, r)
			case r.action == unsureAction || r.action == inspectAction:
				r.action = inspectAction // it may deny
				kept = append(kept, r)
			}
		}
		out.lists = append(out.lists, kept)
		if i >= 0 {
			return out
		}
	}
	return Chain{}
}

func vpcRule(i int, v VPCRule) (*ordered, []string) {
	b := googleRule{name: v.ID[strings.LastIndex(v.ID, "/")+1:], doc: v.Doc}
	b.Owner, b.Index = v.ID, i
	if v.Doc == nil {
		r := unread(Rule{Owner: v.ID, Index: i, Text: b.name + ": unreadable"})
		return &r, []string{b.name}
	}
	if name := text(v.Doc["name"]); name != "" {
		b.name = name
	}
	if !b.inForce() {
		return nil, nil
	}
	b.priority(1000) // https://cloud.google.com/compute/docs/reference/rest/v1/firewalls
	member, layers := b.vpcAction()
	match, matchKnown := b.layers(layers, "IPProtocol", member)
	b.vpcSource(match, matchKnown)
	b.labels("targetTags", TagLabel)
	b.labels("targetServiceAccounts", AccountLabel)
	b.destinations(v.Doc)
	b.finish()
	return &b.ordered, b.gaps
}

// googleRule is one rule while it is read.
type googleRule struct {
	ordered
	name string
	doc  map[string]any
	what []string // the match in words
	from []string
	gaps []string
}

func (b *googleRule) gap(member string) { b.gaps = append(b.gaps, b.name+"."+member) }

// inForce reads direction and disabled; false is a rule that does not matter.
func (b *googleRule) inForce() bool {
	switch dir, isText := b.doc["direction"].(string); {
	case strings.EqualFold(dir, "egress"):
		return false
	case strings.EqualFold(dir, "ingress") || !isText && b.doc["direction"] == nil: // the default
	default:
		b.floating = true
		b.gap("direction")
	}
	if v := b.doc["disabled"]; v != nil {
		off, ok := boolean(v)
		if off {
			return false
		}
		if !ok {
			b.floating = true
			b.gap("disabled")
		}
	}
	return true
}

// priority reads the priority; def is what counts when there is none, -1 for a
// kind of rule that always has one.
func (b *googleRule) priority(def int64) {
	if b.doc["priority"] == nil && def >= 0 {
		b.Number = def
		return
	}
	var ok bool
	if b.Number, ok = integer(b.doc["priority"]); !ok {
		b.floating = true
		b.gap("priority")
	}
}

// vpcAction tells by which member a rule lists its protocols.
func (b *googleRule) vpcAction() (member string, layers []any) {
	allowed, okA := list(b.doc, "allowed")
	denied, okD := list(b.doc, "denied")
	switch {
	case okA && okD && len(allowed) > 0 && len(denied) == 0:
		b.action = allowAction
		return "allowed", allowed
	case okA && okD && len(denied) > 0 && len(allowed) == 0:
		b.action = denyAction
		return "denied", denied
	}
	b.gap("allowed")
	return "allowed", nil
}

// layers reads protocols with ports. What cannot be read may be any.
func (b *googleRule) layers(items []any, protocolMember, member string) (func(AddrSet) FlowSet, bool) {
	type layer struct {
		protocols protocolRange
		ports     PortSet
	}
	var read []layer
	known := len(items) > 0
	for _, item := range items {
		o, _ := object(item)
		p, ok := googleProtocol(o[protocolMember])
		values, isList := list(o, "ports")
		ports := PortSetOf(AllPorts)
		if len(values) > 0 {
			ports = PortSet{}
		}
		words := []string{}
		for _, v := range values {
			r, valid := parsePorts(portText(v))
			ports, ok = ports.Union(PortSetOf(r)), ok && valid
			words = append(words, portText(v))
		}
		known = known && ok && isList
		read = append(read, layer{p, ports})
		b.what = append(b.what, strings.TrimSpace(text(o[protocolMember])+" "+strings.Join(words, ",")))
	}
	if !known {
		b.gap(member)
		return func(addrs AddrSet) FlowSet { return headers(addrs, allProtocols, PortSetOf(AllPorts)) }, false
	}
	return func(addrs AddrSet) FlowSet {
		var out []FlowSet
		for _, l := range read {
			out = append(out, headers(addrs, l.protocols, l.ports))
		}
		return unionFlows(out)
	}, true
}

func portText(v any) string {
	if n, ok := integer(v); ok {
		return fmt.Sprint(n)
	}
	return strings.TrimSpace(text(v))
}

// googleProtocol reads a protocol by its name or number.
func googleProtocol(v any) (protocolRange, bool) {
	name := strings.ToLower(strings.TrimSpace(text(v)))
	if n, ok := map[string]Protocol{"ipip": 4, "esp": 50, "ah": 51, "sctp": 132}[name]; ok {
		return protocolRange{n, n}, true
	}
	if name != "" {
		v = name
	}
	if n, isNumber := integer(v); isNumber && n < 0 {
		return allProtocols, false
	}
	p, ok := parseProtocol(v)
	if !ok {
		p = allProtocols
	}
	return p, ok
}

// vpcSource reads the sources. Tags and service accounts stand for the internal
// addresses of instances; a rule that names no source is for all of IPv4, and
// whether it is for IPv6 too is not documented.
func (b *googleRule) vpcSource(match func(AddrSet) FlowSet, matchKnown bool) {
	lower, upper, known := b.ranges(b.doc, "sourceRanges")
	any4 := known && len(b.from) == 0
	for _, member := range []string{"sourceTags", "sourceServiceAccounts"} {
		names, ok := b.names(b.doc, member)
		if !ok {
			upper = AllAddrs(AnyFamily)
		}
		if len(names) > 0 {
			b.from = append(b.from, member+" "+strings.Join(names, ","))
			upper = upper.Union(internal)
		}
		any4 = any4 && ok && len(names) == 0
	}
	if any4 {
		b.from = []string{"any source"}
		b.gap("sourceRanges for IPv6")
		lower, upper = AllAddrs(IPv4), AllAddrs(AnyFamily)
	}
	b.match(lower, upper, match, matchKnown)
}

func (b *googleRule) match(lower, upper AddrSet, match func(AddrSet) FlowSet, known bool) {
	if known {
		b.lower = match(lower)
	}
	b.upper = match(upper.Union(lower))
}

// ranges reads a list of prefixes.
func (b *googleRule) ranges(doc map[string]any, member string) (lower, upper AddrSet, known bool) {
	values, known := b.names(doc, member)
	for _, v := range values {
		addrs, err := parseAddrs(v)
		if err != nil {
			known = false
			b.gap(member + " " + v)
			continue
		}
		lower = lower.Union(addrs)
	}
	upper = lower
	if !known {
		upper = AllAddrs(AnyFamily)
	}
	b.from = append(b.from, values...)
	return lower, upper, known
}

// names reads a list of strings; false when some could not be read.
func (b *googleRule) names(doc map[string]any, member string) ([]string, bool) {
	items, ok := list(doc, member)
	var out []string
	for _, v := range items {
		s := strings.TrimSpace(text(v))
		ok = ok && s != ""
		out = append(out, s)
	}
	if !ok {
		b.gap(member)
	}
	return out, ok
}

// labels limits the rule to instances with one of these names.
func (b *googleRule) labels(member, kind string) {
	names, ok := b.names(b.doc, member)
	if !ok {
		b.to.unsure = true
		return
	}
	for _, n := range names {
		b.to.labels = append(b.to.labels, kind+n)
	}
}

// destinations limits the rule to addresses of instances.
func (b *googleRule) destinations(doc map[string]any) {
	member := "destinationRanges"
	if doc["destIpRanges"] != nil {
		member = "destIpRanges"
	}
	from := b.from
	addrs, _, known := b.ranges(doc, member)
	b.from = from
	if !known {
		b.to.unsure = true
		return
	}
	if items, _ := list(doc, member); len(items) > 0 {
		b.to.limited, b.to.addrs = true, addrs
	}
}

// finish writes the rule in words: "allow-ssh: 1000 allow tcp 22 from 0.0.0.0/0 to
// tag:web".
func (b *googleRule) finish() {
	b.Allow = b.action != denyAction
	to := slices.Clone(b.to.labels)
	if b.to.limited {
		to = append(to, b.to.addrs.String())
	}
	if b.to.unsure {
		to = append(to, "some targets")
	}
	b.Text = fmt.Sprintf("%s: %d %s %s from %s", b.name, b.Number, b.action, strings.Join(b.what, "; "), strings.Join(b.from, ","))
	if len(to) > 0 {
		b.Text += " to " + strings.Join(to, ",")
	}
}
