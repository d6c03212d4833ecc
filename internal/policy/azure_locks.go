package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stance-sec/stance/internal/model"
)

const azureLockType = "Microsoft.Authorization/locks"

// lockSegment stands in the id of a lock between its scope and its name.
const lockSegment = "/providers/microsoft.authorization/locks/"

func init() {
	families = append(families, lockFunctions)
	uses("locked", azureLockType)
	usesMembers("locked", azureLockType, "properties")
}

// lockFunctions are the questions about management locks of Azure:
//
//	asset.locked(levels)   a lock of one of the levels ("CanNotDelete",
//	    "ReadOnly") stands at the asset or at a scope above it
//
// A lock is inherited by all that lies below its scope, be it a resource, a
// resource group or a subscription; management groups have none.
// https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
func lockFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("locked", cel.MemberOverload("asset_locked", []*cel.Type{cel.DynType, cel.ListType(cel.StringType)}, cel.BoolType,
			cel.BinaryBinding(askLocked))),
	}
}

func askLocked(self, list ref.Val) ref.Val {
	a, ok := self.(*assetRef)
	if !ok {
		return types.NewErr("locked() is a question about an asset of Azure")
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	levels, err := lockLevels(list)
	if err != nil {
		return types.WrapErr(err)
	}
	id := strings.ToLower(a.asset.ID)
	if !strings.HasPrefix(id, "/subscriptions/") {
		return types.NewErr("locked(): %s is not managed by Azure Resource Manager", a.asset.ID)
	}
	return a.locked(id, levels)
}

// locked looks for a lock at the id, which is in lower case, or above. One that
// was found decides it, whatever else could not be read.
func (a *assetRef) locked(id string, levels []string) ref.Val {
	var gaps []*model.Gap
	var missing []string
	for _, lock := range a.st.view.inv.Assets(azureLockType) {
		scope, ok := lockScope(lock.ID)
		if !ok {
			missing = append(missing, "what "+lock.ID+" locks")
			continue
		}
		if id != scope && !strings.HasPrefix(id, scope+"/") {
			continue
		}
		level, gap := memberAt(lock, "properties", "level")
		text, _ := level.(string)
		switch {
		case gap != nil:
			gaps = append(gaps, gap)
		case text == "":
			missing = append(missing, "the level of "+lock.ID)
		case slices.Contains(levels, strings.ToLower(text)):
			a.st.note(model.Evidence{Asset: lock.ID, Path: "properties.level", Value: text})
			return types.True
		}
	}
	if g := a.st.view.inv.failed(azureLockType, ""); g != nil {
		gaps = append(gaps, g)
	}
	if len(gaps) > 0 || len(missing) > 0 {
		return a.undecided("locks", gaps, missing)
	}
	a.st.note(model.Evidence{Asset: a.asset.ID, Path: "locks", Note: "no lock of these levels at the asset or above"})
	return types.False
}

// lockScope returns what a lock is put on, in lower case without a slash at its
// end.
func lockScope(id string) (string, bool) {
	id = strings.ToLower(id)
	i := strings.LastIndex(id, lockSegment)
	if i < 0 || !strings.HasPrefix(id, "/subscriptions/") {
		return "", false
	}
	return id[:i], true
}

// lockLevels returns the levels that are asked for, in lower case.
func lockLevels(list ref.Val) ([]string, error) {
	l, ok := list.(traits.Lister)
	if !ok {
		return nil, errors.New("locked() takes a list of levels")
	}
	var out []string
	for it := l.Iterator(); it.HasNext() == types.True; {
		s, ok := it.Next().(types.String)
		level := strings.ToLower(string(s))
		if !ok || level != "cannotdelete" && level != "readonly" {
			return nil, fmt.Errorf("locked(): %q is no level of a lock, use \"CanNotDelete\" or \"ReadOnly\"", string(s))
		}
		out = append(out, level)
	}
	return out, nil
}
