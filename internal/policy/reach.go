package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// reachable decides whether the internet can open a connection to an interface
// that has a public address, these security groups, and stands in one of these
// subnets.
func (st *state) reachable(groups, subnets []string, q network.Query) ref.Val {
	filters := make([]network.Filter, 0, len(groups))
	for _, id := range groups {
		g := st.view.inv.Find(securityGroupType, id)
		if g == nil {
			filters = append(filters, network.UnknownFilter("security group "+id))
			st.missing(securityGroupType, id)
			continue
		}
		ref := assetRef{asset: g, st: st}
		f, gap, err := ref.filter()
		if err != nil {
			return types.WrapErr(err)
		}
		if gap != nil {
			st.hit(gap)
		}
		filters = append(filters, f)
	}
	answer := network.False
	st.text = appendQuery(append(st.text[:0], strings.Join(groups, " ")+"|"...), q)
	key := string(st.text)
	for _, id := range subnets {
		i := st.subnet(id)
		i.Groups = filters
		e := st.exposed(key+"|"+id, &i, q)
		st.noteExposure("reachable("+id+")", e)
		switch {
		case e.Value == network.True:
			return types.True
		case e.Value == network.Unknown:
			answer = network.Unknown
		}
	}
	if len(subnets) == 0 {
		answer = network.Unknown
	}
	return st.truth(answer, nil, []string{"network of the asset"})
}

// noteExposure puts an answer about an interface into the evidence.
func (st *state) noteExposure(path string, e network.Exposure) {
	note := strings.Join(e.Blocked, ", ")
	switch e.Value {
	case network.True:
		note = "reachable on " + e.Ports.String()
	case network.Unknown:
		note = "not known: " + strings.Join(e.Gaps, ", ")
	default:
		if note == "" {
			note = "no source passes all stages"
		}
		note = "blocked by " + note
	}
	st.note(model.Evidence{Path: path, Value: e.Value.String(), Note: note})
	for _, stage := range e.Stages {
		for _, r := range stage.Rules {
			st.note(model.Evidence{Asset: r.Owner, Path: stage.Code, Value: r.Text})
		}
	}
}

// exposed is Interface.Exposed, kept for the next interface that stands behind
// the same groups in the same subnet.
func (st *state) exposed(key string, i *network.Interface, q network.Query) network.Exposure {
	e, ok := st.exposures[key]
	if !ok {
		e = i.Exposed(q)
		if st.exposures == nil || len(st.exposures) >= maxBuilt {
			st.exposures = map[string]network.Exposure{}
		}
		st.exposures[key] = e
	}
	return e
}

// missing notes that an asset which a document names is not in the inventory.
func (st *state) missing(typ, id string) {
	if x := st.view.inv.types[typ]; x != nil && len(x.gaps) > 0 {
		st.hit(x.gaps[0])
		return
	}
	st.hit(&model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: id + " is not in the inventory"})
}

// builtSubnet is what an interface of a subnet has around it, and the gaps met on
// the way.
type builtSubnet struct {
	around network.Interface
	gaps   []*model.Gap
}

// subnet returns what an interface in the subnet has around it.
func (st *state) subnet(id string) network.Interface {
	b, ok := st.subnets[id]
	if !ok {
		met := len(st.gaps)
		b.around = st.interfaceIn(id)
		b.gaps = slices.Clone(st.gaps[met:])
		if st.subnets == nil || len(st.subnets) >= maxBuilt {
			st.subnets = map[string]builtSubnet{}
		}
		st.subnets[id] = b
		return b.around
	}
	st.gaps = append(st.gaps, b.gaps...)
	return b.around
}

// interfaceIn describes an interface in a subnet. What a route table or network
// ACL does not tell stays unknown: nothing is closed by a gap.
func (st *state) interfaceIn(subnet string) network.Interface {
	i := network.Interface{PublicIPv4: network.True, PublicIPv6: network.True}
	vpc := ""
	if s := st.view.inv.Find(subnetType, subnet); s != nil {
		vpc, _ = s.Config["VpcId"].(string)
	}
	i.BlockPublicAccess = st.blockMode(subnet, vpc)
	if acl, gap := st.of(networkACLType, subnet, "Entries", ""); acl != nil {
		v := network.UnknownACL()
		if gap == nil {
			v = network.NetworkACL(acl.Config)
		}
		i.ACL = &v
	} else if gap == nil {
		st.missing(networkACLType, "the network ACL of "+subnet)
	}
	if table, gap := st.of(routeTableType, subnet, "Routes", vpc); table != nil {
		r := network.UnknownRoute()
		if gap == nil {
			r = network.ReplyRoute(table.Config, st.prefixLists())
		}
		i.Route = &r
	} else {
		r := network.UnknownRoute()
		i.Route = &r
		if gap == nil {
			st.missing(routeTableType, "the route table of "+subnet)
		}
	}
	return i
}

