package policy

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// reachable decides whether the internet can open a connection to an interface
// with these security groups in one of these subnets.
func (st *state) reachable(groups, subnets []string, public bool, q network.Query) ref.Val {
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
	for _, id := range subnets {
		i := st.interfaceIn(id, filters, public)
		e := i.Exposed(q)
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
		st.note(model.Evidence{Path: "reachable(" + id + ")", Value: e.Value.String(), Note: note})
		for _, stage := range e.Stages {
			for _, r := range stage.Rules {
				st.note(model.Evidence{Asset: r.Owner, Path: stage.Code, Value: r.Text})
			}
		}
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

// missing notes that an asset which a document names is not in the inventory.
func (st *state) missing(typ, id string) {
	if x := st.view.inv.types[typ]; x != nil && len(x.gaps) > 0 {
		st.hit(x.gaps[0])
		return
	}
	st.hit(&model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: id + " is not in the inventory"})
}

// interfaceIn describes an interface in a subnet.
func (st *state) interfaceIn(subnet string, groups []network.Filter, public bool) network.Interface {
	i := network.Interface{Groups: groups, PublicIPv4: network.TruthOf(public), PublicIPv6: network.False, BlockPublicAccess: network.False}
	vpc := ""
	if s := st.view.inv.Find(subnetType, subnet); s != nil {
		vpc, _ = s.Config["VpcId"].(string)
	}
	for _, a := range st.view.inv.Assets(networkACLType) {
		if associated(a, subnet) {
			acl := network.NetworkACL(a.Config)
			i.ACL = &acl
		}
	}
	var main *model.Asset
	for _, t := range st.view.inv.Assets(routeTableType) {
		if associated(t, subnet) {
			r := network.ReplyRoute(t.Config, st.prefixLists())
			i.Route = &r
		}
		if id, _ := t.Config["VpcId"].(string); vpc != "" && id == vpc && isMain(t) {
			main = t
		}
	}
	if i.Route == nil && main != nil {
		r := network.ReplyRoute(main.Config, st.prefixLists())
		i.Route = &r
	}
	if i.Route == nil {
		st.missing(routeTableType, "the route table of "+subnet)
	}
	if i.ACL == nil {
		st.missing(networkACLType, "the network ACL of "+subnet)
	}
	return i
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
