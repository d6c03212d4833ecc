package policy

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/gcp"
	"github.com/stance-sec/stance/internal/model"
)

func init() {
	families = append(families, gcpHolderFunctions)
	const f = "iam_holders_at_most"
	usesOwn(f, allowPolicy)
	uses(f, gcpOrganizationType, gcpFolderType, gcpProjectType)
	for _, typ := range []string{gcpOrganizationType, gcpFolderType, gcpProjectType} {
		usesMembers(f, typ, allowPolicy)
	}
}

// gcpHolderFunctions count the members of bindings of Google Cloud:
//
//	asset.iam_holders_at_most(role, n)   no more than n members hold the role by
//	    the asset, its project, folders and organization together
//
// A group counts as one, since its members stand in no project; so do a domain
// and a set of federated identities. Service agents are not counted.
func gcpHolderFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("iam_holders_at_most", cel.MemberOverload("asset_iam_holders_at_most",
			[]*cel.Type{cel.DynType, cel.StringType, cel.IntType}, cel.BoolType, cel.FunctionBinding(askAllowedCount))),
	}
}

func askAllowedCount(vals ...ref.Val) ref.Val {
	const name = "iam_holders_at_most"
	a, ok := vals[0].(*assetRef)
	if !ok {
		return types.NewErr("%s() is a question about an asset", name)
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	role := string(vals[1].(types.String))
	if err := roleNames(name, [][]string{{role}}); err != nil {
		return types.WrapErr(err)
	}
	q := allowQuestion{assetRef: a, gaps: new([]*model.Gap)}
	c := countMembers(q.path(), role, q.context())
	a.st.note(model.Evidence{Asset: a.asset.ID, Path: "holders of " + role, Value: int64(len(c.sure))})
	a.noteAll(allowPolicy, name, c.how)
	switch most := int(vals[2].(types.Int)); {
	case c.everybody || len(c.sure) > most:
		return types.False
	case len(*q.gaps) > 0 || len(c.missing) > 0:
		return a.undecided(allowPolicy, *q.gaps, c.missing)
	}
	return types.True
}

// memberCount is who holds a role by some policies.
type memberCount struct {
	sure      map[string]bool // by kind and name
	how       []string
	everybody bool
	missing   []string
}

func countMembers(path []gcp.Policy, role string, ctx gcp.Context) memberCount {
	c := memberCount{sure: map[string]bool{}}
	for _, p := range path {
		c.missing = append(c.missing, p.Problems...)
		for _, b := range p.Bindings {
			if b.Role != role {
				continue
			}
			holds := b.Holds(ctx)
			if holds == gcp.False {
				continue
			}
			for _, m := range b.Members {
				c.add(p.Cite(b, m), m, holds)
			}
		}
	}
	slices.Sort(c.how)
	return c
}

func (c *memberCount) add(how string, m gcp.Member, holds gcp.Truth) {
	switch {
	case m.Deleted || m.Kind == gcp.ServiceAgent:
	case holds == gcp.Unknown || m.Kind == gcp.Invalid:
		c.missing = append(c.missing, how)
	case m.Kind == gcp.AllUsers || m.Kind == gcp.AllAuthenticatedUsers:
		c.everybody = true
		c.how = append(c.how, how)
	case !c.sure[string(m.Kind)+":"+m.Name]:
		c.sure[string(m.Kind)+":"+m.Name] = true
		c.how = append(c.how, how)
	}
}
