package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

func init() {
	families = append(families, regionFunctions)
	uses("confined_by_region", guardrailTypes()...)
	usesGuardrails("confined_by_region")
}

// regionFunctions are questions about where an account may work.
//
//	asset.confined_by_region(actions)  of an account: its service control policies
//	                                   deny the actions in every region that they
//	                                   do not name
func regionFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("confined_by_region", cel.MemberOverload("asset_confined_by_region",
			[]*cel.Type{cel.DynType, cel.ListType(cel.StringType)}, cel.BoolType,
			cel.BinaryBinding(func(self, list ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("confined_by_region() is a question about an account, with a list of actions")
				}
				actions, err := stringsOf(list)
				if err != nil {
					return types.WrapErr(err)
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return unknown
				}
				return a.confinedByRegion(actions)
			}))),
	}
}

// allRights is the identity policy of somebody who may do everything.
var allRights = aws.Parse(map[string]any{
	"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"},
}, aws.KindIdentity)

// otherRegion stands for all regions that no policy names: those that nobody
// uses, and those that are still to come.
const otherRegion = "xx-unnamed-1"

// confinedByRegion asks whether a user who holds all rights, and whom no policy
// names, may take one of the actions in a region that no policy names. A service
// that acts for somebody is not meant. What is unread of the service control
// policies could only take more away, so it turns no denial around.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func (a *assetRef) confinedByRegion(actions []string) ref.Val {
	account, partition := a.asset.Scope.Account, a.asset.Scope.Partition
	g := a.st.guardrails(account)
	somebody := &model.Asset{ID: "arn:" + partition + ":iam::" + account + ":user/unnamed-user", Type: userType, Scope: a.asset.Scope}
	r := aws.Rights{Identity: []aws.Policy{allRights}, SCP: g.ceilings(), Context: a.st.principalContext(somebody, g), Now: a.st.now}
	r.Context["aws:RequestedRegion"] = aws.Is(otherRegion)
	r.Context["aws:ViaAWSService"] = aws.Is("false")
	for _, action := range actions {
		ans := r.AllowsSome(action, "*")
		switch {
		case ans.Value == aws.False:
			a.st.note(model.Evidence{Asset: a.asset.ID, Path: controlPolicies, Value: action, Note: "denied in regions that no policy names"})
			continue
		case len(g.unread) > 0:
			a.st.hit(g.unread[0])
			return unknown
		case ans.Value == aws.True:
			a.st.note(model.Evidence{Asset: a.asset.ID, Path: controlPolicies, Value: action, Note: "allowed in regions that no policy names"})
			return types.False
		}
		a.st.hit(&model.Gap{
			Scope: a.asset.Scope, Type: orgPolicyType, Reason: model.Unresolved,
			Detail: "the service control policies have too many conditions to decide " + action,
		})
		return unknown
	}
	return types.True
}
