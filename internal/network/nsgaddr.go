package network

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ServiceTags resolves the name of an Azure service tag, in the vendor's case, to
// its addresses. It returns false when they are not known. Internet and
// AzureLoadBalancer are not asked for.
type ServiceTags func(tag string) (addrs AddrSet, known bool)

// NarrowTags takes every service tag for too few addresses to count. It is meant
// for the question whether a group is open to the internet as a whole, which no
// tag but Internet stands for; Answer.Asides names the rules it leaves out.
func NarrowTags(string) (AddrSet, bool) { return AddrSet{}, true }

var tagName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$`)

// source sets what the rule matches.
func (r *nsgRule) source(tags ServiceTags, protocols protocolRange, ports PortSet, matchKnown bool) {
	values, ok := r.values("sourceAddressPrefix", "sourceAddressPrefixes")
	groups, isList := list(r.doc, "sourceApplicationSecurityGroups")
	var lower, upper AddrSet
	aside := false
	if !ok || !isList || len(values) == 0 && len(groups) == 0 {
		r.gap("sourceAddressPrefix")
		upper = AllAddrs(AnyFamily)
	}
	if len(groups) > 0 { // members are matched by their private addresses
		upper = upper.Union(internal)
	}
	for _, v := range values {
		sure, may, known := azureSource(v, tags)
		lower, upper = lower.Union(sure), upper.Union(may)
		if !known {
			r.gap("sourceAddressPrefix " + v)
		}
		aside = aside || known && may.IsEmpty()
	}
	if matchKnown {
		r.lower = headers(lower, protocols, ports)
	}
	r.upper = headers(upper.Union(lower), protocols, ports)
	if aside {
		r.aside = headers(AllAddrs(AnyFamily), protocols, ports)
	}
	if r.to.sports, ok = r.ports("sourcePortRange"); !ok {
		r.to.unsure = true
	}
	if r.to.sports.Equal(PortSetOf(AllPorts)) {
		r.to.sports = PortSet{}
	}
}

// azureSource returns the addresses that one source surely and possibly stands
// for.
func azureSource(s string, tags ServiceTags) (lower, upper AddrSet, known bool) {
	switch strings.ToLower(s) {
	case "*", "any":
		all := AllAddrs(AnyFamily)
		return all, all, true
	case "internet":
		return internets, internets, true
	case "azureloadbalancer":
		// The host's own address, 168.63.129.16, from which nobody else sends:
		// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
		return AddrSet{}, internal, true
	}
	if addrs, err := parseAddrs(s); err == nil {
		return addrs, addrs, true
	}
	if !tagName.MatchString(s) {
		return AddrSet{}, AllAddrs(AnyFamily), false
	}
	if strings.EqualFold(s, "VirtualNetwork") {
		return AddrSet{}, internal, true // networks and their peers have private addresses
	}
	if tags != nil {
		if addrs, ok := tags(s); ok {
			return addrs, addrs, true
		}
	}
	return AddrSet{}, internets, false
}

// destination sets for which interfaces the rule holds. What arrives has the
// private address of the interface, so that no tag but VirtualNetwork names it.
func (r *nsgRule) destination() {
	values, ok := r.values("destinationAddressPrefix", "destinationAddressPrefixes")
	groups, isList := list(r.doc, "destinationApplicationSecurityGroups")
	for _, g := range groups {
		o, _ := object(g)
		id := strings.ToLower(text(o["id"]))
		r.to.labels = append(r.to.labels, id)
		ok = ok && id != ""
	}
	r.to.limited = len(values) > 0
	for _, v := range values {
		switch strings.ToLower(v) {
		case "*", "any", "virtualnetwork":
			r.to.addrs = AllAddrs(AnyFamily)
			continue
		}
		addrs, err := parseAddrs(v)
		if err != nil && !tagName.MatchString(v) {
			ok = false
			continue
		}
		r.to.addrs = r.to.addrs.Union(addrs)
	}
	if r.to.addrs.Equal(AllAddrs(AnyFamily)) {
		r.to.limited = false
	}
	if !ok || !isList || len(values) == 0 && len(groups) == 0 {
		r.gap("destinationAddressPrefix")
		r.to.limited, r.to.unsure = false, true
	}
}

// describe gives the rule in words: "securityRules[0] ssh: 100 allow tcp 22 from
// 0.0.0.0/0".
func (r *nsgRule) describe() string {
	words := func(members ...string) string {
		var out []string
		for _, m := range members {
			values, _ := r.values(m, m+"s")
			if strings.HasSuffix(m, "Prefix") {
				values, _ = r.values(m, m+"es")
			}
			out = append(out, values...)
		}
		return strings.Join(out, ",")
	}
	from := words("sourceAddressPrefix")
	if groups, _ := list(r.doc, "sourceApplicationSecurityGroups"); len(groups) > 0 {
		from = strings.TrimPrefix(from+",application security groups", ",")
	}
	to := ""
	if r.to.limited || len(r.to.labels) > 0 {
		to = " to " + strings.Join(slices.Concat(r.to.labels, strings.Fields(words("destinationAddressPrefix"))), ",")
	}
	ports := words("destinationPortRange")
	if ports == "*" {
		ports = "all"
	}
	return fmt.Sprintf("%s %s: %d %s %s %s from %s%s", r.at, r.name, r.Number, r.action,
		strings.ToLower(text(r.doc["protocol"])), ports, from, to)
}
