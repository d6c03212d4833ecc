package aws

import (
	"slices"
	"strings"
)

// Switches choose between readings on which vendor text and observation, or two
// readings of the text, differ. The zero value is what the vendor's text says.
type Switches struct {
	// SessionPolicyLimitsSessionGrant lets a session policy deny implicitly what
	// a resource policy grants to exactly that session.
	SessionPolicyLimitsSessionGrant bool
	// BoundaryLimitsWildcardGrant lets a boundary deny implicitly what a
	// resource policy grants to everyone.
	BoundaryLimitsWildcardGrant bool
	// SessionPolicyLimitsWildcardGrant does the same for session policies.
	SessionPolicyLimitsWildcardGrant bool
	// EndpointPrincipalIgnored takes the principal element of an endpoint
	// policy as matching everyone.
	EndpointPrincipalIgnored bool
	// PartialNotPrincipalExempts lets a Deny with NotPrincipal spare a caller of
	// which only some levels are listed.
	PartialNotPrincipalExempts bool
	// EmptySCPLevelPasses lets a level without any SCP pass.
	EmptySCPLevelPasses bool
	// KeepUnresolvedVariables lets a negated condition whose variable is missing
	// hold, instead of voiding the statement.
	KeepUnresolvedVariables bool
}

// Missing says which policies could not be read, and why. Empty means that it
// was read, or that there is none.
type Missing struct {
	Identity, Boundary, Session, SCP, RCP, Endpoint, Resource, Grants, BlockPublic string
}

// Grant is a KMS grant.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
type Grant struct {
	// Grantee is the ARN of a user, role, session or account root, or a service
	// principal.
	Grantee string
	// Operations are names as in the API: "Decrypt".
	Operations []string
	// ContextEquals and ContextSubset are its encryption-context constraints.
	ContextEquals, ContextSubset map[string]string
}

// Policies are all policies that bear on one request.
type Policies struct {
	Identity []Policy
	Boundary *Policy
	Session  []Policy
	// SCP holds the policies attached at each level of the caller's account,
	// root first; nil where no SCPs apply.
	SCP [][]Policy
	// RCP is the same for the resource's account. Only their Deny statements
	// count, because RCPFullAWSAccess cannot be detached.
	RCP      [][]Policy
	Endpoint *Policy
	Resource []Policy
	Grants   []Grant
	// ACL are the grants of the access control lists of the bucket and the
	// object, where ownership and block settings leave them in force.
	ACL []ACLGrant
	// RestrictPublicBuckets is the S3 setting that is in force for the bucket:
	// the OR of bucket, account and organization.
	RestrictPublicBuckets bool
	Missing               Missing
	Switches              Switches
}

// Outcome is what a request comes to.
type Outcome string

// The outcomes. AllowIf allows when the residual holds; Undecided lacks a
// policy that could not be read.
const (
	Allow     Outcome = "allow"
	Deny      Outcome = "deny"
	AllowIf   Outcome = "allow-if"
	Undecided Outcome = "unknown"
)

// Step is where a decision fell.
type Step string

// The steps, in the order in which causes are reported.
const (
	StepHardRule      Step = "hard rule"
	StepExplicitDeny  Step = "explicit deny"
	StepSCP           Step = "scp"
	StepRCP           Step = "rcp"
	StepEndpoint      Step = "endpoint"
	StepNoGrant       Step = "no grant"
	StepUnsatisfiable Step = "unsatisfiable"
	StepSwitch        Step = "switch"
	StepGranted       Step = "granted"
)

// Decision is the answer to one request, with its reasons. The same request and
// policies give the same Decision.
type Decision struct {
	Outcome Outcome
	Step    Step
	// Explicit says that a Deny statement matched.
	Explicit bool
	// Undetermined says that the denying statement lists only some levels of
	// the caller in NotPrincipal; services differ on that.
	Undetermined bool
	// Residual is what has to hold for AllowIf.
	Residual Formula
	// CallerChosen says that the caller alone can make the residual hold: it is
	// as good as Allow to an attacker.
	CallerChosen bool
	// Granted and Denied are the statements that decided; Detail explains a
	// step that is no statement ("level 2").
	Granted, Denied []Cite
	Detail          string
	// Missing lists the facts that were needed and not known.
	Missing []string
}

// Allowed reports whether the outcome is Allow.
func (d Decision) Allowed() bool { return d.Outcome == Allow }

// Decide answers a request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Decide(r Request, p Policies) Decision {
	d := newDecider(r, &p)
	if hard, ok := d.hardRules(); ok {
		return hard
	}
	d.collect()
	return d.decide()
}

// decider holds one decision while it is being made.
type decider struct {
	r       Request
	p       *Policies
	env     *env
	service string
	owner   string
	same    bool

	deny         []Formula
	denied       []Cite // statements whose Deny certainly matches
	undetermined bool
	sawDeny      bool
	skipResource bool // resource policy Deny statements do not apply

	grants  map[class]Formula // the resource side
	granted []Cite
	missing []string
}

