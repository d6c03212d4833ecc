package policy

import (
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// The Google Cloud asset types that questions about networks look up.
const (
	vpcNetworkType     = "compute.googleapis.com/Network"
	firewallType       = "compute.googleapis.com/Firewall"
	firewallPolicyType = "compute.googleapis.com/FirewallPolicy"
	instanceType       = "compute.googleapis.com/Instance"
)

const computeName = "//compute.googleapis.com/" // begins the ids of assets

// The members of documents that the questions read.
var (
	firewallMembers = []string{
		"allowed", "denied", "destinationRanges", "direction", "disabled", "network", "priority",
		"sourceRanges", "sourceServiceAccounts", "sourceTags", "targetServiceAccounts", "targetTags",
	}
	firewallPolicyMembers = []string{"associations", "region", "rules"}
	instanceMembers       = []string{"networkInterfaces", "serviceAccounts", "tags", "zone"}
	orderMember           = "networkFirewallPolicyEnforcementOrder"
)

func init() {
	filterOf[vpcNetworkType] = (*assetRef).networkFirewall
	filterOf[firewallType] = (*assetRef).firewallRule
	exposuresOf[instanceType] = (*assetRef).instance
	for _, f := range []string{"opens", "opens_everything"} {
		usesFirewalls(f, vpcNetworkType)
		usesFirewalls(f, firewallType)
	}
	usesFirewalls("internet_reachable", instanceType, forwardingRuleType, regionalBackendType, instanceGroupType)
	usesMembersOf("internet_reachable", instanceType, forwardingRuleType, forwardingMembers...)
	usesMembersOf("internet_reachable", instanceType, regionalBackendType, backendMembers...)
	usesMembersOf("internet_reachable", instanceType, instanceGroupType, groupMembers...)
	usesMembersOf("internet_reachable", instanceType, instanceType, instanceMembers...)
}

func usesFirewalls(function, receiver string, more ...string) {
	usesOf(function, receiver, append([]string{vpcNetworkType, firewallType, firewallPolicyType}, more...)...)
	usesMembersOf(function, receiver, vpcNetworkType, orderMember)
	usesMembersOf(function, receiver, firewallType, firewallMembers...)
	usesMembersOf(function, receiver, firewallPolicyType, firewallPolicyMembers...)
}

// networkFirewall is what policies and rules of a network let in from outside to
// some instance.
func (a *assetRef) networkFirewall() (network.Filter, *model.Gap) {
	f := a.st.firewall(strings.TrimPrefix(a.asset.ID, computeName), a.asset)
	filters := make([]network.Filter, 0, 1+len(f.regions))
	for _, region := range append([]string{""}, f.regions...) {
		filters = append(filters, f.chain(region).Somewhere())
	}
	return network.AnyOf(filters...), f.gap
}

// firewallRule is what is let in because of one VPC firewall rule.
func (a *assetRef) firewallRule() (network.Filter, *model.Gap) {
	if g := memberGap(a.asset, firewallMembers); g != nil {
		return network.UnknownFilter("firewall rule"), g
	}
	path, _ := a.asset.Config["network"].(string)
	f := a.st.firewall(network.ResourcePath(path), a.asset)
	filters := make([]network.Filter, 0, 1+len(f.regions))
	for _, region := range append([]string{""}, f.regions...) {
		filters = append(filters, f.chain(region).ContributedBy(a.asset.ID).Somewhere())
	}
	return network.AnyOf(filters...), f.gap
}

// firewall is everything that filters the packets to the instances of a network.
type firewall struct {
	hierarchical network.Chain
	rules        network.Chain
	global       network.Chain
	regional     map[string]network.Chain
	regions      []string
	// policiesFirst tells the order of rules and network policies.
	policiesFirst network.Truth
	gap           *model.Gap
}

// chain puts the lists in the order in which Google evaluates them for an
// instance of a region.
// https://cloud.google.com/firewall/docs/firewall-policies-overview#rule-evaluation
func (f *firewall) chain(region string) network.Chain {
	policies := f.global.Then(f.regional[region])
	switch {
	case f.policiesFirst == network.True:
		return f.hierarchical.Then(policies).Then(f.rules)
	case f.policiesFirst == network.Unknown:
		return f.hierarchical.Then(network.UnknownChain(orderMember)).Then(f.rules)
	}
	return f.hierarchical.Then(f.rules).Then(policies)
}

func (f *firewall) note(g *model.Gap) {
	if f.gap == nil {
		f.gap = g
	}
}

// firewall returns the rules and policies of a network, for an asset in it. It is
// built once: many instances stand in one network.
func (st *state) firewall(path string, asset *model.Asset) *firewall {
	key := firewallKey{st.view.inv, path, projectOf(asset.ID), asset.Scope.OrgPath}
	f, ok := st.firewalls[key]
	if !ok {
		f = &firewall{regional: map[string]network.Chain{}, policiesFirst: network.False}
		f.rules = st.vpcRules(key, f)
		st.policies(path, asset.Scope, f)
		if st.firewalls == nil || len(st.firewalls) >= maxBuilt {
			st.firewalls = map[firewallKey]*firewall{}
		}
		st.firewalls[key] = f
	}
	return f
}

// firewallKey names what the firewall of a network depends on.
type firewallKey struct {
	inv                    *Inventory
	path, project, orgPath string
}

// policies adds the firewall policies that apply to the network.
func (st *state) policies(path string, scope model.Scope, f *firewall) {
	all, gap := firewallPolicies(st)
	if gap != nil {
		f.unread(gap, "firewall policies")
	}
	above := orgLevels(scope.OrgPath)
	levels := make([]network.Chain, len(above))
	ofNetwork := false
	for _, p := range all {
		if g := memberGap(p, firewallPolicyMembers); g != nil {
			f.unread(g, "firewall policy "+p.Name)
			continue
		}
		region, _ := p.Config["region"].(string)
		region = region[strings.LastIndex(region, "/")+1:]
		for _, target := range items(p.Config["associations"]) {
			rules := network.FirewallPolicy(p.ID, p.Config, path)
			target := textAt(target, "attachmentTarget")
			node := orgNode(target)
			level := slices.Index(above, node)
			switch {
			case node != "" && level >= 0:
				levels[level] = levels[level].Then(rules)
			case node != "" && len(above) == 0:
				f.unread(&model.Gap{
					Scope: scope, Type: firewallPolicyType, Asset: p.ID, Path: "associations", Reason: model.Unresolved,
					Detail: "whether it applies is not known: nor is the place of " + scope.Account + " in the organization",
				}, "firewall policy "+p.Name)
			case node != "" || network.ResourcePath(target) != path:
			case region == "":
				ofNetwork = true
				f.global = f.global.Then(rules)
			default:
				ofNetwork = true
				f.regional[region] = f.regional[region].Then(rules)
			}
		}
	}
	for _, l := range levels {
		f.hierarchical = f.hierarchical.Then(l)
	}
	f.regions = slices.Sorted(maps.Keys(f.regional))
	if ofNetwork {
		f.policiesFirst = st.policiesFirst(path, f)
	}
}

// unread puts something before all rules that may let in, or shut out, anything.
func (f *firewall) unread(g *model.Gap, what string) {
	f.note(g)
	f.hierarchical = network.UnknownChain(what).Then(f.hierarchical)
}

// firewallPolicies returns the firewall policies that can be seen from the
// account: its own, and those of the folders and the organization above it. The
// gap is that of a listing that failed.
func firewallPolicies(st *state) ([]*model.Asset, *model.Gap) {
	out := slices.Clone(st.view.inv.Assets(firewallPolicyType))
	gap := st.view.inv.failed(firewallPolicyType, "")
	for _, up := range st.view.inv.above {
		out = append(out, up.Assets(firewallPolicyType)...)
		if gap == nil {
			gap = up.failed(firewallPolicyType, "")
		}
	}
	return out, gap
}

// vpcRules are the firewall rules of the network.
func (st *state) vpcRules(key firewallKey, f *firewall) network.Chain {
	path := key.path
	var rules []network.VPCRule
	if g := st.view.inv.failed(firewallType, ""); g != nil {
		f.note(g)
		rules = append(rules, network.VPCRule{ID: "firewall rules that were not read"})
	}
	// A network that is shared from another project has its rules there.
	if host := projectOf(path); host != key.project && st.view.inv.Find(vpcNetworkType, computeName+path) == nil {
		f.note(st.notRead(vpcNetworkType, path))
		rules = append(rules, network.VPCRule{ID: "firewall rules of project " + host})
	}
	for _, a := range st.view.inv.Assets(firewallType) {
		g := memberGap(a, firewallMembers)
		of, _ := a.Config["network"].(string)
		switch {
		case g != nil && (gapAt(a, "network") != nil || network.ResourcePath(of) == path):
			f.note(g)
			rules = append(rules, network.VPCRule{ID: a.ID})
		case network.ResourcePath(of) == path:
			rules = append(rules, network.VPCRule{ID: a.ID, Doc: a.Config})
		}
	}
	return network.VPCRules(rules...)
}

// policiesFirst says whether the network has its policies before its rules.
func (st *state) policiesFirst(path string, f *firewall) network.Truth {
	n := st.view.inv.Find(vpcNetworkType, computeName+path)
	if n == nil {
		f.note(st.notRead(vpcNetworkType, path))
		return network.Unknown
	}
	if g := gapAt(n, orderMember); g != nil {
		f.note(g)
		return network.Unknown
	}
	switch order, _ := n.Config[orderMember].(string); order {
	case "BEFORE_CLASSIC_FIREWALL":
		return network.True
	case "", "AFTER_CLASSIC_FIREWALL": // the default
		return network.False
	}
	return network.Unknown
}

// instance finds the interfaces of a Compute Engine instance.
func (a *assetRef) instance() machine {
	if g := memberGap(a.asset, []string{"networkInterfaces"}); g != nil {
		return machine{gap: g}
	}
	to := network.Destination{LabelsKnown: true}
	for _, t := range texts(at(a.asset.Config, "tags")["items"]) {
		to.Labels = append(to.Labels, network.TagLabel+t)
	}
	for _, s := range items(a.asset.Config["serviceAccounts"]) {
		to.Labels = append(to.Labels, network.AccountLabel+textAt(s, "email"))
	}
	gap := memberGap(a.asset, []string{"tags", "serviceAccounts"})
	to.LabelsKnown = gap == nil
	interfaces := items(a.asset.Config["networkInterfaces"])
	if len(interfaces) == 0 { // every instance has one
		return machine{gap: &model.Gap{
			Scope: a.asset.Scope, Type: instanceType, Asset: a.asset.ID, Path: "networkInterfaces", Reason: model.Unresolved, Detail: "the document has none",
		}}
	}
	var m machine
	for _, i := range interfaces {
		address, filter := a.googleAddress(i, to, gap)
		m.addresses = append(m.addresses, address)
		m.addresses = append(m.addresses, a.fronted(filter, network.ResourcePath(textAt(i, "network")))...)
	}
	return m
}

// googleAddress is an interface's own address, with what the firewall lets through to it.
func (a *assetRef) googleAddress(doc map[string]any, to network.Destination, gap *model.Gap) (address, *network.Filter) {
	to.IPv4, _ = netip.ParseAddr(textAt(doc, "networkIP"))
	to.IPv6, _ = netip.ParseAddr(textAt(doc, "ipv6Address"))
	v6, _ := doc["ipv6AccessConfigs"].([]any)
	v4, _ := doc["accessConfigs"].([]any)
	f := a.st.firewall(network.ResourcePath(textAt(doc, "network")), a.asset)
	region := a.region()
	filter := a.st.filterAt(placeKey{owner: f, region: region}, f.chain(region), to)
	if gap == nil {
		gap = f.gap
	}
	i := network.GoogleInterface{
		// The entry is what counts: the address itself changes with each start.
		PublicIPv4: network.TruthOf(len(v4) > 0),
		PublicIPv6: network.TruthOf(len(v6) > 0),
		Firewall:   &filter,
	}
	name := textAt(doc, "name")
	if name == "" {
		name = path.Base(textAt(doc, "network"))
	}
	return address{name: name, exposed: i.Exposed, gap: gap}, &filter
}

// region returns the region of an instance by its zone.
func (a *assetRef) region() string {
	zone := a.zone()
	if i := strings.LastIndex(zone, "-"); i > 0 {
		return zone[:i]
	}
	return a.asset.Scope.Region
}

// orgLevels returns the nodes of a path in the organization from the top:
// "organizations/1", "folders/2".
func orgLevels(orgPath string) []string {
	var out []string
	parts := strings.Split(orgPath, "/")
	for i := 0; i+1 < len(parts); i += 2 {
		if n := orgNode(parts[i] + "/" + parts[i+1]); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// orgNode returns the organization or folder that a name ends with.
func orgNode(name string) string {
	parts := strings.Split(name, "/")
	if n := len(parts); n >= 2 && (parts[n-2] == "organizations" || parts[n-2] == "folders") {
		return parts[n-2] + "/" + parts[n-1]
	}
	return ""
}

func projectOf(name string) string {
	_, rest, _ := strings.Cut(network.ResourcePath(name), "projects/")
	project, _, _ := strings.Cut(rest, "/")
	return project
}

// memberGap returns a gap of one of the members.
func memberGap(a *model.Asset, members []string) *model.Gap {
	for _, m := range members {
		if g := gapAt(a, m); g != nil {
			return g
		}
	}
	return nil
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
