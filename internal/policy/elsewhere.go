package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
)

func init() { families = append(families, elsewhereFunctions) }

// elsewhereFunctions are what the macro account_assets() becomes: the name of the
// account is known only when the control is evaluated.
func elsewhereFunctions() []cel.EnvOption {
	a := cel.TypeParamType("A")
	return []cel.EnvOption{
		cel.Function(elsewhereFunction, cel.Overload("assets_elsewhere", []*cel.Type{cel.ListType(a), cel.StringType}, cel.ListType(a),
			cel.BinaryBinding(func(l, name ref.Val) ref.Val {
				if list, ok := l.(*assetList); ok {
					return list.of(string(name.(types.String)))
				}
				return types.NewErr("account_assets() takes an account and an asset type")
			}))),
	}
}

// of returns the assets of the list's type in the account of that name.
func (l *assetList) of(account string) ref.Val {
	out := &assetList{name: l.name, typ: l.typ, st: l.st, in: l.st.view.inv}
	if account != l.st.subject.Scope.Account {
		out.in = l.st.view.inv.elsewhere(account)
	}
	switch {
	case out.in == nil:
		out.in = nothing
		out.gap = &model.Gap{
			Scope: l.st.subject.Scope, Type: l.name, Reason: model.Unresolved, Detail: account + " is not in the scope of the scan",
		}
	default:
		out.items, out.gap = out.in.Assets(l.name), out.in.failed(l.name, "")
	}
	l.st.note(model.Evidence{Path: "account_assets(" + account + ", " + l.name + ")", Value: int64(len(out.items))})
	return out
}

// elsewhere returns the inventory of another account, which may be named by the
// number of a project, nil when it was not read or not in whole.
func (inv *Inventory) elsewhere(account string) *Inventory {
	if inv.all == nil {
		return nil
	}
	if id, ok := inv.all.numbers[account]; ok {
		account = id
	}
	if other := inv.all.accounts[account]; other != nil && other.whole {
		return other
	}
	if inv.all.fetch == nil {
		return nil
	}
	return inv.all.fetch(account)
}

// FetchWith sets what brings the inventory of an account that is not kept in
// memory, made by Apart; nil when the account was not read. The account may be named
// by the number of a project. Several evaluations may call it at a time.
func (all *Inventories) FetchWith(fetch func(account string) *Inventory) { all.fetch = fetch }

// Apart returns a new inventory of the scope's account that sees those above it and
// is not kept. Like View it changes nothing that is.
func (all *Inventories) Apart(s model.Scope) *Inventory {
	inv := NewInventory()
	inv.all, inv.account, inv.apart = all, s.Account, true
	for _, account := range s.Above() {
		if up := all.accounts[account]; up != nil {
			inv.above = append(inv.above, up)
		}
	}
	return inv
}
