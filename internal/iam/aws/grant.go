package aws

import (
	"maps"
	"slices"
	"strings"
)

// ceiling is one guardrail: the formula under which it lets the request pass.
type ceiling struct {
	step   Step
	detail string
	pass   Formula
}

func (d *decider) guardrails() []ceiling {
	var out []ceiling
	if d.scpApplies() {
		for i, level := range d.p.SCP {
			f, _ := d.allowed(level)
			if len(level) == 0 {
				f = constantOf(d.p.Switches.EmptySCPLevelPasses)
			}
			out = append(out, ceiling{StepSCP, "level " + itoa(i+1), f})
		}
		if why := d.p.Missing.SCP; why != "" {
			out = append(out, ceiling{StepSCP, "", unread("Allow in scp", why)})
		}
	}
	switch why := d.p.Missing.Endpoint; {
	case d.p.Endpoint != nil:
		f, _ := d.allowed([]Policy{*d.p.Endpoint})
		out = append(out, ceiling{StepEndpoint, "", f})
	case why != "":
		out = append(out, ceiling{StepEndpoint, "", unread("Allow in endpoint", why)})
	}
	return out
}

// callerSide is what the caller's own policies say: identity, boundary and
// session policy, and the statements of the identity policies that allow.
func (d *decider) callerSide() (identity, boundary, session Formula, cites []Cite) {
	p := d.p
	identity, cites = d.allowed(p.Identity)
	if p.Missing.Identity != "" {
		identity = or(identity, unread("Allow in identity", p.Missing.Identity))
	}
	boundary = always
	switch {
	case p.Boundary != nil:
		boundary, _ = d.allowed([]Policy{*p.Boundary})
	case p.Missing.Boundary != "":
		boundary = unread("Allow in boundary", p.Missing.Boundary)
	}
	session = always
	switch {
	case p.Session != nil:
		session, _ = d.allowed(p.Session)
	case p.Missing.Session != "":
		session = unread("Allow in session", p.Missing.Session)
	case d.r.Principal.Kind == FederatedUser:
		session = never // without a session policy it has no rights of its own
	}
	return identity, boundary, session, cites
}

// grantFormula is steps 3 to 6: who has to allow, by the kind of caller and the
// accounts.
func (d *decider) grantFormula() (Formula, []Cite) {
	sw := d.p.Switches
	unknown := d.unreadGrant()
	all, direct, role := or(d.side(classAny), unknown), or(d.side(classDirect), unknown), d.side(classRole)
	acct := d.side(classAccount)
	switch d.r.Principal.Kind {
	case Service:
		return or(d.side(classService), all), d.granted
	case Anonymous:
		return all, d.granted
	case Federated:
		return or(d.side(classFederated), unknown), d.granted
	}
	identity, boundary, session, cites := d.callerSide()
	cites = append(cites, d.granted...)
	if !d.same {
		return and(or(all, direct, role, acct), identity, boundary, session), cites
	}
	if d.r.Principal.Kind == Root {
		identity = always
	}
	delegated := always
	if d.ownerMustDelegate() {
		delegated = or(acct, unknown)
	}
	isSession := d.r.Principal.Kind == RoleSession || d.r.Principal.Kind == FederatedUser
	wildcard := all
	if isSession && sw.BoundaryLimitsWildcardGrant {
		wildcard = and(wildcard, boundary)
	}
	if isSession && sw.SessionPolicyLimitsWildcardGrant {
		wildcard = and(wildcard, session)
	}
	if isSession && sw.SessionPolicyLimitsSessionGrant {
		direct = and(direct, session)
	}
	return or(wildcard, direct, and(role, boundary, session), and(delegated, identity, boundary, session)), cites
}

// ownerMustDelegate: an account owns its resources implicitly, except KMS keys
// and roles to assume.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (d *decider) ownerMustDelegate() bool {
	if strings.HasPrefix(d.env.action, "sts:assumerole") {
		return true
	}
	return d.service == "kms" && strings.Contains(d.r.Resource, ":key/")
}

func (d *decider) kmsGrants() {
	if d.service != "kms" {
		return
	}
	for _, g := range d.p.Grants {
		e := awsEntry(principalEntry{text: g.Grantee, name: g.Grantee})
		if e.kind == entryDead {
			e.kind, e.name = entryService, serviceName(g.Grantee)
		}
		c := e.matches(d.r.Principal)
		if c == classNone || !slices.ContainsFunc(g.Operations, func(op string) bool { return strings.EqualFold("kms:"+op, d.env.action) }) {
			continue
		}
		f, ok := d.grantConstraints(g)
		if ok {
			d.grant(c, f, Cite{Policy: "grant", Why: "allows " + g.Grantee})
		}
	}
}

