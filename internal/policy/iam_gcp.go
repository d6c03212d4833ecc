package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/gcp"
	"github.com/stance-sec/stance/internal/model"
)

const (
	gcpOrganizationType = "cloudresourcemanager.googleapis.com/Organization"
	gcpFolderType       = "cloudresourcemanager.googleapis.com/Folder"
	gcpProjectType      = "cloudresourcemanager.googleapis.com/Project"
	gcpRoleType         = "iam.googleapis.com/Role"
	gcpBucketType       = "storage.googleapis.com/Bucket"

	allowPolicy = "iamPolicy" // the member of every document that has one
)

func init() {
	families = append(families, gcpFunctions)
	for _, f := range []string{
		"iam_public", "iam_grants", "iam_admin_service_accounts", "iam_basic_roles", "iam_external", "iam_audits", "iam_same_member",
	} {
		usesOwn(f, allowPolicy)
	}
	usesMembersOf("iam_public", gcpBucketType, gcpBucketType, "iamConfiguration")
	uses("iam_admin_service_accounts", gcpRoleType)
	usesMembers("iam_admin_service_accounts", gcpRoleType, "deleted", "includedPermissions", "stage")
	for _, f := range []string{"iam_audits", "iam_same_member"} {
		uses(f, gcpOrganizationType, gcpFolderType, gcpProjectType)
		for _, typ := range []string{gcpOrganizationType, gcpFolderType, gcpProjectType} {
			usesMembers(f, typ, allowPolicy)
		}
	}
}

// gcpFunctions are the questions about allow policies of Google Cloud. Asked is
// the policy of the asset itself, unless said otherwise; an asset without one
// gives nothing to anybody by its own policy.
//
//	asset.iam_public()               everybody, or all accounts with Google, have some role
//	asset.iam_grants(roles, kinds)   a member of these kinds holds one of the roles
//	asset.iam_admin_service_accounts()  a service account administers
//	asset.iam_basic_roles()          somebody is owner, editor or viewer
//	asset.iam_external(domains)      somebody of another domain holds some role
//	asset.iam_audits(types)          data access is logged, with what holds the asset
//	asset.iam_audits(types, service) that of one service is
//	asset.iam_same_member(a, b)      one member holds both, with what holds the asset
//	default_service_account(address) Compute Engine or App Engine made the account
func gcpFunctions() []cel.EnvOption {
	strs := cel.ListType(cel.StringType)
	question := func(name string, ask func(allowQuestion) gcp.Answer, args ...*cel.Type) cel.FunctionOpt {
		id := "asset_" + name
		for _, a := range args {
			id += "_" + a.String()
		}
		return cel.MemberOverload(id, append([]*cel.Type{cel.DynType}, args...), cel.BoolType,
			cel.FunctionBinding(func(vals ...ref.Val) ref.Val { return askAllow(name, ask, vals) }))
	}
	grants := func(q allowQuestion) gcp.Answer {
		kinds := make([]gcp.Kind, len(q.lists[1]))
		for i, k := range q.lists[1] {
			kinds[i] = gcp.Kind(k)
		}
		return gcp.Holds(q.own(), q.lists[0], kinds, q.context())
	}
	sameLists := func(q allowQuestion) gcp.Answer {
		return gcp.SameMember(q.path(), q.lists[0], q.lists[1], q.context())
	}
	sameRoles := func(q allowQuestion) gcp.Answer {
		a, b := q.lists[0], q.lists[1]
		if gcp.OwnerCountsAs(a[0]) && gcp.OwnerCountsAs(b[0]) {
			a, b = append(a, gcp.Owner), append(b, gcp.Owner)
		}
		return gcp.SameMember(q.path(), a, b, q.context())
	}
	return []cel.EnvOption{
		cel.Function("iam_public", question("iam_public", allowQuestion.public)),
		cel.Function("iam_grants",
			question("iam_grants", grants, cel.StringType, strs), question("iam_grants", grants, strs, strs)),
		cel.Function("iam_admin_service_accounts", question("iam_admin_service_accounts", func(q allowQuestion) gcp.Answer {
			return gcp.AdminServiceAccounts(q.own(), q.role, q.context())
		})),
		cel.Function("iam_basic_roles", question("iam_basic_roles", func(q allowQuestion) gcp.Answer {
			return gcp.BasicRoles(q.own(), q.context())
		})),
		cel.Function("iam_external", question("iam_external", func(q allowQuestion) gcp.Answer {
			return gcp.External(q.own(), q.lists[0], q.context())
		}, strs)),
		cel.Function("iam_audits",
			question("iam_audits", func(q allowQuestion) gcp.Answer { return gcp.Audits(q.path(), q.lists[0]) }, strs),
			question("iam_audits", func(q allowQuestion) gcp.Answer {
				return gcp.AuditsService(q.path(), q.lists[0], q.lists[1][0])
			}, strs, cel.StringType)),
		cel.Function("iam_same_member",
			question("iam_same_member", sameRoles, cel.StringType, cel.StringType), question("iam_same_member", sameLists, strs, strs)),
		cel.Function("default_service_account", cel.Overload("default_service_account_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(address ref.Val) ref.Val {
				return types.Bool(gcp.IsDefaultServiceAccount(string(address.(types.String))))
			}))),
	}
}

