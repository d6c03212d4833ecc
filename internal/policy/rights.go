package policy

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/truth"
)

const (
	userType  = "AWS::IAM::User"
	groupType = "AWS::IAM::Group"
	roleType  = "AWS::IAM::Role"
)

// inlineOf are the members with the inline policies of a principal, by type.
var inlineOf = map[string]string{userType: "UserPolicyList", groupType: "GroupPolicyList", roleType: "RolePolicyList"}

// rights are all policies that together decide what a user, a group or a role
// may do.
type rights struct {
	of       *assetRef
	in       *Inventory
	docs     []document
	boundary *document
	// gaps are what of the policies could not be read, and limits what of the
	// boundary.
	gaps, limits []*model.Gap
	// rails are the service control policies over the account. That they may not be
	// read changes no answer: a member of an organization never sees them, and an
	// account full of administrators must not look undecided for that. The answer
	// is then the most that there can be, and its evidence says so. Where reading
	// them failed, it is unknown.
	rails *guardrails
	known aws.Context
	// self are the ARNs of what is the principal's own: itself, its groups and the
	// customer's policies that are attached.
	self []string

	admin, more *verdict // once they were asked for
}

// verdict is an answer with its reasons.
type verdict struct {
	value aws.Truth
	why   []string
	// fenced names the service control policies that take away what the other
	// policies give.
	fenced []string
}

// document is an identity policy, and what of it matters for escalation.
type document struct{ whole, part aws.Policy }

// managedPolicy is the default version of a managed policy, and what of it could
// not be read.
type managedPolicy struct {
	docs []document
	gaps []*model.Gap
}

// rights gathers the policies of a principal: inline and attached ones, of a user
// those of its groups too, and the permissions boundary.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (a *assetRef) rights() *rights {
	if h := a.st.held; h != nil && h.of.asset == a.asset && h.in == a.st.view.inv {
		return h
	}
	// The receiver is used again for the next asset, so what is kept is a copy.
	r := &rights{of: &assetRef{asset: a.asset, st: a.st}, in: a.st.view.inv}
	a.st.held = r
	r.rails = a.st.limitedBy(a.asset)
	r.known = a.st.principalContext(a.asset, r.rails)
	r.own(a.asset)
	if a.asset.Type == userType {
		groups, gap := member(a.asset, "GroupList")
		r.miss(gap)
		list, _ := groups.([]any)
		for _, g := range list {
			name, _ := g.(string)
			if group := a.st.view.inv.Find(groupType, name); group != nil {
				r.own(group)
				continue
			}
			r.miss(a.st.absent(groupType, name))
		}
	}
	if a.asset.Type == groupType { // a group has no boundary
		return r
	}
	v, gap := member(a.asset, "PermissionsBoundary")
	read := len(r.gaps)
	r.miss(gap)
	boundary, _ := v.(map[string]any)
	if arn, _ := boundary["PermissionsBoundaryArn"].(string); arn != "" {
		if docs := r.managed(arn); len(docs) == 1 {
			r.boundary = &docs[0]
		}
	}
	r.gaps, r.limits = r.gaps[:read:read], r.gaps[read:]
	return r
}

func (r *rights) miss(gap *model.Gap) {
	if gap != nil {
		r.gaps = append(r.gaps, gap)
	}
}

// own adds the inline and attached policies of one user, group or role.
func (r *rights) own(p *model.Asset) {
	r.self = append(r.self, p.ID)
	path := inlineOf[p.Type]
	inline, gap := member(p, path)
	r.miss(gap)
	for _, e := range items(inline) {
		name, _ := e["PolicyName"].(string)
		doc, gap := parseIdentity(p, path, name, e["PolicyDocument"])
		r.miss(gap)
		r.docs = append(r.docs, document{doc, doc})
	}
	attached, gap := member(p, "AttachedManagedPolicies")
	r.miss(gap)
	for _, e := range items(attached) {
		arn, _ := e["PolicyArn"].(string)
		r.docs = append(r.docs, r.managed(arn)...)
		if !strings.Contains(arn, ":iam::aws:") {
			r.self = append(r.self, arn)
		}
	}
}

// parseIdentity reads the document of an identity policy, with the gap of what was
// not understood.
func parseIdentity(owner *model.Asset, path, name string, doc any) (aws.Policy, *model.Gap) {
	p := aws.Parse(doc, aws.KindIdentity)
	p.Name = name
	odd := notUnderstood(p)
	if doc == nil {
		odd = append(odd, "the document is missing")
	}
	if len(odd) == 0 {
		return p, nil
	}
	return p, &model.Gap{
		Scope: owner.Scope, Type: owner.Type, Asset: owner.ID, Path: path, Reason: model.Unresolved, Detail: strings.Join(odd, "; "),
	}
}

