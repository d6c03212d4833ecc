package aws

import (
	"slices"
	"strings"
	"time"
)

// RequestSet describes requests: every action that matches one of the patterns,
// on every resource that matches one of the patterns, by any principal, with
// any value of the condition keys that Context does not fix.
type RequestSet struct {
	// Actions are patterns such as "s3:*".
	Actions []string
	// Resources are ARN patterns: "arn:aws:s3:::b", "arn:aws:s3:::b/*".
	Resources []string
	Context   Context
	// Now is when requests begin to count; zero means ever.
	Now time.Time
}

// DeniesAll reports whether the policy explicitly denies every request of the
// set. It looks for one that no Deny statement matches; Missing then describes
// the first that it found.
func DeniesAll(p Policy, set RequestSet) Answer {
	a := Answer{Value: True}
	if len(set.Resources) == 0 || len(set.Actions) == 0 {
		return Answer{Value: Unknown, Missing: []string{"no resource or action to ask about"}}
	}
	for _, principal := range everyone(&p) {
		for _, r := range set.Resources {
			if escapes, complete := escapee(&p, principal, r, set); escapes != "" {
				a.Value = False
				a.Missing = append(a.Missing, escapes)
				a.finish()
				return a
			} else if !complete {
				a.Value = Unknown
				a.Missing = append(a.Missing, "the policy is too complex to decide")
			}
		}
	}
	for i := range p.statements {
		if s := &p.statements[i]; !s.Allow {
			a.because(cite(&p, s, "denies"))
		}
	}
	a.finish()
	return a
}

// everyone is callers of every kind: strangers, services, anonymous ones, and
// those that the policy names, which NotPrincipal may spare.
func everyone(p *Policy) []Principal {
	out := []Principal{
		{Kind: Anonymous},
		{Kind: User, Account: "any0", ARN: "arn:aws:iam::any0:user/any0"},
		{Kind: Service, ARN: "any0.amazonaws.com"},
	}
	for i := range p.statements {
		s := &p.statements[i]
		if s.Allow || !s.notPrincipal {
			continue
		}
		for _, e := range s.principals {
			if pr, ok := e.example(); ok {
				out = append(out, pr)
				out = append(out, Principal{Kind: Root, ARN: "arn:aws:iam::" + pr.AccountID() + ":root"})
			}
			if e.kind == entryService {
				out = append(out, Principal{Kind: Service, ARN: e.name})
			}
		}
	}
	return out
}

// escapee describes a request of the set by the principal that no Deny matches,
// "" if there is none.
func escapee(p *Policy, principal Principal, resource string, set RequestSet) (string, bool) {
	e := &env{principal: principal, openAct: true, openRes: true, keys: set.Context.lower(), rest: Unfetched, now: set.Now}
	switch principal.Kind {
	case Anonymous, Service:
		principalKeys(principal, e.set)
	case User, RoleSession, FederatedUser, Root:
		e.set("aws:principalisawsservice", "false")
	}
	var parts []Formula
	for i := range p.statements {
		s := &p.statements[i]
		if s.Allow {
			continue
		}
		f, _, _ := e.match(p, s)
		parts = append(parts, f)
	}
	phi := not(or(parts...))
	actions := constraint{want: true}
	for _, a := range set.Actions {
		if g, ok := actionGlob(a); ok {
			actions.globs = append(actions.globs, g)
		}
	}
	lower := constraint{want: true, globs: []glob{newGlob("*:?*")}}
	domains := func(key string) domain {
		switch key {
		case dimAction:
			return domain{mayBePresent: true, within: []constraint{actions, lower}}
		case dimResource:
			return resourceDomain(resource)
		}
		return openDomain(key)
	}
	found := ""
	complete := solve(phi, domains, func(s solution) bool {
		found = describe(principal, resource, witness(s, domains))
		return false
	})
	return found, complete
}

func describe(p Principal, resource string, w map[string]Value) string {
	who := strings.ToLower(string(p.Kind))
	if p.ARN != "" {
		who += " " + p.ARN
	}
	parts := []string{}
	for k, v := range w {
		name := strings.TrimPrefix(k, "\x00")
		switch v.State {
		case Absent:
			parts = append(parts, name+" absent")
		default:
			parts = append(parts, name+"="+strings.Join(v.Values, ","))
		}
	}
	slices.Sort(parts)
	s := "not denied: " + who + " on " + resource
	if len(parts) > 0 {
		s += " with " + strings.Join(parts, ", ")
	}
	return s
}

// DeniesPlainHTTP reports whether the policy explicitly denies every request to
// the resources that does not use TLS, by any principal and for any action of
// the service ("s3"), from now on. A bucket needs both its ARN and that of its
// objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
func DeniesPlainHTTP(p Policy, resources []string, service string, now time.Time) Answer {
	return DeniesAll(p, RequestSet{
		Actions:   []string{service + ":*"},
		Resources: resources,
		Now:       now,
		Context: Context{
			"aws:SecureTransport": Is("false"),
			"s3:TlsVersion":       Value{State: Absent},
		},
	})
}
