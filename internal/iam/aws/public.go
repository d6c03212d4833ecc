package aws

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/truth"
)

// PublicQuery says for which resource, and from whose point of view, exposure
// is asked.
type PublicQuery struct {
	// Resources are the ARNs of the resource, and of what lies in it, as
	// patterns: a bucket is "arn:aws:s3:::b" and "arn:aws:s3:::b/*".
	Resources []string
	// Account owns the resource; OrgID is its organization.
	Account, OrgID string
	// ZoneAccounts are the other accounts that count as one's own.
	ZoneAccounts []string
	// CanonicalIDs are one's own canonical user ids of S3. AnyCanonical takes
	// every such id for one's own: who does not know his own asks twice.
	CanonicalIDs []string
	AnyCanonical bool
	// Actions are the actions that count; nil means all of the resource's
	// service that give a capability.
	Actions []string
	// Context holds what is known of condition keys, such as resource tags.
	Context Context
	// Now is when requests begin to count: a grant that has ended is none, one
	// that is still to begin is one. Zero means any time.
	Now time.Time
	// Guardrails are RCPs, and whatever else can only deny, that apply too.
	Guardrails []Policy
	// MaxIPv4 and MaxIPv6 are the sizes, as powers of two, above which a set of
	// source addresses bounds nobody; 0 means 24 and 96.
	MaxIPv4, MaxIPv6 int

	own *zone
}

// Prepared returns the query for asking many questions: what follows from its
// accounts and organization, which must not change any more, is worked out once.
func (q PublicQuery) Prepared() PublicQuery {
	z := newZone(q.Account, q.OrgID, q.ZoneAccounts)
	q.own = &z
	return q
}

func (q PublicQuery) zone() zone {
	if q.own == nil {
		q = q.Prepared()
	}
	z := *q.own
	z.canonical, z.anyCanonical = q.CanonicalIDs, q.AnyCanonical
	return z
}

func (q PublicQuery) limits() (v4, v6 int) {
	v4, v6 = q.MaxIPv4, q.MaxIPv6
	if v4 == 0 {
		v4 = 24
	}
	if v6 == 0 {
		v6 = 96
	}
	return v4, v6
}

// Public reports how far the resource policy opens the resource. Value is True
// when an anonymous caller, or every AWS account, is let in; Level is the
// highest level, and Capabilities the level per capability. It tries every kind
// of caller on every action against all statements together, so explicit Deny
// statements, unions of address ranges and conditions that bound nobody count
// for what they do.
func Public(resourcePolicy Policy, q PublicQuery) Answer {
	x := newExposure(resourcePolicy, q)
	z := x.zone
	p := &x.policy
	callers := append(x.services(), namedCallers(p, z)...)
	callers = append(callers, x.sources()...)
	if x.grantsAnyone() {
		callers = append(callers, anonymousCaller(p, z), strangerCaller(p, z), anyServiceCaller(p, z), orgCaller(p, z))
	}
	slices.SortStableFunc(callers, func(a, b caller) int { return int(b.level - a.level) })
	for i := range callers {
		if callers[i].level > Private {
			x.try(&callers[i])
		}
	}
	a := x.answer
	a.Value = truth.Of(a.Level >= AnyAuthenticated)
	if x.incomplete && a.Value == False {
		a.Value = Unknown
		a.Missing = append(a.Missing, "the policy is too complex to decide")
	}
	if len(q.Guardrails) > 0 && a.Value == False {
		q.Guardrails = nil
		if open := Public(resourcePolicy, q); open.Value == True {
			a.Latent = true
			a.because(Cite{Policy: "guardrail", Why: "closes what the resource policy opens"})
		}
	}
	a.finish()
	return a
}

// exposure is one question about a resource policy while it is being answered.
type exposure struct {
	policy     Policy
	q          PublicQuery
	zone       zone
	service    string
	actions    []knownAction
	answer     Answer
	incomplete bool
	throughURL bool // requests come through a function URL, which takes anonymous ones

	context   Context        // of the query, with keys in lower case
	vectors   []actionVector // by action, once each was looked at
	patterns  []string       // the vectors that there are
	resources map[string]domain
	granting  []*Statement // what grants found last
}