func newDecider(r Request, p *Policies) *decider {
	d := &decider{r: r, p: p, grants: map[class]Formula{}}
	d.owner = r.owner()
	account := r.Principal.AccountID()
	d.same = account != "" && account == d.owner
	d.service, _, _ = strings.Cut(strings.ToLower(r.Action), ":")
	d.env = &env{
		principal: r.Principal, bounded: p.Boundary != nil, action: strings.ToLower(r.Action),
		resource: r.Resource, keys: r.Context.lower(), switches: p.Switches,
	}
	principalKeys(r.Principal, d.env.set)
	d.env.set("aws:resourceaccount", d.owner)
	d.env.set("aws:resourceorgid", r.ResourceOrgID)
	if d.owner == "" && r.Principal.Kind != Anonymous && r.Principal.Kind != Service {
		d.missing = append(d.missing, "the account that owns "+r.Resource)
	}
	return d
}

// collect evaluates the Deny statements of every policy and the grants of the
// resource side.
func (d *decider) collect() {
	p := d.p
	if d.scpApplies() {
		d.denyLevels(p.SCP, p.Missing.SCP, "scp")
	}
	if !d.r.Principal.ServiceLinked {
		d.denyLevels(p.RCP, p.Missing.RCP, "rcp")
	}
	if p.Endpoint != nil {
		d.denyAll([]Policy{*p.Endpoint}, "", "endpoint")
	} else {
		d.denyAll(nil, p.Missing.Endpoint, "endpoint")
	}
	if d.hasIdentity() {
		if p.Boundary != nil {
			d.denyAll([]Policy{*p.Boundary}, "", "boundary")
		} else {
			d.denyAll(nil, p.Missing.Boundary, "boundary")
		}
		d.denyAll(p.Session, p.Missing.Session, "session")
		d.denyAll(p.Identity, p.Missing.Identity, "identity")
	}
	if !d.skipResource {
		d.denyAll(p.Resource, p.Missing.Resource, "resource")
	}
	d.resourceSide()
}

func (d *decider) hasIdentity() bool {
	switch d.r.Principal.Kind {
	case Anonymous, Service, Federated:
		return false
	}
	return true
}

// scpApplies: SCPs bind the principals of member accounts, root included.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (d *decider) scpApplies() bool {
	return d.hasIdentity() && !d.r.Principal.Management && !d.r.Principal.ServiceLinked
}

func (d *decider) denyLevels(levels [][]Policy, missing, kind string) {
	for _, l := range levels {
		d.denyAll(l, "", kind)
	}
	d.denyAll(nil, missing, kind)
}

func (d *decider) denyAll(ps []Policy, missing, kind string) {
	if missing != "" {
		d.sawDeny = true
		d.deny = append(d.deny, unread("Deny in "+kind, missing))
	}
	for i := range ps {
		p := &ps[i]
		for j := range p.statements {
			s := &p.statements[j]
			if s.Allow {
				continue
			}
			f, _, partial := d.match(p, s)
			if f.False() {
				continue
			}
			d.deny = append(d.deny, f)
			if f.True() {
				why := "denies"
				if partial {
					why, d.undetermined = "denies, but lists the caller partly in NotPrincipal", true
				}
				d.denied = append(d.denied, cite(p, s, why))
			}
		}
	}
}

func (d *decider) match(p *Policy, s *Statement) (Formula, class, bool) {
	if p.Kind == KindEndpoint && d.p.Switches.EndpointPrincipalIgnored {
		t := *s
		t.noPrincipal = true
		return d.env.match(p, &t)
	}
	return d.env.match(p, s)
}

// unread stands for what an unreadable policy may say.
func unread(what, why string) Formula {
	return atomOf(&Atom{Operator: unreadable, Key: what, Values: []string{why}, Class: KeyFact, dim: "\x00unread " + what, opaque: true})
}

// allowed is the formula under which one of the policies allows, with the
// statements that certainly or possibly do.
func (d *decider) allowed(ps []Policy) (Formula, []Cite) {
	var parts []Formula
	var cites []Cite
	for i := range ps {
		p := &ps[i]
		for j := range p.statements {
			s := &p.statements[j]
			if !s.Allow {
				continue
			}
			f, _, _ := d.match(p, s)
			if f.False() {
				continue
			}
			why := "allows"
			if !f.True() {
				why = "allows under a condition"
			}
			cites = append(cites, cite(p, s, why))
			parts = append(parts, f)
		}
	}
	return or(parts...), cites
}

func (d *decider) grant(c class, f Formula, by Cite) {
	if f.False() {
		return
	}
	d.granted = append(d.granted, by)
	if old, ok := d.grants[c]; ok {
		f = or(old, f)
	}
	d.grants[c] = f
}

func (d *decider) side(c class) Formula {
	if f, ok := d.grants[c]; ok {
		return f
	}
	return never
}

func (d *decider) resourceSide() {
	for i := range d.p.Resource {
		p := &d.p.Resource[i]
		for j := range p.statements {
			s := &p.statements[j]
			if !s.Allow {
				continue
			}
			f, c, _ := d.match(p, s)
			why := "allows"
			if !f.True() {
				why = "allows under a condition"
			}
			d.grant(c, f, cite(p, s, why))
		}
	}
	d.kmsGrants()
	d.aclGrants()
}

// unreadGrant is true when the resource side could not be read, so that it may
// grant in any class.
func (d *decider) unreadGrant() Formula {
	f := never
	if why := d.p.Missing.Resource; why != "" {
		f = or(f, unread("Allow in resource", why))
	}
	if why := d.p.Missing.Grants; why != "" {
		f = or(f, unread("grants", why))
	}
	return f
}

func sortedCites(cs []Cite) []Cite {
	sortCites(cs)
	return slices.Compact(cs)
}