// allowQuestion is a question about the allow policies of an asset.
type allowQuestion struct {
	*assetRef
	lists [][]string // the arguments; a role alone is a list of one
	gaps  *[]*model.Gap
}

// askAllow puts a question to an asset. An answer that is not decided is unknown
// and names what could not be read, or the bindings that may decide it.
func askAllow(name string, ask func(allowQuestion) gcp.Answer, vals []ref.Val) ref.Val {
	a, ok := vals[0].(*assetRef)
	if !ok {
		return types.NewErr("%s() is a question about an asset", name)
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	q := allowQuestion{assetRef: a, gaps: new([]*model.Gap)}
	for _, v := range vals[1:] {
		list, err := textOrTexts(v)
		if err != nil {
			return types.WrapErr(err)
		}
		q.lists = append(q.lists, list)
	}
	if err := q.sensible(name); err != nil {
		return types.WrapErr(err)
	}
	ans := ask(q)
	a.noteAll(allowPolicy, name, ans.Because)
	if ans.Value != gcp.Unknown && len(ans.Because) == 0 {
		a.st.note(model.Evidence{Asset: a.asset.ID, Path: allowPolicy + ".bindings", Value: int64(len(q.own().Bindings))})
	}
	switch ans.Value {
	case gcp.True:
		return types.True
	case gcp.False:
		return types.False
	}
	return a.undecided(allowPolicy, *q.gaps, ans.Missing)
}

func textOrTexts(v ref.Val) ([]string, error) {
	if s, ok := v.(types.String); ok {
		return []string{string(s)}, nil
	}
	return stringsOf(v)
}

// sensible refuses arguments of which no policy could ever hold one, so that a
// misspelling is no pass.
func (q allowQuestion) sensible(name string) error {
	switch name {
	case "iam_grants":
		for _, k := range q.lists[1] {
			if !slices.Contains(gcp.Kinds, gcp.Kind(k)) {
				return fmt.Errorf("iam_grants(): %q is no kind of member", k)
			}
		}
		return roleNames(name, q.lists[:1])
	case "iam_same_member":
		return roleNames(name, q.lists)
	case "iam_audits":
		for _, t := range q.lists[0] {
			if !gcp.IsLogType(t) {
				return fmt.Errorf("iam_audits(): %q is no type of log", t)
			}
		}
		if len(q.lists[0]) == 0 {
			return errors.New("iam_audits(): name a type of log")
		}
	}
	return nil
}

func roleNames(function string, lists [][]string) error {
	for _, roles := range lists {
		if len(roles) == 0 {
			return fmt.Errorf("%s(): name a role", function)
		}
		for _, r := range roles {
			if !strings.HasPrefix(r, "roles/") && !gcp.IsCustom(r) {
				return fmt.Errorf("%s(): %q is no role", function, r)
			}
		}
	}
	return nil
}

func (q allowQuestion) context() gcp.Context { return gcp.Context{Time: q.st.now} }

// own returns the policy of the asset, with the gap noted when it was not read.
func (q allowQuestion) own() gcp.Policy { return q.policyOf(q.asset, "") }

// path returns the policies of the asset and of all that hold it.
func (q allowQuestion) path() []gcp.Policy {
	out := []gcp.Policy{q.own()}
	above, missing := ancestors(q.st, q.asset)
	for _, a := range above {
		out = append(out, q.policyOf(a, a.ID))
	}
	for _, g := range missing {
		*q.gaps = append(*q.gaps, g)
		out = append(out, gcp.Unread(g.Type))
	}
	return out
}

func (q allowQuestion) policyOf(a *model.Asset, at string) gcp.Policy {
	doc, gap := memberWhole(a, allowPolicy)
	if gap != nil {
		*q.gaps = append(*q.gaps, gap)
		return gcp.Unread(at)
	}
	return q.st.allowed.policy(q.st.subject, a, doc).Named(at)
}

// allowPolicies keeps policies that were read: that of the asset at hand, and
// those of projects, folders and organizations, which many assets ask for.
type allowPolicies struct {
	subject *model.Asset
	last    gcp.Policy
	above   map[*model.Asset]gcp.Policy
}

func (c *allowPolicies) policy(subject, a *model.Asset, doc any) gcp.Policy {
	if a == subject {
		if c.subject != a {
			c.subject, c.last = a, gcp.Parse(doc)
		}
		return c.last
	}
	if a.Type != gcpProjectType && a.Type != gcpFolderType && a.Type != gcpOrganizationType {
		return gcp.Parse(doc)
	}
	p, ok := c.above[a]
	if !ok {
		if c.above == nil {
			c.above = map[*model.Asset]gcp.Policy{}
		}
		p = gcp.Parse(doc)
		c.above[a] = p
	}
	return p
}

// public asks the policy; public access prevention of a bucket closes it to
// everybody, whatever it says.
// https://cloud.google.com/storage/docs/public-access-prevention
func (q allowQuestion) public() gcp.Answer {
	if q.asset.Type != gcpBucketType {
		return gcp.Public(q.own(), q.context())
	}
	conf, gap := memberAt(q.asset, "iamConfiguration", "publicAccessPrevention")
	if conf == "enforced" {
		return gcp.Answer{Value: gcp.False, Because: []string{"iamConfiguration.publicAccessPrevention is enforced"}}
	}
	ans := gcp.Public(q.own(), q.context())
	if gap != nil && ans.Value != gcp.False {
		*q.gaps = append(*q.gaps, gap)
		ans.Value = gcp.Unknown
	}
	return ans
}

// role returns the document of a role, or the zero Role with the gap noted.
func (q allowQuestion) role(name string) gcp.Role {
	a, gap := q.st.gcpRole(name)
	if a != nil {
		if _, gap = memberWhole(a, "includedPermissions"); gap == nil {
			_, gap = memberWhole(a, "stage")
		}
		if gap == nil {
			return gcp.ParseRole(map[string]any(a.Config))
		}
	}
	if gap != nil && gcp.IsCustom(name) {
		*q.gaps = append(*q.gaps, gap)
	}
	return gcp.Role{}
}

// gcpRole finds the document of a role by the name that bindings write, in the
// account and above.
func (st *state) gcpRole(name string) (*model.Asset, *model.Gap) {
	for _, inv := range append([]*Inventory{st.view.inv}, st.view.inv.above...) {
		for _, key := range []string{"//iam.googleapis.com/" + name, name} {
			if a := inv.Find(gcpRoleType, key); a != nil {
				return a, nil
			}
		}
	}
	return nil, st.absent(gcpRoleType, name, st.view.inv.above...)
}

// absent is the gap of an asset that is not in the inventory, nor in those of
// some accounts above: the listing that failed, where one did.
func (st *state) absent(typ, what string, above ...*Inventory) *model.Gap {
	if g := st.view.inv.failed(typ, ""); g != nil {
		return g
	}
	for _, inv := range above {
		if x := inv.types[typ]; x != nil && len(x.gaps) > 0 {
			return x.gaps[0]
		}
	}
	return &model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: what + " is not in the inventory"}
}

