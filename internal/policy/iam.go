package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/truth"
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
	for _, f := range []string{
		"public", "public_for", "external", "controlled_by_others", "service_wide",
		"trust_public", "trust_external", "trust_service_unbound", "trust_web_identity_unbound",
		"trust_names_service", "trust_names_web_identity",
	} {
		uses(f, guardrailTypes()...)
		usesGuardrails(f)
	}
	for _, f := range []string{"bucket_public", "bucket_external"} {
		uses(f, append(guardrailTypes(), accountBlockType)...)
		usesGuardrails(f)
	}
	for _, f := range []string{"strong", "is_administrator"} {
		uses(f, append(guardrailTypes(), managedPolicyType)...)
		usesOfPrincipal(f)
		usesGuardrails(f)
	}
	uses("administrators_at_most", append(guardrailTypes(), userType, groupType, roleType, managedPolicyType)...)
	usesGuardrails("administrators_at_most")
	usesMembers("administrators_at_most", userType, "UserPolicyList", "AttachedManagedPolicies", "GroupList", "PermissionsBoundary")
	usesMembers("administrators_at_most", groupType, "GroupPolicyList", "AttachedManagedPolicies")
	usesMembers("administrators_at_most", roleType, "RolePolicyList", "AttachedManagedPolicies", "PermissionsBoundary")
	usesMembers("administrators_at_most", managedPolicyType, "PolicyVersionList")
	uses("is_log_target", bucketType)
	usesMembers("is_log_target", bucketType, "LoggingEnabled")
	for _, f := range []string{"bucket_public", "bucket_external"} {
		usesMembers(f, bucketType, "Policy", "Acl", "OwnershipControls", "PublicAccessBlockConfiguration")
		usesMembers(f, accountBlockType, "PublicAccessBlockConfiguration")
	}
	usesMembers("controlled_by_others", bucketType, "Acl")
}

