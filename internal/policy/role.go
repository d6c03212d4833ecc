package policy

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

// strong says whether a role's policies together make an administrator, or let
// their holder become one.
func (a *assetRef) strong() ref.Val {
	var docs []aws.Policy
	complete := true
	miss := func(gap *model.Gap) {
		if gap != nil {
			a.st.hit(gap)
			complete = false
		}
	}
	add := func(owner *model.Asset, path string, doc any) {
		p := aws.Parse(doc, aws.KindIdentity)
		odd := notUnderstood(p)
		if doc == nil {
			odd = append(odd, "the document is missing")
		}
		if len(odd) > 0 {
			miss(&model.Gap{
				Scope: owner.Scope, Type: owner.Type, Asset: owner.ID, Path: path, Reason: model.Unresolved, Detail: strings.Join(odd, "; "),
			})
		}
		docs = append(docs, p)
	}
	inline, gap := member(a.asset, "RolePolicyList")
	miss(gap)
	for _, e := range items(inline) {
		add(a.asset, "RolePolicyList", e["PolicyDocument"])
	}
	attached, gap := member(a.asset, "AttachedManagedPolicies")
	miss(gap)
	for _, e := range items(attached) {
		arn, _ := e["PolicyArn"].(string)
		if strings.HasSuffix(arn, ":aws:policy/AdministratorAccess") || strings.HasSuffix(arn, ":aws:policy/IAMFullAccess") {
			a.st.note(model.Evidence{Asset: a.asset.ID, Path: "AttachedManagedPolicies", Value: arn})
			return types.True
		}
		p := a.st.view.inv.Find(managedPolicyType, arn)
		if p == nil {
			a.st.missing(managedPolicyType, arn)
			complete = false
			continue
		}
		versions, gap := member(p, "PolicyVersionList")
		miss(gap)
		for _, v := range items(versions) {
			if v["IsDefaultVersion"] == true {
				add(p, "PolicyVersionList", v["Document"])
			}
		}
	}
	note := func(why string) {
		a.st.note(model.Evidence{Asset: a.asset.ID, Path: "policies", Value: "strong", Note: why})
	}
	admin := aws.Administrator(docs, nil)
	if admin.Value == aws.True {
		for _, c := range admin.Because {
			note(c.String())
		}
		return types.True
	}
	for _, e := range aws.BroadEscalations(docs, nil, maxReasons) {
		note(strings.Join(e.Actions, " + ") + ": " + e.Gain)
		admin.Value = aws.True
	}
	switch {
	case admin.Value == aws.True:
		return types.True
	case admin.Value == aws.Unknown || !complete:
		return types.NewUnknown(0, nil)
	}
	return types.False
}
