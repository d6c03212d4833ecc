package policy

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

func init() {
	families = append(families, networkFunctions)
	for _, f := range []string{"opens", "opens_everything"} {
		for _, typ := range []string{securityGroupType, networkACLType} {
			usesOf(f, typ, prefixListType)
			usesMembersOf(f, typ, prefixListType, "Entries")
		}
	}
	uses("reachable", securityGroupType, networkACLType, routeTableType, subnetType, vpcType, prefixListType, accountDefaultsType)
	usesMembers("reachable", accountDefaultsType, "VpcBlockPublicAccessOptions")
	usesMembers("reachable", prefixListType, "Entries")
}

// The asset types that questions about networks look up.
const (
	prefixListType      = "AWS::EC2::PrefixList"
	securityGroupType   = "AWS::EC2::SecurityGroup"
	networkACLType      = "AWS::EC2::NetworkAcl"
	routeTableType      = "AWS::EC2::RouteTable"
	subnetType          = "AWS::EC2::Subnet"
	vpcType             = "AWS::EC2::VPC"
	accountDefaultsType = "AWS::EC2::AccountDefaults"
)

// networkFunctions are the questions that controls ask about packet filters:
//
//	asset.opens(family, protocols, ports)   does the security group, network ACL,
//	    network security group, VPC network or firewall rule admit the internet on
//	    one of the ports? Family is "ipv4", "ipv6" or "any"; no protocols means TCP
//	    and UDP, no ports means any port at all.
//	asset.opens_everything(family)          … on every port and protocol?
//	asset.reachable(family, groups, subnets, ports)   can the internet open a
//	    connection to an interface that has a public address of the family, these
//	    security groups, and stands in one of these subnets?
//	covers(outer, inner)                    does some prefix of inner lie wholly in
//	    the union of outer?
//	internet(cidrs)                         do these prefixes hold the internet?
//	asset.internet_reachable(protocols, ports) and internet_range(first, last)
//	    are in net_reach.go.
//
// The internet is admitted when the union of all rules admits more than 2^24
// globally routable IPv4 addresses, or 2^96 IPv6 ones, on one port.
func networkFunctions() []cel.EnvOption {
	strs, ints := cel.ListType(cel.StringType), cel.ListType(cel.IntType)
	return []cel.EnvOption{
		cel.Function("opens", cel.MemberOverload("asset_opens", []*cel.Type{cel.DynType, cel.StringType, strs, ints}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, ok := args[0].(*assetRef)
				if !ok {
					return types.NewErr("opens() is a question about an asset")
				}
				q, err := query(args[1], args[2], args[3])
				if err != nil {
					return types.WrapErr(err)
				}
				return a.opens(q)
			}))),
		cel.Function("opens_everything", cel.MemberOverload("asset_opens_everything", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(self, fam ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("opens_everything() is a question about an asset")
				}
				f, err := familyOf(fam)
				if err != nil {
					return types.WrapErr(err)
				}
				return a.opensEverything(f)
			}))),
		cel.Function("reachable", cel.MemberOverload("asset_reachable", []*cel.Type{cel.DynType, cel.StringType, strs, strs, ints}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, ok := args[0].(*assetRef)
				if !ok {
					return types.NewErr("reachable() is a question about an asset")
				}
				groups, err := stringsOf(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				subnets, err := stringsOf(args[3])
				if err != nil {
					return types.WrapErr(err)
				}
				q, err := query(args[1], types.NewStringList(types.DefaultTypeAdapter, []string{"tcp"}), args[4])
				if err != nil {
					return types.WrapErr(err)
				}
				return a.st.reachable(groups, subnets, q)
			}))),
		cel.Function("covers", cel.Overload("covers_cidrs_cidrs", []*cel.Type{strs, strs}, cel.BoolType,
			cel.BinaryBinding(func(outer, inner ref.Val) ref.Val {
				whole, err := prefixes(outer)
				if err != nil {
					return types.WrapErr(err)
				}
				parts, err := stringsOf(inner)
				if err != nil {
					return types.WrapErr(err)
				}
				for _, p := range parts {
					if p == "" {
						continue
					}
					one, err := network.ParseCIDRSet([]string{p})
					if err != nil {
						return types.WrapErr(err)
					}
					if whole.Covers(one) {
						return types.True
					}
				}
				return types.False
			}))),
		cel.Function("internet", cel.Overload("internet_cidrs", []*cel.Type{strs}, cel.BoolType,
			cel.UnaryBinding(func(l ref.Val) ref.Val {
				cidrs, err := stringsOf(l)
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(network.IsInternet(cidrs))
			}))),
	}
}