// iamFunctions are the questions that controls ask about policy documents. None
// looks at how a statement is written: each asks whether a request exists.
//
//	asset.public(doc)                anyone, or any AWS account, may use the asset
//	asset.public_for(doc, gives)     … in one of these ways: "read", "write" …
//	asset.external(doc, accounts)    an account outside the organization, and not
//	                                 one of the list, may
//	asset.controlled_by_others(doc)  … may change who may use it
//	asset.service_wide(doc)          a service acting for any customer may
//	asset.denies_plain_http(doc)     every request without TLS is denied
//	asset.bucket_public(gives)       policy, ACL and block settings of a bucket
//	                                 and its account together open it
//	asset.bucket_external(accounts)  policy, ACL and block settings together let
//	                                 in an account outside the organization
//	asset.is_log_target()            another bucket writes its access logs here
//	administrator(doc), escalates(doc), grants_service(doc, service),
//	grants_any_service(doc), allows(doc, action, "*")
//	                                 what an identity policy gives
//	asset.is_administrator()         all policies of a user, its groups among
//	                                 them, of a group or of a role make an
//	                                 administrator, within the boundary
//	asset.strong()                   … or let it become one
//	asset.administrators_at_most(n)  of an account: so many users and roles are
//	asset.trust_public(doc), asset.trust_external(doc),
//	asset.trust_service_unbound(doc, exempt), asset.trust_web_identity_unbound(doc)
//	                                 who may assume a role
//	asset.trust_names_service(doc), asset.trust_names_web_identity(doc)
//	                                 a role lets any service, or identities of
//	                                 any OIDC provider, assume it at all
func iamFunctions() []cel.EnvOption {
	strs := cel.ListType(cel.StringType)
	asset := func(name string, result *cel.Type, do func(question) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("asset_"+name, []*cel.Type{cel.DynType, blobType}, result,
			cel.BinaryBinding(func(self, doc ref.Val) ref.Val { return ask(self, doc, nil, strings.HasPrefix(name, "trust_"), do) })))
	}
	withList := func(name string, do func(question) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("asset_"+name, []*cel.Type{cel.DynType, blobType, strs}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return ask(args[0], args[1], args[2], strings.HasPrefix(name, "trust_"), do)
			})))
	}
	doc := func(name string, do func(b *blob, r aws.Rights) given) cel.EnvOption {
		return cel.Function(name, cel.Overload("doc_"+name, []*cel.Type{blobType}, cel.BoolType,
			cel.UnaryBinding(func(d ref.Val) ref.Val {
				b, ok := d.(*blob)
				if !ok {
					return types.NewErr("no policy document")
				}
				return b.gives(name, "", func(r aws.Rights) given { return do(b, r) })
			})))
	}
	principal := func(name string, do func(*assetRef) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("asset_"+name, []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(self ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("%s() is a question about a user, a group or a role", name)
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return unknown
				}
				if inlineOf[a.asset.Type] == "" {
					return types.NewErr("%s() is a question about a user, a group or a role, not %s", name, a.asset.Type)
				}
				return do(a)
			})))
	}
	return []cel.EnvOption{
		asset("public", cel.BoolType, func(q question) ref.Val { return q.answer(q.public()) }),
		withList("public_for", func(q question) ref.Val {
			return q.capable(q.public(), aws.AnyAuthenticated, q.list)
		}),
		withList("external", func(q question) ref.Val {
			accounts, known := aws.OutsideAccounts(q.resource(), q.query)
			accounts = slices.DeleteFunc(accounts, func(a string) bool { return slices.Contains(q.list, a) })
			switch {
			case len(accounts) > 0:
				return q.unlessOwn(q.decide(aws.True, accountsText(accounts)), !slices.Contains(accounts, "*"))
			case known == aws.True:
				return types.False
			}
			return q.undecided()
		}),
		asset("controlled_by_others", cel.BoolType, func(q question) ref.Val {
			return q.controlledByOthers()
		}),
		asset("service_wide", cel.BoolType, func(q question) ref.Val {
			ans := q.public()
			if ans.Value != aws.Unknown {
				ans.Value = truth.Of(ans.Level == aws.ServiceWide)
			}
			return q.answer(ans)
		}),
		asset("denies_plain_http", cel.BoolType, func(q question) ref.Val {
			return q.answer(aws.DeniesPlainHTTP(q.resource(), q.query.Resources, "s3", q.query.Now))
		}),
		asset("trust_public", cel.BoolType, func(q question) ref.Val {
			return q.trust(func(a aws.Assumer) bool { return a.Kind == aws.AssumerAnyone })
		}),
		asset("trust_external", cel.BoolType, func(q question) ref.Val {
			named := true // and nobody else
			v := q.trust(func(a aws.Assumer) bool {
				meant := a.Level >= aws.ExternalLevel && a.Kind != aws.AssumerService && a.Kind != aws.AssumerOIDC && a.Kind != aws.AssumerSAML
				named = named && (!meant || a.Level == aws.ExternalLevel)
				return meant
			})
			return q.unlessOwn(v, named)
		}),
		asset("trust_web_identity_unbound", cel.BoolType, func(q question) ref.Val {
			return q.trust(func(a aws.Assumer) bool { return a.Kind == aws.AssumerOIDC && a.Open })
		}),
		asset("trust_names_service", cel.BoolType, func(q question) ref.Val { return q.lets(aws.AssumerService) }),
		asset("trust_names_web_identity", cel.BoolType, func(q question) ref.Val { return q.lets(aws.AssumerOIDC) }),
		withList("trust_service_unbound", func(q question) ref.Val {
			services, known := aws.UnboundServices(q.trustPolicy(), q.query)
			services = slices.DeleteFunc(services, func(s string) bool { return slices.Contains(q.list, s) })
			if len(services) == 0 && known == aws.True {
				return types.False
			}
			why := make([]string, len(services))
			for i, s := range services {
				why[i] = "lets in any customer of " + s
			}
			return q.decide(known, why)
		}),
		doc("administrator", func(_ *blob, r aws.Rights) given { return found(r.Administrator()) }),
		doc("escalates", func(_ *blob, r aws.Rights) given {
			var why []string
			for _, e := range r.BroadEscalations(maxReasons) {
				why = append(why, strings.Join(e.Actions, " + ")+": "+e.Gain)
			}
			return given{value: truth.Of(len(why) > 0), why: why}
		}),
		doc("grants_any_service", func(b *blob, r aws.Rights) given {
			for _, service := range b.services() {
				if ans := r.AllowsSome(service+":zzAnyAction", "*"); ans.Value == aws.True {
					return given{value: aws.True, why: []string{"every action of " + service}}
				}
			}
			return given{value: aws.False}
		}),
		cel.Function("grants_service", cel.Overload("doc_grants_service", []*cel.Type{blobType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(d, service ref.Val) ref.Val {
				b, ok := d.(*blob)
				if !ok {
					return types.NewErr("no policy document")
				}
				name := string(service.(types.String))
				return b.gives("grants_service", name, func(r aws.Rights) given { return found(r.GrantsAll(name)) })
			}))),
		cel.Function("allows", cel.Overload("doc_allows", []*cel.Type{blobType, cel.StringType, cel.StringType}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				b, ok := args[0].(*blob)
				if !ok {
					return types.NewErr("no policy document")
				}
				if args[2] != types.String("*") {
					return types.NewErr(`allows() asks about every resource: "*"`)
				}
				action := string(args[1].(types.String))
				return b.gives("allows", action, func(r aws.Rights) given { return found(r.AllowsBroadly(action)) })
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
					return unknown
				}
				return a.bucketPublic(gives)
			}))),
		cel.Function("bucket_external", cel.MemberOverload("asset_bucket_external", []*cel.Type{cel.DynType, strs}, cel.BoolType,
			cel.BinaryBinding(func(self, list ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("bucket_external() is a question about a bucket")
				}
				trusted, err := stringsOf(list)
				if err != nil {
					return types.WrapErr(err)
				}
				if a.gap != nil {
					a.st.hit(a.gap)
					return unknown
				}
				return a.bucketExternal(trusted)
			}))),
		cel.Function("is_log_target", cel.MemberOverload("asset_is_log_target", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(self ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("is_log_target() is a question about a bucket")
				}
				return a.isLogTarget()
			}))),
		principal("strong", (*assetRef).strong),
		principal("is_administrator", (*assetRef).isAdministrator),
		cel.Function("administrators_at_most", cel.MemberOverload("asset_administrators_at_most", []*cel.Type{cel.DynType, cel.IntType}, cel.BoolType,
			cel.BinaryBinding(func(self, n ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				most, isInt := n.(types.Int)
				if !ok || !isInt {
					return types.NewErr("administrators_at_most() is a question about an account, with a number")
				}
				return a.administratorsAtMost(int64(most))
			}))),
	}
}

