package policy

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

func init() { families = append(families, reachFunctions) }

// reachFunctions are the questions about networks that are the same in Azure and
// Google Cloud:
//
//	asset.internet_reachable(protocols, ports)   can the internet open a
//	    connection to the machine on one of the ports? Everything on the way
//	    counts: addresses, packet filters at each level, routes.
//	internet_range(first, last)   do the addresses from first to last hold the
//	    internet? With two lists, all ranges together.
func reachFunctions() []cel.EnvOption {
	strs, ints := cel.ListType(cel.StringType), cel.ListType(cel.IntType)
	return []cel.EnvOption{
		cel.Function("internet_reachable", cel.MemberOverload("asset_internet_reachable", []*cel.Type{cel.DynType, strs, ints}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, ok := args[0].(*assetRef)
				if !ok {
					return types.NewErr("internet_reachable() is a question about an asset")
				}
				q, err := query(types.String("any"), args[1], args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				return a.internetReachable(q)
			}))),
		cel.Function("internet_range",
			cel.Overload("internet_range_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
				cel.BinaryBinding(func(first, last ref.Val) ref.Val {
					return holdInternet([]string{string(first.(types.String))}, []string{string(last.(types.String))})
				})),
			cel.Overload("internet_range_strings_strings", []*cel.Type{strs, strs}, cel.BoolType,
				cel.BinaryBinding(func(first, last ref.Val) ref.Val {
					from, err := stringsOf(first)
					if err != nil {
						return types.WrapErr(err)
					}
					to, err := stringsOf(last)
					if err != nil {
						return types.WrapErr(err)
					}
					return holdInternet(from, to)
				}))),
	}
}

// holdInternet decides whether ranges together are open to the internet.
func holdInternet(first, last []string) ref.Val {
	if len(first) != len(last) {
		return types.NewErr("internet_range(): %d first addresses and %d last ones", len(first), len(last))
	}
	var all network.AddrSet
	for i := range first {
		s, err := network.AddrRange(first[i], last[i])
		if err != nil {
			return types.WrapErr(err)
		}
		all = all.Union(s)
	}
	return types.Bool(network.BreadthOf(all, network.AnyFamily) == network.BreadthAny)
}

// exposuresOf finds what stands between the internet and the addresses of a
// machine, by its asset type.
var exposuresOf = map[string]func(*assetRef) machine{}

// machine is a machine as seen from the internet.
type machine struct {
	addresses []address
	// gap is what hides further addresses of it.
	gap *model.Gap
}

// address is one of the addresses of a machine, with the gap behind what is not
// known about it.
type address struct {
	name    string
	exposed func(network.Query) network.Exposure
	gap     *model.Gap
}

func (a *assetRef) internetReachable(q network.Query) ref.Val {
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	build := exposuresOf[a.asset.Type]
	if build == nil {
		return types.WrapErr(fmt.Errorf("internet_reachable(): %s is no machine", a.asset.Type))
	}
	m := build(a)
	answer, gap := network.False, m.gap
	if gap != nil {
		answer = network.Unknown
	}
	for _, at := range m.addresses {
		e := at.exposed(q)
		a.st.noteExposure("internet_reachable("+at.name+")", e)
		switch {
		case e.Value == network.True:
			return types.True
		case e.Value == network.Unknown:
			answer = network.Unknown
			if gap == nil {
				gap = at.gap
			}
		}
	}
	return a.st.truth(answer, gap, []string{"network of the machine"})
}

// gapAt returns a gap that covers a path of the document, or a part below it.
func gapAt(a *model.Asset, path ...string) *model.Gap {
	_, gap := memberWhole(a, path...)
	return gap
}

// notRead returns the gap for an asset that a document names and the inventory
// does not hold.
func (st *state) notRead(typ, id string) *model.Gap {
	if g := st.view.inv.failed(typ, ""); g != nil {
		return g
	}
	return &model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: id + " is not in the inventory"}
}

// builtChain is an ordered filter of an asset, read once.
type builtChain struct {
	chain network.Chain
	gap   *model.Gap
}

// chain returns the ordered filter of an asset, which read makes.
func (st *state) chain(a *model.Asset, read func(*model.Asset) (network.Chain, *model.Gap)) (network.Chain, *model.Gap) {
	b, ok := st.chains[a]
	if !ok {
		b.chain, b.gap = read(a)
		if st.chains == nil || len(st.chains) >= maxBuilt {
			st.chains = map[*model.Asset]builtChain{}
		}
		st.chains[a] = b
	}
	return b.chain, b.gap
}

// placeKey names what a chain admits to a kind of destination.
type placeKey struct {
	owner  any // the security group or firewall
	region string
	alike  string
}

// filterAt is Chain.At, kept for the next destination of the same kind.
func (st *state) filterAt(key placeKey, c network.Chain, to network.Destination) network.Filter {
	key.alike = c.Alike(to)
	f, ok := st.atPlaces[key]
	if !ok {
		f = c.At(to)
		if st.atPlaces == nil || len(st.atPlaces) >= maxBuilt {
			st.atPlaces = map[placeKey]network.Filter{}
		}
		st.atPlaces[key] = f
	}
	return f
}

// at returns the object at a path of a document, nil when there is none.
func at(doc map[string]any, path ...string) map[string]any {
	for _, member := range path {
		doc, _ = doc[member].(map[string]any)
	}
	return doc
}

func textAt(doc map[string]any, path ...string) string {
	last := len(path) - 1
	s, _ := at(doc, path[:last]...)[path[last]].(string)
	return s
}