// of returns the route table or network ACL that a subnet uses: the one that
// names it, else the main one of the VPC. When associations could not be read,
// or the member that matters, it returns the gap.
func (st *state) of(typ, subnet, rules, vpc string) (*model.Asset, *model.Gap) {
	var main *model.Asset
	var unread *model.Gap
	for _, a := range st.view.inv.Assets(typ) {
		if _, gap := member(a, "Associations"); gap != nil {
			unread = gap
			continue
		}
		if associated(a, subnet) {
			_, gap := member(a, rules)
			if gap != nil {
				st.hit(gap)
			}
			return a, gap
		}
		if id, _ := a.Config["VpcId"].(string); vpc != "" && id == vpc && isMain(a) {
			main = a
		}
	}
	if x := st.view.inv.types[typ]; unread == nil && x != nil && len(x.gaps) > 0 {
		unread = x.gaps[0]
	}
	if unread != nil {
		// Another one may name the subnet: the main one does not decide.
		st.hit(unread)
		return nil, unread
	}
	if main == nil {
		return nil, nil
	}
	_, gap := member(main, rules)
	if gap != nil {
		st.hit(gap)
	}
	return main, gap
}

// blockMode says whether VPC Block Public Access drops what comes in from the
// internet. The answers of subnet and VPC count exclusions in; where neither
// tells, the setting of the region does, unless an exclusion may have been
// missed. A region that says nothing about it has it off.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func (st *state) blockMode(subnet, vpc string) network.Truth {
	on := func(v any) (network.Truth, bool) {
		m, _ := v.(map[string]any)
		mode, _ := m["InternetGatewayBlockMode"].(string)
		return network.TruthOf(mode != "off"), mode != ""
	}
	read := true // whether an exclusion would have been seen
	for _, x := range []struct{ typ, id string }{{subnetType, subnet}, {vpcType, vpc}} {
		a := st.view.inv.Find(x.typ, x.id)
		if a == nil {
			listed := st.view.inv.types[x.typ]
			read = read && (listed == nil || len(listed.gaps) == 0)
			continue
		}
		states, gap := member(a, "BlockPublicAccessStates")
		if blocked, told := on(states); told {
			if blocked == network.True && !read {
				st.missing(subnetType, subnet)
				return network.Unknown
			}
			return blocked
		}
		read = read && gap == nil
	}
	blocked := st.regionBlocks(on)
	if blocked == network.True && !read {
		st.missing(vpcType, vpc)
		return network.Unknown
	}
	return blocked
}

// regionBlocks is the setting of the region.
func (st *state) regionBlocks(on func(any) (network.Truth, bool)) network.Truth {
	x := st.view.inv.types[accountDefaultsType]
	if x == nil {
		return network.False
	}
	if defaults := x.byRegion[st.view.region]; len(defaults) > 0 {
		options, gap := member(defaults[0], "VpcBlockPublicAccessOptions")
		if gap != nil && gap.Reason != model.Unsupported {
			st.hit(gap)
			return network.Unknown
		}
		blocked, told := on(options)
		return network.TruthOf(told).And(blocked)
	}
	for _, g := range x.gaps {
		if g.Scope.Region == "" || g.Scope.Region == st.view.region {
			st.hit(g)
			return network.Unknown
		}
	}
	return network.False
}

// associated says whether a route table or network ACL names the subnet.
func associated(a *model.Asset, subnet string) bool {
	list, _ := a.Config["Associations"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		if m["SubnetId"] == subnet {
			return true
		}
	}
	return false
}

func isMain(a *model.Asset) bool {
	list, _ := a.Config["Associations"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		if m["Main"] == true {
			return true
		}
	}
	return false
}