// question is a question about the policy document of an asset.
type question struct {
	*blob
	asked *model.Asset
	query aws.PublicQuery
	list  []string
}

// ask puts a question; a resource policy that is not there lets nobody in.
func ask(self, doc, list ref.Val, trust bool, do func(question) ref.Val) ref.Val {
	a, ok := self.(*assetRef)
	if !ok {
		return types.NewErr("a question about an asset: asset.…(config.Policy)")
	}
	b, ok := doc.(*blob)
	if !ok {
		return types.NewErr("no policy document")
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	q := question{blob: b, asked: a.asset, query: a.st.publicQuery(a.asset)}
	if list != nil {
		var err error
		if q.list, err = stringsOf(list); err != nil {
			return types.WrapErr(err)
		}
	}
	kind := aws.KindResource
	if trust {
		kind = aws.KindTrust
	}
	return b.sure(do(q), kind)
}

// sure turns "no" into unknown where the document, or a part of it, was not
// understood. What AWS keeps is valid: a statement that makes no sense here may
// mean anything. Identity and trust policies are never without a document.
func (b *blob) sure(v ref.Val, kind aws.Kind) ref.Val {
	if v == types.True || types.IsUnknownOrError(v) {
		return v
	}
	if b.value == nil && kind != aws.KindResource {
		return b.undecided("the document is missing")
	}
	if odd := notUnderstood(b.read(kind).policy); len(odd) > 0 {
		return b.undecided(odd...)
	}
	return v
}

// notUnderstood says which parts of a policy were left out. That a pattern
// matches nothing is no such fault: it is what the pattern means.
func notUnderstood(p aws.Policy) []string {
	var out []string
	for _, d := range p.Diagnostics {
		if !strings.HasSuffix(d.Problem, " matches nothing") {
			out = append(out, d.String())
		}
	}
	return out
}

func (b *blob) resource() aws.Policy    { return b.read(aws.KindResource).policy }
func (b *blob) trustPolicy() aws.Policy { return b.read(aws.KindTrust).policy }

// public asks once how far the policy opens the asset; several controls of the
// asset want to know.
func (q question) public() aws.Answer {
	d := q.read(aws.KindResource)
	if d.public == nil || d.asked != q.asked {
		ans := aws.Public(d.policy, q.query)
		d.public, d.asked = &ans, q.asked
	}
	return *d.public
}

// assumable asks once who may assume the role.
func (q question) assumable() aws.TrustAnswer {
	d := q.read(aws.KindTrust)
	view := trustView{q.asked.Scope.Account, q.st.inventory}
	if d.trust == nil || d.trusts != view {
		ans := aws.AssumableBy(d.policy, q.query)
		d.trust, d.trusts = &ans, view
	}
	return *d.trust
}

func (q question) answer(ans aws.Answer) ref.Val { return q.blob.answer("policy", ans) }

// unlessOwn turns the finding that outsiders are let in into unknown where they
// are named accounts only, and the organization's accounts could not be listed:
// they may be its own.
func (q question) unlessOwn(v ref.Val, named bool) ref.Val {
	if v != types.True || !named {
		return v
	}
	for _, typ := range []string{organizationType, memberType} {
		if x := q.st.view.inv.types[typ]; x != nil && len(x.gaps) > 0 {
			q.st.hit(x.gaps[0])
			return unknown
		}
	}
	return v
}

// decide is true with reasons, and unknown where the engine could not tell.
func (q question) decide(known aws.Truth, why []string) ref.Val {
	q.note("policy", why)
	if known != aws.True {
		return q.undecided()
	}
	return types.True
}

// capable says whether one of the capabilities is open as far as a level.
func (q question) capable(ans aws.Answer, level aws.Level, gives []string) ref.Val {
	for _, g := range gives {
		if ans.Capabilities[aws.Capability(g)] >= level {
			ans.Value = aws.True
			return q.answer(ans)
		}
	}
	if ans.Value != aws.Unknown {
		ans.Value = aws.False
	}
	return q.answer(ans)
}

// trust says whether the trust policy lets in a caller that is meant.
func (q question) trust(meant func(aws.Assumer) bool) ref.Val {
	ans := q.assumable()
	var why []string
	for _, a := range ans.Assumers {
		if meant(a) {
			for _, c := range a.Because {
				why = append(why, c.String())
			}
			if len(a.Because) == 0 {
				why = append(why, "lets in "+a.Who)
			}
		}
	}
	q.note("trust", why)
	if len(why) > 0 {
		return types.True
	}
	if ans.Value == aws.Unknown || ans.Incomplete {
		return q.undecided()
	}
	return types.False
}

// lets says whether the trust policy lets in any caller of a kind, however well
// it is bound.
func (q question) lets(kind aws.AssumerKind) ref.Val {
	ans := q.assumable()
	switch {
	case slices.ContainsFunc(ans.Assumers, func(a aws.Assumer) bool { return a.Kind == kind }):
		return types.True
	case ans.Incomplete:
		return q.undecided()
	}
	return types.False
}

// answer notes what the engine found and turns it into a value of CEL.
func (b *blob) answer(name string, ans aws.Answer) ref.Val {
	return b.tell(name, found(ans))
}

const maxReasons = 6

func (b *blob) note(name string, why []string) {
	path := b.at.path(b.key)
	for i, w := range why {
		if i == maxReasons {
			break
		}
		b.st.note(model.Evidence{Asset: b.owner.ID, Path: path, Value: name, Note: w})
	}
}

func (b *blob) undecided(missing ...string) ref.Val {
	detail := "the policy has too many conditions to be decided"
	if len(missing) > 0 {
		detail = strings.Join(missing, "; ")
	}
	b.st.hit(&model.Gap{Scope: b.owner.Scope, Type: b.owner.Type, Asset: b.owner.ID, Path: b.at.path(b.key), Reason: model.Unresolved, Detail: detail})
	return unknown
}

// services are those that the document names: where to look, not what to answer.
func (b *blob) services() []string {
	var out []string
	for _, a := range named(b.value, "Action") {
		service, _, ok := strings.Cut(strings.ToLower(a), ":")
		if !ok || service == "*" {
			service = "zzany"
		}
		if !slices.Contains(out, service) {
			out = append(out, service)
		}
	}
	return append(out, "zzany")
}

// named returns the strings of an element of all statements.
func named(doc any, element string) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch t := v.(type) {
		case string:
			out = append(out, t)
		case []any:
			for _, e := range t {
				walk(e)
			}
		}
	}
	m, _ := doc.(map[string]any)
	statements := items(m["Statement"])
	if one, ok := m["Statement"].(map[string]any); ok {
		statements = []map[string]any{one}
	}
	for _, s := range statements {
		walk(s[element])
	}
	return out
}

