package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/azure"
	"github.com/stance-sec/stance/internal/model"
)

func init() {
	families = append(families, delegationFunctions)
	uses("condition_limits_roles", azureDefinitionType)
	usesOwn("condition_limits_roles", "properties")
	usesMembers("condition_limits_roles", azureDefinitionType, "properties")
}

// delegationFunctions are the questions about conditions of role assignments of
// Azure:
//
//	asset.condition_limits_roles()   does its condition keep the holder of a role that
//	    gives every role from giving one that would make them owner?
func delegationFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("condition_limits_roles", cel.MemberOverload("asset_condition_limits_roles", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(askConditionLimits))),
	}
}

func askConditionLimits(self ref.Val) ref.Val {
	a, ok := self.(*assetRef)
	if !ok || a.gap == nil && a.asset.Type != azureAssignmentType {
		return types.NewErr("condition_limits_roles() is a question about %s", azureAssignmentType)
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return types.NewUnknown(0, nil)
	}
	properties, gap := memberWhole(a.asset, "properties")
	if gap != nil {
		a.st.hit(gap)
		return types.NewUnknown(0, nil)
	}
	as := azure.ParseAssignment(map[string]any{"id": a.asset.ID, "properties": properties})
	if len(as.Problems) > 0 {
		return a.undecided("properties.condition", nil, as.Problems)
	}
	definitions, gaps := a.definitions(as.Condition.Roles())
	ans := as.Condition.Limits(definitions)
	a.noteAll("properties.condition", "condition_limits_roles", ans.Because)
	switch ans.Value {
	case azure.True:
		return types.True
	case azure.False:
		return types.False
	}
	return a.undecided("properties.condition", gaps, ans.Missing)
}

// definitions returns the definitions of roles that were read, by the last segment of
// their id, and why others were not.
func (a *assetRef) definitions(ids []string) (map[string]azure.Definition, []*model.Gap) {
	out := map[string]azure.Definition{}
	var gaps []*model.Gap
	for _, id := range ids {
		var found *model.Asset
		for _, inv := range append([]*Inventory{a.st.view.inv}, a.st.view.inv.above...) {
			if found = inv.Find(azureDefinitionType, id); found != nil {
				break
			}
		}
		if found == nil {
			gaps = append(gaps, a.st.absent(azureDefinitionType, "role "+id, a.st.view.inv.above...))
			continue
		}
		d, gap := readDefinition(found)
		if gap != nil {
			gaps = append(gaps, gap)
			continue
		}
		out[strings.ToLower(id)] = d
	}
	return out, gaps
}