func newExposure(p Policy, q PublicQuery) *exposure {
	x := &exposure{policy: p, q: q, zone: q.zone()}
	if len(x.q.Context) > 0 {
		x.context = x.q.Context.lower()
	}
	if len(q.Resources) > 0 {
		a, _ := splitARN(q.Resources[0])
		x.service = a.service
	}
	switch {
	case p.Kind == KindTrust:
		x.service = "sts"
	case x.service == "":
		x.service = guessService(&p)
	}
	if q.Actions != nil {
		for _, a := range q.Actions {
			l := strings.ToLower(a)
			k := knownAction{name: l, capability: CapabilityOf(l)}
			for _, t := range actionsByService[x.service] {
				if t.name == l {
					k = t
				}
			}
			x.actions = append(x.actions, k)
		}
		return x
	}
	x.actions = exposingActions(x.service, &p)
	return x
}

// guessService is the service of the first action that names one.
func guessService(p *Policy) string {
	for i := range p.statements {
		for _, g := range p.statements[i].actions {
			if s, _, ok := strings.Cut(g.text, ":"); ok {
				return s
			}
		}
	}
	return ""
}

func (x *exposure) grantsAnyone() bool {
	for i := range x.policy.statements {
		s := &x.policy.statements[i]
		if s.Allow && (s.notPrincipal || slices.ContainsFunc(s.principals, func(e principalEntry) bool { return e.kind == entryAny })) {
			return true
		}
	}
	return false
}

// try raises the answer to the caller's level for each capability that the
// caller has.
func (x *exposure) try(c *caller) {
	type attempt struct {
		vector     int
		capability Capability
		resource   string
	}
	var done []attempt
	var e *env
	for i := range x.actions {
		a := &x.actions[i]
		if x.answer.Capabilities[a.capability] >= c.level || (c.principal.Kind == Anonymous && !x.throughURL && !acceptsAnonymous(x.service, a.name)) {
			continue
		}
		v := x.actionVector(i)
		if !v.granted {
			continue
		}
		for _, r := range x.resourcesFor(a) {
			this := attempt{v.pattern, a.capability, r}
			if slices.Contains(done, this) {
				continue
			}
			done = append(done, this)
			if e == nil {
				e = x.env(c, "")
			}
			e.action = a.name
			x.tryAction(c, e, a, r)
		}
	}
}

// actionVector tells actions apart by the statements that they match.
func (x *exposure) actionVector(action int) *actionVector {
	if len(x.vectors) != len(x.actions) {
		x.vectors = make([]actionVector, len(x.actions))
	}
	v := &x.vectors[action]
	if v.pattern > 0 {
		return v
	}
	var room [32]byte
	text := room[:0]
	for i := range x.policy.statements {
		s := &x.policy.statements[i]
		matches := matchAny(s.actions, x.actions[action].name) != s.notActions
		v.granted = v.granted || matches && s.Allow
		text = append(text, "01"[btoi(matches)])
	}
	at := slices.IndexFunc(x.patterns, func(p string) bool { return p == string(text) })
	if at < 0 {
		at = len(x.patterns)
		x.patterns = append(x.patterns, string(text))
	}
	v.pattern = at + 1
	return v
}

