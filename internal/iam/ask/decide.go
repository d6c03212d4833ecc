package ask

import "strings"

// Request is one thing that a caller wants to do.
type Request struct {
	Caller   Caller
	Action   string
	Resource string // an ARN, or "*" for actions without a resource type
	// Owner is the account of the resource, Management says that it, or the
	// caller's, is the management account of its organization.
	Owner            string
	CallerManagement bool
	OwnerManagement  bool
	Context          Context
	// Unknown are keys whose value nobody knows.
	Unknown map[string]bool

	low string // the action in lower case
}

func (r *Request) action() string {
	if r.low == "" {
		r.low = strings.ToLower(r.Action)
	}
	return r.low
}

// Policies are all policies that bear on a request. A level of SCP or RCP holds
// the policies attached at the root, at an organizational unit, or at the
// account; no levels mean no organization.
type Policies struct {
	Identity []Policy
	Boundary *Policy
	Session  *Policy
	Resource []Policy
	SCP      [][]Policy
	RCP      [][]Policy
	// Unread names kinds that could not be read: identity, resource, boundary,
	// session, scp, rcp.
	Unread []string
}

// Effect is the outcome of a decision.
type Effect uint8

// The outcomes.
const (
	ImplicitDeny Effect = iota
	ExplicitDeny
	Allowed
	Undecided
)

// String returns the outcome in words.
func (e Effect) String() string {
	return [...]string{"implicit deny", "explicit deny", "allow", "undecided"}[e]
}

// Decision is the outcome with what decided it.
type Decision struct {
	Effect Effect
	// Step names what decided: "explicit deny", "scp", "boundary", "grant" …
	Step string
	// Statements granted or denied.
	Statements []string
}

// Decide evaluates a request against all policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func Decide(r *Request, p *Policies) Decision {
	unread := map[string]bool{}
	for _, k := range p.Unread {
		unread[k] = true
	}
	same := r.Caller.Account != "" && r.Caller.Account == r.Owner
	person := r.Caller.Kind == User || r.Caller.Kind == RoleSession || r.Caller.Kind == RootUser
	scpBinds := person && !r.CallerManagement
	rcpBinds := !r.OwnerManagement

	// Every Deny, wherever it stands, decides first.
	denied, deniedMaybe := no, no
	var by []string
	deny := func(ps []Policy, binds bool) {
		if !binds {
			return
		}
		for i := range ps {
			t, s := ps[i].denies(r)
			if t == yes {
				denied = yes
				by = append(by, s)
			}
			deniedMaybe = max(deniedMaybe, t)
		}
	}
	deny(p.Identity, person)
	deny(p.Resource, true)
	deny(one(p.Boundary), person)
	deny(one(p.Session), person)
	for _, level := range p.SCP {
		deny(level, scpBinds)
	}
	for _, level := range p.RCP {
		deny(level, rcpBinds)
	}
	if denied == yes {
		return Decision{ExplicitDeny, "explicit deny", by}
	}
	open := yes
	if deniedMaybe == maybe || len(unread) > 0 {
		open = maybe
	}
	for _, level := range p.SCP {
		if !scpBinds {
			break
		}
		t, _ := anyAllow(level, r)
		if t == no {
			return Decision{ImplicitDeny, "scp", nil}
		}
		open = min(open, t)
	}
	for _, level := range p.RCP {
		if !rcpBinds {
			break
		}
		t, _ := anyAllow(level, r)
		if t == no {
			return Decision{ImplicitDeny, "rcp", nil}
		}
		open = min(open, t)
	}
	grant := p.grant(r, same)
	switch min(open, grant.truth) {
	case yes:
		return Decision{Allowed, "grant", grant.by}
	case maybe:
		return Decision{Undecided, "unknown", grant.by}
	}
	if len(unread) > 0 {
		return Decision{Undecided, "unread policies", nil}
	}
	return Decision{ImplicitDeny, grant.step, nil}
}

type granted struct {
	truth tri
	step  string
	by    []string
}

