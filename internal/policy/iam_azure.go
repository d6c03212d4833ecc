package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/azure"
	"github.com/stance-sec/stance/internal/model"
)

const (
	azureSubscriptionType = "Microsoft.Resources/subscriptions"
	azureAssignmentType   = "Microsoft.Authorization/roleAssignments"
	azureDefinitionType   = "Microsoft.Authorization/roleDefinitions"
	azureEligibilityType  = "Microsoft.Authorization/roleEligibilityScheduleInstances"
	graphUserType         = "graph/user"
	graphGroupType        = "graph/group"
)

// candidates begins the names of questions that count those too who may activate a
// role; eligibilitySegment stands in the ids of what says so.
const (
	candidates         = "role_candidate"
	eligibilitySegment = "/roleeligibilityscheduleinstances/"
)

func init() {
	families = append(families, azureFunctions)
	for _, f := range []string{"role_owner_like", "role_allows", "role_allows_data", "role_escalates", "role_writes"} {
		usesOwn(f, "properties")
	}
	for _, f := range []string{"role_holder_count", "role_holders_at_least", "role_holders_at_most", "role_held_by_guest"} {
		uses(f, azureAssignmentType, azureDefinitionType, graphGroupType)
		usesMembers(f, azureAssignmentType, "properties")
		usesMembers(f, azureDefinitionType, "properties")
		usesMembers(f, graphGroupType, "transitiveMembers")
	}
	for _, f := range []string{"role_candidates_at_least", "role_candidates_at_most", "role_candidate_is_guest"} {
		uses(f, azureAssignmentType, azureEligibilityType, azureDefinitionType, graphGroupType)
		usesMembers(f, azureAssignmentType, "properties")
		usesMembers(f, azureEligibilityType, "properties")
		usesMembers(f, azureDefinitionType, "properties")
		usesMembers(f, graphGroupType, "transitiveMembers")
	}
	uses("role_candidate_is_guest", azureAssignmentType, azureEligibilityType, azureDefinitionType, graphGroupType, graphUserType)
	usesMembers("role_candidate_is_guest", graphUserType, "userType")
	uses("role_held_by_guest", azureAssignmentType, azureDefinitionType, graphGroupType, graphUserType)
	usesMembers("role_held_by_guest", graphUserType, "userType")
}

// azureFunctions are the questions about roles of Azure. Of a role definition:
//
//	asset.role_owner_like()          a custom role allows everything in a subscription or above
//	asset.role_allows(action)        it allows an action; a star asks for all
//	asset.role_allows_data(action)   … on the data of the resources
//	asset.role_escalates()           its holder can get further rights
//	asset.role_writes()              it allows more than reading
//
// Of a subscription, where the role is a name, or an action that the role allows:
//
//	asset.role_holder_count(role)        how many hold it over all of the subscription
//	asset.role_holders_at_least(role, n) whether so many do
//	asset.role_holders_at_most(role, n)  whether no more do
//	asset.role_held_by_guest(role)       whether a guest of the directory does
//	asset.role_candidates_at_least(role, n), asset.role_candidates_at_most(role, n),
//	asset.role_candidate_is_guest(role)  the same with those who may activate the role by
//	    Privileged Identity Management
func azureFunctions() []cel.EnvOption {
	dyn, str := cel.DynType, cel.StringType
	definition := func(name string, ask func(d azure.Definition, action string) azure.Answer, args ...*cel.Type) cel.FunctionOpt {
		return cel.MemberOverload("asset_"+name, append([]*cel.Type{dyn}, args...), cel.BoolType,
			cel.FunctionBinding(func(vals ...ref.Val) ref.Val { return askDefinition(name, ask, vals) }))
	}
	holders := func(name string, result *cel.Type, ask func(h roleHolders, vals []ref.Val) ref.Val, args ...*cel.Type) cel.FunctionOpt {
		return cel.MemberOverload("asset_"+name, append([]*cel.Type{dyn, str}, args...), result,
			cel.FunctionBinding(func(vals ...ref.Val) ref.Val { return askHolders(name, ask, vals) }))
	}
	return []cel.EnvOption{
		cel.Function("role_owner_like", definition("role_owner_like", func(d azure.Definition, _ string) azure.Answer { return d.OwnerLike() })),
		cel.Function("role_allows", definition("role_allows", func(d azure.Definition, action string) azure.Answer {
			return d.Allows(action, azure.Control)
		}, str)),
		cel.Function("role_allows_data", definition("role_allows_data", func(d azure.Definition, action string) azure.Answer {
			return d.Allows(action, azure.Data)
		}, str)),
		cel.Function("role_escalates", definition("role_escalates", func(d azure.Definition, _ string) azure.Answer {
			ans, ways := d.Escalations()
			if len(ways) > 0 {
				ans.Because = nil
			}
			for _, w := range ways {
				ans.Because = append(ans.Because, w.String())
			}
			return ans
		})),
		cel.Function("role_writes", definition("role_writes", func(d azure.Definition, _ string) azure.Answer { return d.MoreThanRead() })),
		cel.Function("role_holder_count", holders("role_holder_count", cel.IntType, func(h roleHolders, _ []ref.Val) ref.Val {
			if h.open() {
				return h.unknown()
			}
			return types.Int(len(h.sure))
		})),
		cel.Function("role_holders_at_least", holders("role_holders_at_least", cel.BoolType, roleHolders.atLeast, cel.IntType)),
		cel.Function("role_holders_at_most", holders("role_holders_at_most", cel.BoolType, roleHolders.atMost, cel.IntType)),
		cel.Function("role_candidates_at_least", holders("role_candidates_at_least", cel.BoolType, roleHolders.atLeast, cel.IntType)),
		cel.Function("role_candidates_at_most", holders("role_candidates_at_most", cel.BoolType, roleHolders.atMost, cel.IntType)),
		cel.Function("role_candidate_is_guest", holders("role_candidate_is_guest", cel.BoolType, func(h roleHolders, _ []ref.Val) ref.Val {
			return h.guest()
		})),
		cel.Function("role_held_by_guest", holders("role_held_by_guest", cel.BoolType, func(h roleHolders, _ []ref.Val) ref.Val {
			return h.guest()
		})),
	}
}

// askDefinition puts a question to the document of a role definition.
func askDefinition(name string, ask func(azure.Definition, string) azure.Answer, vals []ref.Val) ref.Val {
	a, ok := vals[0].(*assetRef)
	if !ok {
		return types.NewErr("%s() is a question about a role definition", name)
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	if a.asset.Type != azureDefinitionType {
		return types.NewErr("%s() is a question about %s, not %s", name, azureDefinitionType, a.asset.Type)
	}
	action := ""
	if len(vals) > 1 {
		action = string(vals[1].(types.String))
		if action != "*" && !strings.Contains(action, "/") {
			return types.NewErr("%s(): %q is no action", name, action)
		}
	}
	d, gap := readDefinition(a.asset)
	if gap != nil {
		a.st.hit(gap)
		return unknown
	}
	ans := ask(d, action)
	a.noteAll("properties.permissions", name, ans.Because)
	switch ans.Value {
	case azure.True:
		return types.True
	case azure.False:
		return types.False
	}
	return a.undecided("properties.permissions", nil, ans.Missing)
}

func readDefinition(a *model.Asset) (azure.Definition, *model.Gap) {
	properties, gap := memberWhole(a, "properties")
	if gap != nil {
		return azure.Definition{}, gap
	}
	return azure.ParseDefinition(map[string]any{"id": a.ID, "properties": properties}), nil
}
