package network

import (
	"fmt"
	"strings"
)

// FirewallPolicy evaluates the ingress rules of a Google firewall policy, whether
// hierarchical or of a network (compute v1 FirewallPolicy, member rules): the
// lowest priority first; allow and deny decide, goto_next and what no rule
// matches go on to what follows. Rules for other networks are left out; network
// is the path of the network in question, projects/P/global/networks/N. id is
// the asset's id, which becomes the owner of the rules. A nil document is a
// policy that could not be read.
//
// Traffic that a rule hands to inspection may pass or not. Address groups and
// regions stand for addresses that are not known; domain names and threat lists
// for too few to count. Rules for secure tags hold for some instances, nobody
// here knows for which. A document without rules is one that was not read whole.
// https://cloud.google.com/firewall/docs/firewall-policies-rule-details
func FirewallPolicy(id string, doc map[string]any, network string) Chain {
	name := text(doc["shortName"])
	if name == "" {
		name = text(doc["displayName"])
	}
	if name == "" {
		name = text(doc["name"])
	}
	items, ok := list(doc, "rules")
	if !ok || doc["rules"] == nil { // each policy has rules, if only those it was made with
		return UnknownChain("rules of firewall policy " + strings.TrimSpace(name+" "+id))
	}
	var c Chain
	var rules []ordered
	for i, item := range items {
		b := googleRule{name: fmt.Sprintf("%s rules[%d]", name, i)}
		b.Owner, b.Index = id, i
		if b.doc, ok = object(item); !ok {
			rules = append(rules, unread(Rule{Owner: id, Index: i, Text: b.name + ": unreadable"}))
			c.gaps = append(c.gaps, b.name)
			continue
		}
		if b.policyRule(network) {
			rules = append(rules, b.ordered)
			c.gaps = append(c.gaps, b.gaps...)
		}
	}
	c.lists = [][]ordered{rules}
	return c
}

// policyRule reads the rule; false is one that does not matter here.
func (b *googleRule) policyRule(network string) bool {
	if !b.inForce() {
		return false
	}
	networks, ok := b.names(b.doc, "targetResources")
	if !ok {
		b.floating = true
	}
	if len(networks) > 0 && ok && !containsPath(networks, network) {
		return false
	}
	b.priority(-1)
	switch strings.ToLower(text(b.doc["action"])) {
	case "allow":
		b.action = allowAction
	case "deny":
		b.action = denyAction
	case "goto_next":
		b.action = nextAction
	case "apply_security_profile_group", "redirect", "mirror":
		b.action = inspectAction
		b.gap("action: inspected")
	default:
		b.gap("action")
	}
	condition, ok := object(b.doc["match"])
	if !ok {
		b.gap("match")
		b.upper = AllFlows(AnyFamily)
		b.finish()
		return true
	}
	layers, ok := list(condition, "layer4Configs")
	if !ok {
		layers = nil
	}
	match, matchKnown := b.layers(layers, "ipProtocol", "match.layer4Configs")
	lower, upper, aside := b.policySource(condition)
	b.match(lower, upper, match, matchKnown)
	if aside {
		b.aside = match(AllAddrs(AnyFamily))
	}
	b.labels("targetServiceAccounts", AccountLabel)
	b.destinations(condition)
	if !b.none(b.doc, "targetSecureTags") || !b.none(condition, "destAddressGroups", "destFqdns", "destRegionCodes", "destThreatIntelligences", "destNetworkType", "destNetworkScope", "destNetworkContext") {
		b.gap("targetSecureTags")
		b.to.unsure = true
	}
	b.finish()
	return true
}

// none says that no member limits anything.
func (b *googleRule) none(doc map[string]any, members ...string) bool {
	for _, m := range members {
		switch v := doc[m].(type) {
		case nil:
		case []any:
			if len(v) > 0 {
				return false
			}
		case string:
			if v != "" && !strings.HasSuffix(strings.ToUpper(v), "UNSPECIFIED") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// policySource reads the sources of a policy rule: the union of ranges, tags and
// lists, within the kind of network that the rule may name.
func (b *googleRule) policySource(condition map[string]any) (lower, upper AddrSet, aside bool) {
	lower, upper, _ = b.ranges(condition, "srcIpRanges")
	if !b.none(condition, "srcSecureTags") {
		b.from = append(b.from, "secure tags")
		upper = upper.Union(internal)
	}
	for _, m := range []string{"srcFqdns", "srcThreatIntelligences"} {
		if !b.none(condition, m) {
			b.from = append(b.from, m)
			aside = true
		}
	}
	for _, m := range []string{"srcAddressGroups", "srcRegionCodes"} {
		if !b.none(condition, m) {
			b.from = append(b.from, m)
			b.gap("match." + m)
			upper = AllAddrs(AnyFamily)
		}
	}
	if len(b.from) == 0 {
		b.from = []string{"any source"}
		lower, upper = AllAddrs(AnyFamily), AllAddrs(AnyFamily)
	}
	return b.narrowed(condition, lower, upper, aside)
}

// narrowed applies the kind of network from which packets must come.
func (b *googleRule) narrowed(condition map[string]any, lower, upper AddrSet, aside bool) (AddrSet, AddrSet, bool) {
	for _, m := range []string{"srcNetworkType", "srcNetworkScope", "srcNetworkContext"} {
		if b.none(condition, m) {
			continue
		}
		switch kind := strings.ToUpper(text(condition[m])); kind {
		case "INTERNET":
			return lower.Intersect(internets), upper.Intersect(internets), aside
		case "NON_INTERNET", "VPC_NETWORKS", "INTRA_VPC":
			// What comes from the internet is none of them, whatever its address.
			return AddrSet{}, upper.Intersect(internal), false
		}
		b.gap("match." + m)
		return AddrSet{}, upper, aside
	}
	return lower, upper, aside
}

// containsPath says whether one of the URLs names a path.
func containsPath(urls []string, path string) bool {
	for _, u := range urls {
		if ResourcePath(u) == ResourcePath(path) {
			return true
		}
	}
	return false
}

// ResourcePath returns what a URL or full resource name of Google Cloud names,
// from "projects/" on, so that the spellings of hosts and versions are one.
func ResourcePath(name string) string {
	if i := strings.Index(name, "projects/"); i >= 0 && (i == 0 || name[i-1] == '/') {
		return name[i:]
	}
	return name
}
