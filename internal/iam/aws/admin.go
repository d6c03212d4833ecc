package aws

import (
	"slices"
	"strings"
)

// FullAccess reports whether one identity policy allows all actions on all
// resources: by "*" or "*:*", by NotAction of something harmless, or by several
// statements together. Denies of the same document count. An Allow that holds
// only under a condition makes the answer True and Conditional.
func FullAccess(p Policy) Answer {
	return identityQuestion{identity: []Policy{p}}.all([]string{"iam:any0", "any0:any0"}, "*")
}

// powerful are the IAM actions of which any one, on every resource, is the right
// to grant oneself the rest.
var powerful = []string{
	"iam:CreatePolicyVersion", "iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy",
	"iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy",
}

// Administrator reports whether a principal's policies together let it reach
// effectively all services, among them a way to grant rights in IAM, on all
// resources. The boundary may be nil.
func Administrator(identity []Policy, boundary *Policy) Answer {
	q := identityQuestion{identity: identity, boundary: boundary}
	out := q.all([]string{"any0:any0"}, "*")
	if out.Value != True {
		return out
	}
	for _, a := range powerful {
		if w := q.all([]string{"any0:any0", a}, "*"); w.Value == True {
			return w
		}
	}
	return Answer{Value: False}
}

// GrantsAll reports whether the policies allow every action of a service, such
// as "kms", on all resources.
func GrantsAll(identity []Policy, boundary *Policy, service string) Answer {
	return identityQuestion{identity: identity, boundary: boundary}.all([]string{service + ":any0"}, "*")
}

// AllowsAction reports whether the policies allow the action on every resource
// of the pattern: "*", or an ARN with wildcards such as
// "arn:aws:kms:*:111122223333:key/*". Denies of single resources do not count
// against it, because they leave all others.
func AllowsAction(identity []Policy, boundary *Policy, action, resource string) Answer {
	return identityQuestion{identity: identity, boundary: boundary}.all([]string{action}, resource)
}

// AllowsBroadly reports whether the policies allow the action on every resource
// of its type, at least within one account, Region or partition. Context fixes
// condition keys.
func AllowsBroadly(identity []Policy, boundary *Policy, action string, ctx Context) Answer {
	q := identityQuestion{identity: identity, boundary: boundary, context: ctx}
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
	q.places, q.broad = q.owners(), q.broadPatterns()
}

// broadPatterns are the resource patterns that end with "*" or "type/*".
func (q identityQuestion) broadPatterns() []string {
	var out []string
	for i := range q.identity {
		for j := range q.identity[i].statements {
			for _, r := range q.identity[i].statements[j].resources {
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

// AllowsSome reports whether the policies allow the action on at least one
// resource of the pattern. Context fixes condition keys.
func AllowsSome(identity []Policy, boundary *Policy, action, resource string, ctx Context) Answer {
	q := identityQuestion{identity: identity, boundary: boundary}
	e := &env{principal: Principal{Kind: User}, action: strings.ToLower(action), openRes: true, keys: ctx.lower(), rest: Unfetched}
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

// identityQuestion asks what one principal's own policies allow.
type identityQuestion struct {
	identity []Policy
	boundary *Policy
	context  Context

	// places and broad are owners and broadPatterns, once look has found them.
	places []owner
	broad  []string
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
		a := q.judge(parts, openDomain)
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
	for i := range q.identity {
		for j := range q.identity[i].statements {
			for _, r := range q.identity[i].statements[j].resources {
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
	e := &env{principal: Principal{Kind: User}, action: action, resource: resource, typical: true, keys: q.context.lower(), rest: Unfetched}
	for i := range q.identity {
		q.untagged(e, &q.identity[i])
	}
	if q.boundary != nil {
		q.untagged(e, q.boundary)
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
	allow, deny := sides(e, q.identity)
	f := and(allow, not(deny))
	if q.boundary != nil {
		allow, deny = sides(e, []Policy{*q.boundary})
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
	for i := range q.identity {
		p := &q.identity[i]
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
