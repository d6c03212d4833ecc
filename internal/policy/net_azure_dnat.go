package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// Firewalls of Azure, whose rules may translate a public address of their own to the
// private one of a machine.
const (
	azureFirewallType       = "Microsoft.Network/azureFirewalls"
	azureFirewallPolicyType = "Microsoft.Network/firewallPolicies"
)

// translated are the addresses by which firewalls of the account lead to a private
// address. What comes that way has the address of the firewall as its source, so the
// security groups decide on that, and the same address may stand in several networks:
// whether the machine is reached is not known, only that a rule says so.
// https://learn.microsoft.com/azure/firewall/rule-processing
// https://learn.microsoft.com/azure/firewall/snat-private-range
func (st *state) translated(private netip.Addr) []address {
	var out []address
	add := func(name string, gap *model.Gap, fits func(network.Query) bool) {
		out = append(out, address{name: name, gap: gap, exposed: func(q network.Query) network.Exposure {
			if !fits(q) {
				return network.Exposure{Value: network.False, Blocked: []string{"ports of the translation"}}
			}
			return network.Exposure{Value: network.Unknown, Gaps: []string{"translation by a firewall"}}
		}})
	}
	always := func(network.Query) bool { return true }
	for _, source := range []struct{ typ, member string }{{azureFirewallType, "properties"}, {azureFirewallPolicyType, "ruleCollectionGroups"}} {
		if g := st.view.inv.failed(source.typ, ""); g != nil {
			add("firewalls", g, always)
		}
		for _, a := range st.view.inv.Assets(source.typ) {
			if g := gapAt(a, source.member); g != nil {
				add("firewall "+a.Name, g, always)
				continue
			}
			if unattached(a) {
				continue
			}
			for _, rule := range natRules(a) {
				if to, err := netip.ParseAddr(textAt(rule, "translatedAddress")); err != nil || to != private || !fromInternet(rule) {
					continue
				}
				name := fmt.Sprintf("rule %s of %s", textAt(rule, "name"), a.Name)
				add(name, &model.Gap{
					Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: source.member, Reason: model.Unresolved,
					Detail: "whether what " + name + " translates to " + private.String() + " reaches the machine is not decided",
				}, func(q network.Query) bool { return translates(rule, q) })
			}
		}
	}
	return out
}

// unattached says that a policy is of no firewall, neither itself nor by a policy that
// inherits from it.
func unattached(a *model.Asset) bool {
	if a.Type != azureFirewallPolicyType || gapAt(a, "properties") != nil {
		return false
	}
	p := at(a.Config, "properties")
	firewalls, told := p["firewalls"].([]any)
	children, toldToo := p["childPolicies"].([]any)
	return told && toldToo && len(firewalls) == 0 && len(children) == 0
}

// natRules are the rules of a firewall, or of a policy for firewalls, that translate
// destinations.
// https://learn.microsoft.com/rest/api/firewall/firewall-policy-rule-collection-groups/list
func natRules(a *model.Asset) []map[string]any {
	var out []map[string]any
	for _, c := range items(at(a.Config, "properties")["natRuleCollections"]) {
		out = append(out, items(at(c, "properties")["rules"])...)
	}
	for _, group := range items(a.Config["ruleCollectionGroups"]) {
		for _, c := range items(at(group, "properties")["ruleCollections"]) {
			if strings.EqualFold(textAt(c, "ruleCollectionType"), "FirewallPolicyNatRuleCollection") {
				out = append(out, items(c["rules"])...)
			}
		}
	}
	return out
}

// fromInternet says whether a rule is for more than 2^24 addresses, or for some that
// stand elsewhere.
func fromInternet(rule map[string]any) bool {
	if len(texts(rule["sourceIpGroups"])) > 0 {
		return true
	}
	var count uint64
	for _, s := range texts(rule["sourceAddresses"]) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			if addr, err := netip.ParseAddr(s); err == nil {
				p = netip.PrefixFrom(addr, addr.BitLen())
			} else {
				return true // a star, a tag or a range
			}
		}
		if p.Addr().Is6() {
			return p.Bits() < 32
		}
		count += 1 << (32 - p.Bits())
	}
	return count > 1<<24
}

// translates says whether the rule leads to one of the ports that are asked about. A
// port that cannot be read may be any.
func translates(rule map[string]any, q network.Query) bool {
	protocols := append(texts(rule["ipProtocols"]), texts(rule["protocols"])...)
	if len(q.Protocols) > 0 && len(protocols) > 0 && !slices.ContainsFunc(protocols, func(p string) bool {
		return strings.EqualFold(p, "Any") || slices.ContainsFunc(q.Protocols, func(o network.Protocol) bool { return strings.EqualFold(p, o.String()) })
	}) {
		return false
	}
	port, err := strconv.ParseUint(textAt(rule, "translatedPort"), 10, 16)
	if err != nil || len(q.Ports) == 0 {
		return true
	}
	return slices.ContainsFunc(q.Ports, func(r network.PortRange) bool { return r.From <= uint16(port) && uint16(port) <= r.To })
}
