package policy

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
)

func init() {
	families = append(families, endpointFunctions)
	uses("endpoint_external", organizationType, memberType)
	uses("principals_external", organizationType, memberType)
}

// endpointFunctions are questions about who may use an endpoint of a VPC, and a
// service behind one:
//
//	asset.endpoint_external(doc, accounts)   lets the policy of an endpoint an
//	    account outside the organization, and not one of the list, through to what
//	    belongs to outsiders?
//	asset.principals_external(arns, accounts)   is one of these principals of such
//	    an account? "*" is anybody.
func endpointFunctions() []cel.EnvOption {
	strs := cel.ListType(cel.StringType)
	return []cel.EnvOption{
		cel.Function("endpoint_external", cel.MemberOverload("asset_endpoint_external", []*cel.Type{cel.DynType, blobType, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return ask(args[0], args[1], args[2], false, func(q question) ref.Val {
					q.query.Resources = nil
					q.query.Actions = actionsThrough(q.value)
					q.query.Context = throughEndpoint(q)
					return q.outside(q.resource())
				})
			}))),
		cel.Function("principals_external", cel.MemberOverload("asset_principals_external", []*cel.Type{cel.DynType, strs, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, ok := args[0].(*assetRef)
				if !ok {
					return types.NewErr("principals_external() is a question about an asset")
				}
				principals, err := stringsOf(args[1])
				if err != nil {
					return types.WrapErr(err)
				}
				trusted, err := stringsOf(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return unknown
				}
				return a.principalsExternal(principals, trusted)
			}))),
	}
}

// outside says whether the policy lets in accounts outside the organization that
// are not on the list.
func (q question) outside(p aws.Policy) ref.Val {
	accounts, known := aws.OutsideAccounts(p, q.query)
	accounts = slices.DeleteFunc(accounts, func(a string) bool { return slices.Contains(q.list, a) })
	switch {
	case len(accounts) > 0:
		return q.unlessOwn(q.decide(aws.True, accountsText(accounts)), !slices.Contains(accounts, "*"))
	case known == aws.True:
		return types.False
	}
	return q.undecided()
}

// throughEndpoint is what is known of every request through an endpoint to
// something that belongs to a stranger: a condition on the endpoint itself bounds
// nobody, one on the owner of the resource keeps the stranger's out.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func throughEndpoint(q question) aws.Context {
	known := aws.Context{
		"aws:ResourceAccount":  aws.Is("outside"),
		"s3:ResourceAccount":   aws.Is("outside"),
		"aws:ResourceOrgID":    aws.Is("o-outside"),
		"aws:ResourceOrgPaths": aws.Is("o-outside/r-outside/"),
		"aws:VpceAccount":      aws.Is(q.asked.Scope.Account),
	}
	for key, name := range map[string]string{"aws:SourceVpce": "VpcEndpointId", "aws:SourceVpc": "VpcId"} {
		if id := textAt(q.asked.Config, name); id != "" {
			known[key] = aws.Is(id)
		}
	}
	if q.query.OrgID != "" {
		known["aws:VpceOrgID"] = aws.Is(q.query.OrgID)
	}
	return known
}

// actionsThrough are the actions to ask about: those that the policy names, one
// for each of its patterns, and some of each service. An endpoint is of one
// service, but the policy may speak of any.
func actionsThrough(doc any) []string {
	out := []string{"zzany:GetAny0", "zzany:PutAny0"}
	add := func(action string) {
		if !slices.Contains(out, action) {
			out = append(out, action)
		}
	}
	for _, pattern := range slices.Concat(named(doc, "Action"), named(doc, "NotAction")) {
		service, name, ok := strings.Cut(pattern, ":")
		if !ok || strings.ContainsAny(service, "*?") {
			continue
		}
		add(service + ":" + strings.NewReplacer("*", "Any0", "?", "a").Replace(name))
		add(service + ":GetAny0")
		add(service + ":PutAny0")
	}
	return out
}

// principalsExternal asks the engine about a policy that lets in the principals
// and nobody else.
func (a *assetRef) principalsExternal(principals, trusted []string) ref.Val {
	if len(principals) == 0 {
		return types.False
	}
	named := make([]any, len(principals))
	for i, p := range principals {
		named[i] = p
	}
	doc := map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": named}, "Action": "ec2:CreateVpcEndpoint", "Resource": "*",
	}}}
	at := a.st.object(object{fields: a.asset.Config, typ: a.typ, owner: a.asset, index: -1})
	b := &blob{value: doc, owner: a.asset, at: at, key: "AllowedPrincipals", st: a.st}
	q := question{blob: b, asked: a.asset, query: a.st.publicQuery(a.asset), list: trusted}
	q.query.Resources, q.query.Actions = nil, []string{"ec2:CreateVpcEndpoint"}
	v := b.sure(q.outside(q.resource()), aws.KindResource)
	if v == types.False {
		for _, p := range principals {
			if !principalText.MatchString(p) {
				return b.undecided("who " + p + " is")
			}
		}
	}
	return v
}

// principalText are principals that the engine understands: anybody, an account,
// and what IAM and STS name.
var principalText = regexp.MustCompile(`^(\*|[0-9]{12}|arn:[a-z-]+:(iam|sts)::[0-9]{12}:.+)$`)