// grantConstraints compares the encryption context of the request.
func (d *decider) grantConstraints(g Grant) (Formula, bool) {
	const prefix = "kms:encryptioncontext:"
	parts := []Formula{always}
	for _, want := range []map[string]string{g.ContextEquals, g.ContextSubset} {
		for _, k := range slices.Sorted(maps.Keys(want)) {
			c, _ := newCondition("StringEquals", "kms:EncryptionContext:"+k, []string{want[k]}, "")
			p := Policy{Name: "grant"}
			parts = append(parts, d.env.condition(&p, &Statement{Index: 1}, c))
		}
	}
	if g.ContextEquals != nil {
		for k := range d.env.keys {
			if name, ok := strings.CutPrefix(k, prefix); ok && !hasFold(g.ContextEquals, name) {
				return never, false
			}
		}
	}
	f := and(parts...)
	return f, !f.False()
}

func hasFold(m map[string]string, name string) bool {
	for k := range m {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// decide turns the collected formulas into the decision.
func (d *decider) decide() Decision {
	out := Decision{Missing: d.missing}
	if len(d.denied) > 0 {
		out.Outcome, out.Step, out.Explicit = Deny, StepExplicitDeny, true
		out.Denied, out.Undetermined = sortedCites(d.denied), d.undetermined
		return out
	}
	escape := not(or(d.deny...))
	parts := []Formula{escape}
	rails := d.guardrails()
	for _, c := range rails {
		if c.pass.False() {
			out.Outcome, out.Step, out.Detail = Deny, c.step, c.detail
			return out
		}
		parts = append(parts, c.pass)
	}
	grant, cites := d.grantFormula()
	out.Granted = sortedCites(cites)
	if grant.False() {
		out.Outcome, out.Step = Deny, StepNoGrant
		return out
	}
	if d.switchCloses() {
		out.Outcome, out.Step, out.Detail = Deny, StepSwitch, "RestrictPublicBuckets"
		return out
	}
	phi := and(append(parts, grant)...).sorted()
	return d.conclude(out, phi)
}

func (d *decider) conclude(out Decision, phi Formula) Decision {
	out.Step = StepGranted
	switch {
	case phi.True():
		out.Outcome = Allow
		return out
	case !satisfiable(phi, openDomain):
		out.Outcome, out.Step = Deny, StepUnsatisfiable
		return out
	}
	for _, a := range phi.Atoms() {
		if a.missing() {
			out.Missing = append(out.Missing, a.Key+": "+strings.Join(a.Values, " "))
		}
	}
	if len(out.Missing) > len(d.missing) {
		slices.Sort(out.Missing)
		out.Missing = slices.Compact(out.Missing)
		out.Outcome = Undecided
		out.Residual = phi
		return out
	}
	out.Outcome, out.Residual = AllowIf, phi
	out.CallerChosen = callerAlone(phi)
	return out
}

// openDomain lets every key be absent or have any value of its kind.
func openDomain(key string) domain {
	switch {
	case key == dimAction || key == dimResource:
		return domain{mayBePresent: true}
	case key == "aws:securetransport": // always there
		return domain{mayBePresent: true, within: trueOrFalse}
	case boolKeys[key]:
		return domain{mayBeAbsent: true, mayBePresent: true, within: trueOrFalse}
	}
	return anyDomain
}

// boolKeys are the keys whose values are true and false.
var boolKeys = map[string]bool{
	"aws:multifactorauthpresent": true, "aws:principalisawsservice": true, "aws:viaawsservice": true, "aws:securetransport": true,
	"kms:grantisforawsresource": true, "kms:bypasspolicylockoutsafetycheck": true, "lambda:invokedviafunctionurl": true,
	"elasticfilesystem:accessedviamounttarget": true,
}

var trueOrFalse = []constraint{{globs: []glob{literalGlob("true"), literalGlob("false")}, want: true}}

// callerAlone reports whether the caller can make the formula true whatever the
// keys are that the caller does not choose.
func callerAlone(phi Formula) bool {
	for _, a := range phi.Atoms() {
		if a.Class != KeyCaller {
			return false
		}
	}
	return true
}

// switchCloses: with RestrictPublicBuckets and a public policy only services and
// the owner's principals are left.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func (d *decider) switchCloses() bool {
	if d.service != "s3" || !d.p.RestrictPublicBuckets || d.r.Principal.Kind == Service || d.same {
		return false
	}
	return slices.ContainsFunc(d.p.Resource, func(p Policy) bool { return S3PolicyStatusPublic(p).Value == True })
}

// Combine joins the decisions of the requests that one call needs: all have to
// be allowed.
func Combine(ds ...Decision) Decision {
	rank := map[Outcome]int{Deny: 3, Undecided: 2, AllowIf: 1, Allow: 0}
	out := Decision{Outcome: Allow, Step: StepGranted, CallerChosen: true}
	var parts []Formula
	for _, d := range ds {
		if rank[d.Outcome] > rank[out.Outcome] {
			residual := out.Residual
			out = d
			out.Residual = residual
		}
		parts = append(parts, d.Residual)
	}
	out.Residual = and(parts...).sorted()
	out.CallerChosen = out.Outcome == AllowIf && callerAlone(out.Residual)
	return out
}