// prefixes reads a list of prefixes; an empty one stands for none.
func prefixes(v ref.Val) (network.AddrSet, error) {
	all, err := stringsOf(v)
	if err != nil {
		return network.AddrSet{}, err
	}
	return network.ParseCIDRSet(slices.DeleteFunc(all, func(s string) bool { return s == "" }))
}

func familyOf(v ref.Val) (network.Family, error) {
	switch s, _ := v.Value().(string); s {
	case "ipv4":
		return network.IPv4, nil
	case "ipv6":
		return network.IPv6, nil
	case "any":
		return network.AnyFamily, nil
	default:
		return 0, fmt.Errorf("address family %q: use ipv4, ipv6 or any", s)
	}
}

func query(family, protocols, ports ref.Val) (network.Query, error) {
	f, err := familyOf(family)
	if err != nil {
		return network.Query{}, err
	}
	q := network.Query{Family: f}
	names, err := stringsOf(protocols)
	if err != nil {
		return q, err
	}
	for _, n := range names {
		switch n {
		case "tcp":
			q.Protocols = append(q.Protocols, network.TCP)
		case "udp":
			q.Protocols = append(q.Protocols, network.UDP)
		default:
			return q, fmt.Errorf("protocol %q: use tcp or udp", n)
		}
	}
	q.Ports, err = portsOf(ports)
	return q, err
}

func portsOf(v ref.Val) ([]network.PortRange, error) {
	var out []network.PortRange
	err := each(v, func(e ref.Val) error {
		n, ok := e.(types.Int)
		if !ok || n < 0 || n > 65535 {
			return fmt.Errorf("%v is no port", e.Value())
		}
		out = append(out, network.Port(uint16(n)))
		return nil
	})
	return out, err
}

func stringsOf(v ref.Val) ([]string, error) {
	var out []string
	err := each(v, func(e ref.Val) error {
		s, ok := e.(types.String)
		if !ok {
			return fmt.Errorf("%v is no string", e.Value())
		}
		out = append(out, string(s))
		return nil
	})
	return out, err
}

func each(v ref.Val, do func(ref.Val) error) error {
	l, ok := v.(traits.Lister)
	if !ok {
		return fmt.Errorf("%s is no list", v.Type().TypeName())
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		if err := do(it.Next()); err != nil {
			return err
		}
	}
	return nil
}

// builtFilter is the filter of an asset, built once: many assets and controls ask
// about the same group.
type builtFilter struct {
	filter network.Filter
	gap    *model.Gap
	err    error
}

// filter returns the inbound filter of a security group or network ACL.
func (a *assetRef) filter() (network.Filter, *model.Gap, error) {
	b, ok := a.st.filters[a.asset]
	if !ok {
		b.filter, b.gap, b.err = a.buildFilter()
		if a.st.filters == nil || len(a.st.filters) >= maxBuilt {
			a.st.filters = map[*model.Asset]builtFilter{}
		}
		a.st.filters[a.asset] = b
	}
	return b.filter, b.gap, b.err
}

// maxBuilt bounds what an evaluator keeps of filters and subnets.
const maxBuilt = 4096

func (a *assetRef) buildFilter() (network.Filter, *model.Gap, error) {
	tree := treeOf(a.asset)
	covered := func(member string) *model.Gap {
		switch {
		case tree == nil:
			return nil
		case tree.gap != nil:
			return tree.gap
		case tree.members[member] != nil:
			return tree.members[member].gap
		}
		return nil
	}
	switch a.asset.Type {
	case securityGroupType:
		if g := covered("IpPermissions"); g != nil {
			return network.UnknownFilter("IpPermissions"), g, nil
		}
		return network.SecurityGroupIngress(a.asset.Config, a.st.prefixLists()), nil, nil
	case networkACLType:
		if g := covered("Entries"); g != nil {
			return network.UnknownFilter("Entries"), g, nil
		}
		return network.NetworkACL(a.asset.Config).Ingress, nil, nil
	}
	if build := filterOf[a.asset.Type]; build != nil {
		f, gap := build(a)
		return f, gap, nil
	}
	return network.Filter{}, nil, fmt.Errorf("%s filters no packets", a.asset.Type)
}

// filterOf builds the inbound filters of other asset types, with the gap behind
// what is not known.
var filterOf = map[string]func(*assetRef) (network.Filter, *model.Gap){}