// grant decides whether something allows, after all Denies were looked at.
func (p *Policies) grant(r *Request, same bool) granted {
	classes := map[class]tri{}
	var by []string
	for i := range p.Resource {
		for j := range p.Resource[i].Statements {
			s := &p.Resource[i].Statements[j]
			if !s.Allow {
				continue
			}
			n := s.names(&r.Caller)
			if n == notNamed {
				continue
			}
			if t := p.Resource[i].applies(s, r); t > no {
				classes[n] = max(classes[n], t)
				by = append(by, s.String())
			}
		}
	}
	switch r.Caller.Kind {
	case ServicePrincipal:
		return granted{max(classes[byService], classes[anyone]), "resource policy", by}
	case FederatedIdentity:
		return granted{max(classes[byFederation], classes[anyone]), "trust policy", by}
	case Anonymous:
		return granted{classes[anyone], "resource policy", by}
	}
	identity, statements := anyAllow(p.Identity, r)
	if r.Caller.Kind == RootUser && same {
		identity = yes
	}
	by = append(by, statements...)
	boundary, session := yes, yes
	if p.Boundary != nil {
		boundary, _ = anyAllow(one(p.Boundary), r)
	}
	if p.Session != nil {
		session, _ = anyAllow(one(p.Session), r)
	}
	ceiling := min(boundary, session)
	if !same {
		resource := max(classes[anyone], classes[direct], classes[byRole], classes[byAccount])
		return granted{min(resource, identity, ceiling), "cross account", by}
	}
	// A grant to the user, the session or everybody needs nothing else in the
	// same account; one to the role replaces only the identity policy; and where
	// resources do not trust their account by themselves (keys, roles), the
	// identity policy counts only if the account is named.
	trust := yes
	if trustsByName(r.Action) {
		trust = classes[byAccount]
	}
	t := max(classes[anyone], classes[direct], min(classes[byRole], ceiling), min(trust, identity, ceiling))
	step := "identity policy"
	switch {
	case identity == no && classes[byRole] == no:
	case boundary == no:
		step = "boundary"
	case session == no:
		step = "session policy"
	case trust == no:
		step = "resource policy"
	}
	return granted{t, step, by}
}

// trustsByName says whether the resources of an action grant nothing to their
// own account unless their policy names it.
func trustsByName(action string) bool {
	return len(action) > 4 && (action[:4] == "kms:" || len(action) >= 14 && action[:14] == "sts:AssumeRole")
}

func one(p *Policy) []Policy {
	if p == nil {
		return nil
	}
	return []Policy{*p}
}

// applies says whether a statement's action, resource and conditions match.
func (p *Policy) applies(s *Statement, r *Request) tri {
	if !s.covers(r.action(), r.Resource, r.Context, p) {
		return no
	}
	t := yes
	for i := range s.Conditions {
		t = min(t, s.Conditions[i].holds(r.Context, r.Unknown, p.Variables))
		if t == no {
			return no
		}
	}
	return t
}

func (s *Statement) covers(action, resource string, ctx Context, p *Policy) bool {
	hit := false
	for _, a := range s.Actions {
		if actionMatches(a, action) {
			hit = true
			break
		}
	}
	if hit == s.NotAction {
		return false
	}
	hit = false
	for _, res := range s.Resources {
		if p.Variables {
			expanded, ok := expand(res, ctx)
			if !ok {
				continue
			}
			res = expanded
		}
		if resourceMatches(res, resource, p.Kind) || p.Kind == Trust {
			hit = true
			break
		}
	}
	return hit != s.NotRes
}

func (p *Policy) denies(r *Request) (tri, string) {
	t, by := no, ""
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Allow || p.hasPrincipals() && s.names(&r.Caller) == notNamed {
			continue
		}
		if a := p.applies(s, r); a > t {
			t, by = a, s.String()
		}
	}
	return t, by
}

func (p *Policy) hasPrincipals() bool { return p.Kind == Resource || p.Kind == Trust || p.Kind == RCP }

func anyAllow(ps []Policy, r *Request) (tri, []string) {
	t := no
	var by []string
	for i := range ps {
		for j := range ps[i].Statements {
			s := &ps[i].Statements[j]
			if !s.Allow {
				continue
			}
			if a := ps[i].applies(s, r); a > no {
				t = max(t, a)
				by = append(by, s.String())
			}
		}
	}
	return t, by
}