type actionVector struct {
	pattern int  // which statements it matches, as a place in patterns, from 1
	granted bool // one of those is an Allow
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var noResource = []string{""}

// resourcesFor are the resources of the query that the action works on.
func (x *exposure) resourcesFor(a *knownAction) []string {
	if len(x.q.Resources) == 0 {
		return noResource
	}
	if x.service != "s3" || (!a.object && !a.bucket) {
		return x.q.Resources
	}
	var out []string
	for _, r := range x.q.Resources {
		arn, _ := splitARN(r)
		if strings.Contains(arn.resource, "/") == a.object {
			out = append(out, r)
		}
	}
	return out
}

func (x *exposure) tryAction(c *caller, e *env, a *knownAction, resource string) {
	allow := x.grants(e)
	if allow.False() {
		return
	}
	domains := func(key string) domain {
		if key == dimResource {
			return x.resourceDomain(resource)
		}
		return c.domain(key)
	}
	phi := and(not(x.denies(e)), allow)
	reach, networks, complete := reachable(phi, domains, x.q)
	x.incomplete = x.incomplete || !complete
	bounded := ""
	switch {
	case reach:
		x.raise(a.capability, c.level)
	case len(networks) > 0 && c.level >= AnyAuthenticated:
		x.raise(a.capability, ExternalLevel)
		x.answer.Networks = mergePrefixes(x.answer.Networks, networks)
		bounded = " from bounded addresses"
	case len(networks) > 0:
		x.raise(a.capability, c.level)
	default:
		return
	}
	x.answer.because(x.cites("lets in " + c.label + " to " + string(a.capability) + " (" + a.name + ")" + bounded)...)
	if c.level >= AnyAuthenticated {
		for _, s := range x.granting {
			for _, r := range s.resources {
				x.answer.Resources = append(x.answer.Resources, r.text)
			}
		}
	}
}

func (x *exposure) raise(c Capability, l Level) {
	if x.answer.Capabilities == nil {
		x.answer.Capabilities = map[Capability]Level{}
	}
	x.answer.Capabilities[c] = max(x.answer.Capabilities[c], l)
	x.answer.Level = max(x.answer.Level, l)
}

func (x *exposure) env(c *caller, action string) *env {
	e := &env{principal: c.principal, action: action, openRes: true, keys: x.context, under: c.common, rest: Unfetched, now: x.q.Now}
	switch {
	case len(x.context) == 0:
		e.keys = c.keys
	case len(c.keys) > 0:
		e.under = append([]map[string]Value{c.keys}, c.common...)
	}
	return e
}

// grants is the formula of the Allow statements; those that are in it are
// granting until it is asked again.
func (x *exposure) grants(e *env) Formula {
	x.granting = x.granting[:0]
	var room [8]Formula
	parts := room[:0]
	for i := range x.policy.statements {
		s := &x.policy.statements[i]
		if !s.Allow {
			continue
		}
		f, _, _ := e.match(&x.policy, s)
		if f.False() {
			continue
		}
		parts = append(parts, f)
		x.granting = append(x.granting, s)
	}
	return or(parts...)
}

// cites cites the statements that grants found last.
func (x *exposure) cites(why string) []Cite {
	out := make([]Cite, len(x.granting))
	for i, s := range x.granting {
		out[i] = cite(&x.policy, s, why)
	}
	return out
}

func (x *exposure) denies(e *env) Formula {
	var parts []Formula
	add := func(p *Policy) {
		for i := range p.statements {
			if s := &p.statements[i]; !s.Allow {
				f, _, _ := e.match(p, s)
				parts = append(parts, f)
			}
		}
	}
	add(&x.policy)
	for i := range x.q.Guardrails {
		add(&x.q.Guardrails[i])
	}
	return or(parts...)
}

// resourceDomain is resourceDomain, worked out once for each pattern.
func (x *exposure) resourceDomain(pattern string) domain {
	d, ok := x.resources[pattern]
	if !ok {
		d = resourceDomain(pattern)
		if x.resources == nil {
			x.resources = map[string]domain{}
		}
		x.resources[pattern] = d
	}
	return d
}

func resourceDomain(pattern string) domain {
	d := domain{mayBePresent: true}
	if pattern != "" {
		g := newGlob("*")
		if pattern != "*" {
			g = arnGlob(pattern)
		}
		d.within = []constraint{{globs: []glob{g}, want: true}}
	}
	return d
}

// reachable reports whether the formula can be true for callers that no small
// set of addresses bounds. Otherwise it returns the addresses, over all ways to
// make the formula true.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func reachable(phi Formula, domains func(string) domain, q PublicQuery) (open bool, from []netip.Prefix, complete bool) {
	var union addresses
	v4, v6 := q.limits()
	complete = solve(phi, domains, func(s solution) bool {
		d := domains(keySourceIP)
		lits := s[keySourceIP]
		if len(lits) == 0 || absentOK(lits, d) {
			open = true
			return false
		}
		union = union.union(addressSet(lits, d))
		open = union.beyond(v4, v6)
		return !open
	})
	if !open && !union.empty() {
		from = union.prefixes()
	}
	return open, from, complete
}

func mergePrefixes(a, b []netip.Prefix) []netip.Prefix {
	return addressesOf(slices.Concat(a, b)).prefixes()
}

// External lists who outside the zone the policy lets in: the named accounts and
// principals, and the services whose customers it does not bind. Value is True
// when there are any, or when the policy is public.
func External(resourcePolicy Policy, q PublicQuery) Answer {
	a := Public(resourcePolicy, q)
	switch {
	case a.Level >= ExternalLevel:
		a.Value = True
	case a.Value != Unknown:
		a.Value = False
	}
	return a
}