// managed are the default versions of a managed policy: one, unless they could
// not be read. Two policies of AWS are known by name: they decide also where the
// policies were not listed.
func (r *rights) managed(arn string) []document {
	st := r.of.st
	p := st.view.inv.Find(managedPolicyType, arn)
	if p == nil {
		for name, action := range wellKnown {
			if strings.HasSuffix(arn, ":iam::aws:policy/"+name) {
				doc := aws.Parse(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
					"Effect": "Allow", "Action": action, "Resource": "*",
				}}, aws.KindIdentity)
				doc.Name = name
				return []document{{doc, doc}}
			}
		}
		r.miss(st.absent(managedPolicyType, arn))
		return nil
	}
	m, ok := st.managed[p]
	if !ok {
		m = readManaged(p)
		if st.managed == nil || len(st.managed) >= maxBuilt {
			st.managed = map[*model.Asset]managedPolicy{}
		}
		st.managed[p] = m
	}
	r.gaps = append(r.gaps, m.gaps...)
	return m.docs
}

func readManaged(p *model.Asset) (m managedPolicy) {
	versions, gap := member(p, "PolicyVersionList")
	if gap != nil {
		m.gaps = append(m.gaps, gap)
		return m
	}
	for _, v := range items(versions) {
		if v["IsDefaultVersion"] == true {
			doc, gap := parseIdentity(p, "PolicyVersionList", p.Name, v["Document"])
			m.docs = append(m.docs, document{doc, aws.EscalationPart(doc)})
			if gap != nil {
				m.gaps = append(m.gaps, gap)
			}
		}
	}
	if len(m.docs) == 0 {
		m.gaps = append(m.gaps, &model.Gap{
			Scope: p.Scope, Type: p.Type, Asset: p.ID, Path: "PolicyVersionList", Reason: model.Unresolved, Detail: "no version is the default",
		})
	}
	return m
}

// wellKnown are policies of AWS whose text does not change, with what they allow
// on every resource.
var wellKnown = map[string]any{"AdministratorAccess": "*", "IAMFullAccess": "iam:*"}

// asked are the policies, or their parts that matter for escalation, and the
// boundary as far as it was read; without service control policies.
func (r *rights) asked(part bool) aws.Rights {
	pick := func(d document) aws.Policy {
		if part {
			return d.part
		}
		return d.whole
	}
	out := aws.Rights{Context: r.known, Self: r.self, Now: r.of.st.now}
	for _, d := range r.docs {
		out.Identity = append(out.Identity, pick(d))
	}
	if r.boundary != nil && len(r.limits) == 0 {
		b := pick(*r.boundary)
		out.Boundary = &b
	}
	return out
}

// within asks first without, then with the service control policies: most
// principals have little, and need no second question.
func (r *rights) within(given aws.Rights, ask func(aws.Rights) (aws.Truth, []string)) verdict {
	v := verdict{}
	v.value, v.why = ask(given)
	if v.value != aws.True || len(r.rails.levels) == 0 {
		return v
	}
	limited := given
	limited.SCP = r.rails.ceilings()
	if v.value, v.why = ask(limited); v.value == aws.False {
		v.fenced = r.rails.closes(given, func(g aws.Rights) bool { t, _ := ask(g); return t != aws.False })
	}
	return v
}

// administrator says whether the policies together give everything; the reasons
// are the statements.
func (r *rights) administrator() verdict {
	if r.admin == nil {
		v := r.within(r.asked(false), func(g aws.Rights) (aws.Truth, []string) {
			a := g.Administrator()
			var why []string
			for _, c := range a.Because {
				why = append(why, c.String())
			}
			return a.Value, why
		})
		v.value = r.weigh(v.value)
		r.admin = &v
	}
	return *r.admin
}

// escalates says whether they let the holder become one.
func (r *rights) escalates() verdict {
	if r.more == nil {
		v := r.within(r.asked(true), func(g aws.Rights) (aws.Truth, []string) {
			var why []string
			for _, e := range g.BroadEscalations(maxReasons) {
				why = append(why, strings.Join(e.Actions, " + ")+": "+e.Gain)
			}
			return truth.Of(len(why) > 0), why
		})
		v.value = r.weigh(v.value)
		r.more = &v
	}
	return *r.more
}

