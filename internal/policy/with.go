package policy

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
)

func init() { families = append(families, withFunctions) }

// withFunctions narrow lists of assets and add up numbers:
//
//	assets("T").with("VolumeId", id)   those whose document may hold the text at
//	    the path. It leaves out only what surely does not: exists() must still ask,
//	    which then looks at few assets instead of all of them.
//	sum([1, 2])                        the sum of the numbers
func withFunctions() []cel.EnvOption {
	a := cel.TypeParamType("A")
	return []cel.EnvOption{
		cel.Function("with", cel.MemberOverload("assets_with", []*cel.Type{cel.ListType(a), cel.StringType, cel.StringType}, cel.ListType(a),
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				l, ok := args[0].(*assetList)
				if !ok {
					return types.NewErr("with() takes assets(…)")
				}
				path, isText := args[1].(types.String)
				value, alsoText := args[2].(types.String)
				if !isText || !alsoText {
					return types.NewErr("with() takes a path and a text")
				}
				return l.with(string(path), string(value))
			}))),
		cel.Function("sum", cel.Overload("sum_ints", []*cel.Type{cel.ListType(cel.IntType)}, cel.IntType,
			cel.UnaryBinding(func(l ref.Val) ref.Val {
				total, unsure := types.Int(0), false
				err := each(l, func(e ref.Val) error {
					n, ok := e.(types.Int)
					unsure = unsure || types.IsUnknown(e)
					if !ok && !types.IsUnknown(e) {
						return fmt.Errorf("sum(): %v is no integer", e.Value())
					}
					total += n
					return nil
				})
				switch {
				case err != nil:
					return types.WrapErr(err)
				case unsure:
					return unknown
				}
				return total
			}))),
	}
}

// with returns the assets of the list that may hold a text at a path. Those above
// and elsewhere are few, and are not narrowed.
func (l *assetList) with(path, value string) *assetList {
	x := l.st.view.inv.types[l.name]
	if x == nil || l.above || l.in != nil {
		return l
	}
	held := x.heldAt(path)
	out := *l
	out.items = nil
	for _, some := range [][]*model.Asset{held.by[value], held.unread} {
		for _, a := range some {
			if !l.regional || a.Scope.Region == l.st.view.region {
				out.items = append(out.items, a)
			}
		}
	}
	return &out
}

// heldTexts are the assets of a type by the texts that they hold at a path.
type heldTexts struct {
	once   sync.Once
	by     map[string][]*model.Asset
	unread []*model.Asset // of which it cannot be told
}

// heldAt builds the index of a path once for all evaluations of the inventory.
func (x *typeIndex) heldAt(path string) *heldTexts {
	v, known := x.held.Load(path)
	if !known {
		v, _ = x.held.LoadOrStore(path, &heldTexts{})
	}
	held, _ := v.(*heldTexts)
	held.once.Do(func() {
		held.by = map[string][]*model.Asset{}
		members := strings.Split(path, ".")
		for _, a := range x.assets {
			if gapAlong(treeOf(a), members) {
				held.unread = append(held.unread, a)
				continue
			}
			seen := map[string]bool{}
			textsAt(map[string]any(a.Config), members, func(text string) {
				if !seen[text] {
					seen[text] = true
					held.by[text] = append(held.by[text], a)
				}
			})
			if len(seen) == 0 { // absent reads as ""
				held.by[""] = append(held.by[""], a)
			}
		}
	})
	return held
}

// gapAlong says whether something on the way to a member could not be read.
func gapAlong(n *gapNode, members []string) bool {
	for n != nil {
		if n.gap != nil {
			return true
		}
		if len(members) == 0 {
			return len(n.members) > 0
		}
		n, members = n.members[members[0]], members[1:]
	}
	return false
}

// textsAt gives the texts at a path, of all items of the lists on the way.
func textsAt(v any, members []string, yield func(string)) {
	switch t := v.(type) {
	case []any:
		for _, e := range t {
			textsAt(e, members, yield)
		}
	case map[string]any:
		if len(members) > 0 {
			textsAt(t[members[0]], members[1:], yield)
		}
	case string:
		if len(members) == 0 {
			yield(t)
		}
	}
}