func (a *assetRef) opens(q network.Query) ref.Val {
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	f, gap, err := a.filter()
	if err != nil {
		return types.WrapErr(err)
	}
	ans := a.answer(f, q)
	for _, r := range ans.Rules {
		a.st.note(model.Evidence{Asset: a.owner(r), Path: ruleSource(a.asset.Type), Value: r.Text})
	}
	for _, r := range ans.Denied {
		a.st.note(model.Evidence{Asset: a.owner(r), Path: ruleSource(a.asset.Type), Value: r.Text, Note: "denies"})
	}
	for _, r := range ans.Asides {
		a.st.note(model.Evidence{Asset: a.owner(r), Path: ruleSource(a.asset.Type), Value: r.Text, Note: "its sources are not counted as the internet"})
	}
	if len(ans.Rules) == 0 {
		a.st.note(model.Evidence{Asset: a.asset.ID, Path: ruleSource(a.asset.Type), Value: "no rule admits it from the internet"})
	}
	return a.st.truth(ans.Value, gap, ans.Gaps)
}

// answerKey names a question about the filter of an asset.
type answerKey struct {
	asset *model.Asset
	query string
}

// appendQuery appends a text that tells queries apart which differ in what
// controls can ask for.
func appendQuery(b []byte, q network.Query) []byte {
	b = append(b, byte(q.Family), byte(len(q.Protocols)))
	for _, p := range q.Protocols {
		b = append(b, byte(p))
	}
	for _, p := range q.Ports {
		b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, p.From), p.To)
	}
	return b
}

func (a *assetRef) answer(f network.Filter, q network.Query) network.Answer {
	a.st.text = appendQuery(a.st.text[:0], q)
	ans, ok := a.st.answers[answerKey{a.asset, string(a.st.text)}]
	if !ok {
		key := answerKey{a.asset, string(a.st.text)}
		ans = network.Exposed(f, q)
		if a.st.answers == nil || len(a.st.answers) >= maxBuilt {
			a.st.answers = map[answerKey]network.Answer{}
		}
		a.st.answers[key] = ans
	}
	return ans
}

// owner returns the id of the asset that a rule belongs to: what filters for
// others has the rules of several assets.
func (a *assetRef) owner(r network.Rule) string {
	if a.asset.Type == vpcNetworkType || a.asset.Type == firewallType {
		return r.Owner
	}
	return a.asset.ID
}

func ruleSource(typ string) string {
	switch typ {
	case networkACLType:
		return "Entries"
	case nsgType:
		return "properties.securityRules"
	case vpcNetworkType, firewallType:
		return "firewall"
	}
	return "IpPermissions"
}

// truth turns a network answer into CEL's, with the gaps behind an unknown one.
func (st *state) truth(t network.Truth, gap *model.Gap, gaps []string) ref.Val {
	switch t {
	case network.True:
		return types.True
	case network.False:
		return types.False
	}
	if gap == nil {
		gap = st.prefixListGap()
	}
	if gap == nil {
		gap = &model.Gap{
			Scope: st.subject.Scope, Type: st.subject.Type, Asset: st.subject.ID, Reason: model.Unresolved,
			Detail: "could not be read or resolved: " + strings.Join(gaps, ", "),
		}
	}
	st.hit(gap)
	return unknown
}

func (a *assetRef) opensEverything(f network.Family) ref.Val {
	ans := a.opens(network.Query{Family: f, Protocols: []network.Protocol{network.TCP}, Ports: []network.PortRange{network.AllPorts}})
	if ans == types.False || types.IsError(ans) || a.gap != nil {
		return ans
	}
	filter, gap, err := a.filter()
	if err != nil {
		return types.WrapErr(err)
	}
	return a.st.truth(network.OpenOnAllPorts(filter, f), gap, filter.Gaps())
}

// prefixLists resolves prefix lists from the inventory.
func (st *state) prefixLists() network.PrefixLists {
	return func(id string) ([]string, bool) {
		a := st.view.inv.Find(prefixListType, id)
		if a == nil {
			return nil, false
		}
		if tree := treeOf(a); tree != nil && (tree.gap != nil || tree.members["Entries"] != nil) {
			return nil, false
		}
		entries, ok := a.Config["Entries"].([]any)
		if !ok {
			return nil, false
		}
		var cidrs []string
		for _, e := range entries {
			m, _ := e.(map[string]any)
			if c, ok := m["Cidr"].(string); ok {
				cidrs = append(cidrs, c)
			}
		}
		return cidrs, true
	}
}

// prefixListGap returns why prefix lists could not be read, if they were not.
func (st *state) prefixListGap() *model.Gap {
	x := st.view.inv.types[prefixListType]
	if x == nil {
		return nil
	}
	for _, a := range x.assets {
		for i := range a.Gaps {
			if a.Gaps[i].Path == "Entries" {
				return &a.Gaps[i]
			}
		}
	}
	if len(x.gaps) > 0 {
		return x.gaps[0]
	}
	return nil
}
