package aws

import (
	"slices"
	"strings"
	"time"
)

// Rights are the policies that together decide what one principal may do by
// itself: what its identity policies allow, within the ceilings of a boundary and
// of the organization. Resource policies, which may give it more, are not among
// them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
type Rights struct {
	Identity []Policy
	// Boundary is nil where there is none.
	Boundary *Policy
	// SCP holds the service control policies at each level above the account,
	// the account's own among them; empty where none apply. Each level has to
	// allow.
	SCP [][]Policy
	// Context holds what is known of condition keys, such as who the principal is.
	Context Context
	// Self are the ARNs of what is the principal's own: itself, its groups, and the
	// customer's policies that are attached to it or to them.
	Self []string
	// Now is when requests begin to count: a grant that has ended is none, one
	// that is still to begin is one. Zero means any time.
	Now time.Time
}

// FullAccess reports whether one identity policy allows all actions on all
// resources: by "*" or "*:*", by NotAction of something harmless, or by several
// statements together. Denies of the same document count. An Allow that holds
// only under a condition makes the answer True and Conditional.
func FullAccess(p Policy) Answer {
	return Rights{Identity: []Policy{p}}.question().all([]string{"iam:any0", "any0:any0"}, "*")
}

// powerful are the IAM actions of which any one, on every resource, is the right
// to grant oneself the rest.
var powerful = []string{
	"iam:CreatePolicyVersion", "iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy",
	"iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy",
}

// Administrator is Rights.Administrator for policies alone, at any time.
func Administrator(identity []Policy, boundary *Policy) Answer {
	return Rights{Identity: identity, Boundary: boundary}.Administrator()
}

// Administrator reports whether the rights reach effectively all services, among
// them a way to grant rights in IAM, on all resources.
func (r Rights) Administrator() Answer {
	q := r.question()
	out := q.all([]string{"any0:any0"}, "*")
	if out.Value != True {
		return out
	}
	q.bounded = r.mentions("iam:permissionsboundary")
	for _, a := range powerful {
		w := q.unbounded(strings.ToLower(a), nil, func() Answer { return q.all([]string{"any0:any0", a}, "*") })
		if w.Value == True {
			return w
		}
	}
	return Answer{Value: False}
}

// GrantsAll reports whether every action of a service, such as "kms", is allowed
// on all resources.
func (r Rights) GrantsAll(service string) Answer {
	return r.question().all([]string{service + ":any0"}, "*")
}

// AllowsAction reports whether the action is allowed on every resource of the
// pattern: "*", or an ARN with wildcards such as
// "arn:aws:kms:*:111122223333:key/*". Denies of single resources do not count
// against it, because they leave all others.
func (r Rights) AllowsAction(action, resource string) Answer {
	return r.question().all([]string{action}, resource)
}

// AllowsBroadly reports whether the action is allowed on every resource of its
// type, at least within one account, Region or partition.
func (r Rights) AllowsBroadly(action string) Answer {
	q := r.question()
	q.look()
	return q.broadly(action)
}

func (q identityQuestion) broadly(action string) Answer {
	a := q.all([]string{action}, "*")
	if a.Value == True || len(q.broad) == 0 {
		return a
	}
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	for _, pattern := range q.broad {
		if a.Value == True {
			break
		}
		if g := newGlob(strings.Split(pattern, ":")[2]); g.match(service) || elsewhere[service] != "" && g.match(elsewhere[service]) {
			a = q.all([]string{action}, pattern)
		}
	}
	return a
}

// elsewhere are services whose actions work on resources of another one.
var elsewhere = map[string]string{"sts": "iam", "ssm": "ec2", "ec2-instance-connect": "ec2"}

// look finds in the policies what all questions about them need.
func (q *identityQuestion) look() {
	q.places, q.broad, q.bounded = q.owners(), q.broadPatterns(), q.mentions("iam:permissionsboundary")
}

// broadPatterns are the resource patterns that end with "*" or "type/*".
func (q identityQuestion) broadPatterns() []string {
	var out []string
	for i := range q.Identity {
		for j := range q.Identity[i].statements {
			for _, r := range q.Identity[i].statements[j].resources {
				if r.text == "*" {
					continue // no ARN
				}
				parts := strings.SplitN(r.text, ":", 6)
				if len(parts) == 6 && (parts[5] == "*" || strings.HasSuffix(parts[5], "/*") && strings.Count(parts[5], "/") == 1) && !slices.Contains(out, r.text) {
					out = append(out, r.text)
				}
			}
		}
	}
	return out
}

// AllowsSome reports whether the action is allowed on at least one resource of
// the pattern.
func (r Rights) AllowsSome(action, resource string) Answer {
	q := r.question()
	e := &env{principal: Principal{Kind: User}, action: strings.ToLower(action), openRes: true, keys: r.Context.lower(), rest: Unfetched, now: r.Now}
	a := q.judge([]Formula{q.formula(e)}, func(key string) domain {
		if key == dimResource {
			return resourceDomain(resource)
		}
		return openDomain(key)
	})
	if a.Value == False {
		// An action without a resource type needs a literal *.
		e.openRes, e.resource = false, "*"
		if resource == "*" {
			a = q.judge([]Formula{q.formula(e)}, openDomain)
		}
	}
	if a.Value == True {
		a.because(q.cites(e)...)
	}
	a.finish()
	return a
}

// identityQuestion is a question about rights.
type identityQuestion struct {
	Rights
	// step is further context, that of one step of an escalation; known is that of
	// the rights in lower case.
	step  Context
	known []map[string]Value

	// places and broad are owners and broadPatterns, once look has found them.
	places []owner
	broad  []string
	// bounded says that some condition asks for a permissions boundary.
	bounded bool
}

