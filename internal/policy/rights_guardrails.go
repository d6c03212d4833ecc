package policy

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

const (
	unitType      = "AWS::Organizations::OrganizationalUnit"
	orgPolicyType = "AWS::Organizations::Policy"

	controlPolicy         = "SERVICE_CONTROL_POLICY"
	resourceControlPolicy = "RESOURCE_CONTROL_POLICY"
	// controlPolicies is how evidence calls them.
	controlPolicies = "service control policies"
)

// guardrails are the service control policies over the principals of an account,
// or the resource control policies over its resources. They only take away, so what is not known of them leaves more rights than there
// are: an answer without them is the most that a principal can have.
//
// Members of an organization see its policies only as delegated administrators.
// They are taken from where they can be read: the account itself, or the
// management account when it is in the same scan.
//
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
type guardrails struct {
	in      *Inventory
	account string
	kind    string // of the two types of policies

	// levels are the root, the units and the account, root first; none where no
	// policy of the kind applies.
	levels []railLevel
	// denies are the policies of all levels that deny something.
	denies []aws.Policy
	// paths are the account's aws:PrincipalOrgPaths, if known.
	paths []string
	// unread says why they are not known, or not all of them.
	unread []*model.Gap
}

// railLevel are the policies at one level. A level that is not known in whole
// allows everything, but what its known policies deny is denied.
type railLevel struct {
	target   string
	policies []aws.Policy
	partly   bool
}

// guardrailTypes are the assets that tell the service control policies over an
// account.
func guardrailTypes() []string {
	return []string{organizationType, memberType, unitType, orgPolicyType}
}

// usesGuardrails declares that a function looks at service control policies, in
// the management account if need be.
func usesGuardrails(function string) {
	usesElsewhere(function, guardrailTypes()...)
	usesMembers(function, organizationType, "Roots")
	usesMembers(function, memberType, "Parents")
	usesMembers(function, orgPolicyType, "Content", "Targets")
}

// everything is what a level allows that is not known in whole.
var everything = aws.Parse(map[string]any{
	"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"},
}, aws.KindSCP)

// guardrails gathers the service control policies over the account, once for all
// its principals.
func (st *state) guardrails(account string) *guardrails {
	return st.over(&st.rails, account, controlPolicy)
}

// resourceGuardrails are the resource control policies over an asset, as far as
// they are known. What is not known of them closes nothing.
func (st *state) resourceGuardrails(a *model.Asset) []aws.Policy {
	service := strings.SplitN(a.ID, ":", 4)
	if a.Type != roleType && (len(service) < 4 || !fenced[service[2]]) {
		return nil
	}
	return st.over(&st.fences, a.Scope.Account, resourceControlPolicy).denies
}

// fenced are the services whose resources resource control policies bind; trust in
// roles belongs to STS.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
var fenced = map[string]bool{
	"s3": true, "sts": true, "kms": true, "sqs": true, "secretsmanager": true, "ecr": true, "aoss": true, "dynamodb": true, "logs": true, "cognito-idp": true,
}

func (st *state) over(held **guardrails, account, kind string) *guardrails {
	inv := st.view.inv
	if g := *held; g != nil && g.in == inv && g.account == account {
		return g
	}
	g := &guardrails{in: inv, account: account, kind: kind}
	*held = g
	if source := g.source(); source != nil && g.place(source) {
		g.read(source)
	}
	return g
}

// source is the inventory that holds the organization's policies, nil where none
// apply: outside of an organization, in the management account, or where only the
// bill is shared. It is nil as well where that is not known.
func (g *guardrails) source() *Inventory {
	orgs := g.in.Assets(organizationType)
	if len(orgs) == 0 {
		if gap := g.in.failed(organizationType, ""); gap != nil {
			g.unread = append(g.unread, gap)
		}
		return nil
	}
	org := orgs[0]
	for _, m := range []string{"Enabled", "FeatureSet", "MasterAccountId"} {
		if _, gap := member(org, m); gap != nil {
			g.unread = append(g.unread, gap)
			return nil
		}
	}
	manager, _ := org.Config["MasterAccountId"].(string)
	switch {
	case org.Config["Enabled"] == false, org.Config["FeatureSet"] == "CONSOLIDATED_BILLING", manager == g.account:
		return nil
	case manager == "":
		g.miss(org, "MasterAccountId", "which account manages the organization is not known")
		return nil
	}
	if up := g.in.elsewhere(manager); up != nil && up != g.in && len(up.Assets(orgPolicyType)) > 0 {
		return up
	}
	return g.in
}

func (g *guardrails) miss(a *model.Asset, path, detail string) {
	g.unread = append(g.unread, &model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: model.Unresolved, Detail: detail})
}

// absent is a gap of something that is not there and whose listing did not fail.
func (g *guardrails) absent(source *Inventory, typ, detail string) {
	gap := source.failed(typ, "")
	if gap == nil {
		gap = &model.Gap{Scope: model.Scope{Provider: model.AWS, Account: g.account}, Type: typ, Reason: model.Unresolved, Detail: detail}
	}
	g.unread = append(g.unread, gap)
}

// place finds the levels over the account; false when they are not known, or none
// of them can have such a policy.
func (g *guardrails) place(source *Inventory) bool {
	a := source.Find(memberType, g.account)
	if a == nil {
		g.absent(source, memberType, "where account "+g.account+" stands in the organization is not known")
		return false
	}
	paths, gap := member(a, "Paths")
	if gap != nil {
		g.unread = append(g.unread, gap)
		return false
	}
	list, _ := paths.([]any)
	for _, p := range list {
		if text, ok := p.(string); ok { // o-1/r-1/ou-1/111122223333/, of which conditions see all but the account
			g.paths = append(g.paths, strings.TrimSuffix(text, g.account+"/"))
		}
	}
	var targets []string
	if len(g.paths) > 0 {
		targets = append(strings.Split(strings.Trim(g.paths[0], "/"), "/")[1:], g.account)
	} else if targets = g.climb(source, a); targets == nil {
		return false
	}
	if slices.ContainsFunc(source.Assets(organizationType), func(o *model.Asset) bool { return hasNone(o, targets[0], g.kind) }) {
		return false
	}
	for _, t := range targets {
		g.levels = append(g.levels, railLevel{target: t})
	}
	return true
}

