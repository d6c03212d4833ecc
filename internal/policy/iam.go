package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/ask"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

const (
	organizationType  = "AWS::Organizations::Organization"
	memberType        = "AWS::Organizations::Account"
	bucketType        = "AWS::S3::Bucket"
	accountBlockType  = "AWS::S3::AccountPublicAccessBlock"
	managedPolicyType = "AWS::IAM::ManagedPolicy"
)

func init() {
	families = append(families, iamFunctions)
	for _, f := range []string{"public", "public_for", "external", "controlled_by_others", "outside_accounts", "service_wide", "denies_plain_http", "bucket_public", "trust_public", "trust_external", "trust_service_unbound"} {
		uses(f, organizationType, memberType)
	}
	uses("bucket_public", organizationType, memberType, accountBlockType)
	uses("strong", managedPolicyType)
	usesMembers("bucket_public", bucketType, "Policy", "Acl", "OwnershipControls", "PublicAccessBlockConfiguration")
}

// iamFunctions are the questions that controls ask about policy documents. None
// looks at how a statement is written: each asks whether a request exists.
//
//	asset.public(doc)                anyone, or any AWS account, may use the asset
//	asset.public_for(doc, gives)     … in one of these ways: "read", "write" …
//	asset.external(doc)              an account outside the organization may
//	asset.outside_accounts(doc)      which ones, "*" for any
//	asset.controlled_by_others(doc)  … may change who may use it
//	asset.service_wide(doc)          a service acting for any customer may
//	asset.denies_plain_http(doc)     every request without TLS is denied
//	asset.bucket_public(gives)       policy, ACL and block settings of a bucket
//	                                 and its account together open it
//	administrator(doc), escalates(doc), grants_service(doc, service),
//	allows(doc, action, "*")         what an identity policy gives
//	asset.strong()                   a role is administrator, or can become one
//	asset.trust_public(doc), asset.trust_external(doc),
//	asset.trust_service_unbound(doc, exempt), asset.trust_web_identity_unbound(doc)
//	                                 who may assume a role
func iamFunctions() []cel.EnvOption {
	strs := cel.ListType(cel.StringType)
	onAsset := func(name string, kind ask.Kind, do func(*assetRef, ask.Policy, ask.Target) (yes, known bool, why []string)) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("asset_"+name, []*cel.Type{cel.DynType, blobType}, cel.BoolType,
			cel.BinaryBinding(func(self, doc ref.Val) ref.Val {
				a, b, err := assetAndDoc(self, doc)
				if err != nil {
					return err
				}
				if b.value == nil {
					return types.False
				}
				value, known, why := do(a, ask.Parse(b.value, kind), a.st.target(a.asset))
				return a.st.decided(b, value, known, name, why)
			})))
	}
	onDoc := func(name string, do func([]ask.Policy) ask.Yes) cel.EnvOption {
		return cel.Function(name, cel.Overload("doc_"+name, []*cel.Type{blobType}, cel.BoolType,
			cel.UnaryBinding(func(doc ref.Val) ref.Val {
				b, ok := doc.(*blob)
				if !ok || b.value == nil {
					return types.False
				}
				y := do([]ask.Policy{ask.Parse(b.value, ask.Identity)})
				return b.st.decided(b, y.Value, y.Known, name, y.Because)
			})))
	}
	return []cel.EnvOption{
		onAsset("public", ask.Resource, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			ans := ask.Public(p, t)
			return ans.Level >= ask.AnyAuthenticated, ans.Known, ans.Because
		}),
		onAsset("external", ask.Resource, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			out, known := ask.OutsideAccounts(p, t)
			return len(out) > 0, known, accountsText(out)
		}),
		onAsset("controlled_by_others", ask.Resource, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			ans := ask.Public(p, t, "administer")
			return ans.Level == ask.External || ans.Level >= ask.AnyAuthenticated, ans.Known, ans.Because
		}),
		cel.Function("outside_accounts", cel.MemberOverload("asset_outside_accounts", []*cel.Type{cel.DynType, blobType}, strs,
			cel.BinaryBinding(func(self, doc ref.Val) ref.Val {
				a, b, errVal := assetAndDoc(self, doc)
				if errVal != nil {
					return errVal
				}
				if b.value == nil {
					return types.NewStringList(types.DefaultTypeAdapter, nil)
				}
				out, known := ask.OutsideAccounts(ask.Parse(b.value, ask.Resource), a.st.target(a.asset))
				if v := a.st.decided(b, true, known, "outside_accounts", accountsText(out)); v != types.True {
					return v
				}
				return types.NewStringList(types.DefaultTypeAdapter, out)
			}))),
		onAsset("service_wide", ask.Resource, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			ans := ask.Public(p, t)
			return ans.Level == ask.ServiceWide, ans.Known, ans.Because
		}),
		onAsset("denies_plain_http", ask.Resource, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			ans := ask.DeniesPlainHTTP(p, t)
			return ans.Denied(), ans.Known, ans.Because
		}),
		onAsset("trust_public", ask.Trust, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			ans := ask.Public(p, t)
			return ans.Level >= ask.AnyAuthenticated, ans.Known, ans.Because
		}),
		onAsset("trust_external", ask.Trust, func(_ *assetRef, p ask.Policy, t ask.Target) (bool, bool, []string) {
			out, known := ask.OutsideAccounts(p, t)
			return len(out) > 0, known, accountsText(out)
		}),
		onAsset("trust_web_identity_unbound", ask.Trust, func(_ *assetRef, p ask.Policy, _ ask.Target) (bool, bool, []string) {
			y := ask.WebIdentityUnbound(p, nil)
			return y.Value, y.Known, y.Because
		}),
		cel.Function("trust_service_unbound", cel.MemberOverload("asset_trust_service_unbound", []*cel.Type{cel.DynType, blobType, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, b, errVal := assetAndDoc(args[0], args[1])
				if errVal != nil {
					return errVal
				}
				exempt, err := stringsOf(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				y := ask.ServiceUnbound(ask.Parse(b.value, ask.Trust), a.st.target(a.asset), exempt)
				return a.st.decided(b, y.Value, y.Known, "trust_service_unbound", y.Because)
			}))),
		cel.Function("public_for", cel.MemberOverload("asset_public_for", []*cel.Type{cel.DynType, blobType, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				a, b, errVal := assetAndDoc(args[0], args[1])
				if errVal != nil {
					return errVal
				}
				gives, err := stringsOf(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				if b.value == nil {
					return types.False
				}
				ans := ask.Public(ask.Parse(b.value, ask.Resource), a.st.target(a.asset), gives...)
				return a.st.decided(b, ans.Level >= ask.AnyAuthenticated, ans.Known, "public", ans.Because)
			}))),
		onDoc("administrator", ask.Administrator),
		onDoc("escalates", ask.Escalates),
		onDoc("grants_any_service", func(ps []ask.Policy) ask.Yes {
			services := ask.WildcardServices(ps)
			return ask.Yes{Known: true, Value: len(services) > 0, Because: []string{"every action of " + strings.Join(services, ", ")}}
		}),
		cel.Function("grants_service", cel.Overload("doc_grants_service", []*cel.Type{blobType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(doc, service ref.Val) ref.Val {
				b, ok := doc.(*blob)
				if !ok || b.value == nil {
					return types.False
				}
				y := ask.GrantsService([]ask.Policy{ask.Parse(b.value, ask.Identity)}, string(service.(types.String)))
				return b.st.decided(b, y.Value, y.Known, "grants_service", y.Because)
			}))),
		cel.Function("allows", cel.Overload("doc_allows", []*cel.Type{blobType, cel.StringType, cel.StringType}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				b, ok := args[0].(*blob)
				if !ok || b.value == nil {
					return types.False
				}
				if args[2] != types.String("*") {
					return types.NewErr(`allows() asks about every resource: "*"`)
				}
				y := ask.Allows([]ask.Policy{ask.Parse(b.value, ask.Identity)}, string(args[1].(types.String)))
				return b.st.decided(b, y.Value, y.Known, "allows", y.Because)
			}))),
		cel.Function("bucket_public", cel.MemberOverload("asset_bucket_public", []*cel.Type{cel.DynType, strs}, cel.BoolType,
			cel.BinaryBinding(func(self, list ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("bucket_public() is a question about a bucket")
				}
				gives, err := stringsOf(list)
				if err != nil {
					return types.WrapErr(err)
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return types.NewUnknown(0, nil)
				}
				return a.bucketPublic(gives)
			}))),
		cel.Function("strong", cel.MemberOverload("asset_strong", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(self ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("strong() is a question about a role")
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return types.NewUnknown(0, nil)
				}
				return a.strong()
			}))),
	}
}