func (r Rights) question() identityQuestion {
	q := identityQuestion{Rights: r}
	if len(r.Context) > 0 {
		q.known = []map[string]Value{r.Context.lower()}
	}
	return q
}

// all asks about a resource that stands for all of the pattern: one with names
// that no policy mentions.
func (q identityQuestion) all(actions []string, resource string) Answer {
	places := q.places
	if places == nil {
		places = q.owners()
	}
	best := Answer{Value: False}
	parts, envs := make([]Formula, len(actions)), make([]*env, len(actions))
	for _, o := range places {
		for i, a := range actions {
			envs[i] = q.env(strings.ToLower(a), o, resource)
			parts[i] = q.formula(envs[i])
		}
		a := q.judge(parts, identityDomain)
		if a.Value == True {
			for _, e := range envs {
				a.because(q.cites(e)...)
			}
		}
		if a.Value == True && !a.Conditional {
			a.finish()
			return a
		}
		if best.Value == False {
			best = a
		}
	}
	best.finish()
	return best
}

// owner is where a resource lies.
type owner struct{ partition, account string }

// owners are those that may be the principal's own: one that stands for any, and
// those that the resource patterns name.
func (q identityQuestion) owners() []owner {
	out := []owner{{"aws", "any0"}}
	add := func(o owner) {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	for i := range q.Identity {
		for j := range q.Identity[i].statements {
			for _, r := range q.Identity[i].statements[j].resources {
				if r.text == "*" {
					continue
				}
				a, ok := splitARN(r.text)
				if !ok {
					continue
				}
				o := out[0]
				if !strings.ContainsAny(a.partition, "*?$") {
					o.partition = a.partition
				}
				add(o)
				if isAccountID(a.account) {
					o.account = a.account
					add(o)
				}
			}
		}
	}
	return out
}

var (
	withoutRegion  = map[string]bool{"iam": true, "sts": true, "s3": true, "organizations": true, "route53": true, "cloudfront": true, "globalaccelerator": true, "waf": true, "shield": true, "budgets": true}
	withoutAccount = map[string]bool{"s3": true, "route53": true}
)

func (q identityQuestion) env(action string, o owner, resource string) *env {
	service, _, _ := strings.Cut(action, ":")
	if resource == "*" {
		region := "any0"
		if withoutRegion[service] {
			region = ""
		}
		if withoutAccount[service] {
			o.account = ""
		}
		resource = "arn:" + o.partition + ":" + service + ":" + region + ":" + o.account + ":any0/any0"
	} else {
		resource = example(newGlob(resource))
	}
	e := &env{principal: Principal{Kind: User}, action: action, resource: resource, typical: true, keys: q.step.lower(), under: q.known, rest: Unfetched, now: q.Now}
	for i := range q.Identity {
		q.untagged(e, &q.Identity[i])
	}
	if q.Boundary != nil {
		q.untagged(e, q.Boundary)
	}
	for _, level := range q.SCP {
		for i := range level {
			q.untagged(e, &level[i])
		}
	}
	return e
}

// untagged gives the resource that stands for all no tags: a condition on a
// resource's tag does not admit every resource.
func (q identityQuestion) untagged(e *env, p *Policy) {
	for i := range p.statements {
		for _, c := range p.statements[i].conditions {
			if _, name, ok := strings.Cut(c.key, ":"); ok && strings.HasPrefix(name, "resourcetag/") {
				e.keys[c.key] = Value{State: Absent}
			}
		}
	}
}

func (q identityQuestion) formula(e *env) Formula {
	allow, deny := sides(e, q.Identity)
	f := and(allow, not(deny))
	if q.Boundary != nil {
		allow, deny = sides(e, []Policy{*q.Boundary})
		f = and(f, allow, not(deny))
	}
	for _, level := range q.SCP {
		allow, deny = sides(e, level)
		f = and(f, allow, not(deny))
	}
	return f
}

func sides(e *env, ps []Policy) (allow, deny Formula) {
	var as, ds []Formula
	for i := range ps {
		for j := range ps[i].statements {
			s := &ps[i].statements[j]
			f, _, _ := e.match(&ps[i], s)
			if s.Allow {
				as = append(as, f)
			} else {
				ds = append(ds, f)
			}
		}
	}
	return or(as...), or(ds...)
}

// actionText names an action for a reader; the one that stands for all others
// has a name that nobody gave.
func actionText(action string) string {
	service, name, _ := strings.Cut(action, ":")
	switch {
	case name != "any0":
		return action
	case service == "any0":
		return "every action"
	}
	return "every action of " + service
}

func (q identityQuestion) cites(e *env) []Cite {
	var out []Cite
	for i := range q.Identity {
		p := &q.Identity[i]
		for j := range p.statements {
			s := &p.statements[j]
			if f, _, _ := e.match(p, s); s.Allow && !f.False() {
				out = append(out, cite(p, s, "allows "+actionText(e.action)))
			}
		}
	}
	return out
}

// judge is True when all formulas can hold at once, and Conditional when that
// takes more than what the caller chooses.
func (q identityQuestion) judge(fs []Formula, domains func(string) domain) Answer {
	phi := and(fs...).sorted()
	if !satisfiable(phi, domains) {
		return Answer{Value: False}
	}
	a := Answer{Value: True, If: phi}
	if satisfiable(not(phi), domains) {
		for _, atom := range phi.Atoms() {
			a.Conditional = a.Conditional || (atom.Class != KeyCaller && atom.dim != dimResource)
		}
	}
	return a
}
