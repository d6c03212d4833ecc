package network

import (
	"fmt"
	"strings"
)

// SecurityRules evaluates the inbound rules of an Azure network security group
// (Microsoft.Network/networkSecurityGroups, members properties.securityRules and
// properties.defaultSecurityRules): the lowest priority number first, the first
// match decides, and what no rule matches is denied. A nil document is a group
// that could not be read.
//
// The default rules cannot be changed; where the document lacks them the
// documented ones count. Values are compared without case, the singular and
// plural members of a rule together, as
// https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
// describes them. tags resolves service tags; nil means that none is known.
func SecurityRules(doc map[string]any, tags ServiceTags) Chain {
	properties, ok := object(doc["properties"])
	if !ok {
		return UnknownChain("network security group")
	}
	custom, ok := list(properties, "securityRules")
	if !ok {
		return UnknownChain("securityRules")
	}
	defaults, ok := list(properties, "defaultSecurityRules")
	if !ok || len(defaults) == 0 {
		defaults = defaultSecurityRules
	}
	b := nsgBuilder{owner: strings.ToLower(text(doc["id"])), tags: tags}
	for i, r := range custom {
		b.add("securityRules", i, r)
	}
	for i, r := range defaults {
		b.add("defaultSecurityRules", i, r)
	}
	return Chain{lists: [][]ordered{b.rules}, gaps: b.gaps}
}

// defaultSecurityRules are the inbound rules that every group has.
var defaultSecurityRules = []any{
	defaultRule("AllowVnetInBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
	defaultRule("AllowAzureLoadBalancerInBound", 65001, "Allow", "AzureLoadBalancer", "*"),
	defaultRule("DenyAllInBound", 65500, "Deny", "*", "*"),
}

func defaultRule(name string, priority int64, access, from, to string) any {
	return map[string]any{"name": name, "properties": map[string]any{
		"priority": priority, "direction": "Inbound", "access": access, "protocol": "*",
		"sourceAddressPrefix": from, "sourcePortRange": "*", "destinationAddressPrefix": to, "destinationPortRange": "*",
	}}
}

type nsgBuilder struct {
	owner string
	tags  ServiceTags
	rules []ordered
	gaps  []string
}

// nsgRule is one rule while it is read.
type nsgRule struct {
	ordered
	at, name string
	doc      map[string]any
	gaps     []string
}

func (b *nsgBuilder) add(member string, i int, v any) {
	r := nsgRule{at: fmt.Sprintf("%s[%d]", member, i)}
	outer, _ := object(v)
	r.name = text(outer["name"])
	var ok bool
	if r.doc, ok = object(outer["properties"]); !ok {
		b.gaps = append(b.gaps, r.at)
		b.rules = append(b.rules, unread(Rule{Owner: b.owner, Index: i, Text: r.at + ": unreadable"}))
		return
	}
	switch strings.ToLower(text(r.doc["direction"])) {
	case "inbound":
	case "outbound":
		return
	default:
		r.floating = true
		r.gap("direction")
	}
	r.readAction()
	protocols, protocolsKnown := azureProtocols(r.doc["protocol"])
	ports, portsKnown := r.ports("destinationPortRange")
	if !protocolsKnown {
		r.gap("protocol")
		ports = PortSetOf(AllPorts) // it may be a protocol without ports
	}
	r.source(b.tags, protocols, ports, protocolsKnown && portsKnown)
	r.destination()
	r.Owner, r.Index, r.Allow = b.owner, i, r.action != denyAction
	r.Text = r.describe()
	b.gaps = append(b.gaps, r.gaps...)
	b.rules = append(b.rules, r.ordered)
}

func (r *nsgRule) gap(member string) { r.gaps = append(r.gaps, r.at+"."+member) }

func (r *nsgRule) readAction() {
	switch strings.ToLower(text(r.doc["access"])) {
	case "allow":
		r.action = allowAction
	case "deny":
		r.action = denyAction
	default:
		r.action = unsureAction
		r.gap("access")
	}
	var ok bool
	if r.Number, ok = integer(r.doc["priority"]); !ok {
		r.floating = true
		r.gap("priority")
	}
}

// azureProtocols reads the protocol of a rule.
func azureProtocols(v any) (p protocolRange, ok bool) {
	switch name := strings.ToLower(strings.TrimSpace(text(v))); name {
	case "*", "any":
		return allProtocols, true
	case "esp":
		return protocolRange{50, 50}, true
	case "ah":
		return protocolRange{51, 51}, true
	case "":
		return allProtocols, false
	default:
		if p, ok = parseProtocol(name); !ok {
			return allProtocols, false
		}
		return p, true
	}
}

// values returns the strings of a singular member and of its plural; false when
// some of them is none.
func (r *nsgRule) values(singular, plural string) ([]string, bool) {
	out, ok := []string(nil), true
	switch s := r.doc[singular].(type) {
	case nil:
	case string:
		out = append(out, s)
	default:
		if n, isNumber := integer(s); isNumber {
			out = append(out, fmt.Sprint(n))
		} else {
			ok = false
		}
	}
	more, isList := list(r.doc, plural)
	for _, v := range more {
		s, isString := v.(string)
		out, ok = append(out, s), ok && isString
	}
	kept := out[:0]
	for _, s := range out {
		if s = strings.TrimSpace(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept, ok && isList
}

// ports reads the ranges of a port member; none at all is not known.
func (r *nsgRule) ports(singular string) (PortSet, bool) {
	values, ok := r.values(singular, singular+"s")
	var out []PortRange
	for _, s := range values {
		p, valid := parsePorts(s)
		out, ok = append(out, p), ok && valid
	}
	if len(out) == 0 || !ok {
		r.gap(singular)
		return PortSetOf(AllPorts), false
	}
	return PortSetOf(out...), true
}

// parsePorts reads "*", "22" or "20-25".
func parsePorts(s string) (PortRange, bool) {
	if s == "*" || strings.EqualFold(s, "any") {
		return AllPorts, true
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, okA := integer(from)
	b, okB := integer(to)
	if !okA || !okB || a < 0 || a > b || b > 65535 {
		return AllPorts, false
	}
	return PortRange{uint16(a), uint16(b)}, true
}

// headers returns the headers from addrs with the protocols and ports of a rule.
// Ports count for TCP and UDP only, so that a rule for every protocol and some
// ports is one for these two.
func headers(addrs AddrSet, p protocolRange, ports PortSet) FlowSet {
	switch {
	case ports.Equal(PortSetOf(AllPorts)):
		return Box{addrs, [2]Protocol{p.from, p.to}, AllPorts}.flows()
	case p == allProtocols:
		return product(addrs, []Protocol{TCP, UDP}, ports)
	case p.from == TCP || p.from == UDP:
		return product(addrs, []Protocol{p.from}, ports)
	}
	return Box{addrs, [2]Protocol{p.from, p.to}, AllPorts}.flows()
}