func assetAndDoc(self, doc ref.Val) (*assetRef, *blob, ref.Val) {
	a, ok := self.(*assetRef)
	if !ok {
		return nil, nil, types.NewErr("a question about an asset: asset.…(config.Policy)")
	}
	b, ok := doc.(*blob)
	if !ok {
		return nil, nil, types.NewErr("no policy document")
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return nil, nil, types.NewUnknown(0, nil)
	}
	return a, b, nil
}

func accountsText(accounts []string) []string {
	out := make([]string, len(accounts))
	for i, a := range accounts {
		out[i] = "lets in account " + a
		if a == "*" {
			out[i] = "lets in any account"
		}
	}
	return out
}

// decided notes what the engine found and turns it into a value of CEL.
func (st *state) decided(b *blob, value, known bool, question string, why []string) ref.Val {
	path := b.at.path(b.key)
	for _, w := range why {
		st.note(model.Evidence{Asset: b.owner.ID, Path: path, Value: question, Note: w})
	}
	if !known {
		st.hit(&model.Gap{Scope: b.owner.Scope, Type: b.owner.Type, Asset: b.owner.ID, Path: path, Reason: model.Unresolved, Detail: "the policy has too many conditions to be decided"})
		return types.NewUnknown(0, nil)
	}
	if p := ask.Parse(b.value, ask.Resource); len(why) == 0 && len(p.Diagnostics) > 0 && len(p.Statements) == 0 {
		st.note(model.Evidence{Asset: b.owner.ID, Path: path, Value: question, Note: strings.Join(p.Diagnostics, "; ")})
	}
	return types.Bool(value)
}