// ancestors returns the project, the folders and the organization that hold an
// asset, nearest first, and a gap for each that is not in the inventory. The
// asset's own path tells which there are.
func ancestors(st *state, a *model.Asset) (found []*model.Asset, missing []*model.Gap) {
	add := func(typ, account string) {
		if typ == a.Type && account == a.Scope.Account {
			return // the asset itself
		}
		for _, inv := range append([]*Inventory{st.view.inv}, st.view.inv.above...) {
			for _, x := range inv.Assets(typ) {
				if x.Scope.Account == account {
					found = append(found, x)
					return
				}
			}
		}
		missing = append(missing, st.absent(typ, account, st.view.inv.above...))
	}
	account := a.Scope.Account
	switch {
	case strings.HasPrefix(account, "organizations/"):
		add(gcpOrganizationType, account)
	case strings.HasPrefix(account, "folders/"):
		add(gcpFolderType, account)
	default:
		add(gcpProjectType, account)
	}
	if a.Scope.OrgPath == "" && !strings.HasPrefix(account, "organizations/") {
		return found, append(missing, &model.Gap{
			Scope: a.Scope, Type: gcpOrganizationType, Reason: model.Unresolved, Detail: "what holds " + account + " is not known",
		})
	}
	for _, up := range a.Scope.Above() {
		switch {
		case strings.HasPrefix(up, "organizations/"):
			add(gcpOrganizationType, up)
		case strings.HasPrefix(up, "folders/"):
			add(gcpFolderType, up)
		default:
			add(gcpProjectType, up)
		}
	}
	return found, missing
}
