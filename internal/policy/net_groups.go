package policy

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

func init() {
	families = append(families, groupFunctions)
	uses("groups_open", securityGroupType, prefixListType)
	usesMembers("groups_open", prefixListType, "Entries")
	uses("has_internet_route", routeTableType, prefixListType)
	usesMembers("has_internet_route", prefixListType, "Entries")
}

// groupFunctions are questions about parts of the way into a network of AWS:
//
//	asset.groups_open(family, groups, protocols, ports)   do these security groups
//	    together admit the internet on one of the ports? Ports are texts: "22",
//	    "8000-8090"; none means any port, no protocols means TCP and UDP.
//	ports_except(["80", "443"])     all ports but these
//	subnet.has_internet_route(family)   does the route table of the subnet lead to
//	    the internet by an internet gateway?
//	routable(cidrs)                 does one of the prefixes hold an address that
//	    is routed on the internet?
//	widest_range(cidrs)             how many such IPv4 addresses stand in a row
func groupFunctions() []cel.EnvOption {
	strs := cel.ListType(cel.StringType)
	return []cel.EnvOption{
		cel.Function("groups_open", cel.MemberOverload("asset_groups_open", []*cel.Type{cel.DynType, cel.StringType, strs, strs, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, ok := args[0].(*assetRef)
				if !ok {
					return types.NewErr("groups_open() is a question about an asset")
				}
				groups, err := stringsOf(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				q, err := query(args[1], args[3], types.NewDynamicList(types.DefaultTypeAdapter, []ref.Val{}))
				if err != nil {
					return types.WrapErr(err)
				}
				if q.Ports, err = portTexts(args[4]); err != nil {
					return types.WrapErr(err)
				}
				return a.groupsOpen(groups, q)
			}))),
		cel.Function("ports_except", cel.Overload("ports_except_strings", []*cel.Type{strs}, strs,
			cel.UnaryBinding(func(l ref.Val) ref.Val {
				ports, err := portTexts(l)
				if err != nil {
					return types.WrapErr(err)
				}
				var out []string
				for _, r := range network.PortSetOf(network.AllPorts).Subtract(network.PortSetOf(ports...)).Ranges() {
					out = append(out, strconv.Itoa(int(r.From))+"-"+strconv.Itoa(int(r.To)))
				}
				if len(out) == 0 {
					return types.NewErr("ports_except(): no port is left")
				}
				return types.NewStringList(types.DefaultTypeAdapter, out)
			}))),
		cel.Function("has_internet_route", cel.MemberOverload("asset_has_internet_route", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(self, fam ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("has_internet_route() is a question about a subnet")
				}
				f, err := familyOf(fam)
				if err != nil {
					return types.WrapErr(err)
				}
				return a.hasInternetRoute(f)
			}))),
		cel.Function("routable", cel.Overload("routable_cidrs", []*cel.Type{strs}, cel.BoolType,
			cel.UnaryBinding(func(l ref.Val) ref.Val {
				s, err := prefixes(l)
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(network.BreadthOf(s, network.AnyFamily) != network.BreadthNone)
			}))),
		cel.Function("widest_range", cel.Overload("widest_range_cidrs", []*cel.Type{strs}, cel.IntType,
			cel.UnaryBinding(func(l ref.Val) ref.Val {
				s, err := prefixes(l)
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Int(network.WidestIPv4(s.Intersect(network.Internet(network.IPv4)))) //nolint:gosec // at most 2^32
			}))),
	}
}

// portTexts reads ports as controls write them.
func portTexts(v ref.Val) ([]network.PortRange, error) {
	texts, err := stringsOf(v)
	if err != nil {
		return nil, err
	}
	out := make([]network.PortRange, 0, len(texts))
	for _, t := range texts {
		first, last, isRange := strings.Cut(t, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.ParseUint(first, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%q is no port and no range of ports", t)
		}
		to, err := strconv.ParseUint(last, 10, 16)
		if err != nil || to < from {
			return nil, fmt.Errorf("%q is no port and no range of ports", t)
		}
		out = append(out, network.PortRange{From: uint16(from), To: uint16(to)})
	}
	return out, nil
}

// groupsOpen decides over all rules of the groups together: what an interface
// admits that carries them.
func (a *assetRef) groupsOpen(groups []string, q network.Query) ref.Val {
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	filters := make([]network.Filter, 0, len(groups))
	var why *model.Gap
	for _, id := range groups {
		g := a.st.view.inv.Find(securityGroupType, id)
		if g == nil {
			filters = append(filters, network.UnknownFilter("security group "+id))
			if why == nil {
				why = a.st.notRead(securityGroupType, "security group "+id)
			}
			continue
		}
		of := assetRef{asset: g, st: a.st}
		f, gap, err := of.filter()
		if err != nil {
			return types.WrapErr(err)
		}
		if why == nil {
			why = gap
		}
		filters = append(filters, f)
	}
	ans := network.Exposed(network.AnyOf(filters...), q)
	for _, r := range ans.Rules {
		a.st.note(model.Evidence{Asset: r.Owner, Path: ruleSource(securityGroupType), Value: r.Text})
	}
	if len(ans.Rules) == 0 {
		a.st.note(model.Evidence{Path: "groups_open", Value: "no rule of the groups admits it from the internet"})
	}
	return a.st.truth(ans.Value, why, ans.Gaps)
}

// hasInternetRoute decides by the route table that the subnet uses: its own or
// the main one of the VPC. A table that was not read, and the end of a prefix
// list that was not, may lead anywhere.
func (a *assetRef) hasInternetRoute(f network.Family) ref.Val {
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	if a.asset.Type != subnetType {
		return types.NewErr("has_internet_route() is a question about a subnet, not about %s", a.asset.Type)
	}
	for _, name := range []string{"SubnetId", "VpcId"} {
		if _, gap := member(a.asset, name); gap != nil {
			a.st.hit(gap)
			return unknown
		}
	}
	id, vpc := textAt(a.asset.Config, "SubnetId"), textAt(a.asset.Config, "VpcId")
	table, gap := a.st.of(routeTableType, id, "Routes", vpc)
	switch {
	case gap != nil:
		return unknown
	case table == nil:
		a.st.missing(routeTableType, "the route table of "+id)
		return unknown
	}
	r := network.ReplyRoute(table.Config, a.st.prefixLists())
	leads := func(to network.AddrSet) bool { return network.BreadthOf(to, f) == network.BreadthAny }
	answer := network.False
	switch {
	case leads(r.Clients):
		answer = network.True
	case leads(r.Clients.Union(r.Maybe)):
		answer = network.Unknown
	}
	note := "no route to an internet gateway"
	if len(r.Text) > 0 {
		note = strings.Join(r.Text, ", ")
	}
	a.st.note(model.Evidence{Asset: table.ID, Path: "Routes", Value: note, Note: "of " + id})
	return a.st.truth(answer, nil, []string{"routes of " + id})
}