// weigh takes into account what could not be read: a policy may give more or
// deny what another gives, a boundary and the organization can only take away.
func (r *rights) weigh(v aws.Truth) aws.Truth {
	if len(r.gaps) > 0 || v == aws.True && (len(r.limits) > 0 || len(r.rails.failed()) > 0) {
		return aws.Unknown
	}
	return v
}

// told turns an answer into a value of CEL, with its reasons in the evidence.
func (r *rights) told(st *state, what string, v verdict) ref.Val {
	switch v.value {
	case aws.True:
		if len(r.rails.unread) > 0 {
			st.note(r.rails.unreadNote(r.of.asset.ID))
		}
		for _, w := range v.why {
			st.note(model.Evidence{Asset: r.of.asset.ID, Path: "policies", Value: what, Note: w})
		}
		return types.True
	case aws.False:
		for _, f := range v.fenced {
			st.note(model.Evidence{Asset: r.of.asset.ID, Path: controlPolicies, Value: f, Note: "take away what the principal's own policies give: " + what})
		}
		return types.False
	}
	for _, g := range r.why() {
		st.hit(g)
	}
	return unknown
}

// why is what an unknown answer is due to.
func (r *rights) why() []*model.Gap {
	if gaps := slices.Concat(r.gaps, r.limits, r.rails.failed()); len(gaps) > 0 {
		return gaps
	}
	a := r.of.asset
	return []*model.Gap{{Scope: a.Scope, Type: a.Type, Asset: a.ID, Reason: model.Unresolved, Detail: "the policies have too many conditions to be decided"}}
}

// isAdministrator says whether all policies of a principal together give
// everything.
func (a *assetRef) isAdministrator() ref.Val {
	r := a.rights()
	return r.told(a.st, "administrator", r.administrator())
}

// strong says whether they make an administrator, or let their holder become
// one.
func (a *assetRef) strong() ref.Val {
	r := a.rights()
	v := r.administrator()
	if v.value != aws.True {
		more := r.escalates()
		v = verdict{value: v.value.Or(more.value), why: more.why, fenced: append(v.fenced, more.fenced...)}
	}
	return r.told(a.st, "strong", v)
}

// administratorsAtMost says whether no more than n users and roles of the account
// are administrators. Members of groups are counted one by one, and the roles of
// services that AWS keeps are not.
func (a *assetRef) administratorsAtMost(n int64) ref.Val {
	var gaps []*model.Gap
	sure := []string{}
	for _, typ := range []string{userType, roleType} {
		if gap := a.st.view.inv.failed(typ, ""); gap != nil {
			gaps = append(gaps, gap)
		}
		for _, p := range a.st.view.inv.Assets(typ) {
			if p.ManagedBy != "" {
				continue
			}
			r := (&assetRef{asset: p, st: a.st}).rights()
			switch r.administrator().value {
			case aws.True:
				sure = append(sure, p.ID)
				if len(sure) == 1 && len(r.rails.unread) > 0 {
					a.st.note(r.rails.unreadNote(""))
				}
			case aws.Unknown:
				gaps = append(gaps, r.why()[0])
			}
		}
	}
	a.st.note(model.Evidence{Path: "administrators", Value: int64(len(sure))})
	for i, id := range sure {
		if i == maxReasons {
			a.st.note(model.Evidence{Path: "administrators", Value: "and others", Note: fmt.Sprintf("%d more", len(sure)-i)})
			break
		}
		a.st.note(model.Evidence{Asset: id, Path: "policies", Value: "administrator"})
	}
	switch {
	case int64(len(sure)) > n:
		return types.False
	case len(gaps) == 0:
		return types.True
	}
	for _, g := range gaps {
		a.st.hit(g)
	}
	return unknown
}

// usesOfPrincipal declares which members a question about a principal reads.
func usesOfPrincipal(function string) {
	for typ, members := range map[string][]string{
		userType:  {"UserPolicyList", "AttachedManagedPolicies", "GroupList", "PermissionsBoundary"},
		groupType: {"GroupPolicyList", "AttachedManagedPolicies"},
		roleType:  {"RolePolicyList", "AttachedManagedPolicies", "PermissionsBoundary"},
	} {
		usesMembersOf(function, typ, typ, members...)
	}
	usesOf(function, userType, groupType)
	usesMembersOf(function, userType, groupType, "GroupPolicyList", "AttachedManagedPolicies")
	usesMembers(function, managedPolicyType, "PolicyVersionList")
}