// climb goes from the account to the root, for answers that have no paths.
func (g *guardrails) climb(source *Inventory, a *model.Asset) []string {
	parents, gap := member(a, "Parents")
	if gap != nil {
		g.unread = append(g.unread, gap)
		return nil
	}
	targets, at := []string{g.account}, ""
	for _, p := range items(parents) {
		at, _ = p["Id"].(string)
	}
	for at != "" && len(targets) < 10 { // units stand five deep
		targets = append(targets, at)
		if strings.HasPrefix(at, "r-") {
			slices.Reverse(targets)
			return targets
		}
		unit := source.Find(unitType, at)
		if unit == nil {
			break
		}
		at, _ = unit.Config["ParentId"].(string)
	}
	g.absent(source, unitType, "where account "+g.account+" stands in the organization is not known")
	return nil
}

// hasNone says that the root is known to have the policies of a type switched off:
// then none is attached anywhere.
func hasNone(org *model.Asset, root, kind string) bool {
	roots, gap := member(org, "Roots")
	if gap != nil {
		return false
	}
	for _, r := range items(roots) {
		kinds, known := r["PolicyTypes"].([]any)
		if r["Id"] != root || !known {
			continue
		}
		return !slices.ContainsFunc(items(kinds), func(k map[string]any) bool { return k["Type"] == kind && k["Status"] == "ENABLED" })
	}
	return false
}

// read puts the policies at their levels.
func (g *guardrails) read(source *Inventory) {
	unlisted := source.failed(orgPolicyType, "")
	if unlisted != nil {
		g.unread = append(g.unread, unlisted)
	}
	for _, p := range source.Assets(orgPolicyType) {
		typ, gap := member(p, "Type")
		targets, unknown := member(p, "Targets")
		if gap == nil && typ != g.kind {
			continue
		}
		if gap == nil {
			gap = unknown
		}
		if gap != nil { // it may stand anywhere
			g.unread = append(g.unread, gap)
			for i := range g.levels {
				g.levels[i].partly = true
			}
			continue
		}
		for _, t := range items(targets) {
			id, _ := t["TargetId"].(string)
			if i := slices.IndexFunc(g.levels, func(l railLevel) bool { return l.target == id }); i >= 0 {
				g.attach(&g.levels[i], p)
			}
		}
	}
	for i := range g.levels {
		l := &g.levels[i]
		switch {
		case unlisted != nil:
			l.partly = true
		case g.kind == controlPolicy && len(l.policies) == 0 && !l.partly:
			// One is attached at least, always: what was read is not all.
			g.absent(source, orgPolicyType, "no service control policy was found at "+l.target+", where there is always one")
			l.partly = true
		}
		if l.partly {
			l.policies = append(l.policies, everything)
		}
	}
}

// attach reads one policy for a level.
func (g *guardrails) attach(l *railLevel, p *model.Asset) {
	content, gap := member(p, "Content")
	kind := aws.KindSCP
	if g.kind == resourceControlPolicy {
		kind = aws.KindRCP
	}
	doc := aws.Parse(content, kind)
	doc.Name = p.Name
	if gap == nil {
		odd := notUnderstood(doc)
		if content == nil {
			odd = append(odd, "the document is missing")
		}
		if len(odd) > 0 {
			gap = &model.Gap{Scope: p.Scope, Type: p.Type, Asset: p.ID, Path: "Content", Reason: model.Unresolved, Detail: strings.Join(odd, "; ")}
		}
	}
	if gap != nil {
		g.unread, l.partly = append(g.unread, gap), true
	}
	l.policies = append(l.policies, doc)
	if slices.ContainsFunc(doc.Statements(), func(s aws.Statement) bool { return !s.Allow }) {
		g.denies = append(g.denies, doc)
	}
}

// ceilings are the policies of all levels.
func (g *guardrails) ceilings() [][]aws.Policy {
	out := make([][]aws.Policy, len(g.levels))
	for i := range g.levels {
		out[i] = g.levels[i].policies
	}
	return out
}

// closes says which level takes away what the rights would give without them.
func (g *guardrails) closes(without aws.Rights, still func(aws.Rights) bool) []string {
	for i := range g.levels {
		without.SCP = [][]aws.Policy{g.levels[i].policies}
		if still(without) {
			continue
		}
		var names []string
		for _, p := range g.levels[i].policies {
			if p.Name != "" {
				names = append(names, p.Name)
			}
		}
		return []string{g.levels[i].target + ": " + strings.Join(names, ", ")}
	}
	return []string{"several levels together"}
}

// failed are the gaps that another scan may not have: those are no matter of what
// the account is allowed to see.
func (g *guardrails) failed() []*model.Gap {
	var out []*model.Gap
	for _, gap := range g.unread {
		switch gap.Reason {
		case model.Denied, model.Unsupported, model.Unresolved, model.Skipped:
		default:
			out = append(out, gap)
		}
	}
	return out
}

// unreadNote is the evidence that an answer is the most there can be.
func (g *guardrails) unreadNote(asset string) model.Evidence {
	return model.Evidence{Asset: asset, Path: controlPolicies, Value: "not read", Note: "they can only take rights away: " + gapText([]model.Gap{*g.unread[0]})}
}