func accountsText(accounts []string) []string {
	out := make([]string, len(accounts))
	for i, a := range accounts {
		out[i] = "lets in account " + a
		switch {
		case len(a) > 12 && !strings.HasPrefix(a, "o-"):
			out[i] = "lets in the account with canonical user id " + a
		case a == "*":
			out[i] = "lets in any account"
		case strings.HasPrefix(a, "o-"):
			out[i] = "lets in organization " + a
		}
	}
	return out
}

// publicQuery describes the asset that a resource policy belongs to.
func (st *state) publicQuery(a *model.Asset) aws.PublicQuery {
	id := strings.TrimSuffix(a.ID, ":*")
	q := st.home(a.Scope.Account)
	q.Resources = []string{id}
	q.Guardrails = st.resourceGuardrails(a)
	switch a.Type {
	case bucketType, "AWS::DynamoDB::Table":
		q.Resources = append(q.Resources, id+"/*")
	case "AWS::Lambda::Function", "AWS::Logs::LogGroup":
		q.Resources = append(q.Resources, id+":*")
	}
	return q
}

// home is what all queries of an account have in common. It is worked out once for
// each inventory, which is complete before the first question.
func (st *state) home(account string) aws.PublicQuery {
	view := trustView{account, st.inventory}
	if st.homeQuery.Account != "" && st.homeView == view {
		return st.homeQuery
	}
	q := aws.PublicQuery{Account: account, Now: st.now}
	for _, o := range st.view.inv.Assets(organizationType) {
		if org, ok := o.Config["Id"].(string); ok {
			q.OrgID = org
		}
	}
	for _, m := range st.view.inv.Assets(memberType) {
		if account, ok := m.Config["Id"].(string); ok {
			q.ZoneAccounts = append(q.ZoneAccounts, account)
		}
	}
	st.homeQuery, st.homeView = q.Prepared(), view
	return st.homeQuery
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
