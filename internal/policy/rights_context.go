package policy

import (
	"strings"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

// limitedBy are the guardrails over a principal: none over the roles that
// services keep for themselves.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
func (st *state) limitedBy(a *model.Asset) *guardrails {
	path, _ := a.Config["Path"].(string)
	if a.Type == roleType && (strings.HasPrefix(path, "/aws-service-role/") || strings.Contains(a.ID, ":role/aws-service-role/")) {
		return &guardrails{in: st.view.inv, account: a.Scope.Account}
	}
	return st.guardrails(a.Scope.Account)
}

// principalContext is what is known of the condition keys when the principal
// calls for itself in its account.
func (st *state) principalContext(a *model.Asset, g *guardrails) aws.Context {
	account := a.Scope.Account
	ctx := aws.Context{
		"aws:PrincipalIsAWSService": aws.Is("false"), "aws:PrincipalServiceName": {State: aws.Absent}, "aws:PrincipalServiceNamesList": {State: aws.Absent},
	}
	if account != "" {
		for _, k := range []string{"aws:PrincipalAccount", "kms:CallerAccount", "aws:ResourceAccount", "s3:ResourceAccount"} {
			ctx[k] = aws.Is(account)
		}
	}
	if org := st.home(account).OrgID; org != "" {
		ctx["aws:PrincipalOrgID"], ctx["aws:ResourceOrgID"] = aws.Is(org), aws.Is(org)
	}
	if len(g.paths) > 0 {
		ctx["aws:PrincipalOrgPaths"] = aws.Is(g.paths...)
	}
	switch a.Type {
	case groupType: // its members call
		return ctx
	case userType:
		ctx["aws:PrincipalType"] = aws.Is(string(aws.User))
		ctx["aws:username"] = aws.Is(a.ID[strings.LastIndexByte(a.ID, '/')+1:])
	case roleType:
		ctx["aws:PrincipalType"] = aws.Is(string(aws.RoleSession))
		ctx["aws:username"] = aws.Value{State: aws.Absent}
	}
	if strings.HasPrefix(a.ID, "arn:") {
		ctx["aws:PrincipalArn"] = aws.Is(a.ID)
	}
	return ctx
}