// target describes the owner of a resource policy.
func (st *state) target(a *model.Asset) ask.Target {
	t := ask.Target{ID: a.ID, Account: a.Scope.Account}
	for _, o := range st.view.inv.Assets(organizationType) {
		if id, ok := o.Config["Id"].(string); ok {
			t.Org = id
		}
	}
	for _, m := range st.view.inv.Assets(memberType) {
		if id, ok := m.Config["Id"].(string); ok {
			t.Zone = append(t.Zone, id)
		}
	}
	return t
}

// member returns a member of an asset's document, and the gap that covers it.
func member(a *model.Asset, name string) (any, *model.Gap) {
	if tree := treeOf(a); tree != nil {
		if tree.gap != nil {
			return nil, tree.gap
		}
		if m := tree.members[name]; m != nil && m.gap != nil {
			return nil, m.gap
		}
	}
	return a.Config[name], nil
}

// strong says whether a role's policies together make an administrator, or let
// their holder become one.
func (a *assetRef) strong() ref.Val {
	var docs []ask.Policy
	complete := true
	inline, gap := member(a.asset, "RolePolicyList")
	if gap != nil {
		a.st.hit(gap)
		complete = false
	}
	for _, e := range items(inline) {
		docs = append(docs, ask.Parse(e["PolicyDocument"], ask.Identity))
	}
	attached, gap := member(a.asset, "AttachedManagedPolicies")
	if gap != nil {
		a.st.hit(gap)
		complete = false
	}
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
		if gap != nil {
			a.st.hit(gap)
			complete = false
		}
		for _, v := range items(versions) {
			if v["IsDefaultVersion"] == true {
				docs = append(docs, ask.Parse(v["Document"], ask.Identity))
			}
		}
	}
	for _, y := range []ask.Yes{ask.Administrator(docs), ask.Escalates(docs)} {
		for _, w := range y.Because {
			a.st.note(model.Evidence{Asset: a.asset.ID, Path: "policies", Value: "strong", Note: w})
		}
		if y.Value {
			return types.True
		}
		complete = complete && y.Known
	}
	if !complete {
		return types.NewUnknown(0, nil)
	}
	return types.False
}

