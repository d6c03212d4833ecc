package network

import (
	"fmt"
	"slices"
	"strings"
)

// LoadBalancer returns what a public Azure load balancer hands on to the members
// of some of its backend pools or to the target of some of its inbound NAT rules,
// given by their ids: the ports are those of the member. It keeps the address of
// the client. A nil document is one that could not be read.
// https://learn.microsoft.com/azure/load-balancer/components
func LoadBalancer(doc map[string]any, parts []string) Filter {
	properties, ok := object(doc["properties"])
	fronts, okFronts := list(properties, "frontendIPConfigurations")
	rules, okRules := list(properties, "loadBalancingRules")
	nat, okNat := list(properties, "inboundNatRules")
	if !ok || !okFronts || !okRules || !okNat {
		return UnknownFilter("load balancer")
	}
	b := balancer{owner: strings.ToLower(text(doc["id"])), parts: lowered(parts), public: map[string]bool{}}
	for _, f := range fronts {
		o, _ := object(f)
		p, _ := object(o["properties"])
		b.public[strings.ToLower(text(o["id"]))] = reference(p, "publicIPAddress") != "" || reference(p, "publicIPPrefix") != ""
	}
	for i, r := range rules {
		b.add(fmt.Sprintf("loadBalancingRules[%d]", i), i, r)
	}
	for i, r := range nat {
		b.add(fmt.Sprintf("inboundNatRules[%d]", i), i, r)
	}
	return b.filter()
}

type balancer struct {
	filterBuilder
	owner  string
	parts  []string
	public map[string]bool // by the id of the front end
}

func (b *balancer) add(at string, i int, v any) {
	o, _ := object(v)
	p, ok := object(o["properties"])
	all := AllFlows(AnyFamily)
	if !ok {
		b.gap(at)
		b.filterBuilder.add(Rule{Owner: b.owner, Index: i, Allow: true, Text: at + ": unreadable"}, FlowSet{}, all)
		return
	}
	public, known := b.public[reference(p, "frontendIPConfiguration")]
	if known && !public || !b.concerns(text(o["id"]), p) {
		return
	}
	protocols, okProtocol := parseProtocol(strings.ToLower(text(p["protocol"])))
	port, okPort := integer(p["backendPort"])
	ports := PortSetOf(AllPorts)
	if okPort && port > 0 && port <= 65535 {
		ports = PortSetOf(Port(uint16(port)))
	}
	upper := headers(AllAddrs(AnyFamily), protocols, ports)
	lower := upper
	if !okProtocol || !okPort || !known {
		b.gap(at)
		lower, upper = FlowSet{}, all
	}
	r := Rule{Owner: b.owner, Index: i, Allow: true, Text: fmt.Sprintf("%s %s: %s to port %s", at, text(o["name"]), text(p["protocol"]), ports)}
	b.filterBuilder.add(r, lower, upper)
}

// concerns says whether the rule is one of the parts, or leads to one.
func (b *balancer) concerns(id string, p map[string]any) bool {
	ids := []string{strings.ToLower(id), reference(p, "backendAddressPool")}
	pools, _ := list(p, "backendAddressPools")
	for _, pool := range pools {
		o, _ := object(pool)
		ids = append(ids, strings.ToLower(text(o["id"])))
	}
	return slices.ContainsFunc(ids, func(s string) bool { return s != "" && slices.Contains(b.parts, s) })
}

// reference returns the id that a member of a document holds, in lower case.
func reference(doc map[string]any, member string) string {
	o, _ := object(doc[member])
	return strings.ToLower(text(o["id"]))
}

func lowered(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strings.ToLower(id)
	}
	return out
}