func items(v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// bucketPublic folds all gates of a bucket: its policy unless public policies
// are restricted, its ACL unless public ACLs are ignored or ACLs are off.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func (a *assetRef) bucketPublic(gives []string) ref.Val {
	var gaps []*model.Gap
	byPolicy := a.policyOpens(gives, &gaps)
	restrict := a.blocked("RestrictPublicBuckets", &gaps)
	byACL := a.aclOpens(gives, &gaps)
	ignore := a.blocked("IgnorePublicAcls", &gaps)
	off := a.aclsOff(&gaps)
	note := func(path string, t network.Truth) {
		a.st.note(model.Evidence{Asset: a.asset.ID, Path: path, Value: t.String()})
	}
	note("public by policy", byPolicy)
	note("RestrictPublicBuckets", restrict)
	note("public by ACL", byACL)
	note("IgnorePublicAcls", ignore)
	note("ACLs switched off", off)
	open := byPolicy.And(restrict.Not()).Or(byACL.And(ignore.Not()).And(off.Not()))
	if open == network.Unknown {
		for _, g := range gaps {
			a.st.hit(g)
		}
		return types.NewUnknown(0, nil)
	}
	return types.Bool(open == network.True)
}

func (a *assetRef) policyOpens(gives []string, gaps *[]*model.Gap) network.Truth {
	doc, gap := member(a.asset, "Policy")
	if gap != nil {
		*gaps = append(*gaps, gap)
		return network.Unknown
	}
	if doc == nil {
		return network.False
	}
	ans := ask.Public(ask.Parse(doc, ask.Resource), a.st.target(a.asset), gives...)
	for _, w := range ans.Because {
		if ans.Level >= ask.AnyAuthenticated {
			a.st.note(model.Evidence{Asset: a.asset.ID, Path: "Policy", Value: "public", Note: w})
		}
	}
	if !ans.Known {
		return network.Unknown
	}
	return network.TruthOf(ans.Level >= ask.AnyAuthenticated)
}

// blocked is a setting of Block Public Access on the bucket or its account.
func (a *assetRef) blocked(flag string, gaps *[]*model.Gap) network.Truth {
	of := func(v any, gap *model.Gap) network.Truth {
		if gap != nil {
			*gaps = append(*gaps, gap)
			return network.Unknown
		}
		m, _ := v.(map[string]any)
		on, isBool := m[flag].(bool)
		if m != nil && !isBool {
			return network.Unknown
		}
		return network.TruthOf(on)
	}
	t := of(member(a.asset, "PublicAccessBlockConfiguration"))
	x := a.st.view.inv.types[accountBlockType]
	if x == nil {
		return t
	}
	for _, block := range x.assets {
		if block.Scope.Account == a.asset.Scope.Account {
			t = t.Or(of(member(block, "PublicAccessBlockConfiguration")))
		}
	}
	if len(x.assets) == 0 && len(x.gaps) > 0 {
		*gaps = append(*gaps, x.gaps[0])
		t = t.Or(network.Unknown)
	}
	return t
}

// The groups of S3 that mean everybody, and every AWS account.
const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
)

var aclGives = map[string][]string{
	"READ": {"list"}, "WRITE": {"write", "delete"}, "WRITE_ACP": {"administer"}, "FULL_CONTROL": {"list", "write", "delete", "administer"},
}

func (a *assetRef) aclOpens(gives []string, gaps *[]*model.Gap) network.Truth {
	acl, gap := member(a.asset, "Acl")
	if gap != nil {
		*gaps = append(*gaps, gap)
		return network.Unknown
	}
	m, _ := acl.(map[string]any)
	for _, g := range items(m["Grants"]) {
		who, _ := g["Grantee"].(map[string]any)
		uri, _ := who["URI"].(string)
		permission, _ := g["Permission"].(string)
		if uri != allUsers && uri != authenticatedUsers {
			continue
		}
		for _, gift := range aclGives[permission] {
			for _, want := range gives {
				if gift == want {
					a.st.note(model.Evidence{Asset: a.asset.ID, Path: "Acl.Grants", Value: permission, Note: "granted to " + uri[strings.LastIndexByte(uri, '/')+1:]})
					return network.True
				}
			}
		}
	}
	return network.False
}

// aclsOff says whether the bucket owner owns every object, which switches ACLs
// off.
func (a *assetRef) aclsOff(gaps *[]*model.Gap) network.Truth {
	controls, gap := member(a.asset, "OwnershipControls")
	if gap != nil {
		*gaps = append(*gaps, gap)
		return network.Unknown
	}
	m, _ := controls.(map[string]any)
	for _, r := range items(m["Rules"]) {
		if r["ObjectOwnership"] == "BucketOwnerEnforced" {
			return network.True
		}
	}
	return network.False
}
